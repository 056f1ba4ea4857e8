/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PSD and PSB (Adobe, "Photoshop File Formats Specification", 2019): a header, three sections with
 * their lengths (colour table, resources, layers), then the merged picture, whose size follows from
 * the header or from the table of its packed rows. There is no checksum.
 */
#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "format/exif.h"
#include "format/list.h"
#include "format/walk.h"

#define HEADER 26u
#define SIDE_MOST 30000u
#define SIDE_MOST_LARGE 300000u
#define CHANNELS_MOST 56u
#define RESOURCES_MOST 10000u
#define EXIF 1058u
#define ROWS 512u /* whose lengths are read at a time */

enum packing { PLAIN = 0, RLE = 1, ZIP = 2, ZIP_PREDICTED = 3 };

typedef struct psd {
	athar_walk *w;
	bool large; /* PSB: lengths of 64 bits where PSD has 32 */
	uint32_t channels, width, height, depth;
	uint64_t at;
} psd;

static athar_status header(psd *x, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, x->w->in, 0, HEADER, err));
	const uint32_t version = athar_be16(b.ptr + 4), mode = athar_be16(b.ptr + 24);

	x->large = version == 2;
	x->channels = athar_be16(b.ptr + 12);
	x->height = athar_be32(b.ptr + 14);
	x->width = athar_be32(b.ptr + 18);
	x->depth = athar_be16(b.ptr + 22);
	const uint32_t most = x->large ? SIDE_MOST_LARGE : SIDE_MOST;

	if (memcmp(b.ptr, "8BPS", 4) != 0 || (version != 1 && version != 2) ||
	    memcmp(b.ptr + 6, "\0\0\0\0\0\0", 6) != 0 || x->channels == 0 ||
	    x->channels > CHANNELS_MOST || x->width == 0 || x->width > most || x->height == 0 ||
	    x->height > most || mode > 9 || mode == 5 || mode == 6 ||
	    (x->depth != 1 && x->depth != 8 && x->depth != 16 && x->depth != 32))
		return athar_walk_stop(x->w, "its header makes no sense");
	athar_walk_begin(x->w, HEADER);
	if (x->large) {
		(void)snprintf(x->w->claim->subtype, sizeof x->w->claim->subtype, "psb");
		(void)snprintf(x->w->claim->extension, sizeof x->w->claim->extension, "psb");
	}
	athar_walk_field(x->w, "width", "%u", x->width);
	athar_walk_field(x->w, "height", "%u", x->height);
	x->at = HEADER;
	return ATHAR_OK;
}

/* The length of a section at x->at, which moves to what the section holds. */
static athar_status section(uint64_t *end, psd *x, bool wide, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, x->w->in, x->at, wide ? 8 : 4, err));
	const uint64_t len = wide ? athar_be64(b.ptr) : athar_be32(b.ptr);

	x->at += wide ? 8 : 4;
	if (!athar_add(x->at, len, end))
		return athar_walk_stop(x->w, "a section claims an impossible size");
	return ATHAR_OK;
}

/* A resource: "8BIM" or another signature, a number, a name, a length, data; all even. */
static athar_status resource(psd *x, uint64_t end, athar_error *err)
{
	athar_bytes b;

	if (!athar_inside(x->at, 12, end))
		return athar_walk_stop(x->w, "the resources do not close");
	ATHAR_TRY(athar_reader_get(&b, x->w->in, x->at, 7, err));
	const uint32_t number = athar_be16(b.ptr + 4);
	const uint64_t length_at = x->at + 6 + athar_round_up(b.ptr[6] + 1u, 2);

	if ((memcmp(b.ptr, "8BIM", 4) != 0 && memcmp(b.ptr, "MeSa", 4) != 0 &&
	     memcmp(b.ptr, "AgHg", 4) != 0 && memcmp(b.ptr, "PHUT", 4) != 0 &&
	     memcmp(b.ptr, "DCSR", 4) != 0) ||
	    !athar_inside(length_at, 4, end))
		return athar_walk_stop(x->w, "the resources do not close");
	ATHAR_TRY(athar_reader_get(&b, x->w->in, length_at, 4, err));
	const uint64_t len = athar_be32(b.ptr), data = length_at + 4;

	if (!athar_inside(data, len, end))
		return athar_walk_stop(x->w, "the resources do not close");
	if (number == EXIF)
		ATHAR_TRY(athar_exif_fields(x->w, data, len, err));
	x->at = athar_min(data + athar_round_up(len, 2), end);
	return ATHAR_OK;
}

static athar_status resources(psd *x, athar_error *err)
{
	uint64_t end;

	ATHAR_TRY(section(&end, x, false, err));
	for (unsigned n = 0; x->at < end; n++) {
		if (n == RESOURCES_MOST)
			return athar_walk_stop(x->w, "it has more than %u resources", n);
		ATHAR_TRY(resource(x, end, err));
		athar_walk_prove(x->w, x->at);
	}
	return ATHAR_OK;
}

