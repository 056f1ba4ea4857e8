/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names out of a block of a folder of ext2, ext3 or ext4, those included that were deleted and lie
 * between two entries still. Pure.
 */
#ifndef ATHAR_VOLUME_EXT_DIR_H
#define ATHAR_VOLUME_EXT_DIR_H

#include "volume/ext.h"

typedef struct athar_ext_entry {
	uint32_t inode;
	const uint8_t *name; /* in the block */
	uint8_t len;
	uint8_t type; /* 1 file, 2 folder, 7 link ...; 0: the file system does not say */
	bool deleted;
} athar_ext_entry;

typedef struct athar_ext_dir {
	const uint8_t *bytes;
	uint32_t len;
	uint32_t inodes;           /* of the volume: higher numbers are none */
	uint32_t at;               /* the entry at hand */
	uint32_t slack, slack_end; /* what follows it and was not looked at */
} athar_ext_dir;

/* A block, or a part of an inode. False: its entries do not close at its end, so it is none. */
bool athar_ext_dir_open(athar_ext_dir *out, const uint8_t *bytes, uint32_t len, uint32_t inodes);
/* The next entry, "." and ".." included; deleted ones follow the entry that swallowed them. False:
 * there is no further one. */
bool athar_ext_dir_next(athar_ext_entry *out, athar_ext_dir *dir);

/* The first block of a folder begins with the folder itself: its inode; 0: this is none. */
uint32_t athar_ext_dir_self(const uint8_t *block);
/* Its parent, by a first block. */
uint32_t athar_ext_dir_parent(const uint8_t *block);
/* Whether the checksum at the block's end is of that folder. True where there are no checksums. */
bool athar_ext_dir_sum_holds(const athar_ext *x, uint32_t number, uint32_t generation,
                             const uint8_t *block);
/* Whether the block ends as one of a folder does where there are checksums. */
bool athar_ext_dir_has_sum(const athar_ext *x, const uint8_t *block);

#endif
