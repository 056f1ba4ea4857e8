/* SPDX-License-Identifier: BSD-2-Clause */
#include "carve/join_cursor.h"

#include "base/check.h"

/* The steps of the search: how far from the break, and whether blocks that look like those before
 * or the others. Near ones come first, since most files lie forward in few pieces. */
static const struct {
	uint8_t reach;
	bool alike;
} schedule[] = {
	{0, true}, {1, true},  {2, true}, {0, false}, {1, false}, {3, true}, {4, true},  {2, false},
	{5, true}, {3, false}, {6, true}, {7, true},  {4, false}, {8, true}, {5, false}, {9, true},
};

static uint64_t reach(size_t step)
{
	return UINT64_C(64) << 2 * schedule[step].reach;
}

static size_t breaks(const join_stage *s, unsigned r)
{
	return (size_t)athar_min(UINT64_C(4) << r, s->count);
}

/* Candidate t of the step: forward first, from before the break on, since what went wrong may have
 * shown only behind the gap; then backward, not so far. False: there is none. */
static bool candidate(uint64_t *index, const join_stage *s, uint64_t t)
{
	const uint64_t far = reach(s->cursor.step),
		       from = s->base - athar_min(s->base, JOIN_BREAKS);
	const uint64_t forward = far + JOIN_BREAKS;

	if (t < forward) {
		*index = from + t;
		return *index < athar_space_count(athar_joining_space(s->c->j));
	}
	*index = from - 1 - (t - forward);
	return t - forward < from;
}

static uint64_t candidates(const join_stage *s)
{
	const uint64_t far = reach(s->cursor.step);

	return far + JOIN_BREAKS + (schedule[s->cursor.step].reach == 0 ? 0 : far / 2);
}

/* How many of the breaks were tried with this candidate in an earlier step. */
static size_t tried(const join_stage *s, uint64_t t)
{
	const unsigned r = schedule[s->cursor.step].reach;
	const uint64_t far = reach(s->cursor.step), forward = far + JOIN_BREAKS;

	if (r == 0)
		return 0;
	if (t < forward)
		return t < far / 4 + JOIN_BREAKS ? breaks(s, r - 1) : 0;
	return r > 1 && t - forward < far / 8 ? breaks(s, r - 1) : 0;
}

static athar_status fits(bool *out, const join_stage *s, uint64_t index, athar_error *err)
{
	uint8_t look;

	ATHAR_TRY(athar_joining_block(&look, s->c->j, index, err));
	const uint8_t kind = look & ATHAR_BLOCK_KIND;
	const bool alike = (s->kinds >> kind & 1) != 0 && (look & ATHAR_BLOCK_BEGINS) == 0;

	*out = alike == schedule[s->cursor.step].alike &&
	       (alike || kind != ATHAR_BLOCK_BLANK || schedule[s->cursor.step].reach < 2);
	return ATHAR_OK;
}

/* Can the file's block go there? Not where it went wrong, nor where the file is already. */
static bool is_new(const join_stage *s, uint64_t block, uint64_t index)
{
	return join_chain_index(s->c, block - 1) + 1 != index &&
	       !join_chain_holds(s->c, index, block);
}

/* To the next candidate; *more: there is one in this step. */
static athar_status enter(bool *more, join_stage *s, uint64_t *index, athar_error *err)
{
	join_cursor *at = &s->cursor;
	bool fit = false;

	for (*more = true; *more && !fit;) {
		*more = at->t < candidates(s);
		if (!*more)
			return ATHAR_OK;
		if (candidate(index, s, at->t))
			ATHAR_TRY(fits(&fit, s, *index, err));
		else if (at->t < reach(at->step) + JOIN_BREAKS)
			at->t = reach(at->step) + JOIN_BREAKS - 1;
		else
			at->t = candidates(s);
		if (!fit)
			at->t++;
	}
	at->started = true;
	at->b = tried(s, at->t);
	return ATHAR_OK;
}

athar_status join_cursor_next(bool *more, join_stage *s, size_t *b, uint64_t *index,
                              athar_error *err)
{
	join_cursor *at = &s->cursor;

	for (;;) {
		*more = true;
		if (!at->started)
			ATHAR_TRY(enter(more, s, index, err));
		if (!*more)
			return ATHAR_OK;
		(void)candidate(index, s, at->t);
		while (at->b < breaks(s, schedule[at->step].reach)) {
			*b = at->b++;
			if (is_new(s, s->breaks[*b].block, *index))
				return ATHAR_OK;
		}
		at->t++;
		at->started = false;
	}
}

bool join_cursor_step(join_stage *s)
{
	const uint64_t count = athar_space_count(athar_joining_space(s->c->j));
	const bool all = reach(s->cursor.step) / 8 > count;

	s->cursor = (join_cursor){.step = s->cursor.step + 1};
	return s->cursor.step < ATHAR_COUNT(schedule) && !all;
}
