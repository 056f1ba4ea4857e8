/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Order, delivery, the worker's surroundings, and the ways in which a run is stopped.
 */
#include "inmates.h"

#include <dirent.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define MIB (UINT64_C(1) << 20)

/* ---- order ---- */

typedef struct flood {
	uint64_t given, tasks, ended, message;
	unsigned size, count;
	char request[64];
} flood;

/* The first tasks think the longest, so that the later ones are there before them. */
static athar_status flood_next(void *user, athar_bytes *request, bool *end, athar_error *err)
{
	flood *f = user;

	(void)err;
	*end = f->given == f->tasks;
	snprintf(f->request, sizeof f->request, "many %ju %u %u %u", (uintmax_t)f->given, f->count,
	         f->size, f->given < 4 ? 200 - 50 * (unsigned)f->given : 0);
	f->given++;
	*request = (athar_bytes){(const uint8_t *)f->request, strlen(f->request), 0};
	return ATHAR_OK;
}

static athar_status flood_message(void *user, uint64_t number, uint32_t type, athar_bytes payload,
                                  athar_error *err)
{
	flood *f = user;
	uint8_t *expected = malloc(f->size);

	(void)err;
	assert_non_null(expected);
	assert_true(number == f->ended);
	assert_int_equal(type, 7);
	assert_int_equal(payload.len, f->size);
	fill_message(expected, f->size, number, f->message++);
	assert_memory_equal(payload.ptr, expected, f->size);
	free(expected);
	return ATHAR_OK;
}

static athar_status flood_ended(void *user, uint64_t number, const athar_jail_end *end,
                                athar_error *err)
{
	flood *f = user;

	(void)err;
	assert_true(number == f->ended);
	assert_int_equal(end->kind, ATHAR_JAIL_DONE);
	assert_int_equal(f->message, f->count);
	f->message = 0;
	f->ended++;
	return ATHAR_OK;
}

static uint64_t peak_memory(void)
{
	struct rusage usage;

	assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
	return (uint64_t)usage.ru_maxrss * 1024;
}

/* 10 tasks of 20 MiB; what is kept of them is bounded. Runs first: the peak only ever grows. */
static void floods(unsigned workers)
{
	athar_jail_spec spec = inmates(workers);
	flood f = {.tasks = 10, .size = 64 * 1024, .count = 320};
	const athar_jail_run run = {.next = flood_next,
	                            .message = flood_message,
	                            .ended = flood_ended,
	                            .tick = NULL,
	                            .user = &f};
	athar_error err = ATHAR_ERROR_INIT;
	athar_jail *jail = NULL;
	const uint64_t before = peak_memory();

	spec.buffer = 1 * MIB;
	assert_ok(athar_jail_open(&jail, &spec, &err), err);
	assert_ok(athar_jail_serve(jail, &run, &err), err);
	assert_int_equal(f.ended, f.tasks);
	assert_int_equal(athar_jail_lost(jail), 0);
	athar_jail_close(jail);
	/* A MiB kept, a MiB received, and what their growing takes. */
	if (!ATHAR_SANITIZED)
		assert_true(peak_memory() - before < workers * 5 * MIB);
}

static void test_order_with_one_worker(void **state)
{
	(void)state;
	floods(1);
}

static void test_order_with_four_workers(void **state)
{
	(void)state;
	floods(4);
}

static void test_many_small_tasks(void **state)
{
	athar_jail_spec spec = inmates(4);
	flood f = {.tasks = 3000, .size = 20, .count = 3};
	const athar_jail_run run = {.next = flood_next,
	                            .message = flood_message,
	                            .ended = flood_ended,
	                            .tick = NULL,
	                            .user = &f};
	athar_error err = ATHAR_ERROR_INIT;
	athar_jail *jail = NULL;

	(void)state;
	assert_ok(athar_jail_open(&jail, &spec, &err), err);
	assert_ok(athar_jail_serve(jail, &run, &err), err);
	assert_int_equal(f.ended, f.tasks);
	athar_jail_close(jail);
}

