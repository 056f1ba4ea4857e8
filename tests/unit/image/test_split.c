/* SPDX-License-Identifier: BSD-2-Clause */
#include "image_test.h"

#define SIZE 10000u

static const athar_source_driver *const drivers[] = {&athar_source_raw, &athar_source_split, NULL};
static uint8_t media[SIZE];

/* Parts of 3000 bytes under these names, NULL-terminated; a NULL-less "" leaves one out. */
static char *make_parts(const char *const *names)
{
	char *dir = athar_test_mkdir();

	for (size_t i = 0; names[i] != NULL; i++) {
		const size_t at = i * 3000;

		if (names[i][0] != '\0')
			put_file(dir, names[i], media + at, SIZE - at < 3000 ? SIZE - at : 3000);
	}
	return dir;
}

static void assert_whole(const char *const *names)
{
	char *dir = make_parts(names);
	athar_error err = ATHAR_ERROR_INIT;
	athar_source *s = NULL;

	assert_ok(open_in(&s, dir, names[0], drivers, &err), err);
	assert_string_equal(athar_source_describe(s)->driver, "split");
	assert_int_equal(athar_source_describe(s)->segments, 4);
	assert_media(s, media, SIZE, 1);
	assert_media(s, media, SIZE, 4097);
	assert_media(s, media, SIZE, SIZE);
	assert_non_null(strstr(athar_source_segment(s, 2999), names[0]));
	assert_non_null(strstr(athar_source_segment(s, 3000), names[1]));
	assert_non_null(strstr(athar_source_segment(s, SIZE - 1), names[3]));
	athar_source_close(s);
	athar_test_rmdir(dir);
}

static void assert_refused(const char *const *names, const char *open, athar_status status,
                           const char *word)
{
	char *dir = make_parts(names);
	athar_error err = ATHAR_ERROR_INIT;
	athar_source *s = NULL;

	assert_status(open_in(&s, dir, open, drivers, &err), status, err);
	if (strstr(err.text, word) == NULL)
		fail_msg("no \"%s\" in: %s", word, err.text);
	assert_null(s);
	athar_test_rmdir(dir);
}

static void parts_of_each_naming_are_one_medium(void **state)
{
	(void)state;
	assert_whole((const char *const[]){"d.001", "d.002", "d.003", "d.004", NULL});
	assert_whole((const char *const[]){"d.000", "d.001", "d.002", "d.003", NULL});
	assert_whole((const char *const[]){"d.aa", "d.ab", "d.ac", "d.ad", NULL});
	assert_whole((const char *const[]){"d.dd.aaa", "d.dd.aab", "d.dd.aac", "d.dd.aad", NULL});
	assert_whole((const char *const[]){"d.0001", "d.0002", "d.0003", "d.0004", NULL});
}

static void a_gap_names_the_missing_part(void **state)
{
	(void)state;
	assert_refused((const char *const[]){"d.001", "d.002", "", "d.004", NULL}, "d.001",
	               ATHAR_EFORMAT, "d.003 is missing");
	assert_refused((const char *const[]){"d.aa", "", "d.ac", "d.ad", NULL}, "d.aa",
	               ATHAR_EFORMAT, "d.ab is missing");
	assert_refused((const char *const[]){"", "d.002", "d.003", "d.004", NULL}, "d.003",
	               ATHAR_EUSAGE, "d.002 is there");
}

static void a_later_part_is_not_taken_for_a_disk(void **state)
{
	(void)state;
	assert_refused((const char *const[]){"d.001", "d.002", "d.003", "d.004", NULL}, "d.003",
	               ATHAR_EUSAGE, "name the first");
	assert_refused((const char *const[]){"d.000", "d.001", "d.002", "d.003", NULL}, "d.001",
	               ATHAR_EUSAGE, "name the first");
	assert_refused((const char *const[]){"d.001", "", "d.003", "d.004", NULL}, "d.003",
	               ATHAR_EFORMAT, "missing");
}

static void a_cut_part_in_the_middle_is_an_error(void **state)
{
	char *dir = make_parts((const char *const[]){"d.001", "d.002", "d.003", "d.004", NULL});
	athar_error err = ATHAR_ERROR_INIT;
	athar_source *s = NULL;

	(void)state;
	put_file(dir, "d.002", media, 2999);
	assert_status(open_in(&s, dir, "d.001", drivers, &err), ATHAR_EFORMAT, err);
	assert_non_null(strstr(err.text, "d.002"));
	put_file(dir, "d.002", media, 0);
	assert_status(open_in(&s, dir, "d.001", drivers, &err), ATHAR_EFORMAT, err);
	assert_non_null(strstr(err.text, "d.002"));
	athar_test_rmdir(dir);
}

static void one_part_and_odd_names(void **state)
{
	char *dir = athar_test_mkdir();
	athar_error err = ATHAR_ERROR_INIT;
	athar_source *s = NULL;
	static const struct {
		const char *name, *driver;
	} cases[] = {{"one.001", "split"}, {"disk.005", "raw"}, {"x.ab", "raw"}, {"y.aa", "raw"},
	             {"noext", "raw"},     {"v.1", "raw"},      {"z.0a1", "raw"}};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(cases); i++) {
		put_file(dir, cases[i].name, media, 100);
		assert_ok(open_in(&s, dir, cases[i].name, drivers, &err), err);
		assert_string_equal(athar_source_describe(s)->driver, cases[i].driver);
		assert_int_equal(athar_source_describe(s)->size, 100);
		athar_source_close(s);
		s = NULL;
	}
	athar_test_rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_of_each_naming_are_one_medium),
		cmocka_unit_test(a_gap_names_the_missing_part),
		cmocka_unit_test(a_later_part_is_not_taken_for_a_disk),
		cmocka_unit_test(a_cut_part_in_the_middle_is_an_error),
		cmocka_unit_test(one_part_and_odd_names),
	};

	athar_test_fill(media, sizeof media, 11);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
