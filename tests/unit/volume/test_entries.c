/* SPDX-License-Identifier: BSD-2-Clause */
/* Directory entries, allocation tables and runs whose truth is how they were made. */
#include "volume_support.h"

#include "volume/content.h"
#include "volume/fat_orphans.h"
#include "volume/seen.h"

static void a_set_knows_what_it_has_seen(void **state)
{
	athar_seen seen = {NULL, 0, 0};
	athar_error err = ATHAR_ERROR_INIT;
	bool fresh;

	(void)state;
	assert_false(athar_seen_has(&seen, 0));
	for (uint64_t pass = 0; pass < 2; pass++) {
		for (uint64_t i = 0; i < 5000; i++) {
			assert_ok(athar_seen_add(&seen, i * i, &fresh, &err), err);
			assert_true(fresh == (pass == 0));
		}
	}
	assert_ok(athar_seen_add(&seen, UINT64_MAX, &fresh, &err), err);
	assert_true(fresh);
	assert_true(athar_seen_has(&seen, UINT64_MAX));
	assert_true(athar_seen_has(&seen, 4999 * 4999));
	assert_false(athar_seen_has(&seen, 2));
	athar_seen_clear(&seen);
}

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

/* The function of the exFAT specification, section 6.3.3. */
static uint16_t specified_checksum(const uint8_t *entries, uint8_t secondary_count)
{
	const uint16_t bytes = (uint16_t)(((uint16_t)secondary_count + 1) * 32);
	uint16_t checksum = 0;

	for (uint16_t i = 0; i < bytes; i++) {
		if (i == 2 || i == 3)
			continue;
		checksum = (uint16_t)(((checksum & 1) ? 0x8000 : 0) + (checksum >> 1) + entries[i]);
	}
	return checksum;
}

/* A file of 5000 bytes from cluster 77 on, "abc". */
static void make_set(uint8_t set[96], bool contiguous)
{
	memset(set, 0, 96);
	set[0] = 0x85;
	set[1] = 2;
	put16(set + 4, 0x20);
	set[32] = 0xC0;
	set[33] = contiguous ? 3 : 1;
	set[35] = 3;
	put32(set + 32 + 8, 5000);
	put32(set + 32 + 20, 77);
	put32(set + 32 + 24, 5000);
	set[64] = 0xC1;
	set[66] = 'a';
	set[68] = 'b';
	set[70] = 'c';
	put16(set + 2, specified_checksum(set, 2));
}

static void a_deleted_exfat_set_proves_itself(void **state)
{
	athar_exfat_set parsed;
	uint8_t set[96];

	(void)state;
	make_set(set, true);
	assert_true(athar_exfat_set_parse(&parsed, set, sizeof set));
	assert_true(parsed.proven);
	for (size_t i = 0; i < sizeof set; i += 32)
		set[i] &= 0x7F; /* deleted */
	assert_true(athar_exfat_set_parse(&parsed, set, sizeof set));
	assert_true(parsed.proven);
	assert_true(parsed.contiguous);
	assert_int_equal(parsed.first, 77);
	assert_int_equal(parsed.size, 5000);
	set[70] = 'd';
	assert_true(athar_exfat_set_parse(&parsed, set, sizeof set));
	assert_false(parsed.proven);
	assert_false(athar_exfat_set_parse(&parsed, set, sizeof set - 1));
	set[1] = 0;
	assert_false(athar_exfat_set_parse(&parsed, set, sizeof set));
}

/* A FAT volume of 512-byte clusters in memory: one reserved sector, one table, 16 root entries. */
typedef struct tiny {
	uint8_t *bytes;
	size_t size;
	athar_source *source;
	athar_tsk_image *image;
	athar_fat fat;
} tiny;

static void make_tiny(tiny *t, unsigned bits, unsigned table_sectors, size_t clusters)
{
	const size_t root = bits == 32 ? 0 : 16;

	t->size = (1 + table_sectors + (root != 0 ? 1 : 0) + clusters) * 512;
	t->bytes = calloc(1, t->size);
	assert_non_null(t->bytes);
	put16(t->bytes + 11, 512);
	t->bytes[13] = 1;
	put16(t->bytes + 14, 1);
	t->bytes[16] = 1;
	put16(t->bytes + 17, (unsigned)root);
	if (bits == 32)
		put32(t->bytes + 36, table_sectors);
	else
		put16(t->bytes + 22, table_sectors);
}

static void open_tiny(tiny *t, unsigned bits)
{
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_source_memory(&t->source, t->bytes, t->size, &err), err);
	assert_ok(athar_tsk_image_open(&t->image, t->source, &err), err);
	assert_true(athar_fat_open(&t->fat, t->image, 0, t->size, false, bits));
}

static void close_tiny(tiny *t)
{
	athar_tsk_image_close(t->image);
	athar_source_close(t->source);
	free(t->bytes);
}

