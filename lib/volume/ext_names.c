/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/ext_names.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"

#define NAMES_MOST ((size_t)1 << 22)
#define TEXT_MOST ((size_t)1 << 28)
#define OF_A_LIFE 64u
#define SEARCH_MOST (UINT64_C(1) << 20) /* blocks of live folders */

enum { FOLDER = 0x4, FILE_PLAIN = 0x8 };

athar_status athar_ext_names_open(athar_ext_names *out, athar_ext_history *history,
                                  athar_error *err)
{
	*out = (athar_ext_names){.history = history, .left = SEARCH_MOST, .count = 1};
	out->block = athar_alloc(ATHAR_EXT_BLOCK, err);
	return out->block == NULL
	               ? ATHAR_ENOMEM
	               : athar_grow(&out->name, &out->capacity, 1, sizeof *out->name, err);
}

void athar_ext_names_close(athar_ext_names *n)
{
	free(n->name);
	free(n->text);
	free(n->block);
	*n = (athar_ext_names){.history = NULL};
}

/* ---- adding ---- */

static bool fits(const athar_ext_life *l, uint8_t type)
{
	if (l->type != FOLDER && l->type != FILE_PLAIN)
		return false;
	return type == 0 || type == (l->type == FOLDER ? 2 : 1);
}

static athar_ext_life *life_of(const athar_ext_names *n, int32_t order, const athar_ext_entry *e)
{
	if (e->deleted || order == ATHAR_JBD2_OLD)
		return athar_ext_history_before(n->history, e->inode,
		                                order == ATHAR_JBD2_OLD ? ATHAR_JBD2_NOW : order);
	return athar_ext_history_at(n->history, e->inode, order);
}

/* The same name was seen in another transaction. */
static void widen(athar_ext_name *m, int32_t order)
{
	if (order == ATHAR_JBD2_OLD)
		return;
	m->first =
		m->first == ATHAR_JBD2_OLD ? order : (int32_t)(m->first < order ? m->first : order);
	m->last = m->last > order ? m->last : order;
}

static athar_status append(athar_ext_names *n, athar_ext_life *l, athar_ext_name m,
                           const athar_ext_entry *e, athar_error *err)
{
	if (n->count >= NAMES_MOST || n->text_len + e->len > TEXT_MOST) {
		n->full = true;
		return ATHAR_OK;
	}
	ATHAR_TRY(athar_grow(&n->name, &n->capacity, n->count + 1, sizeof *n->name, err));
	ATHAR_TRY(athar_grow(&n->text, &n->text_capacity, n->text_len + e->len, 1, err));
	memcpy(n->text + n->text_len, e->name, e->len);
	m.text = n->text_len;
	m.len = e->len;
	m.next = l->name;
	l->name = n->count;
	n->text_len += e->len;
	n->name[n->count++] = m;
	return ATHAR_OK;
}

static bool is_dots(const athar_ext_entry *e)
{
	return e->name[0] == '.' && (e->len == 1 || (e->len == 2 && e->name[1] == '.'));
}

athar_status athar_ext_names_add(athar_ext_names *n, uint32_t parent, int32_t order,
                                 const athar_ext_entry *entry, athar_error *err)
{
	athar_ext_life *l = is_dots(entry) ? NULL : life_of(n, order, entry);
	const int32_t when = entry->deleted ? ATHAR_JBD2_OLD : order;
	unsigned met = 0;

	if (l == NULL || !fits(l, entry->type))
		return ATHAR_OK;
	for (size_t i = l->name; i != 0; i = n->name[i].next) {
		athar_ext_name *m = &n->name[i];

		if (m->parent == parent && m->len == entry->len &&
		    memcmp(n->text + m->text, entry->name, entry->len) == 0) {
			widen(m, when);
			return ATHAR_OK;
		}
		if (++met >= OF_A_LIFE)
			return ATHAR_OK;
	}
	return append(n, l, (athar_ext_name){.parent = parent, .first = when, .last = when}, entry,
	              err);
}

/* ---- one name ---- */

/* The name that the life had at `order`: the one seen last before. Deleted entries only where no
 * other is known. */
static const athar_ext_name *name_at(const athar_ext_names *n, const athar_ext_life *l,
                                     int32_t order)
{
	const athar_ext_name *best = NULL;
	int32_t best_last = ATHAR_JBD2_OLD;

	for (size_t i = l->name; i != 0; i = n->name[i].next) {
		const athar_ext_name *m = &n->name[i];
		const int32_t last = m->last < order ? m->last : order;

		if (m->first > order && best != NULL)
			continue;
		if (best == NULL || best->first > order || last > best_last ||
		    (last == best_last && m->first > best->first)) {
			best = m;
			best_last = last;
		}
	}
	return best;
}

/* ---- live folders that the journal does not name ---- */

