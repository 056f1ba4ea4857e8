/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What may follow the picture of a JPEG and belong to the file all the same.
 */
#ifndef ATHAR_FORMAT_JPEG_MORE_H
#define ATHAR_FORMAT_JPEG_MORE_H

#include "format/walk.h"

#define JPEG_PICTURES 64u /* that an index may name */

typedef struct jpeg_index {
	uint64_t offset[JPEG_PICTURES], size[JPEG_PICTURES]; /* offsets in the file; 0: the first */
	size_t count;
} jpeg_index;

/* The MP entries (16 bytes each: attributes, size, offset, two dependents) of an index that is at
 * `at` in the file. */
void jpeg_index_parse(jpeg_index *out, const uint8_t *b, size_t len, uint64_t at);

/* The length of a trailer that begins at `at` and closes; 0: there is none. */
athar_status jpeg_trailer(uint64_t *out, athar_walk *w, uint64_t at, athar_error *err);

#endif
