/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Blocks of block numbers that no inode leads to any more: the maps that ext2 and ext3 keep beside
 * long files, and leave behind when they are deleted. A map of depth 1 names blocks of content, one
 * of depth 2 maps of depth 1, one of depth 3 maps of depth 2.
 */
#ifndef ATHAR_VOLUME_EXT_MAPS_H
#define ATHAR_VOLUME_EXT_MAPS_H

#include "base/idiom.h"

typedef struct athar_ext_map {
	uint32_t block; /* its own number */
	uint32_t first; /* the first that it names */
	uint32_t count; /* how many it names, all before the first zero */
	uint8_t depth;  /* 1 to 3; athar_ext_maps_settle finds it out */
	bool taller;    /* of settling */
	bool taken;     /* it is content of a file */
} athar_ext_map;

typedef struct athar_ext_maps {
	athar_ext_map *map; /* by block */
	size_t count, capacity;
	size_t *by_first; /* indices of those of depth 1, by `first` */
	size_t first_count;
	size_t *tall; /* indices of those of depth 2 and 3, by block */
	size_t tall_count;
} athar_ext_maps;

/* Gives `size` bytes of a block; false where it cannot be read. */
typedef bool athar_ext_block_get(void *user, uint32_t block, uint8_t *bytes);

/* How many block numbers the bytes hold before the first zero; 0: it is no map. Numbers lie in
 * [least, end), and most follow their predecessor by one, as the file system allocates. */
uint32_t athar_ext_map_count(const uint8_t *bytes, uint32_t size, uint32_t least, uint32_t end);

/* Blocks are to be added in ascending order. ATHAR_ELIMIT: there are too many. */
athar_status athar_ext_maps_add(athar_ext_maps *maps, const athar_ext_map *map, athar_error *err);
/* After the last: finds out depths. A map is taller when all that it names are maps, all full but
 * for the last. */
athar_status athar_ext_maps_settle(athar_ext_maps *maps, uint32_t size, athar_ext_block_get *get,
                                   void *user, athar_error *err);
/* Map at the block; NULL: none is there. */
const athar_ext_map *athar_ext_maps_at(const athar_ext_maps *maps, uint32_t block);
/* The map at the block, if there is one, is content. */
void athar_ext_maps_take(athar_ext_maps *maps, uint32_t block);
/* Place in `tall` of the first at the block or behind it. */
size_t athar_ext_maps_tall(const athar_ext_maps *maps, uint32_t block);
/* Place in by_first of the first map that begins with this block or one behind it. */
size_t athar_ext_maps_first(const athar_ext_maps *maps, uint32_t block);
void athar_ext_maps_clear(athar_ext_maps *maps);
ATHAR_DEFINE_AUTO_VALUE(ext_maps, athar_ext_maps, athar_ext_maps_clear)

#endif
