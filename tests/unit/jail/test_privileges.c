/* SPDX-License-Identifier: BSD-2-Clause */
#include "child.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>

#include "jail/confine.h"

enum { OWNER = 54321, GROUP = 54322 };

static char *top;

static int setup(void **state)
{
	(void)state;
	top = athar_test_mkdir();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	athar_test_rmdir(top);
	return 0;
}

static bool says(const char *line)
{
	char text[8192];
	const int fd = open("/proc/self/status", O_RDONLY);
	const ssize_t got = fd >= 0 ? read(fd, text, sizeof text - 1) : 0;

	(void)close(fd);
	text[got > 0 ? got : 0] = '\0';
	return got <= 0 || strstr(text, line) != NULL;
}

static void becomes_the_owner(void *arg)
{
	athar_error err = ATHAR_ERROR_INIT;
	gid_t groups[8];
	struct stat about;
	char path[4200];

	(void)arg;
	CHECK(athar_drop_privileges(top, &err) == ATHAR_OK);
	CHECK(getuid() == OWNER && geteuid() == OWNER && getgid() == GROUP && getegid() == GROUP);
	CHECK(getgroups(8, groups) == 1 && groups[0] == GROUP);
	CHECK(says("CapPrm:\t0000000000000000\n") && says("CapEff:\t0000000000000000\n"));
	CHECK(setuid(0) != 0 && setgid(0) != 0 && setgroups(0, NULL) != 0);
	CHECK(open("/etc/shadow", O_RDONLY) < 0);
	snprintf(path, sizeof path, "%s/new", top);
	CHECK(open(path, O_CREAT | O_WRONLY, 0600) >= 0);
	CHECK(stat(path, &about) == 0 && about.st_uid == OWNER && about.st_gid == GROUP);
	/* A second time there is nothing to give up. */
	CHECK(athar_drop_privileges("/", &err) == ATHAR_OK && getuid() == OWNER);
}

static void test_root_becomes_the_owner(void **state)
{
	(void)state;
	if (geteuid() != 0 || chown(top, OWNER, GROUP) != 0)
		skip();
	child_succeeds(becomes_the_owner, NULL);
}

static void stays(void *arg)
{
	athar_error err = ATHAR_ERROR_INIT;
	const uid_t before = geteuid();

	(void)arg;
	CHECK(athar_drop_privileges(top, &err) == ATHAR_OK);
	CHECK(geteuid() == before);
}

static void test_the_owner_stays_who_he_is(void **state)
{
	(void)state;
	child_succeeds(stays, NULL);
}

static void test_folder_that_is_not_there(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_status(athar_drop_privileges("/nowhere/at/all", &err), ATHAR_EIO, err);
	assert_int_equal(err.os_errno, ENOENT);
	assert_int_equal(geteuid(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_root_becomes_the_owner, setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_owner_stays_who_he_is, setup, teardown),
		cmocka_unit_test_setup_teardown(test_folder_that_is_not_there, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
