/* SPDX-License-Identifier: BSD-2-Clause */
#include "packed.h"

#include "base/idiom.h"

#define DAMAGED_MOST 350

static void chunks_of_wimlib(void **state)
{
	(void)state;
	packed_assert_whole(athar_lzx_unpack, "lzx", 17);
}

/* Verbatim, two stored, verbatim again, with the first one ending at each bit of a word. */
static void stored_blocks(void **state)
{
	(void)state;
	packed_assert_whole(athar_lzx_unpack, "lzx_stored", 16);
}

static void damage_is_stood(void **state)
{
	(void)state;
	packed_assert_damage(athar_lzx_unpack, "lzx", DAMAGED_MOST, false);
	packed_assert_damage(athar_lzx_unpack, "lzx_stored", DAMAGED_MOST, false);
}

/* A chunk of one stored block, of a length in 16 bits or the usual one; its calls are undone. */
static size_t stored(uint8_t *out, const uint8_t *data, size_t size)
{
	static const uint8_t recent[12] = {1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0};
	const uint32_t bits = 3U << 29 | (uint32_t)size << 12;

	out[0] = (uint8_t)(bits >> 16);
	out[1] = (uint8_t)(bits >> 24);
	out[2] = (uint8_t)bits;
	out[3] = (uint8_t)(bits >> 8);
	memcpy(out + 4, recent, sizeof recent);
	memcpy(out + 16, data, size);
	return 16 + size;
}

/* A call at 3 whose absolute target is 0x100; one at 8 whose target lies before the file's
 * beginning; and one in the last ten bytes, which is none. */
static void calls_are_undone(void **state)
{
	uint8_t data[30] = {0, 0, 0, 0xE8, 0x00, 0x01, 0, 0, 0xE8, 0xFC, 0xFF, 0xFF, 0xFF};
	uint8_t packed[64];

	(void)state;
	data[20] = 0xE8;
	data[21] = 0x55;
	const size_t size = stored(packed, data, sizeof data);

	assert_int_equal(packed_try(athar_lzx_unpack, packed, size, 10, NULL), PACKED_REFUSED);
	data[4] = 0xFD; /* 0x100 - 3 */
	data[5] = 0x00;
	data[9] = 0xFC; /* -4 from place 8 is -4 + 12,000,000 = 0xB71AFC */
	data[10] = 0x1A;
	data[11] = 0xB7;
	data[12] = 0x00;
	assert_int_equal(packed_try(athar_lzx_unpack, packed, size, sizeof data, data),
	                 sizeof data);
}

static void blocks_have_a_type_and_fit(void **state)
{
	uint8_t data[4] = "abcd";
	uint8_t packed[64];
	const size_t size = stored(packed, data, sizeof data);

	(void)state;
	assert_int_equal(packed_try(athar_lzx_unpack, packed, size, 4, data), 4);
	assert_int_equal(packed_try(athar_lzx_unpack, packed, size, 3, NULL), PACKED_REFUSED);
	assert_int_equal(packed_try(athar_lzx_unpack, packed, size, 5, NULL), PACKED_REFUSED);
	(void)stored(packed, data, 0);
	assert_int_equal(packed_try(athar_lzx_unpack, packed, size, 4, NULL), PACKED_REFUSED);
	for (unsigned type = 0; type < 8; type++) {
		(void)stored(packed, data, sizeof data);
		packed[1] = (uint8_t)(type << 5);
		if (type != 3)
			assert_int_equal(packed_try(athar_lzx_unpack, packed, size, 4, NULL),
			                 PACKED_REFUSED);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chunks_of_wimlib),
		cmocka_unit_test(stored_blocks),
		cmocka_unit_test(damage_is_stood),
		cmocka_unit_test(calls_are_undone),
		cmocka_unit_test(blocks_have_a_type_and_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
