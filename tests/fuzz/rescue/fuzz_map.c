/* SPDX-License-Identifier: BSD-2-Clause */
/* Whatever is a map has blocks in order without gaps, is the same when it is printed and read
 * again, and stays a map under changes that the bytes choose. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "rescue/map.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char letters[] = "?*/-+";

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void require_whole(const athar_map *map)
{
	uint64_t end = 0;
	uint64_t sum = 0;

	for (size_t i = 0; i < map->count; i++) {
		const athar_map_block b = athar_map_at(map, i);

		require(b.offset == end && b.length > 0);
		require(strchr(letters, (int)b.state) != NULL);
		require(i == 0 || athar_map_at(map, i - 1).state != b.state);
		require(athar_map_find(map, b.offset) == i);
		end += b.length;
	}
	for (size_t i = 0; i < 5; i++)
		sum += athar_map_total(map, (athar_map_state)letters[i]);
	require(end == map->size && sum == end && map->position <= map->size);
}

static void require_same(const athar_map *map)
{
	ATHAR_AUTO(free) char *text = NULL;
	ATHAR_AUTO(free) char *text_again = NULL;
	ATHAR_AUTO(map) athar_map again = {0};
	athar_error err = ATHAR_ERROR_INIT;

	require(athar_map_print(&text, map, "# c", &err) == ATHAR_OK);
	require(athar_map_parse(&again, text, strlen(text), &err) == ATHAR_OK);
	require(again.count == map->count && again.size == map->size);
	require(again.position == map->position && again.phase == map->phase &&
	        again.pass == map->pass);
	require(athar_map_print(&text_again, &again, "# c", &err) == ATHAR_OK);
	require(strcmp(text, text_again) == 0);
}

static void require_lacking(const athar_map *map)
{
	ATHAR_AUTO(runs) athar_runs runs = ATHAR_RUNS_INIT;
	athar_error err = ATHAR_ERROR_INIT;

	require(athar_map_lacking(&runs, map, &err) == ATHAR_OK);
	require(athar_runs_total(&runs) == map->size - athar_map_total(map, ATHAR_MAP_FINISHED));
}

static void change(athar_map *map, const uint8_t *data, size_t size)
{
	athar_error err = ATHAR_ERROR_INIT;

	for (size_t i = 0; i + 9 <= size && map->size > 0; i += 9) {
		const uint64_t offset = athar_le32(data + i) % map->size;
		const uint64_t length = athar_min(athar_le32(data + i + 4), map->size - offset);
		const athar_map_state as = (athar_map_state)letters[data[i + 8] % 5];

		require(athar_map_change(map, offset, length, as, &err) == ATHAR_OK);
		require(length == 0 || athar_map_at(map, athar_map_find(map, offset)).state == as);
		if (data[i + 8] >= 250)
			require(athar_map_resize(map, map->size - map->size / 3 + 1, &err) ==
			        ATHAR_OK);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ATHAR_AUTO(map) athar_map map = {0};
	athar_error err = ATHAR_ERROR_INIT;

	if (athar_map_parse(&map, (const char *)data, size, &err) != ATHAR_OK) {
		require(err.text[0] != '\0' && map.count == 0);
		return 0;
	}
	require_whole(&map);
	require_same(&map);
	require_lacking(&map);
	change(&map, data, size);
	require_whole(&map);
	return 0;
}
