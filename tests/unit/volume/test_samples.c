/* SPDX-License-Identifier: BSD-2-Clause */
/* Against Debian's forensics-samples: the deleted files of three file systems, byte for byte, and
 * the names as fls lists them. */
#include "volume/volume_state.h"
#include "volume_support.h"

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

static void open_sample(kept *k, const char *folder, const char *name)
{
	char image[4096];

	unpack_sample(image, folder, name);
	keep_open(k, image);
	assert_int_equal(k->volumes, 1);
	assert_string_equal(k->table, "dos");
	assert_int_equal(k->info[0].offset, 1048576);
	assert_true(k->info[0].file_system);
	if (strcmp(name, "exfat") == 0)
		assert_int_equal(k->info[0].block_size, 4096); /* fsstat: cluster size */
	keep_walk(k, 0);
}

/* What icat reads at the address. */
static void icat_sha256(const char *folder, const char *name, const char *address, char hex[65])
{
	char *out = run_or_skip("icat", "icat -o 2048 %s/fs.%s %s > %s/icat.out", folder, name,
	                        address, folder);
	char path[4200];

	free(out);
	snprintf(path, sizeof path, "%s/icat.out", folder);
	file_sha256(path, hex);
}

/* Some of the files have lost their name; the content tells which they are. */
static const kept_file *find_content(kept *k, const char *hex)
{
	for (size_t i = 0; i < k->count; i++) {
		char found[65];

		if (k->files[i].file.state != ATHAR_STATE_ORPHAN || k->files[i].file.folder)
			continue;
		content_sha256(k, &k->files[i], found);
		if (strcmp(found, hex) == 0)
			return &k->files[i];
	}
	return NULL;
}

/* Of d-debian.png as icat reads it from fs.ntfs; of ext4 icat has nothing. */
#define PNG_SHA256 "d8edcef4a655717afb028db6593a92055dcc90e0e4cbc5bf038545f6ab1818f7"

static void check_original(kept *k, const char *folder, const char *name, const char *path)
{
	const kept_file *f = kept_find(k, path, ATHAR_STATE_DELETED);
	char expected[65], found[65], original[512];

	snprintf(original, sizeof original, SAMPLES "/original-files/%s", path);
	file_sha256(original, expected);
	if (f == NULL)
		f = find_content(k, expected);
	if (f == NULL)
		print_error("%s: %s was not found\n", name, path);
	assert_non_null(f);
	assert_true(f->file.readable);
	assert_int_equal(f->file.reused, 0);
	content_sha256(k, f, found);
	/* The PNG images are not the ones beside the sample: icat judges there. */
	if (strstr(path, ".png") != NULL && strcmp(name, "ext4") == 0)
		snprintf(expected, sizeof expected, "%s", PNG_SHA256);
	else if (strstr(path, ".png") != NULL)
		icat_sha256(folder, name, f->file.address, expected);
	if (strcmp(found, expected) != 0)
		print_error("%s: %s\n", name, path);
	assert_string_equal(found, expected);
}

static void check_deleted(const char *folder, const char *name, size_t orphans)
{
	char *list;
	size_t count = 0;
	kept k;

	open_sample(&k, folder, name);
	list = run_or_skip("find", "cd " SAMPLES "/original-files && find ./*2 -type f | cut -c3-");
	for (char *path = strtok(list, "\n"); path != NULL; path = strtok(NULL, "\n"), count++)
		check_original(&k, folder, name, path);
	free(list);
	assert_int_equal(count, 18);
	assert_int_equal(kept_count(&k, ATHAR_STATE_DELETED, false), 18 - orphans);
	assert_int_equal(kept_count(&k, ATHAR_STATE_ORPHAN, false), orphans);
	assert_int_equal(k.counts.deleted, 18 - orphans);
	assert_false(k.counts.partial);
	assert_int_equal(k.counts.failed_reads, 0);
	keep_close(&k);
}

static void all_deleted_files_of_fat(void **state)
{
	check_deleted(*state, "vfat", 0); /* two of them in the second cluster of their folder */
}

static void all_deleted_files_of_ntfs(void **state)
{
	check_deleted(*state, "ntfs", 0);
}

static void all_deleted_files_of_exfat(void **state)
{
	check_deleted(*state, "exfat", 0); /* and none of the 34 orphans that fls lists */
}

