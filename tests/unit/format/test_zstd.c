/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/list.h"
#include "judge.h"

static void a_zstd_ends_with_its_checksum(void **state)
{
	const sample s = sample_load("frames.zst");

	(void)state;
	judge_end(&athar_format_zstd, "sum.zst", ATHAR_GRADE_INTACT);
	judge_end(&athar_format_zstd, "no-sum.zst", ATHAR_GRADE_COMPLETE);
	assert_int_equal(judge_file(&athar_format_zstd, "frames.zst").length, s.len);
	assert_int_equal(judge_file(&athar_format_zstd, "no-sum.zst").unseen, 5120);
	sample_free(s);
}

/* Nobody checks a frame that is to be skipped. */
static void frames_that_follow_at_once_belong_to_it(void **state)
{
	const sample s = sample_load("frames.zst");
	size_t skipped = 0;

	(void)state;
	while (memcmp(s.bytes + skipped, "\x5a\x2a\x4d\x18\5\0\0\0skip!", 13) != 0)
		skipped++;
	const athar_claim first = judge(&athar_format_zstd, s.bytes, skipped);
	const athar_claim two = judge(&athar_format_zstd, s.bytes, skipped + 13);
	const athar_claim cut = judge(&athar_format_zstd, s.bytes, skipped + 12);

	assert_int_equal(first.grade, ATHAR_GRADE_INTACT);
	assert_int_equal(first.length, skipped);
	assert_int_equal(two.grade, ATHAR_GRADE_COMPLETE);
	assert_int_equal(two.unseen, 13);
	assert_int_equal(cut.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(cut.proven, skipped);
	sample_free(s);
}

static void a_cut_zstd_is_partial(void **state)
{
	(void)state;
	judge_cuts(&athar_format_zstd, "sum.zst");
	judge_cuts(&athar_format_zstd, "no-sum.zst");
}

static void a_foreign_block_breaks_the_checksum(void **state)
{
	(void)state;
	judge_foreign(&athar_format_zstd, "sum.zst", 512, 16, true);
	judge_foreign(&athar_format_zstd, "sum.zst", 1, 16, true);
	judge_foreign(&athar_format_zstd, "no-sum.zst", 512, 16, false);
}

/* The blocks lead on, so that all of it is measured. */
static void damage_in_a_frame_is_told(void **state)
{
	const sample s = sample_load("sum.zst");

	(void)state;
	s.bytes[s.len - 1] ^= 1;
	const athar_claim c = judge(&athar_format_zstd, s.bytes, s.len);

	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.length, s.len);
	assert_string_equal(c.why, "the frame at 0 is damaged");
	sample_free(s);
}

static void noise_behind_a_header_is_nothing(void **state)
{
	(void)state;
	judge_noise(&athar_format_zstd, "sum.zst", 4);
	judge_noise(&athar_format_zstd, "sum.zst", 9);
	judge_noise(&athar_format_zstd, "sum.zst", 2000);
	assert_false(judge(&athar_format_zstd, "\x28\xB5\x2F\xFD\x08\0\0\0\0\0", 10).ours);
	assert_false(judge(&athar_format_zstd, "\x28\xB5\x2F\xFD\x04\x58\x07\0\0\0", 10).ours);
}

/* What was packed with a dictionary is followed, not unpacked; an empty block is the last. */
static void a_dictionary_is_not_there(void **state)
{
	static const uint8_t file[] = {0x28, 0xB5, 0x2F, 0xFD, 0x21, 7, 0, 1, 0, 0};
	const athar_claim c = judge(&athar_format_zstd, file, sizeof file);

	(void)state;
	assert_int_equal(c.grade, ATHAR_GRADE_COMPLETE);
	assert_int_equal(c.length, sizeof file);
	assert_int_equal(c.unseen, sizeof file);
}

static void frames_take_linear_time(void **state)
{
	/* A frame of one run of 128 KiB; and blocks that are empty. */
	static const uint8_t run[] = {0x28, 0xB5, 0x2F, 0xFD, 0, 0x58, 3, 0, 0x10, 'a'};
	const sample s = sample_load("frames.zst");

	(void)state;
	judge_time(&athar_format_zstd, run, sizeof run, run, sizeof run);
	judge_time(&athar_format_zstd, run, 6, "\0\0\0", 3);
	judge_time(&athar_format_zstd, s.bytes, s.len, "\x5a\x2a\x4d\x18\0\0\0\0", 8);
	sample_free(s);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	judge_flips(&athar_format_zstd, "sum.zst");
	judge_flips(&athar_format_zstd, "frames.zst");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_zstd_ends_with_its_checksum),
		cmocka_unit_test(frames_that_follow_at_once_belong_to_it),
		cmocka_unit_test(a_cut_zstd_is_partial),
		cmocka_unit_test(a_foreign_block_breaks_the_checksum),
		cmocka_unit_test(damage_in_a_frame_is_told),
		cmocka_unit_test(noise_behind_a_header_is_nothing),
		cmocka_unit_test(a_dictionary_is_not_there),
		cmocka_unit_test(frames_take_linear_time),
		cmocka_unit_test(damage_never_reads_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
