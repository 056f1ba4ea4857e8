/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * JPEG (ITU-T T.81): segments up to SOS, entropy-coded data, perhaps more of both, EOI. Thumbnails
 * lie inside segments and are never looked at. The data are decoded for their structure
 * (jpeg_scan.c); lossless, hierarchical and arithmetic-coded pictures cannot be, and so are never
 * more than partial. Pictures that an MPF index (CIPA DC-007) names behind EOI belong to the file,
 * and so does a trailer that closes.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "format/exif.h"
#include "format/jpeg.h"
#include "format/jpeg_more.h"
#include "format/jpeg_scan.h"
#include "format/list.h"

#define SOI 0xD8
#define EOI 0xD9
#define SOS 0xDA
#define BLOCKS_MOST (1u << 24)            /* whose history is kept: 128 MiB */
#define SEARCH_MOST (UINT64_C(16) << 20)  /* for the end of data that do not decode */
#define PADDING_MOST (UINT64_C(16) << 20) /* between two pictures */

typedef struct picture {
	athar_walk *w;
	uint64_t base, at; /* where it begins; where the walk is */
	bool first;        /* the one whose segments make the header */
	bool embedded; /* in a file that knows its length: no need to look for the end of a damaged
	                  one */
	bool framed, scanned, decodable;
	jpeg_frame frame;
	uint64_t index, index_len; /* the MPF index, as a TIFF file; 0: none */
} picture;

static void picture_clear(picture *p)
{
	free(p->frame.nonzero);
}
ATHAR_DEFINE_AUTO_VALUE(picture, picture, picture_clear)

/* ---- segments ---- */

static athar_status stop(picture *p, const char *why)
{
	return athar_walk_stop(p->w, "%s", why);
}

static athar_status read_quantisation(picture *p, const uint8_t *b, size_t len)
{
	while (len != 0) {
		const size_t size = b[0] >> 4 ? 129 : 65;

		if (b[0] >> 5 != 0 || (b[0] & 15) > 3 || len < size)
			return stop(p, "a quantisation table makes no sense");
		p->frame.quant[b[0] & 3] = size == 65 ? b[1] : athar_be16(b + 1);
		b += size;
		len -= size;
	}
	return ATHAR_OK;
}

static athar_status read_huffman(picture *p, const uint8_t *b, size_t len)
{
	while (len != 0) {
		size_t codes = 0;

		for (size_t i = 1; i <= 16 && len >= 17; i++)
			codes += b[i];
		if (len < 17 || b[0] >> 5 != 0 || (b[0] & 15) > 3 || codes > 256 ||
		    len < 17 + codes)
			return stop(p, "a Huffman table makes no sense");
		jpeg_table *t = b[0] >> 4 ? &p->frame.ac[b[0] & 3] : &p->frame.dc[b[0] & 3];

		if (!jpeg_table_build(t, b + 1, b + 17, codes))
			return stop(p, "a Huffman table makes no sense");
		b += 17 + codes;
		len -= 17 + codes;
	}
	return ATHAR_OK;
}

/* A block of a progressive picture takes a bit at least: none is claimed that cannot be there. */
static athar_status keep_history(picture *p, athar_error *err)
{
	jpeg_frame *f = &p->frame;

	if (f->process != 2)
		return ATHAR_OK;
	if (f->blocks / 8 > athar_reader_size(p->w->in))
		return stop(p, "the picture is larger than what is left of the space");
	if (f->blocks > BLOCKS_MOST) {
		p->decodable = false;
		return ATHAR_OK;
	}
	f->nonzero = athar_alloc_array(f->blocks, sizeof *f->nonzero, err);
	return f->nonzero == NULL ? err->status : ATHAR_OK;
}

static void note_size(picture *p)
{
	athar_walk_field(p->w, "width", "%u", p->frame.width);
	if (p->frame.height != 0)
		athar_walk_field(p->w, "height", "%u", p->frame.height);
}

