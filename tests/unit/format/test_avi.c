/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/endian.h"
#include "fields.h"
#include "format/list.h"
#include "judge.h"

static void an_avi_ends_behind_its_last_segment(void **state)
{
	(void)state;
	judge_end(&athar_format_avi, "film.avi", ATHAR_GRADE_COMPLETE);
	judge_end(&athar_format_avi, "absolute.avi", ATHAR_GRADE_COMPLETE);
	judge_end(&athar_format_avi, "segments.avi", ATHAR_GRADE_COMPLETE);
}

static void a_cut_avi_is_partial(void **state)
{
	(void)state;
	judge_cuts(&athar_format_avi, "film.avi");
	judge_cuts(&athar_format_avi, "segments.avi");
}

/* The cut that leaves a whole RIFF: only the index of indexes knows of the rest. */
static void a_first_segment_alone_is_partial(void **state)
{
	const sample s = sample_load("segments.avi");
	const size_t first = athar_le32(s.bytes + 4) + 8;
	const athar_claim c = judge(&athar_format_avi, s.bytes, first);

	(void)state;
	assert_true(first < s.len);
	assert_memory_equal(s.bytes + first + 8, "AVIX", 4);
	assert_true(c.ours);
	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.length, first);
	sample_free(s);
}

static void a_foreign_block_breaks_the_chain_or_the_index(void **state)
{
	const sample s = sample_load("film.avi");
	const uint8_t *movi = memmem(s.bytes, s.len, "movi", 4);

	(void)state;
	assert_non_null(movi);
	judge_foreign(&athar_format_avi, "film.avi", 4096, (size_t)(movi - s.bytes), true);
	judge_foreign(&athar_format_avi, "absolute.avi", 4096, (size_t)(movi - s.bytes), true);
	judge_foreign(&athar_format_avi, "film.avi", 512, (size_t)(movi - s.bytes), false);
	sample_free(s);
}

/* Every byte of the index but its flags must be what the chunks say. */
static void the_index_must_agree(void **state)
{
	const sample s = sample_load("film.avi");
	uint8_t *idx1 = memmem(s.bytes, s.len, "idx1", 4);

	(void)state;
	assert_non_null(idx1);
	for (uint8_t *b = idx1 + 8; b < s.bytes + s.len; b++) {
		const bool flags = (b - idx1 - 8) % 16 / 4 == 1;

		*b ^= 0x21;
		const athar_claim c = judge(&athar_format_avi, s.bytes, s.len);

		assert_int_equal(c.grade, flags ? ATHAR_GRADE_COMPLETE : ATHAR_GRADE_PARTIAL);
		assert_int_equal(c.length, s.len);
		*b ^= 0x21;
	}
	sample_free(s);
}

/* The last entry becomes another chunk's: listed too many and too few. */
static void an_index_of_other_chunks_is_a_flaw(void **state)
{
	const sample s = sample_load("film.avi");
	uint8_t *idx1 = memmem(s.bytes, s.len, "idx1", 4);
	const uint32_t size = athar_le32(idx1 + 4);

	(void)state;
	memcpy(idx1, "JUNK", 4); /* announced and not there */
	assert_int_equal(judge(&athar_format_avi, s.bytes, s.len).grade, ATHAR_GRADE_PARTIAL);
	memcpy(idx1, "idx1", 4);
	athar_put_le32(idx1 + 4, size - 24); /* one entry fewer, and a chunk in its place */
	memcpy(idx1 + 8 + size - 24, "JUNK\x10\0\0\0", 8);
	assert_int_equal(judge(&athar_format_avi, s.bytes, s.len).grade, ATHAR_GRADE_PARTIAL);
	sample_free(s);
}

static void noise_behind_a_header_is_nothing(void **state)
{
	(void)state;
	judge_noise(&athar_format_avi, "film.avi", 24);
	judge_noise(&athar_format_avi, "film.avi", 9000);
}

static void small_chunks_take_linear_time(void **state)
{
	const sample s = sample_load("film.avi");
	const size_t movi = (size_t)((uint8_t *)memmem(s.bytes, s.len, "movi", 4) - s.bytes);

	(void)state;
	athar_put_le32(s.bytes + 4, 0x7FFFFFFF);
	judge_time(&athar_format_avi, s.bytes, movi - 8, "LIST\4\0\0\0movi", 12);
	athar_put_le32(s.bytes + movi - 4, 16u << 20);
	judge_time(&athar_format_avi, s.bytes, movi + 4, "00dc\0\0\0\0", 8);
	judge_time(&athar_format_avi, s.bytes, movi + 4, "LIST\4\0\0\0rec ", 12);
	sample_free(s);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	judge_flips(&athar_format_avi, "film.avi");
	judge_flips(&athar_format_avi, "segments.avi");
}

static void a_film_says_its_size_and_length(void **state)
{
	const athar_claim film = judge_file(&athar_format_avi, "film.avi");
	const athar_claim parts = judge_file(&athar_format_avi, "segments.avi");

	(void)state;
	assert_string_equal(field_of(&film, "width"), "64");
	assert_string_equal(field_of(&film, "height"), "48");
	assert_string_equal(field_of(&film, "duration_ms"), "1000");
	assert_string_equal(field_of(&film, "codec"), "FMP4");
	assert_string_equal(field_of(&parts, "width"), "96");
	assert_string_equal(field_of(&parts, "duration_ms"), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_avi_ends_behind_its_last_segment),
		cmocka_unit_test(a_cut_avi_is_partial),
		cmocka_unit_test(a_first_segment_alone_is_partial),
		cmocka_unit_test(a_foreign_block_breaks_the_chain_or_the_index),
		cmocka_unit_test(the_index_must_agree),
		cmocka_unit_test(an_index_of_other_chunks_is_a_flaw),
		cmocka_unit_test(noise_behind_a_header_is_nothing),
		cmocka_unit_test(small_chunks_take_linear_time),
		cmocka_unit_test(damage_never_reads_past_the_end),
		cmocka_unit_test(a_film_says_its_size_and_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
