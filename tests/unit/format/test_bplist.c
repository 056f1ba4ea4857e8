/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/list.h"
#include "texts.h"

static void the_table_closes_it(void **state)
{
	const athar_claim small = judge_file(&athar_format_bplist, "small.plist");
	const athar_claim archive = judge_file(&athar_format_bplist, "archive.plist");

	(void)state;
	judge_end(&athar_format_bplist, "small.plist", ATHAR_GRADE_COMPLETE);
	judge_end(&athar_format_bplist, "archive.plist", ATHAR_GRADE_COMPLETE);
	assert_string_equal(small.subtype, "");
	assert_string_equal(archive.subtype, "keyed");
	assert_string_equal(claim_field(&archive, "count"), "406");
}

/* A list of nothing: one object, one entry of one byte. */
static void the_least_list_has_one_object(void **state)
{
	uint8_t least[8 + 1 + 1 + 32] = {'b', 'p', 'l', 'i', 's', 't', '0', '0', 0xD0, 8};

	(void)state;
	least[10 + 6] = 1;
	least[10 + 7] = 1;
	least[10 + 15] = 1;
	least[10 + 31] = 9;
	assert_int_equal(judge(&athar_format_bplist, least, sizeof least).grade,
	                 ATHAR_GRADE_COMPLETE);
	assert_int_equal(judge(&athar_format_bplist, least, sizeof least).length, sizeof least);
	for (size_t i = 8; i < sizeof least; i++) {
		least[i] ^= 1;
		/* The order that strings are sorted by says nothing. */
		if (i != 10 + 5)
			assert_true(judge(&athar_format_bplist, least, sizeof least).grade <
			            ATHAR_GRADE_COMPLETE);
		least[i] ^= 1;
	}
}

static void references_lead_to_objects(void **state)
{
	const sample s = sample_load("archive.plist");

	(void)state;
	s.bytes[9] = 0xFF; /* the first object is the top's dictionary of three */
	assert_true(judge(&athar_format_bplist, s.bytes, s.len).grade < ATHAR_GRADE_COMPLETE);
	sample_free(s);
}

static void damage_shows(void **state)
{
	(void)state;
	judge_cuts(&athar_format_bplist, "small.plist");
	judge_cuts(&athar_format_bplist, "archive.plist");
	judge_foreign(&athar_format_bplist, "archive.plist", 512, 8, true);
	judge_noise(&athar_format_bplist, "archive.plist", 8);
	judge_noise(&athar_format_bplist, "archive.plist", 100);
	judge_flips(&athar_format_bplist, "small.plist");
	judge_flips(&athar_format_bplist, "archive.plist");
}

static void lists_take_linear_time(void **state)
{
	(void)state;
	judge_time(&athar_format_bplist, "bplist00", 8, "\x08", 1);
	judge_time(&athar_format_bplist, "bplist00", 8, "\x00\x08", 2);
	judge_time(&athar_format_bplist, "bplist00", 8, "\xA1\x00", 2);
	judge_time(&athar_format_bplist, "bplist00", 8, "\x51x", 2);
	judge_time(&athar_format_bplist, "bplist00", 8, "\x4F\x12\x00\x10\x00\x00", 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_closes_it),
		cmocka_unit_test(the_least_list_has_one_object),
		cmocka_unit_test(references_lead_to_objects),
		cmocka_unit_test(damage_shows),
		cmocka_unit_test(lists_take_linear_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
