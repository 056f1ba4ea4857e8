/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A deleted file in pieces whose neighbours left no trace. Its format says up to where it holds;
 * somewhere before that other clusters begin that are not its own, and some way on it continues.
 * Only a file that its format proves to the end is taken.
 */
#include "base/check.h"
#include "volume/fat_solver.h"

#define NEAR 4u        /* breaks tried for every gap, from where the format stopped backwards */
#define DROP_NEAR 256u /* clusters left out there */
#define BACK 64u       /* breaks farther back */
#define DROP_FAR 16u
#define AHEAD 64u     /* breaks behind it, and clusters left out there */
#define ADVANCE 4u    /* clusters that a gap must bring on to be kept for the next */
#define PAGE 4096u    /* systems write files in these, however small the clusters are */
#define PAGES_BACK 4u /* breaks between them that are tried backwards */
#define PAGES 32u     /* and forwards */
#define WORK_LEAST (UINT64_C(64) << 20)
#define WORK_MOST (UINT64_C(256) << 20)

typedef struct bridge {
	athar_fat_solver *s;
	athar_fat_held *h;
	athar_fat_plan plan;  /* with the gaps found so far */
	uint64_t least, last; /* clusters that are proven; of the one where the format stopped */
	athar_fat_plan best;
	uint64_t best_score, best_last, best_least;
	uint64_t end; /* the solver's work at which this file has had its share */
	bool done;
} bridge;

static uint64_t last_cluster(const bridge *b, const athar_claim *claim)
{
	const uint64_t count = athar_fat_count(b->s->fat, b->h->size);

	return athar_min(claim->length / b->s->fat->cluster, count - 1);
}

/* Clusters that are the file's for certain. */
static uint64_t least_clusters(const bridge *b, const athar_claim *claim)
{
	return athar_max(1, athar_fat_count(b->s->fat, claim->proven));
}

static athar_status attempt(bridge *b, uint64_t keep, uint64_t drop, athar_error *err)
{
	athar_fat_plan plan = b->plan;
	athar_claim claim;

	plan.gap[plan.gaps].keep = keep;
	plan.gap[plan.gaps++].drop = drop;
	ATHAR_TRY(athar_fat_try(&b->done, &claim, b->s, b->h, &plan, err));
	if (b->done || !claim.ours)
		return ATHAR_OK;
	/* A check that holds over the seam is worth more than data that go on behind it. */
	const uint64_t score =
		last_cluster(b, &claim) + (least_clusters(b, &claim) > keep ? ADVANCE : 0);
	if (score > b->best_score) {
		b->best = plan;
		b->best_score = score;
		b->best_last = last_cluster(b, &claim);
		b->best_least = least_clusters(b, &claim);
	}
	return ATHAR_OK;
}

static bool advanced(const bridge *b)
{
	return b->best_score >= b->last + ADVANCE;
}

static bool spent(const bridge *b)
{
	return b->done || b->s->work <= b->end;
}

/* A gap before one of these clusters of the file, of any length. */
static athar_status sweep(bridge *b, const uint64_t *keep, size_t count, athar_error *err)
{
	for (uint64_t drop = 1; drop <= DROP_NEAR; drop++)
		for (size_t i = 0; i < count && !spent(b); i++)
			ATHAR_TRY(attempt(b, keep[i], drop, err));
	return ATHAR_OK;
}

/* Where writing is likely to have stopped: between two pages, backwards from where the format
 * stopped; a checksum over much stops there long before what is wrong, so then forwards. */
static size_t page_breaks(uint64_t keep[PAGES], const bridge *b, bool forwards)
{
	const uint64_t page = athar_max(1, PAGE / b->s->fat->cluster);
	const uint64_t count = athar_fat_count(b->s->fat, b->h->size);
	const uint64_t start = athar_round_down(b->last, page);
	size_t n = 0;

	if (forwards)
		for (uint64_t at = start + page; n < PAGES && at < count; at += page)
			keep[n++] = at;
	else
		for (uint64_t at = start; n < PAGES_BACK && at >= b->least && at > 0; at -= page)
			keep[n++] = at;
	return n;
}