/* libtsk has none of them: the journal has the inodes and the names. */
static void all_deleted_files_of_ext4(void **state)
{
	check_deleted(*state, "ext4", 0);
}

static void cleared_inodes_are_named_as_such(void **state)
{
	static const char *const names[] = {"ext2"};

	for (size_t n = 0; n < ATHAR_COUNT(names); n++) {
		kept k;

		open_sample(&k, *state, names[n]);
		assert_int_equal(kept_count(&k, ATHAR_STATE_DELETED, true), 4);
		assert_int_equal(kept_count(&k, ATHAR_STATE_ORPHAN, false), 18);
		for (size_t i = 0; i < k.count; i++) {
			const athar_volume_file *f = &k.files[i].file;

			if (f->state != ATHAR_STATE_ORPHAN)
				continue;
			assert_false(f->readable);
			assert_int_equal(f->path_len, 0);
			assert_string_equal(f->times[f->time_count - 1].meaning, "deleted");
			assert_string_equal(f->times[f->time_count - 1].zone, "utc");
		}
		keep_close(&k);
	}
}

/* A line of fls: "r/r * 92-128-2(realloc):\tpic2/x.jpg". */
typedef struct fls_line {
	bool folder, deleted;
	char address[40];
	const char *path;
} fls_line;

/* False for what libtsk made up, and for index attributes, which are no content. */
static bool parse_line(fls_line *out, char *line)
{
	char *tab = strchr(line, '\t');
	char *at = line + 4;
	size_t n;

	if (tab == NULL || line[0] == 'v' || line[0] == 'V' ||
	    strstr(tab, "(Volume Label") != NULL || strncmp(tab + 1, "$OrphanFiles", 12) == 0)
		return false;
	out->folder = line[2] == 'd';
	out->deleted = *at == '*';
	if (out->deleted)
		at += 2;
	n = strcspn(at, ":(");
	snprintf(out->address, sizeof out->address, "%.*s", (int)n, at);
	out->path = tab + 1;
	return out->folder || strstr(out->address, "-144-") == NULL;
}

static void check_line(const kept *k, const fls_line *line)
{
	const kept_file *f =
		kept_find(k, line->path, line->deleted ? ATHAR_STATE_DELETED : ATHAR_STATE_LIVE);
	const size_t n = strcspn(line->address, "-");

	if (f == NULL)
		print_error("fls has %s%s\n", line->deleted ? "* " : "", line->path);
	assert_non_null(f);
	assert_true(f->file.folder == line->folder);
	if (!line->folder && strstr(line->address, "-48-") == NULL)
		assert_string_equal(f->file.address, line->address);
	else
		assert_memory_equal(f->file.address, line->address, n);
}

static void same_names_as_fls(void **state)
{
	static const char *const names[] = {"vfat", "ntfs", "exfat", "ext2", "ext4"};

	for (size_t n = 0; n < ATHAR_COUNT(names); n++) {
		/* The second cluster of a deleted folder: fls has its files as orphans. */
		size_t count = strcmp(names[n], "vfat") == 0 ? 2 : 0, bare = 0;
		char *out;
		kept k;

		open_sample(&k, *state, names[n]);
		out = run_or_skip("fls", "fls -o 2048 -rp %s/fs.%s", (char *)*state, names[n]);
		for (char *line = strtok(out, "\n"); line != NULL; line = strtok(NULL, "\n")) {
			fls_line parsed;

			if (!parse_line(&parsed, line))
				continue;
			check_line(&k, &parsed);
			count++;
		}
		free(out);
		/* Files of NTFS whose only attributes are indexes: given here without content. And
		 * what the journal of ext4 has, fls has not; but it has the names of the folders.
		 */
		for (size_t i = 0; i < k.count; i++)
			bare += !k.files[i].file.folder &&
			        ((k.files[i].file.type == 0 && strcmp(names[n], "ntfs") == 0) ||
			         k.files[i].file.method == ATHAR_METHOD_JOURNAL);
		assert_int_equal(count + bare, kept_count(&k, ATHAR_STATE_LIVE, false) +
		                                       kept_count(&k, ATHAR_STATE_LIVE, true) +
		                                       kept_count(&k, ATHAR_STATE_DELETED, false) +
		                                       kept_count(&k, ATHAR_STATE_DELETED, true));
		keep_close(&k);
	}
}

