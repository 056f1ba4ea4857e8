/* SPDX-License-Identifier: BSD-2-Clause */
/* What the first sectors say of where things are, as the systems' own tools say it. */
#include "volume_support.h"

#include "base/endian.h"
#include "volume/layout.h"
#include "volume/layout_ext.h"
#include "volume/layout_fat.h"
#include "volume/layout_ntfs.h"

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

static void load(const char *folder, uint64_t at, void *bytes, size_t len)
{
	char path[4200];
	FILE *f;

	snprintf(path, sizeof path, "%s/disk", folder);
	f = fopen(path, "rb");
	assert_non_null(f);
	assert_int_equal(fseek(f, (long)at, SEEK_SET), 0);
	assert_int_equal(fread(bytes, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

/* The number behind the first place where `label` stands; fails where it does not. */
static uint64_t said(const char *text, const char *label)
{
	const char *at = strstr(text, label);

	if (at == NULL)
		print_error("no \"%s\" in:\n%s\n", label, text);
	assert_non_null(at);
	return strtoull(at + strlen(label), NULL, 10);
}

/* ---- ext ---- */

/* One group as dumpe2fs prints it, its lines up to the next. */
static void same_group(const char *folder, const athar_ext_layout *l, uint64_t number, char *text)
{
	const bool has_super = strstr(text, "superblock at") != NULL;
	const char *descriptors = strstr(text, "Group descriptor");
	const char *unused = strstr(text, " unused inodes");
	uint8_t bytes[1024];
	athar_ext_group g;

	load(folder, athar_ext_descriptor(l, number), bytes, l->descriptor);
	athar_ext_group_read(&g, l, bytes);
	assert_int_equal(g.block_bitmap, said(text, "Block bitmap at ") * l->block);
	assert_int_equal(g.inode_bitmap, said(text, "Inode bitmap at ") * l->block);
	assert_int_equal(g.inode_table, said(text, "Inode table at ") * l->block);
	assert_int_equal(athar_ext_has_super(l, number), has_super);
	if (unused != NULL) {
		while (unused[-1] >= '0' && unused[-1] <= '9')
			unused--;
		assert_int_equal(g.inodes, l->inodes_per_group - strtoull(unused, NULL, 10));
	} else {
		assert_int_equal(g.inodes, l->inodes_per_group);
	}
	/* Of the first group in a lot, where they are; later groups of it have copies or none. */
	if (descriptors != NULL && number % (l->block / l->descriptor) == 0 &&
	    ((l->incompat & 0x10) != 0 || number == 0))
		assert_int_equal(athar_ext_descriptor(l, number),
		                 strtoull(strstr(descriptors, " at ") + 4, NULL, 10) * l->block);
}

static void ext_is_as_dumpe2fs_says(const char *folder, const char *options, const char *size)
{
	uint8_t super[ATHAR_EXT_SUPER];
	athar_ext_layout l;
	uint64_t groups = 0;
	char *text;

	text = run_or_skip("mkfs.ext4",
	                   "cd '%s' && rm -f disk && truncate -s %s disk && "
	                   "mkfs.ext4 -q -F %s disk && dumpe2fs disk 2>/dev/null",
	                   folder, size, options);
	load(folder, 1024, super, sizeof super);
	assert_true(athar_ext_layout_read(&l, super));
	assert_int_equal(l.block, said(text, "\nBlock size:"));
	assert_int_equal(l.blocks, said(text, "\nBlock count:"));
	/* The first revision has no choice. */
	assert_int_equal(l.inode,
	                 strstr(text, "\nInode size:") == NULL ? 128 : said(text, "\nInode size:"));
	assert_int_equal(l.inodes_per_group, said(text, "\nInodes per group:"));
	for (char *at = strstr(text, "\nGroup 0:"), *next; at != NULL; at = next) {
		next = strstr(at + 1, "\nGroup ");
		if (next != NULL)
			*next = '\0';
		assert_int_equal(said(at + 1, "Group "), groups);
		same_group(folder, &l, groups++, at + 1);
		if (next != NULL)
			*next = '\n';
	}
	assert_int_equal(groups, l.groups);
	free(text);
}

static void ext_of_each_shape(void **state)
{
	static const char *const shapes[][2] = {
		{"-b 4096", "1G"},
		{"-b 1024 -O ^64bit,^flex_bg", "200M"},
		{"-b 1024 -g 1024 -O meta_bg,^resize_inode", "300M"},
		{"-b 4096 -O meta_bg,^resize_inode,^64bit", "20G"},
		{"-b 1024 -O sparse_super2", "100M"},
		{"-b 2048 -t ext2 -r 0 -O none", "100M"},
		{"-b 1024 -O ^sparse_super,^resize_inode,^metadata_csum,uninit_bg", "100M"},
		{"-b 4096 -I 128 -i 65536 -O ^metadata_csum,^uninit_bg", "500M"},
	};

	for (size_t i = 0; i < ATHAR_COUNT(shapes); i++) {
		print_message("%s\n", shapes[i][0]);
		ext_is_as_dumpe2fs_says(*state, shapes[i][0], shapes[i][1]);
	}
}

static athar_status keep_child(void *user, const athar_ext_child *c, athar_error *err)
{
	athar_runs *runs = user;

	return c->depth == 0 ? athar_runs_add(runs, c->offset, c->length, ATHAR_RUN_DATA, err)
	                     : ATHAR_OK;
}

/* Folders of which debugfs says where they lie; by extents and by block numbers. */
static void ext_folders_lie_where_debugfs_says(void **state)
{
	static const char *const shapes[] = {"-b 1024", "-b 1024 -t ext2"};
	const char *folder = *state;

	for (size_t i = 0; i < ATHAR_COUNT(shapes); i++) {
		athar_runs runs = ATHAR_RUNS_INIT;
		athar_error err = ATHAR_ERROR_INIT;
		uint8_t super[ATHAR_EXT_SUPER], descriptor[64], inode[128];
		athar_ext_layout l;
		athar_ext_group g;
		char *text = run_or_skip(
			"mkfs.ext4",
			"cd '%s' && mkdir -p t && (cd t && touch $(seq 100 400)) && rm -f disk && "
			"truncate -s 20M disk && mkfs.ext4 -q -F %s -d t disk && "
			"debugfs -R 'blocks <2>' disk 2>/dev/null",
			folder, shapes[i]);
		uint64_t blocks = 0;

		load(folder, 1024, super, sizeof super);
		assert_true(athar_ext_layout_read(&l, super));
		load(folder, athar_ext_descriptor(&l, 0), descriptor, l.descriptor);
		athar_ext_group_read(&g, &l, descriptor);
		load(folder, g.inode_table + l.inode, inode, sizeof inode);
		assert_int_equal(athar_ext_inode_kind(inode), ATHAR_EXT_CONTENT);
		assert_ok(athar_ext_inode_children(&l, inode, keep_child, &runs, &err), err);
		for (char *rest = NULL, *b = strtok_r(text, " \n", &rest); b != NULL;
		     b = strtok_r(NULL, " \n", &rest), blocks++)
			assert_int_equal(
				athar_runs_overlap(&runs, strtoull(b, NULL, 10) * l.block, l.block),
				l.block);
		assert_in_range(blocks, 2, 12);
		assert_int_equal(athar_runs_total(&runs), blocks * l.block);
		athar_runs_clear(&runs);
		free(text);
	}
}

/* ---- FAT and exFAT ---- */

static void fat_is_as_fsstat_says(const char *folder, const char *options, const char *size,
                                  unsigned bits)
{
	uint8_t boot[ATHAR_FAT_BOOT];
	athar_fat_layout l;
	char *text = run_or_skip("mkfs.vfat",
	                         "cd '%s' && rm -f disk && truncate -s %s disk && "
	                         "mkfs.vfat %s disk >/dev/null && fsstat disk",
	                         folder, size, options);

	load(folder, 0, boot, sizeof boot);
	assert_true(athar_fat_layout_read(&l, boot, false));
	assert_int_equal(l.bits, bits);
	assert_int_equal(l.sector, said(text, "\nSector Size: "));
	assert_int_equal(l.cluster, said(text, "\nCluster Size: "));
	assert_int_equal(l.reserved, said(text, "\n* FAT 0: ") * l.sector);
	assert_int_equal(l.reserved + l.tables, said(text, "\n* Data Area: ") * l.sector);
	assert_int_equal(l.clusters + 1, said(text, "\nTotal Cluster Range: 2 - "));
	if (bits == 32) {
		assert_int_equal(l.data, said(text, "\n** Cluster Area: ") * l.sector);
		assert_int_equal(l.data + (l.root_cluster - 2) * l.cluster,
		                 said(text, "*** Root Directory: ") * l.sector);
	} else {
		assert_int_equal(l.root, said(text, "\n** Root Directory: ") * l.sector);
		assert_int_equal(l.data, said(text, "\n** Cluster Area: ") * l.sector);
	}
	free(text);
}

static void fat_of_each_kind(void **state)
{
	fat_is_as_fsstat_says(*state, "-F 12", "4M", 12);
	fat_is_as_fsstat_says(*state, "-F 16 -f 1", "100M", 16);
	fat_is_as_fsstat_says(*state, "-F 16 -r 1024 -S 1024", "100M", 16);
	fat_is_as_fsstat_says(*state, "-F 32 -R 77", "100M", 32);
}

static void exfat_is_as_its_dump_says(void **state)
{
	uint8_t boot[ATHAR_FAT_BOOT];
	athar_fat_layout l;
	char *text = run_or_skip("dump.exfat",
	                         "cd '%s' && truncate -s 100M disk && "
	                         "mkfs.exfat -c 16K disk >/dev/null && dump.exfat disk",
	                         (const char *)*state);

	load(*state, 0, boot, sizeof boot);
	assert_true(athar_fat_layout_read(&l, boot, true));
	assert_false(athar_fat_layout_read(&(athar_fat_layout){0}, boot, false));
	assert_int_equal(l.cluster, 16384);
	assert_int_equal(l.reserved, said(text, "FAT Offset(sector offset): \t\t") * 512);
	assert_int_equal(l.data, said(text, "Cluster Heap Offset (sector offset): \t") * 512);
	assert_int_equal(l.clusters, said(text, "Cluster Count: \t\t\t\t"));
	assert_int_equal(l.root_cluster, said(text, "Root Cluster (cluster offset): \t\t"));
	free(text);
}

static void twelve_bits_are_cut_right(void **state)
{
	/* Clusters 2 to 5: 3, 4, 5, end; written as the specification packs them. */
	static const uint8_t table[] = {0xF8, 0xFF, 0xFF, 0x03, 0x40, 0x00, 0x05, 0xF0, 0xFF};
	const athar_fat_layout l = {.bits = 12, .clusters = 100};
	uint64_t next;

	(void)state;
	for (uint64_t c = 2; c < 5; c++) {
		assert_true(
			athar_fat_layout_next(&next, &l, table + athar_fat_layout_entry(&l, c), c));
		assert_int_equal(next, c + 1);
	}
	assert_false(athar_fat_layout_next(&next, &l, table + athar_fat_layout_entry(&l, 5), 5));
}

/* ---- NTFS ---- */

static athar_status keep_piece(void *user, uint64_t offset, uint64_t length, athar_error *err)
{
	return athar_extents_add_data(user, offset, length, err);
}

static void ntfs_is_as_ntfsinfo_says(void **state)
{
	static const char *const clusters[] = {"512", "4096", "65536", "1048576"};
	const char *folder = *state;

	for (size_t i = 0; i < ATHAR_COUNT(clusters); i++) {
		athar_extents mft = ATHAR_EXTENTS_INIT;
		athar_error err = ATHAR_ERROR_INIT;
		uint8_t boot[ATHAR_NTFS_BOOT], record[4096];
		athar_ntfs_layout l;
		athar_ntfs_attribute a;
		uint64_t bytes = 0;
		char *text = run_or_skip("mkntfs",
		                         "cd '%s' && rm -f disk && truncate -s 100M disk && "
		                         "mkntfs -Q -F -c %s disk >/dev/null 2>&1 && "
		                         "ntfsinfo -f -m disk",
		                         folder, clusters[i]);

		load(folder, 0, boot, sizeof boot);
		assert_true(athar_ntfs_layout_read(&l, boot));
		assert_int_equal(l.cluster, strtoull(clusters[i], NULL, 10));
		assert_int_equal(l.record, said(text, "MFT Record Size: "));
		assert_int_equal(l.mft,
		                 said(text, "LCN of Data Attribute for FILE_MFT: ") * l.cluster);
		assert_int_equal(l.mirror, said(text, "LCN of Data Attribute for File_MFTMirr: ") *
		                                   l.cluster);
		load(folder, l.mft, record, l.record);
		assert_true(athar_ntfs_record_open(record, l.record));
		for (uint32_t at = 0; athar_ntfs_attribute_next(&a, record, l.record, &at);) {
			if (a.type != ATHAR_NTFS_DATA)
				continue;
			bytes = a.size;
			assert_ok(athar_ntfs_runs_each(&l, a.bytes, a.len, keep_piece, &mft, &err),
			          err);
		}
		free(text);
		text = run_or_skip("ntfsinfo", "ntfsinfo -f -i 0 '%s/disk' | sed -n '/[$]DATA/,$p'",
		                   folder);
		assert_int_equal(bytes, said(text, "Data size:\t\t "));
		assert_int_equal(athar_extents_size(&mft), said(text, "Allocated size:\t\t "));
		assert_int_equal(mft.extent[0].image, l.mft);
		athar_extents_clear(&mft);
		free(text);
	}
}

/* The examples of the Linux-NTFS documentation of data runs. */
static void runs_are_decoded(void **state)
{
	static const struct {
		uint8_t bytes[20];
		uint64_t runs[3][2]; /* cluster, count */
	} known[] = {
		{{0x21, 0x18, 0x34, 0x56, 0x00}, {{0x5634, 0x18}}},
		{{0x31, 0x38, 0x73, 0x25, 0x34, 0x32, 0x14, 0x01, 0xE5, 0x11, 0x02, 0x31, 0x42,
	          0xAA, 0x00, 0x03, 0x00},
	         {{0x342573, 0x38}, {0x363758, 0x114}, {0x393802, 0x42}}},
		{{0x11, 0x30, 0x60, 0x21, 0x10, 0x00, 0x01, 0x11, 0x20, 0xE0, 0x00},
	         {{0x60, 0x30}, {0x160, 0x10}, {0x140, 0x20}}},
		/* A hole between two. */
		{{0x11, 0x30, 0x20, 0x01, 0x60, 0x11, 0x10, 0x38, 0x00},
	         {{0x20, 0x30}, {0x58, 0x10}}},
	};
	const athar_ntfs_layout l = {.cluster = 512};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(known); i++) {
		athar_extents x = ATHAR_EXTENTS_INIT;
		athar_error err = ATHAR_ERROR_INIT;
		size_t n = 0;

		assert_ok(athar_ntfs_runs_each(&l, known[i].bytes, sizeof known[i].bytes,
		                               keep_piece, &x, &err),
		          err);
		for (; n < 3 && known[i].runs[n][1] != 0; n++) {
			assert_true(n < x.count);
			assert_int_equal(x.extent[n].image, known[i].runs[n][0] * 512);
			assert_int_equal(x.extent[n].length, known[i].runs[n][1] * 512);
		}
		assert_int_equal(x.count, n);
		athar_extents_clear(&x);
	}
}

static void cut_runs_end(void **state)
{
	static const uint8_t cut[] = {0x31, 0x38, 0x73, 0x25};
	const athar_ntfs_layout l = {.cluster = 512};
	athar_extents x = ATHAR_EXTENTS_INIT;
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	assert_ok(athar_ntfs_runs_each(&l, cut, sizeof cut, keep_piece, &x, &err), err);
	assert_int_equal(x.count, 0);
}

static void lists_lead_to_records(void **state)
{
	uint8_t list[64] = {0x30, 0, 0, 0, 32, 0, 0, 26};
	uint64_t record;
	size_t at = 0;

	(void)state;
	list[32] = 0x80;
	list[36] = 32;
	list[48] = 0x39; /* record 0x1239 in use for the seventh time */
	list[49] = 0x12;
	list[54] = 7;
	assert_true(athar_ntfs_list_next(&record, list, sizeof list, ATHAR_NTFS_DATA, &at));
	assert_int_equal(record, 0);
	assert_true(athar_ntfs_list_next(&record, list, sizeof list, ATHAR_NTFS_DATA, &at));
	assert_int_equal(record, 0x1239);
	assert_false(athar_ntfs_list_next(&record, list, sizeof list, ATHAR_NTFS_DATA, &at));
}

/* ---- what is no such thing ---- */

static void lies_are_refused(void **state)
{
	uint8_t bytes[1024];
	athar_fat_layout fat;
	athar_ntfs_layout ntfs;
	athar_ext_layout ext;

	(void)state;
	memset(bytes, 0, sizeof bytes);
	assert_false(athar_fat_layout_read(&fat, bytes, false));
	assert_false(athar_fat_layout_read(&fat, bytes, true));
	assert_false(athar_ntfs_layout_read(&ntfs, bytes));
	assert_false(athar_ext_layout_read(&ext, bytes));
	memset(bytes, 0xFF, sizeof bytes);
	assert_false(athar_fat_layout_read(&fat, bytes, false));
	assert_false(athar_fat_layout_read(&fat, bytes, true));
	assert_false(athar_ntfs_layout_read(&ntfs, bytes));
	assert_false(athar_ext_layout_read(&ext, bytes));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(ext_of_each_shape),
		CASE(ext_folders_lie_where_debugfs_says),
		CASE(fat_of_each_kind),
		CASE(exfat_is_as_its_dump_says),
		cmocka_unit_test(twelve_bits_are_cut_right),
		CASE(ntfs_is_as_ntfsinfo_says),
		cmocka_unit_test(runs_are_decoded),
		cmocka_unit_test(cut_runs_end),
		cmocka_unit_test(lists_lead_to_records),
		cmocka_unit_test(lies_are_refused),
	};

	return cmocka_run_group_tests_name("volume layout", tests, NULL, NULL);
}
