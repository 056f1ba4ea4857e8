/* SPDX-License-Identifier: BSD-2-Clause */
#include "carve/join_chain.h"

#include <string.h>

#include "base/check.h"

/* Bytes between two marks at first. */
#define MARK_EVERY 16384u

static void drop_marks(join_chain *c, size_t from)
{
	for (size_t i = from; i < c->marks; i++)
		c->v->release(c->mark[i].state);
	c->marks = from;
}

void join_chain_clear(join_chain *c)
{
	if (c->v == NULL)
		return;
	drop_marks(c, 0);
	c->v->release(c->state);
	c->state = NULL;
}

athar_status join_chain_begin(join_chain *c, athar_joining *j, const athar_validator *v,
                              athar_error *err)
{
	c->j = j;
	c->v = v;
	c->size = athar_joining_space(j)->block;
	c->every = athar_max(1, MARK_EVERY / c->size);
	if (!athar_space_index(&c->piece[0].index, athar_joining_space(j), athar_joining_start(j)))
		return athar_fail(err, ATHAR_EUSAGE, "the file begins outside of the free space");
	c->pieces = 1;
	ATHAR_TRY(v->begin(&c->state, err));
	c->marks = 1;
	return v->copy(&c->mark[0].state, c->state, err);
}

static const join_piece *piece_of(const join_chain *c, uint64_t n)
{
	size_t i = c->pieces - 1;

	while (i > 0 && c->piece[i].block > n)
		i--;
	return &c->piece[i];
}

uint64_t join_chain_index(const join_chain *c, uint64_t n)
{
	const join_piece *p = piece_of(c, n);

	return p->index + (n - p->block);
}

bool join_chain_holds(const join_chain *c, uint64_t index, uint64_t n)
{
	for (size_t i = 0; i < c->pieces && c->piece[i].block < n; i++) {
		const uint64_t end = i + 1 < c->pieces ? athar_min(n, c->piece[i + 1].block) : n;

		if (index >= c->piece[i].index &&
		    index - c->piece[i].index < end - c->piece[i].block)
			return true;
	}
	return false;
}

athar_status join_feed(athar_fed *fed, const join_chain *c, void *state, uint64_t index,
                       athar_error *err)
{
	const uint64_t work = fed->work;
	athar_bytes b;

	ATHAR_TRY(athar_joining_read(&b, c->j, athar_space_at(athar_joining_space(c->j), index),
	                             c->size, err));
	const uint64_t before = fed->followed;

	ATHAR_TRY(c->v->feed(fed, state, b.ptr, b.len, err));
	/* the medium ended within a block */
	if (b.len < c->size && fed->verdict == ATHAR_VERDICT_MORE)
		fed->verdict = ATHAR_VERDICT_WRONG;
	return athar_joining_spend(c->j, fed->followed - before + (fed->work - work), err);
}

/* ---- marks ---- */

/* Half as many, twice as far from one another. */
static void thin_out(join_chain *c)
{
	size_t kept = 1;

	for (size_t i = 1; i < c->marks; i++) {
		if (i % 2 == 0)
			c->mark[kept++] = c->mark[i];
		else
			c->v->release(c->mark[i].state);
	}
	c->marks = kept;
	c->every *= 2;
}

/* What lies before the proven place is not gone back to. */
static void forget(join_chain *c)
{
	const uint64_t low = join_chain_low(c);
	size_t drop = 0;

	while (drop + 1 < c->marks && c->mark[drop + 1].block <= low)
		c->v->release(c->mark[drop++].state);
	memmove(c->mark, c->mark + drop, (c->marks - drop) * sizeof *c->mark);
	c->marks -= drop;
}

static athar_status mark(join_chain *c, athar_error *err)
{
	if (c->block - c->mark[c->marks - 1].block < c->every)
		return ATHAR_OK;
	forget(c);
	if (c->marks == JOIN_MARKS)
		thin_out(c);
	c->mark[c->marks] = (join_mark){.block = c->block, .fed = c->fed};
	ATHAR_TRY(c->v->copy(&c->mark[c->marks].state, c->state, err));
	c->marks++;
	return ATHAR_OK;
}

athar_status join_chain_run(join_chain *c, athar_error *err)
{
	const uint64_t count = athar_space_count(athar_joining_space(c->j));

	while (c->fed.verdict == ATHAR_VERDICT_MORE) {
		const uint64_t index = join_chain_index(c, c->block);

		if (index >= count || join_chain_holds(c, index, c->block)) {
			c->fed.verdict = ATHAR_VERDICT_WRONG;
			return ATHAR_OK;
		}
		ATHAR_TRY(join_feed(&c->fed, c, c->state, index, err));
		if (c->fed.verdict != ATHAR_VERDICT_MORE)
			return ATHAR_OK;
		c->block++;
		ATHAR_TRY(mark(c, err));
	}
	return ATHAR_OK;
}

uint64_t join_chain_low(const join_chain *c)
{
	return athar_max((c->fed.proven + c->size - 1) / c->size,
	                 c->piece[c->pieces - 1].block + 1);
}

athar_status join_mark_copy(join_mark *out, const join_chain *c, const join_mark *m,
                            athar_error *err)
{
	*out = *m;
	return c->v->copy(&out->state, m->state, err);
}

athar_status join_chain_state(join_mark *out, const join_chain *c, uint64_t n, athar_error *err)
{
	size_t i = c->marks - 1;
	athar_status status = ATHAR_OK;
	join_mark m;

	while (i > 0 && c->mark[i].block > n)
		i--;
	ATHAR_TRY(join_mark_copy(&m, c, &c->mark[i], err));
	for (; m.block < n && status == ATHAR_OK; m.block++)
		status = join_feed(&m.fed, c, m.state, join_chain_index(c, m.block), err);
	if (status != ATHAR_OK)
		c->v->release(m.state);
	else
		*out = m;
	return status;
}

athar_status join_chain_turn(join_chain *c, const join_mark *before, uint64_t index,
                             const join_mark *after, athar_error *err)
{
	drop_marks(c, 0);
	c->v->release(c->state);
	c->mark[0] = *before;
	c->marks = 1;
	c->every = athar_max(1, MARK_EVERY / c->size);
	c->state = after->state;
	c->block = after->block;
	c->fed = after->fed;
	if (c->pieces == JOIN_PIECES)
		return athar_fail(err, ATHAR_ELIMIT, "it lies in too many pieces");
	c->piece[c->pieces++] = (join_piece){.block = before->block, .index = index};
	return ATHAR_OK;
}

athar_status join_chain_extents(athar_extents *out, const join_chain *c, athar_error *err)
{
	const athar_space *space = athar_joining_space(c->j);
	const uint64_t blocks = (c->fed.end + c->size - 1) / c->size;

	for (uint64_t n = 0; n < blocks; n++)
		ATHAR_TRY(athar_extents_add_data(out, athar_space_at(space, join_chain_index(c, n)),
		                                 c->size, err));
	athar_extents_truncate(out, c->fed.end);
	return ATHAR_OK;
}
