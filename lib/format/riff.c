/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/riff.h"

#include <string.h>

#include "base/check.h"
#include "base/endian.h"

#define NOTE_MOST 256u

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

static const struct {
	uint32_t id;
	const char *key;
} notes[] = {
	{ATHAR_RIFF('I', 'N', 'A', 'M'), "title"},    {ATHAR_RIFF('I', 'A', 'R', 'T'), "author"},
	{ATHAR_RIFF('I', 'S', 'F', 'T'), "software"}, {ATHAR_RIFF('I', 'C', 'R', 'D'), "date"},
	{ATHAR_RIFF('I', 'C', 'M', 'T'), "comment"},
};

static athar_status note(athar_walk *w, const athar_chunk *c, athar_error *err)
{
	const size_t len = (size_t)athar_min(c->end - c->payload, NOTE_MOST);
	athar_bytes b;

	for (size_t i = 0; len != 0 && i < ATHAR_COUNT(notes); i++) {
		if (notes[i].id != c->id)
			continue;
		ATHAR_TRY(athar_reader_get(&b, w->in, c->payload, len, err));
		athar_walk_field_bytes(w, notes[i].key, b.ptr, len);
	}
	return ATHAR_OK;
}

athar_status athar_riff_note(athar_walk *w, const athar_chunk *list, athar_error *err)
{
	athar_bytes b;
	athar_chunk c;

	if (list->end > athar_reader_size(w->in) || list->end - list->payload < 4)
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, w->in, list->payload, 4, err));
	if (memcmp(b.ptr, "INFO", 4) != 0)
		return ATHAR_OK;
	for (uint64_t at = list->payload + 4; at < list->end; at = c.next) {
		const athar_status status = athar_riff_chunk(&c, w, at, list->end, err);

		if (status == ATHAR_EFORMAT)
			return ATHAR_OK;
		ATHAR_TRY(status);
		ATHAR_TRY(note(w, &c, err));
	}
	return ATHAR_OK;
}
