/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/endian.h"
#include "fields.h"
#include "format/list.h"

#define BLOCK 4096u
#define CHUNK 65536u

static void a_log_ends_behind_its_chunks(void **state)
{
	(void)state;
	judge_end(&athar_format_evtx, "full.evtx", ATHAR_GRADE_INTACT);
	judge_end(&athar_format_evtx, "two.evtx", ATHAR_GRADE_COMPLETE);
}

/* Its header knows of one chunk only. */
static void a_log_that_was_not_closed_is_no_more_than_complete(void **state)
{
	(void)state;
	judge_end(&athar_format_evtx, "dirty.evtx", ATHAR_GRADE_COMPLETE);
}

static void the_records_are_counted(void **state)
{
	const athar_claim c = judge_file(&athar_format_evtx, "two.evtx");

	(void)state;
	expect_said(&c, "version", "3.1");
	expect_said(&c, "count", "67");
	expect_said(&c, "from", "2023-11-14T22:13:20Z");
	expect_said(&c, "to", "2023-11-15T01:02:00Z");
}

/* Two chunks; Windows would have made room for fifteen more. */
static void what_was_reserved_belongs_to_it_when_empty(void **state)
{
	const sample s = sample_load("two.evtx");
	const size_t grown = BLOCK + (size_t)17 * CHUNK;
	uint8_t *bytes = calloc(1, grown + 512);

	(void)state;
	assert_non_null(bytes);
	memcpy(bytes, s.bytes, s.len);
	const athar_claim empty = judge(&athar_format_evtx, bytes, grown + 512);

	assert_int_equal(empty.grade, ATHAR_GRADE_COMPLETE);
	assert_int_equal(empty.length, grown);
	assert_true(empty.unseen >= grown - s.len);
	bytes[grown - 1] = 1;
	const athar_claim used = judge(&athar_format_evtx, bytes, grown + 512);

	assert_int_equal(used.length, s.len);
	assert_int_equal(judge(&athar_format_evtx, bytes, grown - 1).length, s.len);
	free(bytes);
	sample_free(s);
}

/* While Windows writes, the sums of the last chunk are of before. */
static void the_last_chunk_of_an_open_log_may_lag_behind(void **state)
{
	const sample s = sample_load("dirty.evtx");

	(void)state;
	s.bytes[BLOCK + CHUNK + 52] ^= 1;
	const athar_claim lags = judge(&athar_format_evtx, s.bytes, s.len);

	assert_int_equal(lags.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(lags.length, s.len);
	assert_int_equal(lags.proven, BLOCK + CHUNK);
	expect_said(&lags, "count", "67");
	sample_free(s);
}

static void another_log_does_not_go_on_here(void **state)
{
	const sample s = sample_load("dirty.evtx");

	(void)state;
	athar_put_le64(s.bytes + BLOCK + CHUNK + 8, 66);
	const athar_claim c = judge(&athar_format_evtx, s.bytes, s.len);

	assert_int_equal(c.length, BLOCK + CHUNK);
	sample_free(s);
}

static void a_cut_log_is_partial(void **state)
{
	(void)state;
	judge_cuts(&athar_format_evtx, "full.evtx");
	judge_cuts(&athar_format_evtx, "two.evtx");
}

static void a_foreign_block_breaks_a_checksum(void **state)
{
	(void)state;
	assert_int_equal(judge_foreign(&athar_format_evtx, "full.evtx", 4096, 0, true), 0);
	assert_int_equal(judge_foreign(&athar_format_evtx, "full.evtx", 512, 0, true), 0);
	/* In the second chunk most is free, and under no sum. */
	assert_int_equal(judge_file(&athar_format_evtx, "two.evtx").unseen, CHUNK - 512 - 3 * 600);
}

static void noise_behind_a_header_is_nothing(void **state)
{
	(void)state;
	judge_noise(&athar_format_evtx, "full.evtx", 8);
	judge_noise(&athar_format_evtx, "full.evtx", 128);
	judge_noise(&athar_format_evtx, "full.evtx", 4096 + 512);
}

static void many_chunks_take_linear_time(void **state)
{
	const sample s = sample_load("dirty.evtx");

	(void)state;
	judge_time(&athar_format_evtx, s.bytes, BLOCK, s.bytes + BLOCK, CHUNK);
	judge_time(&athar_format_evtx, s.bytes, s.len, "\0", 1);
	sample_free(s);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	judge_flips(&athar_format_evtx, "two.evtx");
	judge_flips(&athar_format_evtx, "dirty.evtx");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_log_ends_behind_its_chunks),
		cmocka_unit_test(a_log_that_was_not_closed_is_no_more_than_complete),
		cmocka_unit_test(the_records_are_counted),
		cmocka_unit_test(what_was_reserved_belongs_to_it_when_empty),
		cmocka_unit_test(the_last_chunk_of_an_open_log_may_lag_behind),
		cmocka_unit_test(another_log_does_not_go_on_here),
		cmocka_unit_test(a_cut_log_is_partial),
		cmocka_unit_test(a_foreign_block_breaks_a_checksum),
		cmocka_unit_test(noise_behind_a_header_is_nothing),
		cmocka_unit_test(many_chunks_take_linear_time),
		cmocka_unit_test(damage_never_reads_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
