/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a worker can do wrong costs its task, and is said; the tasks after it are served.
 */
#include "inmates.h"

/* A bad task between two good ones, with as many workers; its end. */
static athar_jail_end finding(athar_jail_limits limits, unsigned workers, const char *request)
{
	athar_jail_spec spec = inmates(workers);
	const char *const requests[] = {"echo a", request, "echo b", "echo c", NULL};
	book b = {.requests = requests};
	athar_error err = ATHAR_ERROR_INIT;
	athar_jail *jail = NULL;

	if (limits.seconds == 0)
		limits.seconds = 60;
	if (limits.idle_seconds == 0)
		limits.idle_seconds = 60;
	spec.limits = limits;
	assert_ok(athar_jail_open(&jail, &spec, &err), err);
	assert_ok(book_serve(&b, jail, &err), err);
	assert_int_equal(b.ended, 4);
	for (size_t i = 0; i < 4; i++)
		if (i != 1)
			assert_int_equal(b.end[i].kind, ATHAR_JAIL_DONE);
	assert_non_null(strstr(b.text, "2:b 2. 3:c 3. "));
	assert_int_equal(
		athar_jail_lost(jail),
		b.end[1].kind != ATHAR_JAIL_FAILED && b.end[1].kind != ATHAR_JAIL_DONE ? 1 : 0);
	athar_jail_close(jail);
	return b.end[1];
}

static const athar_jail_limits none;

static void test_failure(void **state)
{
	const athar_jail_end end = finding(none, 1, "fail");

	(void)state;
	assert_int_equal(end.kind, ATHAR_JAIL_FAILED);
	assert_int_equal(end.error.status, ATHAR_EFORMAT);
	assert_int_equal(end.error.offset, 4711);
	assert_string_equal(end.error.text, "no \\u{1B}[2J such thing");
}

static void test_crashes(void **state)
{
	static const struct {
		const char *request;
		int signal;
		const char *text;
	} crashes[] = {{"crash s", SIGSEGV, "Segmentation fault"},
	               {"crash a", SIGABRT, "Aborted"},
	               {"crash e", 0, "exit status 5"}};

	(void)state;
	for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++)
		for (unsigned workers = 1; workers <= 3; workers += 2) {
			const athar_jail_end end = finding(none, workers, crashes[i].request);

			assert_int_equal(end.kind, ATHAR_JAIL_CRASHED);
			assert_int_equal(end.signal, crashes[i].signal);
			assert_non_null(strstr(end.error.text, crashes[i].text));
		}
}

/* socket, fork, execve, kill, ptrace, open. */
static void test_escapes(void **state)
{
	/* What the sanitizers need is not killed for; open is refused by Landlock. */
	const unsigned count = ATHAR_SANITIZED ? 5 : 6;

	(void)state;
	for (unsigned i = 0; i < count; i++) {
		char request[16];
		athar_jail_end end;

		snprintf(request, sizeof request, "forbidden %u", i);
		end = finding(none, 1, request);
		assert_int_equal(end.kind, ATHAR_JAIL_CRASHED);
		assert_int_equal(end.signal, SIGSYS);
		assert_non_null(strstr(end.error.text, "forbidden system call"));
	}
}

static void test_hang(void **state)
{
	athar_jail_end end = finding((athar_jail_limits){.seconds = 1}, 1, "crash h");

	(void)state;
	assert_int_equal(end.kind, ATHAR_JAIL_TIMEOUT);
	end = finding((athar_jail_limits){.idle_seconds = 1}, 2, "crash h");
	assert_int_equal(end.kind, ATHAR_JAIL_TIMEOUT);
}

/* A run may be stricter than the jail, and the next one is not. */
static void test_hang_in_a_strict_run(void **state)
{
	const athar_jail_spec spec = inmates(1);
	const char *const requests[] = {"echo a", "crash h", "echo b", NULL};
	book b = {.requests = requests, .idle_seconds = 1};
	athar_error err = ATHAR_ERROR_INIT;
	athar_jail *jail = open_jail(&spec);

	(void)state;
	assert_ok(book_serve(&b, jail, &err), err);
	assert_int_equal(b.end[0].kind, ATHAR_JAIL_DONE);
	assert_int_equal(b.end[1].kind, ATHAR_JAIL_TIMEOUT);
	assert_non_null(strstr(b.end[1].error.text, "silent for more than 1"));
	assert_int_equal(b.end[2].kind, ATHAR_JAIL_DONE);
	athar_jail_close(jail);
}

static void test_beats_keep_alive(void **state)
{
	const athar_jail_end end = finding((athar_jail_limits){.idle_seconds = 1}, 1, "beats 16");

	(void)state;
	assert_int_equal(end.kind, ATHAR_JAIL_DONE);
}

