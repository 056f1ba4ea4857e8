/* SPDX-License-Identifier: BSD-2-Clause */
#include "athar_test.h"

#include <zlib.h>

#include "base/idiom.h"
#include "inflate/inflate.h"

#define CHUNK 32768

/* What media are made of: one pattern each, any length. */
enum kind { ZEROS, ONES, TEXT, RECORDS, RANDOM, MIXED, KINDS };

static void fill(uint8_t *out, size_t len, enum kind kind, uint64_t seed)
{
	static const char words[] =
		"the quick brown fox jumps over the lazy dog and then some more ";

	switch (kind) {
	case ZEROS:
	case ONES:
		memset(out, kind == ZEROS ? 0 : 0xFF, len);
		break;
	case TEXT:
		for (size_t i = 0; i < len; i++)
			out[i] = (uint8_t)
				words[(i + athar_test_random(&seed) % 3) % (sizeof words - 1)];
		break;
	case RECORDS: /* eight bytes each, the first of them random */
		for (size_t i = 0; i < len; i++)
			out[i] = i % 8 == 0 ? (uint8_t)athar_test_random(&seed) : 0;
		break;
	case RANDOM:
	case MIXED:
	case KINDS:
		athar_test_fill(out, len, seed);
		if (kind == MIXED)
			memset(out, 0, len / 2);
		break;
	}
}

static size_t pack(athar_packer *p, uint8_t *out, const uint8_t *in, size_t len)
{
	return athar_packer_deflate(p, out, 2 * (size_t)CHUNK, in, len);
}

static void streams_are_zlib_streams(void **state)
{
	static const size_t lengths[] = {1, 2, 7, 100, 511, 512, 4096, 5000, 32767, CHUNK};
	static uint8_t in[CHUNK], packed[2 * CHUNK], out[CHUNK];
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	for (int level = ATHAR_COMPRESSION_FAST; level <= ATHAR_COMPRESSION_BEST; level++) {
		athar_packer *p = NULL;

		assert_ok(athar_packer_new(&p, (athar_compression)level, &err), err);
		for (size_t i = 0; i < ATHAR_COUNT(lengths) * KINDS; i++) {
			const size_t len = lengths[i / KINDS];
			uLongf theirs = sizeof out;
			size_t ours = 0;

			fill(in, len, (enum kind)(i % KINDS), i);
			const size_t size = pack(p, packed, in, len);

			assert_true(size < len);
			if (size == 0)
				continue;
			assert_int_equal(uncompress(out, &theirs, packed, size), Z_OK);
			assert_int_equal(theirs, len);
			assert_memory_equal(out, in, len);
			memset(out, 0xAA, len);
			assert_ok(athar_inflate_zlib(out, len, &ours, packed, size, &err), err);
			assert_int_equal(ours, len);
			assert_memory_equal(out, in, len);
		}
		athar_packer_free(p);
	}
}

static void what_can_shrink_does_and_the_rest_is_left(void **state)
{
	static const size_t most[KINDS] = {64, 1024, CHUNK / 2, CHUNK / 2, 0, CHUNK * 3 / 4};
	static uint8_t in[CHUNK], packed[2 * CHUNK];
	athar_error err = ATHAR_ERROR_INIT;
	athar_packer *p = NULL;

	(void)state;
	assert_ok(athar_packer_new(&p, ATHAR_COMPRESSION_FAST, &err), err);
	for (int kind = 0; kind < KINDS; kind++) {
		fill(in, CHUNK, (enum kind)kind, 3);
		const size_t size = pack(p, packed, in, CHUNK);

		assert_in_range(size, kind == RANDOM ? 0 : 1, most[kind]);
	}
	athar_packer_free(p);
}

static void what_went_before_changes_nothing(void **state)
{
	static uint8_t in[CHUNK], first[2 * CHUNK], again[2 * CHUNK];
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	for (int level = ATHAR_COMPRESSION_FAST; level <= ATHAR_COMPRESSION_BEST; level++) {
		athar_packer *used = NULL;

		assert_ok(athar_packer_new(&used, (athar_compression)level, &err), err);
		for (unsigned i = 0; i < 60; i++) {
			uint64_t seed = i;
			const size_t len = 1 + athar_test_random(&seed) % CHUNK;
			athar_packer *fresh = NULL;

			fill(in, len, (enum kind)(athar_test_random(&seed) % KINDS), seed);
			assert_ok(athar_packer_new(&fresh, (athar_compression)level, &err), err);
			const size_t size = pack(fresh, first, in, len);

			assert_int_equal(pack(used, again, in, len), size);
			assert_memory_equal(first, again, size);
			athar_packer_free(fresh);
		}
		athar_packer_free(used);
	}
}

static void nothing_is_written_past_the_room_given(void **state)
{
	static uint8_t in[CHUNK];
	athar_error err = ATHAR_ERROR_INIT;
	athar_packer *p = NULL;

	(void)state;
	assert_ok(athar_packer_new(&p, ATHAR_COMPRESSION_FAST, &err), err);
	for (int kind = 0; kind < KINDS; kind++) {
		fill(in, CHUNK, (enum kind)kind, 9);
		for (size_t cap = 0; cap < 20000; cap = cap * 2 + 3) {
			/* An allocation of its own, so that a sanitizer sees one byte too many. */
			ATHAR_AUTO(free) uint8_t *out = malloc(cap == 0 ? 1 : cap);

			assert_true(athar_packer_deflate(p, out, cap, in, CHUNK) <= cap);
		}
	}
	assert_int_equal(athar_packer_deflate(p, in, CHUNK, in, 0), 0);
	athar_packer_free(p);
}

static void none_packs_nothing(void **state)
{
	static uint8_t in[CHUNK], packed[2 * CHUNK];
	athar_error err = ATHAR_ERROR_INIT;
	athar_packer *p = NULL;

	(void)state;
	assert_ok(athar_packer_new(&p, ATHAR_COMPRESSION_NONE, &err), err);
	assert_int_equal(pack(p, packed, in, CHUNK), 0);
	athar_packer_free(p);
	athar_packer_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(streams_are_zlib_streams),
		cmocka_unit_test(what_can_shrink_does_and_the_rest_is_left),
		cmocka_unit_test(what_went_before_changes_nothing),
		cmocka_unit_test(nothing_is_written_past_the_room_given),
		cmocka_unit_test(none_packs_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
