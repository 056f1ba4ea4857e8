/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/ext_map.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "volume/crc32c.h"

#define RUNS_MOST ((size_t)1 << 20)
#define EXTENT_MAGIC 0xF30Au
#define EXTENT_DEPTH 5u
#define EXTENT_UNWRITTEN 32768u
#define EXTENT_END (UINT64_C(1) << 32) /* logical blocks have 32 bits */
#define DIRECT 12u
#define LEVELS 3u

/* One map while it is read. */
typedef struct reader {
	athar_ext_map *out;
	const athar_ext *x;
	const athar_ext_inode *inode;
	athar_ext_nodes *nodes;
	uint8_t *buf[EXTENT_DEPTH]; /* a block for each level */
	uint64_t end; /* logical blocks of the content; those behind are counted only */
} reader;

static void reader_end(reader *r)
{
	for (unsigned i = 0; i < EXTENT_DEPTH; i++)
		free(r->buf[i]);
}
ATHAR_DEFINE_AUTO_VALUE(reader, reader, reader_end)

static athar_status add(reader *r, athar_ext_run run, athar_error *err)
{
	athar_ext_map *m = r->out;
	athar_ext_run *last = m->count > 0 ? &m->run[m->count - 1] : NULL;

	if (run.part != ATHAR_EXT_PART_LOST)
		m->blocks += run.count;
	if (run.logical >= r->end || run.count == 0)
		return ATHAR_OK;
	run.count = athar_min(run.count, r->end - run.logical);
	if (last != NULL && last->part == run.part && last->logical + last->count == run.logical &&
	    (run.part == ATHAR_EXT_PART_LOST || last->block + last->count == run.block)) {
		last->count += run.count;
		return ATHAR_OK;
	}
	if (m->count >= RUNS_MOST) {
		m->full = true;
		return ATHAR_OK;
	}
	ATHAR_TRY(athar_grow(&m->run, &m->capacity, m->count + 1, sizeof *m->run, err));
	m->run[m->count++] = run;
	return ATHAR_OK;
}

static athar_status add_lost(reader *r, uint64_t logical, uint64_t count, athar_error *err)
{
	r->out->lost++;
	return add(r, (athar_ext_run){logical, count, 0, ATHAR_EXT_PART_LOST}, err);
}

static bool in_volume(const reader *r, uint64_t block, uint64_t count)
{
	return block > r->x->layout.first && athar_inside(block, count, r->x->layout.blocks);
}

/* ---- extents ---- */

/* A node of len bytes as it should be at this depth; UINT32_MAX: any. */
static bool is_node(const uint8_t *node, size_t len, uint32_t depth)
{
	const uint32_t count = athar_le16(node + 2), most = athar_le16(node + 4);
	const uint32_t said = athar_le16(node + 6);

	return athar_le16(node) == EXTENT_MAGIC && count <= most && most <= len / 12 - 1 &&
	       said <= EXTENT_DEPTH && (depth == UINT32_MAX || (said == depth && count > 0));
}

static bool node_sum_holds(const reader *r, const uint8_t *node)
{
	const size_t len = 12 + 12 * (size_t)athar_le16(node + 4);
	uint32_t sum;

	if (!r->x->sums)
		return true;
	if (len + 4 > r->x->layout.block)
		return false;
	sum = athar_ext_inode_seed(r->x, r->inode->number, r->inode->generation);
	return athar_crc32c(sum, node, len) == athar_le32(node + len);
}

static bool get_node(reader *r, uint8_t *buf, uint64_t block, uint32_t depth)
{
	if (!in_volume(r, block, 1))
		return false;
	for (unsigned later = 0; r->nodes->left > 0; later++) {
		r->nodes->left--;
		if (!r->nodes->get(r->nodes->user, buf, block, later))
			return false;
		if (is_node(buf, r->x->layout.block, depth) && node_sum_holds(r, buf))
			return true;
	}
	r->out->full = true;
	return false;
}

