/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One MCU of a JPEG (ITU-T T.81, F.2 and G.1) decoded as far as its pieces need it: codes and
 * counts are followed, and each block's first row compared with the
 * last one above.
 */
#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "format/jpeg_state.h"

/* Bits by which a foreign block is expected to differ more from the row above; half of it is where
 * a block speaks for neither. In sixteenths. */
#define HALF_GAP 12
#define GAIN_MOST 16
#define LOSS_MOST 40

typedef struct reader {
	const uint8_t *bytes;
	uint64_t at; /* in bits */
	bool bad;
} reader;

/* ---- codes ---- */

static unsigned slow(const jpeg_table *t, uint32_t ahead, uint8_t *value)
{
	for (unsigned n = 1; n <= 16; n++) {
		const int32_t c = (int32_t)(ahead >> (16 - n));

		if (c >= t->first[n] && c <= t->last[n]) {
			*value = t->value[t->place[n] + c - t->first[n]];
			return n;
		}
	}
	return 0;
}

/* Places that an AC code goes on; past the end of the block from anywhere: the block ends here. */
#define ENDS 128u
static uint16_t leap_of(unsigned length, uint8_t rs)
{
	const unsigned run = rs >> 4, size = rs & 15;

	if (size == 0 && run == 0)
		return (uint16_t)(length << 8 | ENDS);
	if (size == 0 && run != 15)
		return 0xFF;
	return (uint16_t)((length + size) << 8 | (run + 1));
}

void jpeg_codes_build(jpeg_codes *c)
{
	for (uint32_t i = 0; i < 1u << JPEG_FAST; i++) {
		uint8_t value = 0;
		const unsigned n = slow(&c->table, i << (16 - JPEG_FAST), &value);

		c->fast[i] = 0;
		c->leap[i] = 0;
		c->size[i] = 0;
		if (n == 0 || n > JPEG_FAST)
			continue;
		c->fast[i] = (uint16_t)(n << 8 | value);
		c->leap[i] = leap_of(n, value);
		c->size[i] = value & 15;
	}
}

/* The next bits, 57 of them at least. */
static inline uint64_t window(const reader *r)
{
	return athar_be64(r->bytes + (r->at >> 3)) << (r->at & 7);
}

static inline uint8_t code(reader *r, const jpeg_codes *c, uint64_t w)
{
	const uint16_t fast = c->fast[w >> (64 - JPEG_FAST)];
	uint8_t value = 0;

	if (fast != 0) {
		r->at += fast >> 8;
		return (uint8_t)fast;
	}
	const unsigned n = slow(&c->table, (uint32_t)(w >> 48), &value);

	r->at += n;
	r->bad = r->bad || n == 0;
	return value;
}

static uint32_t take(reader *r, unsigned n)
{
	if (n == 0)
		return 0;
	const uint64_t w = window(r);

	r->at += n;
	return (uint32_t)(w >> (64 - n));
}

/* ---- blocks ---- */

static int32_t extend(uint32_t bits, unsigned size)
{
	if (size == 0 || bits >> (size - 1) != 0)
		return (int32_t)bits;
	return (int32_t)bits - (int32_t)(1u << size) + 1;
}

static void read_dc(reader *r, const jpeg_judge *j, const jpeg_state *s, uint8_t i, int32_t *dc)
{
	const jpeg_codes *c = &j->codes[s->dc_table[s->scan.dc[i]] - 1];
	const unsigned extra = j->frame.precision - 8u;
	const uint16_t quant = s->quant[j->frame.component[s->scan.component[i]].quant][0];
	const unsigned size = code(r, c, window(r));

	if (size > 11 + extra) {
		r->bad = true;
		return;
	}
	*dc += extend(take(r, size), size);
	const int64_t value = (int64_t)*dc * (1 << s->scan.low) * quant;
	const int64_t most = ((int64_t)1024 << extra) + quant;

	r->bad = r->bad || value > most || value < -most;
}

/* The coefficients that are the same in a whole row of the block, by their place in the zigzag. */
#define COLUMN \
	(UINT64_C(1) << 2 | UINT64_C(1) << 3 | UINT64_C(1) << 9 | UINT64_C(1) << 10 | \
	 UINT64_C(1) << 20 | UINT64_C(1) << 21 | UINT64_C(1) << 35)

