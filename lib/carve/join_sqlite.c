/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Joins SQLite databases. The pages of tables are known by their keys, wherever they lie
 * (sqlite_tree.c), and place the pieces. Between two of them that are of different pieces the
 * joint is one of the borders of blocks; the database as a whole, every page of which must be sound
 * and used once, decides which. Where more than one would do, nothing is joined.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "base/sort.h"
#include "carve/joiners.h"
#include "carve/sqlite_tree.h"
#include "format/sqlite.h"

#define PAGES (1u << 22)
#define JOINTS 64u
#define OPTIONS 64u /* borders of one joint */
#define TRIES 512u  /* of all joints together */

/* Between two pages that are placed, of pieces with other shifts. */
typedef struct joint {
	uint32_t before, behind; /* the pages */
	uint64_t shift;          /* image less file, of the one behind */
	uint64_t option[OPTIONS];
	size_t count, chosen;
} joint;

typedef struct base {
	athar_trail trail;
	athar_sqlite_tree tree;
	joint *joint;
	size_t joints;
} base;

static athar_status read_header(bool *good, base *d, athar_error *err)
{
	athar_sqlite_tree *t = &d->tree;
	uint8_t h[ATHAR_SQLITE_HEADER];
	size_t got;

	ATHAR_TRY(athar_trail_read(h, &got, &d->trail, 0, sizeof h, err));
	*good = got == sizeof h;
	if (!*good)
		return ATHAR_OK;
	const uint32_t stored = athar_be16(h + 16);

	t->trail = &d->trail;
	t->size = stored == 1 ? 65536 : stored;
	t->usable = t->size - h[20];
	t->pages = athar_be32(h + 28);
	*good = t->size >= 512 && (t->size & (t->size - 1)) == 0 && t->usable >= 480 &&
	        t->pages > 1 && t->pages <= PAGES && athar_be32(h + 24) == athar_be32(h + 92);
	return ATHAR_OK;
}

/* ---- joints ---- */

static int by_page(const void *a, const void *b, const void *user)
{
	const athar_sqlite_ref *x = a, *y = b;

	(void)user;
	return (x->page > y->page) - (x->page < y->page);
}

/* A page with its first `cut` bytes in the piece with the one shift and the rest in the other's. */
static athar_status is_sound(bool *out, const base *d, uint32_t page, uint64_t left, uint64_t right,
                             uint32_t cut, athar_error *err)
{
	const athar_sqlite_tree *t = &d->tree;
	const uint64_t file = (uint64_t)(page - 1) * t->size;
	athar_sqlite_page p;
	athar_bytes b;

	*out = false;
	ATHAR_TRY(athar_joining_spend(d->trail.j, t->size, err));
	ATHAR_TRY(athar_joining_read(&b, d->trail.j, left + file, cut, err));
	if (b.len < cut)
		return ATHAR_OK;
	memcpy(t->bytes, b.ptr, cut);
	ATHAR_TRY(athar_joining_read(&b, d->trail.j, right + file + cut, t->size - cut, err));
	if (b.len < t->size - cut)
		return ATHAR_OK;
	memcpy(t->bytes + cut, b.ptr, b.len);
	*out = athar_sqlite_page_open(&p, t->bytes, t->usable, page == 1 ? ATHAR_SQLITE_HEADER : 0);
	return ATHAR_OK;
}

/* sound[n]: pages of trees from x->before on that are sound when n of them lie in the piece before.
 */
static athar_status count_sound(uint32_t *sound, const base *d, const joint *x, uint64_t left,
                                athar_error *err)
{
	const uint32_t pages = x->behind - x->before;

	for (uint32_t i = 0; i < pages; i++) {
		bool good;

		ATHAR_TRY(is_sound(&good, d, x->before + i, x->shift, x->shift, 0, err));
		sound[0] += good;
	}
	for (uint32_t i = 0; i < pages; i++) {
		bool here, there;

		ATHAR_TRY(is_sound(&here, d, x->before + i, left, left, 0, err));
		ATHAR_TRY(is_sound(&there, d, x->before + i, x->shift, x->shift, 0, err));
		sound[i + 1] = sound[i] + here - there;
	}
	return ATHAR_OK;
}

/* The same with the joint at this offset, which may be inside a page. */
static athar_status count_at(uint32_t *count, const uint32_t *sound, const base *d, const joint *x,
                             uint64_t left, uint64_t at, athar_error *err)
{
	const uint32_t size = d->tree.size, before = (uint32_t)(at / size) + 1 - x->before;
	bool here, there;

	*count = sound[before];
	if (at % size == 0)
		return ATHAR_OK;
	ATHAR_TRY(
		is_sound(&here, d, x->before + before, left, x->shift, (uint32_t)(at % size), err));
	ATHAR_TRY(is_sound(&there, d, x->before + before, x->shift, x->shift, 0, err));
	*count += here - there;
	return ATHAR_OK;
}

/* The borders with the most sound pages. In the page before, rows may be so long that its last
 * blocks were not looked at. */
static athar_status choose(joint *x, const base *d, uint64_t left, athar_error *err)
{
	const uint32_t block = athar_joining_space(d->trail.j)->block, size = d->tree.size;
	const uint64_t first = athar_round_up((uint64_t)(x->before - 1) * size + 1, block);
	const uint64_t last = (uint64_t)(x->behind - 1) * size;
	ATHAR_AUTO(free) uint32_t *sound = NULL;
	uint32_t most = 0;

	sound = athar_alloc_array(x->behind - x->before + 1u, sizeof *sound, err);
	if (sound == NULL)
		return ATHAR_ENOMEM;
	ATHAR_TRY(count_sound(sound, d, x, left, err));
	for (uint64_t at = first; at <= last; at += block) {
		uint32_t count;

		ATHAR_TRY(count_at(&count, sound, d, x, left, at, err));
		if (count > most)
			x->count = 0;
		if (count < most)
			continue;
		most = count;
		if (x->count == OPTIONS) {
			x->count = 0;
			return ATHAR_OK;
		}
		x->option[x->count++] = at;
	}
	return ATHAR_OK;
}

