/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A file on its way to being laid out: where in the source each of its pieces begins. Joiners make
 * one, read the file through it and turn it into extents.
 */
#ifndef ATHAR_CARVE_TRAIL_H
#define ATHAR_CARVE_TRAIL_H

#include "carve/join.h"

/* A piece goes from here to where the next one begins in the file; the last one has no end. */
typedef struct athar_mark {
	uint64_t file, image;
} athar_mark;

typedef struct athar_trail {
	athar_joining *j;
	athar_mark *mark; /* in the order of the file */
	size_t count, capacity;
} athar_trail;

/* One piece: the file's beginning, and all that follows it. */
athar_status athar_trail_begin(athar_trail *t, athar_joining *j, athar_error *err);
void athar_trail_clear(athar_trail *t);
ATHAR_DEFINE_AUTO_VALUE(trail, athar_trail, athar_trail_clear)

/* From `file` on it lies at `image`; what was known of it from there on is forgotten. */
athar_status athar_trail_lead(athar_trail *t, uint64_t file, uint64_t image, athar_error *err);
/* Where this byte of the file lies, as far as is known. */
uint64_t athar_trail_place(const athar_trail *t, uint64_t file);
/* Up to `len` bytes of the file; fewer where a piece leaves the free space. Not counted as work. */
athar_status athar_trail_read(uint8_t *out, size_t *got, const athar_trail *t, uint64_t file,
                              size_t len, athar_error *err);
/* *fits: the first `size` bytes lie in the space, and no block of it is there twice. */
athar_status athar_trail_extents(athar_extents *out, bool *fits, const athar_trail *t,
                                 uint64_t size, athar_error *err);

/* Can a byte of the file lie at this offset of the source, pieces being made of whole blocks? */
bool athar_trail_even(const athar_trail *t, uint64_t file, uint64_t image);
/* The first border of a block of the file behind `file`. */
uint64_t athar_trail_border(const athar_trail *t, uint64_t file);

/* The spots that are worth a look for this file, [*first, *first + *count): those near its
 * beginning. Work that a look at spot i costs, the one before having been looked at. */
void athar_trail_near(size_t *first, size_t *count, athar_joining *j, const athar_spots *spots);
uint64_t athar_trail_cost(const athar_spots *spots, size_t i);

#endif
