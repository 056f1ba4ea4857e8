/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * When file systems say they were last used: ext by debugfs, HFS+ by a header as its specification
 * (TN1150) has it.
 */
#include "volume_support.h"

#include "volume/last_use.h"

static const athar_source_driver *const drivers[] = {&athar_source_raw, NULL};

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

static void check_ext(const char *folder, const char *type)
{
	ATHAR_AUTO(source) athar_source *source = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	athar_volume_info info = {.length = 8 << 20};
	athar_last_use use;
	char path[4200], expected[40];

	free(run_or_skip("mke2fs",
	                 "cd %s && rm -f disk && truncate -s 8M disk && mke2fs -q -F -t %s disk",
	                 folder, type));
	free(run_or_skip("debugfs",
	                 "cd %s && E2FSPROGS_FAKE_TIME=2272147201 "
	                 "debugfs -w -R 'set_super_value mtime 20240229120000' disk",
	                 folder));
	snprintf(path, sizeof path, "%s/disk", folder);
	snprintf(info.kind, sizeof info.kind, "%s", type);
	assert_ok(athar_source_open_with(&source, path, drivers, &err), err);
	assert_ok(athar_volume_last_use(&use, source, &info, &err), err);
	assert_int_equal(use.mounted, 1709208000);
	assert_int_equal(use.written, 2272147201);
	snprintf(expected, sizeof expected, "%s.superblock", type);
	assert_string_equal(use.source, expected);
	info.offset = 512; /* no superblock there */
	assert_ok(athar_volume_last_use(&use, source, &info, &err), err);
	assert_int_equal(use.mounted, 0);
	assert_string_equal(use.source, "");
}

static void ext_says_both(void **state)
{
	check_ext(*state, "ext2");
	check_ext(*state, "ext3");
	check_ext(*state, "ext4");
}

/* Past 2106 the bytes at 0x274 (written) and 0x275 (mounted) count, as the kernel's description of
 * the superblock has them. No tool here writes them yet. */
static void years_after_2106_are_whole(void **state)
{
	uint8_t superblock[ATHAR_SUPERBLOCK] = {0};
	athar_last_use use;

	(void)state;
	assert_false(athar_last_use_ext(&use, superblock));
	superblock[0x38] = 0x53;
	superblock[0x39] = 0xEF;
	superblock[0x2C] = 7;
	superblock[0x30] = 9;
	assert_true(athar_last_use_ext(&use, superblock));
	assert_int_equal(use.mounted, 7);
	assert_int_equal(use.written, 9);
	superblock[0x274] = 2;
	superblock[0x275] = 1;
	assert_true(athar_last_use_ext(&use, superblock));
	assert_int_equal(use.mounted, (INT64_C(1) << 32) + 7);
	assert_int_equal(use.written, (INT64_C(2) << 32) + 9);
}

static void hfs_says_when_it_was_written(void **state)
{
	ATHAR_AUTO(source) athar_source *source = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	athar_volume_info info = {.length = 4096, .kind = "hfs+"};
	uint8_t disk[4096] = {0};
	uint8_t *header = disk + 1024;
	athar_last_use use;

	(void)state;
	header[0] = 'H';
	header[1] = '+';
	header[3] = 4;
	header[16] = 0xFF; /* created, in local time: not to be taken */
	/* 2026-11-22T00:00:00Z: 1795305600 since 1970, 2082844800 from 1904 to it. */
	const uint32_t modified = 1795305600u + 2082844800u;
	for (unsigned i = 0; i < 4; i++)
		header[20 + i] = (uint8_t)(modified >> (24 - 8 * i));
	assert_ok(athar_source_memory(&source, disk, sizeof disk, &err), err);
	assert_ok(athar_volume_last_use(&use, source, &info, &err), err);
	assert_int_equal(use.written, 1795305600);
	assert_int_equal(use.mounted, 0);
	assert_string_equal(use.source, "hfs+.superblock");
	header[1] = 'X';
	assert_true(athar_last_use_hfs(&use, header));
	header[1] = '-';
	assert_false(athar_last_use_hfs(&use, header));
	assert_ok(athar_volume_last_use(&use, source, &info, &err), err);
	assert_int_equal(use.written, 0);
}

static void others_say_nothing(void **state)
{
	static const char *const kinds[] = {"fat32", "ntfs", "exfat", "xfs", "hfs", "ext", "extra"};
	ATHAR_AUTO(source) athar_source *source = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	athar_volume_info info = {.length = 4096};
	static uint8_t disk[4096];
	athar_last_use use;

	(void)state;
	memset(disk, 0xFF, sizeof disk);
	disk[1024 + 0x38] = 0x53;
	disk[1024 + 0x39] = 0xEF;
	assert_ok(athar_source_memory(&source, disk, sizeof disk, &err), err);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		snprintf(info.kind, sizeof info.kind, "%s", kinds[i]);
		assert_ok(athar_volume_last_use(&use, source, &info, &err), err);
		assert_string_equal(use.source, "");
		assert_int_equal(use.mounted + use.written, 0);
	}
	snprintf(info.kind, sizeof info.kind, "ext4");
	info.offset = UINT64_MAX - 100;
	assert_ok(athar_volume_last_use(&use, source, &info, &err), err);
	assert_string_equal(use.source, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ext_says_both),
		cmocka_unit_test(years_after_2106_are_whole),
		cmocka_unit_test(hfs_says_when_it_was_written),
		cmocka_unit_test(others_say_nothing),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
