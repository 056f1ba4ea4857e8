/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Landmarks: places in the free space where a piece of a certain format shows itself (a page of an
 * Ogg stream, a member of an archive, an object of a PDF). They tell a joiner where to look.
 */
#ifndef ATHAR_CARVE_SPOTS_H
#define ATHAR_CARVE_SPOTS_H

#include "athar/source.h"
#include "carve/space.h"

/* Bytes from the pattern on that holds() sees at most. */
#define ATHAR_SPOT_LOOK 512u

/* Of static storage: its address is its identity. */
typedef struct athar_spot_kind {
	uint8_t pattern[16];
	uint8_t len;  /* of the pattern; at least 2 */
	bool aligned; /* only at the beginning of a block */
	/* Is it one? bytes[0] is the pattern's first; what lies behind the end of the free run is
	 * not there. NULL: the pattern is enough. */
	bool (*holds)(const uint8_t *bytes, size_t len);
} athar_spot_kind;

typedef struct athar_spots {
	uint64_t *at; /* offsets in the source, in order */
	size_t count, capacity;
	bool full; /* there are more than ATHAR_SPOTS_MOST: the rest is left out */
} athar_spots;

#define ATHAR_SPOTS_MOST (4u << 20)

/* One pass over the space. */
athar_status athar_spots_find(athar_spots *out, athar_source *source, const athar_space *space,
                              const athar_spot_kind *kind, athar_error *err);
/* The index of the first at or behind `offset`. */
size_t athar_spots_from(const athar_spots *spots, uint64_t offset);
void athar_spots_clear(athar_spots *spots);
ATHAR_DEFINE_AUTO_VALUE(spots, athar_spots, athar_spots_clear)

#endif