static void set_entry(uint8_t *table, unsigned bits, unsigned index, uint32_t value)
{
	uint8_t *p = table + index * bits / 8;

	if (bits == 32)
		put32(p, value);
	else if (bits == 16)
		put16(p, value);
	else if (index % 2 == 0) {
		p[0] = (uint8_t)value;
		p[1] = (uint8_t)((p[1] & 0xF0) | (value >> 8 & 0x0F));
	} else {
		p[0] = (uint8_t)((p[0] & 0x0F) | (value << 4 & 0xF0));
		p[1] = (uint8_t)(value >> 4);
	}
}

static void tables_of_all_widths(void **state)
{
	static const unsigned widths[] = {12, 16, 32};

	(void)state;
	for (size_t w = 0; w < ATHAR_COUNT(widths); w++) {
		const unsigned bits = widths[w];
		const uint32_t end = 0x0FFFFFFF >> (bits == 32 ? 0 : 28 - bits);
		athar_runs runs = ATHAR_RUNS_INIT;
		athar_error err = ATHAR_ERROR_INIT;
		tiny t;

		make_tiny(&t, bits, 1, 40);
		set_entry(t.bytes + 512, bits, 0, end - 7);
		set_entry(t.bytes + 512, bits, 1, end);
		set_entry(t.bytes + 512, bits, 2, 3);
		set_entry(t.bytes + 512, bits, 3, end);
		set_entry(t.bytes + 512, bits, 7, end);
		set_entry(t.bytes + 512, bits, 9, end - 8); /* bad: in no file */
		open_tiny(&t, bits);
		assert_ok(athar_fat_allocated(&runs, &t.fat, t.image, 0, &err), err);
		assert_int_equal(runs.count, 2);
		assert_int_equal(runs.run[0].offset, 0);
		assert_int_equal(runs.run[0].length, t.fat.data + 2 * 512);
		assert_int_equal(runs.run[1].offset, t.fat.data + 5 * 512);
		assert_int_equal(runs.run[1].length, 512);
		athar_runs_clear(&runs);
		close_tiny(&t);
	}
}

static void put_file(uint8_t *e, const char *name, unsigned first, uint32_t size)
{
	memcpy(e, name, 11);
	e[11] = 0x20;
	put16(e + 22, 12 << 11);
	put16(e + 24, (2020 - 1980) << 9 | 5 << 5 | 17);
	put16(e + 26, first);
	put32(e + 28, size);
}

static athar_status no_beat(void *user, athar_error *err)
{
	(void)user;
	(void)err;
	return ATHAR_OK;
}

static void only_whole_directories_give_orphans(void **state)
{
	athar_fat_orphans found = {NULL, 0, 0};
	const athar_runs none = ATHAR_RUNS_INIT;
	athar_error err = ATHAR_ERROR_INIT;
	uint8_t *cluster;
	tiny t;

	(void)state;
	make_tiny(&t, 16, 1, 40);
	cluster = t.bytes + 3 * 512;
	put_file(cluster + 0, "\xe5NE     TXT", 10, 700); /* cluster 2: two files */
	put_file(cluster + 32, "TWO     TXT", 12, 20);
	put_file(cluster + 512, "\xe5NE     TXT", 10, 700); /* 3: random bytes behind one */
	athar_test_fill(cluster + 512 + 64, 448, 1);
	put_file(cluster + 1024, "lower   txt", 10, 700);         /* 4: no such short name */
	put_file(cluster + 1536, "\xe5IG     TXT", 10, 1u << 30); /* 5: larger than the volume */
	put_file(cluster + 2048, "\xe5UT     TXT", 4000, 9);      /* 6: no such cluster */
	athar_test_fill(cluster + 4096, 8192, 7);
	open_tiny(&t, 16);
	assert_ok(athar_fat_orphans_find(&found, &t.fat, t.image, &none, no_beat, NULL, &err), err);
	assert_int_equal(found.count, 2);
	assert_int_equal(found.orphan[0].cluster, 2);
	assert_int_equal(found.orphan[0].address, athar_fat_address(&t.fat, 3 * 512));
	assert_int_equal(found.orphan[1].address, found.orphan[0].address + 1);
	athar_fat_orphans_clear(&found);
	close_tiny(&t);
}

/* A volume of 4096-byte blocks that starts at 1 MiB in an image of 100 MiB. */
static void make_volume(athar_volume *volume, athar_tsk_image *image, TSK_FS_INFO *fs,
                        TSK_FS_TYPE_ENUM type)
{
	memset(image, 0, sizeof *image);
	memset(volume, 0, sizeof *volume);
	memset(fs, 0, sizeof *fs);
	image->tsk.size = 100 << 20;
	fs->block_size = 4096;
	fs->ftype = type;
	volume->image = image;
	volume->fs = fs;
	volume->base = 1 << 20;
}

static void check(const athar_extent *x, athar_extent_kind kind, uint64_t image, uint64_t length,
                  uint64_t stored)
{
	assert_int_equal(x->kind, kind);
	assert_true(x->image == image);
	assert_int_equal(x->length, length);
	assert_int_equal(x->stored, stored);
}

