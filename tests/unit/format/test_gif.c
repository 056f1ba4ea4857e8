/* SPDX-License-Identifier: BSD-2-Clause */
#include "fields.h"
#include "format/list.h"

static void a_gif_ends_behind_the_trailer(void **state)
{
	(void)state;
	judge_end(&athar_format_gif, "moving.gif", ATHAR_GRADE_COMPLETE);
	judge_end(&athar_format_gif, "still.gif", ATHAR_GRADE_COMPLETE);
}

static void a_cut_gif_is_partial(void **state)
{
	(void)state;
	judge_cuts(&athar_format_gif, "moving.gif");
	judge_cuts(&athar_format_gif, "still.gif");
}

static void a_foreign_block_does_not_decode(void **state)
{
	(void)state;
	judge_foreign(&athar_format_gif, "moving.gif", 4096, 13, true);
	judge_foreign(&athar_format_gif, "moving.gif", 512, 900, false);
}

static void noise_behind_a_header_is_nothing(void **state)
{
	(void)state;
	judge_noise(&athar_format_gif, "moving.gif", 6);
	judge_noise(&athar_format_gif, "moving.gif", 900);
}

/* One row of four pixels that claims two rows: the structure closes, the pixels do not suffice. */
static void missing_pixels_are_a_flaw(void **state)
{
	static const uint8_t rows[] = {
		'G', 'I',  'F', '8', '9', 'a', 4, 0, 2, 0, 0x80, 0, 0, 0,    0,    0,    1,    1,
		1,   0x2C, 0,   0,   0,   0,   4, 0, 2, 0, 0,    2, 3, 0x84, 0x00, 0x05, 0x00, 0x3B,
	};
	uint8_t one[sizeof rows];

	(void)state;
	/* codes of three bits: clear 4, 0, 0 0 (6) and 0 again, end 5: 100 000 110 000 101 */
	memcpy(one, rows, sizeof one);
	one[sizeof one - 5] = 0x84;
	one[sizeof one - 4] = 0x51;
	one[sizeof one - 3] = 0x00;
	const athar_claim two = judge(&athar_format_gif, one, sizeof one);

	assert_int_equal(two.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(two.length, sizeof one);
	assert_true(two.proven < sizeof one);
	one[26] = 1;
	const athar_claim whole = judge(&athar_format_gif, one, sizeof one);

	assert_int_equal(whole.grade, ATHAR_GRADE_COMPLETE);
}

static void small_images_take_linear_time(void **state)
{
	static const uint8_t image[] = {0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 1, 0x04, 0};
	const sample s = sample_load("still.gif");

	(void)state;
	judge_time(&athar_format_gif, s.bytes, 13, image, sizeof image);
	judge_time(&athar_format_gif, s.bytes, 13, "\x21\xFE\0", 3);
	sample_free(s);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	judge_flips(&athar_format_gif, "moving.gif");
}

static void the_size_is_told(void **state)
{
	(void)state;
	expect_field(&athar_format_gif, "moving.gif", "width", "80");
	expect_field(&athar_format_gif, "moving.gif", "height", "64");
	expect_field(&athar_format_gif, "moving.gif", "count", "3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_gif_ends_behind_the_trailer),
		cmocka_unit_test(a_cut_gif_is_partial),
		cmocka_unit_test(a_foreign_block_does_not_decode),
		cmocka_unit_test(noise_behind_a_header_is_nothing),
		cmocka_unit_test(missing_pixels_are_a_flaw),
		cmocka_unit_test(small_images_take_linear_time),
		cmocka_unit_test(damage_never_reads_past_the_end),
		cmocka_unit_test(the_size_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