static athar_status read_frame(picture *p, uint8_t marker, const uint8_t *b, size_t len,
                               athar_error *err)
{
	jpeg_frame *f = &p->frame;

	if (p->framed || len < 9 || b[5] == 0 || len != 6 + 3 * (size_t)b[5])
		return stop(p, "a frame header makes no sense");
	f->process = marker & 15;
	f->precision = b[0];
	f->height = athar_be16(b + 1);
	f->width = athar_be16(b + 3);
	f->count = b[5];
	p->framed = true;
	p->decodable = f->process <= 2 && f->count <= JPEG_COMPONENTS && f->height != 0;
	if (f->precision < 2 || f->precision > 16 || f->width == 0)
		return stop(p, "a frame header makes no sense");
	if (p->first)
		note_size(p);
	if (!p->decodable)
		return ATHAR_OK;
	if (f->precision != 8 && (f->process == 0 || f->precision != 12))
		return stop(p, "a frame header makes no sense");
	for (uint8_t i = 0; i < f->count; i++) {
		const uint8_t *c = b + 6 + 3 * (size_t)i;

		f->component[i] = (jpeg_component){
			.id = c[0], .h = c[1] >> 4, .v = c[1] & 15, .quant = c[2] & 3};
		if (c[1] >> 4 == 0 || c[1] >> 4 > 4 || (c[1] & 15) == 0 || (c[1] & 15) > 4 ||
		    c[2] > 3)
			return stop(p, "a frame header makes no sense");
	}
	jpeg_frame_lay_out(f);
	return keep_history(p, err);
}

/* "MPF", then a TIFF header that offsets count from. */
static void note_index(picture *p, const uint8_t *b, size_t len)
{
	if (len > 12 && memcmp(b, "MPF\0", 4) == 0 && p->index_len == 0) {
		p->index = p->at + 6;
		p->index_len = len - 4;
	}
}

/* What the camera says of itself; of the picture that makes the file only. */
static athar_status note_exif(picture *p, const uint8_t *b, size_t len, athar_error *err)
{
	if (!p->first || len < 14 || memcmp(b, "Exif\0\0", 6) != 0)
		return ATHAR_OK;
	return athar_exif_fields(p->w, p->at + 8, len - 6, err);
}

static athar_status read_segment(picture *p, uint8_t marker, const uint8_t *b, size_t len,
                                 athar_error *err)
{
	switch (marker) {
	case 0xC4:
		return read_huffman(p, b, len);
	case 0xDB:
		return read_quantisation(p, b, len);
	case 0xDD:
		if (len != 2)
			return stop(p, "a restart interval makes no sense");
		p->frame.restart = athar_be16(b);
		return ATHAR_OK;
	case 0xE1:
		return note_exif(p, b, len, err);
	case 0xE2:
		note_index(p, b, len);
		return ATHAR_OK;
	case 0xC8:
		return stop(p, "a segment has a marker that is none");
	default:
		if (marker >= 0xC0 && marker <= 0xCF && marker != 0xCC)
			return read_frame(p, marker, b, len, err);
		return ATHAR_OK;
	}
}

/* ---- scans ---- */

/* Are the parameters those that G.1.1.1 allows, with tables and components that are there? */
static bool scan_fits(const picture *p, const jpeg_scan *s)
{
	const jpeg_frame *f = &p->frame;
	const bool progressive = f->process == 2;
	unsigned blocks = 0;

	if (!progressive && (s->from != 0 || s->to != 63 || s->high != 0 || s->low != 0))
		return false;
	if (progressive && (s->from > s->to || s->to > 63 || s->low > 13 ||
	                    (s->from == 0) != (s->to == 0) || (s->from != 0 && s->count != 1)))
		return false;
	if (progressive && s->high != 0 && s->high != s->low + 1)
		return false;
	for (uint8_t i = 0; i < s->count; i++) {
		const jpeg_component *c = &f->component[s->component[i]];

		blocks += (unsigned)c->h * c->v;
		if (s->from == 0 && s->high == 0 && !f->dc[s->dc[i]].there)
			return false;
		if (s->to != 0 && !f->ac[s->ac[i]].there)
			return false;
	}
	return s->count == 1 || blocks <= 10;
}

