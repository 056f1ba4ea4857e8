/* SPDX-License-Identifier: BSD-2-Clause */
#include "packed.h"

#include "base/idiom.h"

#define TABLE ((size_t)256)
#define DAMAGED_MOST 400

static void chunks_of_wimlib(void **state)
{
	(void)state;
	packed_assert_whole(athar_xpress_unpack, "xpress", 21);
}

static void damage_is_stood(void **state)
{
	(void)state;
	packed_assert_damage(athar_xpress_unpack, "xpress", DAMAGED_MOST, false);
}

/* MS-XCA, 3.2: the alphabet, all of it literals, and a symbol for the end. */
static size_t example(uint8_t out[TABLE + 20])
{
	static const uint8_t letters[] = {0x50, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55,
	                                  0x55, 0x55, 0x55, 0x55, 0x45, 0x44, 0x04};
	static const uint8_t bits[] = {0xD8, 0x52, 0x3E, 0xD7, 0x94, 0x11, 0x5B, 0xE9, 0x19, 0x5F,
	                               0xF9, 0xD6, 0x7C, 0xDF, 0x8D, 0x04, 0x00, 0x00, 0x00, 0x00};

	memset(out, 0, TABLE);
	memcpy(out + 48, letters, sizeof letters);
	out[128] = 0x04;
	memcpy(out + TABLE, bits, sizeof bits);
	return TABLE + sizeof bits;
}

static void the_example_of_the_standard(void **state)
{
	uint8_t packed[TABLE + 20];
	const size_t size = example(packed);
	const uint8_t *alphabet = (const uint8_t *)"abcdefghijklmnopqrstuvwxyz";

	(void)state;
	assert_int_equal(packed_try(athar_xpress_unpack, packed, size, 26, alphabet), 26);
	/* As much as is asked for: the rest is passed over. */
	assert_int_equal(packed_try(athar_xpress_unpack, packed, size, 7, alphabet), 7);
	/* 26 letters have 119 bits, in eight words. */
	assert_int_equal(packed_try(athar_xpress_unpack, packed, TABLE + 16, 26, alphabet), 26);
	assert_int_equal(packed_try(athar_xpress_unpack, packed, TABLE + 15, 26, NULL),
	                 PACKED_REFUSED);
}

/* Letters and the end have 130 bits, and 16 more are in hand: ten words. */
static void a_stream_says_how_much_it_took(void **state)
{
	uint8_t packed[TABLE + 20 + 9] = {0}, out[26];
	const size_t size = example(packed);
	athar_error err = ATHAR_ERROR_INIT;
	size_t used = 0;

	(void)state;
	memset(packed + size, 0xA5, 9);
	assert_ok(athar_xpress_stream(&used, out, 26, packed, size, &err), err);
	assert_int_equal(used, size);
	assert_memory_equal(out, "abcdefghijklmnopqrstuvwxyz", 26);
	assert_ok(athar_xpress_stream(&used, out, 26, packed, size + 9, &err), err);
	assert_int_equal(used, size);
	assert_status(athar_xpress_stream(&used, out, 26, packed, size - 1, &err), ATHAR_EFORMAT,
	              err);
	assert_status(athar_xpress_stream(&used, out, 26, packed, TABLE - 1, &err), ATHAR_EFORMAT,
	              err);
}

static void lengths_that_make_no_code_are_refused(void **state)
{
	uint8_t packed[TABLE + 20];
	const size_t size = example(packed);

	(void)state;
	packed[128] = 0; /* a code too few */
	assert_int_equal(packed_try(athar_xpress_unpack, packed, size, 26, NULL), PACKED_REFUSED);
	packed[128] = 0x44; /* one too many */
	assert_int_equal(packed_try(athar_xpress_unpack, packed, size, 26, NULL), PACKED_REFUSED);
	memset(packed, 0, TABLE);
	assert_int_equal(packed_try(athar_xpress_unpack, packed, size, 26, NULL), PACKED_REFUSED);
	assert_int_equal(packed_try(athar_xpress_unpack, packed, TABLE - 1, 0, NULL),
	                 PACKED_REFUSED);
}

static void a_chunk_has_a_most(void **state)
{
	uint8_t packed[TABLE + 20];
	const size_t size = example(packed);
	ATHAR_AUTO(free) uint8_t *out = malloc(65537);
	athar_error err = ATHAR_ERROR_INIT;
	size_t made = 0;

	(void)state;
	assert_status(athar_xpress_unpack(&made, out, 65537, packed, size, &err), ATHAR_EUSAGE,
	              err);
	assert_status(athar_lzx_unpack(&made, out, 32769, packed, size, &err), ATHAR_EUSAGE, err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chunks_of_wimlib),
		cmocka_unit_test(damage_is_stood),
		cmocka_unit_test(the_example_of_the_standard),
		cmocka_unit_test(a_stream_says_how_much_it_took),
		cmocka_unit_test(lengths_that_make_no_code_are_refused),
		cmocka_unit_test(a_chunk_has_a_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
