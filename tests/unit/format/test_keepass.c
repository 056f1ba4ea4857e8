/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/list.h"
#include "texts.h"

static void blocks_end_with_an_empty_one(void **state)
{
	const athar_claim c = judge_file(&athar_format_keepass, "four.kdbx");

	(void)state;
	judge_end(&athar_format_keepass, "four.kdbx", ATHAR_GRADE_COMPLETE);
	assert_string_equal(claim_field(&c, "encrypted"), "yes");
	assert_string_equal(claim_field(&c, "version"), "4.1");
	assert_int_equal(c.unseen, 1800);
}

/* What follows is taken for more of it, unless it is zeros. */
static void older_ones_have_no_end(void **state)
{
	static const char *const names[] = {"three.kdbx", "one.kdb"};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(names); i++) {
		const sample s = sample_load(names[i]);
		uint8_t *more = calloc(1, s.len + 4096);

		assert_non_null(more);
		memcpy(more, s.bytes, s.len);
		const athar_claim c = judge(&athar_format_keepass, more, s.len + 4096);

		assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
		assert_int_equal(c.length, s.len);
		assert_false(c.open);
		assert_string_equal(claim_field(&c, "encrypted"), "yes");
		free(more);
		sample_free(s);
	}
	const athar_claim one = judge_file(&athar_format_keepass, "one.kdb");

	assert_string_equal(claim_field(&one, "count"), "7");
}

static void every_byte_of_the_header_counts(void **state)
{
	const sample s = sample_load("four.kdbx");
	const size_t header = 12 + 5 * 6 + 16 + 4 + 32 + 12 + 139 + 4;

	(void)state;
	for (size_t i = 8; i < header + 32; i++) {
		s.bytes[i] ^= 1;
		assert_true(judge(&athar_format_keepass, s.bytes, s.len).grade <
		            ATHAR_GRADE_COMPLETE);
		s.bytes[i] ^= 1;
	}
	sample_free(s);
}

static void damage_shows(void **state)
{
	(void)state;
	judge_cuts(&athar_format_keepass, "four.kdbx");
	judge_noise(&athar_format_keepass, "four.kdbx", 12);
	judge_noise(&athar_format_keepass, "three.kdbx", 12);
	judge_noise(&athar_format_keepass, "one.kdb", 8);
	judge_flips(&athar_format_keepass, "four.kdbx");
	judge_flips(&athar_format_keepass, "three.kdbx");
	judge_flips(&athar_format_keepass, "one.kdb");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_end_with_an_empty_one),
		cmocka_unit_test(older_ones_have_no_end),
		cmocka_unit_test(every_byte_of_the_header_counts),
		cmocka_unit_test(damage_shows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