/* Messages larger than the buffer, of workers whose turn has not come. */
static void test_messages_larger_than_the_buffer(void **state)
{
	athar_jail_spec spec = inmates(3);
	flood f = {.tasks = 6, .size = 16 << 20, .count = 2};
	const athar_jail_run run = {.next = flood_next,
	                            .message = flood_message,
	                            .ended = flood_ended,
	                            .tick = NULL,
	                            .user = &f};
	athar_error err = ATHAR_ERROR_INIT;
	athar_jail *jail = NULL;

	(void)state;
	spec.buffer = 100 * 1000;
	assert_ok(athar_jail_open(&jail, &spec, &err), err);
	assert_ok(athar_jail_serve(jail, &run, &err), err);
	assert_int_equal(f.ended, f.tasks);
	athar_jail_close(jail);
}

/* ---- small runs ---- */

static void test_serves_again_and_again(void **state)
{
	const athar_jail_spec spec = inmates(2);
	athar_jail *jail = open_jail(&spec);
	char expected[32];

	(void)state;
	serves(jail, (const char *const[]){"echo a", "echo b", "echo c", NULL},
	       "0:a 0. 1:b 1. 2:c 2. ");
	serves(jail, (const char *const[]){NULL}, "");
	serves(jail, (const char *const[]){"nothing", "echo ", "echo d", NULL}, "0. 1: 1. 2:d 2. ");
	assert_int_equal(athar_jail_lost(jail), 0);
	snprintf(expected, sizeof expected, "landlock %d, seccomp", athar_landlock_version());
	assert_string_equal(athar_jail_confinement(jail), expected);
	athar_jail_close(jail);
	athar_jail_close(NULL);
}

/* A long request with an origin. */
static athar_status big_next(void *user, athar_bytes *request, bool *end, athar_error *err)
{
	static uint8_t bytes[5 << 20] = "size";
	unsigned *given = user;

	(void)err;
	*end = (*given)++ == 2;
	*request = (athar_bytes){bytes, sizeof bytes, 123456789012345};
	return ATHAR_OK;
}

static athar_status big_message(void *user, uint64_t number, uint32_t type, athar_bytes payload,
                                athar_error *err)
{
	const uint64_t expected[2] = {5 << 20, 123456789012345};

	(void)user;
	(void)number;
	(void)err;
	assert_int_equal(type, 3);
	assert_int_equal(payload.len, sizeof expected);
	assert_memory_equal(payload.ptr, expected, sizeof expected);
	return ATHAR_OK;
}

static athar_status big_ended(void *user, uint64_t number, const athar_jail_end *end,
                              athar_error *err)
{
	(void)user;
	(void)number;
	(void)err;
	assert_int_equal(end->kind, ATHAR_JAIL_DONE);
	return ATHAR_OK;
}

static void test_long_requests_arrive(void **state)
{
	const athar_jail_spec spec = inmates(1);
	athar_jail *jail = open_jail(&spec);
	unsigned given = 0;
	const athar_jail_run run = {.next = big_next,
	                            .message = big_message,
	                            .ended = big_ended,
	                            .tick = NULL,
	                            .user = &given};
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	assert_ok(athar_jail_serve(jail, &run, &err), err);
	assert_int_equal(given, 3);
	athar_jail_close(jail);
}

static void test_what_send_refuses(void **state)
{
	const athar_jail_spec spec = inmates(1);
	athar_jail *jail = open_jail(&spec);
	book b = {.requests = (const char *const[]){"long", "own", NULL}};
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	assert_ok(book_serve(&b, jail, &err), err);
	assert_int_equal(b.end[0].kind, ATHAR_JAIL_FAILED);
	assert_int_equal(b.end[0].error.status, ATHAR_ELIMIT);
	assert_int_equal(b.end[1].error.status, ATHAR_EUSAGE);
	assert_int_equal(athar_jail_lost(jail), 0);
	athar_jail_close(jail);
}

/* ---- surroundings ---- */

