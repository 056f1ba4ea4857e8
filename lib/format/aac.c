/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AAC in ADTS (ISO/IEC 13818-7, 14496-3): frames that each begin with a header of 7 bytes and tell
 * their length. Any frame could be taken for a beginning, and nothing says which is the last.
 */
#include "base/endian.h"
#include "format/list.h"
#include "format/walk.h"

#define HEAD 7u
#define FRAMES_LEAST 8u /* of one kind in a row: chance does not chain so many */
#define SAMPLES 1024u   /* of a block */

typedef struct frame {
	uint32_t fixed; /* the bits that all frames have in common */
	uint32_t len, blocks, rate;
} frame;

static bool read_header(frame *out, const uint8_t *b)
{
	static const uint32_t rates[16] = {96000, 88200, 64000, 48000, 44100, 32000, 24000,
	                                   22050, 16000, 12000, 11025, 8000,  7350};
	const uint32_t head = athar_be32(b), crc = (b[1] & 1) != 0 ? 0 : 2;

	if (b[0] != 0xFF || (b[1] & 0xF6) != 0xF0)
		return false;
	/* Not the private bit, nor those of a copyright, nor the length. */
	out->fixed = head & UINT32_C(0xFFFFFDC0);
	out->rate = rates[b[2] >> 2 & 15];
	out->len = (b[3] & 3u) << 11 | (uint32_t)b[4] << 3 | b[5] >> 5;
	out->blocks = (b[6] & 3u) + 1;
	return out->rate != 0 && out->len > HEAD + crc;
}

typedef struct sound {
	athar_walk *w;
	frame first;
	uint64_t at, frames, blocks;
	uint32_t last; /* bytes of the last frame */
} sound;

/* *more: a frame of this sound is at s->at, and all of it is there. */
static athar_status take(bool *more, sound *s, athar_error *err)
{
	const uint64_t size = athar_reader_size(s->w->in);
	athar_bytes b;
	frame f;

	*more = false;
	if (s->at == size)
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_some(&b, s->w->in, s->at, HEAD, err));
	if (b.len < HEAD || !read_header(&f, b.ptr))
		return ATHAR_OK;
	if (s->frames == 0)
		s->first = f;
	if (f.fixed != s->first.fixed)
		return ATHAR_OK;
	if (f.len > size - s->at) {
		if (s->w->claim->ours)
			athar_walk_reach(s->w, size);
		return ATHAR_EOF;
	}
	*more = true;
	s->at += f.len;
	s->last = f.len;
	s->frames++;
	s->blocks += f.blocks;
	return ATHAR_OK;
}

static athar_status frames(sound *s, athar_error *err)
{
	bool more = true;

	for (;;) {
		ATHAR_TRY(take(&more, s, err));
		if (!more)
			return ATHAR_OK;
		if (s->frames == FRAMES_LEAST)
			athar_walk_begin(s->w, HEAD);
		if (s->frames >= FRAMES_LEAST)
			athar_walk_prove(s->w, s->at);
	}
}

static athar_status walk(athar_walk *w, athar_error *err)
{
	sound s = {.w = w};

	ATHAR_TRY(frames(&s, err));
	if (!w->claim->ours)
		return athar_walk_stop(w, "too few frames follow one another");
	w->claim->open = true;
	w->claim->unseen = s.last - HEAD;
	athar_walk_field(w, "duration_ms", "%llu",
	                 (unsigned long long)(s.blocks * SAMPLES * UINT64_C(1000) / s.first.rate));
	return athar_walk_stop(w, "its frames follow one another, nothing says which is last");
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;

	athar_walk_init(&w, out, in);
	return athar_walk_settle(&w, walk(&w, err), err);
}

static const athar_magic magic[] = {{0, 2, {0xFF, 0xF1}},
                                    {0, 2, {0xFF, 0xF9}},
                                    {0, 2, {0xFF, 0xF0}},
                                    {0, 2, {0xFF, 0xF8}},
                                    {0, 0, {0}}};

const athar_format athar_format_aac = {
	.name = "aac",
	.extension = "aac",
	.mime = "audio/aac",
	.summary = "AAC sound in ADTS frames",
	.end = "nothing: frames that follow one another, of one kind",
	.best = ATHAR_GRADE_PARTIAL,
	.magic = magic,
	.chained = true,
	.measure = measure,
};