static void compression_units(void **state)
{
	const uint64_t base = 1 << 20;
	athar_extents x = ATHAR_EXTENTS_INIT;
	athar_error err = ATHAR_ERROR_INIT;
	athar_tsk_image *image = malloc(sizeof *image);
	athar_volume volume;
	TSK_FS_INFO fs;
	TSK_FS_ATTR_RUN runs[] = {
		{.offset = 0, .addr = 100, .len = 16}, /* a plain unit */
		{.offset = 16, .addr = 200, .len = 5}, /* a compressed one */
		{.offset = 21,
	         .len = 11 + 16,
	         .flags = TSK_FS_ATTR_RUN_FLAG_SPARSE}, /* and a hole */
		{.offset = 48, .addr = 300, .len = 1},  /* compressed, in two places */
		{.offset = 49, .addr = 400, .len = 2},
		{.offset = 51, .len = 13, .flags = TSK_FS_ATTR_RUN_FLAG_SPARSE},
	};
	TSK_FS_ATTR attr = {.flags = TSK_FS_ATTR_COMP | TSK_FS_ATTR_NONRES,
	                    .size = 3 * 65536 + 1000};

	(void)state;
	assert_non_null(image);
	for (size_t i = 0; i + 1 < ATHAR_COUNT(runs); i++)
		runs[i].next = &runs[i + 1];
	make_volume(&volume, image, &fs, TSK_FS_TYPE_NTFS);
	attr.nrd.run = runs;
	attr.nrd.compsize = 16;
	attr.nrd.initsize = attr.size;
	assert_ok(athar_attr_extents(&x, &volume, &attr, &err), err);
	assert_int_equal(x.count, 4);
	check(&x.extent[0], ATHAR_EXTENT_DATA, base + 100 * 4096, 65536, 65536);
	check(&x.extent[1], ATHAR_EXTENT_DERIVED, base + 200 * 4096, 65536, 5 * 4096);
	assert_int_equal(x.extent[1].transform, ATHAR_TRANSFORM_LZNT1);
	check(&x.extent[2], ATHAR_EXTENT_HOLE, ATHAR_NOWHERE, 65536, 0);
	check(&x.extent[3], ATHAR_EXTENT_DERIVED, base + 300 * 4096, 1000, 3 * 4096);
	athar_extents_clear(&x);
	free(image);
}

static void runs_with_holes_gaps_and_no_end(void **state)
{
	const uint64_t base = 1 << 20;
	const uint64_t blocks = (99 << 20) / 4096; /* behind base */
	athar_extents x = ATHAR_EXTENTS_INIT;
	athar_error err = ATHAR_ERROR_INIT;
	athar_tsk_image *image = malloc(sizeof *image);
	athar_volume volume;
	TSK_FS_INFO fs;
	TSK_FS_ATTR_RUN runs[] = {
		{.offset = 0, .addr = 10, .len = 2},
		{.offset = 2, .len = 1, .flags = TSK_FS_ATTR_RUN_FLAG_SPARSE},
		{.offset = 3, .len = 1, .flags = TSK_FS_ATTR_RUN_FLAG_FILLER},
		{.offset = 6, .addr = blocks - 1, .len = 3}, /* two blocks past the image's end */
		{.offset = 9, .addr = UINT64_MAX / 2, .len = 1},
	};
	TSK_FS_ATTR attr = {.flags = TSK_FS_ATTR_NONRES, .size = 11 * 4096 + 5};

	(void)state;
	assert_non_null(image);
	for (size_t i = 0; i + 1 < ATHAR_COUNT(runs); i++)
		runs[i].next = &runs[i + 1];
	make_volume(&volume, image, &fs, TSK_FS_TYPE_HFS);
	attr.nrd.run = runs;
	assert_ok(athar_attr_extents(&x, &volume, &attr, &err), err);
	assert_int_equal(athar_extents_size(&x), 11 * 4096 + 5);
	assert_int_equal(athar_extents_of_kind(&x, ATHAR_EXTENT_DATA), 3 * 4096);
	assert_int_equal(athar_extents_of_kind(&x, ATHAR_EXTENT_HOLE), 4096);
	check(&x.extent[0], ATHAR_EXTENT_DATA, base + 10 * 4096, 2 * 4096, 2 * 4096);
	check(&x.extent[1], ATHAR_EXTENT_HOLE, ATHAR_NOWHERE, 4096, 0);
	assert_int_equal(x.extent[2].kind, ATHAR_EXTENT_MISSING);
	athar_extents_clear(&x);

	attr.nrd.skiplen = 100;
	attr.size = 5000;
	assert_ok(athar_attr_extents(&x, &volume, &attr, &err), err);
	assert_int_equal(x.count, 1);
	check(&x.extent[0], ATHAR_EXTENT_DATA, base + 10 * 4096 + 100, 5000, 5000);
	athar_extents_clear(&x);
	free(image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_set_knows_what_it_has_seen),
		cmocka_unit_test(a_deleted_exfat_set_proves_itself),
		cmocka_unit_test(tables_of_all_widths),
		cmocka_unit_test(only_whole_directories_give_orphans),
		cmocka_unit_test(compression_units),
		cmocka_unit_test(runs_with_holes_gaps_and_no_end),
	};

	return cmocka_run_group_tests_name("volume entries", tests, NULL, NULL);
}