static size_t near_breaks(uint64_t keep[PAGES], const bridge *b)
{
	const uint64_t most = b->last + 1 - athar_min(b->least, b->last + 1);
	size_t n = 0;

	for (; n < athar_min(NEAR, most); n++)
		keep[n] = b->last - n;
	return n;
}

/* Farther back, with gaps that are short. */
static athar_status look_back(bridge *b, athar_error *err)
{
	const uint64_t most = b->last + 1 - athar_min(b->least, b->last + 1);

	for (uint64_t back = NEAR; back < athar_min(BACK, most); back++)
		for (uint64_t drop = 1; drop <= DROP_FAR && !spent(b); drop++)
			ATHAR_TRY(attempt(b, b->last - back, drop, err));
	return ATHAR_OK;
}

/* Behind where the format stopped, wherever that is. */
static athar_status look_ahead(bridge *b, athar_error *err)
{
	const uint64_t count = athar_fat_count(b->s->fat, b->h->size);
	const uint64_t end = athar_min(count, b->last + 1 + AHEAD);

	for (uint64_t drop = 1; drop <= AHEAD; drop++)
		for (uint64_t keep = b->last + 1; keep < end && !spent(b); keep++)
			ATHAR_TRY(attempt(b, keep, drop, err));
	return ATHAR_OK;
}

/* One gap more. */
static athar_status one_gap(bridge *b, athar_error *err)
{
	uint64_t keep[PAGES];

	b->best_score = b->last;
	ATHAR_TRY(sweep(b, keep, page_breaks(keep, b, false), err));
	if (advanced(b))
		return ATHAR_OK;
	ATHAR_TRY(sweep(b, keep, near_breaks(keep, b), err));
	if (advanced(b))
		return ATHAR_OK;
	ATHAR_TRY(sweep(b, keep, page_breaks(keep, b, true), err));
	if (advanced(b))
		return ATHAR_OK;
	ATHAR_TRY(look_back(b, err));
	return advanced(b) ? ATHAR_OK : look_ahead(b, err);
}

/* What the format says before a gap is made. False in *usable: nothing to begin with. */
static athar_status measure(bool *usable, bridge *b, athar_error *err)
{
	ATHAR_AUTO(extents) athar_extents extents = ATHAR_EXTENTS_INIT;
	athar_claim claim;
	bool whole;

	ATHAR_TRY(athar_fat_lay(&extents, &whole, b->s, b->h, &b->plan, err));
	*usable = false;
	if (!whole)
		return ATHAR_OK;
	ATHAR_TRY(athar_fat_ask(&b->done, &claim, b->s, b->h->size, &extents, err));
	if (b->done)
		athar_fat_take(b->s, b->h, &extents);
	*usable = claim.ours && !b->done;
	b->last = last_cluster(b, &claim);
	b->least = least_clusters(b, &claim);
	return ATHAR_OK;
}

static athar_status bridge_over(bridge *b, unsigned skip, athar_error *err)
{
	bool usable;

	b->plan = (athar_fat_plan){.first = b->h->first, .skip = skip};
	ATHAR_TRY(measure(&usable, b, err));
	while (usable && !spent(b) && b->plan.gaps < ATHAR_FAT_GAPS) {
		ATHAR_TRY(one_gap(b, err));
		usable = advanced(b);
		b->plan = b->best;
		b->last = b->best_last;
		b->least = b->best_least;
	}
	return ATHAR_OK;
}

/* What is told of other files may be older than this one, and overwritten by it. */
athar_status athar_fat_bridge(bool *proven, athar_fat_solver *s, athar_fat_held *h,
                              athar_error *err)
{
	static const unsigned ways[] = {ATHAR_FAT_SKIP_KEPT | ATHAR_FAT_SKIP_BEGUN,
	                                ATHAR_FAT_SKIP_BEGUN, 0};
	bridge b = {.s = s, .h = h};
	const uint64_t share =
		athar_min(athar_max(athar_min(h->size, WORK_MOST) * 32, WORK_LEAST), WORK_MOST);

	for (size_t i = 0; i < ATHAR_COUNT(ways) && !b.done; i++) {
		b.end = s->work - athar_min(s->work, share);
		ATHAR_TRY(bridge_over(&b, ways[i], err));
	}
	*proven = b.done;
	return ATHAR_OK;
}
