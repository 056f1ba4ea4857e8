/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One version of a file, and where its blocks are: through the addresses in its inode and the tree
 * of nodes below it. Each node says which place of which inode's tree it has; one that is met
 * anywhere else is not followed, so that no circle is.
 */
#ifndef ATHAR_VOLUME_F2FS_TREE_H
#define ATHAR_VOLUME_F2FS_TREE_H

#include "volume/f2fs_stale.h"

typedef struct athar_f2fs_file {
	athar_f2fs *fs;
	uint8_t block[ATHAR_F2FS_BLOCK]; /* the inode's */
	athar_f2fs_inode inode;          /* points into block */
	athar_f2fs_stale_node self; /* which version it is; of a live one ino and address count */
	bool live;
	bool last; /* of its generation: nodes written after it belong to it too */
	bool bounded;
	athar_f2fs_stale_node next; /* bounded: the version after it */
} athar_f2fs_file;

/* The inode as it is now; of one that is not live false. */
bool athar_f2fs_file_live(athar_f2fs_file *out, athar_f2fs *fs, uint32_t ino);
/* Version i of the `count` stale inodes at `inodes`, oldest first. Stale nodes are loaded. */
bool athar_f2fs_file_stale(athar_f2fs_file *out, athar_f2fs *fs,
                           const athar_f2fs_stale_node *inodes, size_t count, size_t i);

typedef struct athar_f2fs_place {
	uint64_t index, count;    /* in blocks of the file; count is 1 where there is an address */
	uint32_t address;         /* or ATHAR_F2FS_HOLE, _RESERVED, _COMPRESSED, or anything else */
	bool missing;             /* the node that has it was not found */
	uint32_t nid, slot, node; /* whose address it is: number, place in it, its own address */
	uint32_t version;         /* of that node */
} athar_f2fs_place;

/* Calls `place` for all blocks of the file's size, in order. Not for inline content. */
athar_status athar_f2fs_places_each(athar_f2fs_file *file,
                                    athar_status (*place)(void *user, const athar_f2fs_place *place,
                                                          athar_error *err),
                                    void *user, athar_error *err);

#endif
