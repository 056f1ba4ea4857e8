/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/contest.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"

/* Extents that are compared: 40 bytes each. */
#define CLAIMS_MOST ((size_t)6 << 20)
/* Claims on one place that are compared with each other. */
#define ACTIVE_MOST 16u

/* What is compared of a find. */
typedef struct claimant {
	uint64_t places;  /* hash of its extents */
	uint64_t file;    /* hash of volume and address without the version */
	int64_t created;  /* INT64_MIN: not recorded */
	int64_t greatest; /* of its times; INT64_MAX: none is recorded */
	uint64_t lost;    /* bytes that another one claims */
	uint64_t reached; /* of them the last, where it ends in the image */
	bool version;     /* an earlier state of a file */
} claimant;

typedef struct claim {
	uint64_t from, to;
	uint32_t find;
} claim;

typedef struct judgement {
	claimant *claimant;
	size_t claimants, claimant_capacity;
	claim *claim;
	size_t claims, claim_capacity;
	size_t compared; /* finds of which all claims are in */
	bool full;
	bool any; /* somebody loses something */
} judgement;

static void judgement_end(judgement *j)
{
	free(j->claimant);
	free(j->claim);
}
ATHAR_DEFINE_AUTO_VALUE(judgement, judgement, judgement_end)

/* ---- what the finds claim ---- */

static uint64_t mix(uint64_t hash, uint64_t value)
{
	for (unsigned i = 0; i < 8; i++)
		hash = (hash ^ (value >> (8 * i) & 0xFF)) * UINT64_C(0x100000001b3);
	return hash;
}

#define HASH_BASIS UINT64_C(0xcbf29ce484222325)

static uint64_t hash_places(const athar_find *f)
{
	uint64_t hash = HASH_BASIS;

	for (size_t i = 0; i < f->extents.count; i++)
		hash = mix(mix(hash, f->extents.extent[i].image), f->extents.extent[i].length);
	return hash;
}

/* "12@345" is a version of "12". */
static uint64_t hash_file(const athar_find *f)
{
	uint64_t hash = mix(HASH_BASIS, (uint64_t)f->volume);

	for (const char *c = f->address; *c != '\0' && *c != '@'; c++)
		hash = mix(hash, (uint8_t)*c);
	return hash;
}

static claimant describe(const athar_find *f)
{
	claimant c = {.places = hash_places(f),
	              .file = hash_file(f),
	              .created = INT64_MIN,
	              .greatest = INT64_MAX,
	              .version = f->state == ATHAR_STATE_EARLIER};

	for (size_t i = 0; i < f->time_count; i++) {
		const athar_item_time *t = &f->times[i];

		if (strcmp(t->meaning, "created") == 0 && t->seconds > c.created)
			c.created = t->seconds;
		if (i == 0 || t->seconds > c.greatest)
			c.greatest = t->seconds;
	}
	return c;
}

static bool may_contest(const athar_find *f)
{
	return f->readable && f->state != ATHAR_STATE_LIVE && f->state != ATHAR_STATE_TRASH;
}

static athar_status add_claim(judgement *j, claim c, athar_error *err)
{
	ATHAR_TRY(athar_grow(&j->claim, &j->claim_capacity, j->claims + 1, sizeof *j->claim, err));
	j->claim[j->claims++] = c;
	return ATHAR_OK;
}

static athar_status take_find(judgement *j, const athar_find *f, athar_error *err)
{
	const uint32_t index = (uint32_t)j->claimants;

	ATHAR_TRY(athar_grow(&j->claimant, &j->claimant_capacity, j->claimants + 1,
	                     sizeof *j->claimant, err));
	j->claimant[j->claimants++] = describe(f);
	for (size_t i = 0; may_contest(f) && i < f->extents.count; i++) {
		const athar_extent *x = &f->extents.extent[i];

		if (x->kind != ATHAR_EXTENT_DATA || x->length == 0)
			continue;
		j->full = j->full || j->claims >= CLAIMS_MOST;
		if (!j->full)
			ATHAR_TRY(
				add_claim(j, (claim){x->image, x->image + x->length, index}, err));
	}
	j->compared += !j->full;
	return ATHAR_OK;
}

