/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/riff.h"

#include "base/check.h"
#include "base/endian.h"

static bool is_printable(uint32_t id)
{
	for (int shift = 0; shift < 32; shift += 8) {
		const uint8_t c = (uint8_t)(id >> shift);

		if (c < 0x20 || c > 0x7E)
			return false;
	}
	return true;
}

athar_status athar_riff_resize(athar_chunk *chunk, athar_walk *w, uint64_t size, uint64_t end)
{
	if (!athar_inside(chunk->payload, size, end))
		return athar_walk_stop(w, "a chunk is longer than what holds it");
	chunk->end = chunk->payload + size;
	/* Not all programs pad the last one. */
	chunk->next = athar_min(chunk->end + size % 2, end);
	return ATHAR_OK;
}

athar_status athar_riff_chunk(athar_chunk *out, athar_walk *w, uint64_t at, uint64_t end,
                              athar_error *err)
{
	athar_bytes b;

	if (!athar_inside(at, 8, end))
		return athar_walk_stop(w, "what follows the last good chunk is too short for one");
	ATHAR_TRY(athar_reader_get(&b, w->in, at, 8, err));
	*out = (athar_chunk){.id = athar_be32(b.ptr), .at = at, .payload = at + 8};
	if (!is_printable(out->id))
		return athar_walk_stop(w, "what follows the last good chunk is no chunk");
	return athar_riff_resize(out, w, athar_le32(b.ptr + 4), end);
}

athar_status athar_riff_get(athar_bytes *out, athar_walk *w, const athar_chunk *chunk, size_t len,
                            athar_error *err)
{
	if (chunk->end - chunk->payload < len)
		return athar_walk_stop(w, "a chunk is too short for what it must hold");
	return athar_reader_get(out, w->in, chunk->payload, len, err);
}
