/* SPDX-License-Identifier: BSD-2-Clause */
/* The formats that are undone by other libraries, and LZO. */
#include "packed.h"

#include <sys/resource.h>
#include <zstd.h>

#include "base/endian.h"
#include "base/idiom.h"

#define DAMAGED_MOST 400

static void lz4_gives_what_was_packed(void **state)
{
	(void)state;
	packed_assert_whole(athar_lz4_unpack, "lz4", 31);
	assert_int_equal(packed_try(athar_lz4_unpack, (const uint8_t *)"", 0, 10, NULL),
	                 PACKED_REFUSED);
}

static void lz4_stands_damage(void **state)
{
	(void)state;
	packed_assert_damage(athar_lz4_unpack, "lz4", DAMAGED_MOST, true);
}

static void zstd_gives_what_was_packed(void **state)
{
	(void)state;
	packed_assert_whole(athar_zstd_unpack, "zstd", 31);
}

static void zstd_stands_damage(void **state)
{
	(void)state;
	packed_assert_damage(athar_zstd_unpack, "zstd", DAMAGED_MOST, true);
}

/* What follows a frame is no part of it: not padding, and not another frame. */
static void zstd_takes_one_frame(void **state)
{
	uint8_t in[200] = {0};
	uint8_t out[64];
	athar_error err = ATHAR_ERROR_INIT;
	size_t made = 0;
	const size_t size = ZSTD_compress(in, sizeof in, "a frame", 7, 1);

	(void)state;
	assert_ok(athar_zstd_unpack(&made, out, sizeof out, in, sizeof in, &err), err);
	assert_int_equal(made, 7);
	memcpy(in + size, in, size);
	assert_ok(athar_zstd_unpack(&made, out, sizeof out, in, sizeof in, &err), err);
	assert_int_equal(made, 7);
	assert_memory_equal(out, "a frame", 7);
}

/* A skippable frame, and the magics of versions 0.5 and 0.7. */
static void zstd_takes_nothing_but_frames(void **state)
{
	static const uint32_t magics[] = {0x184D2A50, 0xFD2FB525, 0xFD2FB527, 0x28B52FFD};
	uint8_t in[64] = {0};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(magics); i++) {
		athar_put_le32(in, magics[i]);
		assert_int_equal(packed_try(athar_zstd_unpack, in, sizeof in, 64, NULL),
		                 PACKED_REFUSED);
	}
}

/* RFC 8878, 3.1.1: a window of 2^41 bytes less a bit, no length, and one block of four bytes. */
static void zstd_takes_no_memory_by_a_claim(void **state)
{
	static const uint8_t huge[] = {0x28, 0xB5, 0x2F, 0xFD, 0x00, 0xFF, 0x21,
	                               0x00, 0x00, 'd',  'a',  't',  'a'};
	static const uint8_t large[] = {0x28, 0xB5, 0x2F, 0xFD, 0x00, 0xA8, 0x21,
	                                0x00, 0x00, 'd',  'a',  't',  'a'};
	struct rusage before, after;

	(void)state;
	assert_int_equal(getrusage(RUSAGE_SELF, &before), 0);
	assert_int_equal(packed_try(athar_zstd_unpack, huge, sizeof huge, 4, NULL), PACKED_REFUSED);
	assert_int_equal(
		packed_try(athar_zstd_unpack, large, sizeof large, 4, (const uint8_t *)"data"), 4);
	assert_int_equal(getrusage(RUSAGE_SELF, &after), 0);
	assert_in_range(after.ru_maxrss - before.ru_maxrss, 0, 8192); /* KiB */
}

static void lzo_gives_what_was_packed(void **state)
{
	(void)state;
	packed_assert_whole(athar_lzo_unpack, "lzo", 31);
}

static void lzo_stands_damage(void **state)
{
	(void)state;
	packed_assert_damage(athar_lzo_unpack, "lzo", DAMAGED_MOST, true);
}

/* Streams by hand, from the description of the format: no packer at hand writes runs. */
static void lzo_runs_of_zeros(void **state)
{
	/* Version 1; 4 literals; a run of (2 << 3 | 5) + 4 zeros and 1 literal; the end. */
	static const uint8_t stream[] = {17,   1,    21,   'a', 'b', 'c', 'd', 0x1D,
	                                 0xFD, 0xFF, 0x02, 'e', 17,  0,   0};
	uint8_t expected[30] = "abcd";

	(void)state;
	expected[29] = 'e';
	assert_int_equal(packed_try(athar_lzo_unpack, stream, sizeof stream, 30, expected), 30);
	assert_int_equal(packed_try(athar_lzo_unpack, stream, sizeof stream, 29, NULL),
	                 PACKED_REFUSED);
	for (size_t cut = 0; cut < sizeof stream; cut++)
		assert_int_equal(packed_try(athar_lzo_unpack, stream, cut, 30, NULL),
		                 PACKED_REFUSED);
}

