/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The segments of a JPEG that is fed piece by piece (ITU-T T.81, annex B.2): tables, frame and scan
 * headers. Each is complete when it comes here.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "format/jpeg_state.h"

#define BLOCKS_MOST (1u << 22) /* of a picture whose pieces are looked for */
#define CODES_MOST 512u        /* Huffman tables on the way */

static void wrong(jpeg_state *s)
{
	s->verdict = ATHAR_VERDICT_WRONG;
}

void jpeg_frame_forget(jpeg_judge *j)
{
	free(j->frame.nonzero);
	free(j->bottom);
	free(j->cost);
	free(j->gain);
	j->frame.nonzero = NULL;
	j->bottom = NULL;
	j->cost = NULL;
	j->gain = NULL;
}

/* The places in the zigzag of the coefficients of the first column. */
static const size_t column[8] = {0, 2, 3, 9, 10, 20, 21, 35};

static void read_quantisation(jpeg_state *s, const uint8_t *b, size_t len)
{
	while (len != 0) {
		const size_t size = b[0] >> 4 ? 129 : 65;

		if (b[0] >> 5 != 0 || (b[0] & 15) > 3 || len < size) {
			wrong(s);
			return;
		}
		for (size_t i = 0; i < 8; i++)
			s->quant[b[0] & 3][i] =
				size == 65 ? b[1 + column[i]] : athar_be16(b + 1 + 2 * column[i]);
		b += size;
		len -= size;
	}
}

static athar_status add_table(jpeg_judge *j, jpeg_state *s, const uint8_t *b, size_t codes,
                              athar_error *err)
{
	size_t *place = b[0] >> 4 ? &s->ac_table[b[0] & 3] : &s->dc_table[b[0] & 3];

	if (s->tables == CODES_MOST) {
		wrong(s);
		return ATHAR_OK;
	}
	ATHAR_TRY(athar_grow(&j->codes, &j->codes_capacity, s->tables + 1, sizeof *j->codes, err));
	jpeg_codes *c = &j->codes[s->tables];

	if (!jpeg_table_build(&c->table, b + 1, b + 17, codes)) {
		wrong(s);
		return ATHAR_OK;
	}
	jpeg_codes_build(c);
	*place = ++s->tables;
	return ATHAR_OK;
}

static athar_status read_huffman(jpeg_judge *j, jpeg_state *s, const uint8_t *b, size_t len,
                                 athar_error *err)
{
	while (len != 0 && s->verdict == ATHAR_VERDICT_MORE) {
		size_t codes = 0;

		for (size_t i = 1; i <= 16 && len >= 17; i++)
			codes += b[i];
		if (len < 17 || b[0] >> 5 != 0 || (b[0] & 15) > 3 || codes > 256 ||
		    len < 17 + codes) {
			wrong(s);
			return ATHAR_OK;
		}
		ATHAR_TRY(add_table(j, s, b, codes, err));
		b += 17 + codes;
		len -= 17 + codes;
	}
	return ATHAR_OK;
}

static bool read_components(jpeg_frame *f, const uint8_t *b)
{
	for (uint8_t i = 0; i < f->count; i++) {
		const uint8_t *c = b + 3 * (size_t)i;

		f->component[i] = (jpeg_component){
			.id = c[0], .h = c[1] >> 4, .v = c[1] & 15, .quant = c[2] & 3};
		if (c[1] >> 4 == 0 || c[1] >> 4 > 4 || (c[1] & 15) == 0 || (c[1] & 15) > 4 ||
		    c[2] > 3)
			return false;
	}
	return true;
}

static athar_status keep_picture(jpeg_judge *j, athar_error *err)
{
	jpeg_frame *f = &j->frame;

	j->bottom = athar_alloc_array(f->blocks, sizeof *j->bottom, err);
	j->cost = athar_alloc_array(f->blocks, sizeof *j->cost, err);
	j->gain = athar_alloc_array(f->blocks, sizeof *j->gain, err);
	if (j->bottom == NULL || j->cost == NULL || j->gain == NULL)
		return err->status;
	if (f->process != 2)
		return ATHAR_OK;
	f->nonzero = athar_alloc_array(f->blocks, sizeof *f->nonzero, err);
	return f->nonzero == NULL ? err->status : ATHAR_OK;
}

