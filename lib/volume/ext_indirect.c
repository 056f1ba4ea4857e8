/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A file begins where a format does, at a block that is free. Its first twelve blocks were named by
 * the inode, which is gone; they are taken to lie in one piece when a map goes on right behind them
 * (or lies right behind them itself), as the file system allocates. From there on each block is
 * recorded. What is put together so is a file only when its format says that it closes, and in the
 * last block of the map.
 */
#include "volume/ext_indirect.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "format/format.h"
#include "image/driver.h"
#include "volume/ext_maps.h"

#define PIECE ((size_t)1 << 20)
#define DIRECT 12u
#define STARTS_MOST ((size_t)1 << 22)
#define BLOCKS_MOST ((size_t)1 << 26) /* of one file: 64 GiB in blocks of 1 KiB */
#define PIECES_MOST ((size_t)400000)  /* of one file: more are not told of anywhere */
#define TALL_TRIES 256u               /* maps of depth 2 and 3 that are tried for one beginning */
#define TALL_LOOKS 4096u              /* and looked at */
#define WORK_TIMES 64u                /* how often all bytes of the volume may be measured */
#define EXTENTS 0x40u                 /* incompat: files are not mapped by blocks of numbers */

typedef struct search {
	athar_walk *w;
	athar_volume *volume;
	uint64_t base;
	uint32_t size, least, end; /* of a block; numbers that can be content */
	athar_ext_maps maps;
	uint32_t *start; /* blocks where a format begins, ascending */
	size_t start_count, start_capacity;
	bool *gone;      /* of these, those that lie in a file that was proven */
	uint32_t *block; /* of the file at hand */
	size_t block_count, block_capacity;
	uint64_t left; /* bytes that may still be measured */
	bool exhausted;
} search;

static void search_end(search *s)
{
	athar_ext_maps_clear(&s->maps);
	free(s->start);
	free(s->gone);
	free(s->block);
}
ATHAR_DEFINE_AUTO_VALUE(search, search, search_end)

static uint64_t place(const search *s, uint32_t block)
{
	return s->base + (uint64_t)block * s->size;
}

static bool get_block(void *user, uint32_t block, uint8_t *bytes)
{
	const search *s = user;

	return athar_tsk_image_get(s->volume->image, bytes, s->size, place(s, block));
}

/* ---- what free blocks hold ---- */

static bool begins_format(const uint8_t *bytes, size_t len)
{
	const athar_format *const *formats = athar_formats();

	for (size_t i = 0; formats[i] != NULL; i++)
		if (athar_format_fits(formats[i], bytes, athar_min(len, ATHAR_FORMAT_HEAD)))
			return true;
	return false;
}

static athar_status add_start(search *s, uint32_t block, athar_error *err)
{
	if (s->start_count >= STARTS_MOST)
		return ATHAR_OK;
	ATHAR_TRY(athar_grow(&s->start, &s->start_capacity, s->start_count + 1, sizeof *s->start,
	                     err));
	s->start[s->start_count++] = block;
	return ATHAR_OK;
}

static athar_status look_at(search *s, const uint8_t *bytes, uint32_t block, athar_error *err)
{
	const uint32_t first = athar_le32(bytes);
	athar_ext_map map = {.block = block, .first = first};

	if (first >= s->least && first < s->end)
		map.count = athar_ext_map_count(bytes, s->size, s->least, s->end);
	if (map.count != 0)
		return athar_ext_maps_add(&s->maps, &map, err);
	return begins_format(bytes, s->size) ? add_start(s, block, err) : ATHAR_OK;
}

static athar_status look_at_free(search *s, uint64_t at, uint64_t end, uint8_t *piece,
                                 athar_error *err)
{
	size_t got = 0;

	for (; at < end; at += got) {
		ATHAR_AUTO(runs) athar_runs bad = ATHAR_RUNS_INIT;

		ATHAR_TRY(athar_source_read(s->volume->image->source, piece,
		                            (size_t)athar_min(PIECE, end - at), at, &got, &bad,
		                            err));
		got -= got % s->size;
		if (got == 0)
			return ATHAR_OK;
		for (size_t i = 0; i < got; i += s->size)
			ATHAR_TRY(look_at(s, piece + i, (uint32_t)((at + i - s->base) / s->size),
			                  err));
		ATHAR_TRY(athar_walk_beat(s->w, err));
	}
	return ATHAR_OK;
}