static void test_endless_chatter(void **state)
{
	/* Its book is full long before. */
	const athar_jail_end end =
		finding((athar_jail_limits){.seconds = 1, .output = UINT64_MAX}, 1,
	                "many 1 "
	                "4000000000 "
	                "1000 0");

	(void)state;
	assert_int_equal(end.kind, ATHAR_JAIL_TIMEOUT);
}

static void test_memory_bomb(void **state)
{
	athar_jail_end end;

	(void)state;
	if (ATHAR_SANITIZED)
		skip();
	end = finding((athar_jail_limits){.memory = 64 << 20}, 1, "memory");
	assert_int_equal(end.kind, ATHAR_JAIL_MEMORY);
	assert_int_equal(end.error.status, ATHAR_ENOMEM);
}

static void test_output_overrun(void **state)
{
	athar_jail_end end = finding((athar_jail_limits){.output = 1000}, 1, "many 1 10 100 0");

	(void)state;
	assert_int_equal(end.kind, ATHAR_JAIL_DONE);
	end = finding((athar_jail_limits){.output = 999}, 1, "many 1 10 100 0");
	assert_int_equal(end.kind, ATHAR_JAIL_OVERRUN);
	end = finding((athar_jail_limits){.output = 1000}, 3, "many 1 1 16000000 0");
	assert_int_equal(end.kind, ATHAR_JAIL_OVERRUN);
	assert_int_equal(end.error.status, ATHAR_ELIMIT);
}

static void test_message_overrun(void **state)
{
	athar_jail_end end = finding((athar_jail_limits){.messages = 10}, 1, "many 1 10 100 0");

	(void)state;
	assert_int_equal(end.kind, ATHAR_JAIL_DONE);
	end = finding((athar_jail_limits){.messages = 9}, 1, "many 1 10 100 0");
	assert_int_equal(end.kind, ATHAR_JAIL_OVERRUN);
	end = finding((athar_jail_limits){.messages = 1000}, 2, "many 1 4000000000 0 0");
	assert_int_equal(end.kind, ATHAR_JAIL_OVERRUN);
}

static void test_garbled_frames(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		char request[16];

		snprintf(request, sizeof request, "garble %u", i);
		assert_int_equal(finding(none, 1, request).kind, ATHAR_JAIL_GARBLED);
	}
}

/* What comes after a task's end must not become the next one's: the worker is replaced, and no
 * task pays for it. */
static void test_bytes_after_the_end(void **state)
{
	athar_jail_spec spec = inmates(1);
	book b = {.requests = (const char *const[]){"garble 6", "echo a", NULL}};
	athar_error err = ATHAR_ERROR_INIT;
	athar_jail *jail = NULL;

	(void)state;
	assert_ok(athar_jail_open(&jail, &spec, &err), err);
	assert_ok(book_serve(&b, jail, &err), err);
	assert_string_equal(b.text, "0. 1:a 1. ");
	assert_int_equal(athar_jail_lost(jail), 1);
	athar_jail_close(jail);
}

static char noise_request[32];

static athar_status noise_next(void *user, athar_bytes *request, bool *end, athar_error *err)
{
	book *b = user;

	(void)err;
	*end = b->given == 300;
	snprintf(noise_request, sizeof noise_request, "noise %zu", b->given++);
	*request = (athar_bytes){(const uint8_t *)noise_request, strlen(noise_request), 0};
	return ATHAR_OK;
}

/* Whatever a worker that was taken over says, every task comes to an end and in order. */
static void test_noise(void **state)
{
	athar_jail_spec spec = inmates(3);
	book b = {.ended = 0};
	const athar_jail_run run = {.next = noise_next,
	                            .message = book_message,
	                            .ended = book_ended,
	                            .tick = book_tick,
	                            .user = &b};
	athar_error err = ATHAR_ERROR_INIT;
	athar_jail *jail = NULL;

	(void)state;
	assert_ok(athar_jail_open(&jail, &spec, &err), err);
	assert_ok(athar_jail_serve(jail, &run, &err), err);
	assert_int_equal(b.ended, 300);
	assert_true(athar_jail_lost(jail) > 0);
	athar_jail_close(jail);
}

static void test_killed_from_outside(void **state)
{
	athar_jail_spec spec = inmates(1);
	book b = {.requests = (const char *const[]){"pid!", "echo a", NULL},
	          .kill_signal = SIGKILL};
	athar_error err = ATHAR_ERROR_INIT;
	athar_jail *jail = NULL;

	(void)state;
	assert_ok(athar_jail_open(&jail, &spec, &err), err);
	assert_ok(book_serve(&b, jail, &err), err);
	assert_string_equal(b.text, "0! 1:a 1. ");
	assert_int_equal(b.end[0].kind, ATHAR_JAIL_CRASHED);
	assert_int_equal(b.end[0].signal, SIGKILL);
	athar_jail_close(jail);
}

