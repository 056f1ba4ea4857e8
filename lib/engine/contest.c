/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/contest.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"

/* Extents that are compared: 40 bytes each. */
#define CLAIMS_MOST ((size_t)6 << 20)
/* Deleted files that are compared: some 80 bytes each. */
#define CLAIMANTS_MOST ((size_t)2 << 20)
/* Claims on one place that are compared with each other. */
#define ACTIVE_MOST 16u

/* What is compared of a find. */
typedef struct claimant {
	uint64_t places;  /* hash of its extents */
	uint64_t file;    /* hash of volume and address without the version */
	uint64_t times;   /* hash of those the file system recorded */
	uint64_t head;    /* where its first byte lies; ATHAR_NOWHERE: not known */
	int64_t created;  /* INT64_MIN: not recorded */
	int64_t greatest; /* of its times; INT64_MAX: none is recorded */
	uint64_t lost;    /* bytes that another one claims */
	uint64_t reached; /* of them the last, where it ends in the image */
	bool version;     /* an earlier state of a file */
	bool headless;    /* a later one begins where it begins */
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

/* "12@345" is a version of "12"; "mft@345" is of nothing but itself. */
static uint64_t hash_file(const athar_find *f)
{
	const bool numbered = f->address[0] >= '0' && f->address[0] <= '9';
	uint64_t hash = mix(HASH_BASIS, (uint64_t)f->volume);

	for (const char *c = f->address; *c != '\0' && !(numbered && *c == '@'); c++)
		hash = mix(hash, (uint8_t)*c);
	return hash;
}

static claimant describe(const athar_find *f)
{
	claimant c = {.places = hash_places(f),
	              .file = hash_file(f),
	              .times = HASH_BASIS,
	              .head = ATHAR_NOWHERE,
	              .created = INT64_MIN,
	              .greatest = INT64_MAX,
	              .version = f->state == ATHAR_STATE_EARLIER};

	if (f->extents.count > 0 && f->extents.extent[0].kind == ATHAR_EXTENT_DATA)
		c.head = f->extents.extent[0].image;
	for (size_t i = 0; i < f->time_count; i++) {
		const athar_item_time *t = &f->times[i];

		c.times = mix(mix(c.times, (uint64_t)t->seconds), t->nanoseconds);
		if (strcmp(t->meaning, "created") == 0 && t->seconds > c.created)
			c.created = t->seconds;
		if (i == 0 || t->seconds > c.greatest)
			c.greatest = t->seconds;
	}
	return c;
}

bool athar_contest_concerns(const athar_find *f)
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
	for (size_t i = 0; i < f->extents.count; i++) {
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
		if (end)
			return ATHAR_OK;
		ATHAR_TRY(athar_find_unwire(&f, record, err));
		j->full = j->full || j->claimants >= CLAIMANTS_MOST;
		if (athar_contest_concerns(&f) && !j->full)
			ATHAR_TRY(take_find(j, &f, err));
	}
}

/* ---- who loses ---- */

static bool is_later(const claimant *a, const claimant *b)
{
	return a->created != INT64_MIN && b->greatest != INT64_MAX && a->created > b->greatest;
}

/* One file under several names, in several copies of its record, or in several states. */
static bool is_one(const claimant *a, const claimant *b)
{
	if (is_later(a, b) || is_later(b, a))
		return false;
	if (a->places == b->places)
		return a->file == b->file || (a->times == b->times && a->times != HASH_BASIS);
	return a->file == b->file && (a->version || b->version);
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

/* What begins where a later file began is that file's. */
static void behead(claimant *earlier, const claimant *later)
{
	if (earlier->head != ATHAR_NOWHERE && earlier->head == later->head &&
	    is_later(later, earlier))
		earlier->headless = true;
}

/* a begins at or before b. */
static void compare(judgement *j, const claim *a, const claim *b)
{
	claimant *x = &j->claimant[a->find];
	claimant *y = &j->claimant[b->find];
	const uint64_t to = athar_min(a->to, b->to);

	if (a->find == b->find || is_one(x, y))
		return;
	behead(x, y);
	behead(y, x);
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

/* The same file under another name: one of them is enough to compare with. */
static bool stands_for(const judgement *j, const claim *const *active, size_t count, const claim *c)
{
	for (size_t k = 0; k < count; k++)
		if (active[k]->from == c->from &&
		    j->claimant[active[k]->find].places == j->claimant[c->find].places &&
		    is_one(&j->claimant[active[k]->find], &j->claimant[c->find]))
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
	ATHAR_TRY(athar_grow(&out->loss, &out->capacity, j.claimants, sizeof *out->loss, err));
	out->count = j.claimants;
	for (size_t i = 0; i < j.claimants; i++)
		out->loss[i] = (athar_loss){j.claimant[i].lost, j.claimant[i].headless};
	return ATHAR_OK;
}

uint64_t athar_contest_lost(const athar_contest *contest, size_t index)
{
	if (contest->full && index >= contest->compared)
		return UINT64_MAX;
	return index < contest->count ? contest->loss[index].bytes : 0;
}

bool athar_contest_headless(const athar_contest *contest, size_t index)
{
	return index < contest->count && contest->loss[index].headless;
}

void athar_contest_clear(athar_contest *contest)
{
	free(contest->loss);
	*contest = (athar_contest){.count = 0};
}
