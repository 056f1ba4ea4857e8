/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The order of worth on media that were made here by the systems' own tools, a fifth of them in
 * use. What is in use is what the Sleuth Kit says; what was saved is read with the systems' tools.
 */
#include "worth_support.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "jail/confine.h"

/* Read along between two wanted ranges, at most. */
#define GAP (UINT64_C(64) << 10)
/* Both ends of the medium, and where only a place is known. */
#define ENDS (2 * MIB)
#define HEAD (UINT64_C(64) << 10)

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

static uint64_t number(const char *folder, const char *command)
{
	char *text = sh_out(folder, "%s", command);
	const uint64_t value = strtoull(text, NULL, 10);

	free(text);
	return value;
}

/* A tree of `bytes` in large files and many small ones, some folders deep. */
static void grow_tree(const char *folder, unsigned megabytes, unsigned small, unsigned deep)
{
	sh(folder,
	   "mkdir -p tree/large tree/small; cd tree; for i in $(seq %u); do "
	   "head -c 1000000 /dev/urandom > large/f$i; done; for i in $(seq %u); do "
	   "d=small/$((i %% 40)); [ -d $d ] || mkdir $d; echo $i > $d/s$i; done; "
	   "d=.; for i in $(seq %u); do d=$d/deep$i; mkdir $d; echo $i > $d/file; done",
	   megabytes, small, deep);
}

/* All three depths, one after the other; each of them may need so many rounds of reading. */
static void ask_all(reader *r, unsigned tables, unsigned metadata)
{
	reader_ask(r, ATHAR_WORTH_TABLES);
	assert_in_range(r->asks, 1, tables);
	reader_ask(r, ATHAR_WORTH_METADATA);
	assert_in_range(r->asks, 0, metadata);
	reader_ask(r, ATHAR_WORTH_ALLOCATED);
	assert_int_equal(r->asks, 0); /* metadata has the maps */
	for (size_t i = 0; i < r->answer.findings; i++)
		print_error("%s\n", r->answer.finding[i]);
	assert_true(r->answer.complete);
}

/* What was wanted is no more than the tools' own count of what there is, and what is said to be in
 * use covers what the Sleuth Kit says. */
static void in_order(const char *folder, const athar_runs *truth, uint64_t metadata,
                     unsigned tables, unsigned rounds)
{
	reader r;

	reader_open(&r, folder);
	ask_all(&r, tables, rounds);
	if (r.wanted > metadata + ENDS + r.seeks * GAP)
		print_error("wanted %ju of metadata's %ju in %ju ranges\n", (uintmax_t)r.wanted,
		            (uintmax_t)metadata, (uintmax_t)r.seeks);
	assert_true(r.wanted <= metadata + ENDS + r.seeks * GAP);
	assert_true(covers(&r.answer.allocated, truth));
	/* And it says something: most of the medium is not in use. */
	assert_true(athar_runs_total(&r.answer.allocated) < r.size / 2);
	reader_close(&r);
}

/* It dies after two fifths: all that is in use was read by then. */
static void saved(const char *folder, const athar_runs *truth)
{
	reader r;

	reader_open(&r, folder);
	r.life = r.size * 2 / 5;
	ask_all(&r, 10, 30);
	reader_read(&r, &r.answer.allocated);
	for (size_t i = 0; i < truth->count; i++)
		assert_int_equal(reader_has(&r, truth->run[i].offset, truth->run[i].length),
		                 truth->run[i].length);
	assert_true(r.read <= r.size * 2 / 5);
	reader_close(&r);
}

/* Made once, then copied: "disk" and the files f1 to f23 that are in it. */
static char *ntfs;

static void make_ntfs(const char *folder)
{
	needs("mkntfs");
	needs("ntfscp");
	needs("blkls");
	if (ntfs == NULL) {
		ntfs = athar_test_mkdir();
		sh(ntfs, "truncate -s 128M disk; mkntfs -Q -F -L vol disk; "
		         "for i in $(seq 23); do head -c 1000000 /dev/urandom > f$i; "
		         "ntfscp -f disk f$i f$i; done; "
		         "for i in $(seq 400); do echo $i > s; ntfscp -f disk s s$i; done");
	}
	sh(folder, "cp --sparse=always %s/* .", ntfs);
}

static int forget_ntfs(void **state)
{
	(void)state;
	if (ntfs != NULL)
		athar_test_rmdir(ntfs);
	return 0;
}

