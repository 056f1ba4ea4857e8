/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Node blocks of F2FS: inodes, and the nodes with the addresses of a file's further blocks. Pure:
 * one block in, what it says out. Source: include/linux/f2fs_fs.h, fs/f2fs/node.c of Linux.
 *
 * An inode has its own name and its parent's number. A node has a number of its own (nid), that of
 * its inode (ino; equal in the inode itself), its place in the file's tree of nodes, and the
 * version of the checkpoint that it was written after.
 */
#ifndef ATHAR_VOLUME_F2FS_NODE_H
#define ATHAR_VOLUME_F2FS_NODE_H

#include "volume/f2fs_checkpoint.h"

#define ATHAR_F2FS_INODE_PLACES 923u /* addresses in an inode without attributes */
#define ATHAR_F2FS_NODE_PLACES 1018u /* addresses or nids in any other node */
#define ATHAR_F2FS_NAME 255u

/* Addresses that are none. */
#define ATHAR_F2FS_HOLE 0u
#define ATHAR_F2FS_RESERVED UINT32_MAX         /* given out, not written yet */
#define ATHAR_F2FS_COMPRESSED (UINT32_MAX - 1) /* a compressed cluster begins */

typedef struct athar_f2fs_footer {
	uint32_t nid, ino;
	uint32_t place;        /* in the tree of nodes; 0 is the inode */
	bool synced, new_name; /* fsync asked for it; its name has to be entered in its folder */
	uint64_t version;      /* low half: the checkpoint's; high half: its sum, or 0 */
	uint32_t next;         /* address of the next block of its log */
} athar_f2fs_footer;

void athar_f2fs_footer_read(athar_f2fs_footer *out, const uint8_t *block);

typedef struct athar_f2fs_inode {
	uint16_t mode; /* as st_mode of stat(2) */
	bool encrypted, inline_data, inline_entries;
	bool compressed;
	uint8_t algorithm; /* of compression: see f2fs_packed.h */
	bool summed;       /* each cluster has a sum */
	uint32_t cluster;  /* blocks of a cluster; 1 where not compressed */
	uint32_t owner, group, links, generation, parent;
	uint64_t size;
	int64_t accessed, changed, modified, created;
	uint32_t accessed_ns, changed_ns, modified_ns, created_ns;
	bool has_created;
	const uint8_t *name; /* in the block */
	uint32_t name_len;
	uint32_t places_at, places;     /* first address: its byte in the block; how many count */
	uint32_t node_places;           /* addresses of a direct node that count */
	uint32_t inline_at, inline_len; /* room for content or entries */
	uint32_t nid[5];                /* 2 direct, 2 indirect, 1 doubly indirect; 0: none */
} athar_f2fs_inode;

/* False: the block cannot be an inode. */
bool athar_f2fs_inode_read(athar_f2fs_inode *out, const athar_f2fs_super *super,
                           const uint8_t *block);

static inline bool athar_f2fs_is_folder(const athar_f2fs_inode *inode)
{
	return (inode->mode & 0xF000) == 0x4000;
}

static inline bool athar_f2fs_is_file(const athar_f2fs_inode *inode)
{
	return (inode->mode & 0xF000) == 0x8000;
}

#endif
