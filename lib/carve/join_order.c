/* SPDX-License-Identifier: BSD-2-Clause */
#include "carve/join_order.h"

#include "base/alloc.h"
#include "base/check.h"
#include "carve/join_search.h"
#include "carve/joiners.h"

/* Joints that are likely only, one upon the other. */
#define DEPTH 20u

typedef struct order {
	join_chain chain;
	const athar_join_guide *guide;
	join_stage *stage[DEPTH];
	size_t stages;
	bool weak;    /* the last joint was found by what died */
	size_t loose; /* likely joints at whose place all before was proven: a checksum behind says
	                 nothing of them */
} order;

static void pop(order *o)
{
	join_stage *s = o->stage[--o->stages];

	o->loose -= s->loose;
	join_stage_clear(s);
	free(s);
}

static athar_status push(order *o, uint64_t high, unsigned share, athar_error *err)
{
	ATHAR_AUTO(free) join_stage *s = athar_alloc(sizeof *s, err);

	if (s == NULL)
		return ATHAR_ENOMEM;
	if (o->stages == DEPTH)
		return ATHAR_OK;
	ATHAR_TRY(join_stage_begin(s, &o->chain, high, share, err));
	o->stage[o->stages++] = ATHAR_GIVE(s);
	return ATHAR_OK;
}

/* Nothing that was found likely can be otherwise any more. */
static void settle(order *o)
{
	while (o->stages > 0)
		pop(o);
}

/* Are all joints proven? */
static athar_status is_whole(bool *out, const order *o, athar_error *err)
{
	ATHAR_AUTO(extents) athar_extents x = ATHAR_EXTENTS_INIT;
	const athar_fed *fed = &o->chain.fed;

	*out = false;
	if (fed->verdict != ATHAR_VERDICT_END)
		return ATHAR_OK;
	ATHAR_TRY(join_chain_extents(&x, &o->chain, err));
	*out = x.count > 0 && (x.count == 1 || x.extent[x.count - 1].logical < fed->proven);
	return ATHAR_OK;
}

/* The chain goes on with what the last stage found. */
static athar_status turn(order *o, const join_next *n, athar_error *err)
{
	join_stage *s = o->stage[o->stages - 1];

	s->loose =
		n->found == JOIN_LIKELY && n->before.fed.proven >= n->before.block * o->chain.size;
	o->loose += s->loose;
	o->weak = n->found == JOIN_LIKELY && n->after.block == n->before.block;
	return join_chain_turn(&o->chain, &n->before, n->index, &n->after, err);
}

/* Goes on with the next piece that the last stage finds; without one, with the stage before. */
static athar_status go_on(bool *more, order *o, athar_error *err)
{
	join_next n = {.found = JOIN_NONE};

	while (n.found == JOIN_NONE && o->stages > 0) {
		join_stage *s = o->stage[o->stages - 1];

		o->loose -= s->loose;
		s->loose = false;
		o->chain.pieces = s->pieces;
		ATHAR_TRY(join_stage_search(&n, s, err));
		if (n.found == JOIN_NONE)
			pop(o);
	}
	*more = n.found != JOIN_NONE;
	return *more ? turn(o, &n, err) : ATHAR_OK;
}

/* Where it went wrong: what the guide says, else any place. */
static athar_status look_on(bool *more, order *o, athar_error *err)
{
	const size_t stages = o->stages;
	const unsigned share = o->weak ? 12 : 2;
	join_next n = {.found = JOIN_NONE};
	uint64_t high;

	*more = true;
	ATHAR_TRY(push(o, o->chain.block, share, err));
	if (o->stages == stages)
		return go_on(more, o, err);
	ATHAR_TRY(join_stage_ask(&n, o->stage[stages], o->guide, err));
	if (n.found != JOIN_NONE)
		return turn(o, &n, err);
	ATHAR_TRY(join_stage_turning(&high, &o->chain, err));
	if (high != 0)
		ATHAR_TRY(push(o, high, share * 2, err));
	return go_on(more, o, err);
}

static athar_status solve(bool *done, order *o, athar_error *err)
{
	bool more = true;

	*done = false;
	while (more) {
		const join_piece *last = &o->chain.piece[o->chain.pieces - 1];

		ATHAR_TRY(join_chain_run(&o->chain, err));
		ATHAR_TRY(is_whole(done, o, err));
		if (*done)
			return ATHAR_OK;
		if (o->loose == 0 && o->chain.fed.proven > last->block * o->chain.size)
			settle(o);
		if (o->chain.fed.verdict == ATHAR_VERDICT_WRONG)
			ATHAR_TRY(look_on(&more, o, err));
		else
			ATHAR_TRY(go_on(&more, o, err));
	}
	return ATHAR_OK;
}

athar_status athar_join_guided(athar_joined *out, bool *done, athar_joining *j,
                               const athar_validator *validator, const athar_join_guide *guide,
                               const char *proof, athar_error *err)
{
	ATHAR_AUTO(free) order *o = athar_alloc(sizeof *o, err);
	athar_status status;

	if (o == NULL)
		return ATHAR_ENOMEM;
	o->guide = guide;
	status = join_chain_begin(&o->chain, j, validator, err);
	if (status == ATHAR_OK)
		status = solve(done, o, err);
	if (status == ATHAR_OK && *done)
		status = join_chain_extents(&out->extents, &o->chain, err);
	(void)snprintf(out->proof, sizeof out->proof, "%s", proof);
	settle(o);
	join_chain_clear(&o->chain);
	return status;
}

athar_status athar_join_in_order(athar_joined *out, bool *done, athar_joining *j, athar_error *err)
{
	const athar_validator *v = athar_validator_find(athar_joining_format(j)->name);

	if (v == NULL)
		return athar_fail(err, ATHAR_EUSAGE,
		                  "files of this format cannot be proven in pieces");
	return athar_join_guided(out, done, j, v, NULL, "its checksums hold across every joint",
	                         err);
}
