/* SPDX-License-Identifier: BSD-2-Clause */
/* Volumes made here by the tools of the systems themselves, from files that are known. */
#include "volume_support.h"

#include <sys/stat.h>
#include <sys/xattr.h>
#include <time.h>

#define KNOWN "2021-03-14 02:30:10" /* an hour that New York's clocks leave out */
#define KNOWN_SECONDS 1615689010

static int set_up(void **state)
{
	*state = athar_test_mkdir();
	return 0;
}

static int tear_down(void **state)
{
	unsetenv("TZ");
	tzset();
	athar_test_rmdir(*state);
	return 0;
}

static void open_disk(kept *k, const char *folder)
{
	char path[4200];

	snprintf(path, sizeof path, "%s/disk", folder);
	keep_open(k, path);
	assert_int_equal(k->volumes, 1);
	keep_walk(k, 0);
}

static void write_file(const char *folder, const char *name, size_t len, uint64_t seed)
{
	char path[4200];
	uint8_t *bytes = malloc(len + 1);
	FILE *f;

	assert_non_null(bytes);
	athar_test_fill(bytes, len, seed);
	snprintf(path, sizeof path, "%s/%s", folder, name);
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
	free(bytes);
}

static const athar_item_time *time_of(const kept_file *f, const char *meaning)
{
	for (size_t i = 0; i < f->file.time_count; i++) {
		if (strcmp(f->file.times[i].meaning, meaning) == 0)
			return &f->file.times[i];
	}
	return NULL;
}

static void ext4_gives_each_file(void **state)
{
	const char *folder = *state;
	const kept_file *f;
	kept k;

	free(run_or_skip("mke2fs",
	                 "cd %s && mkdir -p tree/a/b && ln -s target tree/link && "
	                 "truncate -s 300000 tree/hole && printf x >> tree/hole && "
	                 "printf y > tree/tail && truncate -s 90000 tree/tail",
	                 folder));
	write_file(folder, "tree/a/one", 70000, 1);
	write_file(folder, "tree/a/b/two", 5, 2);
	write_file(folder, "tree/empty", 0, 3);
	free(run_or_skip("mke2fs",
	                 "cd %s && touch -d '" KNOWN "Z' tree/a/one && truncate -s 8M disk && "
	                 "mke2fs -q -F -t ext4 -b 1024 -L label -d tree disk",
	                 folder));
	open_disk(&k, folder);
	assert_string_equal(k.info[0].kind, "ext4");
	assert_string_equal(k.info[0].label, "label");
	f = kept_same(&k, "a/one", ATHAR_STATE_LIVE, folder, "tree/a/one");
	assert_int_equal(time_of(f, "modified")->seconds, KNOWN_SECONDS);
	assert_string_equal(time_of(f, "modified")->source, "ext4.inode");
	assert_string_equal(time_of(f, "modified")->zone, "utc");
	assert_null(time_of(f, "deleted"));
	kept_same(&k, "a/b/two", ATHAR_STATE_LIVE, folder, "tree/a/b/two");
	kept_same(&k, "empty", ATHAR_STATE_LIVE, folder, "tree/empty");
	f = kept_same(&k, "hole", ATHAR_STATE_LIVE, folder, "tree/hole");
	assert_int_equal(f->file.extents.extent[0].kind, ATHAR_EXTENT_HOLE);
	f = kept_same(&k, "tail", ATHAR_STATE_LIVE, folder, "tree/tail");
	assert_int_equal(f->file.extents.extent[1].kind, ATHAR_EXTENT_HOLE);
	f = kept_find(&k, "link", ATHAR_STATE_LIVE);
	assert_non_null(f);
	assert_false(f->file.readable);
	assert_int_equal(f->file.size, 0);
	assert_true(kept_find(&k, "a/b", ATHAR_STATE_LIVE)->file.folder);
	assert_int_equal(k.counts.deleted + k.counts.orphans, 0);
	assert_string_equal(k.findings, "");
	keep_close(&k);
}