/* Of a place above: which of the seven. */
static unsigned rank_of(unsigned k)
{
	switch (k) {
	case 2:
	case 3:
		return k - 1;
	case 9:
	case 10:
		return k - 6;
	case 20:
	case 21:
		return k - 15;
	default:
		return 7;
	}
}

/* How bright the first and the last row of a block are, in eighths of a step. */
typedef struct edges {
	int32_t even, odd; /* their sum is the first row's, their difference the last row's */
} edges;

/* The square root of 2 times the cosine of n/16 of a half turn, in 1024ths. */
static const int32_t weight[8] = {1024, 1420, 1338, 1204, 1024, 805, 554, 283};

static void add_row(edges *e, const uint16_t *quant, unsigned rank, int32_t value)
{
	const int32_t part = value * quant[rank] * weight[rank] / 1024;

	if (rank % 2 == 0)
		e->even += part;
	else
		e->odd += part;
}

static unsigned long_leap(reader *r, const jpeg_codes *c, uint64_t w, unsigned most)
{
	uint8_t rs = 0;
	const unsigned n = slow(&c->table, (uint32_t)(w >> 48), &rs);
	const uint16_t leap = leap_of(n, rs);

	if (n == 0 || leap == 0xFF || (rs & 15u) > most) {
		r->bad = true;
		return ENDS;
	}
	return leap;
}

static inline void pass_ac(reader *r, const jpeg_codes *c, unsigned most, edges *e,
                           const uint16_t *quant)
{
	unsigned k = 1;

	while (k < 64) {
		const uint64_t w = window(r);
		unsigned leap = c->leap[w >> (64 - JPEG_FAST)];

		if (leap <= 0xFF)
			leap = long_leap(r, c, w, most);
		r->at += leap >> 8;
		k += leap & 0xFF;
		if (k <= 36 && (COLUMN >> (k - 1) & 1) != 0) {
			const unsigned size = c->size[w >> (64 - JPEG_FAST)];
			const uint64_t rest = w << ((leap >> 8) - size);

			if (size != 0 && size <= 11)
				add_row(e, quant, rank_of(k - 1),
				        extend((uint32_t)(rest >> (64 - size)), size));
		}
	}
	r->bad = r->bad || (k > 64 && k < ENDS);
}

/* The run of blocks that a code 0..14 with size 0 begins: G.1.2.2. */
static uint32_t band_of(reader *r, unsigned run)
{
	return (1u << run) + take(r, run);
}

static void ac_first(reader *r, jpeg_state *s, const jpeg_codes *c, uint64_t *nonzero)
{
	for (unsigned k = s->scan.from; k <= s->scan.to && !r->bad; k++) {
		const uint8_t rs = code(r, c, window(r));
		const unsigned run = rs >> 4, size = rs & 15;

		if (size == 0 && run < 15) {
			s->band = band_of(r, run) - 1;
			return;
		}
		k += run;
		if (k > s->scan.to) {
			r->bad = true;
			return;
		}
		if (size != 0)
			*nonzero |= UINT64_C(1) << k;
		r->at += size;
	}
}

/* Passes over `run` coefficients that are zero so far and the corrections of those that are not. */
static unsigned correct(reader *r, const jpeg_scan *scan, unsigned k, unsigned run,
                        uint64_t nonzero)
{
	for (; k <= scan->to; k++) {
		if (nonzero >> k & 1)
			r->at++;
		else if (run-- == 0)
			break;
	}
	return k;
}

static void ac_refine(reader *r, jpeg_state *s, const jpeg_codes *c, uint64_t *nonzero)
{
	unsigned k = s->scan.from;

	while (s->band == 0 && k <= s->scan.to && !r->bad) {
		const uint8_t rs = code(r, c, window(r));
		const unsigned run = rs >> 4, size = rs & 15;

		r->bad = r->bad || size > 1;
		if (size == 0 && run < 15) {
			s->band = band_of(r, run);
			break;
		}
		r->at += size;
		k = correct(r, &s->scan, k, run, *nonzero);
		if (k > s->scan.to && (size != 0 || run != 15)) {
			r->bad = true;
			return;
		}
		if (size != 0)
			*nonzero |= UINT64_C(1) << k;
		k++;
	}
	if (s->band == 0)
		return;
	(void)correct(r, &s->scan, k, 64, *nonzero);
	s->band--;
}

