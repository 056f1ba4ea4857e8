/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RIFF (Microsoft and IBM, "Multimedia Programming Interface and Data Specifications 1.0", 1991):
 * what wav.c and avi.c share. A chunk is an identifier of four characters, a size of 32 bits, the
 * payload, and one byte more where the size is odd.
 */
#ifndef ATHAR_FORMAT_RIFF_H
#define ATHAR_FORMAT_RIFF_H

#include "format/walk.h"

/* Chunks that a hostile file may have outside the data of its streams. */
#define ATHAR_RIFF_CHUNKS 100000u

#define ATHAR_RIFF(a, b, c, d) \
	((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

typedef struct athar_chunk {
	uint32_t id;
	uint64_t at, payload; /* of the identifier, of the first byte behind the size */
	uint64_t end, next;   /* of the payload; of the chunk behind it */
} athar_chunk;

/* The chunk at `at`; stops where none is, or where it is longer than `end`, the end of what holds
 * it. What it holds may lie past the range all the same. */
athar_status athar_riff_chunk(athar_chunk *out, athar_walk *w, uint64_t at, uint64_t end,
                              athar_error *err);
/* Gives the chunk another size, still inside `end`. */
athar_status athar_riff_resize(athar_chunk *chunk, athar_walk *w, uint64_t size, uint64_t end);
/* `len` bytes of the payload from its beginning; stops where it has fewer. */
athar_status athar_riff_get(athar_bytes *out, athar_walk *w, const athar_chunk *chunk, size_t len,
                            athar_error *err);
/* A list INFO: what it says becomes fields. What makes no sense is left out. */
athar_status athar_riff_note(athar_walk *w, const athar_chunk *list, athar_error *err);

#endif
