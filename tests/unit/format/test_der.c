/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/der.h"
#include "format/list.h"
#include "texts.h"

static void an_element_says_where_it_ends(void **state)
{
	const athar_claim cert = judge_file(&athar_format_der, "cert.der");
	const athar_claim store = judge_file(&athar_format_der, "store.p12");

	(void)state;
	judge_end(&athar_format_der, "cert.der", ATHAR_GRADE_COMPLETE);
	judge_end(&athar_format_der, "store.p12", ATHAR_GRADE_COMPLETE);
	assert_string_equal(cert.subtype, "cert");
	assert_string_equal(claim_field(&cert, "subject"), "athar.example");
	assert_string_equal(claim_field(&cert, "serial"), "1122334455");
	assert_string_equal(store.extension, "p12");
	assert_string_equal(claim_field(&store, "encrypted"), "yes");
}

/* X.690, 8.1.3 and 10.1: the shortest length only. */
static void lengths_are_the_shortest(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		bool good;
		uint64_t total;
	} cases[] = {
		{"\x04\x01x", 3, true, 3},      {"\x04\x00", 2, true, 2},
		{"\x04\x81\x80", 3, true, 131}, {"\x04\x82\x01\x00", 4, true, 260},
		{"\x04\x81\x7F", 3, false, 0},  {"\x04\x82\x00\x80", 4, false, 0},
		{"\x04\x80", 2, false, 0},      {"\x04\x85\x01\x01\x01\x01\x01", 7, false, 0},
		{"\x1F\x01", 2, false, 0},      {"\x04", 1, false, 0},
		{"\x04\x82\x01", 3, false, 0},
	};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(cases); i++) {
		athar_der d;

		assert_int_equal(athar_der_read(&d, (const uint8_t *)cases[i].bytes, cases[i].len),
		                 cases[i].good);
		if (cases[i].good)
			assert_int_equal(d.total, cases[i].total);
	}
}

static void numbers_alone_are_no_key(void **state)
{
	uint8_t key[4 + 3 + 8 * 64] = {0x30, 0x82, 0x02, 0x03, 2, 1, 0};

	(void)state;
	for (size_t i = 0; i < 8; i++) {
		key[7 + 64 * i] = 2;
		key[8 + 64 * i] = 62;
	}
	assert_int_equal(judge(&athar_format_der, key, sizeof key).grade, ATHAR_GRADE_COMPLETE);
	key[4 + 3 + 64] = 4;
	assert_false(judge(&athar_format_der, key, sizeof key).ours);
	key[4 + 3 + 64] = 2;
	key[6] = 2;
	assert_false(judge(&athar_format_der, key, sizeof key).ours);
}

static void damage_shows(void **state)
{
	(void)state;
	judge_cuts(&athar_format_der, "cert.der");
	judge_cuts(&athar_format_der, "store.p12");
	judge_noise(&athar_format_der, "cert.der", 4);
	judge_noise(&athar_format_der, "cert.der", 200);
	judge_flips(&athar_format_der, "cert.der");
	judge_flips(&athar_format_der, "store.p12");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_element_says_where_it_ends),
		cmocka_unit_test(lengths_are_the_shortest),
		cmocka_unit_test(numbers_alone_are_no_key),
		cmocka_unit_test(damage_shows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
