/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * JPEG XL in boxes (ISO/IEC 18181-2): a codestream in one box, or in several that are numbered, and
 * boxes of notes. What the codestream holds is not followed, but for its size (ISO/IEC 18181-1);
 * one without boxes has but two bytes to know it by and no end that could be found, and is left
 * alone.
 */
#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "format/exif.h"
#include "format/list.h"
#include "format/walk.h"

#define BOX(a, b, c, d) \
	((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

#define WHOLE BOX('j', 'x', 'l', 'c')
#define PART BOX('j', 'x', 'l', 'p')
#define LAST_PART 0x80000000u
#define FIRST_BOX 32u /* behind the signature and the type */
#define BOXES_MOST 100000u

typedef struct jxl {
	athar_walk *w;
	uint32_t parts; /* that have come */
	bool begun, ended;
} jxl;

typedef struct box {
	uint32_t type;
	uint64_t payload, end; /* end 0: it reaches to that of the file */
} box;

/* ---- the size ---- */

/* Bits from the lowest of each byte on. */
typedef struct bit_reader {
	const uint8_t *bytes;
	size_t len, at;
} bit_reader;

static uint32_t bits(bit_reader *r, unsigned count)
{
	uint32_t value = 0;

	for (unsigned i = 0; i < count && r->at < 8 * r->len; i++, r->at++)
		value |= (uint32_t)(r->bytes[r->at / 8] >> (r->at % 8) & 1) << i;
	return value;
}

static uint32_t side(bit_reader *r, bool small)
{
	static const uint8_t widths[] = {9, 13, 18, 30};

	return small ? 8 * (bits(r, 5) + 1) : bits(r, widths[bits(r, 2)]) + 1;
}

/* SizeHeader: the height; the width, or its proportion to the height. */
static void note_size(jxl *x, const uint8_t *b, size_t len)
{
	static const uint8_t over[] = {1, 1, 12, 4, 3, 16, 5, 2},
			     under[] = {1, 1, 10, 3, 2, 9, 4, 1};
	bit_reader r = {b, len, 0};
	const bool small = bits(&r, 1) != 0;
	const uint32_t height = side(&r, small), ratio = bits(&r, 3);
	const uint64_t width =
		ratio == 0 ? side(&r, small) : (uint64_t)height * over[ratio] / under[ratio];

	athar_walk_field(x->w, "width", "%llu", (unsigned long long)width);
	athar_walk_field(x->w, "height", "%u", height);
}

/* The codestream, or the first part of it, begins at `at`. */
static athar_status begin_picture(jxl *x, uint64_t at, uint64_t end, athar_error *err)
{
	const size_t len = end == 0 ? 12 : (size_t)athar_min(end - at, 12);
	athar_bytes b;

	if (len < 3)
		return athar_walk_stop(x->w, "no codestream begins where one should");
	ATHAR_TRY(athar_reader_some(&b, x->w->in, at, len, err));
	if (b.len < 3 || memcmp(b.ptr, "\xFF\x0A", 2) != 0)
		return athar_walk_stop(x->w, "no codestream begins where one should");
	note_size(x, b.ptr + 2, b.len - 2);
	x->begun = true;
	return ATHAR_OK;
}

/* ---- boxes ---- */

static athar_status read_box(box *out, jxl *x, uint64_t at, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, x->w->in, at, 8, err));
	uint64_t size = athar_be32(b.ptr);
	const uint64_t least = size == 1 ? 16 : 8;

	*out = (box){.type = athar_be32(b.ptr + 4), .payload = at + least};
	if (size == 0)
		return ATHAR_OK;
	if (size == 1) {
		ATHAR_TRY(athar_reader_get(&b, x->w->in, at, 16, err));
		size = athar_be64(b.ptr + 8);
	}
	if (size < least || !athar_add(at, size, &out->end))
		return athar_walk_stop(x->w, "a box claims an impossible size");
	return ATHAR_OK;
}

static bool is_known(uint32_t type)
{
	static const uint32_t known[] = {
		WHOLE,
		PART,
		BOX('j', 'x', 'l', 'l'),
		BOX('j', 'x', 'l', 'i'),
		BOX('j', 'b', 'r', 'd'),
		BOX('j', 'u', 'm', 'b'),
		BOX('j', 'h', 'g', 'm'),
		BOX('E', 'x', 'i', 'f'),
		BOX('x', 'm', 'l', ' '),
		BOX('b', 'r', 'o', 'b'),
	};

	for (size_t i = 0; i < ATHAR_COUNT(known); i++)
		if (known[i] == type)
			return true;
	return false;
}

