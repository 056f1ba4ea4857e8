/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * WebP (Google, "WebP Container Specification"): a picture, or several that move, in RIFF chunks.
 * The headers of the pictures (VP8: RFC 6386, section 9; VP8L: "Specification for WebP Lossless
 * Bitstream") must agree with the chunks and the canvas. Nothing has a checksum, and what is packed
 * is not unpacked.
 */
#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "format/exif.h"
#include "format/list.h"
#include "format/riff.h"

#define VP8 ATHAR_RIFF('V', 'P', '8', ' ')
#define VP8L ATHAR_RIFF('V', 'P', '8', 'L')
#define VP8X ATHAR_RIFF('V', 'P', '8', 'X')
#define ANMF ATHAR_RIFF('A', 'N', 'M', 'F')
#define EXIF ATHAR_RIFF('E', 'X', 'I', 'F')
#define HEADER_MOST 512u /* bytes of a VP8 frame that its header is looked for in */
#define FRAME 16u        /* bytes of an ANMF before its chunks */
#define MOVES 2u         /* the flag of an animation */

typedef struct webp {
	athar_walk *w;
	uint64_t end;
	uint32_t width, height; /* of the canvas; 0: none is told */
	bool moves, drawn;      /* frames may come; a picture was met */
	uint64_t pictures, frames;
	uint64_t seen; /* the pictures were looked at up to here */
} webp;

/* ---- the header of a VP8 frame ---- */

/* The arithmetic decoder of RFC 6386, section 7, for bits that are 0 as often as 1. */
typedef struct coder {
	const uint8_t *next, *end;
	uint32_t value, range;
	int bits; /* of value, that were used */
	bool dry; /* it was asked for more than there is */
} coder;

static uint32_t next_byte(coder *c)
{
	c->dry = c->dry || c->next == c->end;
	return c->dry ? 0 : *c->next++;
}

static void coder_init(coder *c, const uint8_t *bytes, size_t len)
{
	*c = (coder){.next = bytes, .end = bytes + len, .range = 255};
	c->value = next_byte(c) << 8;
	c->value |= next_byte(c);
}

static unsigned flag(coder *c)
{
	const uint32_t split = 1 + ((c->range - 1) >> 1);
	const bool one = c->value >= split << 8;

	c->value -= one ? split << 8 : 0;
	c->range = one ? c->range - split : split;
	while (c->range < 128) {
		c->value <<= 1;
		c->range <<= 1;
		if (++c->bits == 8) {
			c->bits = 0;
			c->value |= next_byte(c);
		}
	}
	return one;
}

static unsigned bits(coder *c, unsigned count)
{
	unsigned value = 0;

	while (count-- != 0)
		value = value << 1 | flag(c);
	return value;
}

/* Numbers of `width` bits and a sign, each of which may be left out. */
static void pass_optional(coder *c, unsigned count, unsigned width)
{
	while (count-- != 0)
		if (flag(c))
			(void)bits(c, width);
}

/* Section 9.2 to 9.5: how many partitions hold the coefficients. */
static unsigned partitions(coder *c)
{
	(void)bits(c, 2); /* colour space, clamping */
	if (flag(c)) {    /* segments */
		const bool map = flag(c), data = flag(c);

		if (data) {
			(void)flag(c);
			pass_optional(c, 4, 8);
			pass_optional(c, 4, 7);
		}
		if (map)
			pass_optional(c, 3, 8);
	}
	(void)bits(c, 10);      /* filter, its level, sharpness */
	if (flag(c) && flag(c)) /* changes of the level */
		pass_optional(c, 8, 7);
	return 1u << bits(c, 2);
}

/* The sizes of all partitions but the last, three bytes each, lie behind the first partition. */
static athar_status check_partitions(webp *x, const athar_chunk *c, uint32_t first, unsigned count,
                                     athar_error *err)
{
	const uint64_t sizes = c->payload + 10 + first, data = sizes + 3 * (uint64_t)(count - 1);
	uint64_t sum = 0;
	athar_bytes b;

	if (data > c->end)
		return athar_walk_stop(x->w, "the parts of a picture are longer than their chunk");
	if (count > 1) {
		ATHAR_TRY(athar_reader_get(&b, x->w->in, sizes, 3 * (count - 1), err));
		for (unsigned i = 0; i + 1 < count; i++)
			sum += b.ptr[3 * i] | (uint32_t)athar_le16(b.ptr + 3 * i + 1) << 8;
	}
	if (sum > c->end - data)
		return athar_walk_stop(x->w, "the parts of a picture are longer than their chunk");
	return ATHAR_OK;
}

/* RFC 6386, 9.1: the tag of 3 bytes, a start code, the size. */
static bool is_frame(const uint8_t *b, uint64_t size)
{
	const uint32_t tag = b[0] | (uint32_t)athar_le16(b + 1) << 8;

	return (tag & 1) == 0 && (tag >> 1 & 7) <= 3 && (tag >> 4 & 1) == 1 &&
	       memcmp(b + 3, "\x9D\x01\x2A", 3) == 0 && (tag >> 5) != 0 && (tag >> 5) <= size - 10;
}

static athar_status check_lossy(webp *x, const athar_chunk *c, uint32_t *width, uint32_t *height,
                                athar_error *err)
{
	const size_t len = (size_t)athar_min(c->end - c->payload, HEADER_MOST);
	athar_bytes b;
	coder d;

	ATHAR_TRY(athar_riff_get(&b, x->w, c, 10, err));
	if (!is_frame(b.ptr, c->end - c->payload))
		return athar_walk_stop(x->w, "a picture has no header");
	*width = athar_le16(b.ptr + 6) & 0x3FFF;
	*height = athar_le16(b.ptr + 8) & 0x3FFF;
	ATHAR_TRY(athar_reader_some(&b, x->w->in, c->payload, len, err));
	const uint32_t first = (b.ptr[0] | (uint32_t)athar_le16(b.ptr + 1) << 8) >> 5;

	coder_init(&d, b.ptr + 10, (size_t)athar_min(b.len - 10, first));
	const unsigned count = partitions(&d);

	if (d.dry)
		return athar_reader_size(x->w->in) < c->payload + len
		               ? ATHAR_EOF
		               : athar_walk_stop(x->w, "the header of a picture has no end");
	return check_partitions(x, c, first, count, err);
}

/* ---- chunks ---- */

static athar_status check_lossless(webp *x, const athar_chunk *c, uint32_t *width, uint32_t *height,
                                   athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_riff_get(&b, x->w, c, 5, err));
	const uint32_t packed = athar_le32(b.ptr + 1);

	if (b.ptr[0] != 0x2F || packed >> 29 != 0)
		return athar_walk_stop(x->w, "a picture has no header");
	*width = (packed & 0x3FFF) + 1;
	*height = (packed >> 14 & 0x3FFF) + 1;
	return ATHAR_OK;
}

