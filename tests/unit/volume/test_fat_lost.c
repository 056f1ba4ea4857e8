/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Deleted files of a small FAT12 volume made here: 512 sectors, clusters of one. Which clusters a
 * file had is how it was put there.
 */
#include "volume_support.h"

#include "inflate/inflate.h"

#define SECTORS 512
#define TABLE 1 /* sector */
#define ROOT 4  /* sector; 64 entries */
#define DATA 8  /* sector of cluster 2 */

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

static void put32_be(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static uint8_t *cluster(unsigned number)
{
	return disk + (DATA + number - 2) * 512;
}

static void chain(unsigned number, unsigned value)
{
	uint8_t *p = disk + TABLE * 512 + number + number / 2;

	if (number % 2 == 0) {
		p[0] = (uint8_t)value;
		p[1] = (uint8_t)((p[1] & 0xF0) | value >> 8);
	} else {
		p[0] = (uint8_t)((p[0] & 0x0F) | (value << 4 & 0xF0));
		p[1] = (uint8_t)(value >> 4);
	}
}

static void make_disk(void)
{
	memset(disk, 0, sizeof disk);
	memcpy(disk, "\xeb\x3c\x90mkfs.fat", 11);
	put16(disk + 11, 512);
	disk[13] = 1;
	put16(disk + 14, 1);
	disk[16] = 1;
	put16(disk + 17, 64);
	put16(disk + 19, SECTORS);
	disk[21] = 0xF8;
	put16(disk + 22, 3);
	disk[38] = 0x29;
	memcpy(disk + 43, "NO NAME    FAT12   ", 19);
	put16(disk + 510, 0xAA55);
	chain(0, 0xFF8);
	chain(1, 0xFFF);
}

/* An entry in a folder's slot; name is 11 bytes, deleted where it begins with '?'. */
static void put_entry(uint8_t *folder, unsigned slot, const char *name, uint8_t attributes,
                      unsigned first, uint32_t size)
{
	uint8_t *e = folder + 32 * slot;

	memcpy(e, name, 11);
	if (name[0] == '?')
		e[0] = 0xE5;
	e[11] = attributes;
	put16(e + 22, 12 << 11);
	put16(e + 24, (2024 - 1980) << 9 | 5 << 5 | 17);
	put16(e + 26, first);
	put32(e + 28, size);
}

static void put_root(unsigned slot, const char *name, unsigned first, uint32_t size)
{
	put_entry(disk + ROOT * 512, slot, name, 0x20, first, size);
}

static void put_chunk(uint8_t **at, const char *type, size_t len, uint64_t seed)
{
	uint8_t *p = *at;

	put32_be(p, (uint32_t)len);
	memcpy(p + 4, type, 4);
	athar_test_fill(p + 8, len, seed);
	if (len == 13) {
		memset(p + 8, 0, 13);
		p[11] = p[15] = p[16] = 8;
	}
	put32_be(p + 8 + len, athar_crc32(0, p + 4, len + 4));
	*at = p + 12 + len;
}

/* A picture of just so many bytes, whose checksums prove it: chunks of 300 bytes. */
static uint8_t *make_png(size_t size, uint64_t seed)
{
	uint8_t *bytes = malloc(size);
	uint8_t *at = bytes + 8;

	assert_non_null(bytes);
	memcpy(bytes, "\x89PNG\r\n\x1a\n", 8);
	put_chunk(&at, "IHDR", 13, 0);
	while (bytes + size - at > 600)
		put_chunk(&at, "IDAT", 288, ++seed);
	put_chunk(&at, "IDAT", (size_t)(bytes + size - at) - 24, ++seed);
	put_chunk(&at, "IEND", 0, 0);
	assert_ptr_equal(at, bytes + size);
	return bytes;
}

/* Text: no format knows it. */
static uint8_t *make_text(size_t size, uint64_t seed)
{
	uint8_t *bytes = malloc(size);

	assert_non_null(bytes);
	athar_test_fill(bytes, size, seed);
	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)('a' + bytes[i] % 26);
	return bytes;
}

