/* SPDX-License-Identifier: BSD-2-Clause */
#include "carve/sqlite_tree.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/sort.h"
#include "format/sqlite.h"

#define SHIFTS 64u  /* places of pieces that are tried */
#define SAMPLES 64u /* pages that vote for one */
#define VOTES 3u    /* ends of keys: one could be the same in another database */
#define COLUMNS 64u
#define INNER 32u /* pages above others that are tried in the place of one */

/* A page at a place, as far as its reference allows it. */
typedef struct look {
	athar_sqlite_page page;
	bool good;
	unsigned ends; /* of its keys that are just what they have to be */
} look;

static uint64_t offset_of(const athar_sqlite_tree *t, uint32_t page)
{
	return (uint64_t)(page - 1) * t->size;
}

/* *there: all of it lies in the space; its bytes are in t->bytes then. */
static athar_status read_page(bool *there, const athar_sqlite_tree *t, uint64_t image,
                              athar_error *err)
{
	athar_joining *j = t->trail->j;
	athar_bytes b;

	*there = false;
	ATHAR_TRY(athar_joining_spend(j, t->size, err));
	if (athar_space_left(athar_joining_space(j), image) < t->size)
		return ATHAR_OK;
	ATHAR_TRY(athar_joining_read(&b, j, image, t->size, err));
	*there = b.len == t->size;
	if (*there)
		memcpy(t->bytes, b.ptr, t->size);
	return ATHAR_OK;
}

static bool is_table(const athar_sqlite_page *p)
{
	return p->type == ATHAR_SQLITE_TABLE_INNER || p->type == ATHAR_SQLITE_TABLE_LEAF;
}

/* Keys rise from cell to cell. */
static bool keys_of(int64_t *first, int64_t *last, const athar_sqlite_page *p)
{
	for (uint32_t i = 0; i < p->cells; i++) {
		athar_sqlite_cell c;

		if (!athar_sqlite_cell_get(&c, p, i) || (i != 0 && c.key <= *last))
			return false;
		if (i == 0)
			*first = c.key;
		*last = c.key;
	}
	return p->cells != 0;
}

static bool children_fit(const athar_sqlite_tree *t, const athar_sqlite_page *p)
{
	for (uint32_t i = 0; i <= p->cells && p->right != 0; i++) {
		athar_sqlite_cell c = {.child = p->right};

		if (i < p->cells)
			(void)athar_sqlite_cell_get(&c, p, i);
		if (c.child < 2 || c.child > t->pages ||
		    (t->taken[c.child / 8] >> c.child % 8 & 1) != 0)
			return false;
	}
	return true;
}

/* What the reference says of the page in t->bytes, if it is there. The first page is not looked at
 * like this. */
static void judge(look *out, const athar_sqlite_tree *t, const athar_sqlite_ref *r)
{
	int64_t first = 0, last = 0;

	out->good = out->good && athar_sqlite_page_open(&out->page, t->bytes, t->usable, 0) &&
	            (r->root || is_table(&out->page) != r->index);
	if (!out->good || !is_table(&out->page))
		return;
	if (out->page.cells == 0) {
		out->good = r->root;
		return;
	}
	out->good = keys_of(&first, &last, &out->page) && (!r->has_low || first > r->low) &&
	            (!r->has_high || last <= r->high) && children_fit(t, &out->page);
	if (athar_sqlite_inner(out->page.type))
		out->ends = r->has_low + r->has_high;
	else
		out->ends = (r->has_low && first == r->low + 1 ? 1u : 0u) +
		            (r->has_high && last == r->high ? 1u : 0u);
}

static athar_status look_at(look *out, athar_sqlite_tree *t, const athar_sqlite_ref *r,
                            uint64_t image, athar_error *err)
{
	*out = (look){.good = false};
	ATHAR_TRY(read_page(&out->good, t, image, err));
	judge(out, t, r);
	return ATHAR_OK;
}

/* As the trail leads, over joints. */
static athar_status look_along(look *out, athar_sqlite_tree *t, const athar_sqlite_ref *r,
                               athar_error *err)
{
	size_t got;

	*out = (look){.good = false};
	ATHAR_TRY(athar_joining_spend(t->trail->j, t->size, err));
	ATHAR_TRY(athar_trail_read(t->bytes, &got, t->trail, offset_of(t, r->page), t->size, err));
	out->good = got == t->size;
	judge(out, t, r);
	return ATHAR_OK;
}

