/* SPDX-License-Identifier: BSD-2-Clause */
#include "carve/join_search.h"

#include <string.h>

#include "base/check.h"
#include "carve/join_cursor.h"

/* What a candidate that is wrong is thought to live, before any has died. */
#define LIFE 2048u
#define LIVES 8u
/* Where nothing shows in so many bytes, only a guide's places are tried. */
#define BLIND_MOST 8192u
/* Breaks before those looked at in full for which a guide is asked. */
#define OLDER_MOST 8192u
/* The same for places where the kind of blocks changes. */
#define TURNING 4096u
/* Blocks of zeros or text that may follow packed data. */
#define PLAIN_MOST 4u
/* Steps of the search before what died is believed. */
#define NEAR_STEPS 5u

void join_stage_clear(join_stage *s)
{
	for (size_t i = 0; i < s->count; i++)
		s->c->v->release(s->breaks[i].state);
	s->count = 0;
}

static athar_status note_kinds(join_stage *s, athar_error *err)
{
	uint8_t look;

	for (uint64_t n = s->high - athar_min(s->high, 8); n < s->high; n++) {
		ATHAR_TRY(athar_joining_block(&look, s->c->j, join_chain_index(s->c, n), err));
		s->kinds |= 1u << (look & ATHAR_BLOCK_KIND);
	}
	/* zeros are everywhere */
	s->kinds &= ~(1u << ATHAR_BLOCK_BLANK);
	return ATHAR_OK;
}

/* m becomes the state one block behind that of `from`, which stays. */
static athar_status step_on(join_mark *m, const join_chain *c, const join_mark *from,
                            athar_error *err)
{
	ATHAR_TRY(join_mark_copy(m, c, from, err));
	const athar_status status =
		join_feed(&m->fed, c, m->state, join_chain_index(c, m->block), err);

	if (status != ATHAR_OK)
		c->v->release(m->state);
	return status;
}

/* The states at the breaks, from the earliest on. */
static athar_status fill_breaks(join_stage *s, athar_error *err)
{
	const size_t count = (size_t)athar_min(s->high - s->low + 1, JOIN_BREAKS);
	join_mark m;

	ATHAR_TRY(join_chain_state(&m, s->c, s->high - count + 1, err));
	for (size_t i = count; i-- > 0;) {
		athar_status status = ATHAR_OK;

		s->breaks[i] = m;
		if (i > 0)
			status = step_on(&m, s->c, &s->breaks[i], err);
		if (status != ATHAR_OK) {
			for (size_t k = i; k < count; k++)
				s->c->v->release(s->breaks[k].state);
			return status;
		}
		m.block++;
	}
	s->count = count;
	return ATHAR_OK;
}

athar_status join_stage_begin(join_stage *s, const join_chain *c, uint64_t high, unsigned share,
                              athar_error *err)
{
	const uint64_t left = athar_joining_left(c->j);

	*s = (join_stage){.c = c,
	                  .pieces = c->pieces,
	                  .low = join_chain_low(c),
	                  .high = high,
	                  .until = left - left / share};
	if (s->low > s->high)
		return ATHAR_OK;
	s->base = join_chain_index(c, s->high - 1);
	ATHAR_TRY(note_kinds(s, err));
	return fill_breaks(s, err);
}

static bool is_plain(uint8_t look)
{
	return (look & ATHAR_BLOCK_KIND) <= ATHAR_BLOCK_TEXT;
}

athar_status join_stage_turning(uint64_t *high, const join_chain *c, athar_error *err)
{
	const uint64_t low = athar_max(join_chain_low(c), c->block - athar_min(c->block, TURNING));
	bool plain = false;
	uint8_t look;

	*high = 0;
	for (uint64_t n = c->block; n-- > low && *high == 0;) {
		ATHAR_TRY(athar_joining_block(&look, c->j, join_chain_index(c, n), err));
		if (plain && !is_plain(look))
			*high = n + 1;
		plain = is_plain(look);
	}
	return ATHAR_OK;
}

/* ---- one pair ---- */

static unsigned log_2(uint64_t n)
{
	return 63u - (unsigned)__builtin_clzll(n | 1);
}

/* What one of so many that are wrong may live by chance: lives end like those of what decays. */
static uint64_t chance(const join_stage *s, unsigned sure)
{
	const uint64_t mean = (s->lived + LIVES * LIFE) / (s->tries + LIVES);

	return mean * (log_2(s->tries + 2) * 7 / 10 + sure);
}

