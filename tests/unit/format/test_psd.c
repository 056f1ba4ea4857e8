/* SPDX-License-Identifier: BSD-2-Clause */
#include "fields.h"
#include "format/list.h"

static const char *const all[] = {"packed.psd", "layers.psd", "plain.psb"};

static void a_psd_ends_behind_its_merged_picture(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(all); i++)
		judge_end(&athar_format_psd, all[i], ATHAR_GRADE_COMPLETE);
}

static void a_cut_psd_is_partial(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(all); i++)
		judge_cuts(&athar_format_psd, all[i]);
}

/* 90 rows of two codes each, their lengths before them. */
static void foreign_bytes_in_packed_rows_show(void **state)
{
	const sample s = sample_load("packed.psd");

	(void)state;
	judge_foreign(&athar_format_psd, "packed.psd", 512, s.len - 3700, true);
	assert_false(judge_file(&athar_format_psd, "packed.psd").alike);
	assert_true(judge_file(&athar_format_psd, "layers.psd").alike);
	assert_true(judge_file(&athar_format_psd, "plain.psb").alike);
	sample_free(s);
}

static void noise_behind_a_header_is_nothing(void **state)
{
	(void)state;
	judge_noise(&athar_format_psd, "packed.psd", 6);
	judge_noise(&athar_format_psd, "packed.psd", 26);
	judge_noise(&athar_format_psd, "plain.psb", 30);
}

/* version, reserved, channels, height, width, depth, mode */
static void a_header_that_makes_no_sense_is_none(void **state)
{
	static const uint8_t places[] = {4, 6, 12, 14, 18, 23, 24};
	const sample s = sample_load("packed.psd");

	(void)state;
	for (size_t i = 0; i < sizeof places; i++) {
		s.bytes[places[i]] ^= 0x41;
		assert_false(judge(&athar_format_psd, s.bytes, s.len).ours);
		s.bytes[places[i]] ^= 0x41;
	}
	sample_free(s);
}

static void the_notes_are_told(void **state)
{
	(void)state;
	expect_notes(&athar_format_psd, "packed.psd");
	expect_field(&athar_format_psd, "packed.psd", "width", "40");
	expect_field(&athar_format_psd, "plain.psb", "height", "29");
	assert_string_equal(judge_file(&athar_format_psd, "plain.psb").extension, "psb");
}

/* Resources of no size; rows of no length. */
static void small_pieces_take_linear_time(void **state)
{
	const sample s = sample_load("packed.psd");
	uint8_t head[34] = {0};

	(void)state;
	memcpy(head, s.bytes, 26);
	memcpy(head + 30, "\x7F\0\0\0", 4);
	judge_time(&athar_format_psd, head, 34, "8BIM\3\xED\0\0\0\0\0\0", 12);
	memcpy(head + 12, "\0\x38\0\0\x75\x30\0\0\0\1", 10);
	memset(head + 30, 0, 4);
	judge_time(&athar_format_psd, head, 34, "\0\0\0\0\0\1\0\2", 8);
	sample_free(s);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(all); i++)
		judge_flips(&athar_format_psd, all[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_psd_ends_behind_its_merged_picture),
		cmocka_unit_test(a_cut_psd_is_partial),
		cmocka_unit_test(foreign_bytes_in_packed_rows_show),
		cmocka_unit_test(noise_behind_a_header_is_nothing),
		cmocka_unit_test(a_header_that_makes_no_sense_is_none),
		cmocka_unit_test(the_notes_are_told),
		cmocka_unit_test(small_pieces_take_linear_time),
		cmocka_unit_test(damage_never_reads_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