static pid_t idle_worker;

static athar_status remember_pid(void *user, uint64_t number, uint32_t type, athar_bytes payload,
                                 athar_error *err)
{
	(void)user;
	(void)number;
	(void)err;
	assert_int_equal(type, 4);
	memcpy(&idle_worker, payload.ptr, sizeof idle_worker);
	return ATHAR_OK;
}

/* An idle worker that dies costs no task at all, or the one that was on its way to it. */
static void test_killed_while_idle(void **state)
{
	athar_jail_spec spec = inmates(1);
	book b = {.requests = (const char *const[]){"pid", NULL}};
	const athar_jail_run run = {.next = book_next,
	                            .message = remember_pid,
	                            .ended = book_ended,
	                            .tick = NULL,
	                            .user = &b};
	book after = {.requests = (const char *const[]){"echo a", "echo b", NULL}};
	siginfo_t gone;
	athar_error err = ATHAR_ERROR_INIT;
	athar_jail *jail = NULL;

	(void)state;
	assert_ok(athar_jail_open(&jail, &spec, &err), err);
	assert_ok(athar_jail_serve(jail, &run, &err), err);
	assert_int_equal(kill(idle_worker, SIGKILL), 0);
	assert_int_equal(waitid(P_PID, (id_t)idle_worker, &gone, WEXITED | WNOWAIT), 0);
	assert_ok(book_serve(&after, jail, &err), err);
	assert_int_equal(after.end[1].kind, ATHAR_JAIL_DONE);
	assert_int_equal(athar_jail_lost(jail), 1);
	athar_jail_close(jail);
}

/* Messages sent before the crash were sent: they are delivered, in order, and then the finding. */
static void test_what_came_before_a_crash_counts(void **state)
{
	athar_jail_spec spec = inmates(2);
	book b = {.requests = (const char *const[]){"beats 3", "pid!", "echo a", NULL},
	          .kill_signal = SIGKILL};
	athar_error err = ATHAR_ERROR_INIT;
	athar_jail *jail = NULL;

	(void)state;
	assert_ok(athar_jail_open(&jail, &spec, &err), err);
	assert_ok(book_serve(&b, jail, &err), err);
	assert_string_equal(b.text, "0. 1! 2:a 2. ");
	assert_int_equal(b.messages, 2);
	athar_jail_close(jail);
}

/* Neither a slow supervisor nor waiting for its turn counts against a worker. */
static void test_waiting_is_free(void **state)
{
	athar_jail_spec spec = inmates(2);
	book b = {.requests = (const char *const[]){"many 0 12 1000000 0", "many 1 20 1000000 0",
	                                            "many 2 20 1000000 0", NULL},
	          .message_delay = 100};
	athar_error err = ATHAR_ERROR_INIT;
	athar_jail *jail = NULL;

	(void)state;
	spec.limits.seconds = 1;
	spec.limits.idle_seconds = 1;
	spec.buffer = 1 << 20;
	assert_ok(athar_jail_open(&jail, &spec, &err), err);
	assert_ok(book_serve(&b, jail, &err), err);
	assert_string_equal(b.text, "0. 1. 2. ");
	assert_int_equal(b.messages, 52);
	athar_jail_close(jail);
}

/* The second request is too long for the channel to swallow, and the worker does not read it. */
static athar_status deaf_next(void *user, athar_bytes *request, bool *end, athar_error *err)
{
	static uint8_t longer[5 << 20] = "size";
	book *b = user;

	(void)err;
	*end = b->given == 3;
	*request = b->given == 1 ? (athar_bytes){longer, sizeof longer, 0}
	                         : (athar_bytes){(const uint8_t *)"deaf", b->given == 0 ? 4 : 0, 0};
	b->given++;
	return ATHAR_OK;
}

static void test_worker_that_does_not_listen(void **state)
{
	athar_jail_spec spec = inmates(1);
	book b = {.ended = 0};
	const athar_jail_run run = {.next = deaf_next,
	                            .message = book_message,
	                            .ended = book_ended,
	                            .tick = book_tick,
	                            .user = &b};
	athar_error err = ATHAR_ERROR_INIT;
	athar_jail *jail = NULL;

	(void)state;
	spec.limits.seconds = 1;
	assert_ok(athar_jail_open(&jail, &spec, &err), err);
	assert_ok(athar_jail_serve(jail, &run, &err), err);
	assert_string_equal(b.text, "0. 1! 2. ");
	assert_int_equal(b.end[1].kind, ATHAR_JAIL_TIMEOUT);
	athar_jail_close(jail);
}

static athar_jail *watched;

static athar_status lost_by_then(void *user, uint64_t number, const athar_jail_end *end,
                                 athar_error *err)
{
	if (number == 0)
		assert_int_equal(athar_jail_lost(watched), 1);
	return book_ended(user, number, end, err);
}

