/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/ext_maps.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/endian.h"
#include "base/sort.h"

#define MAPS_MOST ((size_t)1 << 24)
#define DEPTH_MOST 3

uint32_t athar_ext_map_count(const uint8_t *bytes, uint32_t size, uint32_t least, uint32_t end)
{
	const uint32_t most = size / 4;
	uint32_t count = 0, steps = 0, before = 0;

	for (; count < most; count++) {
		const uint32_t number = athar_le32(bytes + 4 * (size_t)count);

		if (number == 0)
			break;
		if (number < least || number >= end || number == before)
			return 0;
		steps += count != 0 && number == before + 1;
		before = number;
	}
	for (uint32_t i = count; i < most; i++)
		if (athar_le32(bytes + 4 * (size_t)i) != 0)
			return 0;
	return count < 2 || steps >= (count - 1) / 2 ? count : 0;
}

athar_status athar_ext_maps_add(athar_ext_maps *maps, const athar_ext_map *map, athar_error *err)
{
	if (maps->count >= MAPS_MOST)
		return athar_fail(err, ATHAR_ELIMIT, "there are more than %zu of them", MAPS_MOST);
	ATHAR_TRY(athar_grow(&maps->map, &maps->capacity, maps->count + 1, sizeof *maps->map, err));
	maps->map[maps->count] = *map;
	maps->map[maps->count++].depth = 1;
	return ATHAR_OK;
}

static athar_ext_map *find(const athar_ext_maps *maps, uint32_t block)
{
	size_t low = 0, high = maps->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (maps->map[middle].block < block)
			low = middle + 1;
		else
			high = middle;
	}
	return low < maps->count && maps->map[low].block == block ? &maps->map[low] : NULL;
}

const athar_ext_map *athar_ext_maps_at(const athar_ext_maps *maps, uint32_t block)
{
	return find(maps, block);
}

/* Does it name nothing but maps of this depth, full but for the last? */
static bool names_maps(const athar_ext_maps *maps, const athar_ext_map *map, const uint8_t *bytes,
                       uint32_t size, uint8_t depth)
{
	for (uint32_t i = 0; i < map->count; i++) {
		const athar_ext_map *below = find(maps, athar_le32(bytes + 4 * (size_t)i));

		if (below == NULL || below == map || below->depth != depth)
			return false;
		if (i + 1 < map->count && below->count != size / 4)
			return false;
	}
	return true;
}

static int by_first(const void *a, const void *b, const void *user)
{
	const athar_ext_maps *maps = user;
	const size_t x = *(const size_t *)a, y = *(const size_t *)b;

	if (maps->map[x].first != maps->map[y].first)
		return maps->map[x].first < maps->map[y].first ? -1 : 1;
	return x < y ? -1 : x > y;
}

static athar_status sort_out(athar_ext_maps *maps, athar_error *err)
{
	maps->by_first = athar_alloc_array(maps->count, sizeof *maps->by_first, err);
	if (maps->by_first == NULL)
		return ATHAR_ENOMEM;
	maps->tall = athar_alloc_array(maps->count, sizeof *maps->tall, err);
	if (maps->tall == NULL)
		return ATHAR_ENOMEM;
	for (size_t i = 0; i < maps->count; i++) {
		if (maps->map[i].depth == 1)
			maps->by_first[maps->first_count++] = i;
		else
			maps->tall[maps->tall_count++] = i;
	}
	athar_sort(maps->by_first, maps->first_count, sizeof *maps->by_first, by_first, maps);
	return ATHAR_OK;
}

/* Those of `depth` that are one taller; told apart only when all were looked at. */
static void settle_depth(athar_ext_maps *maps, uint32_t size, athar_ext_block_get *get, void *user,
                         uint8_t *bytes, uint8_t depth)
{
	for (size_t i = 0; i < maps->count; i++) {
		athar_ext_map *map = &maps->map[i];
		const athar_ext_map *below = find(maps, map->first);

		map->taller = map->depth == depth && below != NULL && below->depth == depth &&
		              get(user, map->block, bytes) &&
		              names_maps(maps, map, bytes, size, depth);
	}
	for (size_t i = 0; i < maps->count; i++)
		maps->map[i].depth = (uint8_t)(maps->map[i].depth + maps->map[i].taller);
}

athar_status athar_ext_maps_settle(athar_ext_maps *maps, uint32_t size, athar_ext_block_get *get,
                                   void *user, athar_error *err)
{
	ATHAR_AUTO(free) uint8_t *bytes = athar_alloc(size, err);

	if (bytes == NULL)
		return ATHAR_ENOMEM;
	for (uint8_t depth = 1; depth < DEPTH_MOST; depth++)
		settle_depth(maps, size, get, user, bytes, depth);
	return sort_out(maps, err);
}

void athar_ext_maps_take(athar_ext_maps *maps, uint32_t block)
{
	athar_ext_map *map = find(maps, block);

	if (map != NULL)
		map->taken = true;
}

size_t athar_ext_maps_tall(const athar_ext_maps *maps, uint32_t block)
{
	size_t low = 0, high = maps->tall_count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (maps->map[maps->tall[middle]].block < block)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

size_t athar_ext_maps_first(const athar_ext_maps *maps, uint32_t block)
{
	size_t low = 0, high = maps->first_count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (maps->map[maps->by_first[middle]].first < block)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void athar_ext_maps_clear(athar_ext_maps *maps)
{
	free(maps->map);
	free(maps->by_first);
	free(maps->tall);
	*maps = (athar_ext_maps){.count = 0};
}
