/* SPDX-License-Identifier: BSD-2-Clause */
#include "fields.h"
#include "format/list.h"
#include "judge.h"

static const athar_format *const au = &athar_format_au;

static void sound_is_as_long_as_its_header_says(void **state)
{
	const athar_claim c = judge_file(au, "tone.au");

	(void)state;
	judge_end(au, "tone.au", ATHAR_GRADE_COMPLETE);
	assert_int_equal(c.unseen, 2000);
	assert_true(c.alike);
	assert_string_equal(field_of(&c, "duration_ms"), "250");
}

static void cut_sound_is_partial(void **state)
{
	(void)state;
	judge_cuts(au, "tone.au");
}

static void sound_of_unknown_length_is_a_header(void **state)
{
	const sample s = sample_load("tone.au");

	(void)state;
	memset(s.bytes + 8, 0xFF, 4);
	assert_int_equal(judge(au, s.bytes, s.len).grade, ATHAR_GRADE_HEADER);
	sample_free(s);
}

static void noise_behind_a_magic_is_not_ours(void **state)
{
	uint8_t noise[4096];

	(void)state;
	for (uint64_t seed = 1; seed < 500; seed++) {
		athar_test_fill(noise, sizeof noise, seed);
		memcpy(noise, ".snd\0\0", 6);
		assert_false(judge(au, noise, sizeof noise).ours);
	}
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	judge_flips(au, "tone.au");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sound_is_as_long_as_its_header_says),
		cmocka_unit_test(cut_sound_is_partial),
		cmocka_unit_test(sound_of_unknown_length_is_a_header),
		cmocka_unit_test(noise_behind_a_magic_is_not_ours),
		cmocka_unit_test(damage_never_reads_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
