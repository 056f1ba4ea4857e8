/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * JPEG 2000 (ITU-T T.800): a codestream of segments and the parts of tiles, up to its end marker
 * (annex A), alone or in boxes (annex I). There is no checksum, but in the data of a tile no byte
 * above 0x8F follows 0xFF, so that foreign bytes seldom pass.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "format/list.h"
#include "format/walk.h"

#define BOX(a, b, c, d) \
	((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

#define PICTURE_SIZE 0xFF51u
#define COD 0xFF52u
#define QCD 0xFF5Cu
#define SOT 0xFF90u
#define SOP 0xFF91u
#define EPH 0xFF92u
#define SOD 0xFF93u
#define EOC 0xFFD9u

#define TILES_MOST 65535u
#define COMPONENTS_MOST 16384u
#define SEGMENTS_MOST 100000u
#define BOXES_MOST 10000u

typedef struct jp2 {
	athar_walk *w;
	uint64_t at;         /* where the walk is in the codestream */
	bool boxed;          /* what began it is proven already */
	uint32_t tiles, met; /* that there must be; that have come */
	uint8_t *part;       /* of each tile, how many have come */
	uint32_t segments;
	bool coding, quantising; /* COD and QCD have come */
} jp2;

static void jp2_free(jp2 *x)
{
	free(x->part);
	free(x);
}
ATHAR_DEFINE_AUTO(jp2, jp2 *, jp2_free)

static uint64_t divide_up(uint64_t a, uint64_t b)
{
	return a / b + (a % b != 0);
}

/* ---- the codestream ---- */

/* The grid, where picture and tiles lie on it, the components. */
static athar_status read_size(jp2 *x, const uint8_t *b, size_t len)
{
	const uint32_t right = athar_be32(b + 2), down = athar_be32(b + 6);
	const uint32_t left = athar_be32(b + 10), top = athar_be32(b + 14);
	const uint32_t wide = athar_be32(b + 18), high = athar_be32(b + 22);
	const uint32_t tiles_left = athar_be32(b + 26), tiles_top = athar_be32(b + 30);
	const uint32_t components = athar_be16(b + 34);

	if (right <= left || down <= top || wide == 0 || high == 0 || tiles_left > left ||
	    tiles_top > top || (uint64_t)tiles_left + wide <= left ||
	    (uint64_t)tiles_top + high <= top || components == 0 || components > COMPONENTS_MOST ||
	    len != 36 + 3 * (size_t)components)
		return athar_walk_stop(x->w, "its size makes no sense");
	const uint64_t tiles =
		divide_up(right - tiles_left, wide) * divide_up(down - tiles_top, high);

	if (tiles > TILES_MOST)
		return athar_walk_stop(x->w, "its size makes no sense");
	x->tiles = (uint32_t)tiles;
	athar_walk_field(x->w, "width", "%u", right - left);
	athar_walk_field(x->w, "height", "%u", down - top);
	return ATHAR_OK;
}

/* The marker that begins it, and the segment of the size behind it. */
static athar_status begin(jp2 *x, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, x->w->in, x->at, 6, err));
	const size_t len = athar_be16(b.ptr + 4);

	if (memcmp(b.ptr, "\xFF\x4F\xFF\x51", 4) != 0 || len < 41)
		return athar_walk_stop(x->w, "no codestream begins where one should");
	ATHAR_TRY(athar_reader_get(&b, x->w->in, x->at + 6, len - 2, err));
	ATHAR_TRY(read_size(x, b.ptr, len - 2));
	x->at += 4 + len;
	return ATHAR_OK;
}

/* The segment or marker at x->at, which moves behind it; it stays before SOT and EOC. */
static athar_status segment(uint32_t *marker, jp2 *x, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, x->w->in, x->at, 2, err));
	*marker = athar_be16(b.ptr);
	if (*marker == SOT || *marker == EOC)
		return ATHAR_OK;
	x->at += 2;
	if (*marker == SOD)
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, x->w->in, x->at, 2, err));
	const size_t len = athar_be16(b.ptr);

	if (*marker < 0xFF50 || *marker > 0xFF7F || *marker == PICTURE_SIZE || len < 2 ||
	    ++x->segments > SEGMENTS_MOST)
		return athar_walk_stop(x->w, "a header holds what is no segment");
	x->coding = x->coding || *marker == COD;
	x->quantising = x->quantising || *marker == QCD;
	ATHAR_TRY(athar_reader_get(&b, x->w->in, x->at, len, err));
	x->at += len;
	return ATHAR_OK;
}

