/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Images in which files lie in pieces, and the truth about them: for tests of joining. The same
 * seed gives the same image on every machine.
 */
#ifndef ATHAR_TEST_LAYOUT_H
#define ATHAR_TEST_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum layout_scenario {
	LAYOUT_CONTIGUOUS,
	LAYOUT_GAP,      /* two pieces, something else between */
	LAYOUT_GAPS,     /* three to five */
	LAYOUT_DISORDER, /* three or four, not in the order of the file */
	LAYOUT_BRAID,    /* two files, their halves in turn */
	LAYOUT_MISSING,  /* a piece in the middle is nowhere */
	LAYOUT_DECOYS,   /* in the gap lie the beginning of another file and a damaged copy of the
	                    second piece */
	LAYOUT_SCENARIOS
} layout_scenario;

extern const char *const layout_names[LAYOUT_SCENARIOS];

typedef struct layout_file {
	const uint8_t *bytes;
	size_t len;
} layout_file;

typedef struct layout_piece {
	size_t file;
	uint64_t from, len; /* in the file */
	uint64_t at;        /* in the image */
} layout_piece;

typedef struct layout {
	uint8_t *image;
	size_t size, capacity;
	uint32_t block;
	uint64_t seed;
	layout_piece *piece; /* of one file in its order; files in theirs */
	size_t pieces, piece_capacity;
	size_t gap; /* blocks that lie between two pieces at most */
} layout;

/* Every file once. block is at least 512. */
void layout_make(layout *out, const layout_file *files, size_t count, layout_scenario scenario,
                 uint32_t block, uint64_t seed);
void layout_free(layout *l);
/* The pieces of one file; *first is the index of the first. */
size_t layout_pieces(size_t *first, const layout *l, size_t file);
/* Is all of it there? */
bool layout_whole(const layout *l, size_t file, size_t len);

#endif
