/* SPDX-License-Identifier: BSD-2-Clause */
/* File systems that lack RENAME_NOREPLACE, and those that lack links as well. */
#include "athar_test.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "base/idiom.h"

int __wrap_renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags);
int __real_link(const char *from, const char *to);
int __wrap_link(const char *from, const char *to);

static bool links = true;

int __wrap_renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
	(void)from_fd, (void)from, (void)to_fd, (void)to, (void)flags;
	errno = EINVAL;
	return -1;
}

int __wrap_link(const char *from, const char *to)
{
	if (links)
		return __real_link(from, to);
	errno = EPERM;
	return -1;
}

static void assert_content(const char *path, const char *expected)
{
	ATHAR_AUTO(free) uint8_t *bytes = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	size_t len = 0;

	assert_ok(athar_file_load(&bytes, &len, path, 100, &err), err);
	assert_string_equal((char *)bytes, expected);
}

static void try_renames(bool with_links)
{
	char *folder = athar_test_mkdir();
	athar_error err = ATHAR_ERROR_INIT;
	ATHAR_AUTO(free) char *a = athar_join(folder, "a", &err);
	ATHAR_AUTO(free) char *b = athar_join(folder, "b", &err);
	ATHAR_AUTO(free) char *d = athar_join(folder, "d", &err);
	ATHAR_AUTO(free) char *e = athar_join(folder, "e", &err);
	ATHAR_AUTO(free) char *inside = athar_join(folder, "e/x", &err);
	ATHAR_AUTO(free) char *below = athar_join(folder, "d/x", &err);

	links = with_links;
	assert_ok(athar_file_save(a, "a", 1, &err), err);
	assert_ok(athar_file_save(b, "b", 1, &err), err);
	assert_status(athar_file_save(a, "c", 1, &err), ATHAR_EREFUSED, err);
	assert_status(athar_rename_new(a, b, &err), ATHAR_EREFUSED, err);
	assert_content(a, "a");
	assert_content(b, "b");
	assert_ok(athar_folder_create(d, &err), err);
	assert_ok(athar_file_save(below, "x", 1, &err), err);
	assert_status(athar_rename_new(d, a, &err), ATHAR_EREFUSED, err);
	assert_ok(athar_rename_new(d, e, &err), err);
	assert_content(inside, "x");
	assert_int_equal(access(d, F_OK), -1);
	assert_status(athar_rename_new(d, b, &err), ATHAR_EIO, err);
	athar_test_rmdir(folder);
}

static void links_take_its_place(void **state)
{
	(void)state;
	try_renames(true);
}

static void an_empty_claim_does_where_links_lack(void **state)
{
	(void)state;
	try_renames(false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(links_take_its_place),
		cmocka_unit_test(an_empty_claim_does_where_links_lack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
