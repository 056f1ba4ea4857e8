/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/list.h"
#include "texts.h"

#define UUID "01234567-89ab-cdef-0123-456789abcdef"

static void the_header_says_where_its_key_slots_end(void **state)
{
	const sample s = sample_load("two.luks");
	const athar_claim c = judge(&athar_format_luks, s.bytes, s.len);

	(void)state;
	judge_end(&athar_format_luks, "two.luks", ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.proven, 2 * 16384);
	assert_string_equal(c.subtype, "luks2");
	assert_string_equal(claim_field(&c, "uuid"), UUID);
	assert_string_equal(claim_field(&c, "name"), "vault");
	assert_string_equal(claim_field(&c, "encrypted"), "yes");
	sample_free(s);
}

static void version_1_has_its_slots_in_the_header(void **state)
{
	const sample s = sample_load("one.luks");
	uint8_t *volume = calloc(1, (2u << 20) + 9999);

	(void)state;
	assert_non_null(volume);
	memcpy(volume, s.bytes, s.len);
	const athar_claim c = judge(&athar_format_luks, volume, (2u << 20) + 9999);

	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.length, 4096 * 512);
	assert_int_equal(c.proven, 592);
	assert_string_equal(c.subtype, "luks1");
	assert_string_equal(claim_field(&c, "uuid"), UUID);
	volume[208] = 1;
	assert_false(judge(&athar_format_luks, volume, 4096).ours);
	free(volume);
	sample_free(s);
}

static void a_sum_that_does_not_hold_is_no_header(void **state)
{
	const sample s = sample_load("two.luks");

	(void)state;
	s.bytes[5000] ^= 1;
	assert_false(judge(&athar_format_luks, s.bytes, s.len).ours);
	s.bytes[5000] ^= 1;
	s.bytes[16384 + 5000] ^= 1;
	assert_int_equal(judge(&athar_format_luks, s.bytes, s.len).proven, 16384);
	sample_free(s);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	judge_flips(&athar_format_luks, "one.luks");
	judge_flips(&athar_format_luks, "two.luks");
	judge_noise(&athar_format_luks, "two.luks", 8);
	judge_noise(&athar_format_luks, "one.luks", 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_header_says_where_its_key_slots_end),
		cmocka_unit_test(version_1_has_its_slots_in_the_header),
		cmocka_unit_test(a_sum_that_does_not_hold_is_no_header),
		cmocka_unit_test(damage_never_reads_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
