/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The blocks stand in one array with a gap of unused slots: those before the gap at its beginning,
 * those behind it at its end. A change moves the gap to its place, so that changes that come in
 * order, as those of a pass over the medium do, move next to nothing.
 */
#include "rescue/map.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"

static uint64_t end_of(athar_map_block b)
{
	return b.offset + b.length;
}

athar_map_block athar_map_at(const athar_map *map, size_t index)
{
	return map->slot[index < map->gap ? index : index + (map->capacity - map->count)];
}

/* Room for that many more blocks; those behind the gap go to the new end. */
static athar_status reserve(athar_map *map, size_t more, athar_error *err)
{
	const size_t before = map->capacity;
	const size_t behind = map->count - map->gap;

	ATHAR_TRY(
		athar_grow(&map->slot, &map->capacity, map->count + more, sizeof *map->slot, err));
	if (map->capacity != before && behind > 0)
		memmove(&map->slot[map->capacity - behind], &map->slot[before - behind],
		        behind * sizeof *map->slot);
	return ATHAR_OK;
}

static void move_gap(athar_map *map, size_t to)
{
	const size_t unused = map->capacity - map->count;

	if (to < map->gap)
		memmove(&map->slot[to + unused], &map->slot[to],
		        (map->gap - to) * sizeof *map->slot);
	else if (to > map->gap)
		memmove(&map->slot[map->gap], &map->slot[map->gap + unused],
		        (to - map->gap) * sizeof *map->slot);
	map->gap = to;
}

/* Puts a block before the gap; one of no length is none. There is room. */
static void put(athar_map *map, uint64_t offset, uint64_t end, athar_map_state state)
{
	if (offset == end)
		return;
	map->slot[map->gap++] = (athar_map_block){offset, end - offset, state};
	map->count++;
}

athar_status athar_map_init(athar_map *out, uint64_t size, athar_error *err)
{
	*out = (athar_map){.phase = ATHAR_MAP_COPYING, .pass = 1};
	return athar_map_resize(out, size, err);
}

/* The blocks from first to last give way to [offset, end) of `state` and to what of the outer two
 * it leaves over. */
static void replace(athar_map *map, size_t first, size_t last, athar_map_block by)
{
	const athar_map_block a = athar_map_at(map, first);
	const athar_map_block b = athar_map_at(map, last);

	move_gap(map, first);
	map->count -= last - first + 1;
	put(map, a.offset, by.offset, a.state);
	put(map, by.offset, end_of(by), by.state);
	put(map, end_of(by), end_of(b), b.state);
}

/* Takes in the neighbour that has the same state, which may be a part of the block itself. */
static void join(athar_map *map, size_t *first, size_t *last, athar_map_block *by)
{
	const uint64_t end = end_of(*by);
	const size_t before = by->offset > 0 ? athar_map_find(map, by->offset - 1) : *first;
	const size_t after = end < map->size ? athar_map_find(map, end) : *last;
	const athar_map_block a = athar_map_at(map, before);
	const athar_map_block b = athar_map_at(map, after);
	uint64_t from = by->offset;
	uint64_t to = end;

	if (a.state == by->state) {
		from = athar_min(from, a.offset);
		*first = before;
	}
	if (b.state == by->state) {
		to = athar_max(to, end_of(b));
		*last = after;
	}
	by->offset = from;
	by->length = to - from;
}

athar_status athar_map_change(athar_map *map, uint64_t offset, uint64_t length,
                              athar_map_state state, athar_error *err)
{
	athar_map_block by = {offset, length, state};
	size_t first = 0;
	size_t last = 0;

	if (!athar_inside(offset, length, map->size))
		return athar_fail_at(err, ATHAR_EUSAGE, offset,
		                     "the map ends at %llu, before the end of what changed",
		                     (unsigned long long)map->size);
	if (length == 0)
		return ATHAR_OK;
	first = athar_map_find(map, offset);
	last = athar_map_find(map, offset + length - 1);
	if (first == last && athar_map_at(map, first).state == state)
		return ATHAR_OK;
	/* One block may become three. */
	ATHAR_TRY(reserve(map, 2, err));
	join(map, &first, &last, &by);
	replace(map, first, last, by);
	return ATHAR_OK;
}

static void cut(athar_map *map, uint64_t size)
{
	const size_t keep = size == 0 ? 0 : athar_map_find(map, size - 1) + 1;

	move_gap(map, map->count);
	map->count = keep;
	map->gap = keep;
	if (keep > 0)
		map->slot[keep - 1].length = size - map->slot[keep - 1].offset;
}

static athar_status extend(athar_map *map, uint64_t size, athar_error *err)
{
	const uint64_t from = map->size;
	athar_map_block *last = NULL;

	ATHAR_TRY(reserve(map, 1, err));
	move_gap(map, map->count);
	last = map->count > 0 ? &map->slot[map->count - 1] : NULL;
	if (last != NULL && last->state == ATHAR_MAP_NONTRIED)
		last->length += size - from;
	else
		put(map, from, size, ATHAR_MAP_NONTRIED);
	return ATHAR_OK;
}

athar_status athar_map_resize(athar_map *map, uint64_t size, athar_error *err)
{
	if (size > INT64_MAX)
		return athar_fail(err, ATHAR_ELIMIT, "a medium of %llu bytes is past any map",
		                  (unsigned long long)size);
	if (size < map->size)
		cut(map, size);
	else if (size > map->size)
		ATHAR_TRY(extend(map, size, err));
	map->size = size;
	map->position = athar_min(map->position, size);
	return ATHAR_OK;
}

void athar_map_rewind(athar_map *map)
{
	map->phase = ATHAR_MAP_COPYING;
	map->pass = 1;
	map->position = 0;
}

size_t athar_map_find(const athar_map *map, uint64_t offset)
{
	size_t low = 0;
	size_t high = map->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (end_of(athar_map_at(map, middle)) > offset)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

uint64_t athar_map_total(const athar_map *map, athar_map_state state)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < map->count; i++) {
		const athar_map_block b = athar_map_at(map, i);

		sum += b.state == state ? b.length : 0;
	}
	return sum;
}

athar_status athar_map_lacking(athar_runs *out, const athar_map *map, athar_error *err)
{
	ATHAR_AUTO(runs) athar_runs runs = ATHAR_RUNS_INIT;

	for (size_t i = 0; i < map->count; i++) {
		const athar_map_block b = athar_map_at(map, i);

		if (b.state == ATHAR_MAP_FINISHED)
			continue;
		ATHAR_TRY(athar_runs_add(
			&runs, b.offset, b.length,
			b.state == ATHAR_MAP_BAD ? ATHAR_RUN_BAD : ATHAR_RUN_UNREAD, err));
	}
	athar_runs_clear(out);
	*out = runs;
	runs = (athar_runs)ATHAR_RUNS_INIT;
	return ATHAR_OK;
}

void athar_map_clear(athar_map *map)
{
	free(map->slot);
	*map = (athar_map){0};
}
