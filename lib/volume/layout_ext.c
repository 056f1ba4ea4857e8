/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/layout_ext.h"

#include "base/check.h"
#include "base/endian.h"

#define SPARSE_SUPER 0x1u    /* ro_compat */
#define GROUP_SUMS 0x10u     /* ro_compat: uninit_bg */
#define METADATA_SUMS 0x400u /* ro_compat */
#define SPARSE_SUPER2 0x200u /* compat */
#define META_GROUPS 0x10u    /* incompat */
#define WIDE 0x80u           /* incompat: 64 bits */
#define INODES_UNUSED 0x1u   /* of a group */
#define EXTENTS 0x80000u     /* of an inode */
#define INLINE 0x10000000u   /* of an inode */
#define EXTENT_MAGIC 0xF30Au
#define EXTENT_DEPTH 5u
#define EXTENT_UNWRITTEN 32768u
#define SHORT_LINK 60u
#define MAP 40u /* of an inode: its 60 bytes */
#define DIRECT 12u

enum { FOLDER = 0x4, FILE_PLAIN = 0x8, LINK = 0xA }; /* the mode's upper four bits */

static bool read_sizes(athar_ext_layout *out, const uint8_t *super)
{
	const uint32_t shift = athar_le32(super + 24);
	const bool old = athar_le32(super + 76) == 0;

	if (athar_le16(super + 56) != 0xEF53 || shift > 6)
		return false;
	out->block = 1024u << shift;
	out->compat = old ? 0 : athar_le32(super + 92);
	out->incompat = old ? 0 : athar_le32(super + 96);
	out->ro_compat = old ? 0 : athar_le32(super + 100);
	out->inode = old ? 128 : athar_le16(super + 88);
	out->descriptor = (out->incompat & WIDE) != 0 ? athar_le16(super + 254) : 32;
	return out->inode >= 128 && out->inode <= out->block &&
	       (out->inode & (out->inode - 1)) == 0 && out->descriptor >= 32 &&
	       out->descriptor <= 1024 && (out->descriptor & (out->descriptor - 1)) == 0;
}

bool athar_ext_layout_read(athar_ext_layout *out, const uint8_t *super)
{
	*out = (athar_ext_layout){.first = athar_le32(super + 20)};
	if (!read_sizes(out, super))
		return false;
	out->blocks = athar_le32(super + 4);
	if ((out->incompat & WIDE) != 0)
		out->blocks |= (uint64_t)athar_le32(super + 336) << 32;
	out->blocks_per_group = athar_le32(super + 32);
	out->inodes_per_group = athar_le32(super + 40);
	out->first_meta_group = athar_le32(super + 260);
	out->backups[0] = athar_le32(super + 588);
	out->backups[1] = athar_le32(super + 592);
	if (out->blocks_per_group == 0 || out->inodes_per_group == 0 ||
	    out->inodes_per_group > out->block * 8 || out->blocks <= out->first || out->first > 1 ||
	    out->blocks > UINT64_MAX / out->block)
		return false;
	out->groups = (out->blocks - out->first - 1) / out->blocks_per_group + 1;
	return true;
}

static bool power_of(uint64_t value, uint64_t base)
{
	while (value % base == 0)
		value /= base;
	return value == 1;
}

bool athar_ext_has_super(const athar_ext_layout *l, uint64_t group)
{
	if (group == 0)
		return true;
	if ((l->compat & SPARSE_SUPER2) != 0)
		return group == l->backups[0] || group == l->backups[1];
	if ((l->ro_compat & SPARSE_SUPER) == 0 || group == 1)
		return true;
	return power_of(group, 3) || power_of(group, 5) || power_of(group, 7);
}

/* In one piece behind the superblock; with meta groups, in the first of each lot of groups whose
 * descriptors fill a block. */
uint64_t athar_ext_descriptor(const athar_ext_layout *l, uint64_t group)
{
	const uint64_t per_block = l->block / l->descriptor;
	const uint64_t lot = group / per_block;
	const uint64_t within = group % per_block * l->descriptor;
	uint64_t block = l->first + 1 + lot;

	if ((l->incompat & META_GROUPS) != 0 && lot >= l->first_meta_group) {
		const uint64_t leader = lot * per_block;

		block = l->first + leader * l->blocks_per_group;
		block += athar_ext_has_super(l, leader) ? 1 : 0;
		/* With blocks of 1 KiB the superblock is block 1; with larger ones block 0. */
	}
	return block * l->block + within;
}

static uint64_t wide(const athar_ext_layout *l, const uint8_t *bytes, size_t low, size_t high)
{
	uint64_t block = athar_le32(bytes + low);

	if (l->descriptor >= 64)
		block |= (uint64_t)athar_le32(bytes + high) << 32;
	return block > UINT64_MAX / l->block ? ATHAR_NOWHERE : block * l->block;
}

