/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copying: what was never tried, in clusters, the largest good areas first.
 *
 *      pass 1   leaves a failure or a slow area behind with a skip that doubles
 *      pass 2   comes back the other way and takes what was skipped, up to its first failure
 *      3, 4     take what begins behind something good, slow or not, up to its first failure
 *      pass 5   takes the rest
 */
#include "base/check.h"
#include "rescue/rescuer.h"

enum {
	PASSES = 5,
	WELL = 4,
	SKIP_LEAST = 64 * 1024,
	SKIP_LEAST_PART = 100 * 1000,
	SKIP_MOST_PART = 100
};

static void grow_skip(uint64_t *skip, const athar_rescuer *r)
{
	const uint64_t size = r->map->size;
	const uint64_t least =
		athar_round_up(athar_max(size / SKIP_LEAST_PART, SKIP_LEAST), r->cluster);
	const uint64_t most = athar_max(least, size / SKIP_MOST_PART);

	*skip = *skip == 0 ? least : athar_min(*skip * 2, most);
}

/* On to a multiple of the cluster, so that no cluster fails in two parts. */
static void move_on(athar_rescuer *r, uint64_t by)
{
	athar_map *map = r->map;

	if (r->backwards)
		map->position =
			athar_round_down(map->position - athar_min(by, map->position), r->cluster);
	else
		map->position =
			athar_min(athar_round_up(map->position + by, r->cluster), map->size);
}

/* Slow areas are left for later in the first two passes only. True: this is one. */
static bool judge(athar_rescuer *r, const athar_tried *t)
{
	athar_pace_verdict verdict = ATHAR_PACE_FINE;

	if (r->map->pass <= 2)
		verdict = athar_pace_judge(&r->pace, t->good, t->took, r->spec->min_rate);
	if (verdict == ATHAR_PACE_FINE)
		r->slow_skip = 0;
	return verdict == ATHAR_PACE_SLOW;
}

static void grow_stride(athar_rescuer *r, uint64_t good)
{
	r->well += (uint32_t)(good / r->cluster);
	if (r->well >= WELL * r->stride && r->stride * 2 <= r->strides)
		r->stride *= 2;
}

static void reset_stride(athar_rescuer *r)
{
	r->stride = 1;
	r->well = 0;
}

static void after_good(athar_rescuer *r, const athar_tried *t, bool slow)
{
	r->skip = 0;
	grow_stride(r, t->good);
	if (!slow)
		return;
	reset_stride(r);
	grow_skip(&r->slow_skip, r);
	move_on(r, r->slow_skip);
}

static void after_failure(athar_rescuer *r, const athar_piece *p, bool slow)
{
	reset_stride(r);
	if (r->map->pass == 1) {
		/* A failure that also takes long is worth a wider berth. */
		if (slow)
			grow_skip(&r->skip, r);
		grow_skip(&r->skip, r);
		move_on(r, r->skip);
	} else if (r->map->pass < PASSES) {
		r->map->position = r->backwards ? p->offset : p->end;
	}
}

/* Passes 3 and 4 take pieces whose beginning, as they go, has something good before it. */
static bool is_welcome(const athar_rescuer *r, const athar_piece *p)
{
	if (r->map->pass != 3 && r->map->pass != 4)
		return true;
	return r->backwards ? athar_piece_precedes(r, p, ATHAR_MAP_FINISHED)
	                    : athar_piece_follows(r, p, ATHAR_MAP_FINISHED);
}

static bool next(athar_piece *out, athar_rescuer *r)
{
	while (athar_piece_next(out, r, ATHAR_MAP_NONTRIED)) {
		if (is_welcome(r, out))
			return true;
		r->map->position = r->backwards ? out->offset : out->end;
	}
	return false;
}

static athar_status copy_pass(athar_rescuer *r, athar_error *err)
{
	athar_piece p;
	athar_tried t;

	r->skip = 0;
	r->slow_skip = 0;
	reset_stride(r);
	while (next(&p, r)) {
		const athar_piece slice =
			athar_piece_slice(r, &p, r->cluster * r->stride, r->backwards);

		ATHAR_TRY(athar_rescuer_pause(r, err));
		if (r->over)
			break;
		ATHAR_TRY(athar_rescuer_try(&t, r, &p, &slice, err));
		if (r->over)
			break;
		if (t.vague) {
			/* Again from there, cluster by cluster. */
			if (!r->backwards)
				r->map->position = slice.offset + t.good;
			reset_stride(r);
			continue;
		}
		r->map->position = r->backwards ? slice.offset : slice.end;
		if (t.whole)
			after_good(r, &t, judge(r, &t));
		else
			after_failure(r, &p, judge(r, &t));
	}
	return ATHAR_OK;
}

athar_status athar_rescuer_copy(athar_rescuer *r, athar_error *err)
{
	athar_map *map = r->map;
	athar_piece p;

	/* A map that was only made has its position at one end; the pass may begin at the other. */
	if (map->pass == 1 && !athar_piece_next(&p, r, ATHAR_MAP_NONTRIED))
		athar_rescuer_enter(r, ATHAR_MAP_COPYING, 1);
	for (;;) {
		ATHAR_TRY(copy_pass(r, err));
		if (r->over || !athar_piece_any(r, ATHAR_MAP_NONTRIED))
			return ATHAR_OK;
		/* A sweep that was taken up midway has left what lies before. */
		athar_rescuer_enter(r, ATHAR_MAP_COPYING,
		                    map->pass < PASSES ? map->pass + 1 : PASSES);
	}
}