/* A component of a path, last one first. */
typedef struct component {
	uint8_t name[255];
	uint8_t len;
	uint32_t parent;
} component;

typedef struct folder {
	athar_ext_map map;
	athar_ext_inode inode;
} folder;

static void folder_end(folder *f)
{
	athar_ext_map_clear(&f->map);
}
ATHAR_DEFINE_AUTO_VALUE(folder, folder, folder_end)

/* The folder as a mount would find it; its inode in n->block. */
static athar_status open_folder(bool *there, folder *out, athar_ext_names *n, uint32_t number,
                                athar_error *err)
{
	const athar_jbd2 *j = n->history->journal;
	athar_ext_past now = {j, ATHAR_JBD2_NOW};
	athar_ext_nodes nodes = {athar_ext_past_get, &now, 4096};
	const athar_ext *x = j->x;
	uint64_t at;

	*there = athar_ext_inode_place(&at, x, number) &&
	         athar_ext_past_get(&now, n->block, at / x->layout.block, 0) &&
	         athar_ext_inode_read(&out->inode, x, number, n->block + at % x->layout.block) &&
	         athar_ext_inode_is_folder(&out->inode) && athar_ext_inode_in_use(&out->inode);
	return *there ? athar_ext_map_read(&out->map, x, &out->inode, &nodes, err) : ATHAR_OK;
}

static bool find_in(component *out, const athar_ext_names *n, const uint8_t *bytes, uint32_t len,
                    uint32_t number)
{
	athar_ext_dir dir;
	athar_ext_entry e;

	if (!athar_ext_dir_open(&dir, bytes, len, n->history->journal->x->inodes))
		return false;
	while (athar_ext_dir_next(&e, &dir)) {
		if (e.deleted || e.inode != number || is_dots(&e))
			continue;
		memcpy(out->name, e.name, e.len);
		out->len = e.len;
		return true;
	}
	return false;
}

static bool find_inline(component *out, const athar_ext_names *n, const folder *f, uint32_t number)
{
	const athar_ext *x = n->history->journal->x;
	athar_ext_piece piece[2];
	const uint8_t *bytes;
	uint64_t at;

	if (!athar_ext_inode_place(&at, x, f->inode.number))
		return false;
	bytes = n->block + at % x->layout.block;
	return athar_ext_inode_inline(piece, x, bytes) &&
	       (find_in(out, n, bytes + piece[0].offset + 4, piece[0].length - 4, number) ||
	        find_in(out, n, bytes + piece[1].offset, piece[1].length, number));
}

/* Searches the live folder `parent` for the name of an inode. */
static athar_status search(bool *found, component *out, athar_ext_names *n, uint32_t parent,
                           uint32_t number, athar_error *err)
{
	const athar_jbd2 *j = n->history->journal;
	athar_ext_past now = {j, ATHAR_JBD2_NOW};
	ATHAR_AUTO(folder) folder f = {.map = {.run = NULL}};

	out->parent = parent;
	ATHAR_TRY(open_folder(found, &f, n, parent, err));
	if (!*found)
		return ATHAR_OK;
	if ((f.inode.flags & ATHAR_EXT_INLINE) != 0) {
		*found = find_inline(out, n, &f, number);
		return ATHAR_OK;
	}
	*found = false;
	for (size_t i = 0; i < f.map.count && !*found; i++) {
		const athar_ext_run *r = &f.map.run[i];

		for (uint64_t b = 0;
		     b < r->count && n->left > 0 && !*found && r->part == ATHAR_EXT_PART_DATA;
		     b++, n->left--)
			*found = athar_ext_past_get(&now, n->block, r->block + b, 0) &&
			         find_in(out, n, n->block, j->x->layout.block, number);
	}
	return ATHAR_OK;
}

/* The parent of a live folder, by the folder itself; 0: it does not say. */
static athar_status parent_of(uint32_t *out, athar_ext_names *n, uint32_t number, athar_error *err)
{
	const athar_jbd2 *j = n->history->journal;
	athar_ext_past now = {j, ATHAR_JBD2_NOW};
	ATHAR_AUTO(folder) folder f = {.map = {.run = NULL}};
	bool there;

	*out = 0;
	ATHAR_TRY(open_folder(&there, &f, n, number, err));
	if (!there)
		return ATHAR_OK;
	if ((f.inode.flags & ATHAR_EXT_INLINE) != 0) {
		*out = athar_le32(f.inode.map);
	} else if (athar_ext_map_find(&f.map, 0) != 0 &&
	           athar_ext_past_get(&now, n->block, athar_ext_map_find(&f.map, 0), 0)) {
		*out = athar_ext_dir_self(n->block) == number ? athar_ext_dir_parent(n->block) : 0;
	}
	return ATHAR_OK;
}

