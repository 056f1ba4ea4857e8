/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * LZMA as "LZMA specification (draft)" of the LZMA SDK describes it, and LZMA2 as in "The .xz File
 * Format", 5.3.1 and the SDK's Lzma2Dec.c. The window is a ring that grows up to the dictionary's
 * size; what it holds is handed on when it wraps.
 */
#include "format/lzma.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "format/walk.h"

#define DICTIONARY_MOST (64u << 20) /* what xz takes at its best; more is not followed */
#define WINDOW_FIRST (1u << 16)

#define STATES 12u
#define POSITIONS 16u
#define LITERALS 0x300u
#define LITERAL_BITS 4u /* lc + lp; more is allowed in LZMA and used by nobody */
#define HALF 1024u
#define TOP (UINT32_C(1) << 24)
#define NO_DISTANCE UINT32_MAX

typedef uint16_t prob;

typedef struct lengths {
	prob choice[2], low[POSITIONS][8], middle[POSITIONS][8], high[256];
} lengths;

typedef struct model {
	prob match[STATES][POSITIONS], rep[STATES], rep0[STATES], rep1[STATES], rep2[STATES];
	prob rep0_long[STATES][POSITIONS];
	prob slot[4][64], special[115], align[16];
	lengths match_length, rep_length;
	prob literal[LITERALS << LITERAL_BITS];
} model;

struct athar_lzma {
	athar_stream in;
	uint64_t left; /* bytes of input that may be taken */
	uint32_t range, code;
	bool failed; /* the input makes no sense, or has ended before it should */
	athar_status status;
	athar_error *err;
	unsigned lc, lp, pb, state;
	uint32_t distance[4];
	uint8_t *window;
	size_t at, held, room;       /* the next byte; what was not handed on begins; allocated */
	size_t size;                 /* what it may grow to */
	uint64_t position, produced; /* since the dictionary was emptied; in all */
	athar_lzma_job *job;
	model model;
};

athar_status athar_lzma_new(athar_lzma **out, athar_error *err)
{
	*out = athar_alloc(sizeof **out, err);
	return *out == NULL ? ATHAR_ENOMEM : ATHAR_OK;
}

void athar_lzma_free(athar_lzma *x)
{
	if (x == NULL)
		return;
	free(x->window);
	free(x);
}

uint32_t athar_lzma2_dictionary(uint8_t bits)
{
	return bits >= 40 ? UINT32_MAX : (2u | (bits & 1u)) << (bits / 2 + 11);
}

/* ---- the window ---- */

static void hand_on(athar_lzma *x)
{
	if (x->at > x->held)
		x->job->take(x->job->user, x->window + x->held, x->at - x->held);
	x->held = x->at;
}

/* The window is full: it grows, or begins anew. */
static void make_room(athar_lzma *x)
{
	size_t room = x->room;

	if (x->room >= x->size) {
		hand_on(x);
		x->at = x->held = 0;
		return;
	}
	x->status = athar_grow(&x->window, &room, athar_min(x->size, 2 * x->room), 1, x->err);
	if (x->status == ATHAR_OK)
		x->room = (size_t)athar_min(room, x->size);
	else
		x->failed = true;
}

static void put(athar_lzma *x, uint8_t byte)
{
	x->window[x->at++] = byte;
	x->position++;
	x->produced++;
	if (x->at == x->room)
		make_room(x);
}

/* The byte that lies `distance` behind the last one; the caller knows that there is one. */
static uint8_t back(const athar_lzma *x, uint32_t distance)
{
	const size_t far = (size_t)distance + 1;

	return x->window[x->at >= far ? x->at - far : x->at + x->room - far];
}

static bool reaches(athar_lzma *x, uint32_t distance)
{
	if (distance >= x->position || distance >= x->job->dictionary)
		return false;
	x->job->dear = x->job->dear || distance >= x->size;
	return distance < x->size;
}

/* ---- bits ---- */

static uint8_t next_byte(athar_lzma *x)
{
	uint8_t byte = 0;

	if (x->left == 0) {
		x->failed = true;
		return 0;
	}
	x->left--;
	const athar_status status = athar_stream_byte(&byte, &x->in, x->err);

	if (status != ATHAR_OK) {
		x->status = status;
		x->failed = true;
		x->left = 0;
	}
	return byte;
}

static inline void normalise(athar_lzma *x)
{
	if (x->range < TOP) {
		x->range <<= 8;
		x->code = x->code << 8 | next_byte(x);
	}
}

static inline unsigned bit(athar_lzma *x, prob *p)
{
	const uint32_t bound = (x->range >> 11) * *p;
	unsigned value = 0;

	if (x->code < bound) {
		x->range = bound;
		*p = (prob)(*p + ((2048u - *p) >> 5));
	} else {
		x->range -= bound;
		x->code -= bound;
		*p = (prob)(*p - (*p >> 5));
		value = 1;
	}
	normalise(x);
	return value;
}