/* Small files in their inodes: libtsk has the bytes, not their place. */
static void ext4_inline_data_is_derived(void **state)
{
	const char *folder = *state;
	const kept_file *f;
	kept k;

	free(run_or_skip("mke2fs", "cd %s && mkdir tree", folder));
	write_file(folder, "tree/in", 30, 1);
	write_file(folder, "tree/both", 100, 2); /* the rest is in an attribute */
	free(run_or_skip("mke2fs",
	                 "cd %s && truncate -s 4M disk && "
	                 "mke2fs -q -F -t ext4 -I 256 -O inline_data -d tree disk",
	                 folder));
	open_disk(&k, folder);
	f = kept_same(&k, "in", ATHAR_STATE_LIVE, folder, "tree/in");
	assert_int_equal(f->file.extents.extent[0].kind, ATHAR_EXTENT_DERIVED);
	kept_same(&k, "both", ATHAR_STATE_LIVE, folder, "tree/both");
	keep_close(&k);
}

static void make_floppy(const char *folder)
{
	free(run_or_skip("mformat", "cd %s && mformat -C -f 1440 -v FLOPPY -i disk ::", folder));
	for (int i = 1; i <= 3; i++) {
		char name[8];

		snprintf(name, sizeof name, "f%d", i);
		write_file(folder, name, 1500, (uint64_t)i);
	}
	free(run_or_skip("mcopy",
	                 "cd %s && export TZ=UTC0 && touch -d '" KNOWN "' f1 f2 f3 && "
	                 "mcopy -m -i disk f1 f2 f3 ::/ && mmd -i disk ::/d",
	                 folder));
}

static void fat_without_deletions_has_none(void **state)
{
	kept k;

	make_floppy(*state);
	open_disk(&k, *state);
	assert_string_equal(k.info[0].kind, "fat12");
	assert_string_equal(k.info[0].label, "FLOPPY");
	assert_int_equal(k.counts.files, 3);
	assert_int_equal(k.counts.folders, 1);
	assert_int_equal(k.counts.deleted + k.counts.orphans, 0);
	for (int i = 1; i <= 3; i++) {
		char name[8];

		snprintf(name, sizeof name, "f%d", i);
		assert_false(kept_same(&k, name, ATHAR_STATE_LIVE, *state, name)->file.assumed);
	}
	keep_close(&k);
}

/* What FAT forgets is said to be assumed, and what it still knows is not. */
static void fat_tells_records_from_assumptions(void **state)
{
	const char *folder = *state;
	const kept_file *f;
	kept k;

	make_floppy(folder);
	write_file(folder, "g", 300, 9);
	free(run_or_skip("mdel", "cd %s && mcopy -i disk g ::/ && mdel -i disk ::/f3 ::/g",
	                 folder));
	open_disk(&k, folder);
	f = kept_same(&k, "_3", ATHAR_STATE_DELETED, folder, "f3");
	assert_true(f->file.assumed);
	assert_true(strstr(f->file.why, "assumed") != NULL);
	f = kept_same(&k, "_", ATHAR_STATE_DELETED, folder, "g");
	assert_false(f->file.assumed); /* one cluster */
	assert_string_equal(f->file.why, "");
	assert_int_equal(f->file.reused, 0);
	assert_int_equal(k.counts.deleted, 2);
	keep_close(&k);
}

static void a_cluster_in_use_again_ends_it(void **state)
{
	const char *folder = *state;
	const kept_file *f;
	kept k;

	make_floppy(folder);
	write_file(folder, "g", 300, 9);
	free(run_or_skip("mdel", "cd %s && mdel -i disk ::/f1 && mcopy -i disk g ::/d/", folder));
	open_disk(&k, folder);
	kept_same(&k, "d/g", ATHAR_STATE_LIVE, folder, "g");
	f = kept_find(&k, "_1", ATHAR_STATE_DELETED);
	assert_non_null(f);
	assert_false(f->file.readable);
	assert_int_equal(f->file.size, 1500);
	assert_true(strstr(f->file.why, "in use") != NULL);
	assert_int_equal(f->file.extents.extent[0].kind, ATHAR_EXTENT_MISSING);
	keep_close(&k);
}

