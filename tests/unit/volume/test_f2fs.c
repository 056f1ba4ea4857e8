/* SPDX-License-Identifier: BSD-2-Clause */
/* F2FS by construction: each test knows what was put where, and what was made to contradict it. */
#include "volume_support.h"

#include "base/endian.h"
#include "f2fs_image.h"
#include "volume/f2fs_dentry.h"
#include "volume/f2fs_node.h"

static int set_up(void **state)
{
	uint8_t *image = calloc(1, F2FS_SIZE);

	if (image == NULL)
		return -1;
	f2fs_make(image);
	*state = image;
	return 0;
}

static int tear_down(void **state)
{
	free(*state);
	return 0;
}

static void open_image(kept *k, uint8_t *image)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_source *source = NULL;

	assert_ok(athar_source_memory(&source, image, F2FS_SIZE, &err), err);
	keep_source(k, source);
	assert_int_equal(k->volumes, 1);
	assert_string_equal(k->info[0].kind, "f2fs");
}

static void walk_image(kept *k, uint8_t *image)
{
	open_image(k, image);
	assert_string_equal(k->info[0].finding, "");
	assert_true(k->info[0].file_system);
	keep_walk(k, 0);
}

/* A deleted file of `blocks` blocks: its inode at node(10), its data from data(0) on. */
static uint8_t *deleted_file(uint8_t *image, uint32_t blocks)
{
	uint8_t *inode = f2fs_inode(image, F2FS_NODE(10), 20, F2FS_NOW - 3, 0100644,
	                            (uint64_t)blocks * F2FS_BLOCK - 96, F2FS_ROOT, "gone.bin");

	for (uint32_t i = 0; i < blocks; i++) {
		f2fs_place(inode, i, F2FS_DATA(i));
		f2fs_fill(image, F2FS_DATA(i), "gone");
		f2fs_owner(image, F2FS_DATA(i), 20, i);
	}
	return inode;
}

static bool bytes_are(kept *k, const kept_file *f, const char *text, size_t from, size_t len)
{
	uint8_t *bytes = kept_content(k, f);
	uint8_t *expected = calloc(1, F2FS_SIZE);
	bool same = true;

	assert_non_null(expected);
	f2fs_fill(expected, 0, text);
	for (size_t i = from; i < from + len; i++)
		same = same && bytes[i] == expected[i % F2FS_BLOCK];
	free(bytes);
	free(expected);
	return same;
}

static void an_empty_volume_gives_nothing(void **state)
{
	kept k;

	walk_image(&k, *state);
	assert_string_equal(k.info[0].label, "T");
	assert_int_equal(k.info[0].block_size, 4096);
	assert_int_equal(k.info[0].blocks, F2FS_BLOCKS);
	assert_int_equal(k.count, 0);
	assert_string_equal(k.findings, "");
	keep_close(&k);
}

static void a_live_file_has_its_record(void **state)
{
	uint8_t *image = *state;
	uint8_t *inode = f2fs_inode(image, F2FS_NODE(1), 5, F2FS_NOW - 1, 0100640, 9000, F2FS_ROOT,
	                            "own name");
	const kept_file *f;
	kept k;

	f2fs_entry(f2fs_block(image, F2FS_NODE(0)), 4, 5, "name in folder");
	f2fs_nat(image, 5, 5, F2FS_NODE(1));
	f2fs_valid(image, F2FS_NODE(1));
	f2fs_place(inode, 0, F2FS_DATA(7));
	f2fs_place(inode, 2, F2FS_DATA(8));
	for (uint32_t i = 7; i < 9; i++) {
		f2fs_valid(image, F2FS_DATA(i));
		f2fs_fill(image, F2FS_DATA(i), "live");
	}
	walk_image(&k, image);
	assert_int_equal(k.count, 1);
	f = kept_find(&k, "name in folder", ATHAR_STATE_LIVE);
	assert_non_null(f);
	assert_int_equal(f->file.extents.count, 3);
	assert_int_equal(f->file.extents.extent[0].image, (uint64_t)F2FS_DATA(7) * F2FS_BLOCK);
	assert_int_equal(f->file.extents.extent[1].kind, ATHAR_EXTENT_HOLE);
	assert_string_equal(f->file.owner, "1000");
	assert_string_equal(f->file.group, "1001");
	assert_string_equal(f->file.mode, "0640");
	assert_string_equal(f->file.address, "5");
	assert_int_equal(f->file.time_count, 3);
	assert_string_equal(f->file.times[0].meaning, "modified");
	assert_string_equal(f->file.times[0].source, "f2fs.inode");
	assert_int_equal(f->file.times[0].seconds, 1700000003);
	assert_int_equal(f->file.times[0].nanoseconds, 500);
	keep_close(&k);
}