static void test_worker_sees_only_what_its_setup_opened(void **state)
{
	char *top = athar_test_mkdir();
	char path[4200];
	int ends[2];
	int fd;
	athar_jail_spec spec = inmates(2);
	athar_jail *jail;

	(void)state;
	snprintf(path, sizeof path, "%s/file", top);
	fd = open(path, O_CREAT | O_RDWR, 0600);
	assert_int_equal(write(fd, "abcdef", 6), 6);
	assert_int_equal(dup2(fd, 100), 100);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(dup2(ends[1], 102), 102);
	spec.user = path;
	jail = open_jail(&spec);
	/* n: standard input is empty, standard error swallows; 100 and 102 are closed. The file's
	 * place is each worker's own. */
	serves(jail, (const char *const[]){"look", NULL}, "0:nay 0. ");
	serves(jail, (const char *const[]){"look", NULL}, "0:nby 0. ");
	athar_jail_close(jail);
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 6);
	(void)close(fd);
	(void)close(100);
	(void)close(102);
	(void)close(ends[0]);
	(void)close(ends[1]);
	athar_test_rmdir(top);
}

/* Where the supervisor itself has no standard streams, the channel takes their numbers. */
static void without_streams(void *arg)
{
	const athar_jail_spec spec = inmates(2);
	athar_error err = ATHAR_ERROR_INIT;
	athar_jail *jail = NULL;
	book b = {.requests = (const char *const[]){"echo a", "echo b", NULL}};

	(void)arg;
	(void)close(0);
	(void)close(1);
	if (!ATHAR_SANITIZED)
		(void)close(2);
	CHECK(athar_jail_open(&jail, &spec, &err) == ATHAR_OK);
	CHECK(book_serve(&b, jail, &err) == ATHAR_OK);
	CHECK(strcmp(b.text, "0:a 0. 1:b 1. ") == 0);
	athar_jail_close(jail);
}

static void test_without_standard_streams(void **state)
{
	(void)state;
	child_succeeds(without_streams, NULL);
}

static unsigned open_files(void)
{
	DIR *folder = opendir("/proc/self/fd");
	unsigned count = 0;

	assert_non_null(folder);
	while (readdir(folder) != NULL)
		count++;
	(void)closedir(folder);
	return count;
}

