/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a JPEG may have broken off, and which blocks go on best there.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/sort.h"
#include "carve/jpeg_joints.h"

/* Measured: a byte takes 12 ns, an MCU 130. */
#define BYTE_WORK 2u
#define MCU_WORK 12u
#define BEST 3u         /* of them at one place */
#define LOOK_BLOCKS 64u /* of a candidate that are looked at most */
#define END_BITS 40     /* what the end at its place says */
#define LOST_BITS 150   /* behind its best a candidate is given up */
#define NONE (-BITS(1 << 20))
#define OTHER_BLOCKS 16u /* that a header may be longer than this one */
#define FAR_BITS 80      /* by which it is far better */
#define DROP_BITS 24     /* less than that is no sign of a break */

/* ---- feeding ---- */

static athar_status feed_to(jpeg_judge *judge, search *s, jpeg_state *state, uint64_t index,
                            athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_joining_read(&b, s->j, athar_space_at(s->space, index), s->space->block,
	                             err));
	const uint64_t before = state->fed, visits = state->visits;

	/* zeros would be a picture of one colour */
	if (b.len < s->space->block ||
	    (state->phase == JPEG_DATA && memcmp(b.ptr, b.ptr + 1, b.len - 1) == 0)) {
		state->verdict = ATHAR_VERDICT_WRONG;
		return ATHAR_OK;
	}
	ATHAR_TRY(jpeg_judge_feed(judge, state, b.ptr, b.len, err));
	return athar_joining_spend(
		s->j, BYTE_WORK * (state->fed - before) + MCU_WORK * (state->visits - visits), err);
}

static athar_status feed(search *s, jpeg_state *state, uint64_t index, athar_error *err)
{
	return feed_to(s->judge, s, state, index, err);
}

/* The pieces that a path is made of. */
typedef struct pieces {
	uint64_t from[JOINTS_MOST + 1], to[JOINTS_MOST + 1];
	size_t count;
} pieces;

static pieces pieces_of(const search *s, size_t count)
{
	pieces p = {.count = 0};

	for (size_t i = 0; i < count; i++) {
		const uint64_t index = s->path[i].index;

		if (i == 0 || index != s->path[i - 1].index + 1)
			p.from[p.count++] = index;
		p.to[p.count - 1] = index + 1;
	}
	return p;
}

static bool is_used(const pieces *p, uint64_t index)
{
	for (size_t i = 0; i < p->count; i++)
		if (index >= p->from[i] && index < p->to[i])
			return true;
	return false;
}

static athar_status push(search *s, uint64_t index, const jpeg_state *state, athar_error *err)
{
	ATHAR_TRY(athar_grow(&s->path, &s->capacity, s->count + 1, sizeof *s->path, err));
	s->path[s->count++] = (step){index, *state};
	return ATHAR_OK;
}

/* Goes on from block `index` as far as nothing is wrong, `most` blocks of the path at most. */
athar_status jpeg_path_extend(search *s, uint64_t index, size_t most, athar_error *err)
{
	const uint64_t all = athar_space_count(s->space);
	const pieces before = pieces_of(s, s->count);
	jpeg_state state = *jpeg_path_state(s, s->count);

	for (; index < all && s->count < most; index++) {
		if (is_used(&before, index))
			return ATHAR_OK;
		ATHAR_TRY(feed(s, &state, index, err));
		if (state.verdict == ATHAR_VERDICT_WRONG)
			return ATHAR_OK;
		ATHAR_TRY(push(s, index, &state, err));
		if (state.verdict == ATHAR_VERDICT_END)
			return ATHAR_OK;
	}
	return ATHAR_OK;
}

/* ---- trying ---- */

/* What the blocks behind a place say for being there: the best that the sum of what their MCUs say
 * comes to in the first row or so. Later rows fit to those above even in a wrong place. */
typedef struct tally {
	uint32_t scan, mcu, until; /* where it is, where it ends */
	int64_t before;            /* score of the state it began with */
	int64_t sum, least;
	int64_t best; /* at a border */
	bool over;
} tally;

static tally tally_begin(const search *s, const jpeg_state *from)
{
	const bool data = from->phase == JPEG_DATA;

	return (tally){.best = INT64_MIN,
	               .scan = data ? from->scans : from->scans + 1,
	               .mcu = data ? from->mcu : 0,
	               .until = data ? from->mcu + jpeg_judge_wide(s->judge, from) + 8 : 64,
	               .before = from->score};
}

