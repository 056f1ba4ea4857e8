/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One read, and what becomes of it in the map.
 */
#include "base/check.h"
#include "rescue/rescuer.h"

static uint64_t *tally_of(athar_rescuer *r, athar_map_state state)
{
	switch (state) {
	case ATHAR_MAP_FINISHED:
		return &r->progress.read;
	case ATHAR_MAP_BAD:
		return &r->progress.bad;
	case ATHAR_MAP_NONTRIED:
	case ATHAR_MAP_NONTRIMMED:
	case ATHAR_MAP_NONSCRAPED:
		break;
	}
	return &r->progress.left;
}

/* A part of a block is about to change. */
static athar_status count_change(athar_rescuer *r, athar_map_block was, athar_map_state state,
                                 athar_error *err)
{
	if (r->streak.failures > 0)
		ATHAR_TRY(athar_streak_keep(&r->streak, was, err));
	*tally_of(r, was.state) -= was.length;
	*tally_of(r, state) += was.length;
	return ATHAR_OK;
}

athar_status athar_rescuer_mark(athar_rescuer *r, uint64_t from, uint64_t to, athar_map_state state,
                                athar_error *err)
{
	if (from >= to)
		return ATHAR_OK;
	for (size_t i = athar_map_find(r->map, from); i < r->map->count; i++) {
		const athar_map_block b = athar_map_at(r->map, i);
		const uint64_t start = athar_max(b.offset, from);
		const uint64_t end = athar_min(b.offset + b.length, to);

		if (start >= end)
			break;
		if (b.state != state)
			ATHAR_TRY(count_change(r, (athar_map_block){start, end - start, b.state},
			                       state, err));
	}
	return athar_map_change(r->map, from, to - from, state, err);
}

/* Good bytes, in whole sectors unless they are all. */
static uint64_t good_of(const athar_rescuer *r, size_t len, size_t got, athar_attempt how)
{
	if (how == ATHAR_ATTEMPT_READ || (how == ATHAR_ATTEMPT_FAILED && got >= len))
		return len;
	return how == ATHAR_ATTEMPT_FAILED ? athar_round_down(got, r->spec->sector) : 0;
}

static athar_status take_good(athar_rescuer *r, uint64_t offset, uint64_t len, athar_error *err)
{
	const athar_rescue_spec *spec = r->spec;

	if (len == 0)
		return ATHAR_OK;
	athar_streak_end(&r->streak);
	athar_streak_begin(&r->streak, r->map);
	ATHAR_TRY(spec->write(spec->user, r->buffer, (size_t)len, offset, err));
	r->unsaved += len;
	return athar_rescuer_mark(r, offset, offset + len, ATHAR_MAP_FINISHED, err);
}

static athar_status take_failed(athar_rescuer *r, const athar_piece *p, const athar_piece *slice,
                                uint64_t good, athar_error *err)
{
	const uint64_t failed = slice->offset + good;
	const bool alone = slice->end - slice->offset <= r->spec->sector;

	ATHAR_TRY(athar_rescuer_mark(r, athar_max(failed, p->offset), athar_min(slice->end, p->end),
	                             alone ? ATHAR_MAP_BAD : ATHAR_MAP_NONTRIMMED, err));
	return athar_rescuer_doubt(r, err);
}

static athar_status read_slice(athar_tried *out, athar_attempt *how, athar_rescuer *r,
                               const athar_piece *slice, athar_error *err)
{
	const athar_rescue_spec *spec = r->spec;
	const size_t len = (size_t)(slice->end - slice->offset);
	const int64_t before = spec->now(spec->user);
	size_t got = 0;

	ATHAR_TRY(spec->read(spec->user, r->buffer, len, slice->offset, &got, how, err));
	out->took = spec->now(spec->user) - before;
	if (out->took < 0)
		out->took = 0;
	out->good = good_of(r, len, got, *how);
	out->whole = out->good == len;
	r->progress.reads++;
	r->progress.failures += out->whole ? 0 : 1;
	return ATHAR_OK;
}

athar_status athar_rescuer_try(athar_tried *out, athar_rescuer *r, const athar_piece *p,
                               const athar_piece *slice, athar_error *err)
{
	athar_attempt how = ATHAR_ATTEMPT_FAILED;

	athar_streak_begin(&r->streak, r->map);
	ATHAR_TRY(read_slice(out, &how, r, slice, err));
	ATHAR_TRY(take_good(r, slice->offset, out->good, err));
	if (out->whole)
		return ATHAR_OK;
	out->vague = how == ATHAR_ATTEMPT_FAILED && slice->end - slice->offset > r->cluster;
	if (out->vague)
		return ATHAR_OK;
	r->last_failure = slice->offset + out->good;
	if (how == ATHAR_ATTEMPT_GONE)
		return athar_rescuer_lost(r, slice, err);
	r->hangs += how == ATHAR_ATTEMPT_HUNG ? 1 : 0;
	athar_streak_fail(&r->streak, r->last_failure, how == ATHAR_ATTEMPT_HUNG);
	return take_failed(r, p, slice, out->good, err);
}
