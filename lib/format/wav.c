/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * WAVE: sound in RIFF chunks; with 64-bit sizes RF64 (EBU Tech 3306) and BW64 (ITU-R BS.2088). No
 * chunk carries a checksum: what proves such a file is that its chunks end just where it says.
 */
#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "format/list.h"
#include "format/riff.h"

#define FMT ATHAR_RIFF('f', 'm', 't', ' ')
#define DATA ATHAR_RIFF('d', 'a', 't', 'a')
#define DS64 ATHAR_RIFF('d', 's', '6', '4')
#define ELSEWHERE UINT32_MAX /* a size of 32 bits that says: see ds64 */
#define CHANNELS_MOST 256u
#define RATE_MOST 3072000u /* samples a second */

typedef struct sound {
	athar_walk *w;
	uint64_t at, end;
	uint64_t data_size; /* as ds64 says it; 0: there is none */
	uint32_t align;     /* bytes of one sample of all channels; 0: fmt was not met */
	bool linear, data;  /* samples of one size; the data chunk was met */
} sound;

/* WAVEFORMAT. For samples of one size the fields say the same thing twice. */
static bool makes_sense(const uint8_t *f, bool linear)
{
	const uint32_t channels = athar_le16(f + 2), rate = athar_le32(f + 4);
	const uint32_t bytes = athar_le32(f + 8), align = athar_le16(f + 12);
	const uint32_t bits = athar_le16(f + 14);

	if (channels == 0 || channels > CHANNELS_MOST || rate == 0 || rate > RATE_MOST ||
	    align == 0)
		return false;
	return !linear || (bits != 0 && bits <= 64 && align == channels * ((bits + 7) / 8) &&
	                   bytes == (uint64_t)rate * align);
}

static athar_status read_format(sound *s, const athar_chunk *c, athar_error *err)
{
	athar_bytes f;

	ATHAR_TRY(athar_riff_get(&f, s->w, c, 16, err));
	const uint16_t coding = athar_le16(f.ptr);

	s->linear = coding == 1 || coding == 3;
	if (s->align != 0 || !makes_sense(f.ptr, s->linear))
		return athar_walk_stop(s->w, "its format makes no sense");
	s->align = athar_le16(f.ptr + 12);
	athar_walk_begin(s->w, c->payload + 16);
	return ATHAR_OK;
}

static athar_status read_data(sound *s, athar_chunk *c)
{
	const uint64_t size = c->end - c->payload;

	if (s->align == 0)
		return athar_walk_stop(s->w, "the sound begins before its format is told");
	athar_walk_prove(s->w, c->payload);
	if (size == 0 || s->data)
		return athar_walk_stop(s->w, s->data ? "a second sound follows"
		                                     : "it was closed without any sound");
	s->data = true;
	if (s->linear && size % s->align != 0)
		athar_walk_flaw(s->w, "the sound ends inside a sample");
	return ATHAR_OK;
}

/* Sizes that ds64 tells stand in for those of the data chunk. */
static athar_status next_chunk(athar_chunk *c, sound *s, athar_error *err)
{
	const uint64_t end = s->data_size == 0 ? s->end : UINT64_MAX;

	ATHAR_TRY(athar_riff_chunk(c, s->w, s->at, end, err));
	const bool elsewhere =
		s->data_size != 0 && c->id == DATA && c->end - c->payload == ELSEWHERE;

	return athar_riff_resize(c, s->w, elsewhere ? s->data_size : c->end - c->payload, s->end);
}

static athar_status chunks(sound *s, athar_error *err)
{
	athar_chunk c;

	for (uint32_t n = 0; s->at < s->end; n++) {
		if (n == ATHAR_RIFF_CHUNKS)
			return athar_walk_stop(s->w, "it has more than %u chunks", n);
		ATHAR_TRY(next_chunk(&c, s, err));
		/* That a chunk follows proves where the one before ends. */
		if (s->data)
			athar_walk_prove(s->w, s->at);
		if (c.id == FMT)
			ATHAR_TRY(read_format(s, &c, err));
		else if (c.id == DATA)
			ATHAR_TRY(read_data(s, &c));
		s->at = c.next;
		if (s->data)
			athar_walk_reach(s->w, s->at);
	}
	return ATHAR_OK;
}

/* The sizes of 64 bits, if the form has them. */
static athar_status read_sizes(sound *s, bool wide, athar_error *err)
{
	athar_bytes f;
	athar_chunk c;
	uint64_t size = s->end - 8;

	s->at = 12;
	if (wide) {
		ATHAR_TRY(athar_riff_chunk(&c, s->w, s->at, UINT64_MAX, err));
		if (c.id != DS64)
			return athar_walk_stop(s->w, "it lacks its sizes");
		ATHAR_TRY(athar_riff_get(&f, s->w, &c, 28, err));
		size = s->end - 8 == ELSEWHERE ? athar_le64(f.ptr) : size;
		s->data_size = athar_le64(f.ptr + 8);
		s->at = c.next;
	}
	if (size > INT64_MAX || size < s->at)
		return athar_walk_stop(s->w, "it has an impossible size");
	s->end = size + 8;
	return ATHAR_OK;
}

static athar_status walk(athar_walk *w, athar_error *err)
{
	sound s = {.w = w};
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, w->in, 0, 12, err));
	const bool wide = memcmp(b.ptr, "RF64", 4) == 0 || memcmp(b.ptr, "BW64", 4) == 0;

	if (memcmp(b.ptr + 8, "WAVE", 4) != 0 || (!wide && memcmp(b.ptr, "RIFF", 4) != 0))
		return athar_walk_stop(w, "it does not begin as RIFF");
	s.end = athar_le32(b.ptr + 4) + UINT64_C(8);
	ATHAR_TRY(read_sizes(&s, wide, err));
	ATHAR_TRY(chunks(&s, err));
	if (!s.data)
		return athar_walk_stop(w, "the chunks end without sound");
	if (s.end > athar_reader_size(w->in))
		return ATHAR_EOF;
	athar_walk_close(w, ATHAR_GRADE_COMPLETE, s.end,
	                 "its chunks end where its size says; sound has no checksum");
	return ATHAR_OK;
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;

	athar_walk_init(&w, out, in);
	return athar_walk_settle(&w, walk(&w, err), err);
}

static const athar_magic magic[] = {{8, 4, {'W', 'A', 'V', 'E'}}, {0, 0, {0}}};

const athar_format athar_format_wav = {
	.name = "wav",
	.extension = "wav",
	.mime = "audio/x-wav",
	.summary = "sound in RIFF: WAVE, Broadcast Wave, RF64",
	.end = "chunks that end just where the size of the whole says",
	.best = ATHAR_GRADE_COMPLETE,
	.magic = magic,
	.measure = measure,
};
