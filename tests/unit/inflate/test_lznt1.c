/* SPDX-License-Identifier: BSD-2-Clause */
#include "packed.h"

#include "base/check.h"
#include "base/idiom.h"

#define UNIT ((size_t)65536)
#define CHUNK ((size_t)4096)
#define DAMAGED_MOST 700

/* What ntfs-3g wrote for a unit of 64 KiB: the data, and zeros at most to the end of a chunk. */
static void assert_unit(const packed_vector *v, void *user)
{
	ATHAR_AUTO(free) uint8_t *expected = calloc(1, UNIT);

	(void)user;
	assert_non_null(expected);
	memcpy(expected, v->data, v->length);
	const size_t made = packed_try(athar_lznt1_unpack, v->packed, v->size, UNIT, expected);

	assert_in_range(made, v->length, athar_round_up(v->length, CHUNK));
}

static void units_of_ntfs(void **state)
{
	(void)state;
	assert_int_equal(packed_each("lznt1", assert_unit, NULL), 14);
}

static void damage_is_stood(void **state)
{
	(void)state;
	packed_assert_damage(athar_lznt1_unpack, "lznt1", DAMAGED_MOST, false);
}

/* MS-XCA, 3.3. */
static void the_example_of_the_standard(void **state)
{
	static const uint8_t packed[] = {0x38, 0xB0, 0x88, 0x46, 0x23, 0x20, 0x00, 0x20, 0x47, 0x20,
	                                 0x41, 0x00, 0x10, 0xA2, 0x47, 0x01, 0xA0, 0x45, 0x20, 0x44,
	                                 0x00, 0x08, 0x45, 0x01, 0x50, 0x79, 0x00, 0xC0, 0x45, 0x20,
	                                 0x05, 0x24, 0x13, 0x88, 0x05, 0xB4, 0x02, 0x4A, 0x44, 0xEF,
	                                 0x03, 0x58, 0x02, 0x8C, 0x09, 0x16, 0x01, 0x48, 0x45, 0x00,
	                                 0xBE, 0x00, 0x9E, 0x00, 0x04, 0x01, 0x18, 0x90, 0x00};
	static const char data[142] =
		"F# F# G A A G F# E D D E F# F# E E F# F# G A A G F# E D D E F# E D D E E "
		"F# D E F# G F# D E F# G F# E D E A F# F# G A A G F# E D D E F# E D D";

	(void)state;
	assert_int_equal(packed_try(athar_lznt1_unpack, packed, sizeof packed, sizeof data,
	                            (const uint8_t *)data),
	                 sizeof data);
	assert_int_equal(
		packed_try(athar_lznt1_unpack, packed, sizeof packed, sizeof data - 1, NULL),
		PACKED_REFUSED);
}

/* A chunk that gives less than 4 KiB is filled with zeros where another follows, and only there. */
static void short_chunks_are_filled(void **state)
{
	static const uint8_t two[] = {0x01, 0xB0, 0x00, 'a', 0x01, 0xB0, 0x00, 'b'};
	uint8_t expected[CHUNK + 1] = {'a'};

	(void)state;
	expected[CHUNK] = 'b';
	assert_int_equal(packed_try(athar_lznt1_unpack, two, sizeof two, sizeof expected, expected),
	                 sizeof expected);
	assert_int_equal(packed_try(athar_lznt1_unpack, two, 4, UNIT, expected), 1);
	assert_int_equal(packed_try(athar_lznt1_unpack, two, sizeof two, CHUNK, NULL),
	                 PACKED_REFUSED);
	assert_int_equal(packed_try(athar_lznt1_unpack, two, sizeof two, 100, NULL),
	                 PACKED_REFUSED);
}

static void the_end_is_a_head_of_zero(void **state)
{
	static const uint8_t ended[] = {0x01, 0xB0, 0x00, 'a', 0x00, 0x00, 0xFF, 0xFF};

	(void)state;
	assert_int_equal(
		packed_try(athar_lznt1_unpack, ended, sizeof ended, 64, (const uint8_t *)"a"), 1);
	/* A last byte alone is no head. */
	assert_int_equal(packed_try(athar_lznt1_unpack, ended, 5, 64, (const uint8_t *)"a"), 1);
	assert_int_equal(packed_try(athar_lznt1_unpack, ended, 0, 64, NULL), 0);
}

static void other_signatures_are_no_chunks(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 16; i++) {
		const uint8_t in[] = {0x01, (uint8_t)(i << 4), 0x00, 'a'};
		const size_t made = packed_try(athar_lznt1_unpack, in, sizeof in, 64, NULL);

		/* Stored, both bytes are data. */
		assert_int_equal(made, i == 0x3 ? 2 : i == 0xB ? 1 : PACKED_REFUSED);
	}
}

/* Matches from before the chunk, at its first byte, and past its end. */
static void matches_stay_in_their_chunk(void **state)
{
	static const uint8_t first[] = {0x02, 0xB0, 0x01, 0x00, 0x00};
	static const uint8_t before[] = {0x01, 0xB0, 0x00, 'a', 0x03, 0xB0, 0x02, 'b', 0x00, 0x10};
	static const uint8_t longest[] = {0x03, 0xB0, 0x02, 'a', 0xFC, 0x0F};
	static const uint8_t longer[] = {0x03, 0xB0, 0x02, 'a', 0xFD, 0x0F};

	(void)state;
	assert_int_equal(packed_try(athar_lznt1_unpack, first, sizeof first, UNIT, NULL),
	                 PACKED_REFUSED);
	assert_int_equal(packed_try(athar_lznt1_unpack, before, sizeof before, UNIT, NULL),
	                 PACKED_REFUSED);
	assert_int_equal(packed_try(athar_lznt1_unpack, longest, sizeof longest, UNIT, NULL),
	                 CHUNK);
	assert_int_equal(packed_try(athar_lznt1_unpack, longer, sizeof longer, UNIT, NULL),
	                 PACKED_REFUSED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(units_of_ntfs),
		cmocka_unit_test(damage_is_stood),
		cmocka_unit_test(the_example_of_the_standard),
		cmocka_unit_test(short_chunks_are_filled),
		cmocka_unit_test(the_end_is_a_head_of_zero),
		cmocka_unit_test(other_signatures_are_no_chunks),
		cmocka_unit_test(matches_stay_in_their_chunk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