static bool parse_scan(jpeg_scan *out, const picture *p, const uint8_t *b, size_t len)
{
	*out = (jpeg_scan){.count = b[0]};
	if (b[0] == 0 || b[0] > JPEG_COMPONENTS || len != 4 + 2 * (size_t)b[0])
		return false;
	for (uint8_t i = 0; i < b[0]; i++) {
		const uint8_t *c = b + 1 + 2 * (size_t)i;
		uint8_t n = 0;

		while (n < p->frame.count && p->frame.component[n].id != c[0])
			n++;
		if (n == p->frame.count || c[1] >> 4 > 3 || (c[1] & 15) > 3)
			return false;
		out->component[i] = n;
		out->dc[i] = c[1] >> 4;
		out->ac[i] = c[1] & 15;
	}
	const uint8_t *c = b + len - 3;

	out->from = c[0];
	out->to = c[1];
	out->high = c[2] >> 4;
	out->low = c[2] & 15;
	return true;
}

static bool is_restart(uint8_t marker)
{
	return marker >= 0xD0 && marker <= 0xD7;
}

/* Finds the marker that ends data which are not decoded, from the stream's place on. */
static athar_status find_marker(picture *p, athar_stream *s, athar_error *err)
{
	const uint64_t most = athar_stream_at(s) + SEARCH_MOST;
	uint8_t byte = 0, before = 0;

	do {
		before = byte;
		ATHAR_TRY(athar_stream_byte(&byte, s, err));
		if (athar_stream_at(s) > most)
			return stop(p, "no end of the picture's data is in sight");
	} while (before != 0xFF || byte == 0 || byte == 0xFF || is_restart(byte));
	p->at = athar_stream_at(s) - 2;
	return ATHAR_OK;
}

static athar_status decode(picture *p, const jpeg_scan *scan, athar_error *err)
{
	jpeg_outcome o;
	athar_stream s;

	athar_stream_seek(&s, p->w->in, p->at);
	const athar_status status = jpeg_scan_decode(&o, &p->frame, scan, &s, err);

	athar_walk_prove(p->w, o.proven);
	athar_walk_reach(p->w, o.reached);
	ATHAR_TRY(status);
	p->at = o.reached;
	if (o.whole) {
		athar_walk_prove(p->w, p->at);
		return ATHAR_OK;
	}
	athar_walk_flaw(p->w, "%s", o.why);
	if (p->embedded)
		return ATHAR_EFORMAT;
	athar_stream_seek(&s, p->w->in, p->at);
	return find_marker(p, &s, err);
}

/* The scan header b, whose data begin at p->at. */
static athar_status read_scan(picture *p, const uint8_t *b, size_t len, athar_error *err)
{
	athar_stream s;
	jpeg_scan scan;

	if (!p->framed)
		return stop(p, "a scan comes before the frame header");
	p->scanned = true;
	athar_walk_prove(p->w, p->at);
	if (p->decodable) {
		if (!parse_scan(&scan, p, b, len) || !scan_fits(p, &scan))
			return stop(p, "a scan header makes no sense");
		return decode(p, &scan, err);
	}
	athar_walk_flaw(p->w, "its end is there, but how the picture is coded cannot be checked");
	athar_stream_seek(&s, p->w->in, p->at);
	return find_marker(p, &s, err);
}

/* ---- the picture ---- */

