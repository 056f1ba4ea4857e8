/* SPDX-License-Identifier: BSD-2-Clause */
/* An inode of ext2, ext3 or ext4, out of its bytes. Pure. */
#ifndef ATHAR_VOLUME_EXT_INODE_H
#define ATHAR_VOLUME_EXT_INODE_H

#include "volume/ext.h"

#define ATHAR_EXT_EXTENTS 0x80000u   /* flags: its map is a tree of extents */
#define ATHAR_EXT_INLINE 0x10000000u /* flags: its content is in the inode */
#define ATHAR_EXT_INDEXED 0x1000u    /* flags: a folder with a tree of hashes */

typedef struct athar_ext_time {
	int64_t seconds;
	uint32_t nanoseconds;
} athar_ext_time;

typedef struct athar_ext_inode {
	uint32_t number;
	uint16_t mode;
	uint32_t links, uid, gid, flags, generation;
	uint64_t size, blocks; /* blocks that it counts as its own */
	bool blocks_known;     /* that count is one of whole blocks */
	uint64_t attributes;   /* block of its extended attributes; 0: none */
	athar_ext_time accessed, changed, modified, created;
	bool has_created;
	/* When it was deleted; while it waits for that, the next inode that does. */
	uint32_t deleted;
	uint8_t map[ATHAR_EXT_MAP];
} athar_ext_inode;

/* A part of the inode's own bytes. */
typedef struct athar_ext_piece {
	uint32_t offset, length;
} athar_ext_piece;

/* x->layout.inode bytes. False: its checksum does not hold. */
bool athar_ext_inode_read(athar_ext_inode *out, const athar_ext *x, uint32_t number,
                          const uint8_t *bytes);

bool athar_ext_inode_is_file(const athar_ext_inode *inode);
bool athar_ext_inode_is_folder(const athar_ext_inode *inode);
/* It has a place in some folder, or is still open. */
bool athar_ext_inode_in_use(const athar_ext_inode *inode);

/* Inline content: in the map's place, and the rest as a value of an attribute in the same inode;
 * a length may be 0. False: what it says of its attributes cannot be. */
bool athar_ext_inode_inline(athar_ext_piece out[2], const athar_ext *x, const uint8_t *bytes);

#endif