static void a_deleted_file_is_whole(void **state)
{
	const kept_file *f;
	kept k;

	deleted_file(*state, 3);
	walk_image(&k, *state);
	f = kept_find(&k, "gone.bin", ATHAR_STATE_DELETED);
	assert_non_null(f);
	assert_int_equal(f->file.size, 3 * 4096 - 96);
	assert_true(f->file.readable && !f->file.assumed);
	assert_string_equal(f->file.why, "");
	assert_int_equal(f->file.reused, 0);
	assert_string_equal(f->file.address, "20@16818176"); /* block 4106 */
	assert_int_equal(f->file.meta, ATHAR_META_AT | (uint64_t)F2FS_NODE(10) * F2FS_BLOCK);
	assert_true(bytes_are(&k, f, "gone", 0, 3 * 4096 - 96));
	assert_int_equal(k.counts.deleted, 1);
	keep_close(&k);
}

static void a_block_given_to_another_node_is_missing(void **state)
{
	const kept_file *f;
	kept k;

	deleted_file(*state, 3);
	f2fs_owner(*state, F2FS_DATA(1), 21, 1);
	f2fs_fill(*state, F2FS_DATA(1), "another");
	walk_image(&k, *state);
	f = kept_find(&k, "gone.bin", ATHAR_STATE_DELETED);
	assert_non_null(f);
	assert_true(f->file.readable);
	assert_int_equal(f->file.extents.extent[1].kind, ATHAR_EXTENT_MISSING);
	assert_int_equal(f->file.extents.extent[1].logical, 4096);
	assert_int_equal(f->file.extents.extent[1].length, 4096);
	assert_non_null(strstr(f->file.why, "1 of its blocks were written anew"));
	keep_close(&k);
}

static void a_file_that_is_all_written_over_has_no_content(void **state)
{
	const kept_file *f;
	kept k;

	deleted_file(*state, 2);
	f2fs_owner(*state, F2FS_DATA(0), 20, 9); /* another place of the same file */
	f2fs_owner(*state, F2FS_DATA(1), 21, 1);
	walk_image(&k, *state);
	f = kept_find(&k, "gone.bin", ATHAR_STATE_DELETED);
	assert_non_null(f);
	assert_false(f->file.readable);
	keep_close(&k);
}

/* Both have the block. The newer came after the last checkpoint: no summary knows of it yet. */
static void of_two_deleted_files_the_newer_owns_the_block(void **state)
{
	uint8_t *image = *state;
	uint8_t *other = f2fs_inode(image, F2FS_NODE(11), 30, F2FS_NOW, 0100644, 4096, F2FS_ROOT,
	                            "newer.bin");
	const kept_file *f;
	kept k;

	deleted_file(image, 2);
	f2fs_place(other, 0, F2FS_DATA(1));
	walk_image(&k, image);
	f = kept_find(&k, "gone.bin", ATHAR_STATE_DELETED);
	assert_non_null(f);
	assert_int_equal(f->file.extents.extent[1].kind, ATHAR_EXTENT_MISSING);
	f = kept_find(&k, "newer.bin", ATHAR_STATE_DELETED);
	assert_non_null(f);
	assert_int_equal(f->file.extents.extent[0].kind, ATHAR_EXTENT_DATA);
	keep_close(&k);
}