static athar_status take_leaf(reader *r, const uint8_t *node, uint64_t from, uint64_t to,
                              athar_error *err)
{
	const uint32_t count = athar_le16(node + 2);

	for (uint32_t i = 1; i <= count; i++) {
		const uint8_t *e = node + 12 * (size_t)i;
		athar_ext_run run = {.logical = athar_le32(e), .count = athar_le16(e + 4)};

		run.block = athar_le32(e + 8) | (uint64_t)athar_le16(e + 6) << 32;
		if (run.count > EXTENT_UNWRITTEN) {
			run.count -= EXTENT_UNWRITTEN;
			run.part = ATHAR_EXT_PART_UNWRITTEN;
		}
		if (run.logical < from || run.count == 0 || run.count > to - run.logical ||
		    !in_volume(r, run.block, run.count))
			return add_lost(r, from, to - from, err);
		ATHAR_TRY(add(r, run, err));
		from = run.logical + run.count;
	}
	return ATHAR_OK;
}

static athar_status take_node(reader *r, const uint8_t *node, uint64_t from, uint64_t to,
                              athar_error *err);

/* The logical blocks from one entry of an index to the next, or to the end of the index. */
static athar_status take_child(reader *r, const uint8_t *node, uint32_t i, uint64_t from,
                               uint64_t to, athar_error *err)
{
	const uint8_t *e = node + 12 * (size_t)i;
	const uint32_t depth = athar_le16(node + 6);
	const uint64_t block = athar_le32(e + 4) | (uint64_t)athar_le16(e + 8) << 32;

	if (!get_node(r, r->buf[depth - 1], block, depth - 1))
		return add_lost(r, from, to - from, err);
	r->out->blocks++;
	return take_node(r, r->buf[depth - 1], from, to, err);
}

static athar_status take_index(reader *r, const uint8_t *node, uint64_t from, uint64_t to,
                               athar_error *err)
{
	const uint32_t count = athar_le16(node + 2);

	for (uint32_t i = 1; i <= count && !r->out->full; i++) {
		const uint64_t begin = athar_le32(node + 12 * (size_t)i);
		const uint64_t end = i < count ? athar_le32(node + 12 * (size_t)(i + 1)) : to;

		if (begin < from || end <= begin || end > to)
			return add_lost(r, from, to - from, err);
		ATHAR_TRY(take_child(r, node, i, begin, end, err));
		from = end;
	}
	return ATHAR_OK;
}

static athar_status take_node(reader *r, const uint8_t *node, uint64_t from, uint64_t to,
                              athar_error *err)
{
	return athar_le16(node + 6) == 0 ? take_leaf(r, node, from, to, err)
	                                 : take_index(r, node, from, to, err);
}

/* ---- block numbers ---- */

/* Nothing in the block says what it is: it is one if each number could be. */
static bool is_pointers(const reader *r, const uint8_t *buf)
{
	bool any = false;

	for (uint32_t i = 0; i < r->x->layout.block / 4; i++) {
		const uint32_t block = athar_le32(buf + 4 * (size_t)i);

		if (block != 0 && !in_volume(r, block, 1))
			return false;
		any = any || block != 0;
	}
	return any;
}

static bool get_pointers(reader *r, uint8_t *buf, uint64_t block)
{
	if (!in_volume(r, block, 1))
		return false;
	for (unsigned later = 0; r->nodes->left > 0; later++) {
		r->nodes->left--;
		if (!r->nodes->get(r->nodes->user, buf, block, later))
			return false;
		if (is_pointers(r, buf))
			return true;
	}
	r->out->full = true;
	return false;
}