static athar_status look_at_all_free(search *s, const athar_runs *allocated, athar_error *err)
{
	ATHAR_AUTO(free) uint8_t *piece = athar_alloc(PIECE, err);
	const uint64_t end = place(s, s->end);
	uint64_t at = place(s, s->least);

	if (piece == NULL)
		return ATHAR_ENOMEM;
	for (size_t i = athar_runs_find(allocated, at); i < allocated->count && at < end; i++) {
		const athar_run *run = &allocated->run[i];

		if (run->offset > at)
			ATHAR_TRY(look_at_free(s, at, athar_min(run->offset, end), piece, err));
		at = athar_max(at, run->offset + run->length);
	}
	return at < end ? look_at_free(s, at, end, piece, err) : ATHAR_OK;
}

/* ---- a file put together ---- */

/* Of a longer file nothing will be proven. */
static athar_status add_block(search *s, uint32_t block, athar_error *err)
{
	if (s->block_count >= BLOCKS_MOST)
		return ATHAR_OK;
	ATHAR_TRY(athar_grow(&s->block, &s->block_capacity, s->block_count + 1, sizeof *s->block,
	                     err));
	s->block[s->block_count++] = block;
	return ATHAR_OK;
}

/* Adds what the map leads to. Its depth was proven when the maps were settled, so this ends; and no
 * file has more blocks than there are. */
static athar_status add_map(search *s, const athar_ext_map *map, athar_error *err)
{
	ATHAR_AUTO(free) uint8_t *bytes = athar_alloc(s->size, err);

	if (bytes == NULL)
		return ATHAR_ENOMEM;
	if (!get_block(s, map->block, bytes))
		return ATHAR_OK;
	for (uint32_t i = 0; i < map->count && s->block_count <= s->end; i++) {
		const uint32_t number = athar_le32(bytes + 4 * (size_t)i);
		const athar_ext_map *below = NULL;

		if (map->depth == 1) {
			ATHAR_TRY(add_block(s, number, err));
			continue;
		}
		below = athar_ext_maps_at(&s->maps, number);
		if (below != NULL && below->depth < map->depth)
			ATHAR_TRY(add_map(s, below, err));
	}
	return ATHAR_OK;
}

static size_t pieces(const search *s)
{
	size_t count = 1;

	for (size_t i = 1; i < s->block_count; i++)
		count += s->block[i] != s->block[i - 1] + 1;
	return count;
}

static athar_status make_extents(athar_extents *out, const search *s, uint64_t size,
                                 athar_error *err)
{
	for (size_t i = 0; i < s->block_count && size > 0; i++) {
		const uint64_t length = athar_min(size, s->size);

		ATHAR_TRY(athar_extents_add_data(out, place(s, s->block[i]), length, err));
		size -= length;
	}
	return ATHAR_OK;
}

/* What its format says of the blocks at hand. */
static athar_status measure(athar_claim *claim, search *s, athar_error *err)
{
	const uint64_t size = (uint64_t)s->block_count * s->size;
	ATHAR_AUTO(extents) athar_extents extents = ATHAR_EXTENTS_INIT;
	ATHAR_AUTO(source) athar_source *content = NULL;
	ATHAR_AUTO(reader) athar_reader *reader = NULL;
	const athar_format *format = NULL;

	*claim = (athar_claim){.ours = false};
	s->exhausted = s->exhausted || size > s->left;
	if (s->exhausted)
		return ATHAR_OK;
	s->left -= size;
	ATHAR_TRY(athar_walk_beat(s->w, err));
	if (s->block_count > s->end || pieces(s) > PIECES_MOST)
		return ATHAR_OK;
	ATHAR_TRY(make_extents(&extents, s, size, err));
	ATHAR_TRY(athar_source_extents(&content, s->volume->image->source, &extents, err));
	ATHAR_TRY(athar_reader_new(&reader, content, 0, size, 0, err));
	athar_status status = athar_format_identify(&format, claim, reader, err);
	if (status == ATHAR_ELIMIT || status == ATHAR_EOF)
		status = ATHAR_OK;
	if (format == NULL || athar_reader_bad(reader, claim->length) != 0)
		claim->ours = false;
	return status;
}

