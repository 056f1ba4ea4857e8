/* SPDX-License-Identifier: BSD-2-Clause */
#include "fields.h"
#include "format/list.h"
#include "judge.h"

static const athar_format *const amr = &athar_format_amr;

static void speech_reaches_as_far_as_its_frames(void **state)
{
	const athar_claim c = judge_file(amr, "speech.amr");

	(void)state;
	judge_end(amr, "speech.amr", ATHAR_GRADE_PARTIAL);
	judge_end(amr, "speech.awb", ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.proven, c.length);
	assert_true(c.open);
	/* Frames of one length lie at the same places in every recording. */
	assert_true(c.alike);
}

static void a_cut_is_proven_to_its_last_frame(void **state)
{
	const sample s = sample_load("speech.amr");
	const athar_claim c = judge(amr, s.bytes, s.len - 1);

	(void)state;
	judge_cuts(amr, "speech.amr");
	judge_cuts(amr, "speech.awb");
	/* 244 bits and the byte before them */
	assert_int_equal(c.proven, s.len - 32);
	assert_false(c.open);
	sample_free(s);
}

static void fields_are_what_was_put_in(void **state)
{
	const athar_claim narrow = judge_file(amr, "speech.amr");
	const athar_claim wide = judge_file(amr, "speech.awb");

	(void)state;
	/* 139 and 75 frames, as ffprobe counts them, of 20 ms */
	assert_string_equal(field_of(&narrow, "duration_ms"), "2780");
	assert_string_equal(field_of(&wide, "duration_ms"), "1500");
	assert_string_equal(narrow.subtype, "amr-nb");
	assert_string_equal(wide.subtype, "amr-wb");
	assert_string_equal(wide.extension, "awb");
}

/* Where fewer than eight frames of a mode come, and none of one that was met: they may be chance.
 */
static void a_new_mode_is_believed_when_it_stays(void **state)
{
	const sample s = sample_load("speech.amr");
	const size_t frame = 13; /* mode 0 */
	uint8_t *both = calloc(1, s.len + 8 * frame + 100);

	(void)state;
	assert_non_null(both);
	/* Up to the pause only the mode of the speech was met. */
	const size_t speech = 6 + 60 * 32;

	memcpy(both, s.bytes, speech);
	for (size_t i = 0; i < 8; i++)
		both[speech + i * frame] = 4;
	assert_int_equal(judge(amr, both, speech + 8 * frame + 100).length, speech + 8 * frame);
	both[speech + 7 * frame] = 0;
	assert_int_equal(judge(amr, both, speech + 8 * frame + 100).length, speech);
	free(both);
	sample_free(s);
}

static void noise_behind_a_header_is_nothing(void **state)
{
	(void)state;
	judge_noise(amr, "speech.amr", 6);
	judge_noise(amr, "speech.amr", 1000);
	assert_false(judge(amr, "#!AMR\n", 6).ours);
	assert_false(judge(amr, "#!AMR is no line of it\n", 23).ours);
}

static void small_frames_take_linear_time(void **state)
{
	(void)state;
	judge_time(amr, "#!AMR\n", 6, "\x7c", 1);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	judge_flips(amr, "speech.amr");
	judge_flips(amr, "speech.awb");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(speech_reaches_as_far_as_its_frames),
		cmocka_unit_test(a_cut_is_proven_to_its_last_frame),
		cmocka_unit_test(fields_are_what_was_put_in),
		cmocka_unit_test(a_new_mode_is_believed_when_it_stays),
		cmocka_unit_test(noise_behind_a_header_is_nothing),
		cmocka_unit_test(small_frames_take_linear_time),
		cmocka_unit_test(damage_never_reads_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
