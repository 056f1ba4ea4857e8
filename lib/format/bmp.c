/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BMP (Microsoft, BITMAPFILEHEADER and what follows it; OS/2's headers of 12 and 64 bytes): the
 * size of the file, where its rows begin, then a header with the size of the picture. Its magic is
 * but two letters; so the header must make sense in itself, and the size of the file must be what
 * the picture needs. There is no checksum.
 */
#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "format/list.h"
#include "format/noise.h"
#include "format/walk.h"

#define FILE_HEADER 14u
#define SIDE_MOST 200000u
#define GAP_MOST 4096u   /* between what the headers need and the first row */
#define PADDING_MOST 3u  /* behind the last row */
#define PIECE (1u << 16) /* a multiple of ATHAR_NOISE_BLOCK */

enum packing { PLAIN = 0, RLE8 = 1, RLE4 = 2, MASKS = 3, MASKS_ALPHA = 6 };

typedef struct bmp {
	athar_walk *w;
	uint32_t file_size, rows_at, header;
	uint32_t width, height, bits, packing;
	uint32_t rows_size, colours; /* as the header says; 0: it does not */
	uint64_t profile_end;        /* of a colour profile behind the rows; 0: none */
	uint64_t end;
	uint64_t blocks, noisy, first_noisy;
} bmp;

static bool is_header(uint32_t size)
{
	return size == 12 || size == 40 || size == 52 || size == 56 || size == 64 || size == 108 ||
	       size == 124;
}

/* What OS/2 1 wrote. */
static void read_core(bmp *x, const uint8_t *b)
{
	x->width = athar_le16(b + 4);
	x->height = athar_le16(b + 6);
	x->bits = athar_le16(b + 10);
}

static void read_info(bmp *x, const uint8_t *b)
{
	const uint32_t height = athar_le32(b + 8);

	x->width = athar_le32(b + 4);
	/* Below 0: rows from the top. */
	x->height = height >> 31 ? 0 - height : height;
	x->bits = athar_le16(b + 14);
	x->packing = athar_le32(b + 16);
	x->rows_size = athar_le32(b + 20);
	x->colours = athar_le32(b + 32);
}

static bool bits_fit(const bmp *x)
{
	switch (x->packing) {
	case PLAIN:
		return x->bits == 1 || x->bits == 2 || x->bits == 4 || x->bits == 8 ||
		       x->bits == 16 || x->bits == 24 || x->bits == 32;
	case RLE8:
		return x->bits == 8;
	case RLE4:
		return x->bits == 4;
	case MASKS: /* of OS/2: fax, which is not followed */
	case MASKS_ALPHA:
		return (x->bits == 16 || x->bits == 32) && x->header != 64;
	default:
		return false;
	}
}

/* Bytes of a row in the file, where they are not packed. */
static uint64_t row_bytes(const bmp *x)
{
	return ((uint64_t)x->width * x->bits + 31) / 32 * 4;
}

/* Where the rows may begin at the earliest. */
static uint64_t least_rows_at(const bmp *x)
{
	const bool masks = x->packing >= MASKS && x->header == 40;
	uint64_t at = FILE_HEADER + x->header + (masks ? 12u : 0u);

	if (x->bits <= 8)
		at += (x->colours != 0 ? x->colours : 1u << x->bits) *
		      (uint64_t)(x->header == 12 ? 3 : 4);
	return at;
}

/* A header that makes sense in itself. */
static bool makes_sense(const bmp *x)
{
	return x->width != 0 && x->width <= SIDE_MOST && x->height != 0 && x->height <= SIDE_MOST &&
	       bits_fit(x) && (x->bits > 8 ? x->colours <= 65536 : x->colours <= 1u << x->bits) &&
	       x->rows_at >= least_rows_at(x) &&
	       x->rows_at <= least_rows_at(x) + GAP_MOST + (x->bits > 8 ? 4 * x->colours : 0);
}

/* A profile that the header of 124 bytes says lies in the file; it follows the rows. */
static athar_status read_profile(bmp *x, athar_error *err)
{
	athar_bytes b;

	if (x->header != 124)
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, x->w->in, FILE_HEADER, 124, err));
	const uint32_t space = athar_le32(b.ptr + 56), size = athar_le32(b.ptr + 116);

	/* "MBED" or "LINK", as numbers. */
	if ((space == 0x4D424544 || space == 0x4C494E4B) && size != 0)
		x->profile_end = FILE_HEADER + (uint64_t)athar_le32(b.ptr + 112) + size;
	return ATHAR_OK;
}

