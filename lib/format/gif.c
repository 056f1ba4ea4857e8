/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GIF87a and GIF89a (CompuServe 1990): header 6, screen descriptor 7, colour table, blocks, trailer
 * 0x3B. There is no checksum; what is proven is that every image decodes to just the pixels it
 * claims to have.
 */
#include <string.h>

#include "base/endian.h"
#include "format/list.h"
#include "format/walk.h"

#define CODES 4096u /* a code has at most 12 bits */
#define NONE UINT32_MAX

/* An LZW decoder that keeps the length of every string, but not the string. */
typedef struct lzw {
	uint16_t length[CODES];
	uint32_t clear, next, previous;
	uint32_t bits, held, width; /* bits read and not used, how many, how many a code takes */
	uint64_t pixels;
	bool ended, broken;
} lzw;

static void lzw_clear(lzw *d)
{
	d->next = d->clear + 2;
	d->previous = NONE;
	d->width = 1;
	while (1u << d->width < d->next)
		d->width++;
}

static void lzw_init(lzw *d, uint8_t root_bits)
{
	*d = (lzw){.clear = 1u << root_bits};
	for (uint32_t i = 0; i < d->clear; i++)
		d->length[i] = 1;
	lzw_clear(d);
}

/* A code that stands for pixels. */
static void lzw_string(lzw *d, uint32_t code)
{
	const bool known = code < d->next && (d->previous != NONE || code < d->clear);

	if (!known && (code != d->next || d->previous == NONE || d->next == CODES)) {
		d->broken = true;
		return;
	}
	if (d->previous != NONE && d->next < CODES) {
		d->length[d->next++] = (uint16_t)(d->length[d->previous] + 1);
		if (d->next == 1u << d->width && d->width < 12)
			d->width++;
	}
	d->pixels += d->length[code];
	d->previous = code;
}

static void lzw_feed(lzw *d, uint8_t byte)
{
	d->bits |= (uint32_t)byte << d->held;
	d->held += 8;
	while (d->held >= d->width && !d->ended && !d->broken) {
		const uint32_t code = d->bits & ((1u << d->width) - 1);

		d->bits >>= d->width;
		d->held -= d->width;
		if (code == d->clear)
			lzw_clear(d);
		else if (code == d->clear + 1)
			d->ended = true;
		else
			lzw_string(d, code);
	}
}

/* Bytes of the colour table that a packed field announces. */
static uint64_t colour_table(uint8_t packed)
{
	return packed & 0x80 ? UINT64_C(3) << ((packed & 7) + 1) : 0;
}

/* Sub-blocks up to the empty one; decoder may be NULL. */
static athar_status sub_blocks(athar_stream *s, lzw *decoder, athar_error *err)
{
	uint8_t len, byte;

	for (;;) {
		ATHAR_TRY(athar_stream_byte(&len, s, err));
		if (len == 0)
			return ATHAR_OK;
		if (decoder == NULL || decoder->ended || decoder->broken) {
			athar_stream_skip(s, len);
			continue;
		}
		for (; len != 0; len--) {
			ATHAR_TRY(athar_stream_byte(&byte, s, err));
			if (!decoder->ended && !decoder->broken)
				lzw_feed(decoder, byte);
		}
	}
}

static athar_status image(athar_walk *w, athar_stream *s, athar_error *err)
{
	lzw decoder;
	uint8_t d[10], root_bits;

	for (size_t i = 0; i < 9; i++)
		ATHAR_TRY(athar_stream_byte(&d[i], s, err));
	const uint64_t pixels = (uint64_t)athar_le16(d + 4) * athar_le16(d + 6);

	athar_stream_skip(s, colour_table(d[8]));
	ATHAR_TRY(athar_stream_byte(&root_bits, s, err));
	if (pixels == 0 || root_bits < 1 || root_bits > 8)
		return athar_walk_stop(w, "an image descriptor makes no sense");
	lzw_init(&decoder, root_bits);
	ATHAR_TRY(sub_blocks(s, &decoder, err));
	if (decoder.broken)
		athar_walk_flaw(w, "an image breaks off in a code that cannot be");
	else if (decoder.pixels != pixels)
		athar_walk_flaw(w, "an image decodes to a wrong number of pixels");
	return ATHAR_OK;
}

/* Header and screen descriptor; a file has a block or the trailer behind them. */
static athar_status header(athar_stream *s, athar_walk *w, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, w->in, 0, 13, err));
	const uint64_t at = 13 + colour_table(b.ptr[10]);
	const unsigned width = athar_le16(b.ptr + 6), height = athar_le16(b.ptr + 8);

	ATHAR_TRY(athar_reader_get(&b, w->in, at, 1, err));
	if (b.ptr[0] != 0x21 && b.ptr[0] != 0x2C)
		return athar_walk_stop(w, "no block follows the header");
	athar_walk_begin(w, at);
	athar_walk_field(w, "width", "%u", width);
	athar_walk_field(w, "height", "%u", height);
	athar_stream_seek(s, w->in, at);
	return ATHAR_OK;
}

static athar_status walk(athar_walk *w, athar_error *err)
{
	athar_stream s;
	uint64_t images = 0;
	uint8_t label;

	ATHAR_TRY(header(&s, w, err));
	for (;;) {
		ATHAR_TRY(athar_stream_byte(&label, &s, err));
		if (label == 0x3B)
			break;
		if (label == 0x21) {
			athar_stream_skip(&s, 1);
			ATHAR_TRY(sub_blocks(&s, NULL, err));
		} else if (label == 0x2C) {
			ATHAR_TRY(image(w, &s, err));
			images++;
		} else {
			return athar_walk_stop(w, "a block begins with a label that is none");
		}
		athar_walk_prove(w, athar_stream_at(&s));
	}
	if (images == 0)
		return athar_walk_stop(w, "it ends without an image");
	if (images > 1)
		athar_walk_field(w, "count", "%llu", (unsigned long long)images);
	athar_walk_close(w, ATHAR_GRADE_COMPLETE, athar_stream_at(&s),
	                 "every image decodes to its last pixel, the trailer follows");
	return ATHAR_OK;
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;

	athar_walk_init(&w, out, in);
	return athar_walk_settle(&w, walk(&w, err), err);
}

static const athar_magic magic[] = {{0, 6, {'G', 'I', 'F', '8', '7', 'a'}},
                                    {0, 6, {'G', 'I', 'F', '8', '9', 'a'}},
                                    {0, 0, {0}}};

const athar_format athar_format_gif = {
	.name = "gif",
	.extension = "gif",
	.mime = "image/gif",
	.summary = "Graphics Interchange Format",
	.end = "the trailer behind blocks whose every image decodes to its last pixel",
	.best = ATHAR_GRADE_COMPLETE,
	.magic = magic,
	.measure = measure,
};