static void blocks_in_use_are_counted(void **state)
{
	const kept_file *f;
	kept k;

	deleted_file(*state, 2);
	f2fs_valid(*state, F2FS_DATA(1));
	walk_image(&k, *state);
	f = kept_find(&k, "gone.bin", ATHAR_STATE_DELETED);
	assert_non_null(f);
	assert_int_equal(f->file.reused, 4096 - 96);
	keep_close(&k);
}

static void zeros_are_not_taken_for_content(void **state)
{
	const kept_file *f;
	kept k;

	deleted_file(*state, 2);
	memset(f2fs_block(*state, F2FS_DATA(1)), 0, F2FS_BLOCK);
	walk_image(&k, *state);
	f = kept_find(&k, "gone.bin", ATHAR_STATE_DELETED);
	assert_non_null(f);
	assert_true(f->file.readable && f->file.assumed);
	assert_non_null(strstr(f->file.why, "zeros"));
	keep_close(&k);
	memset(f2fs_block(*state, F2FS_DATA(0)), 0, F2FS_BLOCK);
	walk_image(&k, *state);
	assert_false(kept_find(&k, "gone.bin", ATHAR_STATE_DELETED)->file.readable);
	keep_close(&k);
}

/* A node of the future, one whose number is too high, and one that is inode and is not. */
static void what_looks_like_a_node_is_not_always_one(void **state)
{
	uint8_t *image = *state;
	kept k;

	f2fs_inode(image, F2FS_NODE(10), 20, F2FS_NOW + 1, 0100644, 10, F2FS_ROOT, "future");
	f2fs_inode(image, F2FS_NODE(11), 512 * 455, F2FS_NOW, 0100644, 10, F2FS_ROOT, "high");
	f2fs_put(f2fs_inode(image, F2FS_NODE(12), 21, F2FS_NOW, 0100644, 10, F2FS_ROOT, "not") +
	                 4080,
	         1 << 3, 4);
	f2fs_inode(image, F2FS_NODE(13), 22, F2FS_NOW, 0170644, 10, F2FS_ROOT, "kind");
	walk_image(&k, image);
	assert_int_equal(k.count, 0);
	keep_close(&k);
}

/* Version 1: AB, version 2 (live): AC. Version 0 is the beginning of version 1. */
static void earlier_versions_are_those_with_other_bytes(void **state)
{
	uint8_t *image = *state;
	uint8_t *v[3];
	const kept_file *f;
	kept k;

	for (uint32_t i = 0; i < 3; i++) {
		v[i] = f2fs_inode(image, F2FS_NODE(1 + i), 5, F2FS_NOW - 4 + i, 0100644,
		                  i == 0 ? 4096 : 8192, F2FS_ROOT, "f");
		f2fs_place(v[i], 0, F2FS_DATA(0));
	}
	f2fs_place(v[1], 1, F2FS_DATA(1));
	f2fs_place(v[2], 1, F2FS_DATA(2));
	f2fs_fill(image, F2FS_DATA(0), "A");
	f2fs_fill(image, F2FS_DATA(1), "B");
	f2fs_fill(image, F2FS_DATA(2), "C");
	f2fs_owner(image, F2FS_DATA(1), 5, 1);
	f2fs_entry(f2fs_block(image, F2FS_NODE(0)), 0, 5, "f");
	f2fs_nat(image, 5, 5, F2FS_NODE(3));
	f2fs_valid(image, F2FS_NODE(3));
	f2fs_valid(image, F2FS_DATA(0));
	f2fs_valid(image, F2FS_DATA(2));
	walk_image(&k, image);
	assert_int_equal(k.count, 2);
	f = kept_find(&k, "f", ATHAR_STATE_EARLIER);
	assert_non_null(f);
	assert_true(bytes_are(&k, f, "B", 4096, 4096));
	assert_int_equal(f->file.reused, 4096); /* A is the live version's too */
	char address[40];
	snprintf(address, sizeof address, "5@%llu", F2FS_NODE(2) * 4096ULL);
	assert_string_equal(f->file.address, address);
	keep_close(&k);
	/* The same bytes elsewhere are no other content. */
	f2fs_fill(image, F2FS_DATA(1), "C");
	walk_image(&k, image);
	assert_null(kept_find(&k, "f", ATHAR_STATE_EARLIER));
	keep_close(&k);
}

