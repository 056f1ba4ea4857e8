/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a jail comes to be: setups that fail, kernels that lack what it takes, and who may not fork.
 */
#include "inmates.h"

#include <pthread.h>
#include <seccomp.h>

static void test_setup_that_fails(void **state)
{
	athar_jail_spec spec = inmates(3);
	athar_error err = ATHAR_ERROR_INIT;
	athar_jail *jail = NULL;
	char path[] = "/nowhere/at/all";

	(void)state;
	spec.user = path;
	assert_status(athar_jail_open(&jail, &spec, &err), ATHAR_EIO, err);
	assert_null(jail);
	assert_string_equal(err.text, "cannot open /nowhere/at/all: No such file or directory");
	assert_int_equal(err.os_errno, ENOENT);
}

static athar_status crashing_setup(void **state, void *user, athar_error *err)
{
	(void)state;
	(void)user;
	(void)err;
	(void)raise(SIGABRT);
	return ATHAR_OK;
}

static athar_status hanging_setup(void **state, void *user, athar_error *err)
{
	(void)state;
	(void)user;
	(void)err;
	spin(60 * 1000);
	return ATHAR_OK;
}

static void test_setup_that_crashes_or_hangs(void **state)
{
	athar_jail_spec spec = inmates(2);
	athar_error err = ATHAR_ERROR_INIT;
	athar_jail *jail = NULL;

	(void)state;
	spec.setup = crashing_setup;
	assert_status(athar_jail_open(&jail, &spec, &err), ATHAR_EIO, err);
	assert_non_null(strstr(err.text, "could not start: the worker crashed"));
	spec.setup = hanging_setup;
	spec.limits.seconds = 1;
	assert_status(athar_jail_open(&jail, &spec, &err), ATHAR_ELIMIT, err);
}

/* The replacement finds an x in the file. */
static void test_replacement_that_cannot_start(void **state)
{
	char *top = athar_test_mkdir();
	char path[4200];
	int fd;
	athar_jail_spec spec = inmates(1);
	athar_error err = ATHAR_ERROR_INIT;
	book b = {.requests = (const char *const[]){"crash a", "echo a", NULL}};
	athar_jail *jail;

	(void)state;
	snprintf(path, sizeof path, "%s/file", top);
	fd = open(path, O_CREAT | O_RDWR, 0600);
	assert_true(fd >= 0);
	spec.user = path;
	jail = open_jail(&spec);
	assert_int_equal(pwrite(fd, "x", 1, 0), 1);
	assert_status(book_serve(&b, jail, &err), ATHAR_EFORMAT, err);
	assert_string_equal(err.text, "the file has an x in it");
	assert_string_equal(b.text, "0! ");
	/* Once the file is mended, so is the jail. */
	assert_int_equal(ftruncate(fd, 0), 0);
	serves(jail, (const char *const[]){"echo b", NULL}, "0:b 0. ");
	athar_jail_close(jail);
	(void)close(fd);
	athar_test_rmdir(top);
}

static void *sleep_on(void *arg)
{
	(void)arg;
	(void)pause();
	return NULL;
}

static void with_a_thread(void *arg)
{
	athar_jail_spec spec = inmates(1);
	athar_error err = ATHAR_ERROR_INIT;
	athar_jail *jail = NULL;
	pthread_t thread;

	(void)arg;
	CHECK(pthread_create(&thread, NULL, sleep_on, NULL) == 0);
	CHECK(athar_jail_open(&jail, &spec, &err) == ATHAR_EUSAGE);
}

static void test_senseless_specs_are_refused(void **state)
{
	athar_jail_spec spec = inmates(0);
	athar_error err = ATHAR_ERROR_INIT;
	athar_jail *jail = NULL;

	(void)state;
	assert_status(athar_jail_open(&jail, &spec, &err), ATHAR_EUSAGE, err);
	spec = inmates(1);
	spec.task = NULL;
	assert_status(athar_jail_open(&jail, &spec, &err), ATHAR_EUSAGE, err);
	if (!ATHAR_SANITIZED_THREADS)
		child_succeeds(with_a_thread, NULL);
}

static void *leave_at_once(void *arg)
{
	return arg;
}

/* A thread that has been joined is no thread, though the kernel may still list it. */
static void test_threads_that_have_gone(void **state)
{
	const athar_jail_spec spec = inmates(1);
	pthread_t thread;

	(void)state;
	for (unsigned i = 0; i < 50; i++) {
		assert_int_equal(pthread_create(&thread, NULL, leave_at_once, NULL), 0);
		assert_int_equal(pthread_join(thread, NULL), 0);
		athar_jail_close(open_jail(&spec));
	}
}

static void without_landlock(void *arg)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	athar_jail_spec spec = inmates(2);
	athar_error err = ATHAR_ERROR_INIT;
	athar_jail *jail = NULL;
	book b = {.requests = (const char *const[]){"echo a", "forbidden 0", "echo b", NULL}};

	(void)arg;
	CHECK(seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(landlock_create_ruleset),
	                       0) == 0);
	CHECK(seccomp_load(filter) == 0);
	seccomp_release(filter);
	CHECK(athar_jail_open(&jail, &spec, &err) == ATHAR_EREFUSED);
	CHECK(strstr(err.text, "Landlock") != NULL && strstr(err.text, "--unconfined") != NULL);
	spec.unconfined = true;
	CHECK(athar_jail_open(&jail, &spec, &err) == ATHAR_OK);
	CHECK(strcmp(athar_jail_confinement(jail), "seccomp") == 0);
	CHECK(book_serve(&b, jail, &err) == ATHAR_OK);
	CHECK(strcmp(b.text, "0:a 0. 1! 2:b 2. ") == 0);
	athar_jail_close(jail);
}

static void test_kernel_without_landlock(void **state)
{
	(void)state;
	child_succeeds(without_landlock, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_setup_that_fails),
		cmocka_unit_test(test_setup_that_crashes_or_hangs),
		cmocka_unit_test(test_replacement_that_cannot_start),
		cmocka_unit_test(test_senseless_specs_are_refused),
		cmocka_unit_test(test_threads_that_have_gone),
		cmocka_unit_test(test_kernel_without_landlock),
	};

	return cmocka_run_group_tests(tests, needs_confinement, NULL);
}