static void tally_add(tally *t, const search *s, const jpeg_state *to)
{
	const bool same = to->scans == t->scan;

	for (; same && t->mcu < to->mcu && t->mcu < t->until; t->mcu++) {
		t->sum += jpeg_judge_gain(s->judge, t->mcu);
		t->least = t->sum < t->least ? t->sum : t->least;
	}
	t->best = t->sum > t->best ? t->sum : t->best;
	t->over = to->scans > t->scan || (same && t->mcu == t->until);
}

static int64_t tally_worth(const tally *t, const jpeg_state *to)
{
	return t->sum + to->score - t->before;
}

/* What the blocks from `index` on say for their going on at `at`; INT64_MIN: they cannot. */
static athar_status try_block(int64_t *worth, search *s, size_t at, uint64_t index,
                              athar_error *err)
{
	const uint64_t all = athar_space_count(s->space);
	jpeg_state state = *jpeg_path_state(s, at);
	tally t = tally_begin(s, &state);

	*worth = INT64_MIN;
	ATHAR_TRY(athar_joining_spend(s->j, ATHAR_JOIN_TRY, err));
	for (unsigned n = 0; n < LOOK_BLOCKS && index + n < all && !t.over; n++) {
		ATHAR_TRY(feed(s, &state, index + n, err));
		if (state.verdict == ATHAR_VERDICT_WRONG)
			return ATHAR_OK;
		tally_add(&t, s, &state);
		const int64_t now = tally_worth(&t, &state);

		*worth = now > *worth ? now : *worth;
		if (state.verdict == ATHAR_VERDICT_END)
			*worth += BITS(END_BITS);
		if (state.verdict == ATHAR_VERDICT_END || t.sum < t.best - BITS(LOST_BITS))
			return ATHAR_OK;
	}
	return ATHAR_OK;
}

/* The same of the way that the path went. */
static tally tally_path(const search *s, size_t at)
{
	tally t = tally_begin(s, jpeg_path_state(s, at));

	for (size_t i = at; i < s->count && i < at + LOOK_BLOCKS && !t.over; i++)
		tally_add(&t, s, &s->path[i].state);
	return t;
}

/* A joint that is far better goes first, the earliest of them: what was read behind a break is a
 * foreign picture, which may well go on far better somewhere else too. */
static bool comes_first(const joint *a, const joint *b)
{
	const bool far_a = a->gain >= BITS(FAR_BITS), far_b = b->gain >= BITS(FAR_BITS);

	if (far_a && far_b)
		return a->at < b->at;
	return a->gain > b->gain;
}

static void keep(level *l, const joint *x)
{
	size_t i = l->count;

	while (i > 0 && comes_first(x, &l->choice[i - 1]))
		i--;
	if (i == CHOICES)
		return;
	if (l->count < CHOICES)
		l->count++;
	memmove(&l->choice[i + 1], &l->choice[i], (l->count - 1 - i) * sizeof *x);
	l->choice[i] = *x;
}

/* A place where the path may have gone wrong. */
typedef struct place {
	size_t at;
	int64_t bits; /* how much the picture speaks against going on there */
	int64_t old;  /* what speaks for it */
} place;

static void note_best(joint *best, uint64_t index, int64_t worth)
{
	size_t i = BEST;

	if (worth <= best[BEST - 1].worth)
		return;
	while (i > 0 && best[i - 1].worth < worth) {
		best[i].worth = best[i - 1].worth;
		best[i].index = best[i - 1].index;
		i--;
	}
	best[i].worth = worth;
	best[i].index = index;
}

/* Is there a row above, to which what follows can be compared? */
static bool tells(const search *s, size_t at)
{
	const jpeg_state *x = jpeg_path_state(s, at);

	return x->phase == JPEG_DATA && x->mcu >= jpeg_judge_wide(s->judge, x);
}