/* The marker at p->at, which moves behind it; fill bytes may stand before. */
static athar_status read_marker(uint8_t *out, picture *p, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, p->w->in, p->at, 2, err));
	if (b.ptr[0] != 0xFF)
		return stop(p, "a segment is not followed by a marker");
	for (unsigned fill = 0; b.ptr[1] == 0xFF; fill++) {
		if (fill == 4096)
			return stop(p, "a segment is not followed by a marker");
		p->at++;
		ATHAR_TRY(athar_reader_get(&b, p->w->in, p->at, 2, err));
	}
	*out = b.ptr[1];
	p->at += 2;
	return ATHAR_OK;
}

/* Markers that a segment with a length follows. */
static bool has_segment(uint8_t marker)
{
	return (marker >= 0xC0 && marker <= 0xCF) || (marker >= SOS && marker <= 0xEF) ||
	       marker == 0xFE;
}

static athar_status segment(picture *p, uint8_t marker, athar_error *err)
{
	athar_bytes b;

	if (!has_segment(marker))
		return stop(p, marker == SOI ? "another picture begins before this one ends"
		                             : "a segment has a marker that is none");
	ATHAR_TRY(athar_reader_get(&b, p->w->in, p->at, 2, err));
	const size_t len = athar_be16(b.ptr);

	if (len < 2)
		return stop(p, "a segment has no length");
	ATHAR_TRY(athar_reader_get(&b, p->w->in, p->at, len, err));
	if (marker == SOS) {
		p->at += len;
		return len < 6 ? stop(p, "a scan header makes no sense")
		               : read_scan(p, b.ptr + 2, len - 2, err);
	}
	ATHAR_TRY(read_segment(p, marker, b.ptr + 2, len - 2, err));
	p->at += len;
	return ATHAR_OK;
}

/* Behind a segment whose header made sense a marker follows: then it is a JPEG, not three bytes. */
static athar_status prove_header(picture *p, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, p->w->in, p->at, 2, err));
	if (b.ptr[0] != 0xFF || b.ptr[1] < 0xC0)
		return stop(p, "a segment is not followed by a marker");
	athar_walk_begin(p->w, p->at);
	return ATHAR_OK;
}

/* From SOI behind EOI. */
static athar_status read_picture(picture *p, athar_error *err)
{
	uint8_t marker = 0;

	p->at = p->base + 2;
	for (;;) {
		ATHAR_TRY(read_marker(&marker, p, err));
		if (marker == EOI)
			break;
		ATHAR_TRY(segment(p, marker, err));
		if (p->first && !p->scanned)
			ATHAR_TRY(prove_header(p, err));
		else
			athar_walk_prove(p->w, p->at);
	}
	return p->scanned ? ATHAR_OK : stop(p, "it ends without a picture");
}

athar_status jpeg_check(jpeg_verdict *out, athar_reader *in, uint64_t at, athar_error *err)
{
	athar_claim claim;
	athar_walk w;
	ATHAR_AUTO(picture) picture p = {.w = &w, .base = at, .embedded = true};
	athar_bytes b;

	athar_walk_init(&w, &claim, in);
	*out = (jpeg_verdict){.good = false};
	ATHAR_TRY(athar_reader_get(&b, in, at, 2, err));
	if (memcmp(b.ptr, "\xFF\xD8", 2) != 0)
		return ATHAR_OK;
	const athar_status status = read_picture(&p, err);

	if (status == ATHAR_EFORMAT)
		return ATHAR_OK;
	ATHAR_TRY(status);
	out->end = p.at;
	out->good = !w.flawed || !p.decodable;
	return ATHAR_OK;
}

/* ---- MPF ---- */

static athar_status read_index(jpeg_index *out, const picture *p, athar_error *err)
{
	athar_bytes b;

	out->count = 0;
	if (p->index_len == 0)
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, p->w->in, p->index, p->index_len, err));
	jpeg_index_parse(out, b.ptr, b.len, p->index - p->base);
	return ATHAR_OK;
}

