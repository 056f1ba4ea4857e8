/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/jpeg_scan.h"

#include <string.h>

#include "base/check.h"

/* Blocks that AC scans may visit for each byte of the file: a scan whose end-of-band runs
 * cover a whole picture costs almost no bytes, and may be repeated. */
#define VISITS_A_BYTE 16u
#define VISITS_FREE (1u << 20)

typedef struct decoder {
	jpeg_frame *frame;
	const jpeg_scan *scan;
	athar_stream *s;
	athar_error *err;
	athar_status status; /* of the reader */
	uint64_t hold;       /* bits read and not used, the last `have` of them */
	unsigned have;
	uint8_t marker; /* met in the data; 0: none so far */
	uint64_t marker_at;
	const char *broken; /* why nothing further can be decoded */
	bool cut;           /* because the range ends */
	int32_t dc[JPEG_COMPONENTS];
	uint32_t band;     /* blocks left of an end-of-band run */
	uint64_t spectrum; /* the coefficients of this scan, a bit each */
} decoder;

bool jpeg_table_build(jpeg_table *t, const uint8_t *counts, const uint8_t *values, size_t len)
{
	int32_t code = 0, place = 0;

	*t = (jpeg_table){.there = true};
	memcpy(t->value, values, len);
	for (int n = 1; n <= 16; n++) {
		t->first[n] = code;
		t->place[n] = place;
		code += counts[n - 1];
		place += counts[n - 1];
		t->last[n] = code - 1;
		if (code > 1 << n)
			return false;
		for (int32_t c = t->first[n]; n <= 9 && c < code; c++) {
			const uint16_t entry =
				(uint16_t)(n << 8 | t->value[t->place[n] + c - t->first[n]]);

			for (int32_t i = c << (9 - n); i < (c + 1) << (9 - n); i++)
				t->fast[i] = entry;
		}
		code <<= 1;
	}
	return true;
}

/* ---- bits ---- */

/* After a byte 0xFF: a stuffed zero makes it data, anything else is a marker. */
static bool stuffed(decoder *d)
{
	uint8_t byte = 0xFF;
	const uint64_t at = athar_stream_at(d->s) - 1;

	while (byte == 0xFF && d->status == ATHAR_OK)
		d->status = athar_stream_byte(&byte, d->s, d->err);
	if (d->status != ATHAR_OK)
		return false;
	if (byte == 0)
		return true;
	d->marker = byte;
	d->marker_at = at;
	return false;
}

static void refill(decoder *d)
{
	while (d->have <= 48 && d->marker == 0 && d->status == ATHAR_OK) {
		uint8_t byte = 0;

		d->status = athar_stream_byte(&byte, d->s, d->err);
		if (d->status != ATHAR_OK || (byte == 0xFF && !stuffed(d)))
			return;
		d->hold = d->hold << 8 | byte;
		d->have += 8;
	}
}

/* The next 16 bits; zeros where there are none. */
static uint32_t peek(decoder *d)
{
	if (d->have < 16)
		refill(d);
	if (d->have >= 16)
		return (uint32_t)(d->hold >> (d->have - 16)) & 0xFFFF;
	return (uint32_t)(d->hold << (16 - d->have)) & 0xFFFF;
}

static void drop(decoder *d, unsigned n)
{
	if (n <= d->have) {
		d->have -= n;
		return;
	}
	d->have = 0;
	d->cut = d->status != ATHAR_OK;
	d->broken = "the picture's data end before its last block";
}

/* n is at most 16. */
static void skip(decoder *d, unsigned n)
{
	if (d->have < n)
		refill(d);
	drop(d, n);
}

/* The same, with a look at them. */
static uint32_t take(decoder *d, unsigned n)
{
	if (n == 0)
		return 0;
	const uint32_t bits = peek(d) >> (16 - n);

	drop(d, n);
	return bits;
}

static uint8_t code(decoder *d, const jpeg_table *t)
{
	const uint32_t ahead = peek(d);
	const uint16_t fast = t->fast[ahead >> 7];

	if (fast != 0) {
		drop(d, fast >> 8);
		return (uint8_t)fast;
	}
	for (int n = 10; n <= 16; n++) {
		const int32_t c = (int32_t)(ahead >> (16 - n));

		if (c >= t->first[n] && c <= t->last[n]) {
			drop(d, (unsigned)n);
			return t->value[t->place[n] + c - t->first[n]];
		}
	}
	d->cut = d->have < 16 && d->status != ATHAR_OK;
	d->broken = "the picture's data hold a code that its tables do not have";
	return 0;
}

/* ---- blocks ---- */

/* The difference that `size` bits stand for: F.2.2.1. */
static int32_t extend(uint32_t bits, unsigned size)
{
	if (size == 0 || bits >> (size - 1) != 0)
		return (int32_t)bits;
	return (int32_t)bits - (int32_t)(1u << size) + 1;
}