static athar_status live_component(bool *found, component *out, athar_ext_names *n, uint32_t number,
                                   athar_error *err)
{
	uint32_t parent;

	*found = false;
	ATHAR_TRY(parent_of(&parent, n, number, err));
	return parent == 0 ? ATHAR_OK : search(found, out, n, parent, number, err);
}

static athar_status add_slack(athar_ext_names *n, uint32_t number, const uint8_t *bytes,
                              uint32_t len, athar_error *err)
{
	athar_ext_dir dir;
	athar_ext_entry e;

	if (!athar_ext_dir_open(&dir, bytes, len, n->history->journal->x->inodes))
		return ATHAR_OK;
	while (athar_ext_dir_next(&e, &dir)) {
		if (e.deleted)
			ATHAR_TRY(athar_ext_names_add(n, number, ATHAR_JBD2_OLD, &e, err));
	}
	return ATHAR_OK;
}

athar_status athar_ext_names_add_slack(athar_ext_names *n, uint32_t number, athar_error *err)
{
	const athar_jbd2 *j = n->history->journal;
	athar_ext_past now = {j, ATHAR_JBD2_NOW};
	ATHAR_AUTO(folder) folder f = {.map = {.run = NULL}};
	bool there;

	ATHAR_TRY(open_folder(&there, &f, n, number, err));
	for (size_t i = 0; there && i < f.map.count; i++) {
		const athar_ext_run *r = &f.map.run[i];

		for (uint64_t b = 0; b < r->count && n->left > 0 && r->part == ATHAR_EXT_PART_DATA;
		     b++) {
			n->left--;
			if (athar_ext_past_get(&now, n->block, r->block + b, 0))
				ATHAR_TRY(add_slack(n, number, n->block, j->x->layout.block, err));
		}
	}
	return ATHAR_OK;
}

/* ---- paths ---- */

/* Where in the tree and in time the way up has come to. */
typedef struct climb {
	uint32_t number;
	int32_t order;
	const athar_ext_life *life; /* NULL: the journal has none */
} climb;

/* The folder that had the name, as it was at the end: it may have been renamed since. */
static void climb_to(climb *at, const athar_ext_names *n, uint32_t parent, int32_t seen)
{
	const bool dated = seen != ATHAR_JBD2_OLD;

	at->number = parent;
	at->life = athar_ext_history_at(n->history, parent, dated ? seen : at->order);
	if (at->life == NULL) /* it was deleted in the same transaction, or long before */
		at->life = athar_ext_history_before(n->history, parent,
		                                    at->order == ATHAR_JBD2_NOW ? at->order
		                                                                : at->order + 1);
	if (at->life != NULL && at->life->until <= at->order)
		at->order = at->life->until - 1;
}

static athar_status next_component(bool *found, component *out, athar_ext_names *n, climb *at,
                                   athar_error *err)
{
	const athar_ext_name *m = at->life != NULL ? name_at(n, at->life, at->order) : NULL;

	*found = m != NULL;
	if (m == NULL && at->life != NULL && at->life->dead)
		return ATHAR_OK;
	if (m == NULL) {
		ATHAR_TRY(live_component(found, out, n, at->number, err));
		if (*found)
			climb_to(at, n, out->parent, ATHAR_JBD2_NOW);
		return ATHAR_OK;
	}
	memcpy(out->name, n->text + m->text, m->len);
	out->len = m->len;
	climb_to(at, n, m->parent, m->last);
	return ATHAR_OK;
}

static athar_status join(char **out, size_t *len, const component *c, size_t count,
                         athar_error *err)
{
	char *p;

	*len = 0;
	for (size_t i = 0; i < count; i++)
		*len += c[i].len + (i > 0 ? 1u : 0u);
	*out = p = athar_alloc(*len + 1, err);
	if (p == NULL)
		return ATHAR_ENOMEM;
	for (size_t i = count; i-- > 0;) {
		memcpy(p, c[i].name, c[i].len);
		p += c[i].len;
		if (i > 0)
			*p++ = '/';
	}
	return ATHAR_OK;
}

athar_status athar_ext_names_path(char **out, size_t *len, bool *whole, athar_ext_names *n,
                                  const athar_ext_life *life, athar_error *err)
{
	ATHAR_AUTO(free)
	component *c = athar_alloc_array(ATHAR_EXT_DEPTH, sizeof *c, err);
	climb at = {life->number, life->until == ATHAR_JBD2_NOW ? life->until : life->until - 1,
	            life};
	size_t count = 0;
	bool found = true;

	if (c == NULL)
		return ATHAR_ENOMEM;
	while (count < ATHAR_EXT_DEPTH && at.number != ATHAR_EXT_ROOT) {
		ATHAR_TRY(next_component(&found, &c[count], n, &at, err));
		if (!found)
			break;
		count++;
	}
	*whole = count > 0 && at.number == ATHAR_EXT_ROOT;
	return join(out, len, c, count, err);
}
