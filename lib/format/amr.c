/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AMR and AMR-WB, speech as telephones record it (RFC 4867, section 5): a line of text, then frames
 * of 20 ms. The first byte of each says its mode, and with it how long the frame is. Nothing says
 * which is the last, and what follows it may look like one more.
 */
#include <string.h>

#include "format/list.h"
#include "format/walk.h"

#define FRAMES_SURE 8u /* of new modes in a row: then they are believed */

/* Bits of the speech by mode; NONE: there is no such mode. */
#define NONE UINT16_MAX
static const uint16_t narrow[16] = {95, 103, 118, 134, 148,  159,  204,  244,
                                    39, 43,  38,  37,  NONE, NONE, NONE, 0};
static const uint16_t wide[16] = {132, 177, 253,  285,  317,  365,  397, 461,
                                  477, 40,  NONE, NONE, NONE, NONE, 0,   0};

typedef struct speech {
	athar_walk *w;
	const uint16_t *bits;
	uint64_t at, end;         /* end: of the last frame that is believed */
	uint64_t frames, pending; /* believed; behind them, not yet */
	uint32_t known, fresh;    /* modes that were met, as bits */
	uint32_t last;            /* bytes of the last frame */
} speech;

/* The frame at `at`. *len 0: none is there. The bits that fill its last byte are zeros. */
static athar_status read_frame(uint32_t *len, unsigned *mode, speech *s, athar_error *err)
{
	const uint64_t size = athar_reader_size(s->w->in);
	athar_bytes b;

	*len = 0;
	if (s->at == size)
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, s->w->in, s->at, 1, err));
	*mode = b.ptr[0] >> 3 & 15;
	/* A frame that is said to be damaged would begin as zeros do. */
	if ((b.ptr[0] & 0x87) != 4 || s->bits[*mode] == NONE)
		return ATHAR_OK;
	const uint32_t bits = s->bits[*mode], bytes = 1 + (bits + 7) / 8;

	ATHAR_TRY(athar_reader_get(&b, s->w->in, s->at, bytes, err));
	if (bits % 8 == 0 || (b.ptr[bytes - 1] & ((1u << (8 - bits % 8)) - 1)) == 0)
		*len = bytes;
	return ATHAR_OK;
}

/* A frame of a mode that was met before, or the last of many, is believed with those before it. */
static void take(speech *s, unsigned mode, uint32_t len)
{
	s->at += len;
	s->pending++;
	s->fresh |= 1u << mode;
	if ((s->known >> mode & 1) == 0 && s->pending < FRAMES_SURE)
		return;
	s->known |= s->fresh;
	s->fresh = 0;
	s->frames += s->pending;
	s->pending = 0;
	s->last = len;
	s->end = s->at;
	if (!s->w->claim->ours)
		athar_walk_begin(s->w, s->end);
	athar_walk_prove(s->w, s->end);
}

static athar_status header(speech *s, athar_error *err)
{
	static const char first[] = "#!AMR\n", second[] = "#!AMR-WB\n";
	athar_bytes b;

	ATHAR_TRY(athar_reader_some(&b, s->w->in, 0, 9, err));
	const bool is_wide = b.len == 9 && memcmp(b.ptr, second, 9) == 0;

	if (!is_wide && (b.len < 6 || memcmp(b.ptr, first, 6) != 0))
		return athar_walk_stop(s->w, "its first line is another one");
	s->bits = is_wide ? wide : narrow;
	s->at = is_wide ? 9 : 6;
	(void)snprintf(s->w->claim->subtype, sizeof s->w->claim->subtype,
	               is_wide ? "amr-wb" : "amr-nb");
	if (is_wide)
		(void)snprintf(s->w->claim->extension, sizeof s->w->claim->extension, "awb");
	return ATHAR_OK;
}

static athar_status walk(athar_walk *w, athar_error *err)
{
	speech s = {.w = w};
	uint32_t len = 1;
	unsigned mode;

	ATHAR_TRY(header(&s, err));
	while (len != 0) {
		ATHAR_TRY(read_frame(&len, &mode, &s, err));
		if (len != 0)
			take(&s, mode, len);
	}
	if (!w->claim->ours)
		return athar_walk_stop(w, "too few frames follow one another");
	w->claim->open = true;
	w->claim->alike = true;
	w->claim->unseen = s.last - 1;
	athar_walk_field(w, "duration_ms", "%llu", (unsigned long long)(20 * s.frames));
	return athar_walk_stop(w, "its frames follow one another, nothing says which is last");
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;

	athar_walk_init(&w, out, in);
	return athar_walk_settle(&w, walk(&w, err), err);
}

static const athar_magic magic[] = {{0, 5, {'#', '!', 'A', 'M', 'R'}}, {0, 0, {0}}};

const athar_format athar_format_amr = {
	.name = "amr",
	.extension = "amr",
	.mime = "audio/amr",
	.summary = "speech in AMR and AMR-WB",
	.end = "nothing: frames that follow one another",
	.best = ATHAR_GRADE_PARTIAL,
	.magic = magic,
	.measure = measure,
};