/* Over these clusters, 0 at the end; the rest of the last one is zeros. */
static void lay(const uint8_t *bytes, size_t size, const unsigned *clusters)
{
	for (size_t at = 0; at < size; at += 512) {
		const size_t len = size - at < 512 ? size - at : 512;

		assert_true(*clusters != 0);
		memset(cluster(*clusters), 0, 512);
		memcpy(cluster(*clusters++), bytes + at, len);
	}
}
#define LAY(bytes, size, ...) lay(bytes, size, (const unsigned[]){__VA_ARGS__, 0})

static void open_disk(kept *k)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_source *source = NULL;

	assert_ok(athar_source_memory(&source, disk, sizeof disk, &err), err);
	keep_source(k, source);
	assert_int_equal(k->volumes, 1);
	assert_string_equal(k->info[0].kind, "fat12");
	keep_walk(k, 0);
}

static const kept_file *check(kept *k, const char *path, athar_state state, const uint8_t *bytes)
{
	const kept_file *f = kept_find(k, path, state);
	uint8_t *content;

	if (f == NULL)
		print_error("%s is not there\n", path);
	assert_non_null(f);
	assert_true(f->file.readable);
	content = kept_content(k, f);
	assert_memory_equal(content, bytes, (size_t)f->file.size);
	free(content);
	return f;
}

static void check_proven(kept *k, const char *path, const uint8_t *bytes)
{
	const kept_file *f = check(k, path, ATHAR_STATE_DELETED, bytes);

	assert_false(f->file.assumed);
	assert_int_equal(f->file.method, f->file.extents.count > 1 ? ATHAR_METHOD_FRAGMENTS
	                                                           : ATHAR_METHOD_METADATA);
}

static void check_assumed(kept *k, const char *path, const uint8_t *bytes, const char *why)
{
	const kept_file *f = check(k, path, ATHAR_STATE_DELETED, bytes);

	assert_true(f->file.assumed);
	if (strstr(f->file.why, why) == NULL)
		print_error("%s: %s\n", path, f->file.why);
	assert_non_null(strstr(f->file.why, why));
}

static void what_lies_between_is_left_out(void **state)
{
	uint8_t *a = make_png(2000, 1), *b = make_png(2500, 100), *c = make_png(1900, 200);
	kept k;

	(void)state;
	make_disk();
	put_root(0, "?AA     PNG", 10, 2000); /* interleaved with b */
	put_root(1, "?BB     PNG", 12, 2500);
	put_root(2, "?CC     PNG", 30, 1900); /* around a live file and a bad cluster */
	put_root(3, "LIVE    TXT", 31, 600);
	LAY(a, 2000, 10, 11, 14, 15);
	LAY(b, 2500, 12, 13, 16, 17, 18);
	LAY(c, 1900, 30, 33, 35, 36);
	chain(31, 32);
	chain(32, 0xFFF);
	chain(34, 0xFF7);
	open_disk(&k);
	check_proven(&k, "_AA.PNG", a);
	check_proven(&k, "_BB.PNG", b);
	check_proven(&k, "_CC.PNG", c);
	assert_int_equal(k.counts.deleted, 3);
	keep_close(&k);
	free(a);
	free(b);
	free(c);
}

/* What once lay between left nothing that tells of it: only the checksums can. */
static void gaps_without_a_trace_are_bridged(void **state)
{
	uint8_t *a = make_png(4000, 1), *b = make_png(3000, 50), *junk = make_text(512, 9);
	kept k;

	(void)state;
	make_disk();
	put_root(0, "?AA     PNG", 10, 4000);
	put_root(1, "?BB     PNG", 60, 3000);
	for (unsigned i = 2; i < 200; i++)
		LAY(junk, 512, i);
	LAY(a, 4000, 10, 11, 12, 20, 21, 22, 35, 36);
	LAY(b, 3000, 60, 62, 63, 64, 65, 66);
	open_disk(&k);
	check_proven(&k, "_AA.PNG", a);
	check_proven(&k, "_BB.PNG", b);
	keep_close(&k);
	free(a);
	free(b);
	free(junk);
}

