/* SPDX-License-Identifier: BSD-2-Clause */
/* Recycle bins: their records as bytes, and volumes with bins made by other tools. */
#include "volume_support.h"

#include "volume/trash.h"
#include "volume/trash_record.h"
#include "volume/volume_state.h"

#define FILETIME_2020 UINT64_C(132223104000000000) /* 2020-01-01T00:00:00Z */
#define UNIX_2020 INT64_C(1577836800)

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

static void put_le(uint8_t *p, uint64_t value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		p[i] = (uint8_t)(value >> 8 * i);
}

static size_t put_wide(uint8_t *p, const char *text)
{
	size_t n = 0;

	for (; text[n] != '\0'; n++)
		put_le(p + 2 * n, (uint8_t)text[n], 2);
	put_le(p + 2 * n, 0, 2);
	return 2 * (n + 1);
}

/* Of version 2; its length. */
static size_t make_i(uint8_t *out, const char *path)
{
	put_le(out, 2, 8);
	put_le(out + 8, 1234, 8);
	put_le(out + 16, FILETIME_2020, 8);
	put_le(out + 24, strlen(path) + 1, 4);
	return 28 + put_wide(out + 28, path);
}

static void records_of_vista_and_later(void **state)
{
	uint8_t bytes[600] = {0};
	const size_t len = make_i(bytes, "C:\\a b\\c.txt");
	athar_error err = ATHAR_ERROR_INIT;
	athar_trash_record r;
	bool good;

	(void)state;
	assert_ok(athar_trash_parse_i(&r, &good, bytes, len, &err), err);
	assert_true(good);
	assert_int_equal(r.path_len, 12);
	assert_memory_equal(r.path, "C:/a b/c.txt", 12);
	assert_int_equal(r.deleted.seconds, UNIX_2020);
	assert_string_equal(r.deleted.source, "recycle.bin");
	assert_string_equal(r.deleted.zone, "utc");
	athar_trash_record_clear(&r);
	/* Cut: as much as is there; without any of the path: none. */
	assert_ok(athar_trash_parse_i(&r, &good, bytes, 32, &err), err);
	assert_true(good && r.path_len == 2);
	athar_trash_record_clear(&r);
	assert_ok(athar_trash_parse_i(&r, &good, bytes, 28, &err), err);
	assert_false(good);
	/* Version 1 has room for 260 characters. */
	memset(bytes, 0, sizeof bytes);
	put_le(bytes, 1, 8);
	put_wide(bytes + 24, "D:\\x");
	assert_ok(athar_trash_parse_i(&r, &good, bytes, 544, &err), err);
	assert_true(good && r.path_len == 4);
	assert_string_equal(r.deleted.meaning, "");
	athar_trash_record_clear(&r);
	put_le(bytes, 3, 8);
	assert_ok(athar_trash_parse_i(&r, &good, bytes, 544, &err), err);
	assert_false(good);
}

static void records_of_xp(void **state)
{
	static uint8_t bytes[20 + 2 * 800];
	athar_error err = ATHAR_ERROR_INIT;
	athar_trash_record r;
	size_t at = 0;
	bool good;

	(void)state;
	put_le(bytes, 5, 4);
	put_le(bytes + 12, 800, 4);
	put_wide(bytes + 20 + 280, "C:\\left"); /* its first byte says that it left the bin */
	memcpy(bytes + 820, "C:\\d\\e.doc", 10);
	put_le(bytes + 820 + 260, 7, 4);
	put_le(bytes + 820 + 264, 2, 4);
	put_le(bytes + 820 + 268, FILETIME_2020, 8);
	put_wide(bytes + 820 + 280, "C:\\d\\e.doc");
	assert_ok(athar_trash_parse_info2(&r, &good, bytes, sizeof bytes, &at, &err), err);
	assert_true(good);
	assert_memory_equal(r.path, "C:/d/e.doc", 10);
	assert_int_equal(r.number, 7);
	assert_int_equal(r.drive, 'c');
	assert_int_equal(r.deleted.seconds, UNIX_2020);
	athar_trash_record_clear(&r);
	assert_ok(athar_trash_parse_info2(&r, &good, bytes, sizeof bytes, &at, &err), err);
	assert_false(good);
	at = 0;
	assert_ok(athar_trash_parse_info2(&r, &good, bytes, sizeof bytes - 1, &at, &err), err);
	assert_false(good);
}

