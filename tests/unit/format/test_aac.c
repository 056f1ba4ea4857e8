/* SPDX-License-Identifier: BSD-2-Clause */
#include "fields.h"
#include "format/list.h"
#include "judge.h"

static const athar_format *const aac = &athar_format_aac;

static void a_sound_reaches_as_far_as_its_frames(void **state)
{
	const sample s = sample_load("tone.aac");
	const athar_claim c = judge(aac, s.bytes, s.len);
	uint8_t *more = calloc(1, s.len + 5000);

	(void)state;
	assert_non_null(more);
	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.length, s.len);
	assert_int_equal(c.proven, s.len);
	assert_true(c.open);
	assert_in_range(c.unseen, 1, 500);
	/* 17 frames of 1024 samples, as ffprobe counts them */
	assert_string_equal(field_of(&c, "duration_ms"), "1088");
	memcpy(more, s.bytes, s.len);
	for (uint64_t seed = 0; seed < 50; seed++) {
		if (seed != 0)
			athar_test_fill(more + s.len, 5000, seed);
		assert_int_equal(judge(aac, more, s.len + 5000).length, s.len);
	}
	free(more);
	sample_free(s);
}

static void a_cut_sound_is_proven_to_its_last_frame(void **state)
{
	const sample s = sample_load("tone.aac");
	const athar_claim c = judge(aac, s.bytes, s.len - 1);

	(void)state;
	judge_cuts(aac, "tone.aac");
	assert_int_equal(c.length, s.len - 1);
	assert_int_equal(c.proven, s.len - 1 - (judge(aac, s.bytes, s.len).unseen + 7 - 1));
	assert_false(c.open);
	sample_free(s);
}

/* A frame of another rate is of another sound. */
static void frames_of_another_kind_do_not_follow(void **state)
{
	const sample s = sample_load("tone.aac");
	const size_t last = (size_t)judge(aac, s.bytes, s.len).unseen + 7;

	(void)state;
	s.bytes[s.len - last + 2] ^= 4;
	assert_int_equal(judge(aac, s.bytes, s.len).length, s.len - last);
	sample_free(s);
}

static void a_foreign_block_breaks_the_chain(void **state)
{
	(void)state;
	judge_foreign(aac, "tone.aac", 512, 8, true);
}

static void few_frames_are_not_ours(void **state)
{
	const sample s = sample_load("tone.aac");
	uint8_t noise[20000];

	(void)state;
	assert_false(judge(aac, s.bytes, 1000).ours);
	for (uint64_t seed = 1; seed < 300; seed++) {
		athar_test_fill(noise, sizeof noise, seed);
		memcpy(noise, s.bytes, 7);
		assert_false(judge(aac, noise, sizeof noise).ours);
	}
	sample_free(s);
}

static void small_frames_take_linear_time(void **state)
{
	static const uint8_t frame[] = {0xFF, 0xF1, 0x60, 0x40, 0x01, 0x1F, 0xFC, 0x21};

	(void)state;
	judge_time(aac, frame, sizeof frame, frame, sizeof frame);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	judge_flips(aac, "tone.aac");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sound_reaches_as_far_as_its_frames),
		cmocka_unit_test(a_cut_sound_is_proven_to_its_last_frame),
		cmocka_unit_test(frames_of_another_kind_do_not_follow),
		cmocka_unit_test(a_foreign_block_breaks_the_chain),
		cmocka_unit_test(few_frames_are_not_ours),
		cmocka_unit_test(small_frames_take_linear_time),
		cmocka_unit_test(damage_never_reads_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