static void a_number_used_again_is_another_file(void **state)
{
	uint8_t *image = *state;
	uint8_t *inode =
		f2fs_inode(image, F2FS_NODE(1), 20, F2FS_NOW - 1, 0100644, 0, F2FS_ROOT, "new");
	kept k;

	f2fs_put(inode + 68, 4711, 4);
	f2fs_entry(f2fs_block(image, F2FS_NODE(0)), 0, 20, "new");
	f2fs_nat(image, 20, 20, F2FS_NODE(1));
	f2fs_valid(image, F2FS_NODE(1));
	deleted_file(image, 1);
	walk_image(&k, image);
	assert_int_equal(k.count, 2);
	assert_non_null(kept_find(&k, "new", ATHAR_STATE_LIVE));
	assert_non_null(kept_find(&k, "gone.bin", ATHAR_STATE_DELETED));
	keep_close(&k);
}

/* 923 addresses in the inode, 1018 in each direct node, then an indirect one, which is lost. */
static void nodes_are_found_by_their_place(void **state)
{
	uint8_t *image = *state;
	uint8_t *inode = f2fs_inode(image, F2FS_NODE(20), 40, F2FS_NOW - 3, 0100644,
	                            (923 + 2 * 1018 + 5) * UINT64_C(4096), F2FS_ROOT, "big");
	const uint32_t nid[] = {41, 42, 44};
	const uint32_t place[] = {1, 2, 4};
	const kept_file *f;
	kept k;

	f2fs_put(inode + 4052, 41, 4);
	f2fs_put(inode + 4056, 42, 4);
	f2fs_put(inode + 4060, 43, 4);
	for (uint32_t i = 0; i < 3; i++) {
		f2fs_slot(f2fs_node(image, F2FS_NODE(21 + i), nid[i], 40, place[i], F2FS_NOW - 3),
		          4, F2FS_DATA(i));
		f2fs_fill(image, F2FS_DATA(i), "node");
		f2fs_owner(image, F2FS_DATA(i), nid[i], 4);
	}
	walk_image(&k, image);
	f = kept_find(&k, "big", ATHAR_STATE_DELETED);
	assert_non_null(f);
	assert_string_equal(f->file.why, "");
	assert_int_equal(f->file.extents.count, 6);
	assert_int_equal(f->file.extents.extent[1].logical, (923 + 4) * 4096);
	assert_int_equal(f->file.extents.extent[3].logical, (923 + 1018 + 4) * 4096);
	assert_int_equal(f->file.extents.extent[5].logical, (923 + 2 * 1018 + 4) * 4096);
	for (size_t i = 1; i < 6; i += 2)
		assert_int_equal(f->file.extents.extent[i].kind, ATHAR_EXTENT_DATA);
	keep_close(&k);
	/* A node that is nowhere is said. */
	f2fs_put(f2fs_block(image, F2FS_NODE(21)) + 4076, 39, 4);
	walk_image(&k, image);
	f = kept_find(&k, "big", ATHAR_STATE_DELETED);
	assert_int_equal(f->file.extents.extent[1].kind, ATHAR_EXTENT_MISSING);
	assert_non_null(strstr(f->file.why, "1018 of its blocks"));
	keep_close(&k);
}

static void folders_in_a_circle_end(void **state)
{
	uint8_t *image = *state;
	kept k;

	f2fs_inode(image, F2FS_NODE(20), 50, F2FS_NOW - 3, 040755, 0, 51, "a");
	f2fs_inode(image, F2FS_NODE(21), 51, F2FS_NOW - 3, 040755, 0, 50, "b");
	f2fs_put(deleted_file(image, 1) + 84, 50, 4);
	walk_image(&k, image);
	assert_int_equal(kept_count(&k, ATHAR_STATE_DELETED, false), 1);
	assert_int_equal(kept_count(&k, ATHAR_STATE_DELETED, true), 2);
	keep_close(&k);
	/* A live folder that is its own child. */
	f2fs_entry(f2fs_block(image, F2FS_NODE(0)), 0, F2FS_ROOT, "self");
	walk_image(&k, image);
	assert_non_null(strstr(k.findings, "is not walked again"));
	keep_close(&k);
}