/* A DC coefficient is eight times a mean of samples, give or take a rounding. */
static void dc_first(decoder *d, uint8_t i)
{
	const jpeg_frame *f = d->frame;
	const uint8_t size = code(d, &f->dc[d->scan->dc[i]]);
	const unsigned extra = f->precision - 8u;
	const uint16_t quant = f->quant[f->component[d->scan->component[i]].quant];

	if (size > 11 + extra) {
		d->broken = "the picture's data leave the range of brightness";
		return;
	}
	d->dc[i] += extend(take(d, size), size);
	const int64_t value = (int64_t)d->dc[i] * (1 << d->scan->low) * quant;
	const int64_t most = ((int64_t)1024 << extra) + quant;

	if (value > most || value < -most)
		d->broken = "the picture's data leave the range of brightness";
}

static void ac_sequential(decoder *d, uint8_t i)
{
	const jpeg_table *t = &d->frame->ac[d->scan->ac[i]];
	const unsigned most = d->frame->precision + 2u;

	for (unsigned k = 1; k < 64 && d->broken == NULL; k++) {
		const uint8_t rs = code(d, t);
		const unsigned run = rs >> 4, size = rs & 15;

		if (size == 0 && run == 0)
			return;
		k += run;
		if (k > 63 || (size == 0 && run != 15) || size > most) {
			d->broken = "a block of the picture runs over its end";
			return;
		}
		skip(d, size);
	}
}

/* The run of blocks that a code 0..14 with size 0 begins: G.1.2.2. */
static void begin_band(decoder *d, unsigned run)
{
	d->band = (1u << run) + take(d, run);
}

static void ac_first(decoder *d, uint8_t i, uint64_t *nonzero)
{
	const jpeg_table *t = &d->frame->ac[d->scan->ac[i]];

	if (d->band != 0) {
		d->band--;
		return;
	}
	for (unsigned k = d->scan->from; k <= d->scan->to && d->broken == NULL; k++) {
		const uint8_t rs = code(d, t);
		const unsigned run = rs >> 4, size = rs & 15;

		if (size == 0 && run < 15) {
			begin_band(d, run);
			d->band--;
			return;
		}
		k += run;
		if (k > d->scan->to) {
			d->broken = "a block of the picture runs over its end";
			return;
		}
		if (size != 0) {
			skip(d, size);
			*nonzero |= UINT64_C(1) << k;
		}
	}
}

/* Passes over `run` coefficients that are zero so far and the corrections of those that are not;
 * the place of the next zero one, or past the band. */
static unsigned correct(decoder *d, unsigned k, unsigned run, uint64_t nonzero)
{
	for (; k <= d->scan->to && d->broken == NULL; k++) {
		if (nonzero >> k & 1)
			skip(d, 1);
		else if (run-- == 0)
			break;
	}
	return k;
}

static void ac_refine(decoder *d, uint8_t i, uint64_t *nonzero)
{
	const jpeg_table *t = &d->frame->ac[d->scan->ac[i]];
	unsigned k = d->scan->from;

	while (d->band == 0 && k <= d->scan->to && d->broken == NULL) {
		const uint8_t rs = code(d, t);
		const unsigned run = rs >> 4, size = rs & 15;

		if (size > 1) {
			d->broken = "a refining code of the picture is none";
			return;
		}
		if (size == 0 && run < 15) {
			begin_band(d, run);
			break;
		}
		skip(d, size);
		k = correct(d, k, run, *nonzero);
		if (k > d->scan->to && (size != 0 || run != 15)) {
			d->broken = "a block of the picture runs over its end";
			return;
		}
		if (size != 0)
			*nonzero |= UINT64_C(1) << k;
		k++;
	}
	if (d->band == 0)
		return;
	(void)correct(d, k, 64, *nonzero);
	d->band--;
}

/* Block (x, y) of the i-th component of the scan. */
static void block(decoder *d, uint8_t i, uint32_t x, uint32_t y)
{
	const jpeg_component *c = &d->frame->component[d->scan->component[i]];

	if (d->frame->process != 2) {
		dc_first(d, i);
		ac_sequential(d, i);
	} else if (d->scan->from == 0) {
		if (d->scan->high == 0)
			dc_first(d, i);
		else
			skip(d, 1);
	} else {
		uint64_t *nonzero = &d->frame->nonzero[c->first + (size_t)y * c->stride + x];

		d->frame->visits++;
		if (d->band != 0 && (*nonzero & d->spectrum) == 0)
			d->band--;
		else if (d->scan->high == 0)
			ac_first(d, i, nonzero);
		else
			ac_refine(d, i, nonzero);
	}
}