static void ac_block(reader *r, const jpeg_judge *j, jpeg_state *s, uint64_t *nonzero)
{
	const jpeg_codes *c = &j->codes[s->ac_table[s->scan.ac[0]] - 1];

	if (s->scan.high != 0)
		ac_refine(r, s, c, nonzero);
	else if (s->band != 0)
		s->band--;
	else
		ac_first(r, s, c, nonzero);
}

/* ---- how well a picture goes on ---- */

/* Sixteenths of a bit that a difference of so many half steps of brightness takes, about. */
static uint32_t cost_of(uint32_t difference)
{
	const uint32_t x = difference + 2;
	const unsigned top = 31u - (unsigned)__builtin_clz(x);
	const uint32_t rest = (top >= 4 ? x >> (top - 4) : x << (4 - top)) & 15;

	return 16 * top + rest;
}

typedef struct comparison {
	uint32_t cost, count;
} comparison;

/* The block at (x, y) of the i-th component of the scan, whose first row is `top` bright. */
static void compare(comparison *out, const jpeg_judge *j, const jpeg_state *s, uint8_t i,
                    uint32_t x, uint32_t y, int32_t top)
{
	const jpeg_component *c = &j->frame.component[s->scan.component[i]];
	const int16_t *here = &j->bottom[c->first + (size_t)y * c->stride + x];
	int32_t d = 0;

	if (y != 0)
		d = top - here[-(ptrdiff_t)c->stride];
	else if (x != 0)
		d = top - here[-1];
	const uint32_t size = (uint32_t)(d < 0 ? -d : d) >> (j->frame.precision - 6);

	out->cost += cost_of((uint32_t)athar_min(size, 4095));
	out->count++;
}

/* What is usual here: in the row above, and in the whole picture so far. */
static uint32_t expected(const jpeg_judge *j, const jpeg_state *s, uint32_t wide, uint32_t count)
{
	const uint32_t x = s->mcu % wide;
	const uint32_t from = x < 2 ? 0 : x - 2, to = x + 2 < wide ? x + 2 : wide - 1;
	uint32_t sum = 0;

	const uint32_t mean = s->mcu == 0 ? 64 * count : (uint32_t)(s->costs / s->mcu);

	if (s->mcu < 2 * wide)
		return mean;
	for (uint32_t i = from; i <= to; i++)
		sum += j->cost[s->mcu - x - wide + i];
	return (uint32_t)athar_max(sum / (to - from + 1), mean);
}

static void score(jpeg_judge *j, jpeg_state *s, const comparison *c, uint32_t wide)
{
	const int32_t n = (int32_t)c->count;
	const int32_t usual = (int32_t)expected(j, s, wide, c->count);
	int32_t gain = usual + HALF_GAP * n - (int32_t)c->cost;

	if (gain > GAIN_MOST * n)
		gain = GAIN_MOST * n;
	if (gain < -LOSS_MOST * n)
		gain = -LOSS_MOST * n;
	j->gain[s->mcu] = (int16_t)gain;
	s->gained += gain;
	j->cost[s->mcu] = (uint16_t)athar_min(c->cost, UINT16_MAX);
	s->costs += c->cost;
}

/* ---- MCUs ---- */

static inline bool has_dc(const jpeg_judge *j, const jpeg_state *s)
{
	return j->frame.process != 2 || (s->scan.from == 0 && s->scan.high == 0);
}

static int16_t clamp(int32_t x)
{
	return (int16_t)(x < INT16_MIN ? INT16_MIN : x > INT16_MAX ? INT16_MAX : x);
}

static edges dc_block(reader *r, jpeg_judge *j, jpeg_state *s, uint8_t i)
{
	const uint16_t *quant = s->quant[j->frame.component[s->scan.component[i]].quant];
	edges e = {0, 0};

	read_dc(r, j, s, i, &s->dc[i]);
	e.even = s->dc[i] * (1 << s->scan.low) * quant[0];
	if (j->frame.process != 2 && !r->bad)
		pass_ac(r, &j->codes[s->ac_table[s->scan.ac[i]] - 1], j->frame.precision + 2u, &e,
		        quant);
	return e;
}