static athar_status read_frame(jpeg_judge *j, jpeg_state *s, uint8_t marker, const uint8_t *b,
                               size_t len, athar_error *err)
{
	jpeg_frame f = {.process = marker & 15};

	wrong(s);
	if (s->framed || len < 9 || b[5] == 0 || b[5] > JPEG_COMPONENTS ||
	    len != 6 + 3 * (size_t)b[5])
		return ATHAR_OK;
	f.precision = b[0];
	f.height = athar_be16(b + 1);
	f.width = athar_be16(b + 3);
	f.count = b[5];
	if (f.process > 2 || f.height == 0 || f.width == 0 ||
	    (f.precision != 8 && (f.process == 0 || f.precision != 12)) ||
	    !read_components(&f, b + 6))
		return ATHAR_OK;
	jpeg_frame_lay_out(&f);
	if (f.blocks > BLOCKS_MOST)
		return ATHAR_OK;
	s->verdict = ATHAR_VERDICT_MORE;
	s->framed = true;
	jpeg_frame_forget(j);
	j->frame = f;
	return keep_picture(j, err);
}

athar_status jpeg_segment_read(jpeg_judge *j, jpeg_state *s, uint8_t marker, const uint8_t *b,
                               size_t len, athar_error *err)
{
	if (marker == 0xC4)
		return read_huffman(j, s, b, len, err);
	if (marker == 0xDB)
		read_quantisation(s, b, len);
	else if (marker == 0xDD && len == 2)
		s->restart = athar_be16(b);
	else if (marker == 0xDD)
		wrong(s);
	else
		return read_frame(j, s, marker, b, len, err);
	return ATHAR_OK;
}

/* ---- scan headers ---- */

static bool components_fit(const jpeg_judge *j, const jpeg_state *s, const jpeg_scan *scan)
{
	unsigned blocks = 0;

	for (uint8_t i = 0; i < scan->count; i++) {
		const jpeg_component *c = &j->frame.component[scan->component[i]];

		blocks += (unsigned)c->h * c->v;
		if (scan->from == 0 && scan->high == 0 && s->dc_table[scan->dc[i]] == 0)
			return false;
		if (scan->to != 0 && s->ac_table[scan->ac[i]] == 0)
			return false;
	}
	return scan->count == 1 || blocks <= 10;
}

/* Are the parameters those that G.1.1.1 allows, with tables and components that are there? */
static bool scan_fits(const jpeg_judge *j, const jpeg_state *s, const jpeg_scan *scan)
{
	const bool progressive = j->frame.process == 2;

	if (!progressive &&
	    (scan->from != 0 || scan->to != 63 || scan->high != 0 || scan->low != 0))
		return false;
	if (progressive &&
	    (scan->from > scan->to || scan->to > 63 || scan->low > 13 ||
	     (scan->from == 0) != (scan->to == 0) || (scan->from != 0 && scan->count != 1)))
		return false;
	if (progressive && scan->high != 0 && scan->high != scan->low + 1)
		return false;
	return components_fit(j, s, scan);
}

static bool parse_scan(jpeg_scan *out, const jpeg_judge *j, const uint8_t *b, size_t len)
{
	*out = (jpeg_scan){.count = len == 0 ? 0 : b[0]};
	if (len < 6 || b[0] == 0 || b[0] > JPEG_COMPONENTS || len != 4 + 2 * (size_t)b[0])
		return false;
	for (uint8_t i = 0; i < b[0]; i++) {
		const uint8_t *c = b + 1 + 2 * (size_t)i;
		uint8_t n = 0;

		while (n < j->frame.count && j->frame.component[n].id != c[0])
			n++;
		if (n == j->frame.count || c[1] >> 4 > 3 || (c[1] & 15) > 3)
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

void jpeg_scan_begin(const jpeg_judge *j, jpeg_state *s, const uint8_t *b, size_t len)
{
	if (!s->framed || !parse_scan(&s->scan, j, b, len) || !scan_fits(j, s, &s->scan)) {
		wrong(s);
		return;
	}
	s->phase = JPEG_DATA;
	s->scans++;
	s->mcu = 0;
	s->restarts = 0;
	s->left = s->restart;
	s->band = 0;
	s->costs = 0;
	s->skip = 0;
	memset(s->dc, 0, sizeof s->dc);
}