static athar_status add_ref(athar_sqlite_tree *t, athar_sqlite_ref r, athar_error *err)
{
	if (r.page < 2 || r.page > t->pages || (t->taken[r.page / 8] >> r.page % 8 & 1) != 0)
		return ATHAR_OK;
	t->taken[r.page / 8] = (uint8_t)(t->taken[r.page / 8] | 1u << r.page % 8);
	ATHAR_TRY(athar_grow(&t->ref, &t->capacity, t->count + 1, sizeof *t->ref, err));
	t->ref[t->count++] = r;
	return ATHAR_OK;
}

/* What a page of a table that has been placed leads to. */
static athar_status add_children(athar_sqlite_tree *t, const athar_sqlite_page *p,
                                 athar_sqlite_ref r, athar_error *err)
{
	athar_sqlite_ref child = {.low = r.low, .has_low = r.has_low};

	if (p->type != ATHAR_SQLITE_TABLE_INNER)
		return ATHAR_OK;
	for (uint32_t i = 0; i <= p->cells; i++) {
		athar_sqlite_cell c = {.child = p->right, .key = r.high};

		if (i < p->cells)
			(void)athar_sqlite_cell_get(&c, p, i);
		child.page = c.child;
		child.high = c.key;
		child.has_high = i < p->cells || r.has_high;
		ATHAR_TRY(add_ref(t, child, err));
		child.low = c.key;
		child.has_low = true;
	}
	return ATHAR_OK;
}

/* A big-endian number of the record, which is all there. */
static uint64_t number(const athar_sqlite_cell *c, uint64_t at, unsigned len)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < len; i++)
		v = v << 8 | (at + i < c->local_len ? c->local[at + i] : 0);
	return v;
}

/* Rows of the schema have the root of a table or an index in column 3. */
static athar_status add_roots(athar_sqlite_tree *t, const athar_sqlite_page *p, athar_error *err)
{
	for (uint32_t i = 0; i < p->cells && p->type == ATHAR_SQLITE_TABLE_LEAF; i++) {
		athar_sqlite_cell c;
		uint64_t at, fixed;
		unsigned len;

		if (!athar_sqlite_cell_get(&c, p, i) ||
		    !athar_sqlite_column(&at, &len, &fixed, &c, 3))
			continue;
		const uint64_t page = len == 0 ? fixed : number(&c, at, len);

		if (page <= t->pages)
			ATHAR_TRY(add_ref(
				t, (athar_sqlite_ref){.page = (uint32_t)page, .root = true}, err));
	}
	return ATHAR_OK;
}

/* The first page is where the file begins. A schema that does not fit into it is not followed. */
static athar_status begin(athar_sqlite_tree *t, athar_error *err)
{
	athar_sqlite_page p;
	bool there;

	ATHAR_TRY(read_page(&there, t, athar_joining_start(t->trail->j), err));
	if (!there || !athar_sqlite_page_open(&p, t->bytes, t->usable, ATHAR_SQLITE_HEADER))
		return ATHAR_OK;
	return add_roots(t, &p, err);
}

/* ---- places ---- */

/* Differences between image and file of the pieces that are known, the file's first one first. */
typedef struct shifts {
	uint64_t by[SHIFTS];
	size_t count;
} shifts;

static void note_shift(shifts *s, uint64_t by)
{
	for (size_t i = 0; i < s->count; i++) {
		if (s->by[i] == by)
			return;
	}
	if (s->count < SHIFTS)
		s->by[s->count++] = by;
}

static athar_status settle(athar_sqlite_tree *t, size_t i, const look *l, uint64_t image,
                           athar_error *err)
{
	athar_sqlite_ref *r = &t->ref[i];

	r->placed = true;
	r->sure = l->ends != 0;
	r->image = image;
	return is_table(&l->page) ? add_children(t, &l->page, *r, err) : ATHAR_OK;
}

