/* SPDX-License-Identifier: BSD-2-Clause */
/* Maps built here, block by block, as ext2 writes them. */
#include <string.h>

#include "athar_test.h"
#include "base/endian.h"
#include "volume/ext_maps.h"

#define SIZE 64u /* sixteen numbers a block */
#define BLOCKS 512u

static uint8_t disk[BLOCKS][SIZE];

static bool get(void *user, uint32_t block, uint8_t *bytes)
{
	(void)user;
	if (block >= BLOCKS)
		return false;
	memcpy(bytes, disk[block], SIZE);
	return true;
}

static void put(uint32_t block, uint32_t index, uint32_t number)
{
	for (unsigned i = 0; i < 4; i++)
		disk[block][4 * index + i] = (uint8_t)(number >> (8 * i));
}

/* A map of `count` numbers from `first` on. */
static void put_run(uint32_t block, uint32_t first, uint32_t count)
{
	memset(disk[block], 0, SIZE);
	for (uint32_t i = 0; i < count; i++)
		put(block, i, first + i);
}

/* All blocks that look like maps, in order, as a search would add them. */
static void collect(athar_ext_maps *maps)
{
	athar_error err = ATHAR_ERROR_INIT;

	for (uint32_t b = 0; b < BLOCKS; b++) {
		athar_ext_map map = {.block = b, .first = athar_le32(disk[b])};

		map.count = athar_ext_map_count(disk[b], SIZE, 1, BLOCKS);
		if (map.count != 0)
			assert_ok(athar_ext_maps_add(maps, &map, &err), err);
	}
	assert_ok(athar_ext_maps_settle(maps, SIZE, get, NULL, &err), err);
}

static void maps_are_told_from_content(void **state)
{
	(void)state;
	memset(disk, 0, sizeof disk);
	put_run(1, 100, 16);
	assert_int_equal(athar_ext_map_count(disk[1], SIZE, 1, BLOCKS), 16);
	put_run(1, 100, 3);
	assert_int_equal(athar_ext_map_count(disk[1], SIZE, 1, BLOCKS), 3);
	/* a number that is none */
	put(1, 1, BLOCKS);
	assert_int_equal(athar_ext_map_count(disk[1], SIZE, 1, BLOCKS), 0);
	/* something behind the end */
	put_run(1, 100, 3);
	put(1, 9, 7);
	assert_int_equal(athar_ext_map_count(disk[1], SIZE, 1, BLOCKS), 0);
	/* numbers without an order */
	for (uint32_t i = 0; i < 16; i++)
		put(1, i, 1 + (i * 37) % 500);
	assert_int_equal(athar_ext_map_count(disk[1], SIZE, 1, BLOCKS), 0);
	/* the same number twice in a row */
	put_run(1, 100, 16);
	put(1, 5, 104);
	assert_int_equal(athar_ext_map_count(disk[1], SIZE, 1, BLOCKS), 0);
	memset(disk[1], 0, SIZE);
	assert_int_equal(athar_ext_map_count(disk[1], SIZE, 1, BLOCKS), 0);
}

/* 12 single, 9 double over 10 and 11, 5 triple over 9 */
static void depths_are_found_out(void **state)
{
	ATHAR_AUTO(ext_maps) athar_ext_maps maps = {.count = 0};

	(void)state;
	memset(disk, 0, sizeof disk);
	put_run(12, 100, 16);
	put_run(10, 120, 16);
	put_run(11, 140, 4);
	put(9, 0, 10);
	put(9, 1, 11);
	put(5, 0, 9);
	collect(&maps);
	assert_int_equal(maps.count, 5);
	assert_int_equal(athar_ext_maps_at(&maps, 12)->depth, 1);
	assert_int_equal(athar_ext_maps_at(&maps, 10)->depth, 1);
	assert_int_equal(athar_ext_maps_at(&maps, 11)->depth, 1);
	assert_int_equal(athar_ext_maps_at(&maps, 9)->depth, 2);
	assert_int_equal(athar_ext_maps_at(&maps, 5)->depth, 3);
	assert_null(athar_ext_maps_at(&maps, 6));
	assert_int_equal(maps.first_count, 3);
	assert_int_equal(maps.tall_count, 2);
}

