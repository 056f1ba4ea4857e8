/* SPDX-License-Identifier: BSD-2-Clause */
#include "fields.h"
#include "format/list.h"
#include "judge.h"

static const athar_format *const flac = &athar_format_flac;

static void a_file_ends_with_its_last_sample(void **state)
{
	(void)state;
	judge_end(flac, "tone.flac", ATHAR_GRADE_INTACT);
	judge_end(flac, "stereo.flac", ATHAR_GRADE_INTACT);
	/* What nothing checks is no longer intact. */
	judge_end(flac, "cover.flac", ATHAR_GRADE_COMPLETE);
}

static void a_file_without_a_total_is_partial_and_open(void **state)
{
	const athar_claim c = judge_file(flac, "endless.flac");

	(void)state;
	judge_end(flac, "endless.flac", ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.proven, c.length);
	assert_true(c.open);
}

static void a_cut_file_is_partial(void **state)
{
	(void)state;
	judge_cuts(flac, "tone.flac");
	judge_cuts(flac, "stereo.flac");
	judge_cuts(flac, "endless.flac");
}

static void a_foreign_block_breaks_a_crc(void **state)
{
	const sample s = sample_load("tone.flac");
	const uint8_t *frame = memmem(s.bytes, s.len, "\xff\xf8", 2);

	(void)state;
	assert_non_null(frame);
	const size_t first = (size_t)(frame - s.bytes);

	judge_foreign(flac, "tone.flac", 4096, first, true);
	judge_foreign(flac, "tone.flac", 512, first, true);
	judge_foreign(flac, "tone.flac", 8, first, true);
	judge_foreign(flac, "tone.flac", 512, 46, false);
	judge_foreign(flac, "stereo.flac", 1, first, true);
	sample_free(s);
}

static void noise_behind_a_header_is_nothing(void **state)
{
	(void)state;
	judge_noise(flac, "tone.flac", 5);
	judge_noise(flac, "tone.flac", 42);
	judge_noise(flac, "endless.flac", 1500);
}

static void fields_are_what_was_put_in(void **state)
{
	const athar_claim c = judge_file(flac, "tone.flac");

	(void)state;
	assert_string_equal(field_of(&c, "duration_ms"), "500");
	assert_string_equal(field_of(&c, "title"), "T\xc3\xb6ne");
	assert_string_equal(field_of(&c, "author"), "make.py");
	assert_string_equal(field_of(&c, "date"), "2024");
}

/* One sample more than there are, and one fewer. The total ends at byte 25. */
static void a_wrong_total_is_partial(void **state)
{
	const sample s = sample_load("tone.flac");

	(void)state;
	for (int by = -1; by <= 1; by += 2) {
		const uint8_t was = s.bytes[25];

		s.bytes[25] = (uint8_t)(was + by);
		const athar_claim c = judge(flac, s.bytes, s.len);

		assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
		assert_true(c.proven <= s.len);
		s.bytes[25] = was;
	}
	sample_free(s);
}

/* Each CRC holds, the numbers do not. */
static void a_missing_frame_is_partial(void **state)
{
	const sample s = sample_load("tone.flac");
	uint8_t *second = memmem(s.bytes, s.len, "\xff\xf8\x24\x08\x01", 5);
	const uint8_t *third = memmem(s.bytes, s.len, "\xff\xf8\x24\x08\x02", 5);

	(void)state;
	assert_non_null(second);
	assert_non_null(third);
	const size_t keep = (size_t)(second - s.bytes), len = (size_t)(third - second);

	memmove(second, third, s.len - keep - len);
	const athar_claim c = judge(flac, s.bytes, s.len - len);

	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.proven, keep);
	sample_free(s);
}

static void hostile_frames_take_linear_time(void **state)
{
	const sample s = sample_load("tone.flac");
	const uint8_t *frame = memmem(s.bytes, s.len, "\xff\xf8\x24\x08\x01", 5);

	(void)state;
	assert_non_null(frame);
	const size_t head = (size_t)(frame - s.bytes);

	judge_time(flac, s.bytes, head, "\xff\xf8\x24\x08", 4);
	judge_time(flac, s.bytes, head + 10, "\0", 1);
	judge_time(flac, s.bytes, 42, "\1\0\0\0", 4);
	judge_time(flac, s.bytes, 42, "\4\0\0\x08\0\0\0\0\0\0\0\0", 12);
	sample_free(s);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	judge_flips(flac, "tone.flac");
	judge_flips(flac, "cover.flac");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_ends_with_its_last_sample),
		cmocka_unit_test(a_file_without_a_total_is_partial_and_open),
		cmocka_unit_test(a_cut_file_is_partial),
		cmocka_unit_test(a_foreign_block_breaks_a_crc),
		cmocka_unit_test(noise_behind_a_header_is_nothing),
		cmocka_unit_test(fields_are_what_was_put_in),
		cmocka_unit_test(a_wrong_total_is_partial),
		cmocka_unit_test(a_missing_frame_is_partial),
		cmocka_unit_test(hostile_frames_take_linear_time),
		cmocka_unit_test(damage_never_reads_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
