/* SPDX-License-Identifier: BSD-2-Clause */
/* Partition tables, and what looks like one. */
#include "volume_support.h"

#include "base/alloc.h"

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

static void open_disk(kept *k, const char *folder)
{
	char path[4200];

	snprintf(path, sizeof path, "%s/disk", folder);
	keep_open(k, path);
}

static void write_disk(const char *folder, long at, const void *bytes, size_t len)
{
	char path[4200];
	FILE *f;

	snprintf(path, sizeof path, "%s/disk", folder);
	f = fopen(path, "r+b");
	assert_non_null(f);
	assert_int_equal(fseek(f, at, SEEK_SET), 0);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static const char dos_table[] = "label: dos\\n"
				"start=2048,size=40960,type=83\\n"
				"start=67584,size=20480,type=b7\\n"
				"start=43008,size=24576,type=5\\n"
				"start=45056,size=20480,type=83\\n";

static void make_dos(const char *folder)
{
	free(run_or_skip("sfdisk", "cd %s && truncate -s 64M disk && printf '%s' | sfdisk -q disk",
	                 folder, dos_table));
}

static void a_dos_table_with_logical_partitions(void **state)
{
	kept k;

	make_dos(*state);
	free(run_or_skip("mke2fs",
	                 "cd %s && mke2fs -q -F -L 'my disk' -E offset=1048576 disk 20480k",
	                 (char *)*state));
	open_disk(&k, *state);
	assert_string_equal(k.table, "dos");
	assert_int_equal(k.volumes, 3);
	assert_int_equal(k.info[0].offset, 2048 * 512);
	assert_int_equal(k.info[0].length, 40960 * 512);
	assert_string_equal(k.info[0].kind, "ext2");
	assert_string_equal(k.info[0].label, "my disk");
	assert_true(k.info[0].file_system);
	assert_int_equal(k.info[1].offset, 45056 * 512);
	assert_string_equal(k.info[1].kind, "unknown");
	assert_true(strstr(k.info[1].description, "Linux") != NULL);
	assert_int_equal(k.info[2].offset, 67584 * 512);
	assert_int_equal(k.info[2].length, 20480 * 512);
	assert_false(k.info[2].file_system);
	assert_true(k.info[2].finding[0] != '\0');
	keep_walk(&k, 0);
	assert_int_equal(k.counts.deleted + k.counts.orphans, 0);
	keep_close(&k);
}

static void a_table_whose_image_was_cut(void **state)
{
	kept k;

	make_dos(*state);
	free(run_or_skip("truncate", "truncate -s 25M %s/disk", (char *)*state));
	open_disk(&k, *state);
	assert_int_equal(k.volumes, 3);
	assert_int_equal(k.info[0].length, 40960 * 512);
	assert_int_equal(k.info[1].length, (25 << 20) - 45056 * 512);
	assert_int_equal(k.info[2].length, 0);
	assert_true(strstr(k.info[2].finding, "past the end") != NULL);
	keep_close(&k);
}

static void gpt_also_from_its_backup(void **state)
{
	uint8_t zeros[512] = {0};

	free(run_or_skip(
		"sfdisk",
		"cd %s && truncate -s 64M disk && printf 'label: gpt\\nstart=2048,size=2048,"
		"name=first\\nstart=8192,size=4096\\n' | sfdisk -q disk",
		(char *)*state));
	for (int pass = 0; pass < 2; pass++) {
		kept k;

		open_disk(&k, *state);
		assert_string_equal(k.table, "gpt");
		assert_int_equal(k.volumes, 2);
		assert_string_equal(k.info[0].description, "first");
		assert_int_equal(k.info[1].offset, 8192 * 512);
		assert_int_equal(k.info[1].length, 4096 * 512);
		keep_close(&k);
		write_disk(*state, 512, zeros, sizeof zeros); /* the primary header */
	}
}

static athar_status count_infos(void *user, const athar_volume_info *info, athar_error *err)
{
	unsigned *count = user;

	(void)err;
	assert_int_equal(info->offset, (2048 + UINT64_C(8) * *count) * 512);
	(*count)++;
	return ATHAR_OK;
}

/* Too many for one look are told of, and cost only those that are too many. */
static void the_first_of_many_partitions_are_given(void **state)
{
	static const athar_source_driver *const drivers[] = {&athar_source_raw, NULL};
	ATHAR_AUTO(source) athar_source *source = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	unsigned count = 0;
	char path[4200], table[32];

	free(run_or_skip("sfdisk",
	                 "cd %s && truncate -s 16M disk && { printf 'label: gpt\n"
	                 "table-length: 600\n'; i=0; while [ $i -lt 600 ]; do echo "
	                 "start=$((2048 + 8 * i)),size=8; i=$((i + 1)); done; } | sfdisk -q disk",
	                 (char *)*state));
	snprintf(path, sizeof path, "%s/disk", (char *)*state);
	assert_ok(athar_source_open_with(&source, path, drivers, &err), err);
	assert_int_equal(athar_volumes_each(source, table, count_infos, &count, &err),
	                 ATHAR_ELIMIT);
	assert_string_equal(table, "gpt");
	assert_int_equal(count, 512);
}

static void boot_code_is_no_table(void **state)
{
	static const char text[] =
		"Non-System disk or disk error. Replace and press any key!!!!!!!!";
	kept k;

	free(run_or_skip("mformat", "mformat -C -f 1440 -v NAME -i %s/disk ::", (char *)*state));
	write_disk(*state, 3, "ANYNAME ", 8); /* not one of the names that libtsk knows */
	write_disk(*state, 446, text, 64);
	open_disk(&k, *state);
	assert_string_equal(k.table, "none");
	assert_int_equal(k.volumes, 1);
	assert_string_equal(k.info[0].kind, "fat12");
	assert_string_equal(k.info[0].label, "NAME");
	assert_int_equal(k.info[0].length, 1440 << 10);
	keep_close(&k);
}

static void what_was_before_the_table_is_only_named(void **state)
{
	kept k;

	free(run_or_skip("mke2fs", "cd %s && truncate -s 16M disk && mke2fs -q -F disk",
	                 (char *)*state));
	free(run_or_skip("sfdisk", "cd %s && printf 'start=2048\\n' | sfdisk -q -w never disk",
	                 (char *)*state));
	open_disk(&k, *state);
	assert_string_equal(k.table, "dos");
	assert_int_equal(k.volumes, 2);
	assert_int_equal(k.info[0].offset, 0);
	assert_string_equal(k.info[0].kind, "ext2");
	assert_false(k.info[0].file_system);
	assert_true(strstr(k.info[0].finding, "before") != NULL);
	assert_int_equal(k.info[1].offset, 1 << 20);
	keep_close(&k);
}

static void two_file_systems_in_one_place(void **state)
{
	kept k;

	free(run_or_skip("mkfs.fat", "cd %s && truncate -s 48M disk && mkfs.fat -F 32 -R 64 disk",
	                 (char *)*state));
	free(run_or_skip("mke2fs",
	                 "cd %s && truncate -s 48M ext && mke2fs -q -F -b 1024 ext && "
	                 "dd if=ext of=disk bs=1024 skip=1 seek=1 count=3 conv=notrunc status=none",
	                 (char *)*state));
	open_disk(&k, *state);
	assert_int_equal(k.volumes, 2);
	assert_string_equal(k.info[0].kind, "fat32");
	assert_string_equal(k.info[1].kind, "ext2");
	assert_int_equal(k.info[0].offset, k.info[1].offset);
	keep_walk(&k, 0);
	keep_close(&k);
}

static void the_encrypted_and_the_unknown_are_named(void **state)
{
	kept k;

	make_dos(*state);
	write_disk(*state, 2048 * 512, "LUKS\xba\xbe\0\2", 8);
	write_disk(*state, 45056 * 512, "\xeb\x58\x90-FVE-FS-", 11);
	write_disk(*state, 67584 * 512 + 1024, "\x10\x20\xf5\xf2", 4);
	open_disk(&k, *state);
	assert_int_equal(k.volumes, 3);
	assert_string_equal(k.info[0].kind, "luks");
	assert_true(strstr(k.info[0].finding, "encrypted") != NULL);
	assert_string_equal(k.info[1].kind, "bitlocker");
	assert_string_equal(k.info[2].kind, "f2fs");
	for (size_t i = 0; i < 3; i++)
		assert_false(k.info[i].file_system);
	keep_close(&k);
}

static void noise_is_nothing(void **state)
{
	static const size_t sizes[] = {1, 511, 512, 4096, 300000};
	uint8_t *noise = malloc(300000);

	(void)state;
	assert_non_null(noise);
	for (size_t i = 0; i < ATHAR_COUNT(sizes); i++) {
		athar_error err = ATHAR_ERROR_INIT;
		athar_source *source = NULL;
		kept k;

		athar_test_fill(noise, sizes[i], i + 1);
		assert_ok(athar_source_memory(&source, noise, sizes[i], &err), err);
		keep_source(&k, source);
		assert_int_equal(k.volumes, 0);
		assert_string_equal(k.table, "none");
		keep_close(&k);
	}
	free(noise);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_dos_table_with_logical_partitions, set_up,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(a_table_whose_image_was_cut, set_up, tear_down),
		cmocka_unit_test_setup_teardown(gpt_also_from_its_backup, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_first_of_many_partitions_are_given, set_up,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(boot_code_is_no_table, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_was_before_the_table_is_only_named, set_up,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(two_file_systems_in_one_place, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_encrypted_and_the_unknown_are_named, set_up,
	                                        tear_down),
		cmocka_unit_test(noise_is_nothing),
	};

	return cmocka_run_group_tests_name("volume tables", tests, NULL, NULL);
}