/* Every cluster that istat lists of $MFT, the root folder and $Bitmap. */
static void system_files_are_metadata(const char *folder)
{
	char *text = sh_out(folder, "for i in 0 5 6; do istat disk $i | grep -E '^[0-9 ]+$'; done");
	unsigned clusters = 0;
	reader r;

	reader_open(&r, folder);
	ask_all(&r, 4, 4);
	for (char *rest = NULL, *c = strtok_r(text, " \n", &rest); c != NULL;
	     c = strtok_r(NULL, " \n", &rest), clusters++)
		if (strcmp(c, "0") != 0) /* fills the line where none is stored */
			assert_int_equal(athar_runs_overlap(&r.answer.metadata,
			                                    strtoull(c, NULL, 10) * 4096, 4096),
			                 4096);
	assert_true(clusters > 100); /* 400 records of 1 KiB and more */
	reader_close(&r);
	free(text);
}

static void ntfs_is_saved(void **state)
{
	const char *folder = *state;
	athar_runs truth = ATHAR_RUNS_INIT;

	make_ntfs(folder);
	truth_in_use(&truth, folder, 0, 4096, 0);
	assert_in_range(athar_runs_total(&truth), 24 * MIB, 28 * MIB);
	system_files_are_metadata(folder);
	/* $LogFile is among what ntfsinfo counts, and is not wanted. */
	in_order(folder, &truth,
	         number(folder, "ntfscluster -f -i disk | sed -n 's/.*bytes of metadata *: //p'"),
	         4, 4);
	saved(folder, &truth);
	sh(folder, "for i in $(seq 23); do ntfscat -f image f$i | cmp - f$i || exit 1; done");
	athar_runs_clear(&truth);
}

static void ntfs_with_folders_is_saved(void **state)
{
	const char *folder = *state;
	athar_runs truth = ATHAR_RUNS_INIT;

	needs("ntfs-3g");
	needs("fusermount3");
	grow_tree(folder, 20, 3000, 40);
	/* Files grow by turns, so that they and $MFT lie in many pieces. */
	sh(folder, "truncate -s 128M disk; mkntfs -Q -F -c 1024 disk; mkdir m");
	if (access("/dev/fuse", R_OK | W_OK) != 0) {
		print_message("no FUSE here\n");
		skip();
	}
	sh(folder, "ntfs-3g disk m >/dev/null || exit 1; cp -r tree/. m; for k in $(seq 150); do "
	           "for i in 1 2 3; do "
	           "head -c 3000 /dev/urandom >> m/turn$i; done; "
	           "for j in $(seq 20); do echo $k > m/small/more$k.$j; done; done; "
	           "rm -r m/small/7; cp m/turn* .; sync; umount m");
	truth_in_use(&truth, folder, 0, 1024, 0);
	in_order(folder, &truth,
	         number(folder, "ntfscluster -f -i disk | sed -n 's/.*bytes of metadata *: //p'") +
	                 42 * 64 * 1024,
	         4, 5);
	saved(folder, &truth);
	sh(folder,
	   "ntfs-3g -o ro image m >/dev/null && diff -r tree/large m/large && cmp turn1 m/turn1; "
	   "x=$?; umount m; exit $x");
	athar_runs_clear(&truth);
}

/* Inode tables, two bitmaps a group, descriptors and the journal's like, and a block a folder. */
static uint64_t ext_metadata(const char *folder)
{
	return number(folder,
	              "dumpe2fs -h disk | awk -F: '/^Inode count/{i=$2} /^Inode size/{s=$2} "
	              "/^Block size/{b=$2} /^Block count/{n=$2} /^Blocks per group/{g=$2} "
	              "END{print i*s + (int(n/g)+1)*2*b + 64*b}'") +
	       number(folder, "find tree -type d | wc -l") * 4096 +
	       number(folder, "find tree -size +48k | wc -l") * 8192;
}

static void ext_is_saved(const char *folder, const char *options, unsigned block)
{
	athar_runs truth = ATHAR_RUNS_INIT;

	needs("mkfs.ext4");
	needs("blkls");
	grow_tree(folder, 22, 1000, 30);
	sh(folder, "truncate -s 160M disk; mkfs.ext4 -q -F %s -d tree disk", options);
	truth_in_use(&truth, folder, 0, block, 0);
	in_order(folder, &truth, ext_metadata(folder), 4, 6);
	saved(folder, &truth);
	sh(folder, "mkdir out; debugfs -R 'rdump / out' image; rm -rf out/lost+found; "
	           "diff -r tree out");
	athar_runs_clear(&truth);
}

