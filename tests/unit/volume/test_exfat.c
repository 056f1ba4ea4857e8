/* SPDX-License-Identifier: BSD-2-Clause */
/* A small exFAT volume made here by the specification: 192 clusters of one sector. */
#include "volume_support.h"

#define SECTORS 256
#define HEAP 64              /* sector of cluster 2 */
#define TABLE 32             /* sector */
#define ROOT 5               /* cluster */
#define STAMP 0x5A8C6A40U    /* 2025-04-12 13:18:00 */
#define STAMP_UTC 1744460280 /* with an offset of one hour */

static uint8_t disk[SECTORS * 512];

static void put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v & 0xFFFF);
	put16(p + 2, v >> 16);
}

static uint8_t *cluster(unsigned number)
{
	return disk + (HEAP + number - 2) * 512;
}

static void chain(unsigned number, uint32_t next)
{
	put32(disk + TABLE * 512 + 4 * number, next);
}

static void use(unsigned number)
{
	cluster(2)[(number - 2) / 8] |= (uint8_t)(1U << (number - 2) % 8);
}

static void make_boot(void)
{
	memset(disk, 0, sizeof disk);
	memcpy(disk,
	       "\xeb\x76\x90"
	       "EXFAT   ",
	       11);
	put32(disk + 72, SECTORS);
	put32(disk + 80, TABLE);
	put32(disk + 84, 2);
	put32(disk + 88, HEAP);
	put32(disk + 92, SECTORS - HEAP);
	put32(disk + 96, ROOT);
	put16(disk + 104, 0x100);
	disk[108] = 9;
	disk[110] = 1;
	disk[111] = 0x80;
	put16(disk + 510, 0xAA55);
	chain(0, 0xFFFFFFF8);
	chain(1, 0xFFFFFFFF);
	for (unsigned i = 2; i <= ROOT; i++) {
		chain(i, 0xFFFFFFFF);
		use(i);
	}
}

/* Label, bitmap in cluster 2, upcase table in 3; gives the place behind them. */
static uint8_t *make_root(void)
{
	uint8_t *e = cluster(ROOT);

	e[0] = 0x83;
	e[1] = 2;
	memcpy(e + 2, "A\0B", 4);
	e[32] = 0x81;
	put32(e + 32 + 20, 2);
	put32(e + 32 + 24, (SECTORS - HEAP) / 8);
	e[64] = 0x82;
	put32(e + 64 + 20, 3);
	put32(e + 64 + 24, 100);
	return e + 96;
}

/* A set of three entries with a name of up to 15 letters; gives the place behind it. */
static uint8_t *put_set_of(uint8_t *e, uint8_t attributes, const char *name, unsigned first,
                           uint32_t size, bool contiguous, bool deleted)
{
	uint16_t sum = 0;

	e[0] = 0x85;
	e[1] = 2;
	put16(e + 4, attributes);
	for (size_t i = 8; i < 20; i += 4)
		put32(e + i, STAMP);
	memset(e + 22, 0x84, 3); /* an hour east of UTC */
	e[32] = 0xC0;
	e[33] = contiguous ? 3 : 1;
	e[35] = (uint8_t)strlen(name);
	put32(e + 32 + 8, size);
	put32(e + 32 + 20, first);
	put32(e + 32 + 24, size);
	e[64] = 0xC1;
	for (size_t i = 0; name[i] != '\0'; i++)
		e[66 + 2 * i] = (uint8_t)name[i];
	for (size_t i = 0; i < 96; i++) {
		if (i != 2 && i != 3)
			sum = (uint16_t)(((sum & 1) != 0 ? 0x8000 : 0) + (sum >> 1) + e[i]);
	}
	put16(e + 2, sum);
	for (size_t i = 0; deleted && i < 96; i += 32)
		e[i] &= 0x7F;
	return e + 96;
}

static uint8_t *put_set(uint8_t *e, const char *name, unsigned first, uint32_t size,
                        bool contiguous, bool deleted)
{
	return put_set_of(e, 0x20, name, first, size, contiguous, deleted);
}

static void open_disk(kept *k)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_source *source = NULL;

	assert_ok(athar_source_memory(&source, disk, sizeof disk, &err), err);
	keep_source(k, source);
	assert_int_equal(k->volumes, 1);
	assert_string_equal(k->info[0].kind, "exfat");
	assert_string_equal(k->info[0].label, "AB");
	keep_walk(k, 0);
}

static void check_bytes(kept *k, const kept_file *f, const char *clusters)
{
	uint8_t *bytes = kept_content(k, f);

	for (size_t i = 0; i < f->file.size; i++)
		assert_int_equal(bytes[i], clusters[i / 512]);
	free(bytes);
}

static void a_live_file_with_its_offset_from_utc(void **state)
{
	const kept_file *f;
	kept k;

	(void)state;
	make_boot();
	put_set(make_root(), "live", 20, 100, true, false);
	use(20);
	memset(cluster(20), 'L', 100);
	open_disk(&k);
	f = kept_find(&k, "live", ATHAR_STATE_LIVE);
	assert_non_null(f);
	check_bytes(&k, f, "L");
	assert_int_equal(f->file.time_count, 3);
	assert_int_equal(f->file.times[0].seconds, STAMP_UTC);
	assert_string_equal(f->file.times[0].zone, "utc");
	assert_int_equal(k.counts.deleted + k.counts.orphans, 0);
	keep_close(&k);
}

