/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The superblock of F2FS: where its areas lie. Two copies, in the first two blocks. Pure. Source:
 * include/linux/f2fs_fs.h of Linux, struct f2fs_super_block.
 *
 * The order on the disk is fixed: superblocks, checkpoints (CP), segment information (SIT), node
 * addresses (NAT), segment summaries (SSA), main area.
 */
#ifndef ATHAR_VOLUME_F2FS_SUPER_H
#define ATHAR_VOLUME_F2FS_SUPER_H

#include "base/idiom.h"

#define ATHAR_F2FS_BLOCK 4096u
#define ATHAR_F2FS_SEGMENT 512u   /* blocks of a segment */
#define ATHAR_F2FS_SUPER_AT 1024u /* in its block */
#define ATHAR_F2FS_SUPER 3072u    /* bytes */

/* In athar_f2fs_super.features. */
#define ATHAR_F2FS_INLINE_XATTR_SIZE 0x40u
#define ATHAR_F2FS_CREATION_TIME 0x100u
#define ATHAR_F2FS_COMPRESSION 0x2000u

/* Addresses are in blocks from the start of the volume. */
typedef struct athar_f2fs_super {
	uint64_t blocks; /* of the whole file system */
	uint32_t features;
	uint32_t checkpoint, sit, nat, ssa, main;
	uint32_t sit_segments, nat_segments, main_segments; /* sit and nat: both copies */
	uint32_t payload;   /* blocks of the checkpoint behind its first */
	uint32_t root;      /* inode of the root folder */
	uint32_t hidden[5]; /* inodes of the file system's own: nodes, metadata, quotas; 0: none */
	char label[64];     /* escaped */
} athar_f2fs_super;

/* `bytes` are the ATHAR_F2FS_SUPER of one copy. False: none, and `why` says what is wrong with it,
 * or is "" where there is not even the magic number. */
bool athar_f2fs_super_read(athar_f2fs_super *out, char why[160], const uint8_t *bytes);

/* The CRC that F2FS uses: polynomial of CRC-32, begun with `seed`, not inverted. */
uint32_t athar_f2fs_crc(uint32_t seed, const uint8_t *bytes, size_t len);
#define ATHAR_F2FS_MAGIC 0xF2F52010u /* and what sums begin with */

#endif
