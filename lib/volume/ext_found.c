/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/ext_found.h"

#include "base/alloc.h"
#include "base/check.h"
#include "base/sort.h"

#define FOUND_MOST ((size_t)1 << 20)
#define EXTENTS_MOST ((size_t)1 << 21)
#define BEAT_EVERY 256

enum { FOLDER = 0x4, FILE_PLAIN = 0x8 };

/* Blocks in order, each range once. */
typedef struct ranges {
	athar_run *range;
	size_t count, capacity;
} ranges;

typedef struct collect {
	athar_ext_finds *out;
	const athar_ext_history *h;
	athar_ext_nodes *nodes;
	const athar_ext *x;
	uint64_t image; /* bytes of it */
	uint8_t *block;
	ranges kept; /* blocks of the live file at hand, and of what was found of it */
} collect;

static void collect_end(collect *c)
{
	free(c->block);
	free(c->kept.range);
}
ATHAR_DEFINE_AUTO_VALUE(collect, collect, collect_end)

/* ---- content ---- */

static athar_status add_kind(athar_extents *out, athar_extent_kind kind, uint64_t length,
                             athar_error *err)
{
	const athar_extent x = {.image = ATHAR_NOWHERE, .length = length, .kind = kind};

	return length == 0 ? ATHAR_OK : athar_extents_add(out, x, err);
}

/* Bytes of the volume; what lies past the end of the image is missing. */
static athar_status add_data(const collect *c, athar_extents *out, uint64_t at, uint64_t length,
                             athar_error *err)
{
	const uint64_t image = c->x->base + at;
	const uint64_t there = image < c->image ? athar_min(length, c->image - image) : 0;

	if (there > 0)
		ATHAR_TRY(athar_extents_add_data(out, image, there, err));
	return add_kind(out, ATHAR_EXTENT_MISSING, length - there, err);
}

static athar_status add_run(const collect *c, athar_ext_found *f, const athar_ext_run *r,
                            athar_error *err)
{
	const uint64_t block = c->x->layout.block;
	const uint64_t length = athar_min(r->count * block, f->inode.size - r->logical * block);

	if (r->part == ATHAR_EXT_PART_DATA)
		return add_data(c, &f->extents, r->block * block, length, err);
	return add_kind(&f->extents,
	                r->part == ATHAR_EXT_PART_LOST ? ATHAR_EXTENT_MISSING : ATHAR_EXTENT_HOLE,
	                length, err);
}

/* What no run says anything about is a hole, if the map is all there. */
static athar_status place(const collect *c, athar_ext_found *f, const athar_ext_map *map,
                          athar_error *err)
{
	const athar_extent_kind gap = f->whole ? ATHAR_EXTENT_HOLE : ATHAR_EXTENT_MISSING;
	uint64_t done = 0;

	for (size_t i = 0; i < map->count; i++) {
		const uint64_t at = map->run[i].logical * c->x->layout.block;

		if (at < done || at >= f->inode.size)
			continue;
		ATHAR_TRY(add_kind(&f->extents, gap, at - done, err));
		ATHAR_TRY(add_run(c, f, &map->run[i], err));
		done = athar_extents_size(&f->extents);
	}
	return add_kind(&f->extents, gap, f->inode.size - done, err);
}

static athar_status place_inline(const collect *c, athar_ext_found *f, const uint8_t *bytes,
                                 uint64_t at, athar_error *err)
{
	athar_ext_piece piece[2];
	uint64_t left = f->inode.size;

	f->inside = true;
	f->whole = athar_ext_inode_inline(piece, c->x, bytes);
	for (size_t i = 0; f->whole && i < 2; i++) {
		const uint64_t length = athar_min(piece[i].length, left);

		ATHAR_TRY(length == 0
		                  ? ATHAR_OK
		                  : add_data(c, &f->extents, at + piece[i].offset, length, err));
		left -= length;
	}
	return add_kind(&f->extents, ATHAR_EXTENT_MISSING, left, err);
}

/* ---- one version ---- */

static athar_status read_map(const collect *c, athar_ext_map *map, const athar_ext_inode *inode,
                             int32_t until, athar_error *err)
{
	athar_ext_past past = {c->h->journal, until};

	c->nodes->get = athar_ext_past_get;
	c->nodes->user = &past;
	return athar_ext_map_read(map, c->x, inode, c->nodes, err);
}

static athar_status fill(const collect *c, athar_ext_found *f, const uint8_t *bytes, uint64_t at,
                         const athar_ext_map *map, athar_error *err)
{
	f->mapped = map->blocks;
	f->whole = athar_ext_map_whole(map, &f->inode);
	if (!athar_ext_inode_is_file(&f->inode) || f->inode.size > c->x->length)
		return ATHAR_OK;
	if ((f->inode.flags & ATHAR_EXT_INLINE) != 0)
		return place_inline(c, f, bytes, at, err);
	return place(c, f, map, err);
}

