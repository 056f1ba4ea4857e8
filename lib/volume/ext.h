/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An ext volume as its journal needs it: where blocks and inodes lie, and what its checksums begin
 * with. Facts: Documentation/filesystems/ext4 of Linux. Reads from a source, without libtsk.
 */
#ifndef ATHAR_VOLUME_EXT_H
#define ATHAR_VOLUME_EXT_H

#include "volume/layout_ext.h"

#define ATHAR_EXT_MAP 60u        /* bytes of an inode that say where its content is */
#define ATHAR_EXT_BLOCK 65536u   /* the largest block */
#define ATHAR_EXT_ROOT 2u        /* inode of the root folder */
#define ATHAR_EXT_FIRST_FREE 11u /* inodes below are the file system's own */

/* The inodes of one group, in the order of the volume. */
typedef struct athar_ext_table {
	uint64_t block; /* where it begins */
	uint32_t group;
} athar_ext_table;

typedef struct athar_ext {
	athar_source *source;  /* borrowed */
	uint64_t base, length; /* of the volume, in the image */
	athar_ext_layout layout;
	uint32_t inodes;
	bool sums;     /* metadata_csum: inodes and blocks of metadata carry checksums */
	uint32_t seed; /* of them */
	bool clusters; /* bigalloc */
	bool huge;     /* huge_file: an inode may count in blocks, or in 48 bits */
	bool large_folders;
	uint32_t journal_inode, journal_device; /* 0: none */
	bool journal_copied; /* the superblock has a copy of the journal's map: */
	uint8_t journal_map[ATHAR_EXT_MAP];
	uint64_t journal_size;  /* by that copy */
	athar_ext_table *table; /* by block */
	uint64_t *table_of;     /* by group: the block */
	uint64_t *bitmap_of;    /* by group: the block of its block bitmap */
	uint64_t groups;
	uint32_t table_blocks; /* of one group */
} athar_ext;

/* ATHAR_EFORMAT where the superblock or the descriptors cannot be read. */
athar_status athar_ext_open(athar_ext *out, athar_source *source, uint64_t base, uint64_t length,
                            athar_error *err);
void athar_ext_close(athar_ext *x);
ATHAR_DEFINE_AUTO_VALUE(ext, athar_ext, athar_ext_close)

/* Bytes of the volume; false: they could not all be had. */
bool athar_ext_get(const athar_ext *x, void *buf, size_t len, uint64_t offset);
bool athar_ext_get_block(const athar_ext *x, void *buf, uint64_t block);
/* Where an inode lies in the volume; false: there is no such inode. */
bool athar_ext_inode_place(uint64_t *out, const athar_ext *x, uint32_t number);
/* Number of the first inode in a block of an inode table; 0: it is none. */
uint32_t athar_ext_inodes_at(const athar_ext *x, uint64_t block);
/* What the checksums of all that belongs to an inode begin with. */
uint32_t athar_ext_inode_seed(const athar_ext *x, uint32_t number, uint32_t generation);

#endif
