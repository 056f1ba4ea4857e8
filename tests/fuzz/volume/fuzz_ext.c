/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Inodes, blocks of folders, maps and blocks of journals of ext4, each by itself. The first byte
 * chooses; the second the geometry.
 */
#include <stdint.h>
#include <string.h>

#include "base/idiom.h"
#include "image/driver.h"
#include "volume/ext_dir.h"
#include "volume/ext_map.h"
#include "volume/jbd2.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		__builtin_trap();
}

/* A copy of exactly `len` bytes, filled up with zeros, so that one read past them is seen. */
static uint8_t *cut(const uint8_t *data, size_t size, size_t len)
{
	uint8_t *bytes = calloc(1, len == 0 ? 1 : len);

	if (bytes != NULL && size > 0)
		memcpy(bytes, data, size < len ? size : len);
	return bytes;
}

static athar_ext geometry(uint8_t how)
{
	athar_ext x = {.inodes = 4096, .groups = 0};

	x.layout.block = 1024u << (how & 3);
	x.layout.inode = (how & 4) != 0 ? 256 : 128;
	x.layout.blocks = 4096;
	x.layout.first = (how & 3) == 0 ? 1 : 0;
	x.sums = (how & 8) != 0;
	x.huge = (how & 16) != 0;
	return x;
}

static void fuzz_inode(const athar_ext *x, const uint8_t *data, size_t size)
{
	ATHAR_AUTO(free) uint8_t *bytes = cut(data, size, x->layout.inode);
	athar_ext_piece piece[2];
	athar_ext_inode inode;

	if (bytes == NULL || !athar_ext_inode_read(&inode, x, 12, bytes))
		return;
	require(inode.modified.nanoseconds < 1000000000);
	if (athar_ext_inode_inline(piece, x, bytes)) {
		require(piece[0].offset + piece[0].length <= x->layout.inode);
		require(piece[1].offset + piece[1].length <= x->layout.inode);
	}
}

static void fuzz_dir(const athar_ext *x, const uint8_t *data, size_t size)
{
	ATHAR_AUTO(free) uint8_t *bytes = cut(data, size, x->layout.block);
	athar_ext_dir dir;
	athar_ext_entry e;

	if (bytes == NULL)
		return;
	(void)athar_ext_dir_parent(bytes);
	(void)athar_ext_dir_sum_holds(x, 12, 1, bytes);
	if (!athar_ext_dir_open(&dir, bytes, x->layout.block, x->inodes))
		return;
	for (uint32_t n = 0; athar_ext_dir_next(&e, &dir); n++) {
		require(n <= x->layout.block / 8);
		require(e.inode > 0 && e.inode <= x->inodes && e.len > 0);
		require(e.name >= bytes && e.name + e.len <= bytes + x->layout.block);
	}
}

/* The blocks of a map: the input goes round. */
typedef struct nodes {
	const athar_ext *x;
	const uint8_t *data;
	size_t size;
} nodes;

static bool get_node(void *user, uint8_t *buf, uint64_t block, unsigned later)
{
	const nodes *n = user;

	if (later > 1 || n->size == 0)
		return false;
	for (uint32_t i = 0; i < n->x->layout.block; i++)
		buf[i] = n->data[(block * 64 + i) % n->size];
	return true;
}

static void fuzz_map(athar_ext *x, const uint8_t *data, size_t size)
{
	nodes n = {x, data, size};
	athar_ext_nodes from = {get_node, &n, 2000};
	ATHAR_AUTO(free) uint8_t *bytes = cut(data, size, x->layout.inode);
	ATHAR_AUTO(ext_map) athar_ext_map map = {.run = NULL};
	athar_error err = ATHAR_ERROR_INIT;
	athar_ext_inode inode;
	uint64_t end = 0;

	x->sums = false;
	if (bytes == NULL || !athar_ext_inode_read(&inode, x, 12, bytes) ||
	    athar_ext_map_read(&map, x, &inode, &from, &err) != ATHAR_OK)
		return;
	for (size_t i = 0; i < map.count; i++) {
		const athar_ext_run *r = &map.run[i];

		require(r->logical >= end && r->count > 0);
		end = r->logical + r->count;
		require(r->part == ATHAR_EXT_PART_LOST ||
		        (r->block > 0 && r->block + r->count <= x->layout.blocks));
		require(r->part != ATHAR_EXT_PART_DATA ||
		        athar_ext_map_find(&map, r->logical) == r->block);
	}
	require(end <= inode.size / x->layout.block + 1);
	(void)athar_ext_map_whole(&map, &inode);
}

static void fuzz_journal(const uint8_t *data, size_t size)
{
	ATHAR_AUTO(free) uint8_t *super = cut(data, size, 1024);
	athar_jbd2_super s;
	athar_jbd2_copy copy;
	uint32_t at = 0, before = 0;

	if (super == NULL || !athar_jbd2_super_read(&s, super))
		return;
	require(s.first < s.end && s.end <= s.blocks);
	ATHAR_AUTO(free)
	uint8_t *block =
		cut(size > 1024 ? data + 1024 : data, size > 1024 ? size - 1024 : 0, s.block);
	if (block == NULL)
		return;
	(void)athar_jbd2_type_of(&s, block);
	require(athar_jbd2_order_of(&s, block) != ATHAR_JBD2_NOW);
	require(athar_jbd2_commit_time(block).nanoseconds < 1000000000);
	while (athar_jbd2_tag_next(&copy, &s, block, &at)) {
		require(at > before);
		before = at;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	athar_ext x = geometry(data[1]);

	switch (data[0] % 4) {
	case 0:
		fuzz_inode(&x, data + 2, size - 2);
		break;
	case 1:
		fuzz_dir(&x, data + 2, size - 2);
		break;
	case 2:
		fuzz_map(&x, data + 2, size - 2);
		break;
	default:
		fuzz_journal(data + 2, size - 2);
	}
	return 0;
}