/* The format closes in the last block that the maps name: nothing is missing, nothing too much. Of
 * a format without an end mark, all to that block is proven, and the last map has room for more. */
static bool is_whole(const search *s, const athar_claim *claim)
{
	const uint64_t size = (uint64_t)s->block_count * s->size;
	const bool ends = (s->block_count - DIRECT) % (s->size / 4) != 0;

	return claim->ours && claim->length <= size && claim->length > size - s->size &&
	       (claim->grade >= ATHAR_GRADE_COMPLETE ||
	        (ends && claim->open && claim->proven == claim->length));
}

/* Index of the first start at the block or behind it. */
static size_t find_start(const search *s, uint32_t block)
{
	size_t low = 0, high = s->start_count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (s->start[middle] < block)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* In the blocks of a file that was proven no other begins, and what looks like a map is content. */
static void take_blocks(search *s, uint64_t length)
{
	for (size_t i = 0; i < s->block_count && (uint64_t)i * s->size < length; i++) {
		const size_t start = find_start(s, s->block[i]);

		if (start < s->start_count && s->start[start] == s->block[i])
			s->gone[start] = true;
		athar_ext_maps_take(&s->maps, s->block[i]);
	}
}

static athar_status give(search *s, const athar_claim *claim, athar_error *err)
{
	athar_volume_file file = {.state = ATHAR_STATE_UNALLOCATED,
	                          .method = ATHAR_METHOD_FRAGMENTS,
	                          .size = claim->length,
	                          .readable = true};
	athar_status status = make_extents(&file.extents, s, claim->length, err);

	(void)snprintf(file.why, sizeof file.why,
	               "its blocks from the thirteenth on are recorded, its first twelve assumed");
	if (status == ATHAR_OK)
		status = athar_walk_path(s->w, NULL, 0, err);
	if (status == ATHAR_OK)
		status = athar_walk_hand_over(s->w, &file, err);
	athar_extents_clear(&file.extents);
	take_blocks(s, claim->length);
	return status;
}

/* ---- which maps ---- */

static uint32_t distance(uint32_t a, uint32_t b)
{
	return a > b ? a - b : b - a;
}

/* Tall maps around a block, the nearest first: where those are that are not looked at yet. */
typedef struct around {
	uint32_t from;
	size_t below, above;
	unsigned looks;
} around;

static around look_around(const search *s, uint32_t from)
{
	const size_t i = athar_ext_maps_tall(&s->maps, from);

	return (around){.from = from, .below = i, .above = i};
}

static const athar_ext_map *tall_at(const search *s, size_t i)
{
	return &s->maps.map[s->maps.tall[i]];
}

/* NULL: no more. */
static const athar_ext_map *next_tall(const search *s, around *a, uint8_t depth)
{
	for (; a->looks < TALL_LOOKS; a->looks++) {
		const bool below = a->below > 0, above = a->above < s->maps.tall_count;
		const athar_ext_map *m = NULL;

		if (below && (!above || distance(tall_at(s, a->below - 1)->block, a->from) <=
		                                distance(tall_at(s, a->above)->block, a->from)))
			m = tall_at(s, --a->below);
		else if (above)
			m = tall_at(s, a->above++);
		if (m == NULL || (m->depth == depth && !m->taken))
			return m;
	}
	return NULL;
}

/* The blocks at hand end with a full map: tries what may follow. Whole: they are those of the file;
 * else they are as before. */
static athar_status try_tall(search *s, uint8_t depth, bool *whole, athar_error *err)
{
	const size_t before = s->block_count;
	around a = look_around(s, s->block[before - 1]);
	athar_claim claim;

	for (unsigned tries = 0; tries < TALL_TRIES && !s->exhausted; tries++) {
		const athar_ext_map *m = next_tall(s, &a, depth);

		if (m == NULL)
			return ATHAR_OK;
		ATHAR_TRY(add_map(s, m, err));
		ATHAR_TRY(measure(&claim, s, err));
		*whole = is_whole(s, &claim);
		if (*whole)
			return give(s, &claim, err);
		if (m->count == s->size / 4 && depth == 2) {
			ATHAR_TRY(try_tall(s, 3, whole, err));
			if (*whole)
				return ATHAR_OK;
		}
		s->block_count = before;
	}
	return ATHAR_OK;
}

/* A beginning with a map that may be its own. */
static athar_status try_map(search *s, uint32_t start, const athar_ext_map *map, bool *whole,
                            athar_error *err)
{
	athar_claim claim;

	s->block_count = 0;
	for (uint32_t i = 0; i < DIRECT; i++)
		ATHAR_TRY(add_block(s, start + i, err));
	ATHAR_TRY(add_map(s, map, err));
	ATHAR_TRY(measure(&claim, s, err));
	*whole = is_whole(s, &claim);
	if (*whole)
		return give(s, &claim, err);
	return map->count == s->size / 4 && claim.ours ? try_tall(s, 2, whole, err) : ATHAR_OK;
}

static athar_status try_start(search *s, size_t index, athar_error *err)
{
	const uint32_t start = s->start[index];
	const athar_ext_map *behind = athar_ext_maps_at(&s->maps, start + DIRECT);
	bool whole = false;

	if (s->gone[index] || s->end - start <= DIRECT)
		return ATHAR_OK;
	for (size_t i = athar_ext_maps_first(&s->maps, start + DIRECT);
	     i < s->maps.first_count && !whole; i++) {
		const athar_ext_map *map = &s->maps.map[s->maps.by_first[i]];

		if (map->first != start + DIRECT)
			break;
		ATHAR_TRY(try_map(s, start, map, &whole, err));
	}
	if (!whole && behind != NULL && behind->depth == 1)
		ATHAR_TRY(try_map(s, start, behind, &whole, err));
	return ATHAR_OK;
}

/* False: no file of this volume is mapped so. */
static bool begin(search *s)
{
	const TSK_FS_INFO *fs = s->volume->fs;
	uint8_t super[1024];

	s->base = s->volume->base;
	if (!athar_tsk_image_get(s->volume->image, super, sizeof super, s->base + 1024) ||
	    (athar_le32(super + 96) & EXTENTS) != 0 || fs->block_size > PIECE)
		return false;
	s->size = fs->block_size;
	s->least = athar_le32(super + 20) + 1;
	s->end = (uint32_t)athar_min(fs->last_block_act + 1, UINT32_MAX);
	if (!athar_mul(s->volume->info.length, WORK_TIMES, &s->left))
		s->left = UINT64_MAX;
	return s->least < s->end;
}

athar_status athar_ext_indirect_walk(athar_walk *w, athar_error *err)
{
	ATHAR_AUTO(search) search s = {.w = w, .volume = w->volume};
	const athar_runs *allocated = athar_volume_allocated_runs(w->volume);
	athar_status status;

	if (allocated == NULL || !begin(&s))
		return ATHAR_OK;
	status = look_at_all_free(&s, allocated, err);
	if (status == ATHAR_ELIMIT)
		status = athar_walk_finding(w, false, err, "not all indirect blocks are used: %s",
		                            err->text);
	ATHAR_TRY(status);
	ATHAR_TRY(athar_ext_maps_settle(&s.maps, s.size, get_block, &s, err));
	s.gone = athar_alloc_array(s.start_count + 1, sizeof *s.gone, err);
	if (s.gone == NULL)
		return ATHAR_ENOMEM;
	for (size_t i = 0; i < s.start_count && !s.exhausted; i++)
		ATHAR_TRY(try_start(&s, i, err));
	return s.exhausted ? athar_walk_finding(w, false, err,
	                                        "not all that indirect blocks lead to was tried: "
	                                        "it was too much work")
	                   : ATHAR_OK;
}