static void fat_times_mind_no_time_zone(void **state)
{
	static const char *const zones[] = {"UTC0", "America/New_York", "Asia/Kathmandu"};

	make_floppy(*state);
	for (size_t i = 0; i < ATHAR_COUNT(zones); i++) {
		const athar_item_time *t;
		kept k;

		setenv("TZ", zones[i], 1);
		tzset();
		open_disk(&k, *state);
		t = time_of(kept_find(&k, "f2", ATHAR_STATE_LIVE), "modified");
		assert_non_null(t);
		assert_int_equal(t->seconds, KNOWN_SECONDS);
		assert_string_equal(t->zone, "unrecorded");
		assert_string_equal(t->source, "fat");
		keep_close(&k);
	}
}

/* Bad blocks below the root directory: what can be had is given, and the rest is said. */
static void bad_blocks_are_reported(void **state)
{
	athar_runs bad = ATHAR_RUNS_INIT;
	athar_error err = ATHAR_ERROR_INIT;
	char path[4200];
	kept k;
	static const athar_source_driver *const drivers[] = {&athar_source_raw, NULL};
	athar_source *source = NULL;

	make_floppy(*state);
	snprintf(path, sizeof path, "%s/disk", (char *)*state);
	assert_ok(athar_source_open_with(&source, path, drivers, &err), err);
	assert_ok(athar_runs_add(&bad, 19 * 512 + 512, 512, ATHAR_RUN_BAD, &err), err);
	assert_ok(athar_source_mark(source, &bad, &err), err);
	keep_source(&k, source);
	keep_walk(&k, 0);
	assert_true(k.counts.failed_reads > 0);
	assert_true(strstr(k.findings, "reads met ranges") != NULL);
	assert_int_equal(k.counts.files, 3);
	athar_runs_clear(&bad);
	keep_close(&k);
}

static athar_status stop_at_once(void *user, uint64_t done, athar_error *err)
{
	(void)user;
	(void)done;
	return athar_fail(err, ATHAR_ECANCELED, "enough");
}

static void the_walk_stops_when_told(void **state)
{
	const athar_volume_walk walk = {NULL, NULL, NULL, stop_at_once, NULL};
	athar_error err = ATHAR_ERROR_INIT;
	athar_volume_counts counts;
	kept k;

	make_floppy(*state);
	open_disk(&k, *state);
	assert_status(athar_volume_walk_files(&counts, k.volume, &walk, &err), ATHAR_ECANCELED,
	              err);
	assert_true(counts.partial);
	keep_close(&k);
}

static void read_ends_at_the_end(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	const kept_file *f;
	uint8_t buf[4096];
	size_t got;
	kept k;

	make_floppy(*state);
	open_disk(&k, *state);
	f = kept_find(&k, "f2", ATHAR_STATE_LIVE);
	assert_ok(athar_volume_read(&got, k.volume, f->file.meta, f->file.type, f->file.id, buf,
	                            sizeof buf, 1000, &err),
	          err);
	assert_int_equal(got, 500);
	assert_ok(athar_volume_read(&got, k.volume, f->file.meta, f->file.type, f->file.id, buf,
	                            sizeof buf, 1500, &err),
	          err);
	assert_int_equal(got, 0);
	assert_status(athar_volume_read(&got, k.volume, UINT64_MAX, 1, 0, buf, 1, 0, &err),
	              ATHAR_EFORMAT, err);
	keep_close(&k);
}

