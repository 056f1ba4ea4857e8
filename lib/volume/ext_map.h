/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which blocks a file has: a tree of extents (ext4), or block numbers with single, double and
 * triple indirection (ext2, ext3).
 */
#ifndef ATHAR_VOLUME_EXT_MAP_H
#define ATHAR_VOLUME_EXT_MAP_H

#include "volume/ext_inode.h"

typedef enum athar_ext_part {
	ATHAR_EXT_PART_DATA,
	ATHAR_EXT_PART_UNWRITTEN, /* has blocks, reads as zeros */
	ATHAR_EXT_PART_LOST       /* the block of the map that says it cannot be had */
} athar_ext_part;

/* Blocks in a row. What lies between two is a hole. */
typedef struct athar_ext_run {
	uint64_t logical, count, block; /* block: of the volume; 0 where it is lost */
	athar_ext_part part;
} athar_ext_run;

typedef struct athar_ext_map {
	athar_ext_run *run; /* by `logical`, disjoint */
	size_t count, capacity;
	uint64_t blocks; /* that the file owns by what was read, those of the map included */
	uint64_t lost;   /* blocks of the map that could not be had */
	bool full;       /* a bound was reached: the end is missing */
} athar_ext_map;

/* Where blocks of maps come from. */
typedef struct athar_ext_nodes {
	/* A block of the volume into buf, as it was when the map was in force. `later` 0, 1, ...:
	 * the next best copy, since the one before is no node. False: there is no other. */
	bool (*get)(void *user, uint8_t *buf, uint64_t block, unsigned later);
	void *user;
	uint64_t left; /* that may be read in all: a hostile map leads in circles */
} athar_ext_nodes;

/* *out is replaced. ATHAR_ENOMEM only: what cannot be is LOST. */
athar_status athar_ext_map_read(athar_ext_map *out, const athar_ext *x,
                                const athar_ext_inode *inode, athar_ext_nodes *nodes,
                                athar_error *err);
void athar_ext_map_clear(athar_ext_map *map);
ATHAR_DEFINE_AUTO_VALUE(ext_map, athar_ext_map, athar_ext_map_clear)

/* Whether the file's own count of blocks says that the map is all there: then what is between runs
 * is a hole for certain. */
bool athar_ext_map_whole(const athar_ext_map *map, const athar_ext_inode *inode);

/* The block of the volume; 0: none is known. */
uint64_t athar_ext_map_find(const athar_ext_map *map, uint64_t logical);

#endif
