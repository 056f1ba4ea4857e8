/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/list.h"
#include "judge.h"

static const char *const samples[] = {"small-pages.sqlite", "vacuum.sqlite", "wal.sqlite"};

static void a_database_ends_with_its_last_page(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(samples); i++)
		judge_end(&athar_format_sqlite, samples[i], ATHAR_GRADE_COMPLETE);
}

/* Versions before 3.7.0 kept no count: the highest page that has a place is the last. */
static void without_a_count_the_trees_tell_the_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(samples); i++) {
		const sample s = sample_load(samples[i]);
		uint8_t *more = malloc(s.len + 8192);

		assert_non_null(more);
		athar_test_fill(more + s.len, 8192, 5);
		memcpy(more, s.bytes, s.len);
		more[92] ^= 1;
		const athar_claim c = judge(&athar_format_sqlite, more, s.len + 8192);

		assert_int_equal(c.grade, ATHAR_GRADE_COMPLETE);
		assert_int_equal(c.length, s.len);
		free(more);
		sample_free(s);
	}
}

static void a_cut_database_is_partial(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(samples); i++)
		judge_cuts(&athar_format_sqlite, samples[i]);
}

/* Overflow and free pages may hold anything; in trees a foreign page shows. */
static void a_foreign_page_in_a_tree_shows(void **state)
{
	(void)state;
	assert_true(judge_foreign(&athar_format_sqlite, "wal.sqlite", 4096, 2048, false) < 5);
	assert_true(judge_foreign(&athar_format_sqlite, "vacuum.sqlite", 1024, 1024, false) < 12);
	judge_foreign(&athar_format_sqlite, "small-pages.sqlite", 4096, 512, true);
}

static void a_page_of_zeros_shows(void **state)
{
	const sample s = sample_load("vacuum.sqlite");

	(void)state;
	memset(s.bytes + 2048, 0, 1024);
	const athar_claim c = judge(&athar_format_sqlite, s.bytes, s.len);

	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.length, s.len);
	sample_free(s);
}

static void noise_behind_a_header_is_nothing(void **state)
{
	(void)state;
	judge_noise(&athar_format_sqlite, "wal.sqlite", 16);
	judge_noise(&athar_format_sqlite, "wal.sqlite", 100);
	judge_noise(&athar_format_sqlite, "wal.sqlite", 2048);
}

/* Interior pages full of cells that all point to the same pages, again and again. */
static void crossing_trees_take_linear_time(void **state)
{
	const sample s = sample_load("wal.sqlite");
	uint8_t page[2048] = {5};

	(void)state;
	s.bytes[92] ^= 1;
	judge_time(&athar_format_sqlite, s.bytes, s.len, page, sizeof page);
	for (size_t i = 0; i < sizeof page / 4; i++)
		page[4 * i + 3] = (uint8_t)(i % 40);
	judge_time(&athar_format_sqlite, s.bytes, 4096, page, sizeof page);
	sample_free(s);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(samples); i++)
		judge_flips(&athar_format_sqlite, samples[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_database_ends_with_its_last_page),
		cmocka_unit_test(without_a_count_the_trees_tell_the_end),
		cmocka_unit_test(a_cut_database_is_partial),
		cmocka_unit_test(a_foreign_page_in_a_tree_shows),
		cmocka_unit_test(a_page_of_zeros_shows),
		cmocka_unit_test(noise_behind_a_header_is_nothing),
		cmocka_unit_test(crossing_trees_take_linear_time),
		cmocka_unit_test(damage_never_reads_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