/* The size of the file against that of the picture. Where a program left it 0, the size of the
 * rows must tell the same. */
static bool sizes_agree(bmp *x)
{
	const bool packed = x->packing == RLE8 || x->packing == RLE4;
	const uint64_t rows = packed ? x->rows_size : row_bytes(x) * x->height;
	const uint64_t needs = athar_max(x->rows_at + rows, x->profile_end);

	if (packed && rows == 0)
		return false;
	if (!packed && x->rows_size != 0 &&
	    (x->rows_size < rows || x->rows_size > rows + PADDING_MOST))
		return false;
	x->end = x->file_size != 0 ? x->file_size : needs;
	if (x->file_size == 0)
		return x->rows_size == rows;
	return x->file_size >= needs && x->file_size <= needs + PADDING_MOST;
}

static athar_status header(bmp *x, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, x->w->in, 0, FILE_HEADER + 12, err));
	x->file_size = athar_le32(b.ptr + 2);
	x->rows_at = athar_le32(b.ptr + 10);
	x->header = athar_le32(b.ptr + 14);
	if (b.ptr[0] != 'B' || b.ptr[1] != 'M' || !is_header(x->header) ||
	    athar_le32(b.ptr + 6) != 0)
		return athar_walk_stop(x->w, "its header is none");
	ATHAR_TRY(athar_reader_get(&b, x->w->in, FILE_HEADER, x->header, err));
	if (athar_le16(b.ptr + (x->header == 12 ? 8 : 12)) != 1)
		return athar_walk_stop(x->w, "it has not one plane");
	if (x->header == 12)
		read_core(x, b.ptr);
	else
		read_info(x, b.ptr);
	if (!makes_sense(x))
		return athar_walk_stop(x->w, "its header makes no sense");
	ATHAR_TRY(read_profile(x, err));
	if (!sizes_agree(x))
		return athar_walk_stop(x->w, "its size is not what the picture needs");
	athar_walk_begin(x->w, x->rows_at);
	athar_walk_field(x->w, "width", "%u", x->width);
	athar_walk_field(x->w, "height", "%u", x->height);
	return ATHAR_OK;
}

/* ---- rows ---- */

/* Index i of a row of 1, 2, 4 or 8 bits each. */
static uint32_t pixel(const uint8_t *row, uint32_t i, uint32_t bits)
{
	const uint64_t at = (uint64_t)i * bits;

	return row[at / 8] >> (8 - bits - at % 8) & ((1u << bits) - 1);
}

/* Indices of colours must lie in the table, where it leaves any out. */
static athar_status check_indices(bmp *x, athar_error *err)
{
	const uint64_t row = row_bytes(x);
	athar_bytes b;

	if (x->bits > 8 || x->colours == 0 || x->colours == 1u << x->bits || row > 1u << 20)
		return ATHAR_OK;
	for (uint32_t y = 0; y < x->height; y++) {
		const uint64_t at = x->rows_at + y * row;

		ATHAR_TRY(athar_reader_get(&b, x->w->in, at, (size_t)row, err));
		for (uint32_t i = 0; i < x->width; i++) {
			if (pixel(b.ptr, i, x->bits) < x->colours)
				continue;
			athar_walk_flaw(x->w, "in the row at %llu is a colour that is none",
			                (unsigned long long)at);
			return ATHAR_OK;
		}
	}
	return ATHAR_OK;
}

static void note_noise(bmp *x, const athar_bytes *b, uint64_t at)
{
	for (size_t i = 0; i + ATHAR_NOISE_BLOCK <= b->len; i += ATHAR_NOISE_BLOCK) {
		x->blocks++;
		if (!athar_noise_is(b->ptr + i, x->bits / 8))
			continue;
		if (x->noisy++ == 0)
			x->first_noisy = at + i;
	}
}