static void ext4_is_saved(void **state)
{
	ext_is_saved(*state, "-O 64bit,flex_bg,sparse_super,metadata_csum -b 4096", 4096);
}

static void ext4_in_many_groups_is_saved(void **state)
{
	ext_is_saved(*state, "-O ^flex_bg,^64bit -b 1024 -g 1024", 1024);
}

static void ext2_is_saved(void **state)
{
	ext_is_saved(*state, "-t ext2 -O ^ext_attr -b 1024", 1024);
}

static void fat_is_saved(const char *folder, const char *options, uint64_t size, unsigned files,
                         unsigned deep)
{
	athar_runs truth = ATHAR_RUNS_INIT;

	needs("mkfs.vfat");
	needs("mcopy");
	needs("blkls");
	grow_tree(folder, files, 300, deep);
	sh(folder,
	   "truncate -s %ju disk; mkfs.vfat %s disk; export MTOOLS_SKIP_CHECK=1; "
	   "mcopy -s -i disk tree/* ::",
	   (uintmax_t)size, options);
	truth_in_use(&truth, folder, 0, 512, 0);
	/* What lies before the clusters; a folder a cluster or two, and what lies between them. */
	in_order(folder, &truth,
	         number(folder, "fsstat disk | sed -n 's/^\\* Data Area: \\([0-9]*\\) .*/\\1/p'") *
	                         512 +
	                 number(folder, "find tree -type d | wc -l") * (2 * 8192 + GAP),
	         5, deep + 3);
	saved(folder, &truth);
	sh(folder, "mkdir out; mcopy -s -n -i image '::*' out && diff -r tree out");
	athar_runs_clear(&truth);
}

static void fat32_is_saved(void **state)
{
	fat_is_saved(*state, "-F 32 -s 2", 128 * MIB, 22, 12);
}

static void fat16_is_saved(void **state)
{
	fat_is_saved(*state, "-F 16 -s 8", 96 * MIB, 16, 6);
}

static void fat12_is_saved(void **state)
{
	fat_is_saved(*state, "-F 12 -s 16", 20 * MIB, 3, 2);
}

static void exfat_is_understood(void **state)
{
	const char *folder = *state;
	athar_runs truth = ATHAR_RUNS_INIT;

	needs("mkfs.exfat");
	sh(folder, "truncate -s 64M disk; mkfs.exfat disk");
	truth_in_use(&truth, folder, 0, 512, 0);
	in_order(folder, &truth,
	         number(folder, "dump.exfat disk | sed -n 's/^Cluster Heap Offset.*:[^0-9]*//p'") *
	                         512 +
	                 8 * 32768,
	         5, 5);
	athar_runs_clear(&truth);
}

/* Images of others, in the folder that ATHAR_CORPUS names: some of systems of which only the walk
 * knows where things are. Each ends, and says something. */
static void images_of_others_end(void **state)
{
	static const char *const images[] = {"hfsplus.raw.xz",      "apfs.raw.xz",
	                                     "exfat_orphan.raw.gz", "ntfs3.raw.gz",
	                                     "fat32_loop.raw.gz",   "fat_deleted_dir.raw.gz",
	                                     "FD5.img.xz"};
	const char *corpus = getenv("ATHAR_CORPUS");
	const char *folder = *state;

	if (corpus == NULL) {
		print_message("ATHAR_CORPUS is not set\n");
		skip();
	}
	for (size_t i = 0; i < sizeof images / sizeof *images; i++) {
		reader r;

		sh(folder,
		   "case %s in *.xz) xz -dc '%s/images/%s';; *) gzip -dc '%s/images/%s';; esac > "
		   "disk",
		   images[i], corpus, images[i], corpus, images[i]);
		reader_open(&r, folder);
		for (int depth = 0; depth < ATHAR_WORTH_DEPTHS; depth++) {
			reader_ask(&r, (athar_worth_depth)depth);
			assert_in_range(r.asks, 0, 12);
		}
		assert_true(athar_runs_total(&r.answer.allocated) > 0);
		assert_true(athar_runs_total(&r.answer.allocated) < r.size);
		reader_close(&r);
	}
}

