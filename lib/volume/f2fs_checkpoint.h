/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A checkpoint of F2FS: the last state that was consistent. Two packs take turns; the one with the
 * higher version counts. Source: include/linux/f2fs_fs.h, fs/f2fs/checkpoint.c of Linux.
 *
 * A pack: its head (with the bitmaps that say which copy of each SIT and NAT block counts), more of
 * the bitmaps where they do not fit, blocks of orphaned inodes, summaries of the segments that are
 * being written, and a copy of the head that closes it.
 */
#ifndef ATHAR_VOLUME_F2FS_CHECKPOINT_H
#define ATHAR_VOLUME_F2FS_CHECKPOINT_H

#include "volume/f2fs_super.h"

/* In athar_f2fs_checkpoint.flags. */
#define ATHAR_F2FS_UNMOUNTED 0x1u /* nothing was written after it */
#define ATHAR_F2FS_ORPHANS 0x2u
#define ATHAR_F2FS_COMPACT 0x4u /* its summaries are packed */
#define ATHAR_F2FS_FASTBOOT 0x20u
#define ATHAR_F2FS_CRC_RECOVERY 0x40u /* nodes written after it carry its sum */
#define ATHAR_F2FS_NOCRC_RECOVERY 0x200u
#define ATHAR_F2FS_LARGE_BITMAP 0x400u

/* The six logs: hot, warm and cold, of nodes and of data. */
typedef struct athar_f2fs_log {
	uint32_t segment;
	uint16_t offset; /* the next block to be written */
} athar_f2fs_log;

typedef struct athar_f2fs_checkpoint {
	uint64_t version;
	uint32_t sum, flags;
	uint32_t address;       /* of its first block */
	uint32_t blocks, start; /* of the pack; of its summaries in it */
	athar_f2fs_log node[3], data[3];
	uint32_t sit_bytes, nat_bytes; /* of the bitmaps */
	uint32_t sit_at, nat_at;       /* where they begin, from the head's first byte */
} athar_f2fs_checkpoint;

/* The head, one block. False: it is none, its sum is wrong, or it contradicts the superblock. Pure.
 */
bool athar_f2fs_checkpoint_read(athar_f2fs_checkpoint *out, const athar_f2fs_super *super,
                                const uint8_t *block);

/* Whether version a is newer than b: they count on from any number. */
static inline bool athar_f2fs_newer(uint64_t a, uint64_t b)
{
	return (int64_t)(a - b) > 0;
}

/* Bit n of a bitmap of F2FS: the highest of a byte comes first. */
static inline bool athar_f2fs_bit(const uint8_t *map, size_t n)
{
	return (map[n / 8] >> (7 - n % 8) & 1) != 0;
}

#endif
