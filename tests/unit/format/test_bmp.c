/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/endian.h"
#include "fields.h"
#include "format/list.h"

static const char *const all[] = {"rgb.bmp", "palette.bmp", "core.bmp", "profile.bmp", "runs.bmp"};

static void a_bmp_ends_where_its_size_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(all); i++)
		judge_end(&athar_format_bmp, all[i], ATHAR_GRADE_COMPLETE);
}

static void a_cut_bmp_is_partial(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(all); i++)
		judge_cuts(&athar_format_bmp, all[i]);
}

/* Runs leave the picture, indices the table; rows of colours have nothing but that they are no
 * noise. */
static void a_foreign_block_shows_in_what_has_rules(void **state)
{
	(void)state;
	/* The table of 1024 bytes may hold anything. */
	judge_foreign(&athar_format_bmp, "runs.bmp", 512, 1078, true);
	judge_foreign(&athar_format_bmp, "palette.bmp", 64, 454, true);
	assert_true(judge_file(&athar_format_bmp, "rgb.bmp").alike);
	assert_false(judge_file(&athar_format_bmp, "runs.bmp").alike);
}

/* 24 bits, 100 by 200: a ramp, over which a cluster of noise is laid. */
static void noise_in_the_rows_shows(void **state)
{
	static uint8_t b[54 + 300 * 200];

	(void)state;
	memset(b, 0, sizeof b);
	memcpy(b, "BM", 2);
	athar_put_le32(b + 2, sizeof b);
	athar_put_le32(b + 10, 54);
	athar_put_le32(b + 14, 40);
	athar_put_le32(b + 18, 100);
	athar_put_le32(b + 22, 200);
	b[26] = 1;
	b[28] = 24;
	for (size_t i = 54; i < sizeof b; i++)
		b[i] = (uint8_t)(i / 150);
	assert_int_equal(judge(&athar_format_bmp, b, sizeof b).grade, ATHAR_GRADE_COMPLETE);
	athar_test_fill(b + 8192, 8192, 3);
	const athar_claim c = judge(&athar_format_bmp, b, sizeof b);

	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.length, sizeof b);
	assert_int_equal(c.proven, 54);
}

/* Of two letters alone nothing follows: no field of the header may be wrong. */
static void a_header_that_contradicts_itself_is_none(void **state)
{
	/* size of the file, reserved, first row, header, width, height, planes, bits, packing */
	static const uint8_t places[] = {2, 3, 6, 10, 14, 18, 22, 26, 28, 30};
	const sample s = sample_load("rgb.bmp");

	(void)state;
	for (size_t i = 0; i < sizeof places; i++) {
		s.bytes[places[i]] += 9;
		if (judge(&athar_format_bmp, s.bytes, s.len).ours)
			fail_msg("byte %d is wrong, and it is taken for a bitmap", places[i]);
		s.bytes[places[i]] -= 9;
	}
	for (uint64_t seed = 1; seed < 2000; seed++) {
		uint8_t noise[512];

		athar_test_fill(noise, sizeof noise, seed);
		memcpy(noise, "BM", 2);
		assert_false(judge(&athar_format_bmp, noise, sizeof noise).ours);
	}
	sample_free(s);
}

/* Some programs leave the size of the file 0; then the size of the rows must be told. */
static void the_size_of_the_rows_stands_in_for_that_of_the_file(void **state)
{
	const sample s = sample_load("rgb.bmp");

	(void)state;
	athar_put_le32(s.bytes + 2, 0);
	athar_put_le32(s.bytes + 34, 0);
	assert_false(judge(&athar_format_bmp, s.bytes, s.len).ours);
	athar_put_le32(s.bytes + 34, (uint32_t)s.len - 54);
	const athar_claim c = judge(&athar_format_bmp, s.bytes, s.len);

	assert_int_equal(c.grade, ATHAR_GRADE_COMPLETE);
	assert_int_equal(c.length, s.len);
	sample_free(s);
}

static void the_size_is_told(void **state)
{
	(void)state;
	expect_field(&athar_format_bmp, "rgb.bmp", "width", "61");
	expect_field(&athar_format_bmp, "palette.bmp", "height", "40");
	expect_field(&athar_format_bmp, "core.bmp", "width", "40");
}

static void empty_runs_take_linear_time(void **state)
{
	const sample s = sample_load("runs.bmp");

	(void)state;
	athar_put_le32(s.bytes + 2, 16u << 20);
	athar_put_le32(s.bytes + 34, (16u << 20) - 1078);
	judge_time(&athar_format_bmp, s.bytes, 1078, "\0\2\0\0", 4);
	sample_free(s);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(all); i++)
		judge_flips(&athar_format_bmp, all[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bmp_ends_where_its_size_says),
		cmocka_unit_test(a_cut_bmp_is_partial),
		cmocka_unit_test(a_foreign_block_shows_in_what_has_rules),
		cmocka_unit_test(noise_in_the_rows_shows),
		cmocka_unit_test(a_header_that_contradicts_itself_is_none),
		cmocka_unit_test(the_size_of_the_rows_stands_in_for_that_of_the_file),
		cmocka_unit_test(the_size_is_told),
		cmocka_unit_test(empty_runs_take_linear_time),
		cmocka_unit_test(damage_never_reads_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