static void all_partitions_are_saved(void **state)
{
	const char *folder = *state;
	athar_runs truth = ATHAR_RUNS_INIT;

	needs("sfdisk");
	needs("mkfs.ext4");
	needs("mkfs.vfat");
	grow_tree(folder, 10, 100, 3);
	sh(folder, "truncate -s 128M disk; printf 'label: gpt\\nstart=2048,size=131072\\n"
	           "start=140000,size=98304\\n' | sfdisk -q disk; truncate -s 64M a; "
	           "mkfs.ext4 -q -F -b 4096 -d tree a; truncate -s 48M b; mkfs.vfat -F 16 b; "
	           "MTOOLS_SKIP_CHECK=1 mcopy -s -i b tree/* ::; dd if=a of=disk bs=512 seek=2048 "
	           "conv=notrunc; dd if=b of=disk bs=512 seek=140000 conv=notrunc");
	truth_in_use(&truth, folder, UINT64_C(2048) * 512, 4096, 0);
	truth_in_use(&truth, folder, UINT64_C(140000) * 512, 512, 0);
	in_order(folder, &truth, 6 * MIB, 5, 8);
	saved(folder, &truth);
	athar_runs_clear(&truth);
}

static void logical_partitions_are_found(void **state)
{
	const char *folder = *state;
	reader r;

	needs("sfdisk");
	needs("mkfs.ext4");
	sh(folder, "truncate -s 128M disk; sfdisk -q disk <<'EOF'\n"
	           "label: dos\ndisk1 : start=2048,size=20480\n"
	           "disk2 : start=24576,size=200000,type=5\n"
	           "disk5 : start=26624,size=20480\ndisk6 : start=59392,size=20480\n"
	           "disk7 : start=92160,size=20480\ndisk8 : start=124928,size=20480\nEOF\n"
	           "truncate -s 10M a; mkfs.ext4 -q -F -b 1024 a; "
	           "for s in 2048 26624 59392 92160 124928; do "
	           "dd if=a of=disk bs=512 seek=$s conv=notrunc; done");
	reader_open(&r, folder);
	ask_all(&r, 12, 6);
	/* Five of them with a journal of 1 MiB or more each. */
	assert_true(athar_runs_total(&r.answer.allocated) > 5 * MIB);
	reader_close(&r);
}

/* Sectors of $MFT that cannot be read: said, not asked for again, and the rest is saved. */
static void a_sick_table_is_a_finding(void **state)
{
	const char *folder = *state;
	athar_runs truth = ATHAR_RUNS_INIT;
	reader r;

	make_ntfs(folder);
	truth_in_use(&truth, folder, 0, 4096, 0);
	reader_open(&r, folder);
	r.sick_at = number(folder, "istat disk 0 | tail -1 | awk '{print $1*4096}'") + 128 * 1024;
	r.sick_length = 8 * 1024;
	reader_ask(&r, ATHAR_WORTH_TABLES);
	reader_ask(&r, ATHAR_WORTH_METADATA);
	assert_in_range(r.asks, 1, 5);
	assert_false(r.answer.complete);
	assert_true(r.answer.findings > 0);
	assert_non_null(strstr(r.answer.finding[0], "volume 0 (ntfs): "));
	reader_ask(&r, ATHAR_WORTH_ALLOCATED);
	assert_true(covers(&r.answer.allocated, &truth));
	reader_close(&r);
	athar_runs_clear(&truth);
}

/* What is wanted and never comes is not wanted twice. */
static void a_dead_medium_ends_it(void **state)
{
	const char *folder = *state;
	reader r;

	make_ntfs(folder);
	reader_open(&r, folder);
	r.life = 0;
	reader_ask(&r, ATHAR_WORTH_TABLES);
	assert_in_range(r.asks, 1, 6);
	reader_ask(&r, ATHAR_WORTH_METADATA);
	assert_false(r.answer.complete);
	assert_int_equal(athar_runs_total(&r.answer.allocated), 0);
	reader_close(&r);
}