/* A worker that hangs is found out while the supervisor is busy with another. */
static void test_hang_beside_a_busy_worker(void **state)
{
	athar_jail_spec spec = inmates(2);
	book b = {.requests = (const char *const[]){"many 0 40 500000 0", "crash h", NULL},
	          .message_delay = 80};
	const athar_jail_run run = {.next = book_next,
	                            .message = book_message,
	                            .ended = lost_by_then,
	                            .tick = book_tick,
	                            .user = &b};
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	spec.limits.seconds = 1;
	assert_ok(athar_jail_open(&watched, &spec, &err), err);
	assert_ok(athar_jail_serve(watched, &run, &err), err);
	assert_int_equal(b.end[0].kind, ATHAR_JAIL_DONE);
	assert_int_equal(b.end[1].kind, ATHAR_JAIL_TIMEOUT);
	athar_jail_close(watched);
}

static void serves_in_a_group(void *arg)
{
	athar_jail_spec spec = inmates(1);
	book b = {.requests = (const char *const[]){"beats 10", NULL}};
	athar_error err = ATHAR_ERROR_INIT;
	athar_jail *jail = NULL;

	(void)arg;
	spec.limits.seconds = 3;
	CHECK(setpgid(0, 0) == 0);
	CHECK(athar_jail_open(&jail, &spec, &err) == ATHAR_OK);
	CHECK(book_serve(&b, jail, &err) == ATHAR_OK);
	CHECK(b.end[0].kind == ATHAR_JAIL_DONE);
	athar_jail_close(jail);
}

/* Control-Z, and some time later fg. */
static void test_time_while_stopped_is_free(void **state)
{
	const struct timespec before = {0, 400 * 1000 * 1000};
	const struct timespec stopped = {3, 500 * 1000 * 1000};
	const pid_t pid = fork();
	int status = 0;

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0) {
		serves_in_a_group(NULL);
		_exit(0);
	}
	(void)setpgid(pid, pid); /* here too: nobody knows who comes first */
	(void)nanosleep(&before, NULL);
	assert_int_equal(kill(-pid, SIGSTOP), 0);
	(void)nanosleep(&stopped, NULL);
	assert_int_equal(kill(-pid, SIGCONT), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* Every task a disaster, on several workers: the ends come in order all the same. */
static void test_nothing_but_disasters(void **state)
{
	athar_jail_spec spec = inmates(4);
	book b = {.requests = (const char *const[]){"crash s", "garble 1", "crash a", "forbidden 1",
	                                            "crash e", "garble 0", "fail", "crash s",
	                                            "many 8 5 1 0", "crash a", NULL}};
	static const athar_jail_end_kind kinds[] = {
		ATHAR_JAIL_CRASHED, ATHAR_JAIL_GARBLED, ATHAR_JAIL_CRASHED, ATHAR_JAIL_CRASHED,
		ATHAR_JAIL_CRASHED, ATHAR_JAIL_GARBLED, ATHAR_JAIL_FAILED,  ATHAR_JAIL_CRASHED,
		ATHAR_JAIL_DONE,    ATHAR_JAIL_CRASHED};
	athar_error err = ATHAR_ERROR_INIT;
	athar_jail *jail = NULL;

	(void)state;
	assert_ok(athar_jail_open(&jail, &spec, &err), err);
	assert_ok(book_serve(&b, jail, &err), err);
	assert_int_equal(b.ended, 10);
	for (size_t i = 0; i < 10; i++)
		assert_int_equal(b.end[i].kind, kinds[i]);
	assert_int_equal(athar_jail_lost(jail), 8);
	athar_jail_close(jail);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_failure),
		cmocka_unit_test(test_crashes),
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_hang),
		cmocka_unit_test(test_hang_in_a_strict_run),
		cmocka_unit_test(test_beats_keep_alive),
		cmocka_unit_test(test_endless_chatter),
		cmocka_unit_test(test_memory_bomb),
		cmocka_unit_test(test_output_overrun),
		cmocka_unit_test(test_message_overrun),
		cmocka_unit_test(test_garbled_frames),
		cmocka_unit_test(test_bytes_after_the_end),
		cmocka_unit_test(test_noise),
		cmocka_unit_test(test_killed_from_outside),
		cmocka_unit_test(test_killed_while_idle),
		cmocka_unit_test(test_what_came_before_a_crash_counts),
		cmocka_unit_test(test_waiting_is_free),
		cmocka_unit_test(test_worker_that_does_not_listen),
		cmocka_unit_test(test_hang_beside_a_busy_worker),
		cmocka_unit_test(test_time_while_stopped_is_free),
		cmocka_unit_test(test_nothing_but_disasters),
	};

	return cmocka_run_group_tests(tests, needs_confinement, NULL);
}