static unsigned tree(athar_lzma *x, prob *probs, unsigned bits)
{
	unsigned m = 1;

	for (unsigned i = 0; i < bits; i++)
		m = m << 1 | bit(x, &probs[m]);
	return m - (1u << bits);
}

static uint32_t reverse_tree(athar_lzma *x, prob *probs, unsigned bits)
{
	uint32_t value = 0;
	unsigned m = 1;

	for (unsigned i = 0; i < bits; i++) {
		const unsigned b = bit(x, &probs[m]);

		m = m << 1 | b;
		value |= (uint32_t)b << i;
	}
	return value;
}

static uint32_t direct(athar_lzma *x, unsigned bits)
{
	uint32_t value = 0;

	for (unsigned i = 0; i < bits; i++) {
		x->range >>= 1;
		const bool one = x->code >= x->range;

		if (one)
			x->code -= x->range;
		value = value << 1 | (one ? 1u : 0u);
		normalise(x);
	}
	return value;
}

/* ---- symbols ---- */

static void literal(athar_lzma *x)
{
	const unsigned before = x->position == 0 ? 0 : back(x, 0);
	const unsigned low = (unsigned)x->position & ((1u << x->lp) - 1);
	prob *probs =
		x->model.literal + (size_t)LITERALS * ((low << x->lc) + (before >> (8 - x->lc)));
	unsigned symbol = 1;

	if (x->state >= 7) {
		unsigned match = back(x, x->distance[0]);

		while (symbol < 0x100) {
			const unsigned expected = match >> 7 & 1;
			const unsigned b = bit(x, &probs[((1 + expected) << 8) + symbol]);

			match <<= 1;
			symbol = symbol << 1 | b;
			if (b != expected)
				break;
		}
	}
	while (symbol < 0x100)
		symbol = symbol << 1 | bit(x, &probs[symbol]);
	x->state = x->state < 4 ? 0 : x->state - (x->state < 10 ? 3 : 6);
	put(x, (uint8_t)symbol);
}

static unsigned length(athar_lzma *x, lengths *l, unsigned position)
{
	if (bit(x, &l->choice[0]) == 0)
		return 2 + tree(x, l->low[position], 3);
	if (bit(x, &l->choice[1]) == 0)
		return 10 + tree(x, l->middle[position], 3);
	return 18 + tree(x, l->high, 8);
}

static uint32_t distance(athar_lzma *x, unsigned len)
{
	const unsigned slot = tree(x, x->model.slot[athar_min(len - 2, 3)], 6);
	const unsigned bits = slot / 2 - 1;
	uint32_t base;

	if (slot < 4)
		return slot;
	base = (2u | (slot & 1)) << bits;
	if (slot < 14)
		return base + reverse_tree(x, x->model.special + base - slot, bits);
	base += direct(x, bits - 4) << 4;
	return base + reverse_tree(x, x->model.align, 4);
}

/* One of the last four distances becomes the last one. */
static void repeat_distance(athar_lzma *x)
{
	const unsigned state = x->state;
	unsigned i = 1;

	if (bit(x, &x->model.rep1[state]) != 0)
		i = 2 + bit(x, &x->model.rep2[state]);
	const uint32_t chosen = x->distance[i];

	memmove(x->distance + 1, x->distance, i * sizeof *x->distance);
	x->distance[0] = chosen;
}

/* What is no literal: how long it is; its distance is the last one. */
static unsigned match(athar_lzma *x, unsigned position)
{
	const unsigned state = x->state;
	unsigned len = 1;

	if (bit(x, &x->model.rep[state]) == 0) {
		memmove(x->distance + 1, x->distance, 3 * sizeof *x->distance);
		len = length(x, &x->model.match_length, position);
		x->distance[0] = distance(x, len);
		x->state = state < 7 ? 7 : 10;
		return len;
	}
	if (bit(x, &x->model.rep0[state]) == 0) {
		if (bit(x, &x->model.rep0_long[state][position]) == 0) {
			x->state = state < 7 ? 9 : 11;
			return len;
		}
	} else {
		repeat_distance(x);
	}
	len = length(x, &x->model.rep_length, position);
	x->state = state < 7 ? 8 : 11;
	return len;
}

/* Symbols that come to `count` bytes, just. */
static void symbols(athar_lzma *x, uint64_t count)
{
	const uint64_t until = x->produced + count;

	while (x->produced < until && !x->failed) {
		const unsigned position = (unsigned)x->position & ((1u << x->pb) - 1);

		if (bit(x, &x->model.match[x->state][position]) == 0) {
			literal(x);
			continue;
		}
		unsigned len = match(x, position);

		if (!reaches(x, x->distance[0]) || len > until - x->produced) {
			x->failed = true;
			return;
		}
		for (; len != 0 && !x->failed; len--)
			put(x, back(x, x->distance[0]));
	}
}

/* ---- beginnings ---- */