/* Reference i in one of the pieces that are known; only the sure ones place anything but roots. */
static athar_status try_shifts(athar_sqlite_tree *t, size_t i, const shifts *s, athar_error *err)
{
	const uint64_t file = offset_of(t, t->ref[i].page);

	for (size_t k = 0; k < s->count; k++) {
		look l;

		ATHAR_TRY(look_at(&l, t, &t->ref[i], s->by[k] + file, err));
		if (l.good && (l.ends != 0 || t->ref[i].root || k == 0))
			return settle(t, i, &l, s->by[k] + file, err);
	}
	return ATHAR_OK;
}

static athar_status try_all(athar_sqlite_tree *t, const shifts *s, athar_error *err)
{
	for (size_t i = 0; i < t->count; i++) {
		if (!t->ref[i].placed)
			ATHAR_TRY(try_shifts(t, i, s, err));
	}
	return ATHAR_OK;
}

/* ---- leaves in the space ---- */

static int by_first(const void *a, const void *b, const void *user)
{
	const athar_sqlite_leaf *x = a, *y = b;

	(void)user;
	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return (x->image > y->image) - (x->image < y->image);
}

static int by_last(const void *a, const void *b, const void *user)
{
	const athar_sqlite_leaf *x = a, *y = b;

	(void)user;
	if (x->last != y->last)
		return x->last < y->last ? -1 : 1;
	return (x->image > y->image) - (x->image < y->image);
}

static athar_status note_leaf(athar_sqlite_tree *t, uint64_t image, athar_error *err)
{
	athar_sqlite_leaf leaf = {.image = image};
	athar_sqlite_page p;
	athar_bytes b;
	bool there;

	ATHAR_TRY(athar_joining_spend(t->trail->j, 64, err));
	ATHAR_TRY(athar_joining_read(&b, t->trail->j, image, 1, err));
	if (b.len == 0 ||
	    (b.ptr[0] != ATHAR_SQLITE_TABLE_LEAF && b.ptr[0] != ATHAR_SQLITE_TABLE_INNER))
		return ATHAR_OK;
	leaf.inner = b.ptr[0] == ATHAR_SQLITE_TABLE_INNER;
	ATHAR_TRY(read_page(&there, t, image, err));
	if (!there || !athar_sqlite_page_open(&p, t->bytes, t->usable, 0) ||
	    !keys_of(&leaf.first, &leaf.last, &p))
		return ATHAR_OK;
	ATHAR_TRY(athar_grow(&t->by_first, &t->leaves_capacity, t->leaves + 1, sizeof leaf, err));
	t->by_first[t->leaves++] = leaf;
	return ATHAR_OK;
}

/* At the beginnings of blocks, and of pages in them. */
static athar_status find_leaves(athar_sqlite_tree *t, athar_error *err)
{
	const athar_space *space = athar_joining_space(t->trail->j);
	const uint64_t count = athar_space_count(space);
	const uint32_t step = (uint32_t)athar_min(space->block, t->size);

	t->looked = true;
	for (uint64_t i = 0; i < count; i++) {
		ATHAR_TRY(athar_joining_spend(t->trail->j, space->block / 8, err));
		for (uint32_t at = 0; at < space->block; at += step)
			ATHAR_TRY(note_leaf(t, athar_space_at(space, i) + at, err));
	}
	t->by_last = athar_alloc_array(t->leaves, sizeof *t->by_last, err);
	if (t->by_last == NULL)
		return ATHAR_ENOMEM;
	if (t->leaves != 0)
		memcpy(t->by_last, t->by_first, t->leaves * sizeof *t->by_last);
	athar_sort(t->by_first, t->leaves, sizeof *t->by_first, by_first, NULL);
	athar_sort(t->by_last, t->leaves, sizeof *t->by_last, by_last, NULL);
	return ATHAR_OK;
}

