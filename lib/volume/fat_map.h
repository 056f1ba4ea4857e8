/* SPDX-License-Identifier: BSD-2-Clause */
/* Which clusters a deleted file can have had, as far as it is known: a bit for each. */
#ifndef ATHAR_VOLUME_FAT_MAP_H
#define ATHAR_VOLUME_FAT_MAP_H

#include "volume/volume_state.h"

typedef enum athar_fat_mark {
	ATHAR_FAT_BUSY,    /* a live file's, bad, or proven to be of one deleted file */
	ATHAR_FAT_KEPT,    /* of a deleted file by its record or, unproven, by a rule */
	ATHAR_FAT_BEGUN,   /* a deleted file begins there */
	ATHAR_FAT_CLAIMED, /* a deleted file is given with it */
	ATHAR_FAT_SHARED,  /* so are two */
	ATHAR_FAT_REACHED, /* one whose places are assumed may have had it */
	ATHAR_FAT_MARKS
} athar_fat_mark;

typedef struct athar_fat_map {
	uint64_t *bits[ATHAR_FAT_MARKS];
	uint64_t clusters; /* numbered from 2 */
	uint64_t unused;   /* that are not busy at the beginning */
} athar_fat_map;

/* ATHAR_ELIMIT: more clusters than it is made for. ATHAR_EFORMAT: what is in use is not known. */
athar_status athar_fat_map_open(athar_fat_map *out, athar_volume *volume, athar_error *err);
void athar_fat_map_clear(athar_fat_map *map);
ATHAR_DEFINE_AUTO_VALUE(fat_map, athar_fat_map, athar_fat_map_clear)

static inline bool athar_fat_map_has(const athar_fat_map *map, athar_fat_mark mark,
                                     uint64_t cluster)
{
	return (map->bits[mark][cluster / 64] >> cluster % 64 & 1) != 0;
}

static inline void athar_fat_map_set(athar_fat_map *map, athar_fat_mark mark, uint64_t cluster)
{
	map->bits[mark][cluster / 64] |= UINT64_C(1) << cluster % 64;
}

/* Of the clusters that the extents lie in. */
void athar_fat_map_mark(athar_fat_map *map, athar_fat_mark mark, const athar_fat *fat,
                        const athar_extents *extents);
bool athar_fat_map_any(const athar_fat_map *map, athar_fat_mark mark, const athar_fat *fat,
                       const athar_extents *extents);
/* Marks as claimed, and as shared what was claimed already. */
void athar_fat_map_claim(athar_fat_map *map, const athar_fat *fat, const athar_extents *extents);

#endif