static bool parse_info(athar_trash_record *r, const char *text)
{
	athar_error err = ATHAR_ERROR_INIT;
	bool good;

	assert_ok(athar_trash_parse_info(r, &good, (const uint8_t *)text, strlen(text), &err), err);
	return good;
}

static void records_of_freedesktop(void **state)
{
	athar_trash_record r;

	(void)state;
	assert_true(parse_info(&r, "[Trash Info]\nPath=/home/u/a%20b%C3%A9%zz\n"
	                           "DeletionDate=2020-01-01T00:00:01\n"));
	assert_true(r.absolute);
	assert_int_equal(r.path_len, 15);
	assert_memory_equal(r.path, "home/u/a b\xC3\xA9%zz", 15);
	assert_int_equal(r.deleted.seconds, UNIX_2020 + 1);
	assert_string_equal(r.deleted.zone, "unrecorded");
	athar_trash_record_clear(&r);
	assert_true(
		parse_info(&r, "[Trash Info]\nPath=x\nPath=y\nDeletionDate=2020-13-01T00:00:01"));
	assert_false(r.absolute);
	assert_memory_equal(r.path, "x", 1);
	assert_string_equal(r.deleted.meaning, "");
	athar_trash_record_clear(&r);
	assert_false(parse_info(&r, "[Trash]\nPath=x\n"));
	assert_false(parse_info(&r, "[Trash Info]\nPath=\n"));
	assert_false(parse_info(&r, "[Trash Info]\n"));
}

static size_t bin_of(const char *path)
{
	return athar_trash_bin((const uint8_t *)path, strlen(path));
}