/* Adds a version of a life; the map was read of it. */
static athar_status keep(collect *c, const athar_ext_life *l, const athar_ext_version *v,
                         athar_state state, const athar_ext_inode *inode, const uint8_t *bytes,
                         uint64_t at, const athar_ext_map *map, athar_error *err)
{
	athar_ext_finds *out = c->out;
	athar_ext_found *f;

	if (out->count >= FOUND_MOST || out->extents + map->count > EXTENTS_MOST) {
		out->full = true;
		return ATHAR_OK;
	}
	ATHAR_TRY(athar_grow(&out->found, &out->capacity, out->count + 1, sizeof *out->found, err));
	f = &out->found[out->count++];
	*f = (athar_ext_found){.life = (size_t)(l - c->h->life),
	                       .version = (size_t)(v - c->h->version),
	                       .state = state,
	                       .order = v->seen,
	                       .inode = *inode};
	ATHAR_TRY(fill(c, f, bytes, at, map, err));
	out->extents += f->extents.count;
	return ATHAR_OK;
}

/* ---- lives that are over ---- */

/* The last with content; else the last with a size, else the last that was in use. */
static const athar_ext_version *last_state(const athar_ext_history *h, const athar_ext_life *l)
{
	const athar_ext_version *v = &h->version[l->version];
	const athar_ext_version *best = NULL;
	unsigned best_worth = 0;

	for (size_t i = l->count; i-- > 0;) {
		unsigned worth = v[i].in_use ? 1 : 0;

		if (v[i].has_size)
			worth = v[i].has_place ? 3 : 2;
		if (worth > best_worth) {
			best = &v[i];
			best_worth = worth;
		}
	}
	return best;
}

/* ---- earlier states ---- */

