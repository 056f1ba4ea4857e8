/* SPDX-License-Identifier: BSD-2-Clause */
#include "fields.h"
#include "format/list.h"
#include "judge.h"

static const athar_format *const aiff = &athar_format_aiff;

static void sound_ends_where_its_size_says(void **state)
{
	const athar_claim plain = judge_file(aiff, "tone.aiff");
	const athar_claim packed = judge_file(aiff, "tone.aifc");

	(void)state;
	judge_end(aiff, "tone.aiff", ATHAR_GRADE_COMPLETE);
	judge_end(aiff, "tone.aifc", ATHAR_GRADE_COMPLETE);
	/* 2000 samples of two bytes, or of one */
	assert_int_equal(plain.unseen, 4000);
	assert_int_equal(packed.unseen, 2000);
	assert_true(plain.alike);
	assert_string_equal(field_of(&plain, "duration_ms"), "250");
	assert_string_equal(field_of(&plain, "title"), "a tone");
	assert_string_equal(field_of(&packed, "duration_ms"), "250");
	assert_string_equal(field_of(&packed, "codec"), "ulaw");
}

static void cut_sound_is_partial(void **state)
{
	(void)state;
	judge_cuts(aiff, "tone.aiff");
	judge_cuts(aiff, "tone.aifc");
}

static void sound_is_as_long_as_it_is_described(void **state)
{
	const sample s = sample_load("tone.aiff");
	uint8_t *described = memmem(s.bytes, s.len, "COMM", 4);

	(void)state;
	assert_non_null(described);
	described[13]++; /* the number of samples */
	const athar_claim c = judge(aiff, s.bytes, s.len);

	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.length, s.len);
	assert_non_null(strstr(c.why, "description"));
	sample_free(s);
}

static void noise_behind_a_header_is_nothing(void **state)
{
	(void)state;
	judge_noise(aiff, "tone.aiff", 12);
	judge_noise(aiff, "tone.aiff", 60);
}

static void small_chunks_take_linear_time(void **state)
{
	(void)state;
	judge_time(aiff, "FORM\x7f\0\0\0AIFF", 12, "junk\0\0\0\0", 8);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	judge_flips(aiff, "tone.aiff");
	judge_flips(aiff, "tone.aifc");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sound_ends_where_its_size_says),
		cmocka_unit_test(cut_sound_is_partial),
		cmocka_unit_test(sound_is_as_long_as_it_is_described),
		cmocka_unit_test(noise_behind_a_header_is_nothing),
		cmocka_unit_test(small_chunks_take_linear_time),
		cmocka_unit_test(damage_never_reads_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
