/* SPDX-License-Identifier: BSD-2-Clause */
#include "athar_test.h"

#include "athar/watcher.h"

typedef struct seen {
	uint64_t done;
	athar_error notice;
	bool stop;
} seen;

static void on_progress(void *user, const athar_progress *progress)
{
	((seen *)user)->done = progress->done;
}

static void on_notice(void *user, const athar_error *what)
{
	((seen *)user)->notice = *what;
}

static bool on_cancelled(void *user)
{
	return ((const seen *)user)->stop;
}

static void callbacks_are_called(void **state)
{
	seen s = {0};
	const athar_watcher watcher = {on_progress, on_notice, on_cancelled, &s};
	const athar_progress progress = {.phase = "acquire", .done = 42};

	(void)state;
	athar_watch_progress(&watcher, &progress);
	assert_int_equal(s.done, 42);
	athar_watch_notice(&watcher, "%s is odd", "a\nb");
	assert_string_equal(s.notice.text, "a\\u{A}b is odd");
	assert_int_equal(s.notice.status, ATHAR_OK);
	assert_false(athar_watch_cancelled(&watcher));
	s.stop = true;
	assert_true(athar_watch_cancelled(&watcher));
}

static void nobody_needs_to_watch(void **state)
{
	const athar_watcher deaf = {0};
	const athar_progress progress = {0};

	(void)state;
	athar_watch_progress(NULL, &progress);
	athar_watch_progress(&deaf, &progress);
	athar_watch_notice(NULL, "x");
	athar_watch_notice(&deaf, "x");
	assert_false(athar_watch_cancelled(NULL));
	assert_false(athar_watch_cancelled(&deaf));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(callbacks_are_called),
		cmocka_unit_test(nobody_needs_to_watch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