/* A part begins with its number, from 0 on, and a mark on the last. */
static athar_status part(jxl *x, const box *c, athar_error *err)
{
	athar_bytes b;

	if (c->end != 0 && c->end - c->payload < 4)
		return athar_walk_stop(x->w, "a part of the picture has no number");
	ATHAR_TRY(athar_reader_get(&b, x->w->in, c->payload, 4, err));
	const uint32_t number = athar_be32(b.ptr);

	if (x->ended || (number & ~LAST_PART) != x->parts)
		return athar_walk_stop(x->w, "a part of the picture comes that should not");
	x->ended = (number & LAST_PART) != 0;
	return x->parts++ == 0 ? begin_picture(x, c->payload + 4, c->end, err) : ATHAR_OK;
}

static athar_status picture(jxl *x, const box *c, athar_error *err)
{
	if (c->type == PART)
		return part(x, c, err);
	if (x->begun)
		return athar_walk_stop(x->w, "a second picture follows");
	x->ended = true;
	return begin_picture(x, c->payload, c->end, err);
}

/* Behind four bytes that say how far into it the TIFF lies. */
static athar_status notes(jxl *x, const box *c, athar_error *err)
{
	athar_bytes b;

	if (c->end - c->payload < 4 || c->end > athar_reader_size(x->w->in))
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, x->w->in, c->payload, 4, err));
	const uint64_t at = c->payload + 4 + athar_be32(b.ptr);

	return at < c->end ? athar_exif_fields(x->w, at, c->end - at, err) : ATHAR_OK;
}

static athar_status one(jxl *x, const box *c, athar_error *err)
{
	if (c->type == WHOLE || c->type == PART)
		ATHAR_TRY(picture(x, c, err));
	else if (c->type == BOX('E', 'x', 'i', 'f') && c->end != 0)
		ATHAR_TRY(notes(x, c, err));
	if (c->end == 0)
		return athar_walk_stop(x->w, "its last box is open, and so is its end");
	athar_walk_reach(x->w, c->end);
	if (c->end > athar_reader_size(x->w->in))
		return ATHAR_EOF;
	return ATHAR_OK;
}

/* Does what stands at `at` go on with the file? Behind the whole picture anything may follow. */
static athar_status follows(bool *out, box *c, jxl *x, uint64_t at, athar_error *err)
{
	const athar_status status = read_box(c, x, at, err);

	*out = false;
	if (x->ended && (status == ATHAR_EOF || status == ATHAR_EFORMAT)) {
		*err = (athar_error)ATHAR_ERROR_INIT;
		return ATHAR_OK;
	}
	ATHAR_TRY(status);
	*out = is_known(c->type) && (c->end != 0 || !x->ended);
	return ATHAR_OK;
}

static athar_status walk(athar_walk *w, athar_error *err)
{
	jxl x = {.w = w};
	uint64_t at = FIRST_BOX;
	bool more;
	athar_bytes b;
	box c;

	ATHAR_TRY(athar_reader_get(&b, w->in, 0, FIRST_BOX, err));
	if (memcmp(b.ptr + 12,
	           "\0\0\0\x14"
	           "ftypjxl ",
	           12) != 0)
		return athar_walk_stop(w, "no type follows its signature");
	athar_walk_begin(w, FIRST_BOX);
	for (unsigned n = 0; n < BOXES_MOST; n++) {
		ATHAR_TRY(follows(&more, &c, &x, at, err));
		if (!more)
			break;
		ATHAR_TRY(one(&x, &c, err));
		at = c.end;
		athar_walk_prove(w, at);
	}
	if (!x.ended)
		return athar_walk_stop(w, "its boxes end before the picture");
	athar_walk_close(w, ATHAR_GRADE_COMPLETE, at,
	                 "its boxes close; what the picture holds has no check");
	w->claim->alike = true;
	return ATHAR_OK;
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;

	athar_walk_init(&w, out, in);
	return athar_walk_settle(&w, walk(&w, err), err);
}

static const athar_magic magic[] = {
	{0, 12, {0, 0, 0, 12, 'J', 'X', 'L', ' ', '\r', '\n', 0x87, '\n'}}, {0, 0, {0}}};

const athar_format athar_format_jxl = {
	.name = "jxl",
	.extension = "jxl",
	.mime = "image/jxl",
	.summary = "JPEG XL pictures in boxes",
	.end = "boxes that close, the last part of the picture among them",
	.best = ATHAR_GRADE_COMPLETE,
	.magic = magic,
	.measure = measure,
};
