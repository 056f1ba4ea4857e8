/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/list.h"
#include "inflate/inflate.h"
#include "judge.h"

static void an_xz_ends_behind_its_footer(void **state)
{
	(void)state;
	judge_end(&athar_format_xz, "crc64.xz", ATHAR_GRADE_INTACT);
	judge_end(&athar_format_xz, "blocks.xz", ATHAR_GRADE_INTACT);
	judge_end(&athar_format_xz, "small-window.xz", ATHAR_GRADE_INTACT);
	assert_int_equal(judge_file(&athar_format_xz, "empty.xz").grade, ATHAR_GRADE_INTACT);
}

/* Checks and filters that are not undone. */
static void what_is_not_checked_is_complete(void **state)
{
	(void)state;
	judge_end(&athar_format_xz, "sha.xz", ATHAR_GRADE_COMPLETE);
	judge_end(&athar_format_xz, "filtered.xz", ATHAR_GRADE_COMPLETE);
	assert_true(judge_file(&athar_format_xz, "filtered.xz").unseen > 2000);
	assert_int_equal(judge_file(&athar_format_xz, "crc64.xz").unseen, 0);
}

static void a_cut_xz_is_partial(void **state)
{
	(void)state;
	judge_cuts(&athar_format_xz, "crc64.xz");
	judge_cuts(&athar_format_xz, "blocks.xz");
	judge_cuts(&athar_format_xz, "filtered.xz");
	judge_cuts(&athar_format_xz, "empty.xz");
}

static void a_foreign_block_breaks_the_check(void **state)
{
	(void)state;
	judge_foreign(&athar_format_xz, "crc64.xz", 512, 24, true);
	judge_foreign(&athar_format_xz, "blocks.xz", 512, 24, true);
	judge_foreign(&athar_format_xz, "blocks.xz", 2, 24, true);
	judge_foreign(&athar_format_xz, "filtered.xz", 512, 24, false);
}

static void noise_behind_a_header_is_nothing(void **state)
{
	(void)state;
	judge_noise(&athar_format_xz, "crc64.xz", 7);
	judge_noise(&athar_format_xz, "crc64.xz", 24);
	judge_noise(&athar_format_xz, "crc64.xz", 3000);
	judge_noise(&athar_format_xz, "filtered.xz", 28);
}

/* Both samples, one behind the other, without the last `cut` bytes. */
static athar_claim joined(const char *first, const char *second, size_t cut)
{
	const sample a = sample_load(first), b = sample_load(second);
	uint8_t *both = malloc(a.len + b.len);

	assert_non_null(both);
	memcpy(both, a.bytes, a.len);
	memcpy(both + a.len, b.bytes, b.len);
	const athar_claim c = judge(&athar_format_xz, both, a.len + b.len - cut);

	free(both);
	sample_free(a);
	sample_free(b);
	return c;
}

static void streams_that_follow_at_once_belong_to_it(void **state)
{
	const sample a = sample_load("empty.xz"), b = sample_load("blocks.xz");
	const athar_claim c = joined("empty.xz", "blocks.xz", 0);
	const athar_claim cut = joined("empty.xz", "blocks.xz", 1);

	(void)state;
	assert_int_equal(c.grade, ATHAR_GRADE_INTACT);
	assert_int_equal(c.length, a.len + b.len);
	assert_int_equal(cut.grade, ATHAR_GRADE_PARTIAL);
	assert_true(cut.proven > a.len);
	sample_free(a);
	sample_free(b);
}

static void headers_must_hold(void **state)
{
	const sample s = sample_load("crc64.xz");

	(void)state;
	s.bytes[7] = 1;
	assert_false(judge(&athar_format_xz, s.bytes, s.len).ours);
	s.bytes[7] = 4;
	s.bytes[13] ^= 4; /* a flag of the first block that means nothing */
	assert_int_equal(judge(&athar_format_xz, s.bytes, s.len).grade, ATHAR_GRADE_HEADER);
	s.bytes[13] ^= 4;
	s.bytes[s.len - 1] = 'z';
	assert_int_equal(judge(&athar_format_xz, s.bytes, s.len).grade, ATHAR_GRADE_PARTIAL);
	sample_free(s);
}

/* An index that lists the right sizes for other blocks. */
static void the_index_must_list_the_blocks(void **state)
{
	const sample s = sample_load("blocks.xz");
	uint8_t *index = s.bytes + s.len - 12 - 24;
	uint32_t crc = 0;

	(void)state;
	while (index[0] != 0 || index[1] != 4)
		index--;
	const size_t len = (size_t)(s.bytes + s.len - 16 - index);

	assert_true(len < 40 && memcmp(index + 2, index + 6, 2) != 0);
	for (int i = 0; i < 2; i++) { /* two bytes of size, then two of length, that are all 9000 */
		const uint8_t swap = index[2 + i];

		index[2 + i] = index[6 + i];
		index[6 + i] = swap;
	}
	crc = athar_crc32(0, index, len);
	for (int i = 0; i < 4; i++)
		index[len + (size_t)i] = (uint8_t)(crc >> 8 * i);
	const athar_claim c = judge(&athar_format_xz, s.bytes, s.len);

	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_string_equal(c.why, "the index does not list the blocks that are there");
	sample_free(s);
}

static void chunks_take_linear_time(void **state)
{
	const sample plain = sample_load("crc64.xz"), filtered = sample_load("filtered.xz");

	(void)state;
	judge_time(&athar_format_xz, plain.bytes, 24, "\1\0\0a", 4);
	judge_time(&athar_format_xz, filtered.bytes, 28, "\1\0\0a", 4);
	judge_time(&athar_format_xz, plain.bytes, 24, "\xE0\0\0\0\5\x5d\0\0\0\0\0\0", 12);
	sample_free(plain);
	sample_free(filtered);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	judge_flips(&athar_format_xz, "crc64.xz");
	judge_flips(&athar_format_xz, "blocks.xz");
	judge_flips(&athar_format_xz, "filtered.xz");
	judge_flips(&athar_format_xz, "small-window.xz");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_xz_ends_behind_its_footer),
		cmocka_unit_test(what_is_not_checked_is_complete),
		cmocka_unit_test(a_cut_xz_is_partial),
		cmocka_unit_test(a_foreign_block_breaks_the_check),
		cmocka_unit_test(noise_behind_a_header_is_nothing),
		cmocka_unit_test(streams_that_follow_at_once_belong_to_it),
		cmocka_unit_test(headers_must_hold),
		cmocka_unit_test(the_index_must_list_the_blocks),
		cmocka_unit_test(chunks_take_linear_time),
		cmocka_unit_test(damage_never_reads_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
