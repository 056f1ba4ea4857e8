/* SPDX-License-Identifier: BSD-2-Clause */
/* The input is a disk of blocks of 64 bytes: what looks like a map is settled with the others. */
#include <stdlib.h>
#include <string.h>

#include "base/endian.h"
#include "volume/ext_maps.h"

#define SIZE 64u

typedef struct disk {
	const uint8_t *bytes;
	uint32_t blocks;
} disk;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool get(void *user, uint32_t block, uint8_t *bytes)
{
	const disk *d = user;

	if (block >= d->blocks)
		return false;
	memcpy(bytes, d->bytes + (size_t)block * SIZE, SIZE);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ATHAR_AUTO(ext_maps) athar_ext_maps maps = {.count = 0};
	athar_error err = ATHAR_ERROR_INIT;
	disk d = {data, (uint32_t)(size / SIZE)};

	for (uint32_t b = 0; b < d.blocks; b++) {
		const uint8_t *bytes = data + (size_t)b * SIZE;
		athar_ext_map map = {.block = b, .first = athar_le32(bytes)};

		map.count = athar_ext_map_count(bytes, SIZE, 1, d.blocks);
		if (map.count != 0 && athar_ext_maps_add(&maps, &map, &err) != ATHAR_OK)
			abort();
	}
	if (athar_ext_maps_settle(&maps, SIZE, get, &d, &err) != ATHAR_OK)
		abort();
	for (size_t i = 0; i < maps.count; i++)
		if (maps.map[i].depth < 1 || maps.map[i].depth > 3 ||
		    athar_ext_maps_at(&maps, maps.map[i].block) != &maps.map[i])
			abort();
	return 0;
}