static void test_leaves_nothing_behind(void **state)
{
	const unsigned before = open_files();
	athar_jail_spec spec = inmates(3);
	athar_jail *jail = open_jail(&spec);

	(void)state;
	serves(jail, (const char *const[]){"echo a", "crash s", "echo b", NULL},
	       "0:a 0. 1! 2:b 2. ");
	athar_jail_close(jail);
	assert_int_equal(open_files(), before);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void test_interrupts_are_the_supervisors(void **state)
{
	athar_jail_spec spec = inmates(1);
	athar_jail *jail = open_jail(&spec);
	book b = {.requests = (const char *const[]){"pid", NULL}, .kill_signal = SIGINT};
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	assert_ok(book_serve(&b, jail, &err), err);
	assert_int_equal(b.end[0].kind, ATHAR_JAIL_DONE);
	athar_jail_close(jail);
}

static void dies_with_a_worker(void *arg)
{
	const int *told = arg;
	athar_jail_spec spec = inmates(1);
	athar_error err = ATHAR_ERROR_INIT;
	athar_jail *jail = NULL;

	CHECK(dup2(told[1], 150) == 150);
	CHECK(athar_jail_open(&jail, &spec, &err) == ATHAR_OK);
	_exit(0);
}

static athar_status keeps_a_copy(void **state, void *user, athar_error *err)
{
	(void)err;
	*state = user;
	return dup(*(const int *)user) >= 0 ? ATHAR_OK : ATHAR_EIO;
}

static bool leaves(void *user, uint64_t done)
{
	(void)user;
	(void)done;
	_exit(0);
}

/* The worker would hang for ever. */
static void leaves_a_busy_worker_with_a_copy(void *arg)
{
	athar_jail_spec spec = inmates(1);
	book b = {.requests = (const char *const[]){"crash h", NULL}};
	const athar_jail_run run = {.next = book_next,
	                            .message = book_message,
	                            .ended = book_ended,
	                            .tick = leaves,
	                            .user = &b};
	athar_error err = ATHAR_ERROR_INIT;
	athar_jail *jail = NULL;

	spec.setup = keeps_a_copy;
	spec.user = (int *)arg + 1;
	CHECK(athar_jail_open(&jail, &spec, &err) == ATHAR_OK);
	(void)athar_jail_serve(jail, &run, &err);
	_exit(1);
}

/* The read end meets its end only when nobody holds the write end any more. */
static void test_workers_do_not_outlive_the_supervisor(void **state)
{
	int ends[2];
	char byte;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	child_succeeds(dies_with_a_worker, ends);
	child_succeeds(leaves_a_busy_worker_with_a_copy, ends);
	(void)close(ends[1]);
	(void)alarm(20);
	assert_int_equal(read(ends[0], &byte, 1), 0);
	(void)alarm(0);
	(void)close(ends[0]);
}

/* ---- stopping ---- */

static void stops(const char *where, unsigned cancel_at, athar_status status, const char *text)
{
	const athar_jail_spec spec = inmates(2);
	athar_jail *jail = open_jail(&spec);
	book b = {.requests = (const char *const[]){"echo a", "crash h", "crash h", NULL},
	          .fail_in = where,
	          .cancel_at = cancel_at};
	athar_error err = ATHAR_ERROR_INIT;

	assert_status(book_serve(&b, jail, &err), status, err);
	assert_string_equal(b.text, text);
	/* What was stopped on purpose is not lost, and the jail is as good as new. */
	assert_int_equal(athar_jail_lost(jail), 0);
	serves(jail, (const char *const[]){"echo a", "echo b", "echo c", NULL},
	       "0:a 0. 1:b 1. 2:c 2. ");
	athar_jail_close(jail);
}

static void test_failing_callbacks_stop_the_run(void **state)
{
	(void)state;
	stops("next", 0, ATHAR_EREFUSED, "");
	stops("message", 0, ATHAR_EREFUSED, "0:a ");
	stops("ended", 0, ATHAR_EREFUSED, "0:a 0. ");
}

static void test_tick_cancels(void **state)
{
	(void)state;
	stops(NULL, 3, ATHAR_ECANCELED, "0:a 0. ");
}

static void test_beats_reach_tick(void **state)
{
	const athar_jail_spec spec = inmates(2);
	athar_jail *jail = open_jail(&spec);
	book b = {.requests = (const char *const[]){"beats 5", "beats 5", NULL}};
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	assert_ok(book_serve(&b, jail, &err), err);
	assert_in_range(b.most_done, 3000, 10000);
	assert_true(b.ticks >= 3);
	athar_jail_close(jail);
}

static void on_alarm(int number)
{
	(void)number;
}

/* A signal during the wait is not a failure, and tick hears of it at once. */
static void test_signals_interrupt_the_wait(void **state)
{
	const struct sigaction quick = {.sa_handler = on_alarm};
	const athar_jail_spec spec = inmates(1);
	athar_jail *jail = open_jail(&spec);
	book b = {.requests = (const char *const[]){"pid", NULL}, .kill_signal = 0};
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	assert_int_equal(sigaction(SIGALRM, &quick, NULL), 0);
	(void)ualarm(30000, 30000);
	assert_ok(book_serve(&b, jail, &err), err);
	(void)ualarm(0, 0);
	assert_true(b.ticks >= 4);
	athar_jail_close(jail);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order_with_one_worker),
		cmocka_unit_test(test_order_with_four_workers),
		cmocka_unit_test(test_many_small_tasks),
		cmocka_unit_test(test_messages_larger_than_the_buffer),
		cmocka_unit_test(test_serves_again_and_again),
		cmocka_unit_test(test_long_requests_arrive),
		cmocka_unit_test(test_what_send_refuses),
		cmocka_unit_test(test_worker_sees_only_what_its_setup_opened),
		cmocka_unit_test(test_without_standard_streams),
		cmocka_unit_test(test_leaves_nothing_behind),
		cmocka_unit_test(test_interrupts_are_the_supervisors),
		cmocka_unit_test(test_workers_do_not_outlive_the_supervisor),
		cmocka_unit_test(test_failing_callbacks_stop_the_run),
		cmocka_unit_test(test_tick_cancels),
		cmocka_unit_test(test_beats_reach_tick),
		cmocka_unit_test(test_signals_interrupt_the_wait),
	};

	return cmocka_run_group_tests(tests, needs_confinement, NULL);
}