static athar_status take_all(judgement *j, athar_spool *finds, athar_error *err)
{
	bool end = false;

	ATHAR_TRY(athar_spool_rewind(finds, err));
	for (;;) {
		ATHAR_AUTO(find) athar_find f = ATHAR_FIND_INIT;
		athar_bytes record;

		ATHAR_TRY(athar_spool_next(finds, &record, &end, err));
		if (end || j->claimants >= UINT32_MAX)
			return ATHAR_OK;
		ATHAR_TRY(athar_find_unwire(&f, record, err));
		ATHAR_TRY(take_find(j, &f, err));
	}
}

/* ---- who loses ---- */

static bool is_later(const claimant *a, const claimant *b)
{
	return a->created != INT64_MIN && b->greatest != INT64_MAX && a->created > b->greatest;
}

/* Losses come in the order of the image, so that a byte lost twice is easily counted once. */
static void lose(judgement *j, const claim *of, uint64_t from, uint64_t to)
{
	claimant *c = &j->claimant[of->find];

	if (to > c->reached)
		c->lost += to - athar_max(c->reached, from);
	c->reached = athar_max(c->reached, to);
	j->any = true;
}

/* a begins at or before b. */
static void compare(judgement *j, const claim *a, const claim *b)
{
	const claimant *x = &j->claimant[a->find];
	const claimant *y = &j->claimant[b->find];
	const uint64_t to = athar_min(a->to, b->to);

	if (a->find == b->find || x->places == y->places ||
	    (x->file == y->file && (x->version || y->version)))
		return;
	if (!is_later(x, y))
		lose(j, a, b->from, to);
	if (!is_later(y, x))
		lose(j, b, b->from, to);
}

static int by_place(const void *a, const void *b)
{
	const claim *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return x->find < y->find ? -1 : x->find > y->find;
}

/* The same places under another name: one of them is enough to compare with. */
static bool stands_for(const judgement *j, const claim *const *active, size_t count, const claim *c)
{
	for (size_t k = 0; k < count; k++)
		if (active[k]->from == c->from &&
		    j->claimant[active[k]->find].places == j->claimant[c->find].places)
			return true;
	return false;
}

static void sweep(judgement *j)
{
	const claim *active[ACTIVE_MOST];
	size_t count = 0;

	for (size_t i = 0; i < j->claims; i++) {
		const claim *c = &j->claim[i];
		size_t kept = 0;

		for (size_t k = 0; k < count; k++)
			if (active[k]->to > c->from)
				active[kept++] = active[k];
		count = kept;
		for (size_t k = 0; k < count; k++)
			compare(j, active[k], c);
		if (stands_for(j, active, count, c))
			continue;
		if (count < ACTIVE_MOST)
			active[count++] = c;
		else
			lose(j, c, c->from, c->to);
	}
}

athar_status athar_contest_judge(athar_contest *out, athar_spool *finds, athar_error *err)
{
	ATHAR_AUTO(judgement) judgement j = {.full = false};

	ATHAR_TRY(take_all(&j, finds, err));
	out->full = j.full;
	out->compared = j.compared;
	if (j.claims < 2)
		return ATHAR_OK;
	qsort(j.claim, j.claims, sizeof *j.claim, by_place);
	sweep(&j);
	if (!j.any)
		return ATHAR_OK;
	ATHAR_TRY(athar_grow(&out->lost, &out->capacity, j.claimants, sizeof *out->lost, err));
	out->count = j.claimants;
	for (size_t i = 0; i < j.claimants; i++)
		out->lost[i] = j.claimant[i].lost;
	return ATHAR_OK;
}

uint64_t athar_contest_lost(const athar_contest *contest, size_t index)
{
	if (contest->full && index >= contest->compared)
		return UINT64_MAX;
	return index < contest->count ? contest->lost[index] : 0;
}

void athar_contest_clear(athar_contest *contest)
{
	free(contest->lost);
	*contest = (athar_contest){.count = 0};
}