/* A file that is not there any more is no reason to join others' clusters to it. */
static void what_nothing_proves_is_assumed(void **state)
{
	uint8_t *a = make_png(3000, 1), *junk = make_text(512, 9);
	const kept_file *f;
	kept k;

	(void)state;
	make_disk();
	put_root(0, "?AA     PNG", 10, 3000);
	for (unsigned i = 2; i < 200; i++)
		LAY(junk, 512, i);
	LAY(a, 1024, 10, 11); /* the rest was overwritten */
	open_disk(&k);
	f = kept_find(&k, "_AA.PNG", ATHAR_STATE_DELETED);
	assert_non_null(f);
	assert_true(f->file.assumed);
	keep_close(&k);
	free(a);
	free(junk);
}

static void tails_tell_which_text_is_which(void **state)
{
	uint8_t *a = make_text(700, 1), *b = make_text(1900, 2), *c = make_text(1300, 3);
	kept k;

	(void)state;
	make_disk();
	put_root(0, "?AA     TXT", 2, 700);
	put_root(1, "?BB     TXT", 3, 1900);
	put_root(2, "?CC     TXT", 7, 1300);
	LAY(a, 700, 2, 4);
	LAY(b, 1900, 3, 5, 6, 10);
	LAY(c, 1300, 7, 8, 9);
	open_disk(&k);
	check_assumed(&k, "_AA.TXT", a, "assumed");
	check_assumed(&k, "_BB.TXT", b, "assumed");
	check_assumed(&k, "_CC.TXT", c, "assumed");
	keep_close(&k);
	free(a);
	free(b);
	free(c);
}

static void clusters_that_two_have_are_told_of(void **state)
{
	uint8_t *a = make_text(400, 1), *b = make_text(400, 2), *c = make_png(1500, 3);
	kept k;

	(void)state;
	make_disk();
	put_root(0, "?AA     TXT", 2, 400);
	put_root(1, "?BB     TXT", 2, 300);
	put_root(2, "?CC     TXT", 5, 100); /* older than the picture that lies there */
	put_root(3, "?DD     PNG", 4, 1500);
	put_root(4, "?EE     TXT", 9, 400);
	put_root(5, "?FF     TXT", 10, 100); /* something longer lies there now */
	LAY(a, 400, 2);
	LAY(c, 1500, 4, 5, 6);
	LAY(b, 400, 9);
	LAY(b, 400, 10);
	open_disk(&k);
	check_assumed(&k, "_AA.TXT", a, "another deleted file");
	check_assumed(&k, "_BB.TXT", a, "another deleted file");
	check_assumed(&k, "_CC.TXT", c + 512, "another");
	check_proven(&k, "_DD.PNG", c);
	assert_false(check(&k, "_EE.TXT", ATHAR_STATE_DELETED, b)->file.assumed);
	check_assumed(&k, "_FF.TXT", b, "another file may");
	keep_close(&k);
	free(a);
	free(b);
	free(c);
}

/* A sector that is full says nothing of where a file ended: the longer one may be younger. */
static void who_may_have_been_run_over_is_assumed(void **state)
{
	uint8_t *a = make_text(2000, 1), *b = make_text(512, 2), *c = make_text(300, 3);
	kept k;

	(void)state;
	make_disk();
	put_root(0, "?AA     TXT", 10, 2000);
	put_root(1, "?BB     TXT", 12, 512);
	put_root(2, "?CC     TXT", 13, 300);
	put_root(3, "?DD     TXT", 30, 512);
	LAY(a, 1024, 10, 11);
	LAY(b, 512, 12);
	LAY(c, 300, 13);
	LAY(b, 512, 30);
	open_disk(&k);
	check_assumed(&k, "_BB.TXT", b, "another deleted file, whose places");
	assert_false(check(&k, "_CC.TXT", ATHAR_STATE_DELETED, c)->file.assumed);
	assert_false(check(&k, "_DD.TXT", ATHAR_STATE_DELETED, b)->file.assumed);
	keep_close(&k);
	free(a);
	free(b);
	free(c);
}

static void put_dots(unsigned self, unsigned parent)
{
	put_entry(cluster(self), 0, ".          ", 0x10, self, 0);
	put_entry(cluster(self), 1, "..         ", 0x10, parent, 0);
}

