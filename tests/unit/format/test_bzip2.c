/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/list.h"
#include "judge.h"

static void a_bzip2_ends_behind_its_crc(void **state)
{
	const sample s = sample_load("streams.bz2");

	(void)state;
	judge_end(&athar_format_bzip2, "one.bz2", ATHAR_GRADE_INTACT);
	judge_end(&athar_format_bzip2, "blocks.bz2", ATHAR_GRADE_INTACT);
	assert_int_equal(judge_file(&athar_format_bzip2, "streams.bz2").grade, ATHAR_GRADE_INTACT);
	assert_int_equal(judge_file(&athar_format_bzip2, "streams.bz2").length, s.len);
	sample_free(s);
}

static void a_cut_bzip2_is_partial(void **state)
{
	const sample s = sample_load("blocks.bz2");
	const athar_claim c = judge(&athar_format_bzip2, s.bytes, s.len - 1);

	(void)state;
	judge_cuts(&athar_format_bzip2, "one.bz2");
	judge_cuts(&athar_format_bzip2, "blocks.bz2");
	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_true(c.proven > s.len - 20);
	sample_free(s);
}

/* Cut where a stream of three begins, two streams are left. */
static void streams_that_follow_at_once_belong_to_it(void **state)
{
	const sample s = sample_load("streams.bz2");
	size_t last = s.len - 10;

	(void)state;
	while (memcmp(s.bytes + last, "BZh91AY&SY", 10) != 0)
		last--;
	const athar_claim c = judge(&athar_format_bzip2, s.bytes, last);
	const athar_claim cut = judge(&athar_format_bzip2, s.bytes, s.len - 1);

	assert_int_equal(c.grade, ATHAR_GRADE_INTACT);
	assert_int_equal(c.length, last);
	assert_int_equal(cut.grade, ATHAR_GRADE_PARTIAL);
	assert_true(cut.proven > last);
	sample_free(s);
}

/* Streams of a file that has several may begin sectors; the second one may not. */
static void streams_may_begin_sectors(void **state)
{
	const sample a = sample_load("streams.bz2"), b = sample_load("one.bz2");
	uint8_t *both = malloc(a.len + 2 * b.len);

	(void)state;
	assert_non_null(both);
	memcpy(both, a.bytes, a.len);
	memcpy(both + a.len, b.bytes, b.len);
	assert_int_equal(judge(&athar_format_bzip2, both, a.len + b.len).length, a.len + b.len);
	memcpy(both, b.bytes, b.len);
	memcpy(both + b.len, b.bytes, b.len);
	assert_int_equal(judge(&athar_format_bzip2, both, 2 * b.len).length, b.len);
	free(both);
	sample_free(a);
	sample_free(b);
}

static void a_foreign_block_breaks_a_crc(void **state)
{
	(void)state;
	judge_foreign(&athar_format_bzip2, "one.bz2", 512, 10, true);
	judge_foreign(&athar_format_bzip2, "one.bz2", 1, 10, true);
	judge_foreign(&athar_format_bzip2, "blocks.bz2", 512, 10, true);
}

static void noise_behind_a_header_is_nothing(void **state)
{
	(void)state;
	judge_noise(&athar_format_bzip2, "one.bz2", 3);
	judge_noise(&athar_format_bzip2, "one.bz2", 10);
	judge_noise(&athar_format_bzip2, "one.bz2", 100);
	judge_noise(&athar_format_bzip2, "one.bz2", 1500);
	assert_false(judge(&athar_format_bzip2, "BZh91AY&SX", 10).ours);
	assert_false(judge(&athar_format_bzip2, "BZh01AY&SY", 10).ours);
}

/* bzip2 -9 of 45,000,000 zeros, each time: what is no longer unpacked is still followed. */
static void blocks_take_linear_time(void **state)
{
	const sample s = sample_load("zeros.bz2");

	(void)state;
	judge_time(&athar_format_bzip2, s.bytes, s.len, s.bytes, s.len);
	sample_free(s);
}

static void what_was_not_unpacked_is_complete(void **state)
{
	const sample s = sample_load("zeros.bz2");
	uint8_t *many = malloc(s.len * 4);

	(void)state;
	assert_non_null(many);
	for (size_t i = 0; i < 4; i++)
		memcpy(many + i * s.len, s.bytes, s.len);
	const athar_claim one = judge(&athar_format_bzip2, many, s.len);
	const athar_claim four = judge(&athar_format_bzip2, many, 4 * s.len);

	assert_int_equal(one.grade, ATHAR_GRADE_INTACT);
	assert_int_equal(four.grade, ATHAR_GRADE_COMPLETE);
	assert_int_equal(four.length, 4 * s.len);
	assert_true(four.unseen > 0 && four.unseen < 2 * s.len);
	free(many);
	sample_free(s);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	judge_flips(&athar_format_bzip2, "one.bz2");
	judge_flips(&athar_format_bzip2, "blocks.bz2");
	judge_flips(&athar_format_bzip2, "streams.bz2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bzip2_ends_behind_its_crc),
		cmocka_unit_test(a_cut_bzip2_is_partial),
		cmocka_unit_test(streams_that_follow_at_once_belong_to_it),
		cmocka_unit_test(streams_may_begin_sectors),
		cmocka_unit_test(a_foreign_block_breaks_a_crc),
		cmocka_unit_test(noise_behind_a_header_is_nothing),
		cmocka_unit_test(blocks_take_linear_time),
		cmocka_unit_test(what_was_not_unpacked_is_complete),
		cmocka_unit_test(damage_never_reads_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
