/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/list.h"
#include "format/xxh32.h"
#include "judge.h"

static void an_lz4_ends_with_its_frame(void **state)
{
	(void)state;
	judge_end(&athar_format_lz4, "sum.lz4", ATHAR_GRADE_INTACT);
	judge_end(&athar_format_lz4, "length.lz4", ATHAR_GRADE_INTACT);
	judge_end(&athar_format_lz4, "linked-sums.lz4", ATHAR_GRADE_INTACT);
	judge_end(&athar_format_lz4, "linked.lz4", ATHAR_GRADE_COMPLETE);
	judge_end(&athar_format_lz4, "no-sum.lz4", ATHAR_GRADE_COMPLETE);
	assert_true(judge_file(&athar_format_lz4, "linked.lz4").unseen > 3900);
}

static void a_cut_lz4_is_partial(void **state)
{
	(void)state;
	judge_cuts(&athar_format_lz4, "sum.lz4");
	judge_cuts(&athar_format_lz4, "linked-sums.lz4");
	judge_cuts(&athar_format_lz4, "no-sum.lz4");
}

static void a_foreign_block_breaks_a_checksum(void **state)
{
	(void)state;
	judge_foreign(&athar_format_lz4, "sum.lz4", 512, 7, true);
	judge_foreign(&athar_format_lz4, "sum.lz4", 1, 7, true);
	judge_foreign(&athar_format_lz4, "linked-sums.lz4", 1, 7, true);
	judge_foreign(&athar_format_lz4, "linked.lz4", 512, 7, false);
}

static void noise_behind_a_header_is_nothing(void **state)
{
	(void)state;
	judge_noise(&athar_format_lz4, "sum.lz4", 4);
	judge_noise(&athar_format_lz4, "sum.lz4", 7);
	judge_noise(&athar_format_lz4, "sum.lz4", 2000);
}

static void a_header_must_be_one(void **state)
{
	const sample s = sample_load("length.lz4");

	(void)state;
	for (size_t i = 4; i < 15; i++) {
		s.bytes[i] ^= 2;
		assert_false(judge(&athar_format_lz4, s.bytes, s.len).ours);
		s.bytes[i] ^= 2;
	}
	assert_true(judge(&athar_format_lz4, s.bytes, s.len).ours);
	sample_free(s);
}

/* The vectors of xxHash's own sanity test: its buffer is made by a generator of its own. */
static void xxh32_is_what_xxhash_gives(void **state)
{
	static const struct {
		size_t len;
		uint32_t sum;
	} vectors[] = {{0, 0x02CC5D05}, {1, 0xCF65B03E}, {14, 0x1208E7E2}, {222, 0x5BD11DBD}};
	uint8_t buffer[222];
	uint64_t generator = 2654435761u;

	(void)state;
	for (size_t i = 0; i < sizeof buffer; i++) {
		buffer[i] = (uint8_t)(generator >> 56);
		generator *= UINT64_C(11400714785074694797);
	}
	for (size_t i = 0; i < ATHAR_COUNT(vectors); i++) {
		athar_xxh32 x;

		athar_xxh32_begin(&x);
		athar_xxh32_add(&x, buffer, vectors[i].len / 3);
		athar_xxh32_add(&x, buffer + vectors[i].len / 3,
		                vectors[i].len - vectors[i].len / 3);
		assert_int_equal(athar_xxh32_get(&x), vectors[i].sum);
	}
}

static void blocks_take_linear_time(void **state)
{
	const sample sum = sample_load("sum.lz4"), linked = sample_load("linked.lz4");

	(void)state;
	judge_time(&athar_format_lz4, sum.bytes, 7,
	           "\2\0\0\0\x10"
	           "a",
	           6);
	judge_time(&athar_format_lz4, linked.bytes, 7,
	           "\1\0\0\x80"
	           "a",
	           5);
	sample_free(sum);
	sample_free(linked);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	judge_flips(&athar_format_lz4, "sum.lz4");
	judge_flips(&athar_format_lz4, "length.lz4");
	judge_flips(&athar_format_lz4, "linked-sums.lz4");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_lz4_ends_with_its_frame),
		cmocka_unit_test(a_cut_lz4_is_partial),
		cmocka_unit_test(a_foreign_block_breaks_a_checksum),
		cmocka_unit_test(noise_behind_a_header_is_nothing),
		cmocka_unit_test(a_header_must_be_one),
		cmocka_unit_test(xxh32_is_what_xxhash_gives),
		cmocka_unit_test(blocks_take_linear_time),
		cmocka_unit_test(damage_never_reads_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
