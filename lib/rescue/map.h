/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The mapfile of GNU ddrescue: what of a medium was read, what was tried, what was not. Its form is
 * that of the manual of ddrescue 1.27, chapter "Mapfile structure"; a map written here is continued
 * by ddrescue, and one of ddrescue's here.
 *
 *      # comment, anywhere
 *      0x00120000     ?               1          position, phase, pass (older maps lack the pass)
 *      0x00000000  0x00117000  +                 offset, length, state; in order, without gaps
 *      0x00117000  0x00000200  -
 *      ...
 */
#ifndef ATHAR_RESCUE_MAP_H
#define ATHAR_RESCUE_MAP_H

#include "base/idiom.h"

/* The letters are those of the file. */
typedef enum athar_map_state {
	ATHAR_MAP_NONTRIED = '?',
	ATHAR_MAP_NONTRIMMED = '*', /* a large read failed; its edges are not known */
	ATHAR_MAP_NONSCRAPED = '/', /* its edges are known; the sectors between are untried */
	ATHAR_MAP_BAD = '-',        /* each of these sectors failed alone */
	ATHAR_MAP_FINISHED = '+'
} athar_map_state;

/* What the map's writer was at; the letters are those of the file. */
typedef enum athar_map_phase {
	ATHAR_MAP_COPYING = '?',
	ATHAR_MAP_TRIMMING = '*',
	ATHAR_MAP_SCRAPING = '/',
	ATHAR_MAP_RETRYING = '-',
	ATHAR_MAP_FILLING = 'F', /* of ddrescue's other modes: read, never written */
	ATHAR_MAP_GENERATING = 'G',
	ATHAR_MAP_DONE = '+'
} athar_map_phase;

typedef struct athar_map_block {
	uint64_t offset, length;
	athar_map_state state;
} athar_map_block;

/* Blocks in order, without gaps, from 0 to size; neighbours of one state are joined.
 * Zero-initialise to make an empty one. */
typedef struct athar_map {
	athar_map_block *slot; /* of map.c: the unused slots lie where the last change was */
	size_t gap, capacity;  /* blocks before the unused slots; slots */
	size_t count;          /* blocks: athar_map_at() gives them */
	uint64_t size;
	uint64_t position;
	athar_map_phase phase;
	unsigned pass; /* from 1 */
} athar_map;

/* All of it untried. ATHAR_ELIMIT from 2^63 on: ddrescue could not read it. */
athar_status athar_map_init(athar_map *out, uint64_t size, athar_error *err);
/* Any version of the file; what lies before its first block is untried. ATHAR_EFORMAT names the
 * line. size is the end of the last block; the caller compares it with the medium. At most 2^26
 * blocks, ATHAR_ELIMIT. What *out held before is not released. */
athar_status athar_map_parse(athar_map *out, const char *text, size_t len, athar_error *err);
/* malloc'd. `comments` are whole lines that begin with '#', or NULL; ATHAR_EUSAGE for others. */
athar_status athar_map_print(char **out, const athar_map *map, const char *comments,
                             athar_error *err);
/* Makes [offset, offset + length) one state, splitting and joining blocks. ATHAR_EUSAGE past the
 * end. O(log n) where blocks are many, and amortised O(1) moved blocks where changes come in order,
 * upwards or downwards; a change far from the last one moves the blocks between. On failure the map
 * stays as it was. */
athar_status athar_map_change(athar_map *map, uint64_t offset, uint64_t length,
                              athar_map_state state, athar_error *err);
/* The medium is larger or smaller than the map says: new room is untried, blocks past it are cut.
 */
athar_status athar_map_resize(athar_map *map, uint64_t size, athar_error *err);
/* The block of an index below count. */
athar_map_block athar_map_at(const athar_map *map, size_t index);
/* What reads it next begins anew, with the states as they are: other ranges have their turn. */
void athar_map_rewind(athar_map *map);
/* Index of the block that holds the offset; count when there is none. */
size_t athar_map_find(const athar_map *map, uint64_t offset);
uint64_t athar_map_total(const athar_map *map, athar_map_state state);
/* What was not read: '-' as ATHAR_RUN_BAD, all other states but '+' as ATHAR_RUN_UNREAD. */
athar_status athar_map_lacking(athar_runs *out, const athar_map *map, athar_error *err);
void athar_map_clear(athar_map *map);
ATHAR_DEFINE_AUTO_VALUE(map, athar_map, athar_map_clear)

#endif
