/* SPDX-License-Identifier: BSD-2-Clause */
/* Hard images of others, in the folder that ATHAR_CORPUS names: loops, orphans, lost folders. Each
 * ends, in time, and nothing wrong is called recorded. */
#include "volume_support.h"

#include <time.h>

#include "athar/digest.h"

#define SECONDS_MOST 30

static void unpack(const char *folder, const char *packed, char image[4096])
{
	const char *program = strstr(packed, ".gz") != NULL ? "gzip" : "xz";

	snprintf(image, 4096, "%s/image", folder);
	free(run_or_skip(program, "%s -dkc '%s' > '%s'", program, packed, image));
}

static void walk_all(kept *k, const char *name)
{
	const char *corpus = getenv("ATHAR_CORPUS");
	char packed[4096], image[4096];
	struct timespec from, to;
	char *folder;

	snprintf(packed, sizeof packed, "%s/images/%s", corpus != NULL ? corpus : "", name);
	if (corpus == NULL || access(packed, R_OK) != 0)
		skip();
	folder = athar_test_mkdir();
	unpack(folder, packed, image);
	clock_gettime(CLOCK_MONOTONIC, &from);
	keep_open(k, image);
	assert_true(k->volumes > 0);
	for (size_t i = 0; i < k->volumes; i++) {
		if (k->info[i].file_system)
			keep_walk(k, i);
	}
	clock_gettime(CLOCK_MONOTONIC, &to);
	assert_true(to.tv_sec - from.tv_sec < SECONDS_MOST);
	athar_test_rmdir(folder);
}

static void md5(kept *k, const kept_file *f, char hex[33])
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_digester *d = NULL;
	athar_digests digests;
	uint8_t *bytes = kept_content(k, f);

	assert_ok(athar_digester_new(&d, ATHAR_MD5, &err), err);
	assert_ok(athar_digester_update(d, bytes, (size_t)f->file.size, &err), err);
	assert_ok(athar_digester_finish(&digests, d, &err), err);
	snprintf(hex, 33, "%s", athar_digests_get(&digests, ATHAR_MD5));
	athar_digester_free(d);
	free(bytes);
}

/* The truth by size, as published with the image: three files are fragmented. */
static void fragmented_fat_files_are_never_called_recorded(void **state)
{
	static const struct {
		uint64_t size;
		const char *md5;
	} truth[] = {
		{780, "59b20779f69ff9f0ac5fcd2c38835a79"},
		{3801, "ffd27bd782bdce67750b6b9ee069d2ef"},
		{1584, "7a3bc5b763bef201202108f4ba128149"},
		{3873, "0e80ab84ef0087e60dfc67b88a1cf13e"},
		{1715, "59cf0e9cd107bc1e75afb7374f6e05bb"},
		{2027, "21121699487f3fbbdb9a4b3391b6d3e0"},
	};
	size_t right = 0;
	kept k;

	(void)state;
	walk_all(&k, "6-fat-undel.dd.xz");
	assert_int_equal(kept_count(&k, ATHAR_STATE_DELETED, false), 6);
	for (size_t i = 0; i < k.count; i++) {
		const kept_file *f = &k.files[i];
		char hex[33];

		for (size_t t = 0; t < ATHAR_COUNT(truth) && !f->file.folder; t++) {
			if (f->file.size != truth[t].size)
				continue;
			md5(&k, f, hex);
			right += strcmp(hex, truth[t].md5) == 0;
			if (strcmp(hex, truth[t].md5) != 0)
				assert_true(f->file.assumed);
		}
	}
	assert_int_equal(right, 6); /* by their ends; none of several clusters is proven */
	keep_close(&k);
}

static void a_loop_ends(void **state)
{
	kept k;

	(void)state;
	walk_all(&k, "fat32_loop.raw.gz");
	assert_true(strstr(k.findings, "not walked again") != NULL);
	keep_close(&k);
}

static void a_lost_folder_gives_its_entries(void **state)
{
	kept k;

	(void)state;
	walk_all(&k, "fat_deleted_dir.raw.gz");
	assert_int_equal(k.counts.deleted + k.counts.orphans, 502);
	keep_close(&k);
}

static void others_end(void **state)
{
	static const struct {
		const char *name, *kind;
		size_t files;
	} images[] = {
		{"exfat_orphan.raw.gz", "exfat", 2}, {"ntfs3.raw.gz", "ntfs", 18},
		{"hfsplus.raw.xz", "hfs+", 13},      {"apfs.raw.xz", "apfs", 8},
		{"FD5.img.xz", "fat12", 12},
	};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(images); i++) {
		kept k;

		walk_all(&k, images[i].name);
		assert_string_equal(k.info[0].kind, images[i].kind);
		assert_int_equal(k.counts.files, images[i].files);
		assert_int_equal(k.counts.deleted + k.counts.orphans, 0);
		keep_close(&k);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fragmented_fat_files_are_never_called_recorded),
		cmocka_unit_test(a_loop_ends),
		cmocka_unit_test(a_lost_folder_gives_its_entries),
		cmocka_unit_test(others_end),
	};

	return cmocka_run_group_tests_name("volume corpus", tests, NULL, NULL);
}
