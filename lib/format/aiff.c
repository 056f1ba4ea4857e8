/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AIFF and AIFF-C (Apple, "Audio Interchange File Format 1.3", 1989; draft of AIFF-C, 1991): sound
 * in chunks, their sizes highest byte first. Nothing has a checksum: what proves such a file is
 * that its chunks end just where it says, and that the sound is as long as its description says.
 */
#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "format/list.h"
#include "format/walk.h"

#define CHUNKS_MOST 10000u
#define NOTE_MOST 256u
#define BITS_MOST 64u

typedef struct sound {
	athar_walk *w;
	uint64_t end;     /* as the first chunk says it */
	uint64_t samples; /* of all channels together */
	uint32_t width;   /* bytes of them; 0: their coding has no fixed one */
	uint64_t len;     /* of the sound that was met, and where it ends */
	uint64_t sound_end;
	bool described, met, packed;
} sound;

typedef struct chunk {
	uint8_t id[4];
	uint64_t payload, end;
} chunk;

static bool is(const chunk *c, const char *id)
{
	return memcmp(c->id, id, 4) == 0;
}

/* The number of samples a second, as a floating number of 80 bits; 0: no sensible one. */
static uint64_t read_rate(const uint8_t *b)
{
	const unsigned exponent = athar_be16(b);

	if (exponent < 16383 || exponent > 16383 + 31)
		return 0;
	return athar_be64(b + 2) >> (63 - (exponent - 16383));
}

static athar_status read_description(sound *s, const chunk *c, athar_error *err)
{
	const uint64_t len = c->end - c->payload;
	athar_bytes b;

	if (len < (s->packed ? 22 : 18) || s->described)
		return athar_walk_stop(s->w, "its description makes no sense");
	ATHAR_TRY(athar_reader_get(&b, s->w->in, c->payload, s->packed ? 22 : 18, err));
	const uint32_t channels = athar_be16(b.ptr), frames = athar_be32(b.ptr + 2);
	const uint32_t bits = athar_be16(b.ptr + 6);
	const uint64_t rate = read_rate(b.ptr + 8);
	const bool plain = !s->packed || memcmp(b.ptr + 18, "NONE", 4) == 0 ||
	                   memcmp(b.ptr + 18, "sowt", 4) == 0 || memcmp(b.ptr + 18, "twos", 4) == 0;

	if (channels == 0 || rate == 0 || (plain && (bits == 0 || bits > BITS_MOST)))
		return athar_walk_stop(s->w, "its description makes no sense");
	s->described = true;
	s->samples = (uint64_t)channels * frames;
	s->width = plain ? (bits + 7) / 8 : 0;
	athar_walk_begin(s->w, c->end);
	athar_walk_field(s->w, "duration_ms", "%llu",
	                 (unsigned long long)((uint64_t)frames * 1000 / rate));
	if (s->packed)
		athar_walk_field_bytes(s->w, "codec", b.ptr + 18, 4);
	return ATHAR_OK;
}

static athar_status read_sound(sound *s, const chunk *c, athar_error *err)
{
	athar_bytes b;

	if (c->end - c->payload < 8 || s->met)
		return athar_walk_stop(s->w, "its sound makes no sense");
	ATHAR_TRY(athar_reader_get(&b, s->w->in, c->payload, 8, err));
	const uint64_t skip = athar_be32(b.ptr), len = c->end - c->payload - 8;

	if (skip > len)
		return athar_walk_stop(s->w, "its sound makes no sense");
	s->met = true;
	s->len = len - skip;
	s->sound_end = c->end;
	return ATHAR_OK;
}

static athar_status note(sound *s, const char *key, const chunk *c, athar_error *err)
{
	const size_t len = (size_t)athar_min(c->end - c->payload, NOTE_MOST);
	athar_bytes b;

	if (len == 0)
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, s->w->in, c->payload, len, err));
	athar_walk_field_bytes(s->w, key, b.ptr, len);
	return ATHAR_OK;
}

static athar_status take(sound *s, const chunk *c, athar_error *err)
{
	if (is(c, "COMM"))
		return read_description(s, c, err);
	if (is(c, "SSND"))
		return read_sound(s, c, err);
	if (is(c, "NAME"))
		return note(s, "title", c, err);
	if (is(c, "AUTH"))
		return note(s, "author", c, err);
	return is(c, "ANNO") ? note(s, "comment", c, err) : ATHAR_OK;
}

static athar_status read_chunk(chunk *c, sound *s, uint64_t at, athar_error *err)
{
	athar_bytes b;

	if (!athar_inside(at, 8, s->end))
		return athar_walk_stop(s->w, "what follows the last good chunk is too short");
	ATHAR_TRY(athar_reader_get(&b, s->w->in, at, 8, err));
	memcpy(c->id, b.ptr, 4);
	c->payload = at + 8;
	c->end = c->payload + athar_be32(b.ptr + 4);
	for (size_t i = 0; i < 4; i++) {
		if (c->id[i] < 0x20 || c->id[i] > 0x7E)
			return athar_walk_stop(s->w, "what follows the last good chunk is none");
	}
	return c->end <= s->end ? ATHAR_OK
	                        : athar_walk_stop(s->w, "a chunk is longer than the file");
}

static athar_status chunks(sound *s, athar_error *err)
{
	uint64_t at = 12;
	chunk c;

	for (uint32_t n = 0; at < s->end; n++) {
		if (n == CHUNKS_MOST)
			return athar_walk_stop(s->w, "it has more than %u chunks", n);
		ATHAR_TRY(read_chunk(&c, s, at, err));
		if (s->described)
			athar_walk_prove(s->w, at);
		ATHAR_TRY(take(s, &c, err));
		at = athar_min(c.end + (c.end - c.payload) % 2, s->end);
		if (s->described)
			athar_walk_reach(s->w, at);
	}
	return s->end > athar_reader_size(s->w->in) ? ATHAR_EOF : ATHAR_OK;
}

static athar_status walk(sound *s, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, s->w->in, 0, 12, err));
	s->packed = b.ptr[11] == 'C';
	s->end = 8 + (uint64_t)athar_be32(b.ptr + 4);
	if (memcmp(b.ptr, "FORM", 4) != 0)
		return athar_walk_stop(s->w, "it does not begin as a form");
	ATHAR_TRY(chunks(s, err));
	if (!s->described || !s->met)
		return athar_walk_stop(s->w, "its chunks end without sound");
	if (s->width != 0 && s->len != s->samples * s->width)
		athar_walk_flaw(s->w, "its sound is not as long as its description says");
	athar_walk_close(s->w, ATHAR_GRADE_COMPLETE, s->end,
	                 "its chunks end where its size says; sound has no checksum");
	s->w->claim->alike = true;
	if (s->sound_end + s->len % 2 >= s->end)
		s->w->claim->unseen = s->len;
	return ATHAR_OK;
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;
	sound s = {.w = &w};

	athar_walk_init(&w, out, in);
	return athar_walk_settle(&w, walk(&s, err), err);
}

static const athar_magic magic[] = {
	{8, 4, {'A', 'I', 'F', 'F'}}, {8, 4, {'A', 'I', 'F', 'C'}}, {0, 0, {0}}};

const athar_format athar_format_aiff = {
	.name = "aiff",
	.extension = "aiff",
	.mime = "audio/x-aiff",
	.summary = "sound in AIFF and AIFF-C",
	.end = "chunks that end just where the size of the whole says",
	.best = ATHAR_GRADE_COMPLETE,
	.magic = magic,
	.measure = measure,
};
