/* SPDX-License-Identifier: BSD-2-Clause */
/* Who of those that had a block had it last: a sweep over the volume. */
#include "base/alloc.h"
#include "base/check.h"
#include "base/sort.h"
#include "volume/ext_bitmaps.h"
#include "volume/ext_found.h"

#define OTHERS SIZE_MAX /* as the one who claims */

typedef struct claim {
	uint64_t from, to; /* image bytes */
	int32_t order;
	size_t found;
} claim;

#define TAKEN_MOST ((size_t)1 << 21)

typedef struct claims {
	claim *claim; /* by from */
	size_t count, capacity;
	size_t taken; /* of them by bitmaps */
	const athar_ext *x;
	size_t *heap; /* of those that reach over the place at hand; the latest on top */
	size_t heaped;
} claims;

static void claims_end(claims *c)
{
	free(c->claim);
	free(c->heap);
}
ATHAR_DEFINE_AUTO_VALUE(claims, claims, claims_end)

static athar_status add(claims *c, claim x, athar_error *err)
{
	ATHAR_TRY(athar_grow(&c->claim, &c->capacity, c->count + 1, sizeof *c->claim, err));
	c->claim[c->count++] = x;
	return ATHAR_OK;
}

/* To the end of its last block: a file that has the block has all of it. */
static uint64_t end_of(const athar_ext *x, const athar_extent *e)
{
	return x->base + athar_round_up(e->image + e->length - x->base, x->layout.block);
}

static athar_status add_found(claims *c, const athar_ext_finds *f, athar_error *err)
{
	for (size_t i = 0; i < f->count; i++) {
		const athar_ext_found *x = &f->found[i];

		for (size_t k = 0; k < x->extents.count && !x->inside; k++) {
			const athar_extent *e = &x->extents.extent[k];

			if (e->kind == ATHAR_EXTENT_DATA)
				ATHAR_TRY(add(c, (claim){e->image, end_of(c->x, e), x->order, i},
				              err));
		}
	}
	return ATHAR_OK;
}

/* The newest copy of each block: it was metadata then. */
static athar_status add_copies(claims *c, const athar_jbd2 *j, athar_error *err)
{
	const uint64_t block = j->x->layout.block;

	for (size_t i = 0; i < j->count; i++) {
		const uint64_t at = j->x->base + j->copy[i].home * block;

		if (i + 1 < j->count && j->copy[i + 1].home == j->copy[i].home)
			continue;
		ATHAR_TRY(add(c, (claim){at, at + block, j->copy[i].order, OTHERS}, err));
	}
	return ATHAR_OK;
}

static athar_status add_taken(void *user, const athar_ext_taken *t, athar_error *err)
{
	claims *c = user;
	const uint64_t block = c->x->layout.block;
	const uint64_t at = c->x->base + t->block * block;

	if (t->block >= c->x->layout.blocks || ++c->taken > TAKEN_MOST)
		return ATHAR_OK;
	return add(c, (claim){at, at + t->count * block, t->order, OTHERS}, err);
}

static int by_from(const void *a, const void *b, const void *user)
{
	const claim *x = a, *y = b;

	(void)user;
	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return x->found < y->found ? -1 : x->found > y->found;
}

/* Does a's claim hold against b's? In one transaction a file holds against metadata. */
static bool is_later(const claims *c, size_t a, size_t b)
{
	const claim *x = &c->claim[a], *y = &c->claim[b];

	return x->order != y->order ? x->order > y->order : x->found < y->found;
}

static void swap(claims *c, size_t a, size_t b)
{
	const size_t x = c->heap[a];

	c->heap[a] = c->heap[b];
	c->heap[b] = x;
}

static void push(claims *c, size_t index)
{
	size_t at = c->heaped++;

	c->heap[at] = index;
	for (; at > 0 && is_later(c, c->heap[at], c->heap[(at - 1) / 2]); at = (at - 1) / 2)
		swap(c, at, (at - 1) / 2);
}

static void pop(claims *c)
{
	size_t at = 0;

	c->heap[0] = c->heap[--c->heaped];
	for (;;) {
		size_t best = at;

		for (size_t child = 2 * at + 1; child <= 2 * at + 2; child++) {
			if (child < c->heaped && is_later(c, c->heap[child], c->heap[best]))
				best = child;
		}
		if (best == at)
			return;
		swap(c, at, best);
		at = best;
	}
}

/* What nobody had later is the found file's. */
static void keep(athar_ext_found *f, uint64_t from, uint64_t to)
{
	f->claimed -= to - from;
	if (from == f->extents.extent[0].image)
		f->headless = false;
}

/* Takes off `claimed` what each has for itself. */
static void sweep(claims *c, athar_ext_finds *f)
{
	uint64_t at = 0;

	for (size_t next = 0; next < c->count || c->heaped > 0;) {
		const claim *top;
		uint64_t to;

		if (c->heaped == 0)
			at = athar_max(at, c->claim[next].from);
		while (next < c->count && c->claim[next].from <= at)
			push(c, next++);
		top = &c->claim[c->heap[0]];
		to = next < c->count ? athar_min(top->to, c->claim[next].from) : top->to;
		if (to > at && top->found != OTHERS)
			keep(&f->found[top->found], at, to);
		at = athar_max(at, to);
		while (c->heaped > 0 && c->claim[c->heap[0]].to <= at)
			pop(c);
	}
}

static uint64_t data_of(const athar_ext *x, const athar_ext_found *f)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < f->extents.count && !f->inside; i++) {
		const athar_extent *e = &f->extents.extent[i];

		if (e->kind == ATHAR_EXTENT_DATA)
			sum += end_of(x, e) - e->image;
	}
	return sum;
}

/* Until the sweep says otherwise others have all of it. A hole is nobody's. */
static void begin(athar_ext_found *f, const athar_ext *x)
{
	f->claimed = data_of(x, f);
	f->headless = f->claimed > 0 && f->extents.extent[0].kind == ATHAR_EXTENT_DATA;
}

athar_status athar_ext_finds_settle(athar_ext_finds *f, const athar_jbd2 *j, athar_error *err)
{
	ATHAR_AUTO(claims) claims c = {.x = j->x};

	ATHAR_TRY(add_found(&c, f, err));
	if (c.count == 0)
		return ATHAR_OK;
	ATHAR_TRY(add_copies(&c, j, err));
	ATHAR_TRY(athar_ext_bitmaps_each(j, add_taken, &c, err));
	c.heap = athar_alloc_array(c.count, sizeof *c.heap, err);
	if (c.heap == NULL)
		return ATHAR_ENOMEM;
	athar_sort(c.claim, c.count, sizeof *c.claim, by_from, NULL);
	for (size_t i = 0; i < f->count; i++)
		begin(&f->found[i], j->x);
	sweep(&c, f);
	return ATHAR_OK;
}