static void put(const char *folder, uint64_t at, const void *bytes, size_t len)
{
	char path[4200];
	FILE *f;

	snprintf(path, sizeof path, "%s/disk", folder);
	f = fopen(path, "r+b");
	assert_non_null(f);
	assert_int_equal(fseek(f, (long)at, SEEK_SET), 0);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

/* Whatever it claims, it ends, and wants no byte twice. */
static void it_ends(const char *folder)
{
	reader r;

	reader_open(&r, folder);
	for (int depth = 0; depth < ATHAR_WORTH_DEPTHS; depth++) {
		reader_ask(&r, (athar_worth_depth)depth);
		assert_in_range(r.asks, 0, ATHAR_WORTH_ASKS);
	}
	assert_true(r.wanted <= r.size);
	reader_close(&r);
}

static void hostile_ntfs_ends(void **state)
{
	static const uint8_t much[8] = {0, 0, 0, 0, 0, 0, 0, 0x10};
	/* Runs of $MFT: as much as the volume has, again and again. */
	static const uint8_t runs[] = {0x22, 0xFF, 0x7F, 0,    0,    0x22, 0xFF, 0x7F, 0,
	                               0,    0x22, 0xFF, 0x7F, 0,    0,    0x22, 0xFF, 0x7F,
	                               0,    0,    0x22, 0xFF, 0x7F, 0,    0};
	const char *folder = *state;
	uint64_t at;

	make_ntfs(folder);
	put(folder, 40, much, 8);
	it_ends(folder);
	at = number(folder, "grep -abo $'\\x11\\x13\\x04' disk | head -1 | cut -d: -f1");
	put(folder, at == 0 ? 4 * 4096 + 0x140 : at, runs, sizeof runs);
	it_ends(folder);
}

static void hostile_ext_ends(void **state)
{
	static const uint8_t ones[8] = {1, 0, 0, 0, 1, 0, 0, 0};
	static const uint8_t many[4] = {0xFF, 0xFF, 0xFF, 0x7F};
	const char *folder = *state;

	needs("mkfs.ext4");
	sh(folder, "truncate -s 32M disk; mkfs.ext4 -q -F -O ^metadata_csum disk");
	put(folder, 1024 + 4, many, 4); /* blocks */
	it_ends(folder);
	put(folder, 1024 + 32, ones, 8); /* blocks a group */
	it_ends(folder);
}

static void noise_ends(void **state)
{
	const char *folder = *state;

	sh(folder, "head -c 8000000 /dev/urandom > disk; printf '\\125\\252' | "
	           "dd of=disk bs=1 seek=510 conv=notrunc");
	it_ends(folder);
}

/* The reader confines itself after it has opened: it can still ask. */
static void a_confined_reader_can_ask(void **state)
{
	const char *folder = *state;
	int status;
	pid_t pid;

	make_ntfs(folder);
	pid = fork();
	if (pid == 0) {
		const char *const places[] = {folder, NULL};
		const athar_confine_spec spec = {ATHAR_CONFINE_IMAGER, places, places, false,
		                                 false};
		athar_error err = ATHAR_ERROR_INIT;
		const char *had;
		reader r;

		reader_open(&r, folder);
		if (athar_confine(&had, &spec, &err) != ATHAR_OK)
			_exit(77);
		ask_all(&r, 4, 4);
		athar_worth_close(r.worth);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void an_image_without_its_size_is_refused(void **state)
{
	const athar_context context = {.unconfined = true};
	athar_error err = ATHAR_ERROR_INIT;
	athar_worth *worth = NULL;
	char image[4200];

	sh(*state, "truncate -s 1M image");
	snprintf(image, sizeof image, "%s/image", (const char *)*state);
	assert_status(athar_worth_open(&worth, image, 2 * MIB, 512, &context, &err), ATHAR_EUSAGE,
	              err);
	assert_null(worth);
}

static bool at_once(void *user)
{
	(void)user;
	return true;
}

static void it_can_be_cancelled(void **state)
{
	const athar_watcher watcher = {.cancelled = at_once};
	athar_error err = ATHAR_ERROR_INIT;
	reader r;

	make_ntfs(*state);
	reader_open(&r, *state);
	reader_ask(&r, ATHAR_WORTH_TABLES);
	assert_status(athar_worth_ask(&r.answer, r.worth, &r.lacking, ATHAR_WORTH_METADATA,
	                              &watcher, &err),
	              ATHAR_ECANCELED, err);
	reader_close(&r);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(ntfs_is_saved),
		CASE(ntfs_with_folders_is_saved),
		CASE(ext4_is_saved),
		CASE(ext4_in_many_groups_is_saved),
		CASE(ext2_is_saved),
		CASE(fat32_is_saved),
		CASE(fat16_is_saved),
		CASE(fat12_is_saved),
		CASE(exfat_is_understood),
		CASE(images_of_others_end),
		CASE(all_partitions_are_saved),
		CASE(logical_partitions_are_found),
		CASE(a_sick_table_is_a_finding),
		CASE(a_dead_medium_ends_it),
		CASE(hostile_ntfs_ends),
		CASE(hostile_ext_ends),
		CASE(noise_ends),
		CASE(a_confined_reader_can_ask),
		CASE(an_image_without_its_size_is_refused),
		CASE(it_can_be_cancelled),
	};

	return cmocka_run_group_tests_name("the order of worth", tests, NULL, forget_ntfs);
}