static athar_status main_header(jp2 *x, athar_error *err)
{
	athar_claim *claim = x->w->claim;
	uint32_t marker = 0;

	ATHAR_TRY(begin(x, err));
	do {
		ATHAR_TRY(segment(&marker, x, err));
		if (marker == SOD || marker == EOC)
			return athar_walk_stop(x->w, "no tile follows the header");
	} while (marker != SOT);
	if (!x->coding || !x->quantising)
		return athar_walk_stop(x->w, "the header does not say how it is coded");
	if (x->boxed) {
		athar_walk_prove(x->w, x->at);
		return ATHAR_OK;
	}
	athar_walk_begin(x->w, x->at);
	(void)snprintf(claim->subtype, sizeof claim->subtype, "j2k");
	(void)snprintf(claim->extension, sizeof claim->extension, "j2k");
	return ATHAR_OK;
}

/* Follows the data of a tile to `end`; 0: to the end marker, where x->at then is. */
static athar_status tile_data(jp2 *x, uint64_t end, athar_error *err)
{
	athar_stream s;
	uint8_t byte = 0, before = 0;

	athar_stream_seek(&s, x->w->in, x->at);
	while (end == 0 || athar_stream_at(&s) < end) {
		ATHAR_TRY(athar_stream_byte(&byte, &s, err));
		const uint32_t both = (uint32_t)before << 8 | byte;

		if (end == 0 && both == EOC) {
			x->at = athar_stream_at(&s) - 2;
			return ATHAR_OK;
		}
		if (both >= SOT && both != SOP && both != EPH)
			return athar_walk_stop(x->w, "at %llu are bytes that a tile cannot hold",
			                       (unsigned long long)athar_stream_at(&s) - 2);
		before = byte;
		/* Its number, which may be any. */
		if (both == SOP)
			athar_stream_skip(&s, 4);
	}
	x->at = end;
	return ATHAR_OK;
}

/* SOT at x->at: the number of the tile, how long the part is, which part, of how many. */
static athar_status tile_part(jp2 *x, athar_error *err)
{
	const uint64_t begin = x->at;
	uint32_t marker = 0;
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, x->w->in, x->at, 12, err));
	const uint32_t tile = athar_be16(b.ptr + 4), len = athar_be32(b.ptr + 6);
	const uint8_t part = b.ptr[10], parts = b.ptr[11];

	if (athar_be16(b.ptr + 2) != 10 || tile >= x->tiles || part != x->part[tile] ||
	    part == UINT8_MAX || (parts != 0 && part >= parts) || (len != 0 && len < 14))
		return athar_walk_stop(x->w, "a tile comes that should not");
	x->met += x->part[tile]++ == 0;
	x->at += 12;
	do {
		ATHAR_TRY(segment(&marker, x, err));
		if (marker == SOT || marker == EOC)
			return athar_walk_stop(x->w, "a tile ends before its data");
	} while (marker != SOD);
	if (len != 0 && begin + len < x->at)
		return athar_walk_stop(x->w, "a tile is shorter than its header");
	athar_walk_reach(x->w, len != 0 ? begin + len : x->at);
	ATHAR_TRY(tile_data(x, len != 0 ? begin + len : 0, err));
	athar_walk_prove(x->w, x->at);
	return ATHAR_OK;
}

/* From x->at behind EOC. */
static athar_status codestream(jp2 *x, athar_error *err)
{
	athar_bytes b;

	memset(x->part, 0, TILES_MOST);
	x->met = 0;
	ATHAR_TRY(main_header(x, err));
	for (;;) {
		ATHAR_TRY(athar_reader_get(&b, x->w->in, x->at, 2, err));
		const uint32_t marker = athar_be16(b.ptr);

		if (marker == EOC)
			break;
		if (marker != SOT)
			return athar_walk_stop(x->w, "no marker follows a tile");
		ATHAR_TRY(tile_part(x, err));
	}
	x->at += 2;
	if (x->met != x->tiles)
		athar_walk_flaw(x->w, "only %u of %u tiles are there", x->met, x->tiles);
	athar_walk_prove(x->w, x->at);
	return ATHAR_OK;
}

/* ---- boxes ---- */

typedef struct box {
	uint32_t type;
	uint64_t payload, end; /* end 0: it reaches to that of the file */
} box;

static athar_status read_box(box *out, jp2 *x, uint64_t at, athar_error *err)
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

/* Boxes that may come before and behind the codestream. */
static bool is_known(uint32_t type)
{
	static const uint32_t known[] = {
		BOX('j', 'p', '2', 'h'), BOX('j', 'p', '2', 'c'), BOX('j', 'p', '2', 'i'),
		BOX('x', 'm', 'l', ' '), BOX('u', 'u', 'i', 'd'), BOX('u', 'i', 'n', 'f'),
		BOX('r', 'r', 'e', 'q'), BOX('j', 'p', 'c', 'h'), BOX('j', 'p', 'l', 'h'),
		BOX('a', 's', 'o', 'c'), BOX('n', 'l', 's', 't'), BOX('r', 'e', 's', ' '),
		BOX('d', 't', 'b', 'l'), BOX('f', 't', 'b', 'l'), BOX('f', 'r', 'e', 'e'),
		BOX('c', 'g', 'r', 'p'), BOX('c', 'o', 'm', 'p'), BOX('d', 'r', 'e', 'p'),
	};

	for (size_t i = 0; i < ATHAR_COUNT(known); i++)
		if (known[i] == type)
			return true;
	return false;
}

