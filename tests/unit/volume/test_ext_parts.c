/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts that read ext4 and its journal, each with bytes made here. */
#include "volume/ext_found.h"
#include "volume_support.h"

#include "base/alloc.h"
#include "base/endian.h"
#include "base/sort.h"
#include "volume/crc32c.h"
#include "volume/ext_dir.h"
#include "volume/ext_map.h"
#include "volume/jbd2.h"

static void put16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

static void put_be32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static athar_ext geometry(uint32_t block, uint32_t inode)
{
	athar_ext x = {.inodes = 1000};

	x.layout.block = block;
	x.layout.inode = inode;
	x.layout.blocks = 100000;
	return x;
}

/* RFC 3720, B.4, and the check value of the catalogue of CRCs. */
static void crc32c_of_the_rfc(void **state)
{
	uint8_t bytes[32] = {0};

	(void)state;
	assert_int_equal(~athar_crc32c(ATHAR_CRC32C_BEGIN, "123456789", 9), 0xE3069283u);
	assert_int_equal(~athar_crc32c(ATHAR_CRC32C_BEGIN, bytes, 32), 0x8A9136AAu);
	for (unsigned i = 0; i < 32; i++)
		bytes[i] = (uint8_t)i;
	assert_int_equal(~athar_crc32c(ATHAR_CRC32C_BEGIN, bytes, 32), 0x46DD794Eu);
	assert_int_equal(athar_crc32c_le32(5, 0x04030201), athar_crc32c(5, "\1\2\3\4", 4));
}

static int by_value(const void *a, const void *b, const void *user)
{
	const int x = *(const int *)a, y = *(const int *)b;

	(void)user;
	return x < y ? -1 : x > y;
}

static void sorts_any_count(void **state)
{
	int values[100];

	(void)state;
	for (int count = 0; count <= 100; count++) {
		for (int i = 0; i < count; i++)
			values[i] = i * 37 % 101;
		athar_sort(values, (size_t)count, sizeof *values, by_value, NULL);
		for (int i = 1; i < count; i++)
			assert_true(values[i - 1] < values[i]);
	}
}

/* The table "inode timestamps" of the kernel's documentation of ext4. */
static void times_past_2038(void **state)
{
	static const struct {
		uint32_t extra, seconds;
		int64_t is;
	} rows[] = {
		{0, 0x80000000, INT64_C(-0x80000000)}, {0, 0x7FFFFFFF, 0x7FFFFFFF},
		{1, 0x80000000, 0x80000000},           {1, 0x7FFFFFFF, INT64_C(0x17FFFFFFF)},
		{2, 0x80000000, INT64_C(0x180000000)}, {3, 0x7FFFFFFF, INT64_C(0x37FFFFFFF)},
	};
	const athar_ext x = geometry(1024, 256);
	uint8_t bytes[256] = {0};
	athar_ext_inode inode;

	(void)state;
	put16(bytes + 128, 32);
	for (size_t i = 0; i < ATHAR_COUNT(rows); i++) {
		athar_put_le32(bytes + 16, rows[i].seconds);
		athar_put_le32(bytes + 136, rows[i].extra | 123456789u << 2);
		assert_true(athar_ext_inode_read(&inode, &x, 12, bytes));
		assert_int_equal(inode.modified.seconds, rows[i].is);
		assert_int_equal(inode.modified.nanoseconds, 123456789);
	}
	put16(bytes + 128, 4); /* those bytes are no fields then */
	assert_true(athar_ext_inode_read(&inode, &x, 12, bytes));
	assert_int_equal(inode.modified.nanoseconds, 0);
	assert_false(inode.has_created);
}

static uint8_t *put_entry(uint8_t *at, uint32_t inode, uint16_t record, const char *name,
                          uint8_t type)
{
	athar_put_le32(at, inode);
	put16(at + 4, record);
	at[6] = (uint8_t)strlen(name);
	at[7] = type;
	memcpy(at + 8, name, strlen(name));
	return at + record;
}

