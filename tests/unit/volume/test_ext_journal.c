/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Deleted files from journals that debugfs wrote: transactions with the blocks of the inode table
 * and of the folder as they were before the deletion and after. What is to be found is known.
 */
#include "volume_support.h"

/* A way to make the file system and its journal. */
typedef struct made {
	const char *mkfs, *journal;
	const char *clear; /* what deletion does to the map, for debugfs */
	unsigned size;     /* of the file */
} made;

static const made kinds[] = {
	{"-b 1024", "-c -v 3", "block[0] 0xf30a", 70000},
	{"-b 4096 -O ^metadata_csum,^64bit", "", "block[0] 0xf30a", 70000},
	{"-b 1024 -O ^metadata_csum", "-c -v 2", "block[0] 0xf30a", 5000},
	{"-b 1024 -O ^metadata_csum,^64bit", "-c -v 2", "block[0] 0xf30a", 5000},
	{"-b 2048 -I 128 -O ^extent,^metadata_csum,^64bit", "", "block[IND] 0", 70000},
	{"-b 1024 -O ^extent,^metadata_csum,^64bit", "", "block[DIND] 0", 900000},
	{"-b 1024 -O inline_data", "-c -v 3", "block[0] 0", 120},
};

static int set_up(void **state)
{
	setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
	*state = athar_test_mkdir();
	return 0;
}

static int tear_down(void **state)
{
	athar_test_rmdir(*state);
	return 0;
}

/* The shell functions that all volumes are made with: `take BLOCK FILE` keeps a block. */
#define PRELUDE \
	"cd %s && set -e && d() { debugfs -w -f - disk >debugfs.out 2>&1; }; " \
	"ask() { debugfs -R \"$1\" disk 2>/dev/null; }; " \
	"take() { dd if=disk of=$2 bs=$bs skip=$1 count=1 status=none; }; "

/* A volume with d/content, which is also in the folder; `at`, `dir` and `ino` say where it is. */
static void make_volume(const char *folder, const made *m)
{
	free(run_or_skip("debugfs",
	                 PRELUDE
	                 "truncate -s 24M disk; mke2fs -q -F -t ext4 -J size=4 "
	                 "-E lazy_itable_init=0,root_owner=0:0 %s disk; "
	                 "seq 1000000 | head -c %u >content; "
	                 "printf 'mkdir d\\ncd d\\nwrite content content\\n"
	                 "sif content generation 77\\n' | d; "
	                 "ask 'imap d/content' | sed -n 's/.*block \\([0-9]*\\),.*/\\1/p' >at; "
	                 "ask 'blocks d' | tr -d ' \\n' >dir; [ -s dir ] || "
	                 "ask 'imap d' | sed -n 's/.*block \\([0-9]*\\),.*/\\1/p' >dir; "
	                 "ask 'stat d/content' | sed -n 's/^Inode: \\([0-9]*\\) .*/\\1/p' >ino; "
	                 "dumpe2fs -h disk 2>/dev/null | sed -n 's/^Block size: *//p' >bs",
	                 folder, m->mkfs, m->size));
}

/* The blocks of the metadata into files: it1 and dir1, or it2 and dir2. */
#define TAKE(n) "bs=$(cat bs); take $(cat at) it" n "; take $(cat dir) dir" n "; "

static void delete_content(const char *folder, const made *m)
{
	free(run_or_skip(
		"debugfs",
		PRELUDE TAKE("1") "i=$(cat ino); printf \"rm d/content\\nsif <$i> size 0\\n"
				  "sif <$i> blocks 0\\nsif <$i> %s\\n\" | d; " TAKE("2"),
		folder, m->clear));
}

/* Transactions with what was kept: as many of it1, dir1, it2, dir2 as `what` names. */
static void write_journal(const char *folder, const made *m, const char *what)
{
	free(run_or_skip("debugfs",
	                 PRELUDE "(echo jo %s; for f in %s; do case $f in it*) b=$(cat at);; "
	                         "*) b=$(cat dir);; esac; echo jw -b $b $f; done; echo jc) | d",
	                 folder, m->journal, what));
}

static void open_volume(kept *k, const char *folder)
{
	char path[4200];

	snprintf(path, sizeof path, "%s/disk", folder);
	keep_open(k, path);
	assert_int_equal(k->volumes, 1);
	keep_walk(k, 0);
	assert_string_equal(k->findings, "");
}

static size_t count_lost(const kept *k)
{
	return kept_count(k, ATHAR_STATE_DELETED, false) +
	       kept_count(k, ATHAR_STATE_ORPHAN, false) + kept_count(k, ATHAR_STATE_EARLIER, false);
}

static void check_content(kept *k, const char *folder, const kept_file *f)
{
	char path[4200], expected[65], found[65];

	assert_non_null(f);
	snprintf(path, sizeof path, "%s/content", folder);
	file_sha256(path, expected);
	content_sha256(k, f, found);
	assert_string_equal(found, expected);
}

/* Once, by its name, with all that was recorded of it. */
static void check_found(const char *folder)
{
	kept k = {.source = NULL};
	const kept_file *f;
	char *ino = run_or_skip("debugfs", "cat %s/ino", folder);

	open_volume(&k, folder);
	f = kept_find(&k, "d/content", ATHAR_STATE_DELETED);
	check_content(&k, folder, f);
	assert_int_equal(f->file.method, ATHAR_METHOD_JOURNAL);
	assert_true(f->file.readable);
	assert_false(f->file.assumed);
	assert_int_equal(f->file.reused, 0);
	assert_int_equal(f->file.meta, strtoull(ino, NULL, 10));
	assert_string_equal(f->file.mode, "0644");
	assert_string_equal(f->file.times[0].source, "ext4.journal");
	assert_string_equal(f->file.times[f->file.time_count - 1].meaning, "deleted");
	assert_int_equal(count_lost(&k), 1);
	free(ino);
	keep_close(&k);
}

