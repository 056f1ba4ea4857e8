/* SPDX-License-Identifier: BSD-2-Clause */
/* The addresses of all blocks of a version of a file, for what needs them in any order. */
#ifndef ATHAR_VOLUME_F2FS_MAP_H
#define ATHAR_VOLUME_F2FS_MAP_H

#include "volume/f2fs_content.h"

/* Blocks of a file that are mapped, at most: 16 GiB of it. */
#define ATHAR_F2FS_MAP_MOST (UINT64_C(4) << 20)
/* The address of what is not known or another file's by now. */
#define ATHAR_F2FS_LOST 1u

typedef struct athar_f2fs_map {
	uint32_t *address;
	size_t count, capacity;
} athar_f2fs_map;

/* Inline content has no addresses. */
athar_status athar_f2fs_map_fill(athar_f2fs_map *out, athar_f2fs_file *file, athar_error *err);
void athar_f2fs_map_clear(athar_f2fs_map *map);
ATHAR_DEFINE_AUTO_VALUE(f2fs_map, athar_f2fs_map, athar_f2fs_map_clear)

#endif