/* "gone" was swallowed by the entry before it, "older" by that one earlier. */
static void names_between_entries(void **state)
{
	static const char *const names[] = {".", "..", "kept", "gone", "older", "last"};
	uint8_t block[1024] = {0};
	uint8_t *at = put_entry(block, 2, 12, ".", 2);
	athar_ext_dir dir;
	athar_ext_entry e;

	(void)state;
	at = put_entry(at, 2, 12, "..", 2);
	(void)put_entry(at + 12, 14, 28, "gone", 1);
	(void)put_entry(at + 24, 15, 16, "older", 1);
	at = put_entry(at, 13, 40, "kept", 1);
	(void)put_entry(at, 16, (uint16_t)(block + 1024 - at), "last", 1);
	assert_int_equal(athar_ext_dir_self(block), 2);
	assert_true(athar_ext_dir_open(&dir, block, 1024, 1000));
	for (size_t i = 0; i < ATHAR_COUNT(names); i++) {
		assert_true(athar_ext_dir_next(&e, &dir));
		assert_int_equal(e.len, strlen(names[i]));
		assert_memory_equal(e.name, names[i], e.len);
		assert_int_equal(e.deleted, i == 3 || i == 4);
	}
	assert_false(athar_ext_dir_next(&e, &dir));
	put16(block + 4, 16); /* the entries do not meet the end of the block */
	assert_false(athar_ext_dir_open(&dir, block, 1024, 1000));
}

/* What a tree of hashes keeps behind ".." is no name. */
static void an_index_has_no_names(void **state)
{
	uint8_t block[1024] = {0};
	athar_ext_entry e;
	athar_ext_dir dir;

	(void)state;
	(void)put_entry(put_entry(block, 2, 12, ".", 2), 2, 1012, "..", 2);
	block[29] = 8;                               /* length of its information */
	(void)put_entry(block + 40, 14, 12, "x", 1); /* hashes that look like a name */
	assert_true(athar_ext_dir_open(&dir, block, 1024, 1000));
	assert_true(athar_ext_dir_next(&e, &dir));
	assert_true(athar_ext_dir_next(&e, &dir));
	assert_false(athar_ext_dir_next(&e, &dir));
}

/* Of a block number n: numbers n * 100 + 1, 2, 3 and no more. */
static bool get_pointers(void *user, uint8_t *buf, uint64_t block, unsigned later)
{
	(void)user;
	memset(buf, 0, 1024);
	for (uint32_t i = 1; i <= 3; i++)
		athar_put_le32(buf + 4 * (i - 1), (uint32_t)block * 100 + i);
	return later == 0 && block < 1000;
}

/* 12 direct blocks, then 256, 65536 and 256 * 65536 by indirection: three of each here. */
static void indirect_blocks(void **state)
{
	static const struct {
		uint64_t logical, block;
	} runs[] = {{0, 0},    {12, 301}, {268, 50101}, {524, 50201}, {780, 50301},
	            {1036, 0}, {14, 303}, {15, 0},      {526, 50203}};
	const athar_ext x = geometry(1024, 128);
	athar_ext_nodes nodes = {get_pointers, NULL, 1000};
	athar_ext_map map = {.run = NULL};
	athar_error err = ATHAR_ERROR_INIT;
	athar_ext_inode inode = {.number = 12, .size = UINT64_C(70000) * 1024};

	(void)state;
	athar_put_le32(inode.map + 48, 3);
	athar_put_le32(inode.map + 52, 5);
	assert_ok(athar_ext_map_read(&map, &x, &inode, &nodes, &err), err);
	for (size_t i = 0; i < ATHAR_COUNT(runs); i++)
		assert_int_equal(athar_ext_map_find(&map, runs[i].logical), runs[i].block);
	assert_int_equal(map.lost, 0);
	/* Single: itself and 3; double: itself, 3 and 9. */
	assert_int_equal(map.blocks, 4 + 13);
	athar_ext_map_clear(&map);
}

/* A leaf, or two: its second index entry leads to a block that is none. */
static bool get_leaf(void *user, uint8_t *buf, uint64_t block, unsigned later)
{
	(void)user;
	memset(buf, 0, 1024);
	put16(buf, 0xF30A);
	put16(buf + 2, 1);
	put16(buf + 4, 84);
	athar_put_le32(buf + 12, 10);
	put16(buf + 16, 5);
	athar_put_le32(buf + 20, 777);
	return later == 0 && block == 50;
}

static void a_lost_leaf(void **state)
{
	const athar_ext x = geometry(1024, 128);
	athar_ext_nodes nodes = {get_leaf, NULL, 1000};
	athar_ext_map map = {.run = NULL};
	athar_error err = ATHAR_ERROR_INIT;
	athar_ext_inode inode = {.number = 12, .size = 100 * 1024, .flags = ATHAR_EXT_EXTENTS};

	(void)state;
	put16(inode.map, 0xF30A);
	put16(inode.map + 2, 2);
	put16(inode.map + 4, 4);
	put16(inode.map + 6, 1);
	athar_put_le32(inode.map + 16, 50);
	athar_put_le32(inode.map + 24, 40);
	athar_put_le32(inode.map + 28, 51);
	assert_ok(athar_ext_map_read(&map, &x, &inode, &nodes, &err), err);
	assert_int_equal(map.count, 2);
	assert_int_equal(map.run[0].block, 777);
	assert_int_equal(map.run[0].count, 5);
	assert_int_equal(map.run[1].part, ATHAR_EXT_PART_LOST);
	assert_int_equal(map.run[1].logical, 40);
	assert_int_equal(map.run[1].count, 60); /* to the end of the content */
	assert_false(athar_ext_map_whole(&map, &inode));
	athar_ext_map_clear(&map);
}