static void reset_state(athar_lzma *x)
{
	prob *p = (prob *)&x->model;

	for (size_t i = 0; i < sizeof x->model / sizeof *p; i++)
		p[i] = HALF;
	x->state = 0;
	memset(x->distance, 0, sizeof x->distance);
}

static bool set_properties(athar_lzma *x, unsigned byte)
{
	if (byte >= 9 * 5 * 5)
		return false;
	x->lc = byte % 9;
	x->lp = byte / 9 % 5;
	x->pb = byte / 45;
	return x->lc + x->lp <= LITERAL_BITS;
}

static bool begin_range(athar_lzma *x)
{
	const uint8_t first = next_byte(x);

	x->range = UINT32_MAX;
	x->code = 0;
	for (int i = 0; i < 4; i++)
		x->code = x->code << 8 | next_byte(x);
	return first == 0 && !x->failed;
}

static athar_status begin(athar_lzma *x, athar_lzma_job *job, athar_error *err)
{
	job->consumed = job->produced = 0;
	job->dear = false;
	x->job = job;
	x->err = err;
	x->failed = false;
	x->status = ATHAR_OK;
	x->left = job->limit;
	x->size = (size_t)athar_max(4096, athar_min(job->dictionary, DICTIONARY_MOST));
	x->at = x->held = 0;
	x->position = x->produced = 0;
	if (x->room == 0 || x->room > x->size) {
		free(x->window);
		x->room = (size_t)athar_min(WINDOW_FIRST, x->size);
		x->window = athar_alloc(x->room, err);
		if (x->window == NULL) {
			x->room = 0;
			return ATHAR_ENOMEM;
		}
	}
	athar_stream_seek(&x->in, job->in, job->at);
	return ATHAR_OK;
}

static athar_status end(athar_lzma *x)
{
	athar_lzma_job *job = x->job;

	hand_on(x);
	job->consumed = athar_stream_at(&x->in) - job->at;
	job->produced = x->produced;
	if (x->status != ATHAR_OK)
		return x->status;
	if (x->failed && !job->dear)
		return athar_fail(x->err, ATHAR_EFORMAT, "LZMA: the data are damaged");
	return ATHAR_OK;
}

/* Some programs write one although the length is known. */
static void end_mark(athar_lzma *x)
{
	const unsigned position = (unsigned)x->position & ((1u << x->pb) - 1);

	if (bit(x, &x->model.match[x->state][position]) == 0 || match(x, position) < 2 ||
	    x->distance[0] != NO_DISTANCE)
		x->failed = true;
}

athar_status athar_lzma_run(athar_lzma *x, athar_lzma_job *job, uint8_t properties, uint64_t length,
                            athar_error *err)
{
	ATHAR_TRY(begin(x, job, err));
	job->dear = length > job->most || !set_properties(x, properties);
	if (job->dear)
		return ATHAR_OK;
	reset_state(x);
	if (begin_range(x))
		symbols(x, length);
	else
		x->failed = true;
	if (!x->failed && x->code != 0)
		end_mark(x);
	x->failed = x->failed || x->code != 0;
	return end(x);
}

/* ---- LZMA2 ---- */

static uint32_t next_16(athar_lzma *x)
{
	const uint32_t high = next_byte(x);

	return high << 8 | next_byte(x);
}

/* A chunk of LZMA; the control byte says what is reset before it. */
static void packed_chunk(athar_lzma *x, unsigned control, bool *ready)
{
	const uint32_t count = (control & 0x1F) << 16 | next_16(x), packed = next_16(x) + 1;

	if (control >= 0xC0)
		*ready = set_properties(x, next_byte(x));
	if (control >= 0xA0)
		reset_state(x);
	const uint64_t left = x->left;

	if (!*ready || x->failed || left < packed) {
		x->failed = true;
		return;
	}
	x->left = packed;
	if (begin_range(x))
		symbols(x, count + UINT64_C(1));
	x->failed = x->failed || x->left != 0 || x->code != 0;
	x->left = x->failed ? 0 : left - packed;
}

static void plain_chunk(athar_lzma *x)
{
	const uint32_t count = next_16(x) + 1;

	for (uint32_t i = 0; i < count && !x->failed; i++)
		put(x, next_byte(x));
}

athar_status athar_lzma2_run(athar_lzma *x, athar_lzma_job *job, athar_error *err)
{
	bool begun = false, ready = false;
	unsigned control;

	ATHAR_TRY(begin(x, job, err));
	while ((control = next_byte(x)) != 0 && !x->failed) {
		if (control == 1 || control >= 0xE0) {
			begun = true;
			ready = false;
			x->position = 0;
		}
		if (!begun || (control > 2 && control < 0x80))
			x->failed = true;
		else if (control >= 0x80)
			packed_chunk(x, control, &ready);
		else
			plain_chunk(x);
		job->dear = job->dear || (!x->failed && x->produced > job->most);
		if (job->dear)
			break;
	}
	return end(x);
}
