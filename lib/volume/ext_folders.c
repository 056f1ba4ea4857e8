/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/ext_folders.h"

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "base/sort.h"

#define OWNERS_MOST ((size_t)1 << 21)
#define BEAT_EVERY 1024

enum { FOLDER = 0x4 };

/* A block that a folder had, and in which transactions. */
typedef struct owner {
	uint64_t block;
	uint32_t number, generation;
	int32_t since, until;
	bool first; /* it begins with "." */
	bool live;  /* the folder still is */
} owner;

typedef struct search {
	athar_ext_names *names;
	athar_ext_nodes *nodes;
	const athar_jbd2 *j;
	owner *owner; /* by block, then by time */
	size_t count, capacity;
	uint8_t *block;
	uint64_t done;
	athar_status (*beat)(void *user, athar_error *err);
	void *user;
} search;

static void search_end(search *s)
{
	free(s->owner);
	free(s->block);
}
ATHAR_DEFINE_AUTO_VALUE(search, search, search_end)

static athar_status tick(search *s, athar_error *err)
{
	return ++s->done % BEAT_EVERY == 0 ? s->beat(s->user, err) : ATHAR_OK;
}

static athar_status add_names(search *s, uint32_t folder, int32_t order, const uint8_t *bytes,
                              uint32_t len, athar_error *err)
{
	athar_ext_dir dir;
	athar_ext_entry e;

	if (!athar_ext_dir_open(&dir, bytes, len, s->j->x->inodes))
		return ATHAR_OK;
	while (athar_ext_dir_next(&e, &dir))
		ATHAR_TRY(athar_ext_names_add(s->names, folder, order, &e, err));
	return ATHAR_OK;
}

/* ---- which blocks ---- */

static athar_status add_owner(search *s, owner o, athar_error *err)
{
	if (s->count >= OWNERS_MOST) {
		s->names->full = true;
		return ATHAR_OK;
	}
	ATHAR_TRY(athar_grow(&s->owner, &s->capacity, s->count + 1, sizeof *s->owner, err));
	s->owner[s->count++] = o;
	return ATHAR_OK;
}

static athar_status add_blocks(search *s, const athar_ext_life *l, const athar_ext_version *v,
                               const athar_ext_inode *inode, athar_error *err)
{
	ATHAR_AUTO(ext_map) athar_ext_map map = {.run = NULL};
	athar_ext_past past = {s->j, v->until};

	s->nodes->get = athar_ext_past_get;
	s->nodes->user = &past;
	ATHAR_TRY(athar_ext_map_read(&map, s->j->x, inode, s->nodes, err));
	for (size_t i = 0; i < map.count; i++) {
		const athar_ext_run *r = &map.run[i];
		owner o = {.number = l->number,
		           .generation = l->generation,
		           .since = v == &s->names->history->version[l->version] ? l->since
		                                                                 : v->order,
		           .until = l->until,
		           .live = l->current && !l->dead};

		for (uint64_t b = 0;
		     b < r->count && r->part == ATHAR_EXT_PART_DATA && s->count < OWNERS_MOST;
		     b++) {
			o.block = r->block + b;
			o.first = r->logical + b == 0;
			ATHAR_TRY(add_owner(s, o, err));
		}
	}
	return ATHAR_OK;
}

/* A small folder is in its inode: the parent, then entries. */
static athar_status add_inline(search *s, const athar_ext_life *l, const athar_ext_version *v,
                               const uint8_t *bytes, athar_error *err)
{
	athar_ext_piece piece[2];

	if (!athar_ext_inode_inline(piece, s->j->x, bytes))
		return ATHAR_OK;
	ATHAR_TRY(add_names(s, l->number, v->order, bytes + piece[0].offset + 4,
	                    piece[0].length - 4, err));
	return add_names(s, l->number, v->order, bytes + piece[1].offset, piece[1].length, err);
}

static athar_status add_version(search *s, const athar_ext_life *l, const athar_ext_version *v,
                                athar_error *err)
{
	athar_ext_inode inode;
	uint64_t place;
	const uint8_t *bytes =
		athar_ext_version_get(&inode, &place, s->names->history, l, v, s->block);

	if (bytes == NULL)
		return ATHAR_OK;
	return (inode.flags & ATHAR_EXT_INLINE) != 0 ? add_inline(s, l, v, bytes, err)
	                                             : add_blocks(s, l, v, &inode, err);
}

