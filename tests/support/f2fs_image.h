/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A small F2FS in memory, by construction after include/linux/f2fs_fs.h of Linux: what stands in it
 * is known, and can be made to contradict itself. 4 segments of main area.
 */
#ifndef ATHAR_TEST_F2FS_IMAGE_H
#define ATHAR_TEST_F2FS_IMAGE_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define F2FS_BLOCK 4096u
#define F2FS_CP 512u
#define F2FS_SIT 1536u
#define F2FS_NAT 2560u
#define F2FS_SSA 3584u
#define F2FS_MAIN 4096u
#define F2FS_BLOCKS (F2FS_MAIN + 4u * 512u)
#define F2FS_SIZE ((size_t)F2FS_BLOCKS * F2FS_BLOCK)
#define F2FS_NOW 10u /* the version of its checkpoint */
#define F2FS_ROOT 3u
/* Nodes are written to segment 0, data to segment 1; logs stand at the start of segment 3. */
#define F2FS_NODE(n) (F2FS_MAIN + (n))
#define F2FS_DATA(n) (F2FS_MAIN + 512u + (n))
#define F2FS_LOG(n) (F2FS_MAIN + 1536u + (n))

static inline void f2fs_put(uint8_t *p, uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		p[i] = (uint8_t)(value >> (8 * i));
}

static inline uint8_t *f2fs_block(uint8_t *image, uint32_t block)
{
	return image + (size_t)block * F2FS_BLOCK;
}

static inline uint32_t f2fs_crc(uint32_t crc, const uint8_t *p, size_t len)
{
	while (len-- > 0) {
		crc ^= *p++;
		for (int i = 0; i < 8; i++)
			crc = crc >> 1 ^ (0xEDB88320u & (0u - (crc & 1)));
	}
	return crc;
}

static inline void f2fs_super(uint8_t *image)
{
	static const uint32_t sizes[] = {11, 11, 2, 2,
	                                 2,  1,  4}; /* sections, segments, of each area */
	static const uint32_t at[] = {512,       F2FS_CP, F2FS_SIT, F2FS_NAT, F2FS_SSA,
	                              F2FS_MAIN, 3,       1,        2};

	for (uint32_t copy = 0; copy < 2; copy++) {
		uint8_t *s = f2fs_block(image, copy) + 1024;

		f2fs_put(s, 0xF2F52010u, 4);
		f2fs_put(s + 4, 1, 2);
		f2fs_put(s + 8, 9, 4);
		f2fs_put(s + 12, 3, 4);
		f2fs_put(s + 16, 12, 4);
		f2fs_put(s + 20, 9, 4);
		f2fs_put(s + 24, 1, 4);
		f2fs_put(s + 28, 1, 4);
		f2fs_put(s + 36, F2FS_BLOCKS, 8);
		for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
			f2fs_put(s + 44 + i * 4, sizes[i], 4);
		for (size_t i = 0; i < sizeof at / sizeof *at; i++)
			f2fs_put(s + 72 + i * 4, at[i], 4);
		f2fs_put(s + 124, 'T', 2);
	}
}

/* Pack 0 or 1, with summaries that are empty. flags as in the checkpoint's head. */
static inline void f2fs_pack(uint8_t *image, uint32_t pack, uint64_t version, uint32_t flags)
{
	const uint32_t first = F2FS_CP + pack * 512;
	uint8_t *c = f2fs_block(image, first);

	f2fs_put(c, version, 8);
	for (uint32_t i = 0; i < 3; i++) {
		f2fs_put(c + 36 + i * 4, 3, 4);
		f2fs_put(c + 84 + i * 4, 3, 4);
	}
	f2fs_put(c + 132, flags, 4);
	f2fs_put(c + 136, 8, 4); /* head, 6 summaries, head */
	f2fs_put(c + 140, 1, 4);
	f2fs_put(c + 156, 64, 4);
	f2fs_put(c + 160, 64, 4);
	f2fs_put(c + 164, 4092, 4);
	f2fs_put(c + 4092, f2fs_crc(0xF2F52010u, c, 4092), 4);
	memcpy(f2fs_block(image, first + 7), c, F2FS_BLOCK);
}

static inline void f2fs_nat(uint8_t *image, uint32_t nid, uint32_t ino, uint32_t block)
{
	uint8_t *e = f2fs_block(image, F2FS_NAT + nid / 455) + nid % 455 * 9;

	f2fs_put(e + 1, ino, 4);
	f2fs_put(e + 5, block, 4);
}