/* One of two clusters with a file of a long name over their edge, one inside it, one taken over. */
static void deleted_folders_are_walked(void **state)
{
	uint8_t *a = make_text(300, 1);
	char name[12] = "?0      TXT";
	uint8_t sum = 0;
	kept k;

	(void)state;
	make_disk();
	put_entry(disk + ROOT * 512, 0, "?IR        ", 0x10, 20, 0);
	put_entry(disk + ROOT * 512, 1, "?GAIN      ", 0x10, 22, 0); /* now inside ?IR */
	put_dots(20, 0);
	for (unsigned i = 2; i < 15; i++) {
		name[1] = (char)('A' + i);
		put_entry(cluster(20), i, name, 0x20, 100 + i, 300);
		LAY(a, 300, 100 + i);
	}
	for (size_t i = 0; i < 11; i++)
		sum = (uint8_t)(((sum & 1) ? 0x80 : 0) + (sum >> 1) + (uint8_t) "LONG~1  TXT"[i]);
	memset(cluster(20) + 15 * 32, 0, 32);
	memcpy(cluster(20) + 15 * 32,
	       "\xe5L\0o\0n\0g\0 \0\x0f\0\0n\0a\0m\0e\0\0\0\xff\xff\0\0\xff\xff\xff\xff", 32);
	cluster(20)[15 * 32 + 13] = sum;
	put_entry(cluster(24), 0, "?ONG~1  TXT", 0x20, 120, 300);
	put_entry(cluster(24), 1, "?UB        ", 0x10, 22, 0);
	LAY(a, 300, 120);
	put_dots(22, 20);
	put_entry(cluster(22), 2, "?N      TXT", 0x20, 121, 300);
	LAY(a, 300, 121);
	open_disk(&k);
	check(&k, "_IR/_C.TXT", ATHAR_STATE_DELETED, a);
	check(&k, "_IR/_O.TXT", ATHAR_STATE_DELETED, a);
	check(&k, "_IR/Long name", ATHAR_STATE_DELETED, a);
	check(&k, "_IR/_UB/_N.TXT", ATHAR_STATE_DELETED, a);
	assert_int_equal(kept_count(&k, ATHAR_STATE_DELETED, false), 15);
	assert_int_equal(kept_count(&k, ATHAR_STATE_DELETED, true), 3);
	assert_int_equal(k.counts.orphans, 0);
	keep_close(&k);
	free(a);
}

static void orphans_say_what_lies_above_them(void **state)
{
	uint8_t *a = make_text(300, 1);
	kept k;

	(void)state;
	make_disk();
	put_entry(disk + ROOT * 512, 0, "LIVE       ", 0x10, 20, 0);
	put_dots(20, 0);
	chain(20, 0xFFF);
	put_dots(30, 20); /* its entry is gone */
	put_entry(cluster(30), 2, "?N      TXT", 0x20, 121, 300);
	put_entry(cluster(30), 3, "?UB        ", 0x10, 31, 0);
	put_dots(31, 30);
	put_entry(cluster(31), 2, "?EEP    TXT", 0x20, 122, 300);
	put_entry(cluster(31), 3, "?AR     TXT", 0x20, 4000, 300); /* no such cluster: garbage */
	put_dots(40, 99);                                          /* nothing known above */
	put_entry(cluster(40), 2, "?LONE   TXT", 0x20, 123, 300);
	for (unsigned i = 121; i <= 123; i++)
		LAY(a, 300, i);
	athar_test_fill(cluster(50), 100 * 32, 3); /* no folder at all */
	open_disk(&k);
	check(&k, "LIVE/[cluster 30]/_N.TXT", ATHAR_STATE_ORPHAN, a);
	check(&k, "_LONE.TXT", ATHAR_STATE_ORPHAN, a);
	assert_int_equal(k.counts.deleted, 0);
	keep_close(&k);
	free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_lies_between_is_left_out),
		cmocka_unit_test(gaps_without_a_trace_are_bridged),
		cmocka_unit_test(what_nothing_proves_is_assumed),
		cmocka_unit_test(tails_tell_which_text_is_which),
		cmocka_unit_test(clusters_that_two_have_are_told_of),
		cmocka_unit_test(who_may_have_been_run_over_is_assumed),
		cmocka_unit_test(deleted_folders_are_walked),
		cmocka_unit_test(orphans_say_what_lies_above_them),
	};

	return cmocka_run_group_tests_name("volume FAT lost", tests, NULL, NULL);
}
