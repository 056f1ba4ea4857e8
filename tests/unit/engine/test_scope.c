/* SPDX-License-Identifier: BSD-2-Clause */
#include "athar_test.h"
#include "engine/scope.h"

static bool matches(const char *pattern, const char *path)
{
	return athar_scope_matches(pattern, (const uint8_t *)path, strlen(path));
}

static void patterns_match_files_and_folders(void **state)
{
	(void)state;
	assert_true(matches("DCIM", "DCIM/Camera/1.jpg"));
	assert_true(matches("dcim/camera", "DCIM/Camera/1.jpg"));
	assert_true(matches("DCIM/", "DCIM/Camera/1.jpg"));
	assert_true(matches("DCIM/*/1.jpg", "DCIM/Camera/1.jpg"));
	assert_true(matches("*/*/*.jpg", "DCIM/Camera/1.x.jpg"));
	assert_true(matches("DCIM/Cam?ra", "DCIM/Camera/1.jpg"));
	assert_true(matches("a*b*c", "aXbbYbcZc"));
	assert_false(matches("DCIM", "DCIM2/1.jpg"));
	assert_false(matches("DCIM/*.jpg", "DCIM/Camera/1.jpg"));
	assert_false(matches("Camera", "DCIM/Camera/1.jpg"));
	assert_false(matches("a?b", "a/b"));
	assert_false(matches("DCIM/Camera/1.jpg/x", "DCIM/Camera/1.jpg"));
}

/* Stars and letters that almost match: each star is tried at each place once. */
static void hostile_names_take_no_time(void **state)
{
	static char name[200000];
	char pattern[64] = "";

	(void)state;
	memset(name, 'a', sizeof name - 1);
	for (int i = 0; i < 20; i++)
		strcat(pattern, "*a");
	strcat(pattern, "*b");
	assert_false(matches(pattern, name));
}

static void set(athar_find *f, const char *path, int64_t first, int64_t second)
{
	*f = (athar_find)ATHAR_FIND_INIT;
	f->path = (uint8_t *)(uintptr_t)path;
	f->path_len = path == NULL ? 0 : strlen(path);
	f->times[0].seconds = first;
	f->times[1].seconds = second;
	f->time_count = 2;
}

static void what_lies_outside_is_counted(void **state)
{
	static const char *const path[] = {"/home"}, *const exclude[] = {"home/mail"};
	athar_carve_options o = ATHAR_CARVE_OPTIONS_INIT;
	athar_error err = ATHAR_ERROR_INIT;
	athar_scope s;
	athar_find f;

	(void)state;
	o.methods = ATHAR_CARVE_METADATA;
	o.from = "2026-01-01";
	o.to = "2026-01-31";
	o.path = (athar_carve_names){path, 1};
	o.exclude = (athar_carve_names){exclude, 1};
	assert_ok(athar_scope_make(&s, &o, &err), err);
	set(&f, "home/a.txt", 1767225600, 0); /* date -u -d 2026-01-01 +%s */
	assert_true(athar_scope_holds(&s, &f));
	set(&f, "home/a.txt", 0, 1769903999); /* the last second of January */
	assert_true(athar_scope_holds(&s, &f));
	set(&f, "home/a.txt", 1769904000, 1767225599);
	assert_false(athar_scope_holds(&s, &f));
	set(&f, "home/mail/a.txt", 1767225600, 0);
	assert_false(athar_scope_holds(&s, &f));
	set(&f, "root/a.txt", 1767225600, 0);
	assert_false(athar_scope_holds(&s, &f));
	set(&f, NULL, 1767225600, 0);
	assert_false(athar_scope_holds(&s, &f));
	set(&f, "home/a.txt", 1767225600, 0);
	f.time_count = 0;
	assert_false(athar_scope_holds(&s, &f));
	assert_int_equal(s.left_out, 5);
}

static void without_a_scope_all_is_inside(void **state)
{
	athar_carve_options o = ATHAR_CARVE_OPTIONS_INIT;
	athar_error err = ATHAR_ERROR_INIT;
	athar_scope s;
	athar_find f;

	(void)state;
	assert_ok(athar_scope_make(&s, &o, &err), err);
	assert_false(s.limited);
	set(&f, NULL, 0, 0);
	assert_true(athar_scope_holds(&s, &f));
}

static void a_scope_asks_for_names_and_times(void **state)
{
	athar_carve_options o = ATHAR_CARVE_OPTIONS_INIT;
	athar_error err = ATHAR_ERROR_INIT;
	athar_scope s;

	(void)state;
	o.from = "2026-01-01";
	assert_status(athar_scope_make(&s, &o, &err), ATHAR_EUSAGE, err);
	o.methods = ATHAR_CARVE_METADATA;
	assert_ok(athar_scope_make(&s, &o, &err), err);
	o.to = "2025-12-31";
	assert_status(athar_scope_make(&s, &o, &err), ATHAR_EUSAGE, err);
	o.to = "soon";
	assert_status(athar_scope_make(&s, &o, &err), ATHAR_EUSAGE, err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_match_files_and_folders),
		cmocka_unit_test(hostile_names_take_no_time),
		cmocka_unit_test(what_lies_outside_is_counted),
		cmocka_unit_test(without_a_scope_all_is_inside),
		cmocka_unit_test(a_scope_asks_for_names_and_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