/* Does another JPEG that begins a little before run through this block? */
static athar_status is_of_another(bool *out, search *s, size_t at, uint64_t index, athar_error *err)
{
	const uint64_t far = athar_min(index, at + OTHER_BLOCKS);
	ATHAR_AUTO(jpeg_judge) jpeg_judge *judge = NULL;

	*out = false;
	ATHAR_TRY(jpeg_judge_new(&judge, err));
	for (uint64_t n = 1; n <= far && !*out; n++) {
		jpeg_state state = jpeg_judge_begin();
		athar_bytes b;

		ATHAR_TRY(
			athar_joining_read(&b, s->j, athar_space_at(s->space, index - n), 3, err));
		if (index - n == s->path[0].index || b.len < 3 ||
		    memcmp(b.ptr, "\xFF\xD8\xFF", 3) != 0)
			continue;
		for (uint64_t i = index - n; i <= index && state.verdict == ATHAR_VERDICT_MORE; i++)
			ATHAR_TRY(feed_to(judge, s, &state, i, err));
		*out = state.verdict == ATHAR_VERDICT_MORE;
	}
	return ATHAR_OK;
}

/* In a header and in the first row nothing of the picture speaks for a block: what is another
 * file's cannot be told from this one's. */
static athar_status doubt(joint *best, search *s, athar_error *err)
{
	for (size_t i = 0; i < BEST && best[i].worth > NONE; i++) {
		bool other = false;

		ATHAR_TRY(is_of_another(&other, s, best[i].at, best[i].index, err));
		if (other)
			best[i].gain = NONE;
	}
	return ATHAR_OK;
}

/* Tries every block that is near enough at this place of the path. */
static athar_status try_place(level *l, search *s, const place *x, athar_error *err)
{
	const uint64_t all = athar_space_count(s->space), before = s->path[x->at - 1].index;
	const uint64_t from = before < s->width / 4 ? 0 : before - s->width / 4;
	const uint64_t to = athar_min(all, before + s->width);
	const pieces used = pieces_of(s, x->at);
	const bool tell = tells(s, x->at);
	joint best[BEST + 1] = {{x->at, 0, NONE, 0, NONE},
	                        {x->at, 0, NONE, 0, NONE},
	                        {x->at, 0, NONE, 0, NONE},
	                        {x->at, 0, NONE, 0, NONE}};

	for (uint64_t i = from; i < to; i++) {
		int64_t worth = 0;

		if (i == before + 1 || is_used(&used, i))
			continue;
		ATHAR_TRY(try_block(&worth, s, x->at, i, err));
		note_best(best, i, worth);
	}
	for (size_t i = 0; i < BEST; i++) {
		joint *b = &best[i];

		b->second = best[i == 0].worth;
		if (x->at < s->count && x->old > b->second)
			b->second = x->old;
		b->gain = b->worth - b->second;
	}
	if (!tell)
		ATHAR_TRY(doubt(best, s, err));
	for (size_t i = 0; i < BEST; i++)
		if (best[i].worth > NONE)
			keep(l, &best[i]);
	return ATHAR_OK;
}

/* ---- where it may break ---- */

static void keep_place(place *list, size_t *count, size_t most, const place *x)
{
	size_t i = *count;

	while (i > 0 && list[i - 1].bits < x->bits)
		i--;
	if (i == most)
		return;
	if (*count < most)
		++*count;
	memmove(&list[i + 1], &list[i], (*count - 1 - i) * sizeof *x);
	list[i] = *x;
}

/* The places behind which the picture fits worst to what is above it, and the last few. */
static size_t find_places(place *list, const search *s, size_t from)
{
	size_t count = 0;

	for (size_t i = from; i <= s->count; i++) {
		const tally t = tally_path(s, i);
		place x = {i, -t.least, t.best};

		if (!tells(s, i) && tells(s, s->count))
			continue;
		if (s->count - i < s->last)
			x.bits = INT64_MAX;
		if (x.bits >= BITS(DROP_BITS))
			keep_place(list, &count, s->breaks, &x);
	}
	return count;
}

static int by_place(const void *a, const void *b, const void *user)
{
	const place *x = a, *y = b;

	(void)user;
	return x->at < y->at ? 1 : x->at > y->at ? -1 : 0;
}

/* Fills a level with the best joints for the break that shows at the end of the path. The last
 * places come first, since trying one makes the states behind it invalid. */
athar_status jpeg_joints_look(level *l, search *s, size_t from, athar_error *err)
{
	place list[BREAKS_MOST];
	const size_t count = find_places(list, s, from);

	athar_sort(list, count, sizeof *list, by_place, NULL);
	*l = (level){.kept = count == 0 ? s->count : list[count - 1].at};
	for (size_t i = 0; i < count; i++)
		ATHAR_TRY(try_place(l, s, &list[i], err));
	return ATHAR_OK;
}
