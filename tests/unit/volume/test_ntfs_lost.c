/* SPDX-License-Identifier: BSD-2-Clause */
/* What NTFS still knows behind its table of files: volumes made, filled and formatted over here. */
#include "volume_support.h"

#include <sys/stat.h>
#include <sys/xattr.h>

static int set_up(void **state)
{
	*state = athar_test_mkdir();
	return 0;
}

static int tear_down(void **state)
{
	athar_test_rmdir(*state);
	return 0;
}

static void write_bytes(const char *folder, const char *name, const void *bytes, size_t len)
{
	char path[4200];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static void write_file(const char *folder, const char *name, size_t len, uint64_t seed)
{
	uint8_t *bytes = malloc(len + 1);

	assert_non_null(bytes);
	athar_test_fill(bytes, len, seed);
	write_bytes(folder, name, bytes, len);
	free(bytes);
}

static void open_disk(kept *k, const char *folder)
{
	char path[4200];

	snprintf(path, sizeof path, "%s/disk", folder);
	keep_open(k, path);
	assert_int_equal(k->volumes, 1);
	keep_walk(k, 0);
}

/* Nothing that is not live is called whole. */
static void nothing_lost(const kept *k)
{
	for (size_t i = 0; i < k->count; i++) {
		const athar_volume_file *f = &k->files[i].file;

		if (f->state != ATHAR_STATE_LIVE && f->readable)
			print_error("given: %s at %s\n", k->files[i].path, f->address);
		assert_true(f->state == ATHAR_STATE_LIVE || !f->readable);
	}
}

/* mkntfs notes the time in whole seconds: what is to be of before is of a second before. */
static void fill_volume(const char *folder)
{
	free(run_or_skip("mkntfs",
	                 "cd %s && truncate -s 32M disk && mkntfs -Q -q -F disk >/dev/null 2>&1",
	                 folder));
	write_file(folder, "small", 300, 1);
	write_file(folder, "across", 560, 2);
	write_file(folder, "big", 50000, 3);
	write_file(folder, "stream", 9000, 4);
	write_file(folder, "empty", 0, 5);
	free(run_or_skip("ntfscp",
	                 "cd %s && for f in small across big empty; do ntfscp -q disk $f $f; done; "
	                 "ntfscp -q -N named disk stream small",
	                 folder));
}

static void what_was_formatted_over_comes_back(void **state)
{
	const char *folder = *state;
	const kept_file *f;
	kept k;

	fill_volume(folder);
	open_disk(&k, folder);
	nothing_lost(&k);
	keep_close(&k);
	free(run_or_skip("mkntfs", "cd %s && sleep 1.1 && mkntfs -Q -q -F disk >/dev/null 2>&1",
	                 folder));
	open_disk(&k, folder);
	f = kept_same(&k, "small", ATHAR_STATE_ORPHAN, folder, "small");
	assert_true(athar_extents_plain(&f->file.extents));
	assert_memory_equal(f->file.address, "mft@", 4);
	assert_true((f->file.meta & ATHAR_META_AT) != 0);
	f = kept_same(&k, "across", ATHAR_STATE_ORPHAN, folder, "across");
	assert_int_equal(f->file.extents.extent[1].length, 2);
	f = kept_same(&k, "big", ATHAR_STATE_ORPHAN, folder, "big");
	assert_false(f->file.assumed);
	assert_int_equal(f->file.reused, 0);
	assert_non_null(strstr(f->file.why, "before the volume was formatted"));
	assert_int_equal(f->file.time_count, 6);
	kept_same(&k, "small:named", ATHAR_STATE_ORPHAN, folder, "stream");
	assert_int_equal(kept_find(&k, "empty", ATHAR_STATE_ORPHAN)->file.size, 0);
	assert_int_equal(kept_count(&k, ATHAR_STATE_ORPHAN, false), 5);
	assert_int_equal(k.counts.orphans, 5);
	keep_close(&k);
}

/* The place of a run in the image is known from the file's first 16 bytes. */
static uint64_t place_of(kept *k, const char *path)
{
	const kept_file *f = kept_find(k, path, ATHAR_STATE_ORPHAN);

	assert_non_null(f);
	assert_int_equal(f->file.extents.extent[0].kind, ATHAR_EXTENT_DATA);
	return f->file.extents.extent[0].image;
}

/* A record moved by whole clusters is no part of the table that it was in. */
static void a_record_of_elsewhere_is_doubted(void **state)
{
	const char *folder = *state;
	const kept_file *f;
	kept k;

	fill_volume(folder);
	free(run_or_skip("mkntfs", "cd %s && sleep 1.1 && mkntfs -Q -q -F disk >/dev/null 2>&1",
	                 folder));
	open_disk(&k, folder);
	f = kept_find(&k, "big", ATHAR_STATE_ORPHAN);
	assert_non_null(f);
	free(run_or_skip("dd",
	                 "cd %s && dd if=disk of=record bs=1 skip=%llu count=1024 && "
	                 "dd if=/dev/zero of=disk bs=1 seek=%llu count=4 conv=notrunc && "
	                 "dd if=record of=disk bs=1 seek=24000000 conv=notrunc && "
	                 "dd if=record of=disk bs=1 seek=24002048 conv=notrunc",
	                 folder, (unsigned long long)(f->file.meta & ~ATHAR_META_AT),
	                 (unsigned long long)(f->file.meta & ~ATHAR_META_AT)));
	keep_close(&k);
	open_disk(&k, folder);
	f = kept_same(&k, "big", ATHAR_STATE_ORPHAN, folder, "big");
	assert_true(f->file.assumed);
	assert_string_equal(f->file.address, "mft@24000000-128-2");
	assert_int_equal(kept_count(&k, ATHAR_STATE_ORPHAN, false), 5); /* its copy is not given */
	assert_true(place_of(&k, "big") % 512 == 0);
	keep_close(&k);
}

static void mount_disk(const char *folder)
{
	char *out;
	int exit;

	free(run_or_skip("ntfs-3g", "cd %s && mkdir -p mnt", folder));
	out = run(&exit,
	          "PATH=$PATH:/usr/sbin:/sbin; cd %s && ntfs-3g -o compression disk mnt 2>&1",
	          folder);
	free(out);
	if (exit != 0)
		skip();
}

/* Folders and their paths, compression, and a name whose record is gone. */
static void folders_and_compressed_files_come_back(void **state)
{
	const char *folder = *state;
	const uint8_t compressed[4] = {0, 0, 8, 0};
	const kept_file *f;
	char path[4200];
	kept k;

	free(run_or_skip("mkntfs",
	                 "cd %s && truncate -s 32M disk && mkntfs -Q -q -F disk >/dev/null 2>&1 && "
	                 "yes 'much the same' | head -c 300000 >text",
	                 folder));
	write_file(folder, "noise", 200000, 9);
	mount_disk(folder);
	snprintf(path, sizeof path, "%s/mnt/first", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof path, "%s/mnt/first/packed", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(setxattr(path, "system.ntfs_attrib_be", compressed, 4, 0), 0);
	free(run_or_skip("umount",
	                 "cd %s && cp text mnt/first/packed/text && "
	                 "cp noise mnt/first/packed/noise && umount mnt && "
	                 "sleep 1.1 && mkntfs -Q -q -F disk >/dev/null 2>&1",
	                 folder));
	open_disk(&k, folder);
	f = kept_same(&k, "first/packed/text", ATHAR_STATE_ORPHAN, folder, "text");
	assert_int_equal(f->file.extents.extent[0].kind, ATHAR_EXTENT_DERIVED);
	assert_int_equal(f->file.extents.extent[0].transform, ATHAR_TRANSFORM_LZNT1);
	f = kept_same(&k, "first/packed/noise", ATHAR_STATE_ORPHAN, folder, "noise");
	assert_int_equal(f->file.extents.extent[0].kind, ATHAR_EXTENT_DATA);
	assert_true(kept_find(&k, "first/packed", ATHAR_STATE_ORPHAN)->file.folder);
	keep_close(&k);
}

/* Of two deleted files in one cluster the later has it. */
static void the_last_file_in_a_cluster_has_it(void **state)
{
	const char *folder = *state;
	const kept_file *before, *after;
	char got[65], expected[65], original[4200];
	kept k;

	free(run_or_skip("mkntfs",
	                 "cd %s && truncate -s 4M disk && mkntfs -Q -q -F disk >/dev/null 2>&1",
	                 folder));
	write_file(folder, "one", 600000, 1);
	write_file(folder, "two", 1400000, 2);
	mount_disk(folder);
	free(run_or_skip("umount",
	                 "cd %s && cp one mnt/keep && cp one mnt/before && touch mnt/after && "
	                 "rm mnt/before && cat two >>mnt/after && rm mnt/after && umount mnt",
	                 folder));
	open_disk(&k, folder);
	after = kept_same(&k, "after", ATHAR_STATE_DELETED, folder, "two");
	assert_false(after->file.assumed);
	before = kept_find(&k, "before", ATHAR_STATE_DELETED);
	assert_non_null(before);
	snprintf(original, sizeof original, "%s/one", folder);
	file_sha256(original, expected);
	content_sha256(&k, before, got);
	assert_string_not_equal(got, expected); /* else the test has not met what it is about */
	assert_true(before->file.assumed);
	assert_non_null(strstr(before->file.why, "deleted later"));
	assert_int_equal(before->file.reused, 0);
	keep_close(&k);
}

/* The entry of a folder outlives the record. */
static void a_name_alone_is_given(void **state)
{
	const char *folder = *state;
	const kept_file *f;
	kept k;

	free(run_or_skip("mkntfs",
	                 "cd %s && truncate -s 32M disk && mkntfs -Q -q -F disk >/dev/null 2>&1",
	                 folder));
	mount_disk(folder);
	free(run_or_skip(
		"umount",
		"cd %s && mkdir mnt/d && for i in $(seq 30); do echo $i >mnt/d/note$i.txt; "
		"done; umount mnt && sleep 1.1 && mkntfs -Q -q -F disk >/dev/null 2>&1",
		folder));
	open_disk(&k, folder);
	f = kept_find(&k, "d/note7.txt", ATHAR_STATE_ORPHAN);
	assert_non_null(f);
	free(run_or_skip("dd",
	                 "cd %s && dd if=/dev/zero of=disk bs=1 seek=%llu count=1024 conv=notrunc",
	                 folder, (unsigned long long)(f->file.meta & ~ATHAR_META_AT)));
	keep_close(&k);
	open_disk(&k, folder);
	assert_null(kept_find(&k, "d/note7.txt", ATHAR_STATE_ORPHAN));
	f = kept_find(&k, "d/note7.txt", ATHAR_STATE_DELETED);
	assert_non_null(f);
	assert_false(f->file.readable);
	assert_int_equal(f->file.size, 2);
	assert_string_equal(f->file.times[0].source, "ntfs.indx");
	assert_int_equal(kept_count(&k, ATHAR_STATE_ORPHAN, false), 29);
	keep_close(&k);
}

static void put_le(uint8_t *p, uint64_t value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		p[i] = (uint8_t)(value >> 8 * i);
}

/* A page of $LogFile with an entry of the root folder for use 9 of record 40, which is free. */
static void make_page(uint8_t page[4096])
{
	static const char name[] = "logged.txt";
	uint8_t *entry = page + 128;

	memcpy(page, "RCRD", 4);
	put_le(page + 4, 40, 2);
	put_le(page + 6, 9, 2);
	put_le(entry, UINT64_C(40) | UINT64_C(9) << 48, 8);
	put_le(entry + 8, 104, 2);
	put_le(entry + 10, 66 + 20, 2);
	put_le(entry + 16, UINT64_C(5) | UINT64_C(5) << 48, 8);
	for (size_t i = 0; i < 4; i++)
		put_le(entry + 24 + 8 * i, UINT64_C(132223104000000000), 8);
	put_le(entry + 64, 777, 8);
	entry[80] = 10;
	for (size_t i = 0; i < 10; i++)
		entry[82 + 2 * i] = (uint8_t)name[i];
}

/* The first cluster of $LogFile is by istat. */
static void a_name_in_the_log_is_given(void **state)
{
	const char *folder = *state;
	uint8_t page[4096] = {0};
	const kept_file *f;
	kept k;

	fill_volume(folder);
	make_page(page);
	write_bytes(folder, "page", page, sizeof page);
	free(run_or_skip("istat",
	                 "cd %s && c=$(istat disk 2 | sed -n '/Non-Resident/{n;s/ .*//p}') && "
	                 "dd if=page of=disk bs=4096 seek=$((c + 2)) conv=notrunc",
	                 folder));
	open_disk(&k, folder);
	f = kept_find(&k, "logged.txt", ATHAR_STATE_DELETED);
	assert_non_null(f);
	assert_false(f->file.readable);
	assert_int_equal(f->file.size, 777);
	assert_string_equal(f->file.address, "40");
	assert_non_null(strstr(f->file.why, "log"));
	keep_close(&k);
}

/* USN_RECORD_V2 of a deletion in the root folder. */
static void put_deletion(uint8_t *p, uint64_t number, uint16_t sequence, const char *name)
{
	const size_t n = strlen(name);

	put_le(p, (60 + 2 * n + 7) / 8 * 8, 4);
	put_le(p + 4, 2, 2);
	put_le(p + 8, number | (uint64_t)sequence << 48, 8);
	put_le(p + 16, UINT64_C(5) | UINT64_C(5) << 48, 8);
	put_le(p + 32, UINT64_C(132223104000000000), 8);
	put_le(p + 40, UINT32_C(0x80000200), 4);
	put_le(p + 56, 2 * n, 2);
	put_le(p + 58, 60, 2);
	for (size_t i = 0; i < n; i++)
		p[60 + 2 * i] = (uint8_t)name[i];
}

static const athar_item_time *deleted_at(const kept_file *f)
{
	for (size_t i = 0; i < f->file.time_count; i++) {
		if (strcmp(f->file.times[i].meaning, "deleted") == 0)
			return &f->file.times[i];
	}
	return NULL;
}

/* mkntfs makes no journal: $Extend/$Reparse gets its stream and, of as many characters, its name.
 */
static void the_journal_tells_when(void **state)
{
	const char *folder = *state;
	uint8_t journal[8192] = {0};
	const kept_file *f;
	kept k;

	fill_volume(folder);
	mount_disk(folder);
	put_deletion(journal, 65, 1, "across");
	put_deletion(journal + 4096, 40, 7, "long gone");
	write_bytes(folder, "journal", journal, sizeof journal);
	free(run_or_skip("perl",
	                 "cd %s && rm mnt/across && umount mnt && "
	                 "ntfscp -q -N '$J' disk journal '$Extend/$Reparse' && "
	                 "perl -0777 -pi -e "
	                 "'s/R\\0e\\0p\\0a\\0r\\0s\\0e\\0/U\\0s\\0n\\0J\\0r\\0n\\0l\\0/g' disk",
	                 folder));
	open_disk(&k, folder);
	f = kept_same(&k, "across", ATHAR_STATE_DELETED, folder, "across");
	assert_non_null(deleted_at(f));
	assert_string_equal(deleted_at(f)->source, "ntfs.usn");
	assert_int_equal(deleted_at(f)->seconds, 1577836800);
	f = kept_find(&k, "long gone", ATHAR_STATE_DELETED);
	assert_non_null(f);
	assert_int_equal(f->file.method, ATHAR_METHOD_JOURNAL);
	assert_int_equal(deleted_at(f)->seconds, 1577836800);
	keep_close(&k);
}

/* The security identifier is by istat, which does not find those of all files. */
static void the_owner_is_told(void **state)
{
	const char *folder = *state;
	const kept_file *f;
	char *sid;
	kept k;

	fill_volume(folder);
	free(run_or_skip(
		"ntfs-3g",
		"cd %s && mkdir mnt && ntfs-3g -o permissions disk mnt && "
		"for i in 1 2 3 4; do echo x >mnt/owned$i && chown 1000$i:1000 mnt/owned$i && "
		"chmod 640 mnt/owned$i; done && rm mnt/owned2 && umount mnt",
		folder));
	open_disk(&k, folder);
	f = kept_find(&k, "owned2", ATHAR_STATE_DELETED);
	assert_non_null(f);
	sid = run_or_skip("istat",
	                  "cd %s && istat disk %llu | sed -n 's/^Security ID.*(//p' | tr -d ')\n'",
	                  folder, (unsigned long long)f->file.meta);
	assert_memory_equal(sid, "S-1-5-21-", 9);
	assert_string_equal(f->file.owner, sid);
	free(sid);
	keep_close(&k);
}

static void shadow_copies_are_told(void **state)
{
	const char *folder = *state;
	uint8_t header[128] = {0x6B, 0x87, 0x08, 0x38, 0x76, 0xC1, 0x48, 0x4E, 0xB7,
	                       0xAE, 0x04, 0x04, 0x6E, 0x6C, 0xC7, 0x52, 1};
	uint8_t catalog[16384];
	kept k;

	fill_volume(folder);
	memset(catalog, 0, sizeof catalog);
	memcpy(catalog, header, 17);
	put_le(header + 20, 1, 4);
	put_le(header + 48, 20000000, 8);
	put_le(catalog + 20, 2, 4);
	put_le(catalog + 128, 2, 8);
	put_le(catalog + 128 + 48, UINT64_C(132223104000000000), 8);
	put_le(catalog + 256, 2, 8);
	put_le(catalog + 256 + 48, UINT64_C(132274943990000000), 8); /* 2020-02-29T23:59:59Z */
	write_bytes(folder, "header", header, sizeof header);
	write_bytes(folder, "catalog", catalog, sizeof catalog);
	free(run_or_skip("dd",
	                 "cd %s && dd if=header of=disk bs=1 seek=7680 conv=notrunc && "
	                 "dd if=catalog of=disk bs=1 seek=20000000 conv=notrunc",
	                 folder));
	open_disk(&k, folder);
	assert_non_null(strstr(k.findings, "2 volume shadow copies are there (first 2020-01-01, "
	                                   "last 2020-02-29)"));
	keep_close(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_was_formatted_over_comes_back, set_up,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(a_record_of_elsewhere_is_doubted, set_up,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(folders_and_compressed_files_come_back, set_up,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(the_last_file_in_a_cluster_has_it, set_up,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(a_name_alone_is_given, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_name_in_the_log_is_given, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_journal_tells_when, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_owner_is_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(shadow_copies_are_told, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("volume ntfs lost", tests, NULL, NULL);
}
