/* SPDX-License-Identifier: BSD-2-Clause */
#include "athar_test.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/files.h"
#include "base/idiom.h"

static char *folder;

static int make_folder(void **state)
{
	(void)state;
	folder = athar_test_mkdir();
	return 0;
}

static int drop_folder(void **state)
{
	(void)state;
	athar_test_rmdir(folder);
	return 0;
}

static char *in_folder(const char *name)
{
	athar_error err = ATHAR_ERROR_INIT;
	char *path = athar_join(folder, name, &err);

	assert_non_null(path);
	return path;
}

static void assert_content(const char *path, const char *expected)
{
	ATHAR_AUTO(free) uint8_t *bytes = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	size_t len = 0;

	assert_ok(athar_file_load(&bytes, &len, path, 1 << 20, &err), err);
	assert_int_equal(len, strlen(expected));
	assert_string_equal((char *)bytes, expected);
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	return st.st_mode & 07777;
}

static bool exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static void a_new_file_is_private_and_never_an_old_one(void **state)
{
	ATHAR_AUTO(free) char *path = in_folder("new");
	ATHAR_AUTO(free) char *dangling = in_folder("link");
	athar_error err = ATHAR_ERROR_INIT;
	int fd = -1;
	int other = -1;

	(void)state;
	assert_ok(athar_file_create(&fd, path, &err), err);
	assert_ok(athar_file_write(fd, "hello", 5, path, &err), err);
	assert_ok(athar_file_finish(&fd, path, &err), err);
	assert_int_equal(fd, -1);
	assert_int_equal(mode_of(path), 0600);
	assert_content(path, "hello");
	assert_status(athar_file_create(&other, path, &err), ATHAR_EREFUSED, err);
	assert_int_equal(symlink("nowhere", dangling), 0);
	assert_status(athar_file_create(&other, dangling, &err), ATHAR_EREFUSED, err);
	assert_status(athar_file_create(&other, "/no/such/folder/x", &err), ATHAR_EIO, err);
	assert_int_equal(err.os_errno, ENOENT);
	assert_int_equal(other, -1);
}

static void saving_never_overwrites_and_leaves_nothing_behind(void **state)
{
	ATHAR_AUTO(free) char *path = in_folder("saved");
	ATHAR_AUTO(free) char *partial = in_folder("saved.partial");
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	assert_ok(athar_file_save(path, "one", 3, &err), err);
	assert_status(athar_file_save(path, "two", 3, &err), ATHAR_EREFUSED, err);
	assert_content(path, "one");
	assert_false(exists(partial));
}

static void replacing_is_whole_and_survives_an_interrupted_one(void **state)
{
	ATHAR_AUTO(free) char *path = in_folder("case.json");
	ATHAR_AUTO(free) char *partial = in_folder("case.json.partial");
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	assert_ok(athar_file_replace(path, "one", 3, &err), err);
	assert_ok(athar_file_save(partial, "ha", 2, &err), err);
	assert_ok(athar_file_replace(path, "twice", 5, &err), err);
	assert_content(path, "twice");
	assert_false(exists(partial));
	assert_int_equal(mode_of(path), 0600);
}

static void loading_is_bounded(void **state)
{
	ATHAR_AUTO(free) char *path = in_folder("big");
	ATHAR_AUTO(free) char *fifo = in_folder("fifo");
	ATHAR_AUTO(free) uint8_t *written = malloc(100000);
	ATHAR_AUTO(free) uint8_t *bytes = NULL;
	ATHAR_AUTO(free) uint8_t *proc = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	size_t len = 0;

	(void)state;
	athar_test_fill(written, 100000, 1);
	assert_ok(athar_file_save(path, written, 100000, &err), err);
	assert_status(athar_file_load(&bytes, &len, path, 99999, &err), ATHAR_ELIMIT, err);
	assert_null(bytes);
	assert_ok(athar_file_load(&bytes, &len, path, 100000, &err), err);
	assert_int_equal(len, 100000);
	assert_memory_equal(bytes, written, len);
	assert_int_equal(bytes[len], 0);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_status(athar_file_load(&proc, &len, fifo, 10, &err), ATHAR_EREFUSED, err);
	assert_status(athar_file_load(&proc, &len, folder, 10, &err), ATHAR_EREFUSED, err);
	assert_ok(athar_file_load(&proc, &len, "/proc/self/status", 1 << 20, &err), err);
	assert_true(len > 0);
}