/* A map whose first piece is not full is not the first piece of a taller one. */
static void a_gap_below_makes_no_taller_map(void **state)
{
	ATHAR_AUTO(ext_maps) athar_ext_maps maps = {.count = 0};

	(void)state;
	memset(disk, 0, sizeof disk);
	put_run(10, 120, 15);
	put_run(11, 140, 4);
	put(9, 0, 10);
	put(9, 1, 11);
	collect(&maps);
	assert_int_equal(athar_ext_maps_at(&maps, 9)->depth, 1);
}

/* Maps that name each other, or themselves, end. */
static void circles_end(void **state)
{
	ATHAR_AUTO(ext_maps) athar_ext_maps maps = {.count = 0};

	(void)state;
	memset(disk, 0, sizeof disk);
	put(20, 0, 21);
	put(21, 0, 20);
	put(22, 0, 22);
	collect(&maps);
	assert_int_equal(maps.count, 3);
	assert_int_equal(athar_ext_maps_at(&maps, 22)->depth, 1);
	assert_true(athar_ext_maps_at(&maps, 20)->depth <= 3);
}

static void tall_maps_are_found_by_place(void **state)
{
	ATHAR_AUTO(ext_maps) athar_ext_maps maps = {.count = 0};

	(void)state;
	memset(disk, 0, sizeof disk);
	put_run(100, 200, 3);
	put_run(10, 100, 1); /* depth 2 */
	put_run(120, 300, 3);
	put_run(90, 120, 1); /* depth 2 */
	put_run(80, 90, 1);  /* depth 3 */
	collect(&maps);
	assert_int_equal(maps.tall_count, 3);
	assert_int_equal(athar_ext_maps_tall(&maps, 0), 0);
	assert_int_equal(athar_ext_maps_tall(&maps, 10), 0);
	assert_int_equal(athar_ext_maps_tall(&maps, 11), 1);
	assert_int_equal(maps.map[maps.tall[1]].block, 80);
	assert_int_equal(athar_ext_maps_tall(&maps, 91), 3);
	assert_false(athar_ext_maps_at(&maps, 90)->taken);
	athar_ext_maps_take(&maps, 90);
	athar_ext_maps_take(&maps, 91); /* there is none */
	assert_true(athar_ext_maps_at(&maps, 90)->taken);
	assert_false(athar_ext_maps_at(&maps, 80)->taken);
}

static void maps_are_found_by_what_they_begin_with(void **state)
{
	ATHAR_AUTO(ext_maps) athar_ext_maps maps = {.count = 0};
	size_t at;

	(void)state;
	memset(disk, 0, sizeof disk);
	put_run(30, 300, 16);
	put_run(31, 200, 16);
	put_run(32, 200, 5);
	collect(&maps);
	at = athar_ext_maps_first(&maps, 200);
	assert_int_equal(at, 0);
	assert_int_equal(maps.map[maps.by_first[at]].block, 31);
	assert_int_equal(maps.map[maps.by_first[at + 1]].block, 32);
	assert_int_equal(maps.map[maps.by_first[athar_ext_maps_first(&maps, 201)]].block, 30);
	assert_int_equal(athar_ext_maps_first(&maps, 301), maps.first_count);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(maps_are_told_from_content),
		cmocka_unit_test(depths_are_found_out),
		cmocka_unit_test(a_gap_below_makes_no_taller_map),
		cmocka_unit_test(circles_end),
		cmocka_unit_test(tall_maps_are_found_by_place),
		cmocka_unit_test(maps_are_found_by_what_they_begin_with),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