/* Sizes of tags by journal_tag_bytes() of Linux: 8, 12, 10, 14 and 16. */
static void tags_of_each_kind(void **state)
{
	static const struct {
		unsigned sums, size;
		bool wide;
	} rows[] = {{0, 8, false}, {0, 12, true}, {2, 10, false}, {2, 14, true}, {3, 16, true}};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(rows); i++) {
		const athar_jbd2_super s = {
			.block = 1024, .sums = rows[i].sums, .wide = rows[i].wide};
		uint8_t block[1024] = {0};
		uint8_t *second = block + 12 + rows[i].size + 16; /* behind a UUID */

		athar_jbd2_copy copy;
		uint32_t at = 0;

		put_be32(block + 12, 1234);
		put_be32(second, 77);
		second[7] = 1 | 2 | 8; /* escaped, the same UUID, the last */
		if (rows[i].wide)
			put_be32(second + 8, 1);
		assert_true(athar_jbd2_tag_next(&copy, &s, block, &at));
		assert_int_equal(copy.home, 1234);
		assert_false(copy.escaped);
		assert_true(athar_jbd2_tag_next(&copy, &s, block, &at));
		assert_int_equal(copy.home, 77 | (rows[i].wide ? UINT64_C(1) << 32 : 0));
		assert_true(copy.escaped);
		assert_false(athar_jbd2_tag_next(&copy, &s, block, &at));
	}
}

/* Numbers of transactions wrap: 3 comes after 0xFFFFFFFE. */
static void order_over_the_wrap(void **state)
{
	const athar_jbd2_super s = {.block = 1024, .sequence = 5};
	uint8_t block[12] = {0};

	(void)state;
	put_be32(block + 8, 3);
	assert_int_equal(athar_jbd2_order_of(&s, block), -2);
	put_be32(block + 8, 0xFFFFFFFE);
	assert_int_equal(athar_jbd2_order_of(&s, block), -7);
}

static void add_found(athar_ext_finds *f, int32_t order, uint64_t image, uint64_t length)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_ext_found *found;

	assert_ok(athar_grow(&f->found, &f->capacity, f->count + 1, sizeof *f->found, &err), err);
	found = &f->found[f->count++];
	*found = (athar_ext_found){.order = order};
	assert_ok(athar_extents_add_data(&found->extents, image, length, &err), err);
}

/* Who loses the first block has nothing of its own there, whatever closes there. */
static void first_blocks_taken_again(void **state)
{
	static const struct {
		int32_t order;
		uint64_t image, length, claimed;
		bool headless;
	} cases[] = {
		{5, 4096, 3000, 3072, true},   /* the next one's now */
		{16, 4096, 2900, 0, false},    /* the same blocks, later */
		{5, 16384, 4096, 2048, false}, /* only its end is lost */
		{9, 18432, 100000, 0, false},  /* to this one */
		{4, 200 * 1024, 2048, 1024, true} /* only its beginning */,
		{6, 200 * 1024, 1, 0, false},
	};
	ATHAR_AUTO(ext_finds) athar_ext_finds f = {.count = 0};
	athar_error err = ATHAR_ERROR_INIT;
	athar_ext x = {.layout = {.block = 1024, .blocks = 1024}};
	athar_jbd2 j = {.x = &x};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(cases); i++)
		add_found(&f, cases[i].order, cases[i].image, cases[i].length);
	assert_ok(athar_ext_finds_settle(&f, &j, &err), err);
	for (size_t i = 0; i < ATHAR_COUNT(cases); i++) {
		assert_int_equal(f.found[i].claimed, cases[i].claimed);
		assert_int_equal(f.found[i].headless, cases[i].headless);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(crc32c_of_the_rfc),     cmocka_unit_test(sorts_any_count),
		cmocka_unit_test(times_past_2038),       cmocka_unit_test(names_between_entries),
		cmocka_unit_test(an_index_has_no_names), cmocka_unit_test(indirect_blocks),
		cmocka_unit_test(a_lost_leaf),           cmocka_unit_test(tags_of_each_kind),
		cmocka_unit_test(order_over_the_wrap),   cmocka_unit_test(first_blocks_taken_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
