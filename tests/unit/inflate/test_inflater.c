/* SPDX-License-Identifier: BSD-2-Clause */
#include "athar_test.h"

#include <zlib.h>

#include "base/idiom.h"
#include "inflate/inflate.h"

#define LENGTH 20000

/* A zlib stream by zlib itself. */
static size_t zlib_stream(uint8_t *out, size_t cap, const uint8_t *in, size_t len)
{
	uLongf size = cap;

	assert_int_equal(compress2(out, &size, in, len, 6), Z_OK);
	return size;
}

static void make_text(uint8_t *out, size_t len, uint64_t seed)
{
	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)("etaoin shrdlu"[athar_test_random(&seed) % 13]);
}

/* Inflates; what comes out, if anything does, are the bytes of `expected` (NULL: not compared). */
static athar_status inflate_exact(const uint8_t *packed, size_t size, size_t cap,
                                  const uint8_t *expected, athar_error *err)
{
	/* Allocations of their own size, for the sanitizers. */
	ATHAR_AUTO(free) uint8_t *in = malloc(size == 0 ? 1 : size);
	ATHAR_AUTO(free) uint8_t *out = malloc(cap == 0 ? 1 : cap);
	size_t len = 0;

	memcpy(in, packed, size);
	const athar_status status = athar_inflate_zlib(out, cap, &len, in, size, err);

	if (status == ATHAR_OK && expected != NULL) {
		assert_int_equal(len, cap);
		assert_memory_equal(out, expected, len);
	}
	return status;
}

static void a_stream_cut_anywhere_is_damaged(void **state)
{
	static uint8_t in[3000], packed[4000];
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	make_text(in, sizeof in, 1);
	const size_t size = zlib_stream(packed, sizeof packed, in, sizeof in);

	for (size_t cut = 0; cut < size; cut++)
		assert_status(inflate_exact(packed, cut, sizeof in, NULL, &err), ATHAR_EFORMAT,
		              err);
	assert_ok(inflate_exact(packed, size, sizeof in, NULL, &err), err);
}

static void a_flipped_bit_is_damage_or_no_part_of_the_data(void **state)
{
	static uint8_t in[400], packed[600];
	athar_error err = ATHAR_ERROR_INIT;
	unsigned harmless = 0;

	(void)state;
	make_text(in, sizeof in, 2);
	const size_t size = zlib_stream(packed, sizeof packed, in, sizeof in);

	for (size_t bit = 0; bit < 8 * size; bit++) {
		packed[bit / 8] = (uint8_t)(packed[bit / 8] ^ 1u << bit % 8);
		if (inflate_exact(packed, size, sizeof in, in, &err) == ATHAR_OK)
			harmless++;
		else
			assert_int_equal(err.status, ATHAR_EFORMAT);
		packed[bit / 8] = (uint8_t)(packed[bit / 8] ^ 1u << bit % 8);
	}
	/* Deflate fills its last byte up with bits that mean nothing. */
	assert_in_range(harmless, 0, 7);
}

static void a_wrong_checksum_alone_is_damage(void **state)
{
	static uint8_t in[LENGTH], packed[LENGTH];
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	make_text(in, sizeof in, 7);
	const size_t size = zlib_stream(packed, sizeof packed, in, sizeof in);

	for (size_t i = size - 4; i < size; i++) {
		packed[i]++;
		assert_status(inflate_exact(packed, size, sizeof in, NULL, &err), ATHAR_EFORMAT,
		              err);
		packed[i]--;
	}
	assert_ok(inflate_exact(packed, size, sizeof in, in, &err), err);
}

static void more_than_the_room_is_refused(void **state)
{
	static uint8_t in[LENGTH], packed[LENGTH];
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	make_text(in, sizeof in, 3);
	const size_t size = zlib_stream(packed, sizeof packed, in, sizeof in);

	assert_status(inflate_exact(packed, size, sizeof in - 1, NULL, &err), ATHAR_EFORMAT, err);
	assert_status(inflate_exact(packed, size, 0, NULL, &err), ATHAR_EFORMAT, err);
	assert_ok(inflate_exact(packed, size, sizeof in + 1, NULL, &err), err);
}

static void what_follows_a_stream_is_passed_over(void **state)
{
	static uint8_t in[LENGTH], packed[LENGTH + 9];
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	make_text(in, sizeof in, 4);
	const size_t size = zlib_stream(packed, sizeof packed, in, sizeof in);

	assert_ok(inflate_exact(packed, size + 9, sizeof in, NULL, &err), err);
}

