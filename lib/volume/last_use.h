/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * When a file system was last mounted or written to, as its superblock has it. Only what systems
 * keep for certain, in UTC: ext2, ext3 and ext4 (both), HFS+ (written). FAT, exFAT, NTFS and XFS
 * have no such time; HFS has one without a zone.
 *
 * It is the clock of whatever machine did it, right or wrong.
 */
#ifndef ATHAR_VOLUME_LAST_USE_H
#define ATHAR_VOLUME_LAST_USE_H

#include "volume/volume.h"

typedef struct athar_last_use {
	int64_t mounted, written; /* 0: not recorded */
	char source[24];          /* "ext4.superblock"; "" where the kind has none */
} athar_last_use;

/* By info->kind, from its bytes in the source. A volume without such a time gives zeros; so does a
 * superblock that is not one. ATHAR_EIO where it cannot be read. */
athar_status athar_volume_last_use(athar_last_use *out, athar_source *source,
                                   const athar_volume_info *info, athar_error *err);

/* The parsers alone, over the 1024 bytes that begin 1024 bytes behind the volume's beginning.
 * False: it is none. */
#define ATHAR_SUPERBLOCK 1024u
bool athar_last_use_ext(athar_last_use *out, const uint8_t superblock[ATHAR_SUPERBLOCK]);
bool athar_last_use_hfs(athar_last_use *out, const uint8_t header[ATHAR_SUPERBLOCK]);

#endif