static void the_copies_stand_in(void **state)
{
	uint8_t *image = *state;
	kept k;

	deleted_file(image, 1);
	memset(f2fs_block(image, 0), 0, F2FS_BLOCK);
	f2fs_block(image, F2FS_CP)[200] ^= 1;
	f2fs_block(image, F2FS_CP + 7)[200] ^= 1;
	walk_image(&k, image);
	assert_non_null(strstr(k.findings, "the first superblock is broken"));
	assert_non_null(strstr(k.findings, "the last checkpoint is broken"));
	assert_non_null(kept_find(&k, "gone.bin", ATHAR_STATE_DELETED));
	keep_close(&k);
}

static void without_a_checkpoint_it_is_named(void **state)
{
	uint8_t *image = *state;
	kept k;

	for (uint32_t pack = 0; pack < 2; pack++)
		f2fs_block(image, F2FS_CP + pack * 512)[200] ^= 1;
	open_image(&k, image);
	assert_false(k.info[0].file_system);
	assert_non_null(strstr(k.info[0].finding, "no checkpoint holds"));
	keep_close(&k);
	f2fs_put(f2fs_block(image, 0) + 1024 + 16, 14, 4);
	f2fs_put(f2fs_block(image, 1) + 1024 + 16, 14, 4);
	open_image(&k, image);
	assert_false(k.info[0].file_system);
	assert_non_null(strstr(k.info[0].finding, "2^14"));
	keep_close(&k);
}

static void what_is_in_use_is_told(void **state)
{
	ATHAR_AUTO(runs) athar_runs runs = ATHAR_RUNS_INIT;
	athar_error err = ATHAR_ERROR_INIT;
	uint8_t *image = *state;
	kept k;

	f2fs_valid(image, F2FS_DATA(100));
	f2fs_valid(image, F2FS_DATA(101));
	walk_image(&k, image);
	assert_ok(athar_volume_allocated(&runs, k.volume, &err), err);
	assert_int_equal(runs.count, 2);
	assert_int_equal(runs.run[0].offset, 0);
	assert_int_equal(runs.run[0].length, (F2FS_MAIN + 1) * UINT64_C(4096));
	assert_int_equal(runs.run[1].offset, F2FS_DATA(100) * UINT64_C(4096));
	assert_int_equal(runs.run[1].length, 2 * 4096);
	keep_close(&k);
}

static void an_encrypted_file_is_called_so(void **state)
{
	const kept_file *f;
	kept k;

	deleted_file(*state, 1)[2] = 4;
	walk_image(&k, *state);
	f = kept_find(&k, "gone.bin", ATHAR_STATE_DELETED);
	assert_non_null(f);
	assert_int_equal(strncmp(f->file.why, "encrypted by the file system (fscrypt)", 38), 0);
	keep_close(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_empty_volume_gives_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_live_file_has_its_record, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_deleted_file_is_whole, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_block_given_to_another_node_is_missing, set_up,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(a_file_that_is_all_written_over_has_no_content,
	                                        set_up, tear_down),
		cmocka_unit_test_setup_teardown(of_two_deleted_files_the_newer_owns_the_block,
	                                        set_up, tear_down),
		cmocka_unit_test_setup_teardown(blocks_in_use_are_counted, set_up, tear_down),
		cmocka_unit_test_setup_teardown(zeros_are_not_taken_for_content, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_looks_like_a_node_is_not_always_one, set_up,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(earlier_versions_are_those_with_other_bytes, set_up,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(a_number_used_again_is_another_file, set_up,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(nodes_are_found_by_their_place, set_up, tear_down),
		cmocka_unit_test_setup_teardown(folders_in_a_circle_end, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_copies_stand_in, set_up, tear_down),
		cmocka_unit_test_setup_teardown(without_a_checkpoint_it_is_named, set_up,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(what_is_in_use_is_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_encrypted_file_is_called_so, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