/* A section that is stepped over: colours, layers. */
static athar_status pass(uint64_t *len, psd *x, bool wide, athar_error *err)
{
	uint64_t end;

	ATHAR_TRY(section(&end, x, wide, err));
	*len = end - x->at;
	if (end > athar_reader_size(x->w->in)) {
		athar_walk_reach(x->w, end);
		return ATHAR_EOF;
	}
	x->at = end;
	return ATHAR_OK;
}

/* ---- the merged picture ---- */

static uint64_t row_bytes(const psd *x)
{
	return ((uint64_t)x->width * x->depth + 7) / 8;
}

/* One packed row must give just its bytes. */
static athar_status unpack_row(bool *good, athar_stream *s, uint64_t end, uint64_t bytes,
                               athar_error *err)
{
	uint64_t produced = 0;
	uint8_t code;

	while (athar_stream_at(s) < end) {
		ATHAR_TRY(athar_stream_byte(&code, s, err));
		if (code == 128)
			continue;
		produced += code < 128 ? code + 1u : 257u - code;
		athar_stream_skip(s, code < 128 ? code + 1u : 1u);
	}
	*good = produced == bytes && athar_stream_at(s) == end;
	return ATHAR_OK;
}

/* Rows from `row` on, as many as ROWS at a time; their data follow one another. */
static athar_status read_lengths(uint32_t *out, const psd *x, uint64_t row, size_t count,
                                 athar_error *err)
{
	const unsigned width = x->large ? 4 : 2;
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, x->w->in, x->at + row * width, count * width, err));
	for (size_t i = 0; i < count; i++)
		out[i] = x->large ? athar_be32(b.ptr + 4 * i) : athar_be16(b.ptr + 2 * i);
	return ATHAR_OK;
}

static athar_status unpack_rows(uint64_t *at, psd *x, const uint32_t *lengths, size_t count,
                                athar_error *err)
{
	athar_stream s;
	bool good;

	athar_stream_seek(&s, x->w->in, *at);
	for (size_t i = 0; i < count; i++) {
		ATHAR_TRY(unpack_row(&good, &s, *at + lengths[i], row_bytes(x), err));
		if (!good)
			return athar_walk_stop(x->w, "the row at %llu does not give its pixels",
			                       (unsigned long long)*at);
		*at += lengths[i];
		athar_walk_prove(x->w, *at);
	}
	return ATHAR_OK;
}

static athar_status packed_rows(psd *x, athar_error *err)
{
	const uint64_t rows = (uint64_t)x->channels * x->height;
	uint64_t at = x->at + rows * (x->large ? 4 : 2);
	uint32_t lengths[ROWS];

	for (uint64_t i = 0; i < rows; i += ROWS) {
		const size_t count = (size_t)athar_min(rows - i, ROWS);

		ATHAR_TRY(read_lengths(lengths, x, i, count, err));
		ATHAR_TRY(unpack_rows(&at, x, lengths, count, err));
	}
	x->at = at;
	return athar_reader_size(x->w->in) < at ? ATHAR_EOF : ATHAR_OK;
}

static athar_status merged(psd *x, bool layers, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, x->w->in, x->at, 2, err));
	const uint32_t packing = athar_be16(b.ptr);

	if (packing > RLE)
		return athar_walk_stop(
			x->w, packing <= ZIP_PREDICTED
				      ? "its picture is packed in a way that is not followed"
				      : "no picture follows its sections");
	x->at += 2;
	athar_walk_prove(x->w, x->at);
	/* What the layers hold is not looked at. */
	x->w->claim->alike = layers || packing == PLAIN;
	if (packing == RLE) {
		ATHAR_TRY(packed_rows(x, err));
		athar_walk_close(x->w, ATHAR_GRADE_COMPLETE, x->at,
		                 "its sections close, every packed row gives just its pixels");
		return ATHAR_OK;
	}
	x->at += row_bytes(x) * x->channels * x->height;
	athar_walk_reach(x->w, x->at);
	if (x->at > athar_reader_size(x->w->in))
		return ATHAR_EOF;
	athar_walk_close(x->w, ATHAR_GRADE_COMPLETE, x->at,
	                 "its sections close, the picture is as long as its size asks for");
	return ATHAR_OK;
}

static athar_status walk(psd *x, athar_error *err)
{
	uint64_t colours, layers;

	ATHAR_TRY(header(x, err));
	ATHAR_TRY(pass(&colours, x, false, err));
	ATHAR_TRY(resources(x, err));
	ATHAR_TRY(pass(&layers, x, x->large, err));
	return merged(x, layers != 0, err);
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;
	psd x = {.w = &w};

	athar_walk_init(&w, out, in);
	return athar_walk_settle(&w, walk(&x, err), err);
}

static const athar_magic magic[] = {
	{0, 6, {'8', 'B', 'P', 'S', 0, 1}}, {0, 6, {'8', 'B', 'P', 'S', 0, 2}}, {0, 0, {0}}};

const athar_format athar_format_psd = {
	.name = "psd",
	.extension = "psd",
	.mime = "image/vnd.adobe.photoshop",
	.summary = "pictures of Photoshop: PSD, PSB",
	.end = "sections that close, and a merged picture that is as long as it must be",
	.best = ATHAR_GRADE_COMPLETE,
	.magic = magic,
	.measure = measure,
};
