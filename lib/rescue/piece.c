/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the domain and the blocks of one state meet. Both are sorted: a pass goes through each of
 * them once.
 */
#include "base/check.h"
#include "rescue/rescuer.h"

static uint64_t run_end(const athar_run *run)
{
	return run->offset + run->length;
}

static bool next_up(athar_piece *out, const athar_rescuer *r, athar_map_state state, uint64_t from)
{
	size_t i = athar_map_find(r->map, from);

	while (i < r->map->count) {
		const athar_map_block b = athar_map_at(r->map, i);
		const uint64_t end = b.offset + b.length;
		const uint64_t start = athar_max(b.offset, from);
		size_t j = 0;

		if (b.state != state) {
			i++;
			continue;
		}
		j = athar_runs_find(&r->domain, start);
		if (j == r->domain.count)
			return false;
		out->offset = athar_max(start, r->domain.run[j].offset);
		out->end = athar_min(end, run_end(&r->domain.run[j]));
		if (out->offset < end)
			return true;
		i = athar_map_find(r->map, out->offset);
	}
	return false;
}

/* The last run that begins before the offset; NULL when there is none. */
static const athar_run *run_before(const athar_runs *domain, uint64_t offset)
{
	const size_t j = athar_runs_find(domain, offset - 1);

	if (j < domain->count && domain->run[j].offset < offset)
		return &domain->run[j];
	return j > 0 ? &domain->run[j - 1] : NULL;
}

static bool next_down(athar_piece *out, const athar_rescuer *r, athar_map_state state, uint64_t to)
{
	size_t i = to == 0 ? 0 : athar_map_find(r->map, to - 1) + 1;

	while (i > 0) {
		const athar_map_block b = athar_map_at(r->map, i - 1);
		const uint64_t end = athar_min(b.offset + b.length, to);
		const athar_run *run = NULL;

		if (b.state != state) {
			i--;
			continue;
		}
		run = run_before(&r->domain, end);
		if (run == NULL)
			return false;
		out->offset = athar_max(b.offset, run->offset);
		out->end = athar_min(end, run_end(run));
		if (out->end > b.offset)
			return true;
		i = athar_map_find(r->map, out->end - 1) + 1;
	}
	return false;
}

bool athar_piece_next(athar_piece *out, const athar_rescuer *r, athar_map_state state)
{
	const uint64_t position = athar_min(r->map->position, r->map->size);

	return r->backwards ? next_down(out, r, state, position) : next_up(out, r, state, position);
}

bool athar_piece_any(const athar_rescuer *r, athar_map_state state)
{
	athar_piece piece;

	return next_up(&piece, r, state, 0);
}

static bool has_state(const athar_rescuer *r, uint64_t offset, athar_map_state state)
{
	return athar_map_at(r->map, athar_map_find(r->map, offset)).state == state;
}

bool athar_piece_follows(const athar_rescuer *r, const athar_piece *p, athar_map_state state)
{
	return p->offset > 0 && has_state(r, p->offset - 1, state);
}

bool athar_piece_precedes(const athar_rescuer *r, const athar_piece *p, athar_map_state state)
{
	return p->end < r->map->size && has_state(r, p->end, state);
}

athar_piece athar_piece_slice(const athar_rescuer *r, const athar_piece *p, uint32_t unit,
                              bool backwards)
{
	const uint32_t sector = r->spec->sector;
	athar_piece slice = {
		athar_round_down(p->offset, sector),
		athar_min(athar_round_up(p->end, sector), r->map->size),
	};

	/* Reads end at multiples of the unit, where drives and caches end theirs. */
	if (backwards)
		slice.offset = athar_max(slice.offset, athar_round_down(slice.end - 1, unit));
	else
		slice.end = athar_min(slice.end, athar_round_down(slice.offset, unit) + unit);
	return slice;
}
