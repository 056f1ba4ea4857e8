/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/list.h"
#include "texts.h"

static void the_last_page_ends_it(void **state)
{
	const athar_claim tree = judge_file(&athar_format_bdb, "tree.db");
	const athar_claim hash = judge_file(&athar_format_bdb, "hash.db");

	(void)state;
	judge_end(&athar_format_bdb, "tree.db", ATHAR_GRADE_COMPLETE);
	judge_end(&athar_format_bdb, "hash.db", ATHAR_GRADE_COMPLETE);
	assert_string_equal(tree.subtype, "wallet");
	assert_string_equal(tree.extension, "dat");
	assert_string_equal(claim_field(&tree, "encrypted"), "yes");
	assert_string_equal(hash.subtype, "");
}

/* Pages that change places, and one that is another's. */
static void each_page_knows_its_number(void **state)
{
	const sample s = sample_load("tree.db");
	uint8_t page[512];

	(void)state;
	for (size_t at = 512; at + 1024 <= s.len; at += 512) {
		memcpy(page, s.bytes + at, 512);
		memcpy(s.bytes + at, s.bytes + at + 512, 512);
		const athar_claim c = judge(&athar_format_bdb, s.bytes, s.len);

		assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
		assert_int_equal(c.proven, at);
		memcpy(s.bytes + at, page, 512);
	}
	memset(s.bytes + 1024, 0, 512);
	assert_int_equal(judge(&athar_format_bdb, s.bytes, s.len).proven, 1024);
	sample_free(s);
}

static void a_first_page_makes_sense_or_is_none(void **state)
{
	static const size_t places[] = {8, 13, 16, 20, 25};
	const sample s = sample_load("tree.db");

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(places); i++) {
		s.bytes[places[i]] ^= 0x10;
		assert_false(judge(&athar_format_bdb, s.bytes, s.len).ours);
		s.bytes[places[i]] ^= 0x10;
	}
	s.bytes[24] = 1;
	const athar_claim locked = judge(&athar_format_bdb, s.bytes, s.len);

	assert_int_equal(locked.grade, ATHAR_GRADE_PARTIAL);
	assert_string_equal(claim_field(&locked, "encrypted"), "yes");
	sample_free(s);
}

static void damage_shows(void **state)
{
	(void)state;
	judge_cuts(&athar_format_bdb, "tree.db");
	/* Only the one that begins inside the last value does not show. */
	assert_int_equal(judge_foreign(&athar_format_bdb, "tree.db", 512, 512, false), 1);
	judge_noise(&athar_format_bdb, "tree.db", 512);
	judge_flips(&athar_format_bdb, "tree.db");
	judge_flips(&athar_format_bdb, "hash.db");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_page_ends_it),
		cmocka_unit_test(each_page_knows_its_number),
		cmocka_unit_test(a_first_page_makes_sense_or_is_none),
		cmocka_unit_test(damage_shows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
