/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/list.h"
#include "judge.h"

static void a_png_ends_behind_iend(void **state)
{
	(void)state;
	judge_end(&athar_format_png, "rgb.png", ATHAR_GRADE_INTACT);
	judge_end(&athar_format_png, "palette.png", ATHAR_GRADE_INTACT);
}

static void a_cut_png_is_partial(void **state)
{
	(void)state;
	judge_cuts(&athar_format_png, "rgb.png");
	judge_cuts(&athar_format_png, "palette.png");
}

static void a_foreign_block_breaks_a_crc(void **state)
{
	(void)state;
	judge_foreign(&athar_format_png, "rgb.png", 4096, 33, true);
	judge_foreign(&athar_format_png, "rgb.png", 1, 33, true);
}

static void a_header_alone_is_no_more_than_that(void **state)
{
	const sample s = sample_load("rgb.png");

	(void)state;
	judge_noise(&athar_format_png, "rgb.png", 8);
	judge_noise(&athar_format_png, "rgb.png", 33);
	const athar_claim c = judge(&athar_format_png, s.bytes, 33);

	assert_true(c.ours);
	assert_int_equal(c.grade, ATHAR_GRADE_HEADER);
	assert_int_equal(c.length, 33);
	assert_false(judge(&athar_format_png, s.bytes, 32).ours);
	sample_free(s);
}

/* Chunks of no bytes are the most work a byte of file can make. */
static void empty_chunks_take_linear_time(void **state)
{
	static const uint8_t empty[] = {0, 0, 0, 0, 't', 'E', 'X', 't', 0x96, 0x42, 0xC5, 0x85};
	const sample s = sample_load("rgb.png");

	(void)state;
	judge_time(&athar_format_png, s.bytes, 33, empty, sizeof empty);
	sample_free(s);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	judge_flips(&athar_format_png, "palette.png");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_png_ends_behind_iend),
		cmocka_unit_test(a_cut_png_is_partial),
		cmocka_unit_test(a_foreign_block_breaks_a_crc),
		cmocka_unit_test(a_header_alone_is_no_more_than_that),
		cmocka_unit_test(empty_chunks_take_linear_time),
		cmocka_unit_test(damage_never_reads_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