static bool spans(const join_next *a, const join_stage *s)
{
	const uint64_t joint = a->before.block * s->c->size;

	return a->before.fed.proven < joint && a->after.fed.proven > joint;
}

/* Feeds the candidate's blocks until it is clear what it is. */
static athar_status live(join_next *a, const join_stage *s, athar_error *err)
{
	const join_chain *c = s->c;
	const uint64_t count = athar_space_count(athar_joining_space(c->j)),
		       enough = s->asking ? UINT64_MAX : chance(s, 7);
	athar_fed *fed = &a->after.fed;
	unsigned plain = 0;
	uint8_t look;

	for (uint64_t i = a->index; i < count && !join_chain_holds(c, i, a->before.block); i++) {
		const uint64_t before = fed->followed;

		ATHAR_TRY(athar_joining_block(&look, c->j, i, err));
		ATHAR_TRY(join_feed(fed, c, a->after.state, i, err));
		/* long runs of few bytes unpack to anything */
		plain = is_plain(look) && (s->kinds >> (look & ATHAR_BLOCK_KIND) & 1) == 0
		                ? plain + 1
		                : 0;
		if (fed->need <= fed->followed && plain == 0)
			a->lived += fed->followed - before;
		if (fed->verdict == ATHAR_VERDICT_END)
			a->found = JOIN_PROVEN;
		else if (spans(a, s))
			a->found = JOIN_PROVEN;
		else if (fed->verdict == ATHAR_VERDICT_MORE && a->lived > enough)
			a->found = JOIN_LIKELY;
		if (fed->verdict != ATHAR_VERDICT_MORE)
			return ATHAR_OK;
		a->after.block++;
		if (a->found != JOIN_NONE || (plain > PLAIN_MOST && !s->asking))
			return ATHAR_OK;
	}
	return ATHAR_OK;
}

static void keep_survivor(join_stage *s, const join_next *a)
{
	size_t i = s->survivors;

	if (a->lived <= chance(s, 0))
		return;
	while (i > 0 && s->best[i - 1].lived < a->lived)
		i--;
	if (i == JOIN_SURVIVORS)
		return;
	s->survivors = (size_t)athar_min(s->survivors + 1, JOIN_SURVIVORS);
	memmove(s->best + i + 1, s->best + i, (s->survivors - i - 1) * sizeof *s->best);
	s->best[i] = (join_survivor){a->before.block, a->index, a->lived};
}

/* `at` stays the caller's; on a find the attempt owns two states. */
static athar_status attempt_pair(join_next *a, join_stage *s, const join_mark *at, uint64_t index,
                                 athar_error *err)
{
	const join_chain *c = s->c;
	athar_status status;

	*a = (join_next){.before = *at, .index = index};
	ATHAR_TRY(athar_joining_spend(c->j, ATHAR_JOIN_TRY, err));
	ATHAR_TRY(join_mark_copy(&a->after, c, at, err));
	status = live(a, s, err);
	if (status == ATHAR_OK && a->found != JOIN_NONE) {
		status = join_mark_copy(&a->before, c, at, err);
		if (status == ATHAR_OK)
			return ATHAR_OK;
	}
	c->v->release(a->after.state);
	a->found = JOIN_NONE;
	return status;
}

static athar_status try_pair(join_next *a, join_stage *s, const join_mark *at, uint64_t index,
                             athar_error *err)
{
	ATHAR_TRY(attempt_pair(a, s, at, index, err));
	if (a->found != JOIN_NONE)
		return ATHAR_OK;
	keep_survivor(s, a);
	s->tries++;
	s->lived += a->lived;
	return ATHAR_OK;
}

/* ---- where the guide points ---- */

static athar_status try_places(join_next *a, join_stage *s, const join_mark *at,
                               const athar_join_guide *guide, athar_error *err)
{
	uint64_t place[ATHAR_JOIN_PLACES], index;
	size_t count = 0;

	ATHAR_TRY(
		guide->places(place, &count, guide->user, at->state, at->block * s->c->size, err));
	for (size_t i = 0; i < count && a->found == JOIN_NONE; i++)
		if (athar_space_index(&index, athar_joining_space(s->c->j), place[i]) &&
		    join_chain_index(s->c, at->block - 1) + 1 != index &&
		    !join_chain_holds(s->c, index, at->block))
			ATHAR_TRY(try_pair(a, s, at, index, err));
	return ATHAR_OK;
}