/* The same instruction where the stream names no version is a match from far, which is not there.
 */
static void lzo_runs_only_in_their_version(void **state)
{
	static const uint8_t plain[] = {21,   'a',  'b', 'c', 'd', 0x1D, 0xFD,
	                                0xFF, 0x02, 'e', 17,  0,   0};
	static const uint8_t newer[] = {17, 2, 21, 'a', 'b', 'c', 'd', 17, 0, 0};

	(void)state;
	assert_int_equal(packed_try(athar_lzo_unpack, plain, sizeof plain, 64, NULL),
	                 PACKED_REFUSED);
	assert_int_equal(packed_try(athar_lzo_unpack, newer, sizeof newer, 64, NULL),
	                 PACKED_REFUSED);
}

/* Each short instruction after each state. */
static void lzo_short_matches(void **state)
{
	/* 1 literal; two bytes from 1 before and 1 literal; the end. */
	static const uint8_t after_one[] = {18, 'a', 0x01, 0x00, 'b', 17, 0, 0};
	/* 3 literals; 4 of 2 before; 3 of 1 before, 3 literals; 2 of 4 before; the end */
	static const uint8_t after_three[] = {20,  'x', 'y', 'z',  0x64, 0x00, 0x43, 0x00,
	                                      'u', 'v', 'w', 0x0C, 0x00, 17,   0,    0};

	(void)state;
	assert_int_equal(packed_try(athar_lzo_unpack, after_one, sizeof after_one, 4,
	                            (const uint8_t *)"aaab"),
	                 4);
	assert_int_equal(packed_try(athar_lzo_unpack, after_three, sizeof after_three, 15,
	                            (const uint8_t *)"xyzyzyzzzzuvwzu"),
	                 15);
}

/* The end's instruction before the end of the input, and an input that has none. */
static void lzo_ends_where_it_says(void **state)
{
	static const uint8_t stream[] = {21, 'a', 'b', 'c', 'd', 17, 0, 0, 0};

	(void)state;
	assert_int_equal(packed_try(athar_lzo_unpack, stream, 8, 4, (const uint8_t *)"abcd"), 4);
	assert_int_equal(packed_try(athar_lzo_unpack, stream, 9, 4, NULL), PACKED_REFUSED);
	assert_int_equal(packed_try(athar_lzo_unpack, stream, 5, 4, NULL), PACKED_REFUSED);
}

/* A byte of room too little. */
static void assert_bounded(const packed_vector *v, void *user)
{
	packed_unpack *const *unpack = user;

	if (v->length > 0)
		assert_int_equal(packed_try(*unpack, v->packed, v->size, v->length - 1, NULL),
		                 PACKED_REFUSED);
}

static void too_little_room_is_refused(void **state)
{
	packed_unpack *lz4 = athar_lz4_unpack, *zstd = athar_zstd_unpack, *lzo = athar_lzo_unpack;

	(void)state;
	assert_int_equal(packed_each("lz4", assert_bounded, &lz4), 31);
	assert_int_equal(packed_each("zstd", assert_bounded, &zstd), 31);
	assert_int_equal(packed_each("lzo", assert_bounded, &lzo), 31);
}

static void the_libraries_have_versions(void **state)
{
	(void)state;
	assert_int_equal(strspn(athar_lz4_engine(), "0123456789."), strlen(athar_lz4_engine()));
	assert_string_equal(athar_zstd_engine(), ZSTD_versionString());
	assert_true(athar_lz4_engine()[0] != '\0');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lz4_gives_what_was_packed),
		cmocka_unit_test(lz4_stands_damage),
		cmocka_unit_test(zstd_gives_what_was_packed),
		cmocka_unit_test(zstd_stands_damage),
		cmocka_unit_test(zstd_takes_one_frame),
		cmocka_unit_test(zstd_takes_nothing_but_frames),
		cmocka_unit_test(zstd_takes_no_memory_by_a_claim),
		cmocka_unit_test(lzo_gives_what_was_packed),
		cmocka_unit_test(lzo_stands_damage),
		cmocka_unit_test(lzo_runs_of_zeros),
		cmocka_unit_test(lzo_runs_only_in_their_version),
		cmocka_unit_test(lzo_short_matches),
		cmocka_unit_test(lzo_ends_where_it_says),
		cmocka_unit_test(too_little_room_is_refused),
		cmocka_unit_test(the_libraries_have_versions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