static athar_status add_folder(search *s, const athar_ext_life *l, athar_error *err)
{
	const athar_ext_version *v = &s->names->history->version[l->version];
	uint32_t map = 0;
	bool any = false;

	for (size_t i = 0; i < l->count; i++) {
		if ((any && v[i].map == map) || !v[i].has_size)
			continue;
		any = true;
		map = v[i].map;
		ATHAR_TRY(tick(s, err));
		ATHAR_TRY(add_version(s, l, &v[i], err));
	}
	return ATHAR_OK;
}

static int by_block(const void *a, const void *b, const void *user)
{
	const owner *x = a, *y = b;

	(void)user;
	if (x->block != y->block)
		return x->block < y->block ? -1 : 1;
	if (x->since != y->since)
		return x->since < y->since ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

static athar_status find_owners(search *s, athar_error *err)
{
	const athar_ext_history *h = s->names->history;

	for (size_t i = 0; i < h->count; i++) {
		if (h->life[i].type == FOLDER)
			ATHAR_TRY(add_folder(s, &h->life[i], err));
	}
	athar_sort(s->owner, s->count, sizeof *s->owner, by_block, NULL);
	return ATHAR_OK;
}

/* The folder that had the block in that transaction; NULL: none is known. */
static const owner *owner_at(const search *s, uint64_t block, int32_t order)
{
	size_t low = 0, high = s->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		const owner *o = &s->owner[middle];

		if (o->block < block || (o->block == block && o->since <= order))
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0 || s->owner[low - 1].block != block || order >= s->owner[low - 1].until)
		return NULL;
	return &s->owner[low - 1];
}

/* ---- the copies ---- */

static athar_status read_copy(search *s, const athar_jbd2_copy *copy, athar_error *err)
{
	const owner *o = owner_at(s, copy->home, copy->order);
	uint32_t self;

	ATHAR_TRY(tick(s, err));
	if (!athar_jbd2_get(s->j, copy, s->block))
		return ATHAR_OK;
	self = athar_ext_dir_self(s->block);
	if (o != NULL && o->first && self != o->number)
		return ATHAR_OK;
	if (o != NULL && !athar_ext_dir_sum_holds(s->j->x, o->number, o->generation, s->block))
		return ATHAR_OK;
	if (o != NULL)
		self = o->number;
	if (self == 0 || self > s->j->x->inodes)
		return ATHAR_OK;
	return add_names(s, self, copy->order, s->block, s->j->x->layout.block, err);
}

static athar_status read_copies(search *s, athar_error *err)
{
	for (size_t i = 0; i < s->j->count; i++) {
		if (athar_ext_inodes_at(s->j->x, s->j->copy[i].home) == 0)
			ATHAR_TRY(read_copy(s, &s->j->copy[i], err));
	}
	return ATHAR_OK;
}

/* ---- what lies in its place ---- */

/* Of a folder that is gone its blocks may be anything by now. */
static bool is_still(const search *s, const owner *o)
{
	if (o->first && athar_ext_dir_self(s->block) != o->number)
		return false;
	if (s->j->x->sums && !athar_ext_dir_has_sum(s->j->x, s->block))
		return false;
	return athar_ext_dir_sum_holds(s->j->x, o->number, o->generation, s->block);
}

static bool get_place(search *s, const owner *o)
{
	athar_ext_past now = {s->j, ATHAR_JBD2_NOW};

	return o->live ? athar_ext_past_get(&now, s->block, o->block, 0)
	               : athar_ext_get_block(s->j->x, s->block, o->block);
}

static athar_status read_homes(search *s, athar_error *err)
{
	for (size_t i = 0; i < s->count; i++) {
		const owner *o = &s->owner[i];

		/* The last of those that had the block. */
		if (i + 1 < s->count && s->owner[i + 1].block == o->block)
			continue;
		ATHAR_TRY(tick(s, err));
		if (get_place(s, o) && is_still(s, o))
			ATHAR_TRY(add_names(s, o->number, o->live ? ATHAR_JBD2_NOW : ATHAR_JBD2_OLD,
			                    s->block, s->j->x->layout.block, err));
	}
	return ATHAR_OK;
}

athar_status athar_ext_folders_read(athar_ext_names *n, athar_ext_nodes *nodes,
                                    athar_status (*beat)(void *user, athar_error *err), void *user,
                                    athar_error *err)
{
	ATHAR_AUTO(search)
	search s = {
		.names = n, .nodes = nodes, .j = n->history->journal, .beat = beat, .user = user};

	s.block = athar_alloc(ATHAR_EXT_BLOCK, err);
	if (s.block == NULL)
		return ATHAR_ENOMEM;
	ATHAR_TRY(find_owners(&s, err));
	ATHAR_TRY(read_copies(&s, err));
	return read_homes(&s, err);
}
