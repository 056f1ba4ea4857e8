/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/f2fs_map.h"

#include "base/alloc.h"
#include "base/check.h"

typedef struct mapper {
	athar_f2fs_map *out;
	const athar_f2fs_file *file;
} mapper;

static uint32_t address_of(const athar_f2fs_file *file, const athar_f2fs_place *place)
{
	if (place->missing)
		return ATHAR_F2FS_LOST;
	if (!athar_f2fs_in_main(file->fs, place->address))
		return place->address;
	if (!file->live && athar_f2fs_fate_of(file, place) == ATHAR_F2FS_TAKEN)
		return ATHAR_F2FS_LOST;
	return place->address;
}

static athar_status on_place(void *user, const athar_f2fs_place *place, athar_error *err)
{
	const mapper *m = user;
	athar_f2fs_map *map = m->out;
	const size_t count = (size_t)athar_min(place->count, ATHAR_F2FS_MAP_MOST - map->count);
	const uint32_t address = address_of(m->file, place);

	ATHAR_TRY(athar_grow(&map->address, &map->capacity, map->count + count,
	                     sizeof *map->address, err));
	for (size_t i = 0; i < count; i++)
		map->address[map->count++] = address;
	return ATHAR_OK;
}

athar_status athar_f2fs_map_fill(athar_f2fs_map *out, athar_f2fs_file *file, athar_error *err)
{
	mapper m = {out, file};

	out->count = 0;
	return file->inode.inline_data ? ATHAR_OK : athar_f2fs_places_each(file, on_place, &m, err);
}

void athar_f2fs_map_clear(athar_f2fs_map *map)
{
	free(map->address);
	*map = (athar_f2fs_map){NULL, 0, 0};
}