/* All blocks of the i-th component of the scan in the MCU at (x, y). */
static void component(reader *r, jpeg_judge *j, jpeg_state *s, uint8_t i, uint32_t x, uint32_t y,
                      comparison *out)
{
	const jpeg_component *c = &j->frame.component[s->scan.component[i]];
	const uint32_t h = s->scan.count == 1 ? 1 : c->h, v = s->scan.count == 1 ? 1 : c->v;

	for (uint32_t b = 0; b < h * v && !r->bad; b++) {
		const uint32_t bx = x * h + b % h, by = y * v + b / h;

		if (!has_dc(j, s)) {
			r->at++;
			continue;
		}
		const edges e = dc_block(r, j, s, i);

		j->bottom[c->first + (size_t)by * c->stride + bx] = clamp(e.even - e.odd);
		if (b < h)
			compare(out, j, s, i, bx, by, clamp(e.even + e.odd));
	}
}

/* Room for it was made before. */
static void change(jpeg_judge *j, jpeg_state *s, size_t block, uint64_t nonzero)
{
	if (j->frame.nonzero[block] == nonzero)
		return;
	j->change[j->changes++] = (jpeg_change){block, j->frame.nonzero[block]};
	s->journal = j->changes;
	j->frame.nonzero[block] = nonzero;
}

static jpeg_step verdict_of(const reader *r, uint64_t end)
{
	/* what lies behind the end reads as zeros, and may have looked wrong only for that */
	if (r->at > end || (r->bad && r->at + 32 > end))
		return JPEG_STEP_SHORT;
	return r->bad ? JPEG_STEP_BAD : JPEG_STEP_DONE;
}

/* Where there is much detail in a block, there is in the one above. */
static void compare_detail(jpeg_judge *j, jpeg_state *s, size_t place, uint64_t bits)
{
	const jpeg_component *c = &j->frame.component[s->scan.component[0]];
	const int32_t detail = (int32_t)cost_of((uint32_t)bits);
	comparison x = {16, 1};

	if (s->mcu >= c->wide)
		x.cost = cost_of((uint32_t)abs(detail - j->bottom[place - c->stride]) >> 2);
	j->bottom[place] = (int16_t)detail;
	score(j, s, &x, c->wide);
}

static jpeg_step spectral(jpeg_judge *j, jpeg_state *s, reader *r, uint64_t end)
{
	const jpeg_component *c = &j->frame.component[s->scan.component[0]];
	const size_t place = c->first + (size_t)(s->mcu / c->wide) * c->stride + s->mcu % c->wide;
	const uint64_t before = r->at;
	const uint32_t band = s->band;
	uint64_t nonzero = j->frame.nonzero[place];

	ac_block(r, j, s, &nonzero);
	const jpeg_step step = verdict_of(r, end);

	if (step == JPEG_STEP_DONE) {
		change(j, s, place, nonzero);
		compare_detail(j, s, place, r->at - before);
	} else {
		s->band = band;
	}
	return step;
}

static jpeg_step means(jpeg_judge *j, jpeg_state *s, reader *r, uint64_t end)
{
	const uint32_t wide = jpeg_judge_wide(j, s);
	int32_t before[JPEG_COMPONENTS];
	comparison c = {0, 0};

	memcpy(before, s->dc, sizeof before);
	for (uint8_t i = 0; i < s->scan.count && !r->bad; i++)
		component(r, j, s, i, s->mcu % wide, s->mcu / wide, &c);
	const jpeg_step step = verdict_of(r, end);

	if (step != JPEG_STEP_DONE)
		memcpy(s->dc, before, sizeof before);
	else if (c.count != 0)
		score(j, s, &c, wide);
	else
		j->gain[s->mcu] = 0;
	return step;
}

jpeg_step jpeg_mcu_decode(jpeg_judge *j, jpeg_state *s, uint64_t *at, uint64_t end)
{
	reader r = {.bytes = j->work, .at = *at};
	const jpeg_step step = s->scan.from == 0 ? means(j, s, &r, end) : spectral(j, s, &r, end);

	if (step != JPEG_STEP_DONE)
		return step;
	*at = r.at;
	s->mcu++;
	return step;
}

uint32_t jpeg_judge_wide(const jpeg_judge *j, const jpeg_state *s)
{
	return s->scan.count == 1 ? j->frame.component[s->scan.component[0]].wide : j->frame.mcus_x;
}

uint32_t jpeg_scan_mcus(const jpeg_judge *j, const jpeg_state *s)
{
	const jpeg_component *alone = &j->frame.component[s->scan.component[0]];

	return s->scan.count == 1 ? alone->wide * alone->high : j->frame.mcus_x * j->frame.mcus_y;
}