/* Breaks further back than those that are looked at in full. */
static athar_status try_older(join_next *a, join_stage *s, const athar_join_guide *guide,
                              athar_error *err)
{
	const uint64_t end = s->high - s->count + 1;
	const uint64_t from = athar_max(s->low, end - athar_min(end, OLDER_MOST));
	athar_status status = ATHAR_OK;
	join_mark m;

	if (from >= end)
		return ATHAR_OK;
	ATHAR_TRY(join_chain_state(&m, s->c, from, err));
	while (m.block < end && a->found == JOIN_NONE && status == ATHAR_OK) {
		status = try_places(a, s, &m, guide, err);
		if (status == ATHAR_OK && a->found == JOIN_NONE)
			status = join_feed(&m.fed, s->c, m.state, join_chain_index(s->c, m.block),
			                   err);
		m.block++;
	}
	s->c->v->release(m.state);
	return status;
}

static athar_status try_guided(join_next *a, join_stage *s, const athar_join_guide *guide,
                               athar_error *err)
{
	for (size_t i = 0; i < s->count && a->found == JOIN_NONE; i++)
		ATHAR_TRY(try_places(a, s, &s->breaks[i], guide, err));
	if (a->found != JOIN_NONE)
		return ATHAR_OK;
	return try_older(a, s, guide, err);
}

/* ---- everywhere ---- */

static bool is_blind(const join_mark *m, const join_chain *c)
{
	const uint64_t at = m->block * c->size;

	return m->fed.lost || (m->fed.need > at && m->fed.need - at > BLIND_MOST);
}

/* The best of those that died: it lived longer than others, and its piece may be short. */
static athar_status take_best(join_next *a, join_stage *s, unsigned sure, athar_error *err)
{
	const join_survivor best = s->best[0];
	athar_status status;

	if (s->survivors == 0 || best.lived <= chance(s, sure))
		return ATHAR_OK;
	memmove(s->best, s->best + 1, --s->survivors * sizeof *s->best);
	/* a guide's, from further back */
	if (best.block + s->count <= s->high)
		return ATHAR_OK;
	a->index = best.index;
	ATHAR_TRY(join_mark_copy(&a->before, s->c, &s->breaks[s->high - best.block], err));
	status = join_mark_copy(&a->after, s->c, &a->before, err);
	if (status != ATHAR_OK)
		s->c->v->release(a->before.state);
	else
		a->found = JOIN_LIKELY;
	return status;
}

static athar_status try_step(join_next *a, join_stage *s, athar_error *err)
{
	bool more = true;
	uint64_t index = 0;
	size_t b = 0;

	while (a->found == JOIN_NONE &&
	       (athar_joining_left(s->c->j) >= s->until || s->survivors == 0)) {
		ATHAR_TRY(join_cursor_next(&more, s, &b, &index, err));
		if (!more)
			return ATHAR_OK;
		if (!is_blind(&s->breaks[b], s->c))
			ATHAR_TRY(try_pair(a, s, &s->breaks[b], index, err));
	}
	return ATHAR_OK;
}

athar_status join_stage_ask(join_next *a, join_stage *s, const athar_join_guide *guide,
                            athar_error *err)
{
	*a = (join_next){.found = JOIN_NONE};
	if (s->count == 0 || guide == NULL)
		return ATHAR_OK;
	/* a piece of another version of the file lives long as well: all of them are asked first */
	s->asking = true;
	ATHAR_TRY(try_guided(a, s, guide, err));
	s->asking = false;
	return a->found == JOIN_NONE ? take_best(a, s, 7, err) : ATHAR_OK;
}

athar_status join_stage_search(join_next *a, join_stage *s, athar_error *err)
{
	*a = (join_next){.found = JOIN_NONE};
	if (s->count == 0)
		return ATHAR_OK;
	while (a->found == JOIN_NONE && !s->searched) {
		ATHAR_TRY(try_step(a, s, err));
		if (a->found == JOIN_NONE && s->cursor.step >= NEAR_STEPS)
			ATHAR_TRY(take_best(a, s, 4, err));
		if (a->found != JOIN_NONE || athar_joining_left(s->c->j) < s->until)
			break;
		s->searched = !join_cursor_step(s);
	}
	if (a->found == JOIN_NONE)
		ATHAR_TRY(take_best(a, s, 1, err));
	return ATHAR_OK;
}
