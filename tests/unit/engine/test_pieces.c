/* SPDX-License-Identifier: BSD-2-Clause */
/* Pieces of a medium of zeros and noise; their hashes are made by the digesters, which have tests
 * of their own. */
#include "athar_test.h"
#include "engine/pieces.h"

#define SIZE 100000u

static uint8_t medium[SIZE];

static void add(athar_said *said, uint64_t first, uint64_t count, uint64_t unit, unsigned algorithm,
                bool right)
{
	ATHAR_AUTO(digester) athar_digester *d = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	athar_digests digests;
	uint8_t end = right ? 0 : 1;

	assert_ok(athar_digester_new(&d, algorithm, &err), err);
	assert_ok(athar_digester_update(d, medium + first * unit, count * unit, &err), err);
	assert_ok(athar_digester_update(d, &end, right ? 0 : 1, &err), err);
	assert_ok(athar_digester_finish(&digests, d, &err), err);
	assert_ok(athar_said_add_piece(said, first, count, algorithm,
	                               athar_digests_get(&digests, algorithm), &err),
	          err);
}

/* In blocks of this size. */
static void feed(athar_pieces *p, size_t block)
{
	athar_error err = ATHAR_ERROR_INIT;

	for (size_t at = 0; at < SIZE; at += block) {
		const size_t n = SIZE - at < block ? SIZE - at : block;

		assert_ok(athar_pieces_feed(p, at, medium + at, n, &err), err);
	}
}

static void each_is_checked(void **state)
{
	static const size_t blocks[] = {1, 512, 4096, 33333, SIZE};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(blocks); i++) {
		ATHAR_AUTO(said) athar_said said;
		ATHAR_AUTO(pieces) athar_pieces p = {.count = 0};
		athar_error err = ATHAR_ERROR_INIT;

		athar_said_init(&said);
		add(&said, 50000, 50000, 1, ATHAR_SHA256, true);
		add(&said, 0, 1, 1, ATHAR_MD5, true);
		add(&said, 1, 40000, 1, ATHAR_MD5, false);
		add(&said, 1, 40000, 1, ATHAR_SHA1, true);
		assert_ok(athar_pieces_init(&p, &said, SIZE, &err), err);
		feed(&p, blocks[i]);
		assert_int_equal(p.count, 4);
		assert_int_equal(athar_pieces_in(&p, ATHAR_PIECE_SAME), 3);
		assert_int_equal(athar_pieces_in(&p, ATHAR_PIECE_DIFFERS), 1);
		assert_int_equal(p.piece[1].offset, 1);
		assert_int_equal(p.piece[1].state, ATHAR_PIECE_DIFFERS);
	}
}

static void what_overlaps_or_lies_outside_is_left(void **state)
{
	ATHAR_AUTO(said) athar_said said;
	ATHAR_AUTO(pieces) athar_pieces p = {.count = 0};
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	athar_said_init(&said);
	add(&said, 0, 100, 1, ATHAR_MD5, true);
	add(&said, 0, 100, 1, ATHAR_MD5, true);
	add(&said, 50, 100, 1, ATHAR_MD5, true);
	add(&said, 100, 100, 1, ATHAR_MD5, true);
	assert_ok(athar_said_add_piece(&said, SIZE - 1, 2, ATHAR_MD5,
	                               "900150983cd24fb0d6963f7d28e17f72", &err),
	          err);
	assert_ok(athar_said_add_piece(&said, UINT64_MAX - 5, 2, ATHAR_MD5,
	                               "900150983cd24fb0d6963f7d28e17f72", &err),
	          err);
	assert_ok(athar_pieces_init(&p, &said, SIZE, &err), err);
	feed(&p, 4096);
	assert_int_equal(p.count, 2);
	assert_int_equal(p.outside, 4);
	assert_int_equal(athar_pieces_in(&p, ATHAR_PIECE_SAME), 2);
}

/* Nobody says how large a sector is: 4096 where the pieces then end with the medium. */
static void sectors_have_512_or_4096_bytes(void **state)
{
	static const uint64_t units[] = {512, 4096};
	const uint64_t size = 24 * 4096;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		ATHAR_AUTO(said) athar_said said;
		ATHAR_AUTO(pieces) athar_pieces p = {.count = 0};
		athar_error err = ATHAR_ERROR_INIT;

		athar_said_init(&said);
		said.in_sectors = true;
		add(&said, 0, 10, units[i], ATHAR_MD5, true);
		add(&said, 11, size / units[i] - 11, units[i], ATHAR_MD5, true);
		assert_ok(athar_pieces_init(&p, &said, size, &err), err);
		feed(&p, 4096);
		assert_int_equal(athar_pieces_in(&p, ATHAR_PIECE_SAME), 2);
	}
}

static int fill(void **state)
{
	(void)state;
	athar_test_fill(medium, SIZE, 7);
	memset(medium + 1000, 0, 9000);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_checked),
		cmocka_unit_test(what_overlaps_or_lies_outside_is_left),
		cmocka_unit_test(sectors_have_512_or_4096_bytes),
	};

	return cmocka_run_group_tests(tests, fill, NULL);
}