static athar_status check_noise(bmp *x, athar_error *err)
{
	const uint64_t end = x->rows_at + row_bytes(x) * x->height;

	if (x->bits < 24)
		return ATHAR_OK;
	for (uint64_t at = x->rows_at; at < end;) {
		athar_bytes b;

		ATHAR_TRY(athar_reader_some(&b, x->w->in, at, (size_t)athar_min(PIECE, end - at),
		                            err));
		note_noise(x, &b, at);
		at += b.len;
	}
	if (x->noisy != 0 && x->noisy * 2 < x->blocks)
		athar_walk_flaw(x->w, "at %llu is noise, which the rest of the picture is not",
		                (unsigned long long)x->first_noisy);
	return ATHAR_OK;
}

/* ---- RLE ---- */

typedef struct run_reader {
	athar_stream s;
	uint64_t x, y;
	bool ended;
} run_reader;

/* Behind a 0: the end of a row or of all, a jump, or so many pixels as they are. */
static athar_status escape(run_reader *r, const bmp *x, athar_error *err)
{
	uint8_t code, right, up;

	ATHAR_TRY(athar_stream_byte(&code, &r->s, err));
	switch (code) {
	case 0:
		r->x = 0;
		r->y++;
		return ATHAR_OK;
	case 1:
		r->ended = true;
		return ATHAR_OK;
	case 2:
		ATHAR_TRY(athar_stream_byte(&right, &r->s, err));
		ATHAR_TRY(athar_stream_byte(&up, &r->s, err));
		r->x += right;
		r->y += up;
		return ATHAR_OK;
	default:
		r->x += code;
		/* Filled up to an even number of bytes. */
		athar_stream_skip(&r->s, athar_round_up(x->bits == 8 ? code : (code + 1u) / 2, 2));
		return ATHAR_OK;
	}
}

static athar_status follow_runs(bmp *x, athar_error *err)
{
	const uint64_t end = x->rows_at + (uint64_t)x->rows_size;
	run_reader r = {.ended = false};
	uint8_t count, colour;

	athar_stream_seek(&r.s, x->w->in, x->rows_at);
	while (!r.ended) {
		ATHAR_TRY(athar_stream_byte(&count, &r.s, err));
		if (count == 0) {
			ATHAR_TRY(escape(&r, x, err));
		} else {
			ATHAR_TRY(athar_stream_byte(&colour, &r.s, err));
			r.x += count;
		}
		/* Some programs pack the filling of a row as well. */
		if (r.x > row_bytes(x) * 8 / x->bits || r.y > x->height ||
		    athar_stream_at(&r.s) > end)
			return athar_walk_stop(x->w, "a run before %llu leaves the picture",
			                       (unsigned long long)athar_stream_at(&r.s));
		athar_walk_prove(x->w, athar_stream_at(&r.s));
	}
	if (end - athar_stream_at(&r.s) > PADDING_MOST)
		athar_walk_flaw(x->w, "its runs end before its size says");
	return ATHAR_OK;
}

static athar_status walk(bmp *x, athar_error *err)
{
	ATHAR_TRY(header(x, err));
	const bool packed = x->packing == RLE8 || x->packing == RLE4;

	if (packed) {
		ATHAR_TRY(follow_runs(x, err));
	} else {
		athar_walk_reach(x->w, x->end);
		ATHAR_TRY(check_indices(x, err));
		ATHAR_TRY(check_noise(x, err));
	}
	athar_walk_reach(x->w, x->end);
	if (x->end > athar_reader_size(x->w->in))
		return ATHAR_EOF;
	athar_walk_close(x->w, ATHAR_GRADE_COMPLETE, x->end,
	                 packed ? "its runs stay in the picture and end where its size says"
	                        : "its size is what the picture needs; the rows have no check");
	x->w->claim->alike = !packed;
	return ATHAR_OK;
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;
	bmp x = {.w = &w};

	athar_walk_init(&w, out, in);
	return athar_walk_settle(&w, walk(&x, err), err);
}

static const athar_magic magic[] = {{0, 2, {'B', 'M'}}, {0, 0, {0}}};

const athar_format athar_format_bmp = {
	.name = "bmp",
	.extension = "bmp",
	.mime = "image/bmp",
	.summary = "Windows and OS/2 bitmaps",
	.end = "a size that is what the picture needs, or runs that end where it says",
	.best = ATHAR_GRADE_COMPLETE,
	.magic = magic,
	.measure = measure,
};