static inline void f2fs_valid(uint8_t *image, uint32_t block)
{
	const uint32_t n = block - F2FS_MAIN;

	f2fs_block(image, F2FS_SIT)[n / 512 * 74 + 2 + n % 512 / 8] |= (uint8_t)(0x80 >> n % 8);
}

static inline void f2fs_owner(uint8_t *image, uint32_t block, uint32_t nid, uint32_t slot)
{
	const uint32_t n = block - F2FS_MAIN;
	uint8_t *e = f2fs_block(image, F2FS_SSA + n / 512) + n % 512 * 7;

	f2fs_put(e, nid, 4);
	f2fs_put(e + 5, slot, 2);
}

static inline uint8_t *f2fs_node(uint8_t *image, uint32_t block, uint32_t nid, uint32_t ino,
                                 uint32_t place, uint64_t version)
{
	uint8_t *b = f2fs_block(image, block);

	memset(b, 0, F2FS_BLOCK);
	f2fs_put(b + 4072, nid, 4);
	f2fs_put(b + 4076, ino, 4);
	f2fs_put(b + 4080, place << 3, 4);
	f2fs_put(b + 4084, version, 8);
	f2fs_put(b + 4092, block + 1, 4);
	return b;
}

/* Modes are those of stat(2). The generation is the inode's number. */
static inline uint8_t *f2fs_inode(uint8_t *image, uint32_t block, uint32_t ino, uint64_t version,
                                  uint32_t mode, uint64_t size, uint32_t parent, const char *name)
{
	uint8_t *b = f2fs_node(image, block, ino, ino, 0, version);

	f2fs_put(b, mode, 2);
	f2fs_put(b + 4, 1000, 4);
	f2fs_put(b + 8, 1001, 4);
	f2fs_put(b + 12, 1, 4);
	f2fs_put(b + 16, size, 8);
	f2fs_put(b + 32, 1700000001, 8);
	f2fs_put(b + 40, 1700000002, 8);
	f2fs_put(b + 48, 1700000003, 8);
	f2fs_put(b + 64, 500, 4);
	f2fs_put(b + 68, ino, 4);
	f2fs_put(b + 84, parent, 4);
	f2fs_put(b + 88, strlen(name), 4);
	memcpy(b + 92, name, strlen(name));
	return b;
}

/* An address or nid: of an inode without attributes, and of any other node. */
static inline void f2fs_place(uint8_t *inode, uint32_t slot, uint32_t block)
{
	f2fs_put(inode + 360 + slot * 4, block, 4);
}

static inline void f2fs_slot(uint8_t *node, uint32_t slot, uint32_t block)
{
	f2fs_put(node + slot * 4, block, 4);
}

/* A block of data that says whose it is. */
static inline void f2fs_fill(uint8_t *image, uint32_t block, const char *text)
{
	char *b = (char *)f2fs_block(image, block);

	for (size_t i = 0; i + 32 <= F2FS_BLOCK; i += 32)
		snprintf(b + i, 32, "%.20s %zu", text, i);
}

/* An entry at slot `at` of the inode's own room for them: 182 with 50 words of attributes. */
static inline void f2fs_entry(uint8_t *inode, uint32_t at, uint32_t ino, const char *name)
{
	uint8_t *table = inode + 364 + 30; /* 23 bytes of bits, 7 spare */

	inode[364 + at / 8] |= (uint8_t)(1u << at % 8);
	f2fs_put(table + at * 11 + 4, ino, 4);
	f2fs_put(table + at * 11 + 8, strlen(name), 2);
	memcpy(table + 182 * 11 + at * 8, name, strlen(name));
}

/* An empty one: `image` is F2FS_SIZE bytes of zeros. The root folder is at F2FS_NODE(0). */
static inline uint8_t *f2fs_make(uint8_t *image)
{
	uint8_t *root;

	f2fs_super(image);
	f2fs_pack(image, 0, F2FS_NOW, 1);
	f2fs_pack(image, 1, F2FS_NOW - 1, 1);
	root = f2fs_inode(image, F2FS_NODE(0), F2FS_ROOT, F2FS_NOW - 1, 040755, 3488, F2FS_ROOT,
	                  "");
	root[3] = 4;
	f2fs_nat(image, F2FS_ROOT, F2FS_ROOT, F2FS_NODE(0));
	f2fs_valid(image, F2FS_NODE(0));
	return root;
}

#endif