/* A picture, which must be as large as what it is for: the canvas, or a frame. */
static athar_status picture(webp *x, const athar_chunk *c, uint32_t wide, uint32_t high,
                            athar_error *err)
{
	uint32_t width = 0, height = 0;

	if (x->drawn)
		return athar_walk_stop(x->w, "a second picture follows");
	ATHAR_TRY(c->id == VP8 ? check_lossy(x, c, &width, &height, err)
	                       : check_lossless(x, c, &width, &height, err));
	if (width == 0 || height == 0 || (wide != 0 && (width != wide || height != high)))
		return athar_walk_stop(x->w, "a picture is not as large as it should be");
	x->drawn = true;
	x->pictures++;
	x->seen = c->payload + (c->id == VP8 ? 10 : 5);
	if (wide == 0) {
		x->width = width;
		x->height = height;
	}
	return ATHAR_OK;
}

static uint32_t le24(const uint8_t *b)
{
	return b[0] | (uint32_t)athar_le16(b + 1) << 8;
}

/* A frame of an animation: where it lies, how large it is, then chunks of a picture. */
static athar_status frame(webp *x, const athar_chunk *c, athar_error *err)
{
	athar_chunk part;
	athar_bytes b;

	ATHAR_TRY(athar_riff_get(&b, x->w, c, FRAME, err));
	const uint32_t wide = le24(b.ptr + 6) + 1, high = le24(b.ptr + 9) + 1;

	if (!x->moves || 2 * (uint64_t)le24(b.ptr) + wide > x->width ||
	    2 * (uint64_t)le24(b.ptr + 3) + high > x->height || (b.ptr[15] & 0xFC) != 0)
		return athar_walk_stop(x->w, "a frame leaves the canvas");
	x->drawn = false;
	for (uint64_t at = c->payload + FRAME; at < c->end; at = part.next) {
		ATHAR_TRY(athar_riff_chunk(&part, x->w, at, c->end, err));
		if (part.id == VP8 || part.id == VP8L)
			ATHAR_TRY(picture(x, &part, wide, high, err));
	}
	if (!x->drawn)
		return athar_walk_stop(x->w, "a frame has no picture");
	x->frames++;
	return ATHAR_OK;
}