/* ---- scans ---- */

static void mcu(decoder *d, uint32_t x, uint32_t y)
{
	if (d->scan->count == 1) {
		block(d, 0, x, y);
		return;
	}
	for (uint8_t i = 0; i < d->scan->count; i++) {
		const jpeg_component *c = &d->frame->component[d->scan->component[i]];

		for (unsigned b = 0; b < (unsigned)c->h * c->v && d->broken == NULL; b++)
			block(d, i, x * c->h + b % c->h, y * c->v + b / c->h);
	}
}

/* The data end here: less than a byte of padding is left, and a marker follows. */
static bool at_marker(decoder *d)
{
	refill(d);
	d->cut = d->marker == 0 && d->status != ATHAR_OK;
	if (d->marker == 0 || d->have >= 8)
		d->broken = "the picture's data go on behind its last block";
	else if (d->band != 0)
		d->broken = "a run of empty blocks goes past the end of the picture";
	d->have = 0;
	return d->broken == NULL;
}

/* RSTn where an interval is over; n counts from 0 to 7 and again. */
static void restart(decoder *d, jpeg_outcome *out, uint32_t number)
{
	if (!at_marker(d))
		return;
	if (d->marker != 0xD0 + number % 8) {
		d->broken = "a restart marker is missing or out of order";
		return;
	}
	out->proven = d->marker_at;
	d->marker = 0;
	memset(d->dc, 0, sizeof d->dc);
}

static bool too_dear(const decoder *d)
{
	return d->frame->visits > VISITS_FREE &&
	       (d->frame->visits - VISITS_FREE) / VISITS_A_BYTE > athar_stream_at(d->s);
}

/* How many blocks from x on need no look: a first scan passes over a run of empty ones. */
static uint32_t leap(decoder *d, uint32_t x, uint32_t wide)
{
	if (d->scan->from == 0 || d->scan->high != 0 || d->frame->restart != 0)
		return 0;
	const uint32_t n = (uint32_t)athar_min(d->band, wide - x);

	d->band -= n;
	return n;
}

static void rows(decoder *d, jpeg_outcome *out, uint32_t wide, uint32_t high)
{
	uint32_t left = d->frame->restart, restarts = 0;

	for (uint32_t y = 0; y < high; y++) {
		for (uint32_t x = leap(d, 0, wide); x < wide; x += 1 + leap(d, x + 1, wide)) {
			if (d->frame->restart != 0 && left-- == 0) {
				restart(d, out, restarts++);
				left = d->frame->restart - 1;
			}
			if (d->broken == NULL)
				mcu(d, x, y);
			if (d->broken != NULL)
				return;
		}
		if (too_dear(d)) {
			d->broken = "its scans take more work than a picture is worth";
			return;
		}
	}
	(void)at_marker(d);
}

athar_status jpeg_scan_decode(jpeg_outcome *out, jpeg_frame *frame, const jpeg_scan *scan,
                              athar_stream *s, athar_error *err)
{
	const jpeg_component *alone = &frame->component[scan->component[0]];
	decoder d = {.frame = frame, .scan = scan, .s = s, .err = err};

	d.spectrum = (UINT64_C(2) << scan->to) - (UINT64_C(1) << scan->from);

	*out = (jpeg_outcome){.proven = athar_stream_at(s)};
	if (scan->count == 1)
		rows(&d, out, alone->wide, alone->high);
	else
		rows(&d, out, frame->mcus_x, frame->mcus_y);
	out->whole = d.broken == NULL;
	out->why = d.broken;
	out->reached = d.marker != 0 ? d.marker_at : athar_stream_at(s) - d.have / 8;
	if (out->reached < out->proven)
		out->reached = out->proven;
	return d.cut || d.status != ATHAR_EOF ? d.status : ATHAR_OK;
}

static uint32_t divide_up(uint32_t a, uint32_t b)
{
	return (a + b - 1) / b;
}

void jpeg_frame_lay_out(jpeg_frame *f)
{
	uint32_t h = 1, v = 1;

	for (uint8_t i = 0; i < f->count; i++) {
		h = (uint32_t)athar_max(h, f->component[i].h);
		v = (uint32_t)athar_max(v, f->component[i].v);
	}
	f->mcus_x = divide_up(f->width, 8 * h);
	f->mcus_y = divide_up(f->height, 8 * v);
	for (uint8_t i = 0; i < f->count; i++) {
		jpeg_component *c = &f->component[i];

		c->wide = divide_up(divide_up(f->width * c->h, h), 8);
		c->high = divide_up(divide_up(f->height * c->v, v), 8);
		c->stride = f->mcus_x * c->h;
		c->first = f->blocks;
		f->blocks += (size_t)c->stride * f->mcus_y * c->v;
	}
}
