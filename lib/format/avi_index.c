/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/avi.h"

#include <string.h>

#include "base/check.h"
#include "base/endian.h"

#define LIST ATHAR_RIFF('L', 'I', 'S', 'T')
#define REC ATHAR_RIFF('r', 'e', 'c', ' ')

void avi_index_begin(avi_index *x, const athar_chunk *idx1, uint64_t list)
{
	x->there = idx1 != NULL;
	x->at = x->there ? idx1->payload : 0;
	x->end = x->there ? athar_round_down(idx1->end - idx1->payload, AVI_ENTRY) + x->at : 0;
	x->list = list;
	x->based = false;
	x->next = x->have = 0;
}

static athar_status fetch(avi_index *x, athar_walk *w, athar_error *err)
{
	const size_t len = (size_t)athar_min(x->end - x->at, sizeof x->entry);
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, w->in, x->at, len, err));
	memcpy(x->entry, b.ptr, len);
	x->at += len;
	x->next = 0;
	x->have = len / AVI_ENTRY;
	return ATHAR_OK;
}

/* Offsets count from the word "movi", from the beginning of the file, or, in what some programs
 * write, from behind that word. */
static bool find_base(avi_index *x, uint64_t chunk, uint32_t offset)
{
	const uint64_t bases[] = {x->list, 0, x->list + 4};

	for (size_t i = 0; i < ATHAR_COUNT(bases) && !x->based; i++) {
		x->base = bases[i];
		x->based = x->base + offset == chunk;
	}
	return x->based;
}

athar_status avi_index_match(avi_index *x, athar_walk *w, const athar_chunk *chunk,
                             athar_error *err)
{
	if (!x->there || w->flawed)
		return ATHAR_OK;
	if (x->next == x->have && x->at < x->end)
		ATHAR_TRY(fetch(x, w, err));
	const uint8_t *e = x->entry + x->next * AVI_ENTRY;
	const bool more = x->next < x->have;

	if (chunk->id == LIST && (!more || athar_be32(e) != REC))
		return ATHAR_OK;
	if (!more || (chunk->id != LIST && athar_be32(e) != chunk->id) ||
	    athar_le32(e + 12) != chunk->end - chunk->payload ||
	    (!x->based && !find_base(x, chunk->at, athar_le32(e + 8))) ||
	    x->base + athar_le32(e + 8) != chunk->at) {
		athar_walk_flaw(w, "a chunk and its entry in the index do not agree");
		return ATHAR_OK;
	}
	x->next++;
	return ATHAR_OK;
}

void avi_index_end(avi_index *x, athar_walk *w)
{
	if (x->there && (x->next != x->have || x->at != x->end))
		athar_walk_flaw(w, "the index lists chunks that are not there");
}
