/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A small volume whose journal has a deleted file, over which the input is laid: records of a block
 * number, an offset (2 bytes), a length and so many bytes. All that is made of the journal is.
 */
#include <stdint.h>
#include <string.h>

#include "base/endian.h"
#include "base/idiom.h"
#include "image/driver.h"
#include "volume/ext_folders.h"
#include "volume/ext_found.h"

#define BLOCK 1024u
#define BLOCKS 256u
#define TABLE 5u    /* the inodes */
#define FOLDER 20u  /* the root's only block */
#define JOURNAL 64u /* and 64 blocks */
#define FILE_INODE 12u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

static void put_be32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static void put_inode(uint8_t *table, uint32_t number, uint16_t mode, uint32_t blocks,
                      uint32_t first)
{
	uint8_t *i = table + (number - 1) * 128;

	put16(i, mode);
	athar_put_le32(i + 4, blocks * BLOCK);
	put16(i + 26, 1);
	athar_put_le32(i + 28, blocks * 2);
	athar_put_le32(i + 32, 0x80000);
	put16(i + 40, 0xF30A);
	put16(i + 42, 1);
	put16(i + 44, 4);
	put16(i + 56, (uint16_t)blocks);
	athar_put_le32(i + 60, first);
	athar_put_le32(i + 100, number);
}

static uint8_t *put_entry(uint8_t *at, uint32_t inode, uint16_t record, const char *name,
                          uint8_t type)
{
	athar_put_le32(at, inode);
	put16(at + 4, record);
	at[6] = (uint8_t)strlen(name);
	at[7] = type;
	memcpy(at + 8, name, strlen(name));
	return at + record;
}

static void put_super(uint8_t *disk)
{
	uint8_t *s = disk + BLOCK;

	athar_put_le32(s, 64);
	athar_put_le32(s + 4, BLOCKS);
	athar_put_le32(s + 20, 1);
	athar_put_le32(s + 32, 8192);
	athar_put_le32(s + 40, 64);
	put16(s + 56, 0xEF53);
	athar_put_le32(s + 76, 1);
	put16(s + 88, 128);
	athar_put_le32(s + 92, 4);
	athar_put_le32(s + 96, 0x42);
	athar_put_le32(s + 224, 8);
	athar_put_le32(disk + 2 * BLOCK, 3);
	athar_put_le32(disk + 2 * BLOCK + 4, 4);
	athar_put_le32(disk + 2 * BLOCK + 8, TABLE);
}

static uint8_t *put_header(uint8_t *disk, uint32_t at, uint32_t type, uint32_t sequence)
{
	uint8_t *b = disk + (JOURNAL + at) * BLOCK;

	put_be32(b, 0xC03B3998);
	put_be32(b + 4, type);
	put_be32(b + 8, sequence);
	return b;
}

static void put_tag(uint8_t *tag, uint32_t home, uint16_t flags)
{
	put_be32(tag, home);
	tag[6] = (uint8_t)(flags >> 8);
	tag[7] = (uint8_t)flags;
}

/* Two transactions: the file is there, the file is gone. */
static void put_journal(uint8_t *disk)
{
	uint8_t *s = put_header(disk, 0, 4, 0);
	uint8_t *first = disk + (JOURNAL + 2) * BLOCK;
	uint8_t *second = disk + (JOURNAL + 6) * BLOCK;
	uint8_t *folder = disk + (JOURNAL + 3) * BLOCK;

	put_be32(s + 12, BLOCK);
	put_be32(s + 16, 64);
	put_be32(s + 20, 1);
	put_be32(s + 24, 5);
	s = put_header(disk, 1, 1, 3);
	put_tag(s + 12, TABLE + 1, 0);
	put_tag(s + 12 + 24, FOLDER, 2 | 8);
	put_inode(first, FILE_INODE - 8, 0x81A4, 3, 200);
	folder = put_entry(folder, 2, 12, ".", 2);
	folder = put_entry(folder, 2, 12, "..", 2);
	put_entry(folder, FILE_INODE, BLOCK - 24, "f", 1);
	(void)put_header(disk, 4, 2, 3);
	put_tag(put_header(disk, 5, 1, 4) + 12, TABLE + 1, 8);
	memcpy(second, first, BLOCK);
	put16(second + (FILE_INODE - 9) * 128 + 26, 0);
	athar_put_le32(second + (FILE_INODE - 9) * 128 + 4, 0);
	memcpy(disk + (TABLE + 1) * BLOCK, second, BLOCK);
	(void)put_header(disk, 7, 2, 4);
}

