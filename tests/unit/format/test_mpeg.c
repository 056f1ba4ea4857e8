/* SPDX-License-Identifier: BSD-2-Clause */
#include "fields.h"
#include "format/list.h"
#include "judge.h"

/* FFmpeg's packs in second.mpg have 2048 bytes each. */
#define SECTOR 2048u

static void a_stream_ends_behind_the_end_code(void **state)
{
	(void)state;
	judge_end(&athar_format_mpeg, "first.mpg", ATHAR_GRADE_COMPLETE);
	judge_end(&athar_format_mpeg, "second.mpg", ATHAR_GRADE_COMPLETE);
}

/* Without an end code the packets still show where they end, but not that none is lacking. */
static void a_stream_without_end_code_is_partial(void **state)
{
	const athar_claim c = judge_file(&athar_format_mpeg, "open.mpg");

	(void)state;
	judge_end(&athar_format_mpeg, "open.mpg", ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.proven, c.length);
}

static void a_cut_stream_is_partial(void **state)
{
	(void)state;
	judge_cuts(&athar_format_mpeg, "first.mpg");
	judge_cuts(&athar_format_mpeg, "second.mpg");
}

static void a_foreign_block_breaks_the_chain(void **state)
{
	(void)state;
	judge_foreign(&athar_format_mpeg, "first.mpg", 4096, SECTOR, true);
	judge_foreign(&athar_format_mpeg, "second.mpg", 4096, SECTOR, true);
	judge_foreign(&athar_format_mpeg, "second.mpg", SECTOR, SECTOR, true);
}

/* A pack of a film over one of another: the packets chain, the clock does not. */
static void packs_of_another_time_are_a_flaw(void **state)
{
	const sample s = sample_load("second.mpg");

	(void)state;
	s.bytes[SECTOR + 5] = 0x40; /* bits 27 to 20 of the clock: 745 s */
	const athar_claim c = judge(&athar_format_mpeg, s.bytes, s.len);

	assert_true(c.ours);
	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.length, s.len);
	assert_int_equal(c.proven, SECTOR);
	sample_free(s);
}

/* Else each pack of a film would be found as a film. */
static void a_stream_begins_with_its_clock_and_a_system_header(void **state)
{
	const sample s = sample_load("second.mpg");

	(void)state;
	assert_true(judge(&athar_format_mpeg, s.bytes, s.len).ours);
	assert_false(judge(&athar_format_mpeg, s.bytes + SECTOR, s.len - SECTOR).ours);
	s.bytes[5] = 0x40;
	assert_false(judge(&athar_format_mpeg, s.bytes, s.len).ours);
	sample_free(s);
}

static void noise_behind_a_header_is_nothing(void **state)
{
	(void)state;
	judge_noise(&athar_format_mpeg, "first.mpg", 30);
	judge_noise(&athar_format_mpeg, "second.mpg", 30);
	judge_noise(&athar_format_mpeg, "second.mpg", 3000);
}

static void small_packets_take_linear_time(void **state)
{
	static const uint8_t packet[] = {0, 0, 1, 0xE0, 0, 1, 0x0F};
	const sample s = sample_load("first.mpg");

	(void)state;
	judge_time(&athar_format_mpeg, s.bytes, SECTOR, packet, sizeof packet);
	judge_time(&athar_format_mpeg, s.bytes, SECTOR, s.bytes, 12);
	sample_free(s);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	judge_flips(&athar_format_mpeg, "first.mpg");
	judge_flips(&athar_format_mpeg, "second.mpg");
}

static void a_film_says_its_size(void **state)
{
	const athar_claim first = judge_file(&athar_format_mpeg, "first.mpg");
	const athar_claim second = judge_file(&athar_format_mpeg, "second.mpg");

	(void)state;
	assert_string_equal(field_of(&first, "width"), "64");
	assert_string_equal(field_of(&first, "height"), "48");
	assert_string_equal(field_of(&second, "width"), "64");
	assert_string_equal(field_of(&second, "height"), "48");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stream_ends_behind_the_end_code),
		cmocka_unit_test(a_stream_without_end_code_is_partial),
		cmocka_unit_test(a_cut_stream_is_partial),
		cmocka_unit_test(a_foreign_block_breaks_the_chain),
		cmocka_unit_test(packs_of_another_time_are_a_flaw),
		cmocka_unit_test(a_stream_begins_with_its_clock_and_a_system_header),
		cmocka_unit_test(noise_behind_a_header_is_nothing),
		cmocka_unit_test(small_packets_take_linear_time),
		cmocka_unit_test(damage_never_reads_past_the_end),
		cmocka_unit_test(a_film_says_its_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