/* Raw deflate by zlib, with its length. */
static size_t raw_stream(uint8_t *out, size_t cap, const uint8_t *in, size_t len)
{
	z_stream s = {0};

	assert_int_equal(deflateInit2(&s, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
	s.next_in = (z_const Bytef *)(uintptr_t)in;
	s.avail_in = (uInt)len;
	s.next_out = out;
	s.avail_out = (uInt)cap;
	assert_int_equal(deflate(&s, Z_FINISH), Z_STREAM_END);
	const size_t size = s.total_out;

	assert_int_equal(deflateEnd(&s), Z_OK);
	return size;
}

static void a_stream_may_come_in_pieces_of_any_size(void **state)
{
	static uint8_t in[LENGTH * 10], packed[LENGTH * 10];
	static const size_t pieces[] = {1, 3, 97, 4096, sizeof packed};
	athar_error err = ATHAR_ERROR_INIT;
	athar_inflater *x = NULL;

	(void)state;
	make_text(in, sizeof in, 5);
	const size_t size = raw_stream(packed, sizeof packed - 100, in, sizeof in);

	assert_ok(athar_inflater_new(&x, &err), err);
	for (size_t i = 0; i < ATHAR_COUNT(pieces); i++) {
		athar_inflated sum = {0};

		athar_inflater_reset(x);
		for (size_t at = 0; at < size + 100; at += pieces[i]) {
			const size_t left = size + 100 - at;

			assert_ok(athar_inflater_feed(x, &sum, packed + at,
			                              left < pieces[i] ? left : pieces[i],
			                              sizeof in, &err),
			          err);
		}
		assert_true(sum.ended);
		assert_int_equal(sum.consumed, size);
		assert_int_equal(sum.produced, sizeof in);
		assert_int_equal(sum.crc32, crc32(0, in, sizeof in));
	}
	athar_inflater_free(x);
	athar_inflater_free(NULL);
}

static void a_stream_that_is_cut_has_not_ended(void **state)
{
	static uint8_t in[LENGTH], packed[LENGTH];
	athar_error err = ATHAR_ERROR_INIT;
	athar_inflated sum = {0};
	athar_inflater *x = NULL;

	(void)state;
	make_text(in, sizeof in, 6);
	const size_t size = raw_stream(packed, sizeof packed, in, sizeof in);

	assert_ok(athar_inflater_new(&x, &err), err);
	assert_ok(athar_inflater_feed(x, &sum, packed, size - 1, sizeof in, &err), err);
	assert_false(sum.ended);
	assert_int_equal(sum.consumed, size - 1);
	assert_ok(athar_inflater_feed(x, &sum, packed + size - 1, 1, sizeof in, &err), err);
	assert_true(sum.ended);
	athar_inflater_free(x);
}

static void a_bomb_stops_at_its_limit(void **state)
{
	static uint8_t in[1 << 20], packed[8192];
	athar_error err = ATHAR_ERROR_INIT;
	athar_inflated sum = {0};
	athar_inflater *x = NULL;

	(void)state;
	const size_t size = raw_stream(packed, sizeof packed, in, sizeof in);

	assert_ok(athar_inflater_new(&x, &err), err);
	assert_status(athar_inflater_feed(x, &sum, packed, size, 100000, &err), ATHAR_ELIMIT, err);
	assert_in_range(sum.produced, 100001, 100000 + 65536);
	athar_inflater_free(x);
}

static void garbage_is_damage_and_a_reset_forgets_it(void **state)
{
	static const uint8_t garbage[] = {0xFF, 0xFF, 0xFF};
	/* A final stored block of no bytes (RFC 1951, 3.2.4). */
	static const uint8_t empty[] = {1, 0, 0, 0xFF, 0xFF};
	athar_error err = ATHAR_ERROR_INIT;
	athar_inflated sum = {0};
	athar_inflater *x = NULL;

	(void)state;
	assert_ok(athar_inflater_new(&x, &err), err);
	assert_status(athar_inflater_feed(x, &sum, garbage, sizeof garbage, 100, &err),
	              ATHAR_EFORMAT, err);
	athar_inflater_reset(x);
	sum = (athar_inflated){0};
	assert_ok(athar_inflater_feed(x, &sum, empty, sizeof empty, 100, &err), err);
	assert_true(sum.ended);
	assert_int_equal(sum.consumed, sizeof empty);
	assert_int_equal(sum.crc32, 0);
	athar_inflater_free(x);
}

static void checksums_are_zlibs(void **state)
{
	static uint8_t bytes[LENGTH];
	uint64_t seed = 8;

	(void)state;
	assert_int_equal(athar_crc32(0, "123456789", 9), 0xCBF43926);
	assert_int_equal(athar_adler32(1, "Wikipedia", 9), 0x11E60398);
	assert_int_equal(athar_crc32(7, NULL, 0), 7);
	assert_int_equal(athar_adler32(7, NULL, 0), 7);
	athar_test_fill(bytes, sizeof bytes, 8);
	memset(bytes, 0xFF, sizeof bytes / 2);
	for (int i = 0; i < 300; i++) {
		const size_t cut = athar_test_random(&seed) % sizeof bytes;
		const size_t len = athar_test_random(&seed) % (sizeof bytes - cut);
		const uint32_t adler = athar_adler32(1, bytes, cut);
		const uint32_t crc = athar_crc32(0, bytes, cut);

		assert_int_equal(adler, adler32(1, bytes, (uInt)cut));
		assert_int_equal(crc, crc32(0, bytes, (uInt)cut));
		assert_int_equal(athar_adler32(adler, bytes + cut, len),
		                 adler32(1, bytes, (uInt)(cut + len)));
		assert_int_equal(athar_crc32(crc, bytes + cut, len),
		                 crc32(0, bytes, (uInt)(cut + len)));
	}
	assert_non_null(strstr(athar_inflate_engine(), "zlib " ZLIB_VERSION));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stream_cut_anywhere_is_damaged),
		cmocka_unit_test(a_flipped_bit_is_damage_or_no_part_of_the_data),
		cmocka_unit_test(a_wrong_checksum_alone_is_damage),
		cmocka_unit_test(more_than_the_room_is_refused),
		cmocka_unit_test(what_follows_a_stream_is_passed_over),
		cmocka_unit_test(a_stream_may_come_in_pieces_of_any_size),
		cmocka_unit_test(a_stream_that_is_cut_has_not_ended),
		cmocka_unit_test(a_bomb_stops_at_its_limit),
		cmocka_unit_test(garbage_is_damage_and_a_reset_forgets_it),
		cmocka_unit_test(checksums_are_zlibs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
