/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/fat_held.h"

#include <string.h>

#include "base/alloc.h"

#define HELD_MOST ((size_t)500000)
#define PATHS_MOST ((size_t)128 << 20)

athar_status athar_fat_hold(athar_fat_holding *out, const athar_walk *w,
                            const athar_fat_dirent *entry, athar_state state, athar_error *err)
{
	if (out->count >= HELD_MOST || w->path_len > PATHS_MOST - out->paths_len)
		return athar_fail(err, ATHAR_ELIMIT, "there are more than %zu deleted files",
		                  out->count);
	ATHAR_TRY(athar_grow(&out->held, &out->capacity, out->count + 1, sizeof *out->held, err));
	ATHAR_TRY(athar_grow(&out->paths, &out->paths_capacity, out->paths_len + w->path_len + 1, 1,
	                     err));
	if (w->path_len > 0)
		memcpy(out->paths + out->paths_len, w->path, w->path_len);
	out->held[out->count++] = (athar_fat_held){
		.at = entry->at,
		.size = entry->size,
		.valid = entry->valid,
		.first = entry->first,
		.path = out->paths_len,
		.path_len = (uint32_t)w->path_len,
		.state = state,
		.doubtful = entry->doubtful,
		.contiguous = entry->contiguous,
		.recorded = entry->proven,
	};
	out->paths_len += w->path_len;
	return ATHAR_OK;
}

void athar_fat_holding_clear(athar_fat_holding *holding)
{
	for (size_t i = 0; i < holding->count; i++)
		athar_extents_clear(&holding->held[i].extents);
	free(holding->held);
	free(holding->paths);
	*holding = (athar_fat_holding){.count = 0};
}