static void test_kinds(void **state)
{
	char folder[4200];

	for (size_t i = 0; i < ATHAR_COUNT(kinds); i++) {
		snprintf(folder, sizeof folder, "%s/%zu", (const char *)*state, i);
		free(run_or_skip("mkdir", "mkdir %s", folder));
		make_volume(folder, &kinds[i]);
		delete_content(folder, &kinds[i]);
		write_journal(folder, &kinds[i], "it1 dir1 it2 dir2");
		check_found(folder);
	}
}

/* e2fsck replays it, and empties it; its blocks are still there. */
static void test_replayed(void **state)
{
	make_volume(*state, &kinds[0]);
	delete_content(*state, &kinds[0]);
	write_journal(*state, &kinds[0], "it1 dir1 it2 dir2");
	free(run_or_skip("e2fsck", "e2fsck -y -E journal_only %s/disk 2>&1", (char *)*state));
	check_found(*state);
}

/* What the journal would bring to life when it is replayed is not deleted. */
static void test_still_there(void **state)
{
	kept k = {.source = NULL};

	make_volume(*state, &kinds[1]);
	delete_content(*state, &kinds[1]);
	write_journal(*state, &kinds[1], "it2 dir2 it1 dir1");
	open_volume(&k, *state);
	assert_int_equal(count_lost(&k), 0);
	check_content(&k, *state, kept_find(&k, "d/content", ATHAR_STATE_LIVE));
	keep_close(&k);
}

static void test_nothing_deleted(void **state)
{
	kept k = {.source = NULL};

	make_volume(*state, &kinds[0]);
	free(run_or_skip("debugfs", PRELUDE TAKE("1"), (char *)*state));
	write_journal(*state, &kinds[0], "it1 dir1 it1");
	open_volume(&k, *state);
	assert_int_equal(count_lost(&k), 0);
	assert_non_null(kept_find(&k, "d/content", ATHAR_STATE_LIVE));
	keep_close(&k);
}

/* Nothing of the folder is in a transaction; in its place it has the name between two entries. */
static void test_name_in_slack(void **state)
{
	const made m = {"-b 1024 -O ^metadata_csum -I 512", "", "block[0] 0xf30a", 5000};

	make_volume(*state, &m);
	free(run_or_skip("debugfs",
	                 PRELUDE "ask 'imap d' | sed -n 's/.*block \\([0-9]*\\),.*/\\1/p' >own; "
	                         "! cmp -s own at",
	                 (char *)*state));
	delete_content(*state, &m);
	write_journal(*state, &m, "it1 it2");
	check_found(*state);
}

/* A copy whose checksum does not hold is none. */
static void test_broken_copy(void **state)
{
	kept k = {.source = NULL};

	make_volume(*state, &kinds[0]);
	delete_content(*state, &kinds[0]);
	write_journal(*state, &kinds[0], "it1 dir1 it2 dir2");
	free(run_or_skip("debugfs",
	                 PRELUDE "j=$(ask 'bmap <8> 2'); printf X | dd of=disk bs=1 "
	                         "seek=$((j * 1024 + 1000)) conv=notrunc status=none",
	                 (char *)*state));
	open_volume(&k, *state);
	for (size_t i = 0; i < k.count; i++)
		assert_int_not_equal(k.files[i].file.method, ATHAR_METHOD_JOURNAL);
	keep_close(&k);
}

/* The number is used again: both files are found, and the first says that its blocks were taken. */
static void test_two_lives(void **state)
{
	const made *m = &kinds[0];
	const kept_file *f;
	kept k = {.source = NULL};

	make_volume(*state, m);
	delete_content(*state, m);
	free(run_or_skip(
		"debugfs",
		PRELUDE
		"for f in it1 dir1 it2 dir2; do cp $f old-$f; done; "
		"seq 9999 | head -c 3000 >later; printf 'cd d\\nwrite later later\\n"
		"sif later generation 78\\n' | d; " TAKE("1") "printf 'rm d/later\\n' | d; " TAKE(
			"2") "ask 'stat d/later' >stat; (echo jo %s; for f in old-it1 old-dir1 "
			     "old-it2 old-dir2 it1 dir1 it2 dir2; do case $f in *it*) "
			     "b=$(cat at);; *) b=$(cat dir);; esac; echo jw -b $b $f; "
			     "done; echo jc) | d",
		(char *)*state, m->journal));
	open_volume(&k, *state);
	f = kept_find(&k, "d/later", ATHAR_STATE_DELETED);
	assert_non_null(f);
	assert_int_equal(f->file.size, 3000);
	assert_false(f->file.assumed);
	assert_null(strchr(f->file.address, '@'));
	f = kept_find(&k, "d/content", ATHAR_STATE_DELETED);
	assert_non_null(f);
	assert_non_null(strchr(f->file.address, '@'));
	assert_true(f->file.assumed);
	assert_non_null(strstr(f->file.why, "3072 bytes"));
	keep_close(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_kinds, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_replayed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_still_there, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_nothing_deleted, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_name_in_slack, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_broken_copy, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_two_lives, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