void athar_ext_group_read(athar_ext_group *out, const athar_ext_layout *l, const uint8_t *bytes)
{
	const bool counted = (l->ro_compat & (GROUP_SUMS | METADATA_SUMS)) != 0;
	uint32_t unused = counted ? athar_le16(bytes + 28) : 0;

	if (counted && l->descriptor >= 64)
		unused |= (uint32_t)athar_le16(bytes + 50) << 16;
	if (counted && (athar_le16(bytes + 18) & INODES_UNUSED) != 0)
		unused = l->inodes_per_group;
	out->block_bitmap = wide(l, bytes, 0, 32);
	out->inode_bitmap = wide(l, bytes, 4, 36);
	out->inode_table = wide(l, bytes, 8, 40);
	out->inodes = unused >= l->inodes_per_group ? 0 : l->inodes_per_group - unused;
}

athar_ext_kind athar_ext_inode_kind(const uint8_t *inode)
{
	const unsigned type = athar_le16(inode) >> 12;

	if ((athar_le32(inode + 32) & INLINE) != 0)
		return ATHAR_EXT_NONE;
	if (type == FOLDER || (type == LINK && athar_le32(inode + 4) >= SHORT_LINK))
		return ATHAR_EXT_CONTENT;
	return type == FILE_PLAIN ? ATHAR_EXT_FILE : ATHAR_EXT_NONE;
}

typedef athar_status (*taker)(void *user, const athar_ext_child *c, athar_error *err);

static athar_status give(const athar_ext_layout *l, uint64_t block, uint64_t count,
                         athar_ext_child c, taker child, void *user, athar_error *err)
{
	if (block == 0 || count == 0 || block >= l->blocks || count > l->blocks - block)
		return ATHAR_OK;
	c.offset = block * l->block;
	c.length = count * l->block;
	return child(user, &c, err);
}

/* A node of a tree of extents that fills `len` bytes; `depth` is what its place says, UINT_MAX in
 * the inode, where only it can say it. */
static athar_status node_children(const athar_ext_layout *l, const uint8_t *node, size_t len,
                                  unsigned depth, taker child, void *user, athar_error *err)
{
	const unsigned said = athar_le16(node + 6);
	const size_t count = athar_min(athar_le16(node + 2), len / 12 - 1);
	athar_ext_child c = {.depth = said, .extents = true};

	if (athar_le16(node) != EXTENT_MAGIC || said > EXTENT_DEPTH ||
	    (depth != UINT32_MAX && said != depth))
		return ATHAR_OK;
	for (size_t i = 1; i <= count; i++) {
		const uint8_t *e = node + 12 * i;
		uint64_t length = 1;
		uint64_t block;

		if (said == 0) {
			length = athar_le16(e + 4);
			length -= length > EXTENT_UNWRITTEN ? EXTENT_UNWRITTEN : 0;
			block = athar_le32(e + 8) | (uint64_t)athar_le16(e + 6) << 32;
		} else {
			block = athar_le32(e + 4) | (uint64_t)athar_le16(e + 8) << 32;
		}
		ATHAR_TRY(give(l, block, length, c, child, user, err));
	}
	return ATHAR_OK;
}

athar_status athar_ext_inode_children(const athar_ext_layout *l, const uint8_t *inode,
                                      athar_status (*child)(void *user, const athar_ext_child *c,
                                                            athar_error *err),
                                      void *user, athar_error *err)
{
	const uint8_t *map = inode + MAP;

	if ((athar_le32(inode + 32) & EXTENTS) != 0)
		return node_children(l, map, SHORT_LINK, UINT32_MAX, child, user, err);
	for (unsigned i = 0; i < SHORT_LINK / 4; i++) {
		const athar_ext_child c = {.depth = i < DIRECT ? 0 : i - DIRECT + 1};

		ATHAR_TRY(give(l, athar_le32(map + 4 * (size_t)i), 1, c, child, user, err));
	}
	return ATHAR_OK;
}

athar_status athar_ext_map_children(const athar_ext_layout *l, const athar_ext_child *of,
                                    const uint8_t *bytes,
                                    athar_status (*child)(void *user, const athar_ext_child *c,
                                                          athar_error *err),
                                    void *user, athar_error *err)
{
	const athar_ext_child c = {.depth = of->depth - 1};

	if (of->extents)
		return node_children(l, bytes, l->block, of->depth - 1, child, user, err);
	for (size_t i = 0; i < l->block / 4; i++)
		ATHAR_TRY(give(l, athar_le32(bytes + 4 * i), 1, c, child, user, err));
	return ATHAR_OK;
}
