/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/endian.h"
#include "fields.h"
#include "format/list.h"

#define PAGE 4096u
#define GROWTH (256u << 10)

static void a_hive_ends_behind_its_bins(void **state)
{
	(void)state;
	judge_end(&athar_format_regf, "keys.hiv", ATHAR_GRADE_COMPLETE);
	judge_end(&athar_format_regf, "open.hiv", ATHAR_GRADE_COMPLETE);
}

static void it_says_whether_it_was_closed(void **state)
{
	const athar_claim closed = judge_file(&athar_format_regf, "keys.hiv");
	const athar_claim open = judge_file(&athar_format_regf, "open.hiv");

	(void)state;
	assert_null(strstr(closed.why, "not closed"));
	assert_non_null(strstr(open.why, "not closed"));
}

static void it_has_a_name_and_a_time(void **state)
{
	const athar_claim c = judge_file(&athar_format_regf, "keys.hiv");

	(void)state;
	expect_said(&c, "name", "\\Config\\ATHAR.DAT");
	expect_said(&c, "version", "1.5");
	expect_said(&c, "modified", "2023-11-14T22:13:20Z");
}

static void put_sum(uint8_t *base)
{
	uint32_t x = 0;

	for (size_t i = 0; i < 508; i += 4)
		x ^= athar_le32(base + i);
	athar_put_le32(base + 508, x);
}

/* A hive of `pages`, the most of them bins of one free cell, with room for more behind it. */
static uint8_t *grow(const sample *s, uint32_t pages, size_t room)
{
	uint8_t *bytes = calloc(1, room);

	assert_non_null(bytes);
	memcpy(bytes, s->bytes, s->len);
	for (size_t at = s->len; at < (size_t)pages * PAGE; at += PAGE) {
		memcpy(bytes + at, "hbin", 4);
		athar_put_le32(bytes + at + 4, (uint32_t)at - PAGE);
		athar_put_le32(bytes + at + 8, PAGE);
		athar_put_le32(bytes + at + 32, PAGE - 32);
	}
	athar_put_le32(bytes + 40, (pages - 1) * PAGE);
	put_sum(bytes);
	return bytes;
}

static void what_was_reserved_belongs_to_it_when_empty(void **state)
{
	const sample s = sample_load("keys.hiv");
	const size_t room = GROWTH + 512, len = 20u * PAGE;
	uint8_t *bytes = grow(&s, 20, room);

	(void)state;
	assert_int_equal(judge(&athar_format_regf, bytes, len).length, len);
	assert_int_equal(judge(&athar_format_regf, bytes, room).length, GROWTH);
	assert_int_equal(judge(&athar_format_regf, bytes, GROWTH - 1).length, len);
	bytes[len] = 1;
	assert_int_equal(judge(&athar_format_regf, bytes, room).length, len);
	assert_int_equal(judge(&athar_format_regf, bytes, room).grade, ATHAR_GRADE_COMPLETE);
	free(bytes);
	sample_free(s);
}

static void a_root_that_is_no_key_is_a_flaw(void **state)
{
	const sample s = sample_load("keys.hiv");

	(void)state;
	athar_put_le32(s.bytes + 36, athar_le32(s.bytes + 36) - 8);
	put_sum(s.bytes);
	const athar_claim c = judge(&athar_format_regf, s.bytes, s.len);

	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.length, s.len);
	sample_free(s);
}

static void behind_a_bad_cell_the_rest_is_measured(void **state)
{
	const sample s = sample_load("keys.hiv");

	(void)state;
	s.bytes[2 * PAGE + 32] ^= 1;
	const athar_claim c = judge(&athar_format_regf, s.bytes, s.len);

	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.length, s.len);
	assert_int_equal(c.proven, 2 * PAGE);
	sample_free(s);
}

static void a_wrong_sum_is_none(void **state)
{
	const sample s = sample_load("keys.hiv");

	(void)state;
	s.bytes[508] ^= 1;
	assert_false(judge(&athar_format_regf, s.bytes, s.len).ours);
	sample_free(s);
}

static void a_cut_hive_is_partial(void **state)
{
	(void)state;
	judge_cuts(&athar_format_regf, "keys.hiv");
	judge_cuts(&athar_format_regf, "open.hiv");
}

static void a_foreign_block_breaks_the_cells(void **state)
{
	(void)state;
	/* The last cell is free, from 17856 on, and may hold anything: 5 places lie in it. */
	assert_int_equal(judge_foreign(&athar_format_regf, "keys.hiv", 4096, PAGE, false), 5);
	assert_int_equal(judge_foreign(&athar_format_regf, "keys.hiv", 512, PAGE, false), 5);
}

static void noise_behind_a_header_is_nothing(void **state)
{
	(void)state;
	judge_noise(&athar_format_regf, "keys.hiv", 4);
	judge_noise(&athar_format_regf, "keys.hiv", 512);
	judge_noise(&athar_format_regf, "keys.hiv", PAGE + 64);
}

static void small_cells_take_linear_time(void **state)
{
	const sample s = sample_load("keys.hiv");
	uint8_t base[PAGE + 32];

	(void)state;
	memcpy(base, s.bytes, sizeof base);
	athar_put_le32(base + 40, (16u << 20) - PAGE);
	athar_put_le32(base + PAGE + 8, (16u << 20) - PAGE);
	put_sum(base);
	judge_time(&athar_format_regf, base, sizeof base, "\x08\0\0\0\0\0\0\0", 8);
	sample_free(s);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	judge_flips(&athar_format_regf, "keys.hiv");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hive_ends_behind_its_bins),
		cmocka_unit_test(it_says_whether_it_was_closed),
		cmocka_unit_test(it_has_a_name_and_a_time),
		cmocka_unit_test(what_was_reserved_belongs_to_it_when_empty),
		cmocka_unit_test(a_root_that_is_no_key_is_a_flaw),
		cmocka_unit_test(behind_a_bad_cell_the_rest_is_measured),
		cmocka_unit_test(a_wrong_sum_is_none),
		cmocka_unit_test(a_cut_hive_is_partial),
		cmocka_unit_test(a_foreign_block_breaks_the_cells),
		cmocka_unit_test(noise_behind_a_header_is_nothing),
		cmocka_unit_test(small_cells_take_linear_time),
		cmocka_unit_test(damage_never_reads_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