static void a_bin_is_known_by_its_place(void **state)
{
	(void)state;
	assert_int_equal(bin_of("$Recycle.Bin/S-1-5/$RABC"), 18);
	assert_int_equal(bin_of("$RECYCLE.BIN/S-1-5/d/e"), 18);
	assert_int_equal(bin_of("$Recycle.Bin/S-1-5"), 0);
	assert_int_equal(bin_of("a/$Recycle.Bin/S-1-5/x"), 0);
	assert_int_equal(bin_of("RECYCLED/INFO2"), 8);
	assert_int_equal(bin_of(".Trash-1000/files/x"), 11);
	assert_int_equal(bin_of(".Trash/1000/files/x"), 11);
	assert_int_equal(bin_of("home/u/.local/share/Trash/files/x"), 25);
	assert_int_equal(bin_of("home/u/x.local/share/Trash/files/x"), 0);
	assert_int_equal(bin_of(".Trash-1000"), 0);
	assert_int_equal(bin_of(""), 0);
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

static const kept_file *trash(kept *k, const char *path, const char *content)
{
	const kept_file *f = kept_find(k, path, ATHAR_STATE_TRASH);
	uint8_t *bytes;

	if (f == NULL)
		print_error("%s is not among the trash\n", path);
	assert_non_null(f);
	assert_true(f->file.readable);
	assert_int_equal(f->file.size, strlen(content));
	bytes = kept_content(k, f);
	assert_memory_equal(bytes, content, strlen(content));
	free(bytes);
	return f;
}

static void open_disk(kept *k, const char *folder)
{
	char path[4200];

	snprintf(path, sizeof path, "%s/disk", folder);
	keep_open(k, path);
	keep_walk(k, 0);
}

static void a_bin_on_fat(void **state)
{
	const char *folder = *state;
	uint8_t bytes[600] = {0};
	const kept_file *f;
	kept k;

	write_bytes(folder, "$IAAAAAA.txt", bytes, make_i(bytes, "E:\\letters\\a.txt"));
	write_bytes(folder, "$RAAAAAA.txt", "a letter", 8);
	write_bytes(folder, "$IBBBBBB", bytes, make_i(bytes, "E:\\photos"));
	write_bytes(folder, "$ICCCCCC", bytes, make_i(bytes, "E:\\emptied"));
	write_bytes(folder, "Deep one", "below", 5);
	free(run_or_skip("mcopy",
	                 "cd %s && truncate -s 4M disk && mkfs.vfat disk >/dev/null && "
	                 "export MTOOLS_SKIP_CHECK=1 && mmd -i disk '::$Recycle.Bin' "
	                 "'::$Recycle.Bin/S-1-5-21' '::$Recycle.Bin/S-1-5-21/$RBBBBBB' && "
	                 "mcopy -i disk '$IAAAAAA.txt' '$RAAAAAA.txt' '$IBBBBBB' '$ICCCCCC' "
	                 "'::$Recycle.Bin/S-1-5-21/' && "
	                 "mcopy -i disk 'Deep one' '::$Recycle.Bin/S-1-5-21/$RBBBBBB/Deep one'",
	                 folder));
	open_disk(&k, folder);
	f = trash(&k, "E:/letters/a.txt", "a letter");
	assert_int_equal(f->file.times[f->file.time_count - 1].seconds, UNIX_2020);
	assert_string_equal(f->file.times[f->file.time_count - 1].meaning, "deleted");
	assert_false(f->file.assumed);
	assert_int_equal(f->file.reused, 0);
	trash(&k, "E:/photos/Deep one", "below");
	assert_int_equal(kept_count(&k, ATHAR_STATE_TRASH, false), 2);
	assert_int_equal(kept_count(&k, ATHAR_STATE_TRASH, true), 1);
	/* They are live all the same. */
	assert_non_null(kept_find(&k, "$Recycle.Bin/S-1-5-21/$RAAAAAA.txt", ATHAR_STATE_LIVE));
	keep_close(&k);
}

static void a_bin_on_ext4(void **state)
{
	const char *folder = *state;
	const kept_file *f;
	kept k;

	free(run_or_skip(
		"mke2fs",
		"cd %s && truncate -s 8M disk && for b in tree/.Trash-1000 "
		"tree/u/.local/share/Trash; do mkdir -p $b/info $b/files/d && "
		"printf in >$b/files/d/in && printf note >$b/files/n.txt && "
		"printf '[Trash Info]\\nPath=d\\n' >$b/info/d.trashinfo; done; "
		"printf '[Trash Info]\\nPath=was/n.txt\\nDeletionDate=2020-01-01T00:00:00\\n' "
		">tree/.Trash-1000/info/n.txt.trashinfo && "
		"printf '[Trash Info]\\nPath=/home/u/n.txt\\n' "
		">tree/u/.local/share/Trash/info/n.txt.trashinfo && "
		"mke2fs -q -F -t ext4 -d tree disk",
		folder));
	open_disk(&k, folder);
	f = trash(&k, "was/n.txt", "note");
	assert_int_equal(f->file.times[f->file.time_count - 1].seconds, UNIX_2020);
	trash(&k, "home/u/n.txt", "note");
	trash(&k, "d/in", "in");
	trash(&k, "u/d/in", "in"); /* noted below the folder that has the bin */
	assert_int_equal(kept_count(&k, ATHAR_STATE_TRASH, false), 4);
	assert_int_equal(k.counts.deleted + k.counts.orphans, 0);
	keep_close(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_of_vista_and_later),
		cmocka_unit_test(records_of_xp),
		cmocka_unit_test(records_of_freedesktop),
		cmocka_unit_test(a_bin_is_known_by_its_place),
		cmocka_unit_test_setup_teardown(a_bin_on_fat, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_bin_on_ext4, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("volume trash", tests, NULL, NULL);
}