/* A codestream in its box, which it must fill; one that is open ends with it. */
static athar_status boxed_codestream(jp2 *x, const box *c, athar_error *err)
{
	x->at = c->payload;
	ATHAR_TRY(codestream(x, err));
	if (c->end != 0 && x->at != c->end)
		return athar_walk_stop(x->w, "the codestream does not fill its box");
	return ATHAR_OK;
}

static athar_status boxes(uint64_t *end, jp2 *x, uint64_t at, athar_error *err)
{
	bool picture = false;
	box c;

	for (unsigned n = 0; n < BOXES_MOST; n++) {
		const athar_status status = read_box(&c, x, at, err);

		/* Behind the picture anything may follow. */
		if (picture && (status == ATHAR_EOF || status == ATHAR_EFORMAT))
			break;
		ATHAR_TRY(status);
		if (!is_known(c.type) || (c.end == 0 && c.type != BOX('j', 'p', '2', 'c')))
			break;
		if (c.type == BOX('j', 'p', '2', 'c')) {
			ATHAR_TRY(boxed_codestream(x, &c, err));
			picture = true;
		}
		at = c.end != 0 ? c.end : x->at;
		athar_walk_reach(x->w, at);
		if (at > athar_reader_size(x->w->in))
			return ATHAR_EOF;
		athar_walk_prove(x->w, at);
		if (c.end == 0)
			break;
	}
	*err = (athar_error)ATHAR_ERROR_INIT;
	*end = at;
	return picture ? ATHAR_OK : athar_walk_stop(x->w, "its boxes hold no picture");
}

/* The signature, ftyp with the brand, then jp2h. */
static athar_status walk_boxes(jp2 *x, athar_error *err)
{
	athar_claim *claim = x->w->claim;
	uint64_t end = 0;
	athar_bytes b;
	box type;

	ATHAR_TRY(read_box(&type, x, 12, err));
	if (type.type != BOX('f', 't', 'y', 'p') || type.end < 12 + 16 || type.end > 12 + 1024)
		return athar_walk_stop(x->w, "no type follows its signature");
	ATHAR_TRY(athar_reader_get(&b, x->w->in, type.payload, 4, err));
	const bool extended = memcmp(b.ptr, "jpx ", 4) == 0;

	if (!extended && memcmp(b.ptr, "jp2 ", 4) != 0 && memcmp(b.ptr, "jph ", 4) != 0)
		return athar_walk_stop(x->w, "it is of a kind that is not followed");
	athar_walk_begin(x->w, type.end);
	x->boxed = true;
	if (extended) {
		(void)snprintf(claim->subtype, sizeof claim->subtype, "jpx");
		(void)snprintf(claim->extension, sizeof claim->extension, "jpx");
	}
	ATHAR_TRY(boxes(&end, x, type.end, err));
	athar_walk_close(x->w, ATHAR_GRADE_COMPLETE, end,
	                 "its boxes close, every tile ends where its length says");
	return ATHAR_OK;
}

static athar_status walk_codestream(jp2 *x, athar_error *err)
{
	ATHAR_TRY(codestream(x, err));
	athar_walk_close(x->w, ATHAR_GRADE_COMPLETE, x->at,
	                 "every tile ends where its length says, the end marker follows");
	return ATHAR_OK;
}

static athar_status walk(jp2 *x, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, x->w->in, 0, 12, err));
	const athar_status status = b.ptr[0] == 0xFF ? walk_codestream(x, err) : walk_boxes(x, err);

	/* Data of another such picture would pass. */
	x->w->claim->alike = true;
	return status;
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	ATHAR_AUTO(jp2) jp2 *x = athar_alloc(sizeof *x, err);
	athar_walk w;

	athar_walk_init(&w, out, in);
	if (x == NULL)
		return ATHAR_ENOMEM;
	x->w = &w;
	x->part = athar_alloc(TILES_MOST, err);
	if (x->part == NULL)
		return ATHAR_ENOMEM;
	return athar_walk_settle(&w, walk(x, err), err);
}

static const athar_magic magic[] = {
	{0, 12, {0, 0, 0, 12, 'j', 'P', ' ', ' ', '\r', '\n', 0x87, '\n'}},
	{0, 4, {0xFF, 0x4F, 0xFF, 0x51}},
	{0, 0, {0}}};

const athar_format athar_format_jp2 = {
	.name = "jp2",
	.extension = "jp2",
	.mime = "image/jp2",
	.summary = "JPEG 2000: JP2, JPX, and codestreams alone",
	.end = "the end marker behind tiles that end where their lengths say, and boxes that close",
	.best = ATHAR_GRADE_COMPLETE,
	.magic = magic,
	.measure = measure,
};