/* What a block number stands for, `level` indirections above the content: `span` logical blocks. */
static athar_status take_pointer(reader *r, uint32_t block, unsigned level, uint64_t logical,
                                 uint64_t span, athar_error *err)
{
	const uint32_t per_block = r->x->layout.block / 4;

	if (block == 0 || logical >= r->end)
		return ATHAR_OK;
	if (level == 0)
		return in_volume(r, block, 1)
		               ? add(r, (athar_ext_run){logical, 1, block, ATHAR_EXT_PART_DATA},
		                     err)
		               : add_lost(r, logical, 1, err);
	if (!get_pointers(r, r->buf[level - 1], block))
		return add_lost(r, logical, span, err);
	r->out->blocks++;
	span /= per_block;
	for (uint32_t i = 0; i < per_block && !r->out->full; i++)
		ATHAR_TRY(take_pointer(r, athar_le32(r->buf[level - 1] + 4 * (size_t)i), level - 1,
		                       logical + i * span, span, err));
	return ATHAR_OK;
}

static athar_status take_pointers(reader *r, athar_error *err)
{
	uint64_t logical = 0;
	uint64_t span = 1;

	for (unsigned i = 0; i < DIRECT + LEVELS; i++) {
		const unsigned level = i < DIRECT ? 0 : i - DIRECT + 1;

		span *= level == 0 ? 1 : r->x->layout.block / 4;
		ATHAR_TRY(take_pointer(r, athar_le32(r->inode->map + 4 * (size_t)i), level, logical,
		                       span, err));
		logical += span;
	}
	return ATHAR_OK;
}

/* ---- both ---- */

/* All of the map is in the inode. */
static bool is_flat(const athar_ext_inode *inode)
{
	const uint8_t *indirect = inode->map + 4 * (size_t)DIRECT;

	if ((inode->flags & ATHAR_EXT_EXTENTS) != 0)
		return athar_le16(inode->map + 6) == 0;
	return athar_le32(indirect) == 0 && athar_le32(indirect + 4) == 0 &&
	       athar_le32(indirect + 8) == 0;
}

static athar_status new_buffers(reader *r, athar_error *err)
{
	for (unsigned i = 0; i < EXTENT_DEPTH; i++) {
		r->buf[i] = athar_alloc(r->x->layout.block, err);
		if (r->buf[i] == NULL)
			return ATHAR_ENOMEM;
	}
	return ATHAR_OK;
}

static athar_status take_map(reader *r, athar_error *err)
{
	if ((r->inode->flags & ATHAR_EXT_EXTENTS) == 0)
		return take_pointers(r, err);
	if (!is_node(r->inode->map, ATHAR_EXT_MAP, UINT32_MAX))
		return add_lost(r, 0, r->end, err);
	return take_node(r, r->inode->map, 0, EXTENT_END, err);
}

athar_status athar_ext_map_read(athar_ext_map *out, const athar_ext *x,
                                const athar_ext_inode *inode, athar_ext_nodes *nodes,
                                athar_error *err)
{
	ATHAR_AUTO(reader) reader r = {.out = out, .x = x, .inode = inode, .nodes = nodes};

	athar_ext_map_clear(out);
	if ((inode->flags & ATHAR_EXT_INLINE) != 0)
		return ATHAR_OK;
	r.end = inode->size / x->layout.block + (inode->size % x->layout.block != 0);
	if (!is_flat(inode))
		ATHAR_TRY(new_buffers(&r, err));
	return take_map(&r, err);
}

void athar_ext_map_clear(athar_ext_map *map)
{
	free(map->run);
	*map = (athar_ext_map){.run = NULL};
}

bool athar_ext_map_whole(const athar_ext_map *map, const athar_ext_inode *inode)
{
	const uint64_t attributes = inode->attributes != 0 ? 1 : 0;

	return map->lost == 0 && !map->full &&
	       (!inode->blocks_known || map->blocks + attributes >= inode->blocks);
}

uint64_t athar_ext_map_find(const athar_ext_map *map, uint64_t logical)
{
	size_t low = 0, high = map->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (map->run[middle].logical <= logical)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0 || map->run[low - 1].part != ATHAR_EXT_PART_DATA ||
	    logical - map->run[low - 1].logical >= map->run[low - 1].count)
		return 0;
	return map->run[low - 1].block + (logical - map->run[low - 1].logical);
}