/* Resident content is placed in the image, around the two bytes that end each 512 of its record. */
static void ntfs_resident_content_has_its_place(void **state)
{
	const char *folder = *state;
	const kept_file *f;
	kept k;

	free(run_or_skip("mkntfs", "cd %s && truncate -s 8M disk && mkntfs -q -F -L 'NTFS Ü' disk",
	                 folder));
	write_file(folder, "small", 13, 1);
	write_file(folder, "across", 500, 2);
	write_file(folder, "big", 50000, 3);
	write_file(folder, "stream", 20, 4);
	free(run_or_skip("ntfscp",
	                 "cd %s && ntfscp -q disk small small && ntfscp -q disk across across && "
	                 "ntfscp -q disk big big && ntfscp -q -N named disk stream small",
	                 folder));
	open_disk(&k, folder);
	assert_string_equal(k.info[0].label, "NTFS Ü");
	f = kept_same(&k, "small", ATHAR_STATE_LIVE, folder, "small");
	assert_true(athar_extents_plain(&f->file.extents));
	f = kept_same(&k, "small:named", ATHAR_STATE_LIVE, folder, "stream");
	assert_true(athar_extents_plain(&f->file.extents));
	f = kept_same(&k, "across", ATHAR_STATE_LIVE, folder, "across");
	assert_true(athar_extents_plain(&f->file.extents));
	assert_int_equal(f->file.extents.count, 3);
	assert_int_equal(f->file.extents.extent[1].length, 2);
	f = kept_same(&k, "big", ATHAR_STATE_LIVE, folder, "big");
	assert_string_equal(time_of(f, "created")->source, "ntfs.si");
	assert_int_equal(k.counts.deleted + k.counts.orphans, 0);
	keep_close(&k);
}

static void write_compressible(const char *path)
{
	FILE *f = fopen(path, "wb");
	uint64_t seed = 5;

	assert_non_null(f);
	for (int i = 0; i < 10000; i++)
		fprintf(f, "line %d of much the same text\n", i / 7);
	for (int i = 0; i < 100000; i++)
		fputc((int)(athar_test_random(&seed) & 0xFF), f);
	for (int i = 0; i < 200000; i++)
		fputc(0, f);
	for (int i = 0; i < 50000; i++)
		fputc("ab"[athar_test_random(&seed) & 1], f);
	assert_int_equal(fclose(f), 0);
}

/* Needs FUSE, to have NTFS write compressed. */
static void ntfs_compressed_content_is_derived(void **state)
{
	const char *folder = *state;
	const uint8_t compressed[4] = {0, 0, 8, 0};
	char path[4200];
	bool derived = false;
	const kept_file *f;
	int exit;
	kept k;

	free(run_or_skip("ntfs-3g",
	                 "cd %s && mkdir mnt && truncate -s 16M disk && mkntfs -q -F disk",
	                 folder));
	free(run(&exit, "PATH=$PATH:/usr/sbin:/sbin; cd %s && ntfs-3g -o compression disk mnt 2>&1",
	         folder));
	if (exit != 0)
		skip();
	snprintf(path, sizeof path, "%s/mnt/dir", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(setxattr(path, "system.ntfs_attrib_be", compressed, 4, 0), 0);
	snprintf(path, sizeof path, "%s/mnt/dir/kept", folder);
	write_compressible(path);
	snprintf(path, sizeof path, "%s/mnt/dir/gone", folder);
	write_compressible(path);
	free(run_or_skip("umount",
	                 "cd %s && cp mnt/dir/kept original && rm mnt/dir/gone && umount mnt",
	                 folder));
	open_disk(&k, folder);
	f = kept_same(&k, "dir/kept", ATHAR_STATE_LIVE, folder, "original");
	for (size_t i = 0; i < f->file.extents.count; i++)
		derived |= f->file.extents.extent[i].transform == ATHAR_TRANSFORM_LZNT1;
	assert_true(derived);
	f = kept_same(&k, "dir/gone", ATHAR_STATE_DELETED, folder, "original");
	assert_false(f->file.assumed);
	assert_int_equal(f->file.reused, 0);
	keep_close(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(ext4_gives_each_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(ext4_inline_data_is_derived, set_up, tear_down),
		cmocka_unit_test_setup_teardown(fat_without_deletions_has_none, set_up, tear_down),
		cmocka_unit_test_setup_teardown(fat_tells_records_from_assumptions, set_up,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(a_cluster_in_use_again_ends_it, set_up, tear_down),
		cmocka_unit_test_setup_teardown(fat_times_mind_no_time_zone, set_up, tear_down),
		cmocka_unit_test_setup_teardown(bad_blocks_are_reported, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_walk_stops_when_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(read_ends_at_the_end, set_up, tear_down),
		cmocka_unit_test_setup_teardown(ntfs_resident_content_has_its_place, set_up,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(ntfs_compressed_content_is_derived, set_up,
	                                        tear_down),
	};

	return cmocka_run_group_tests_name("volume built", tests, NULL, NULL);
}
