/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What superblock, group descriptors and inodes of ext2, ext3 and ext4 say of where things are.
 * Pure: bounds, no state, no I/O. Places are bytes from the volume's beginning; whether they lie
 * in it is for the caller to see.
 */
#ifndef ATHAR_VOLUME_LAYOUT_EXT_H
#define ATHAR_VOLUME_LAYOUT_EXT_H

#include "base/idiom.h"

#define ATHAR_EXT_SUPER 1024u

typedef struct athar_ext_layout {
	uint32_t block;
	uint64_t blocks, first; /* how many, and the number of the first group's first */
	uint32_t blocks_per_group, inodes_per_group, inode, descriptor;
	uint64_t groups;
	uint32_t compat, incompat, ro_compat;
	uint32_t first_meta_group;
	uint32_t backups[2]; /* sparse_super2 */
} athar_ext_layout;

typedef struct athar_ext_group {
	uint64_t block_bitmap, inode_bitmap, inode_table; /* bytes */
	uint32_t inodes;                                  /* of the table that were ever used */
} athar_ext_group;

/* ATHAR_EXT_SUPER bytes, from byte 1024 of the volume. */
bool athar_ext_layout_read(athar_ext_layout *out, const uint8_t *super);
/* Whether the group begins with a copy of the superblock. */
bool athar_ext_has_super(const athar_ext_layout *l, uint64_t group);
/* Where the descriptor of a group lies. */
uint64_t athar_ext_descriptor(const athar_ext_layout *l, uint64_t group);
/* l->descriptor bytes. */
void athar_ext_group_read(athar_ext_group *out, const athar_ext_layout *l, const uint8_t *bytes);

typedef enum athar_ext_kind {
	ATHAR_EXT_NONE,   /* unused, or all of it is in the inode */
	ATHAR_EXT_FILE,   /* its map is metadata */
	ATHAR_EXT_CONTENT /* a folder or a long link: its content too */
} athar_ext_kind;

/* A block that an inode or a block of its map names. */
typedef struct athar_ext_child {
	uint64_t offset, length;
	unsigned depth; /* levels of the map from here on; 0: content */
	bool extents;   /* else a block of block numbers */
} athar_ext_child;

/* At least 128 bytes. */
athar_ext_kind athar_ext_inode_kind(const uint8_t *inode);
athar_status athar_ext_inode_children(const athar_ext_layout *l, const uint8_t *inode,
                                      athar_status (*child)(void *user, const athar_ext_child *c,
                                                            athar_error *err),
                                      void *user, athar_error *err);
/* The same of l->block bytes of the map; `of` is how they were come upon, its depth above 0. */
athar_status athar_ext_map_children(const athar_ext_layout *l, const athar_ext_child *of,
                                    const uint8_t *bytes,
                                    athar_status (*child)(void *user, const athar_ext_child *c,
                                                          athar_error *err),
                                    void *user, athar_error *err);

#endif
