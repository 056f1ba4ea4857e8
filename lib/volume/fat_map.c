/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/fat_map.h"

#include "base/alloc.h"
#include "base/check.h"

#define CLUSTERS_MOST (UINT64_C(1) << 28) /* as many as FAT32 can have */

static void mark_runs(athar_fat_map *map, const athar_fat *fat, const athar_runs *runs)
{
	for (size_t i = 0; i < runs->count; i++) {
		const uint64_t at = athar_max(runs->run[i].offset, fat->data) - fat->data;
		const uint64_t to =
			athar_max(runs->run[i].offset + runs->run[i].length, fat->data) - fat->data;
		const uint64_t end =
			athar_min(athar_round_up(to, fat->cluster) / fat->cluster, map->clusters);

		for (uint64_t c = at / fat->cluster; c < end; c++)
			athar_fat_map_set(map, ATHAR_FAT_BUSY, c + 2);
	}
}

static void count_unused(athar_fat_map *map)
{
	for (uint64_t c = 2; c < map->clusters + 2; c++)
		map->unused += !athar_fat_map_has(map, ATHAR_FAT_BUSY, c);
}

athar_status athar_fat_map_open(athar_fat_map *out, athar_volume *volume, athar_error *err)
{
	const athar_runs *allocated = athar_volume_allocated_runs(volume);
	const athar_fat *fat = &volume->fat;
	ATHAR_AUTO(runs) athar_runs bad = ATHAR_RUNS_INIT;

	if (allocated == NULL)
		return athar_fail(err, ATHAR_EFORMAT, "which clusters are free is not known");
	if (fat->clusters > CLUSTERS_MOST)
		return athar_fail(err, ATHAR_ELIMIT, "it has more than %llu clusters",
		                  (unsigned long long)CLUSTERS_MOST);
	ATHAR_TRY(athar_fat_bad(&bad, fat, volume->image, err));
	out->clusters = fat->clusters;
	for (size_t i = 0; i < ATHAR_FAT_MARKS; i++) {
		out->bits[i] = athar_alloc_array((size_t)fat->clusters / 64 + 2,
		                                 sizeof *out->bits[i], err);
		if (out->bits[i] == NULL)
			return err->status;
	}
	mark_runs(out, fat, allocated);
	mark_runs(out, fat, &bad);
	count_unused(out);
	return ATHAR_OK;
}

void athar_fat_map_clear(athar_fat_map *map)
{
	for (size_t i = 0; i < ATHAR_FAT_MARKS; i++)
		free(map->bits[i]);
	*map = (athar_fat_map){.clusters = 0};
}

/* The clusters of an extent: from *first, so many. Data of a deleted file lies in the clusters. */
static uint64_t span(uint64_t *first, const athar_fat *fat, const athar_extent *x)
{
	if (x->kind != ATHAR_EXTENT_DATA || x->image < fat->data)
		return 0;
	*first = (x->image - fat->data) / fat->cluster + 2;
	return (x->image + x->length - 1 - fat->data) / fat->cluster + 3 - *first;
}

void athar_fat_map_mark(athar_fat_map *map, athar_fat_mark mark, const athar_fat *fat,
                        const athar_extents *extents)
{
	for (size_t i = 0; i < extents->count; i++) {
		uint64_t first = 0;
		const uint64_t count = span(&first, fat, &extents->extent[i]);

		for (uint64_t c = 0; c < count; c++)
			athar_fat_map_set(map, mark, first + c);
	}
}

bool athar_fat_map_any(const athar_fat_map *map, athar_fat_mark mark, const athar_fat *fat,
                       const athar_extents *extents)
{
	for (size_t i = 0; i < extents->count; i++) {
		uint64_t first = 0;
		const uint64_t count = span(&first, fat, &extents->extent[i]);

		for (uint64_t c = 0; c < count; c++)
			if (athar_fat_map_has(map, mark, first + c))
				return true;
	}
	return false;
}

void athar_fat_map_claim(athar_fat_map *map, const athar_fat *fat, const athar_extents *extents)
{
	for (size_t i = 0; i < extents->count; i++) {
		uint64_t first = 0;
		const uint64_t count = span(&first, fat, &extents->extent[i]);

		for (uint64_t c = first; c < first + count; c++) {
			if (athar_fat_map_has(map, ATHAR_FAT_CLAIMED, c))
				athar_fat_map_set(map, ATHAR_FAT_SHARED, c);
			athar_fat_map_set(map, ATHAR_FAT_CLAIMED, c);
		}
	}
}