static void renaming_never_replaces(void **state)
{
	ATHAR_AUTO(free) char *a = in_folder("a");
	ATHAR_AUTO(free) char *b = in_folder("b");
	ATHAR_AUTO(free) char *d = in_folder("d/");
	ATHAR_AUTO(free) char *e = in_folder("e");
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	assert_ok(athar_file_save(a, "a", 1, &err), err);
	assert_ok(athar_file_save(b, "b", 1, &err), err);
	assert_status(athar_rename_new(a, b, &err), ATHAR_EREFUSED, err);
	assert_content(a, "a");
	assert_content(b, "b");
	assert_ok(athar_folder_create(d, &err), err);
	assert_int_equal(mode_of(d), 0700);
	assert_status(athar_folder_create(d, &err), ATHAR_EREFUSED, err);
	assert_status(athar_rename_new(d, b, &err), ATHAR_EREFUSED, err);
	assert_ok(athar_rename_new(d, e, &err), err);
	assert_true(exists(e));
	assert_status(athar_rename_new(d, e, &err), ATHAR_EIO, err);
}

static void trees_are_removed_and_links_not_followed(void **state)
{
	static const char *const folders[] = {"t", "t/u", "t/u/v"};
	ATHAR_AUTO(free) char *top = in_folder("t");
	ATHAR_AUTO(free) char *kept = in_folder("kept");
	ATHAR_AUTO(free) char *link_path = in_folder("t/u/link");
	ATHAR_AUTO(free) char *file = in_folder("t/u/file");
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(folders); i++) {
		ATHAR_AUTO(free) char *path = in_folder(folders[i]);

		assert_ok(athar_folder_create(path, &err), err);
	}
	assert_ok(athar_folder_create(kept, &err), err);
	assert_ok(athar_file_save(file, "x", 1, &err), err);
	assert_int_equal(symlink(kept, link_path), 0);
	assert_ok(athar_remove_tree(top, &err), err);
	assert_false(exists(top));
	assert_true(exists(kept));
	assert_status(athar_remove_tree(top, &err), ATHAR_EIO, err);
	assert_int_equal(err.os_errno, ENOENT);
}

static void what_is_too_deep_is_not_ours(void **state)
{
	ATHAR_AUTO(free) char *top = in_folder("deep");
	ATHAR_AUTO(free) char *path = in_folder("deep");
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	for (int i = 0; i < 40; i++) {
		ATHAR_AUTO(free) char *below = athar_join(path, "d", &err);
		char *swap = path;

		assert_ok(athar_folder_create(path, &err), err);
		path = below;
		below = swap;
	}
	assert_status(athar_remove_tree(top, &err), ATHAR_ELIMIT, err);
	assert_true(exists(top));
}

static void names_are_joined(void **state)
{
	static const char *const table[][3] = {
		{"a", "b", "a/b"}, {"a/", "b", "a/b"}, {"/", "b", "/b"}, {"", "b", "b"}};
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(table); i++) {
		ATHAR_AUTO(free) char *path = athar_join(table[i][0], table[i][1], &err);

		assert_string_equal(path, table[i][2]);
	}
}

static void a_full_disk_is_said(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	(void)state;
	if (fd < 0)
		skip();
	assert_status(athar_file_write(fd, "x", 1, "/dev/full", &err), ATHAR_EIO, err);
	assert_int_equal(err.os_errno, ENOSPC);
	assert_string_equal(err.text, "cannot write /dev/full: No space left on device");
	close(fd);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, drop_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(a_new_file_is_private_and_never_an_old_one),
		IN_FOLDER(saving_never_overwrites_and_leaves_nothing_behind),
		IN_FOLDER(replacing_is_whole_and_survives_an_interrupted_one),
		IN_FOLDER(loading_is_bounded),
		IN_FOLDER(renaming_never_replaces),
		IN_FOLDER(trees_are_removed_and_links_not_followed),
		IN_FOLDER(what_is_too_deep_is_not_ours),
		cmocka_unit_test(names_are_joined),
		cmocka_unit_test(a_full_disk_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