static uint8_t *make_disk(void)
{
	uint8_t *disk = calloc(BLOCKS, BLOCK);
	uint8_t *table = disk == NULL ? NULL : disk + TABLE * BLOCK;

	if (disk == NULL)
		return NULL;
	put_super(disk);
	put_inode(table, 2, 0x41ED, 1, FOLDER);
	put_inode(table, 8, 0x8180, 64, JOURNAL);
	put_journal(disk);
	return disk;
}

static void lay_over(uint8_t *disk, const uint8_t *data, size_t size)
{
	while (size >= 4) {
		const size_t len = data[3] < size - 4 ? data[3] : size - 4;
		const size_t at = data[0] * BLOCK + (athar_le16(data + 1) & (BLOCK - 1));

		memcpy(disk + at, data + 4, len < BLOCKS * BLOCK - at ? len : BLOCKS * BLOCK - at);
		data += 4 + len;
		size -= 4 + len;
	}
}

static athar_status no_beat(void *user, athar_error *err)
{
	(void)user, (void)err;
	return ATHAR_OK;
}

static athar_status check_found(const athar_ext_found *f, athar_ext_names *n, bool plain,
                                athar_error *err)
{
	ATHAR_AUTO(free) char *path = NULL;
	size_t len;
	bool whole;

	ATHAR_TRY(athar_ext_names_path(&path, &len, &whole, n, &n->history->life[f->life], err));
	for (size_t i = 0; i < f->extents.count; i++) {
		const athar_extent *e = &f->extents.extent[i];

		if (e->kind == ATHAR_EXTENT_DATA && e->image + e->length > BLOCKS * BLOCK)
			__builtin_trap();
	}
	if (plain && (!whole || strcmp(path, "f") != 0 || f->claimed != 0 ||
	              f->extents.extent[0].image != 200 * BLOCK))
		__builtin_trap();
	return ATHAR_OK;
}

static athar_status read_all(athar_source *source, bool plain, athar_error *err)
{
	ATHAR_AUTO(ext) athar_ext x = {.table = NULL};
	ATHAR_AUTO(jbd2) athar_jbd2 j = {.copy = NULL};
	ATHAR_AUTO(ext_history) athar_ext_history h = {.life = NULL};
	ATHAR_AUTO(ext_names) athar_ext_names n = {.name = NULL};
	ATHAR_AUTO(ext_finds) athar_ext_finds finds = {.found = NULL};
	athar_ext_nodes nodes = {.left = 10000};

	ATHAR_TRY(athar_ext_open(&x, source, 0, BLOCKS * BLOCK, err));
	ATHAR_TRY(athar_jbd2_open(&j, &x, err));
	ATHAR_TRY(athar_jbd2_scan(&j, no_beat, NULL, err));
	ATHAR_TRY(athar_ext_history_read(&h, &j, no_beat, NULL, err));
	ATHAR_TRY(athar_ext_names_open(&n, &h, err));
	ATHAR_TRY(athar_ext_folders_read(&n, &nodes, no_beat, NULL, err));
	ATHAR_TRY(athar_ext_names_add_slack(&n, ATHAR_EXT_ROOT, err));
	ATHAR_TRY(athar_ext_finds_read(&finds, &h, &nodes, no_beat, NULL, err));
	ATHAR_TRY(athar_ext_finds_settle(&finds, &j, err));
	if (plain && finds.count != 1)
		__builtin_trap();
	for (size_t i = 0; i < finds.count; i++)
		ATHAR_TRY(check_found(&finds.found[i], &n, plain, err));
	return ATHAR_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ATHAR_AUTO(free) uint8_t *disk = make_disk();
	ATHAR_AUTO(source) athar_source *source = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	if (disk == NULL)
		return 0;
	lay_over(disk, data, size);
	if (athar_source_memory(&source, disk, BLOCKS * BLOCK, &err) != ATHAR_OK)
		return 0;
	if (read_all(source, size < 4, &err) != ATHAR_OK && err.text[0] == '\0')
		__builtin_trap();
	return 0;
}