/* Exif, before which some programs leave the signature that it has in a JPEG. */
static athar_status notes(webp *x, const athar_chunk *c, athar_error *err)
{
	const uint64_t size = c->end - c->payload;
	athar_bytes b;

	if (size < 14)
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, x->w->in, c->payload, 6, err));
	const uint64_t skip = memcmp(b.ptr, "Exif\0\0", 6) == 0 ? 6 : 0;

	return athar_exif_fields(x->w, c->payload + skip, size - skip, err);
}

static athar_status chunk(webp *x, const athar_chunk *c, athar_error *err)
{
	switch (c->id) {
	case VP8:
	case VP8L:
		if (x->moves)
			return athar_walk_stop(x->w, "a picture lies outside the frames");
		return picture(x, c, x->width, x->height, err);
	case ANMF:
		return frame(x, c, err);
	case VP8X:
		return athar_walk_stop(x->w, "a second header follows");
	case EXIF:
		return notes(x, c, err);
	default:
		return ATHAR_OK;
	}
}

static athar_status chunks(webp *x, uint64_t at, athar_error *err)
{
	athar_chunk c;

	for (uint32_t n = 0; at < x->end; n++) {
		if (n == ATHAR_RIFF_CHUNKS)
			return athar_walk_stop(x->w, "it has more than %u chunks", n);
		ATHAR_TRY(athar_riff_chunk(&c, x->w, at, x->end, err));
		/* That a chunk follows proves where the one before ends. */
		athar_walk_prove(x->w, at);
		ATHAR_TRY(chunk(x, &c, err));
		at = c.next;
		athar_walk_reach(x->w, at);
	}
	return ATHAR_OK;
}

/* The first chunk: a picture that is all, or the extended header. */
static athar_status header(uint64_t *next, webp *x, athar_error *err)
{
	athar_chunk c;
	athar_bytes b;

	ATHAR_TRY(athar_riff_chunk(&c, x->w, 12, x->end, err));
	*next = c.next;
	if (c.id != VP8X) {
		if (c.id != VP8 && c.id != VP8L)
			return athar_walk_stop(x->w, "it does not begin with a picture");
		ATHAR_TRY(picture(x, &c, 0, 0, err));
		athar_walk_begin(x->w, x->seen);
		return ATHAR_OK;
	}
	ATHAR_TRY(athar_riff_get(&b, x->w, &c, 10, err));
	x->width = le24(b.ptr + 4) + 1;
	x->height = le24(b.ptr + 7) + 1;
	x->moves = (b.ptr[0] & MOVES) != 0;
	if ((b.ptr[0] & 0xC1) != 0 || le24(b.ptr + 1) != 0 || c.end - c.payload != 10 ||
	    (uint64_t)x->width * x->height > UINT32_MAX)
		return athar_walk_stop(x->w, "the header makes no sense");
	athar_walk_begin(x->w, c.end);
	return ATHAR_OK;
}

static athar_status walk(athar_walk *w, athar_error *err)
{
	webp x = {.w = w};
	athar_bytes b;
	uint64_t next = 0;

	ATHAR_TRY(athar_reader_get(&b, w->in, 0, 12, err));
	x.end = athar_le32(b.ptr + 4) + UINT64_C(8);
	if (memcmp(b.ptr, "RIFF", 4) != 0 || memcmp(b.ptr + 8, "WEBP", 4) != 0)
		return athar_walk_stop(w, "it does not begin as RIFF");
	ATHAR_TRY(header(&next, &x, err));
	athar_walk_field(w, "width", "%u", x.width);
	athar_walk_field(w, "height", "%u", x.height);
	athar_walk_reach(w, next);
	ATHAR_TRY(chunks(&x, next, err));
	if (x.pictures == 0)
		return athar_walk_stop(w, "the chunks end without a picture");
	if (x.end > athar_reader_size(w->in))
		return ATHAR_EOF;
	if (x.moves)
		athar_walk_field(w, "count", "%llu", (unsigned long long)x.frames);
	athar_walk_close(w, ATHAR_GRADE_COMPLETE, x.end,
	                 "its chunks end where its size says; the pictures have no checksum");
	w->claim->alike = true;
	return ATHAR_OK;
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;

	athar_walk_init(&w, out, in);
	return athar_walk_settle(&w, walk(&w, err), err);
}

static const athar_magic magic[] = {{8, 7, {'W', 'E', 'B', 'P', 'V', 'P', '8'}}, {0, 0, {0}}};

const athar_format athar_format_webp = {
	.name = "webp",
	.extension = "webp",
	.mime = "image/webp",
	.summary = "WebP pictures, still and moving",
	.end = "chunks that end just where the size of the whole says",
	.best = ATHAR_GRADE_COMPLETE,
	.magic = magic,
	.measure = measure,
};
