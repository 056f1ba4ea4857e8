/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A process that confined itself, and the one outside that fetches for it.
 */
#include "child.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "jail/confine.h"
#include "jail/landlock.h"
#include "jail/porter.h"
#include "jail/sanitizers.h"

static char *top;
static char secret[4200];

static int setup(void **state)
{
	int fd;

	(void)state;
	top = athar_test_mkdir();
	snprintf(secret, sizeof secret, "%s/secret", top);
	fd = open(secret, O_CREAT | O_EXCL | O_WRONLY, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "evidence", 8), 8);
	assert_int_equal(close(fd), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	athar_test_rmdir(top);
	return 0;
}

/* What the first byte of a request wants. */
static athar_status answer_open(athar_porter_reply *reply, athar_error *err)
{
	reply->fd[0] = open(secret, O_RDONLY | O_CLOEXEC);
	reply->fd[1] = open(secret, O_RDONLY | O_CLOEXEC);
	return reply->fd[1] >= 0 ? ATHAR_OK : athar_fail_errno(err, "no secret");
}

static athar_status answer_descriptors(athar_porter_reply *reply)
{
	DIR *dir = opendir("/proc/self/fd");

	for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir))
		if (e->d_name[0] != '.' && atoi(e->d_name) != dirfd(dir))
			reply->bytes[reply->len++] = (uint8_t)e->d_name[strlen(e->d_name) - 1];
	closedir(dir);
	return ATHAR_OK;
}

static athar_status answer(void *user, athar_bytes request, athar_porter_reply *reply,
                           athar_error *err)
{
	unsigned *count = user;
	const pid_t pid = getpid();

	switch (request.len > 0 ? request.ptr[0] : 0) {
	case 'e':
		memcpy(reply->bytes, request.ptr, request.len);
		reply->len = request.len;
		return ATHAR_OK;
	case 'o':
		return answer_open(reply, err);
	case 's':
		poll(NULL, 0, 400);
		memcpy(reply->bytes, "slow", 4);
		reply->len = 4;
		return ATHAR_OK;
	case 'd':
		return answer_descriptors(reply);
	case 'p':
		memcpy(reply->bytes, &pid, sizeof pid);
		reply->len = sizeof pid;
		return ATHAR_OK;
	case 'c':
		reply->bytes[0] = (uint8_t)++ * count;
		reply->len = 1;
		return ATHAR_OK;
	case 'l':
		reply->len = ATHAR_PORTER_ANSWER + 1;
		return ATHAR_OK;
	case 'x':
		_exit(3);
	default:
		return athar_fail_at(err, ATHAR_EREFUSED, 77, "there is no \x1b such thing");
	}
}

static athar_status ask(athar_porter_reply *reply, athar_porter *porter, const char *what,
                        unsigned milliseconds, athar_error *err)
{
	const athar_bytes request = {(const uint8_t *)what, strlen(what), 0};

	return athar_porter_ask(reply, porter, request, milliseconds, err);
}

static athar_porter *open_porter(unsigned *count)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_porter *porter = NULL;

	assert_ok(athar_porter_open(&porter, answer, count, &err), err);
	return porter;
}

static void answers_come_back(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_porter_reply reply;
	unsigned count = 0;
	athar_porter *porter = open_porter(&count);

	(void)state;
	assert_ok(ask(&reply, porter, "echo", 5000, &err), err);
	assert_int_equal(reply.len, 4);
	assert_memory_equal(reply.bytes, "echo", 4);
	assert_int_equal(reply.fd[0], -1);
	for (unsigned i = 1; i < 20; i++) {
		assert_ok(ask(&reply, porter, "c", 5000, &err), err);
		assert_int_equal(reply.bytes[0], i);
	}
	assert_int_equal(count, 0); /* the porter counts in its own memory */
	athar_porter_close(porter);
}

static void failures_come_back_as_they_are(void **state)
{
	char longest[ATHAR_PORTER_REQUEST + 2];
	athar_error err = ATHAR_ERROR_INIT;
	athar_porter_reply reply;
	athar_porter *porter = open_porter(NULL);

	(void)state;
	assert_status(ask(&reply, porter, "?", 5000, &err), ATHAR_EREFUSED, err);
	assert_int_equal(err.offset, 77);
	assert_null(strchr(err.text, '\x1b'));
	assert_non_null(strstr(err.text, "such thing"));
	assert_status(ask(&reply, porter, "l", 5000, &err), ATHAR_ELIMIT, err);
	memset(longest, 'e', sizeof longest);
	longest[sizeof longest - 1] = '\0';
	assert_status(ask(&reply, porter, longest, 5000, &err), ATHAR_ELIMIT, err);
	longest[sizeof longest - 2] = '\0';
	assert_ok(ask(&reply, porter, longest, 5000, &err), err);
	assert_int_equal(reply.len, ATHAR_PORTER_REQUEST);
	athar_porter_close(porter);
}

static void late_answers_are_not_taken_for_others(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_porter_reply reply;
	athar_porter *porter = open_porter(NULL);

	(void)state;
	assert_status(ask(&reply, porter, "s", 100, &err), ATHAR_EIO, err);
	assert_status(ask(&reply, porter, "e1", 100, &err), ATHAR_EIO, err);
	assert_ok(ask(&reply, porter, "e2", 5000, &err), err);
	assert_int_equal(reply.len, 2);
	assert_memory_equal(reply.bytes, "e2", 2);
	athar_porter_close(porter);
}

