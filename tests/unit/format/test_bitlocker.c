/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/list.h"
#include "texts.h"

/* A volume of 4 KiB, its metadata at 1024, 2048 and 3072. */
static void make(uint8_t volume[4096])
{
	static const uint8_t id[] = {0x3B, 0xD6, 0x67, 0x49, 0x29, 0x2E, 0xD8, 0x4A,
	                             0x83, 0x99, 0xF6, 0xA3, 0x39, 0xE3, 0xD0, 0x01};

	memset(volume, 0, 4096);
	memcpy(volume, "\xEB\x58\x90-FVE-FS-", 11);
	volume[12] = 2;
	memcpy(volume + 160, id, sizeof id);
	for (size_t i = 0; i < 3; i++) {
		volume[176 + 8 * i + 1] = (uint8_t)(4 * (i + 1));
		memcpy(volume + 1024 * (i + 1), "-FVE-FS-", 8);
	}
	volume[510] = 0x55;
	volume[511] = 0xAA;
}

static void it_is_one_sector(void **state)
{
	uint8_t volume[4096];

	(void)state;
	make(volume);
	const athar_claim c = judge(&athar_format_bitlocker, volume, sizeof volume);

	assert_true(c.ours);
	assert_int_equal(c.grade, ATHAR_GRADE_HEADER);
	assert_int_equal(c.length, 512);
	assert_string_equal(claim_field(&c, "encrypted"), "yes");
	assert_non_null(strstr(c.why, "3 of 3 copies"));
	assert_non_null(strstr(judge(&athar_format_bitlocker, volume, 2000).why, "1 of 3"));
	volume[2048] = 0;
	assert_non_null(strstr(judge(&athar_format_bitlocker, volume, 4096).why, "2 of 3"));
}

static void what_makes_no_sense_is_none(void **state)
{
	static const size_t places[] = {3, 12, 160, 176, 511};
	uint8_t volume[4096];

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(places); i++) {
		make(volume);
		volume[places[i]] ^= 1;
		assert_false(judge(&athar_format_bitlocker, volume, sizeof volume).ours);
	}
	make(volume);
	for (size_t len = 1; len < 512; len++)
		assert_false(judge(&athar_format_bitlocker, volume, len).ours);
	memset(volume + 184, 0, 8);
	assert_false(judge(&athar_format_bitlocker, volume, sizeof volume).ours);
	memset(volume + 184, 0xFF, 8);
	assert_false(judge(&athar_format_bitlocker, volume, sizeof volume).ours);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_one_sector),
		cmocka_unit_test(what_makes_no_sense_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