/* Clusters out of order: the table still has the chain of a deleted file. */
static void a_deleted_chain_is_followed(void **state)
{
	const kept_file *f;
	kept k;

	(void)state;
	make_boot();
	put_set(make_root(), "gone", 10, 1400, false, true);
	chain(10, 14);
	chain(14, 12);
	chain(12, 0xFFFFFFFF);
	memset(cluster(10), 'a', 512);
	memset(cluster(14), 'b', 512);
	memset(cluster(12), 'c', 1400 - 1024);
	open_disk(&k);
	f = kept_find(&k, "gone", ATHAR_STATE_DELETED);
	assert_non_null(f);
	assert_true(f->file.readable);
	assert_false(f->file.assumed);
	assert_int_equal(f->file.extents.count, 3);
	check_bytes(&k, f, "abc");
	keep_close(&k);
}

static void a_chain_that_was_taken_is_not(void **state)
{
	const kept_file *f;
	kept k;

	(void)state;
	make_boot();
	put_set(make_root(), "gone", 10, 1400, false, true);
	chain(10, 14);
	chain(14, 0xFFFFFFFF); /* two clusters, where it had three */
	open_disk(&k);
	f = kept_find(&k, "gone", ATHAR_STATE_DELETED);
	assert_non_null(f);
	assert_true(f->file.assumed);
	keep_close(&k);
}

/* Recorded as one piece: what others own of it now is counted. */
static void a_deleted_piece_partly_in_use(void **state)
{
	const kept_file *f;
	kept k;

	(void)state;
	make_boot();
	put_set(make_root(), "gone", 10, 2000, true, true);
	for (unsigned i = 0; i < 4; i++)
		memset(cluster(10 + i), 'a' + (int)i, i < 3 ? 512 : 2000 - 1536);
	use(12);
	open_disk(&k);
	f = kept_find(&k, "gone", ATHAR_STATE_DELETED);
	assert_non_null(f);
	assert_true(f->file.readable);
	assert_false(f->file.assumed);
	assert_int_equal(f->file.reused, 512);
	check_bytes(&k, f, "abcd");
	keep_close(&k);
}

/* What was never written of a file reads as zeros, whatever stands in its clusters. */
static void a_deleted_file_not_all_written(void **state)
{
	const kept_file *f;
	uint8_t *root, *bytes;
	uint16_t sum = 0;
	kept k;

	(void)state;
	make_boot();
	root = make_root();
	put_set(root, "gone", 10, 1500, true, false);
	put32(root + 32 + 8, 700);
	for (size_t i = 0; i < 96; i++)
		if (i != 2 && i != 3)
			sum = (uint16_t)(((sum & 1) != 0 ? 0x8000 : 0) + (sum >> 1) + root[i]);
	put16(root + 2, sum);
	for (size_t i = 0; i < 96; i += 32)
		root[i] &= 0x7F;
	for (unsigned i = 0; i < 3; i++)
		memset(cluster(10 + i), 'x', 512);
	open_disk(&k);
	f = kept_find(&k, "gone", ATHAR_STATE_DELETED);
	assert_non_null(f);
	assert_int_equal(f->file.extents.count, 2);
	assert_int_equal(f->file.extents.extent[1].kind, ATHAR_EXTENT_HOLE);
	bytes = kept_content(&k, f);
	for (size_t i = 0; i < 1500; i++)
		assert_int_equal(bytes[i], i < 700 ? 'x' : 0);
	free(bytes);
	keep_close(&k);
}

static void an_orphan_has_to_prove_itself(void **state)
{
	const kept_file *f;
	kept k;

	(void)state;
	make_boot();
	make_root();
	put_set(cluster(40), "orphan", 30, 700, true, true);
	memset(cluster(30), 'o', 1024);
	put_set(cluster(50), "forged", 30, 700, true, true)[-10] ^= 1;
	open_disk(&k);
	assert_int_equal(k.counts.orphans, 1);
	f = kept_find(&k, "orphan", ATHAR_STATE_ORPHAN);
	assert_non_null(f);
	check_bytes(&k, f, "oo");
	keep_close(&k);
}

/* The folder's own entry is an orphan; what it lists is given below it, once. */
static void an_orphaned_folder_keeps_its_files(void **state)
{
	const kept_file *f;
	kept k;

	(void)state;
	make_boot();
	make_root();
	put_set(cluster(35), "child", 30, 700, true, true); /* found before its folder */
	put_set_of(cluster(40), 0x10, "folder", 35, 512, true, true);
	memset(cluster(30), 'o', 1024);
	open_disk(&k);
	f = kept_find(&k, "folder", ATHAR_STATE_ORPHAN);
	assert_non_null(f);
	assert_true(f->file.folder);
	f = kept_find(&k, "folder/child", ATHAR_STATE_ORPHAN);
	assert_non_null(f);
	check_bytes(&k, f, "oo");
	assert_int_equal(k.counts.orphans, 1);
	assert_int_equal(k.counts.folders, 1);
	keep_close(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_live_file_with_its_offset_from_utc),
		cmocka_unit_test(a_deleted_chain_is_followed),
		cmocka_unit_test(a_chain_that_was_taken_is_not),
		cmocka_unit_test(a_deleted_piece_partly_in_use),
		cmocka_unit_test(a_deleted_file_not_all_written),
		cmocka_unit_test(an_orphan_has_to_prove_itself),
		cmocka_unit_test(an_orphaned_folder_keeps_its_files),
	};

	return cmocka_run_group_tests_name("volume exfat", tests, NULL, NULL);
}
