/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The index of an AVI file, idx1: one entry for each chunk of the streams, in their order. The walk
 * through the chunks takes entry by entry along, so that the headers are read once.
 */
#ifndef ATHAR_FORMAT_AVI_H
#define ATHAR_FORMAT_AVI_H

#include "format/riff.h"

#define AVI_ENTRY 16u
#define AVI_ENTRIES 2048u /* fetched together: the reader has one cache only */

typedef struct avi_index {
	uint64_t at, end; /* of the entries that are not fetched yet */
	uint64_t base;    /* what offsets are counted from; it shows with the first chunk */
	uint64_t list;    /* where the list of the chunks says what it is */
	bool there, based;
	size_t next, have;
	uint8_t entry[AVI_ENTRIES * AVI_ENTRY];
} avi_index;

/* idx1 may be NULL: then there is none, and all agrees with it. */
void avi_index_begin(avi_index *x, const athar_chunk *idx1, uint64_t list);
/* Is the next entry that of this chunk? A list of chunks need not have one. A flaw when not. */
athar_status avi_index_match(avi_index *x, athar_walk *w, const athar_chunk *chunk,
                             athar_error *err);
/* No chunk follows: no entry may either. */
void avi_index_end(avi_index *x, athar_walk *w);

#endif
