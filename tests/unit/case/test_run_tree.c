/* SPDX-License-Identifier: BSD-2-Clause */
/* Names from the evidence as names of links. */
#include <sys/stat.h>
#include <unistd.h>

#include "athar_test.h"
#include "case/run_tree.h"

static void named(const char *name, size_t len, const char *expected)
{
	athar_error err = ATHAR_ERROR_INIT;
	char *out = NULL;

	assert_ok(athar_run_tree_name(&out, (const uint8_t *)name, len, &err), err);
	assert_string_equal(out, expected);
	free(out);
}

#define NAMED(name, expected) named(name, sizeof(name) - 1, expected)

static void names_are_escaped(void **state)
{
	(void)state;
	NAMED("report.pdf", "report.pdf");
	NAMED("\xd8\xa3\xd8\xab\xd8\xb1.txt", "\xd8\xa3\xd8\xab\xd8\xb1.txt");
	NAMED("..", "%2E%2E");
	NAMED(".", "%2E");
	NAMED("...", "..%2E");
	NAMED("a b ", "a b%20");
	NAMED("a\nb", "a%0Ab");
	NAMED("50%", "50%25");
	NAMED("c:\\x", "c%3A%5Cx");
	NAMED("\xff\xfe", "%FF%FE");
	NAMED("a\xe2\x80\xae"
	      "b",
	      "a%E2%80%AEb"); /* turns the reading direction */
	NAMED("", "%00");
	NAMED("a\0b", "a%00b");
}

static void long_names_are_cut_between_characters(void **state)
{
	char name[2000], *out = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof name; i += 2)
		memcpy(name + i, "\xd8\xa3", 2);
	assert_ok(athar_run_tree_name(&out, (const uint8_t *)name, sizeof name, &err), err);
	assert_true(strlen(out) <= 190);
	assert_int_equal(strlen(out) % 2, 0);
	free(out);
	memset(name, 0xFF, sizeof name);
	assert_ok(athar_run_tree_name(&out, (const uint8_t *)name, sizeof name, &err), err);
	assert_true(strlen(out) <= 190);
	free(out);
}

static void add(char *folder, const char *path, uint64_t number)
{
	const athar_case c = {.folder = folder};
	athar_error err = ATHAR_ERROR_INIT;
	athar_item item = ATHAR_ITEM_INIT;

	item.number = number;
	item.volume = 0;
	item.path = (uint8_t *)(uintptr_t)path;
	item.path_len = strlen(path);
	(void)snprintf(item.file, sizeof item.file, "recovered/000/%06u.txt", (unsigned)number);
	assert_ok(athar_run_tree_add(&c, folder, &item, &err), err);
}

static void leads_to(const char *folder, const char *link, const char *file)
{
	char path[5000], target[5000];
	struct stat st, wanted;

	(void)snprintf(path, sizeof path, "%s/tree/volume-0/%s", folder, link);
	(void)snprintf(target, sizeof target, "%s/%s", folder, file);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(stat(target, &wanted), 0);
	assert_int_equal(st.st_ino, wanted.st_ino);
}

static void make_file(const char *folder, const char *name)
{
	char path[5000];
	FILE *f;

	(void)snprintf(path, sizeof path, "%s/%s", folder, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fclose(f), 0);
}

static void links_lead_to_the_files(void **state)
{
	char *folder = athar_test_mkdir(), path[5000];

	(void)state;
	(void)snprintf(path, sizeof path, "%s/recovered", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	(void)snprintf(path, sizeof path, "%s/recovered/000", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	for (unsigned i = 1; i <= 6; i++) {
		(void)snprintf(path, sizeof path, "recovered/000/%06u.txt", i);
		make_file(folder, path);
	}
	add(folder, "a/b/one.txt", 1);
	add(folder, "a/b/one.txt", 2); /* the same name again */
	add(folder, "a/b", 3);         /* a file where a folder is */
	add(folder, "x", 4);           /* and a folder where a file is */
	add(folder, "x/y", 5);
	add(folder, "../../../../escape", 6);
	leads_to(folder, "a/b/one.txt", "recovered/000/000001.txt");
	leads_to(folder, "a/b/one~2.txt", "recovered/000/000002.txt");
	leads_to(folder, "a/b~3", "recovered/000/000003.txt");
	leads_to(folder, "x", "recovered/000/000004.txt");
	leads_to(folder, "x~/y", "recovered/000/000005.txt");
	leads_to(folder, "%2E%2E/%2E%2E/%2E%2E/%2E%2E/escape", "recovered/000/000006.txt");
	athar_test_rmdir(folder);
}

static void the_last_change_is_the_time(void **state)
{
	char *folder = athar_test_mkdir(), path[5000];
	athar_error err = ATHAR_ERROR_INIT;
	athar_item item = ATHAR_ITEM_INIT;
	struct stat st;

	(void)state;
	make_file(folder, "f");
	(void)snprintf(path, sizeof path, "%s/f", folder);
	assert_ok(athar_run_set_time(path, &item, &err), err); /* none: stays as it is */
	item.time_count = 2;
	strcpy(item.times[0].meaning, "created");
	item.times[0].seconds = 1;
	strcpy(item.times[1].meaning, "modified");
	item.times[1].seconds = 1600000000;
	item.times[1].nanoseconds = 5;
	assert_ok(athar_run_set_time(path, &item, &err), err);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mtim.tv_sec, 1600000000);
	athar_test_rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_escaped),
		cmocka_unit_test(long_names_are_cut_between_characters),
		cmocka_unit_test(links_lead_to_the_files),
		cmocka_unit_test(the_last_change_is_the_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