/* By sums from the start, and by going over the runs. */
static void what_is_in_use_is_counted_either_way(void **state)
{
	static const char *const names[] = {"vfat", "ntfs", "exfat", "ext2", "ext4"};
	uint64_t seed = 3;

	for (size_t n = 0; n < ATHAR_COUNT(names); n++) {
		ATHAR_AUTO(runs) athar_runs runs = ATHAR_RUNS_INIT;
		athar_error err = ATHAR_ERROR_INIT;
		kept k;

		open_sample(&k, *state, names[n]);
		assert_ok(athar_volume_allocated(&runs, k.volume, &err), err);
		assert_true(runs.count > 1);
		for (unsigned i = 0; i < 2000; i++) {
			const uint64_t at = athar_test_random(&seed) % (k.info[0].length + 4096);
			const uint64_t length =
				athar_test_random(&seed) % (i < 1000 ? 5000 : 1 << 24);

			assert_int_equal(athar_volume_in_use(k.volume, at, length),
			                 athar_runs_overlap(&runs, at, length));
		}
		for (size_t i = 0; i < runs.count; i++)
			assert_int_equal(
				athar_volume_in_use(k.volume, runs.run[i].offset, UINT64_MAX),
				athar_runs_overlap(&runs, runs.run[i].offset, UINT64_MAX));
		keep_close(&k);
	}
}

/* Deleted clusters are free, live ones are not: each live file's data lies in the allocated runs,
 * no deleted one's does. */
static void allocated_holds_the_live_files(void **state)
{
	static const char *const names[] = {"vfat", "ntfs", "exfat", "ext2", "ext4"};

	for (size_t n = 0; n < ATHAR_COUNT(names); n++) {
		athar_runs runs = ATHAR_RUNS_INIT;
		athar_error err = ATHAR_ERROR_INIT;
		kept k;

		open_sample(&k, *state, names[n]);
		assert_ok(athar_volume_allocated(&runs, k.volume, &err), err);
		for (size_t i = 0; i < k.count; i++) {
			const athar_volume_file *f = &k.files[i].file;

			for (size_t x = 0; x < f->extents.count; x++) {
				const athar_extent *e = &f->extents.extent[x];

				if (e->kind != ATHAR_EXTENT_DATA)
					continue;
				if (f->state == ATHAR_STATE_LIVE)
					assert_int_equal(
						athar_runs_overlap(&runs, e->image, e->length),
						e->length);
				else if (strcmp(f->address, "107-128-2") != 0) /* resident */
					assert_int_equal(
						athar_runs_overlap(&runs, e->image, e->length), 0);
			}
		}
		athar_runs_clear(&runs);
		keep_close(&k);
	}
}

static void several_partitions(void **state)
{
	char image[4096];
	kept k;

	unpack_sample(image, *state, "multiple");
	keep_open(&k, image);
	assert_int_equal(k.volumes, 4);
	assert_string_equal(k.info[0].kind, "btrfs");
	assert_false(k.info[0].file_system);
	assert_true(strstr(k.info[0].finding, "btrfs") != NULL);
	assert_string_equal(k.info[1].kind, "ext4");
	assert_string_equal(k.info[2].kind, "exfat");
	assert_string_equal(k.info[3].kind, "ntfs");
	for (size_t i = 1; i < 4; i++) {
		keep_walk(&k, i);
		assert_int_equal(kept_count(&k, ATHAR_STATE_DELETED, false), 0);
		assert_int_equal(kept_count(&k, ATHAR_STATE_ORPHAN, false), 0);
		assert_non_null(kept_find(&k, "debian_logo.jpg", ATHAR_STATE_LIVE));
	}
	keep_close(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_deleted_files_of_fat),
		cmocka_unit_test(all_deleted_files_of_ntfs),
		cmocka_unit_test(all_deleted_files_of_exfat),
		cmocka_unit_test(all_deleted_files_of_ext4),
		cmocka_unit_test(cleared_inodes_are_named_as_such),
		cmocka_unit_test(same_names_as_fls),
		cmocka_unit_test(allocated_holds_the_live_files),
		cmocka_unit_test(what_is_in_use_is_counted_either_way),
		cmocka_unit_test(several_partitions),
	};

	return cmocka_run_group_tests_name("volume samples", tests, set_up, tear_down);
}