/* The first leaf in an order whose key is not below `key`. */
static size_t lower(const athar_sqlite_tree *t, bool last, int64_t key)
{
	size_t low = 0, high = t->leaves;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		const int64_t there = last ? t->by_last[middle].last : t->by_first[middle].first;

		if (there < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* How many of the pages that are not placed would be, in a piece with this shift? */
static athar_status vote(unsigned *votes, athar_sqlite_tree *t, size_t from, uint64_t shift,
                         athar_error *err)
{
	size_t asked = 0;

	*votes = 0;
	ATHAR_TRY(athar_joining_spend(t->trail->j, (t->count - from) / 4, err));
	for (size_t i = from; i < t->count && asked < SAMPLES; i++) {
		look l;

		if (t->ref[i].placed || t->ref[i].root)
			continue;
		asked++;
		ATHAR_TRY(look_at(&l, t, &t->ref[i], shift + offset_of(t, t->ref[i].page), err));
		*votes += l.good ? l.ends : 0;
	}
	return ATHAR_OK;
}

typedef struct election {
	uint64_t shift;
	unsigned votes;
	bool tied;
} election;

static athar_status stand(election *e, athar_sqlite_tree *t, size_t i, uint64_t image,
                          athar_error *err)
{
	const uint64_t file = offset_of(t, t->ref[i].page), shift = image - file;
	unsigned votes;

	if (!athar_trail_even(t->trail, file, image) || (e->votes != 0 && shift == e->shift))
		return ATHAR_OK;
	ATHAR_TRY(vote(&votes, t, i, shift, err));
	if (votes == e->votes)
		e->tied = true;
	if (votes > e->votes)
		*e = (election){shift, votes, false};
	return ATHAR_OK;
}

/* Leaves with the right first or last key speak for their shift. */
static athar_status elect(election *e, athar_sqlite_tree *t, size_t i, bool last, athar_error *err)
{
	const int64_t key = last ? t->ref[i].high : t->ref[i].low + 1;

	for (size_t k = lower(t, last, key); k < t->leaves; k++) {
		const athar_sqlite_leaf *leaf = last ? &t->by_last[k] : &t->by_first[k];

		if ((last ? leaf->last : leaf->first) != key)
			break;
		ATHAR_TRY(stand(e, t, i, leaf->image, err));
	}
	return ATHAR_OK;
}

/* So do pages above leaves whose keys are between. */
static athar_status elect_inner(election *e, athar_sqlite_tree *t, size_t i, athar_error *err)
{
	const athar_sqlite_ref r = t->ref[i];
	unsigned tried = 0;

	for (size_t k = r.has_low ? lower(t, false, r.low + 1) : 0; k < t->leaves && tried < INNER;
	     k++) {
		const athar_sqlite_leaf *leaf = &t->by_first[k];

		if (r.has_high && leaf->first > r.high)
			break;
		if (!leaf->inner || (r.has_high && leaf->last > r.high))
			continue;
		tried++;
		ATHAR_TRY(stand(e, t, i, leaf->image, err));
	}
	return ATHAR_OK;
}

/* One more piece, by the first page that is in none. *found: there is one. */
static athar_status find_piece(bool *found, athar_sqlite_tree *t, shifts *s, athar_error *err)
{
	*found = false;
	if (!t->looked)
		ATHAR_TRY(find_leaves(t, err));
	for (size_t i = 0; i < t->count && !*found; i++) {
		election e = {.votes = 0};

		if (t->ref[i].placed || t->ref[i].root)
			continue;
		if (t->ref[i].has_low)
			ATHAR_TRY(elect(&e, t, i, false, err));
		if (t->ref[i].has_high)
			ATHAR_TRY(elect(&e, t, i, true, err));
		ATHAR_TRY(elect_inner(&e, t, i, err));
		*found = e.votes >= VOTES && !e.tied && s->count < SHIFTS;
		if (*found)
			note_shift(s, e.shift);
	}
	return ATHAR_OK;
}

athar_status athar_sqlite_tree_place(athar_sqlite_tree *t, athar_error *err)
{
	shifts s = {.count = 0};
	bool more = true;

	note_shift(&s, athar_joining_start(t->trail->j));
	ATHAR_TRY(begin(t, err));
	while (more) {
		ATHAR_TRY(try_all(t, &s, err));
		const size_t before = s.count;

		ATHAR_TRY(find_piece(&more, t, &s, err));
		more = more && s.count > before;
	}
	return ATHAR_OK;
}

/* ---- the whole ---- */

static int by_value(const void *a, const void *b, const void *user)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	(void)user;
	return (x > y) - (x < y);
}

/* A big-endian number of two's complement. */
static int64_t value_of(const athar_sqlite_cell *c, uint64_t at, unsigned len, uint64_t fixed)
{
	uint64_t v = number(c, at, len);

	if (len == 0)
		return (int64_t)fixed;
	if (len < 8 && (v >> (8 * len - 1) & 1) != 0)
		v |= UINT64_MAX << 8 * len;
	return (int64_t)v;
}

static bool has_column(const athar_sqlite_cell *c, unsigned column)
{
	const uint8_t *p = c->local, *end = p + c->local_len;

	/* the header's own length, then a type a column; lengths over 127 are not counted */
	if (p == end || *p > 127 || *p > end - p)
		return false;
	end = p + *p;
	for (p++; p < end && column > 0; p++)
		column -= *p < 0x80;
	return p < end;
}

/* The last column of an entry is the number of the row. */
static bool row_of(int64_t *row, const athar_sqlite_cell *c)
{
	uint64_t at, fixed;
	unsigned len, column = 0;

	if (c->local == NULL || c->local_len < c->payload)
		return false;
	while (column < COLUMNS && has_column(c, column))
		column++;
	if (column == 0 || !athar_sqlite_column(&at, &len, &fixed, c, column - 1) ||
	    at + len != c->payload)
		return false;
	*row = value_of(c, at, len, fixed);
	return true;
}

static athar_status take_index(athar_sqlite_tree *t, const athar_sqlite_page *p, athar_error *err)
{
	for (uint32_t i = 0; i <= p->cells; i++) {
		athar_sqlite_cell c = {.child = p->right};
		int64_t row;

		if (i < p->cells)
			(void)athar_sqlite_cell_get(&c, p, i);
		if (athar_sqlite_inner(p->type))
			ATHAR_TRY(add_ref(t, (athar_sqlite_ref){.page = c.child, .index = true},
			                  err));
		if (!row_of(&row, &c))
			continue;
		ATHAR_TRY(athar_grow(&t->row, &t->rows_capacity, t->rows + 1, sizeof *t->row, err));
		t->row[t->rows++] = row;
	}
	return ATHAR_OK;
}

/* One tree of an index has been gone through. */
static bool rows_differ(athar_sqlite_tree *t)
{
	bool good = true;

	athar_sort(t->row, t->rows, sizeof *t->row, by_value, NULL);
	for (size_t i = 1; i < t->rows; i++)
		good = good && t->row[i] != t->row[i - 1];
	t->rows = 0;
	return good;
}

/* All pages below a root, which is the last reference. */
static athar_status check_tree(bool *good, athar_sqlite_tree *t, athar_sqlite_ref root,
                               athar_error *err)
{
	t->count = 0;
	ATHAR_TRY(add_ref(t, root, err));
	for (size_t i = 0; i < t->count && *good; i++) {
		const athar_sqlite_ref r = t->ref[i];
		look l;

		ATHAR_TRY(look_along(&l, t, &r, err));
		*good = l.good;
		if (l.good && is_table(&l.page))
			ATHAR_TRY(add_children(t, &l.page, r, err));
		else if (l.good)
			ATHAR_TRY(take_index(t, &l.page, err));
	}
	*good = rows_differ(t) && *good;
	return ATHAR_OK;
}

athar_status athar_sqlite_tree_check(bool *good, athar_sqlite_tree *t, athar_error *err)
{
	ATHAR_AUTO(free) athar_sqlite_ref *roots = NULL;

	t->count = 0;
	memset(t->taken, 0, t->pages / 8 + 1);
	ATHAR_TRY(begin(t, err));
	const size_t count = t->count;

	*good = true;
	roots = athar_alloc_array(count, sizeof *roots, err);
	if (roots == NULL)
		return ATHAR_ENOMEM;
	if (count != 0)
		memcpy(roots, t->ref, count * sizeof *roots);
	memset(t->taken, 0, t->pages / 8 + 1);
	for (size_t i = 0; i < count && *good; i++)
		ATHAR_TRY(check_tree(good, t, roots[i], err));
	return ATHAR_OK;
}

void athar_sqlite_tree_clear(athar_sqlite_tree *t)
{
	free(t->bytes);
	free(t->taken);
	free(t->ref);
	free(t->by_first);
	free(t->by_last);
	free(t->row);
}