/* Cameras fill up to the next picture with one byte; anything else between two is foreign. */
static athar_status check_padding(athar_walk *w, uint64_t from, uint64_t to, athar_error *err)
{
	if (to - from > PADDING_MOST)
		return athar_walk_stop(w, "a further picture that its index names is not there");
	while (from < to) {
		athar_bytes b;

		ATHAR_TRY(athar_reader_some(&b, w->in, from, (size_t)athar_min(to - from, 65536),
		                            err));
		if ((b.ptr[0] != 0 && b.ptr[0] != 0xFF) ||
		    memcmp(b.ptr, b.ptr + 1, b.len - 1) != 0) {
			athar_walk_flaw(w, "the space between two of its pictures is not empty");
			return ATHAR_OK;
		}
		from += b.len;
	}
	return ATHAR_OK;
}

/* A picture that the index names, at its place behind `end`, where those before it end. */
static athar_status read_named(athar_walk *w, uint64_t end, uint64_t offset, uint64_t size,
                               athar_error *err)
{
	ATHAR_AUTO(picture) picture p = {.w = w, .base = offset};
	athar_bytes b;

	ATHAR_TRY(check_padding(w, end, offset, err));
	ATHAR_TRY(athar_reader_get(&b, w->in, offset, 3, err));
	if (memcmp(b.ptr, "\xFF\xD8\xFF", 3) != 0)
		return athar_walk_stop(w, "a further picture that its index names is not there");
	ATHAR_TRY(read_picture(&p, err));
	if (p.at > offset + size)
		return athar_walk_stop(w, "a further picture is longer than its index says");
	ATHAR_TRY(check_padding(w, p.at, offset + size, err));
	athar_walk_prove(w, offset + size);
	return ATHAR_OK;
}

static athar_status read_further(athar_walk *w, const jpeg_index *index, uint64_t *end,
                                 size_t *count, athar_error *err)
{
	for (size_t i = 0; i < index->count; i++) {
		if (index->offset[i] < *end || index->size[i] < 4)
			continue;
		ATHAR_TRY(read_named(w, *end, index->offset[i], index->size[i], err));
		*end = index->offset[i] + index->size[i];
		++*count;
	}
	return ATHAR_OK;
}

static athar_status walk(athar_walk *w, athar_error *err)
{
	ATHAR_AUTO(picture) picture p = {.w = w, .first = true};
	jpeg_index index;
	size_t further = 0;
	uint64_t trailer = 0;

	ATHAR_TRY(read_picture(&p, err));
	athar_walk_prove(w, p.at);
	ATHAR_TRY(read_index(&index, &p, err));
	ATHAR_TRY(read_further(w, &index, &p.at, &further, err));
	ATHAR_TRY(jpeg_trailer(&trailer, w, p.at, err));
	if (trailer != 0)
		athar_walk_close(
			w, ATHAR_GRADE_COMPLETE, p.at + trailer,
			"every block of the picture decodes, a Samsung trailer closes behind it");
	else if (further == 0)
		athar_walk_close(w, ATHAR_GRADE_COMPLETE, p.at,
		                 "every block of the picture decodes, the end marker follows");
	else
		athar_walk_close(w, ATHAR_GRADE_COMPLETE, p.at,
		                 "every block decodes, also of %zu further pictures in its index",
		                 further);
	return ATHAR_OK;
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;

	athar_walk_init(&w, out, in);
	return athar_walk_settle(&w, walk(&w, err), err);
}

static const athar_magic magic[] = {{0, 3, {0xFF, 0xD8, 0xFF}}, {0, 0, {0}}};

const athar_format athar_format_jpeg = {
	.name = "jpeg",
	.extension = "jpg",
	.mime = "image/jpeg",
	.summary = "JPEG picture, with those an MPF index names",
	.end = "the end marker behind data that decode to just as many blocks as the frame has",
	.best = ATHAR_GRADE_COMPLETE,
	.magic = magic,
	.measure = measure,
};
