/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An F2FS that Linux wrote until its power was cut: see testdata/f2fs. What is to be found in it
 * was summed by sha256sum inside that Linux.
 */
#include "volume_support.h"

static int set_up(void **state)
{
	kept *k = calloc(1, sizeof *k);
	char *folder = athar_test_mkdir();
	char image[4200];

	if (k == NULL)
		return -1;
	snprintf(image, sizeof image, "%s/kernel.img", folder);
	free(run_or_skip("xz", "xz -dkc %s/f2fs/kernel.img.xz > %s", ATHAR_TESTDATA, image));
	keep_open(k, image);
	keep_walk(k, 0);
	unlink(image);
	athar_test_rmdir(folder);
	*state = k;
	return 0;
}

static int tear_down(void **state)
{
	keep_close(*state);
	free(*state);
	return 0;
}

static void it_is_described(void **state)
{
	const kept *k = *state;

	assert_int_equal(k->volumes, 1);
	assert_string_equal(k->info[0].kind, "f2fs");
	assert_string_equal(k->info[0].label, "Kern \xc3\xbc");
	assert_int_equal(k->info[0].blocks, 64 * 256);
	assert_string_equal(k->findings, "");
}

static athar_state state_of(const char *name)
{
	if (strcmp(name, "live") == 0)
		return ATHAR_STATE_LIVE;
	return strcmp(name, "deleted") == 0 ? ATHAR_STATE_DELETED : ATHAR_STATE_EARLIER;
}

/* Compressed in four ways, over several nodes, written after the last checkpoint, unlinked while
 * open, rewritten: all of the kernel's sums. */
static void all_that_the_kernel_summed_is_there(void **state)
{
	kept *k = *state;
	char state_name[16], sum[65], path[256], found[65];
	FILE *truth = fopen(ATHAR_TESTDATA "/f2fs/kernel.truth", "r");
	size_t count = 0;

	assert_non_null(truth);
	while (fscanf(truth, "%15s %64s %255[^\n]", state_name, sum, path) == 3) {
		const kept_file *f;

		f = kept_find(k, path, state_of(state_name));
		if (f == NULL)
			print_error("%s %s was not found\n", state_name, path);
		assert_non_null(f);
		assert_true(f->file.readable && !f->file.assumed);
		assert_int_equal(f->file.reused, 0);
		content_sha256(k, f, found);
		assert_string_equal(found, sum);
		count++;
	}
	assert_int_equal(fclose(truth), 0);
	assert_int_equal(count, 24);
}

static void nothing_else_is_made_up(void **state)
{
	const kept *k = *state;

	/* Folders: four with an algorithm's name, and locked, p, many, dir; sub four times, p/q. */
	assert_int_equal(kept_count(k, ATHAR_STATE_LIVE, true), 8);
	assert_int_equal(kept_count(k, ATHAR_STATE_DELETED, true), 5);
	/* keep.txt four times, 119 in many; in p far.bin, link, synced; dir/synced, locked twice;
	 * rewritten, note2. */
	assert_int_equal(kept_count(k, ATHAR_STATE_LIVE, false), 4 + 119 + 3 + 1 + 2 + 2);
	/* gone.txt and small.txt four times; far.bin, renamed, one of many, note, open. */
	assert_int_equal(kept_count(k, ATHAR_STATE_DELETED, false), 4 * 2 + 5);
	assert_int_equal(kept_count(k, ATHAR_STATE_EARLIER, false), 1);
	assert_int_equal(kept_count(k, ATHAR_STATE_ORPHAN, false), 0);
}

static void compressed_and_encrypted_files_are_called_so(void **state)
{
	const kept *k = *state;
	const kept_file *f = kept_find(k, "zstd/gone.txt", ATHAR_STATE_DELETED);
	unsigned locked = 0;

	assert_non_null(f);
	assert_int_equal(f->file.extents.extent[0].kind, ATHAR_EXTENT_DERIVED);
	assert_int_equal(f->file.extents.extent[0].transform, ATHAR_TRANSFORM_ZSTD);
	assert_int_equal(f->file.extents.extent[0].length, 4 * 4096);
	assert_string_equal(f->file.times[f->file.time_count - 1].meaning, "created");
	for (size_t i = 0; i < k->count; i++)
		if (strncmp(k->files[i].path, "locked/", 7) == 0) {
			assert_int_equal(strncmp(k->files[i].file.why, "encrypted", 9), 0);
			locked++;
		}
	assert_int_equal(locked, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_described),
		cmocka_unit_test(all_that_the_kernel_summed_is_there),
		cmocka_unit_test(nothing_else_is_made_up),
		cmocka_unit_test(compressed_and_encrypted_files_are_called_so),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