static void dead_porters_are_said(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_porter_reply reply;
	athar_porter *porter = open_porter(NULL);

	(void)state;
	assert_status(ask(&reply, porter, "x", 5000, &err), ATHAR_EIO, err);
	assert_non_null(strstr(err.text, "ended"));
	assert_status(ask(&reply, porter, "e", 5000, &err), ATHAR_EIO, err);
	athar_porter_close(porter);
}

/* Neither the evidence nor a lock of the case is held by it. */
static void nothing_else_is_open_in_it(void **state)
{
	const int held = open(secret, O_RDONLY);
	athar_error err = ATHAR_ERROR_INIT;
	athar_porter_reply reply;
	unsigned seen = 0;
	athar_porter *porter;
	int again;

	(void)state;
	assert_true(held >= 0);
	assert_int_equal(flock(held, LOCK_EX), 0);
	porter = open_porter(NULL);
	assert_ok(ask(&reply, porter, "d", 5000, &err), err);
	for (size_t i = 0; i < reply.len; i++)
		seen |= 1u << (reply.bytes[i] - '0');
	assert_int_equal(seen, 0xF);
	assert_int_equal(reply.len, 4);
	assert_int_equal(close(held), 0);
	again = open(secret, O_RDONLY);
	assert_int_equal(flock(again, LOCK_EX | LOCK_NB), 0);
	assert_int_equal(close(again), 0);
	athar_porter_close(porter);
}

static bool holds_evidence(int fd)
{
	char text[16];

	return pread(fd, text, sizeof text, 0) == 8 && memcmp(text, "evidence", 8) == 0;
}

static void confined_process_asks(void *arg)
{
	const athar_confine_spec spec = {ATHAR_CONFINE_IMAGER, NULL, NULL, false, false};
	athar_error err = ATHAR_ERROR_INIT;
	athar_porter_reply reply;
	athar_porter *porter = NULL;
	const char *had = NULL;

	(void)arg;
	CHECK(athar_porter_open(&porter, answer, NULL, &err) == ATHAR_OK);
	CHECK(athar_confine(&had, &spec, &err) == ATHAR_OK);
	CHECK(open(secret, O_RDONLY) < 0);
	CHECK(ask(&reply, porter, "o", 5000, &err) == ATHAR_OK);
	CHECK(reply.fd[0] >= 0 && reply.fd[1] >= 0 && reply.fd[0] != reply.fd[1]);
	CHECK(holds_evidence(reply.fd[0]) && holds_evidence(reply.fd[1]));
	CHECK((fcntl(reply.fd[0], F_GETFD) & FD_CLOEXEC) != 0);
	athar_porter_reply_clear(&reply);
	CHECK(reply.fd[0] == -1);
	CHECK(ask(&reply, porter, "s", 100, &err) == ATHAR_EIO);
	CHECK(ask(&reply, porter, "echo", 5000, &err) == ATHAR_OK && reply.len == 4);
	athar_porter_close(porter);
}

static void what_is_out_of_reach_is_fetched(void **state)
{
	(void)state;
	if (athar_landlock_version() == 0)
		skip();
	child_succeeds(confined_process_asks, NULL);
}

static void leaves_without_closing(void *arg)
{
	const int *end = arg;
	athar_error err = ATHAR_ERROR_INIT;
	athar_porter_reply reply;
	athar_porter *porter = NULL;

	CHECK(athar_porter_open(&porter, answer, NULL, &err) == ATHAR_OK);
	CHECK(ask(&reply, porter, "p", 5000, &err) == ATHAR_OK);
	CHECK(write(*end, reply.bytes, sizeof(pid_t)) == sizeof(pid_t));
	if (geteuid() == 0)
		CHECK(setresuid(65534, 65534, 65534) == 0);
	raise(SIGKILL);
}

/* Also when its asker has given up root and could not have killed it. */
static void it_ends_with_its_asker(void **state)
{
	pid_t pid = 0;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	child_dies_of(SIGKILL, leaves_without_closing, &ends[1]);
	assert_int_equal(read(ends[0], &pid, sizeof pid), sizeof pid);
	assert_true(pid > 1);
	for (int i = 0; i < 300 && kill(pid, 0) == 0; i++)
		poll(NULL, 0, 10);
	assert_int_equal(kill(pid, 0), -1);
	assert_int_equal(errno, ESRCH);
	close(ends[0]);
	close(ends[1]);
}

static void *wait_a_little(void *arg)
{
	const int *end = arg;
	char byte;

	assert_int_equal(read(*end, &byte, 1), 0);
	return NULL;
}

static void threads_come_later(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_porter *porter = NULL;
	pthread_t thread;
	int ends[2];

	(void)state;
	if (ATHAR_SANITIZED_THREADS)
		skip();
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(pthread_create(&thread, NULL, wait_a_little, &ends[0]), 0);
	assert_status(athar_porter_open(&porter, answer, NULL, &err), ATHAR_EUSAGE, err);
	close(ends[1]);
	assert_int_equal(pthread_join(thread, NULL), 0);
	close(ends[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_come_back),
		cmocka_unit_test(failures_come_back_as_they_are),
		cmocka_unit_test(late_answers_are_not_taken_for_others),
		cmocka_unit_test(dead_porters_are_said),
		cmocka_unit_test(nothing_else_is_open_in_it),
		cmocka_unit_test(what_is_out_of_reach_is_fetched),
		cmocka_unit_test(it_ends_with_its_asker),
		cmocka_unit_test(threads_come_later),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