static int by_offset(const void *a, const void *b, const void *user)
{
	const athar_run *x = a, *y = b;

	(void)user;
	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static athar_status ranges_add(ranges *r, const athar_ext_map *map, athar_error *err)
{
	size_t kept = 0;

	for (size_t i = 0; i < map->count; i++) {
		if (map->run[i].part == ATHAR_EXT_PART_LOST)
			continue;
		ATHAR_TRY(athar_grow(&r->range, &r->capacity, r->count + 1, sizeof *r->range, err));
		r->range[r->count++] =
			(athar_run){map->run[i].block, map->run[i].count, ATHAR_RUN_DATA};
	}
	if (r->count == 0)
		return ATHAR_OK;
	athar_sort(r->range, r->count, sizeof *r->range, by_offset, NULL);
	for (size_t i = 1; i < r->count; i++) {
		athar_run *last = &r->range[kept];
		const athar_run *next = &r->range[i];

		if (next->offset > last->offset + last->length)
			r->range[++kept] = *next;
		else
			last->length = athar_max(last->offset + last->length,
			                         next->offset + next->length) -
			               last->offset;
	}
	r->count = kept + 1;
	return ATHAR_OK;
}

static bool ranges_have(const ranges *r, uint64_t block, uint64_t count)
{
	size_t low = 0, high = r->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (r->range[middle].offset <= block)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 &&
	       athar_inside(block - r->range[low - 1].offset, count, r->range[low - 1].length);
}

static bool has_other_blocks(const ranges *r, const athar_ext_map *map)
{
	for (size_t i = 0; i < map->count; i++) {
		const athar_ext_run *run = &map->run[i];

		if (run->part == ATHAR_EXT_PART_DATA && !ranges_have(r, run->block, run->count))
			return true;
	}
	return false;
}

static athar_status take_earlier(collect *c, const athar_ext_life *l, const athar_ext_version *v,
                                 bool now, athar_error *err)
{
	ATHAR_AUTO(ext_map) athar_ext_map map = {.run = NULL};
	athar_ext_inode inode;
	uint64_t at;
	const uint8_t *bytes = athar_ext_version_get(&inode, &at, c->h, l, v, c->block);

	if (bytes == NULL)
		return ATHAR_OK;
	ATHAR_TRY(read_map(c, &map, &inode, v->until, err));
	if (!now && !has_other_blocks(&c->kept, &map))
		return ATHAR_OK;
	if (!now)
		ATHAR_TRY(keep(c, l, v, ATHAR_STATE_EARLIER, &inode, bytes, at, &map, err));
	return ranges_add(&c->kept, &map, err);
}

/* States from before a version, from the newest on. */
static athar_status take_before(collect *c, const athar_ext_life *l, size_t end, athar_error *err)
{
	const athar_ext_version *v = &c->h->version[l->version];
	uint32_t map = v[end].map;

	for (size_t i = end; i-- > 0;) {
		if (v[i].map == map || !v[i].has_size || !v[i].has_place)
			continue;
		map = v[i].map;
		ATHAR_TRY(take_earlier(c, l, &v[i], false, err));
	}
	return ATHAR_OK;
}

/* In its place lies an inode that is not in use: the transaction was not brought there yet. */
static bool only_in_journal(collect *c, const athar_ext_life *l, const athar_ext_version *v)
{
	const athar_jbd2 *j = c->h->journal;
	const athar_ext_version home = {.copy = ATHAR_EXT_HOME};
	athar_ext_inode inode;
	uint64_t at;

	if (v->copy == ATHAR_EXT_HOME || !athar_jbd2_pending(j, j->copy[v->copy].order))
		return false;
	return athar_ext_version_get(&inode, &at, c->h, l, &home, c->block) != NULL &&
	       !athar_ext_inode_in_use(&inode);
}

static athar_status take_pending(collect *c, const athar_ext_life *l, const athar_ext_version *v,
                                 athar_error *err)
{
	ATHAR_AUTO(ext_map) athar_ext_map map = {.run = NULL};
	athar_ext_inode inode;
	const uint8_t *bytes;
	uint64_t at;

	if (!only_in_journal(c, l, v))
		return ATHAR_OK;
	bytes = athar_ext_version_get(&inode, &at, c->h, l, v, c->block);
	if (bytes == NULL)
		return ATHAR_OK;
	ATHAR_TRY(read_map(c, &map, &inode, v->until, err));
	return keep(c, l, v, ATHAR_STATE_LIVE, &inode, bytes, at, &map, err);
}

/* The last version is what the file is now. */
static athar_status take_live(collect *c, const athar_ext_life *l, athar_error *err)
{
	const athar_ext_version *v = &c->h->version[l->version];

	ATHAR_TRY(take_pending(c, l, &v[l->count - 1], err));
	if (l->count < 2)
		return ATHAR_OK;
	c->kept.count = 0;
	ATHAR_TRY(take_earlier(c, l, &v[l->count - 1], true, err));
	return take_before(c, l, l->count - 1, err);
}

/* ---- lives that are over ---- */

static athar_status take_dead(collect *c, const athar_ext_life *l, athar_error *err)
{
	ATHAR_AUTO(ext_map) athar_ext_map map = {.run = NULL};
	const athar_ext_version *v = last_state(c->h, l);
	athar_ext_inode inode;
	const uint8_t *bytes;
	uint64_t at;

	if (v == NULL)
		return ATHAR_OK; /* the journal has it only as it was cleared */
	bytes = athar_ext_version_get(&inode, &at, c->h, l, v, c->block);
	if (bytes == NULL)
		return ATHAR_OK;
	if (l->type == FILE_PLAIN)
		ATHAR_TRY(read_map(c, &map, &inode, v->until, err));
	c->kept.count = 0;
	ATHAR_TRY(ranges_add(&c->kept, &map, err));
	ATHAR_TRY(keep(c, l, v, ATHAR_STATE_DELETED, &inode, bytes, at, &map, err));
	if (l->type != FILE_PLAIN)
		return ATHAR_OK;
	return take_before(c, l, (size_t)(v - &c->h->version[l->version]), err);
}

athar_status athar_ext_finds_read(athar_ext_finds *out, const athar_ext_history *h,
                                  athar_ext_nodes *nodes,
                                  athar_status (*beat)(void *user, athar_error *err), void *user,
                                  athar_error *err)
{
	ATHAR_AUTO(collect)
	collect c = {.out = out, .h = h, .nodes = nodes, .x = h->journal->x};

	c.image = athar_source_describe(c.x->source)->size;
	c.block = athar_alloc(ATHAR_EXT_BLOCK, err);
	if (c.block == NULL)
		return ATHAR_ENOMEM;
	for (size_t i = 0; i < h->count && !out->full; i++) {
		const athar_ext_life *l = &h->life[i];

		if (i % BEAT_EVERY == 0)
			ATHAR_TRY(beat(user, err));
		if (l->dead && (l->type == FILE_PLAIN || l->type == FOLDER))
			ATHAR_TRY(take_dead(&c, l, err));
		else if (l->type == FILE_PLAIN)
			ATHAR_TRY(take_live(&c, l, err));
	}
	return ATHAR_OK;
}

void athar_ext_finds_clear(athar_ext_finds *f)
{
	for (size_t i = 0; i < f->count; i++)
		athar_extents_clear(&f->found[i].extents);
	free(f->found);
	*f = (athar_ext_finds){.found = NULL};
}