/* Where pages that are sure lie one behind the other in the file and not in the space. */
static athar_status find_joints(bool *good, base *d, athar_error *err)
{
	const athar_sqlite_tree *t = &d->tree;
	uint64_t shift = athar_joining_start(d->trail.j);
	uint32_t before = 1;

	*good = true;
	athar_sort(t->ref, t->count, sizeof *t->ref, by_page, NULL);
	for (size_t i = 0; i < t->count && *good; i++) {
		const athar_sqlite_ref *r = &t->ref[i];
		const uint64_t now = r->image - (uint64_t)(r->page - 1) * t->size;

		if (!r->placed || !r->sure)
			continue;
		if (now != shift) {
			joint *x = &d->joint[d->joints];

			*good = d->joints + 1 < JOINTS;
			*x = (joint){.before = before, .behind = r->page, .shift = now};
			ATHAR_TRY(choose(x, d, shift, err));
			d->joints++;
			*good = *good && x->count != 0;
			shift = now;
		}
		before = r->page;
	}
	return ATHAR_OK;
}

/* ---- the database ---- */

static athar_status lay_out(athar_extents *x, bool *fits, base *d, athar_error *err)
{
	athar_extents_clear(x);
	ATHAR_TRY(athar_trail_lead(&d->trail, 0, athar_joining_start(d->trail.j), err));
	for (size_t i = 0; i < d->joints; i++) {
		const uint64_t at = d->joint[i].option[d->joint[i].chosen];

		ATHAR_TRY(athar_trail_lead(&d->trail, at, d->joint[i].shift + at, err));
	}
	return athar_trail_extents(x, fits, &d->trail, (uint64_t)d->tree.pages * d->tree.size, err);
}

/* Is it a database, whole? */
static athar_status judge(bool *good, base *d, athar_error *err)
{
	ATHAR_AUTO(extents) athar_extents x = ATHAR_EXTENTS_INIT;
	athar_claim claim;

	ATHAR_TRY(lay_out(&x, good, d, err));
	if (!*good)
		return ATHAR_OK;
	ATHAR_TRY(athar_joining_measure(&claim, d->trail.j, &x, err));
	*good = claim.ours && claim.grade >= ATHAR_GRADE_COMPLETE &&
	        claim.length == athar_extents_size(&x);
	if (*good)
		ATHAR_TRY(athar_sqlite_tree_check(good, &d->tree, err));
	return ATHAR_OK;
}

/* The next choice of borders; false: there are no more. */
static bool next_choice(base *d)
{
	for (size_t i = 0; i < d->joints; i++) {
		if (++d->joint[i].chosen < d->joint[i].count)
			return true;
		d->joint[i].chosen = 0;
	}
	return false;
}

static uint64_t choices(const base *d)
{
	uint64_t count = 1;

	for (size_t i = 0; i < d->joints && count <= TRIES; i++)
		count *= d->joint[i].count;
	return count;
}

/* All choices; the one that makes a database, if it is the only one. */
static athar_status decide(athar_joined *out, bool *done, base *d, athar_error *err)
{
	size_t right[JOINTS] = {0};
	unsigned found = 0;

	if (choices(d) > TRIES)
		return ATHAR_OK;
	do {
		bool good;

		ATHAR_TRY(judge(&good, d, err));
		found += good;
		for (size_t i = 0; i < d->joints && good; i++)
			right[i] = d->joint[i].chosen;
	} while (found < 2 && next_choice(d));
	if (found != 1)
		return ATHAR_OK;
	for (size_t i = 0; i < d->joints; i++)
		d->joint[i].chosen = right[i];
	return lay_out(&out->extents, done, d, err);
}

static athar_status join_with(athar_joined *out, bool *done, base *d, athar_joining *j,
                              athar_error *err)
{
	bool good;

	ATHAR_TRY(athar_trail_begin(&d->trail, j, err));
	ATHAR_TRY(read_header(&good, d, err));
	if (!good)
		return ATHAR_OK;
	d->tree.bytes = athar_alloc(d->tree.size, err);
	d->tree.taken = athar_alloc(d->tree.pages / 8 + 1, err);
	d->joint = athar_alloc_array(JOINTS, sizeof *d->joint, err);
	if (d->tree.bytes == NULL || d->tree.taken == NULL || d->joint == NULL)
		return ATHAR_ENOMEM;
	ATHAR_TRY(athar_sqlite_tree_place(&d->tree, err));
	ATHAR_TRY(find_joints(&good, d, err));
	(void)snprintf(out->proof, sizeof out->proof,
	               "the keys of its tables' pages, all pages sound and each used once");
	return good ? decide(out, done, d, err) : ATHAR_OK;
}

static athar_status join(athar_joined *out, bool *done, athar_joining *j, athar_error *err)
{
	base d = {.joints = 0};

	*done = false;
	const athar_status status = join_with(out, done, &d, j, err);

	athar_trail_clear(&d.trail);
	athar_sqlite_tree_clear(&d.tree);
	free(d.joint);
	return status;
}

const athar_joiner athar_joiner_sqlite = {.format = "sqlite", .join = join, .tells_apart = true};
