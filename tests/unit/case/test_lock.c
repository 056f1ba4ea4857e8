/* SPDX-License-Identifier: BSD-2-Clause */
/* File systems whose locks fail, or are granted to everybody: flock is ours (linked with --wrap).
 */
#include <errno.h>
#include <sys/file.h>

#include "case_support.h"

int __real_flock(int fd, int operation);
int __wrap_flock(int fd, int operation);

static enum { LOCKS_WORK, LOCKS_FAIL, LOCKS_HOLD_NOBODY } locks;

int __wrap_flock(int fd, int operation)
{
	if (locks == LOCKS_WORK)
		return __real_flock(fd, operation);
	if (locks == LOCKS_HOLD_NOBODY)
		return 0;
	errno = ENOLCK;
	return -1;
}

static void expect_refusal(fixture *f)
{
	ATHAR_AUTO(case) athar_case *made = NULL;
	ATHAR_AUTO(case) athar_case *c = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	const int broken = (int)locks;
	char head[65];

	locks = LOCKS_WORK;
	made = fixture_case(f, "{}");
	locks = broken == LOCKS_FAIL ? LOCKS_FAIL : LOCKS_HOLD_NOBODY;
	assert_status(athar_case_open(&c, f->folder, &f->context, &err), ATHAR_EREFUSED, err);
	assert_non_null(strstr(err.text, "lock"));
	assert_status(athar_case_note(made, NULL, "x", &err), ATHAR_EREFUSED, err);
	assert_shell(f, "wc -l < c/custody.jsonl", "1\n");
	/* Reading needs none. */
	assert_ok(athar_custody_head(head, made, &err), err);
	locks = LOCKS_WORK;
}

static void test_no_lock_granted_refuses(void **state)
{
	locks = LOCKS_FAIL;
	expect_refusal(*state);
}

static void test_locks_that_hold_nobody_off_refuse(void **state)
{
	locks = LOCKS_HOLD_NOBODY;
	expect_refusal(*state);
}

int main(void)
{
#define CASE_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		CASE_TEST(test_no_lock_granted_refuses),
		CASE_TEST(test_locks_that_hold_nobody_off_refuse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
