/* SPDX-License-Identifier: BSD-2-Clause */
/* Ways to lay a deleted file over the clusters, and what its format says of one. */
#include "base/check.h"
#include "image/driver.h"
#include "volume/fat_solver.h"

#define CLUSTER_WORK 16 /* what a cluster costs that is only counted */
#define TRIAL_WORK (UINT64_C(4) << 10)
#define BEAT_EVERY (UINT64_C(4) << 20)
#define EXTENTS_MOST ((uint64_t)1000000)
#define BEGUN_MOST 16u              /* files that begin in one cluster */
#define PIECES_MOST ((size_t)50000) /* of one file */

athar_status athar_fat_step(athar_fat_solver *s, uint64_t work, athar_error *err)
{
	s->work -= athar_min(s->work, work);
	s->steps += work;
	if (s->steps < BEAT_EVERY)
		return ATHAR_OK;
	s->steps = 0;
	return athar_walk_beat(s->w, err);
}

/* The open file that begins in a cluster, other than h; NULL: none. */
static const athar_fat_held *begun_at(const athar_fat_solver *s, const athar_fat_held *h,
                                      uint64_t cluster)
{
	const size_t start = athar_order_find(s->by_first, s->open, cluster);

	for (size_t i = start; i < s->open && i - start < BEGUN_MOST; i++) {
		const athar_fat_held *other = &s->holding->held[s->by_first[i].value];

		if (other->first != cluster)
			return NULL;
		if (other != h && other->how == ATHAR_FAT_OPEN)
			return other;
	}
	return NULL;
}

/* How many clusters from this one on are not the file's; 0: it may be. */
static uint64_t skipped(const athar_fat_solver *s, const athar_fat_held *h,
                        const athar_fat_plan *plan, uint64_t cluster)
{
	const athar_fat_held *other;

	if (athar_fat_map_has(&s->map, ATHAR_FAT_BUSY, cluster) ||
	    ((plan->skip & ATHAR_FAT_SKIP_KEPT) != 0 &&
	     athar_fat_map_has(&s->map, ATHAR_FAT_KEPT, cluster)))
		return 1;
	if ((plan->skip & (ATHAR_FAT_SKIP_BEGUN | ATHAR_FAT_SKIP_RANGES)) == 0 ||
	    !athar_fat_map_has(&s->map, ATHAR_FAT_BEGUN, cluster))
		return 0;
	other = begun_at(s, h, cluster);
	if (other == NULL || (plan->skip & ATHAR_FAT_SKIP_RANGES) == 0)
		return 1;
	return athar_fat_count(s->fat, other->size);
}

athar_status athar_fat_lay(athar_extents *out, bool *whole, athar_fat_solver *s,
                           const athar_fat_held *h, const athar_fat_plan *plan, athar_error *err)
{
	const uint64_t end = s->fat->clusters + 2;
	uint64_t left = h->size, taken = 0, drop = 0, cluster = plan->first;
	unsigned gap = 0;

	*whole = false;
	while (cluster < end && left > 0 && out->count < PIECES_MOST) {
		const uint64_t away = cluster == plan->first ? 0 : skipped(s, h, plan, cluster);

		if (away > 0 && (plan->skip & ATHAR_FAT_IN_ONE) != 0)
			return ATHAR_OK;
		ATHAR_TRY(athar_fat_step(s, CLUSTER_WORK, err));
		if (drop == 0 && gap < plan->gaps && plan->gap[gap].keep == taken)
			drop = plan->gap[gap++].drop;
		if (away == 0 && drop == 0) {
			const uint64_t length = athar_min(left, s->fat->cluster);

			ATHAR_TRY(athar_extents_add_data(out, athar_fat_place(s->fat, cluster),
			                                 length, err));
			left -= length;
			taken++;
		} else if (away == 0) {
			drop--;
		}
		cluster += athar_max(away, 1);
	}
	*whole = left == 0;
	return ATHAR_OK;
}

/* To the end, or into the last cluster, which holds no other file's bytes. */
static bool covers(const athar_fat_solver *s, uint64_t size, uint64_t proven)
{
	return proven >= size || proven / s->fat->cluster == (size - 1) / s->fat->cluster;
}

/* In one piece in which no other deleted file begins: nothing of another of its kind can be in it
 * that is still told of. */
static bool alone(const athar_fat_solver *s, const athar_extents *extents)
{
	athar_extents rest = *extents;
	athar_extent behind;

	if (extents->count != 1 || athar_fat_map_any(&s->map, ATHAR_FAT_KEPT, s->fat, extents))
		return false;
	behind = extents->extent[0];
	if (behind.length <= s->fat->cluster)
		return true;
	behind.image += s->fat->cluster;
	behind.length -= s->fat->cluster;
	rest.extent = &behind;
	return !athar_fat_map_any(&s->map, ATHAR_FAT_BEGUN, s->fat, &rest);
}

static uint64_t work_for(uint64_t size)
{
	uint64_t work = 0;

	return athar_mul(size, 64, &work) ? work : UINT64_MAX;
}

athar_status athar_fat_ask(bool *proven, athar_claim *claim, athar_fat_solver *s, uint64_t size,
                           const athar_extents *extents, athar_error *err)
{
	ATHAR_AUTO(source) athar_source *content = NULL;
	ATHAR_AUTO(reader) athar_reader *reader = NULL;
	const athar_format *format = NULL;
	athar_error mine = ATHAR_ERROR_INIT;
	athar_status status;

	*proven = false;
	*claim = (athar_claim){.ours = false};
	if (s->work == 0)
		return ATHAR_OK;
	ATHAR_TRY(athar_source_extents(&content, s->w->volume->image->source, extents, err));
	ATHAR_TRY(athar_reader_new(&reader, content, 0, size,
	                           athar_min(work_for(size), s->work + TRIAL_WORK), err));
	status = athar_format_identify(&format, claim, reader, &mine);
	if (status == ATHAR_ENOMEM) {
		*err = mine;
		return status;
	}
	if (status != ATHAR_OK || format == NULL)
		*claim = (athar_claim){.ours = false};
	*proven = claim->ours && claim->grade >= ATHAR_GRADE_COMPLETE &&
	          (!claim->alike || alone(s, extents)) &&
	          covers(s, size, claim->length - athar_min(claim->unseen, claim->length)) &&
	          athar_reader_bad(reader, size) == 0;
	return athar_fat_step(s, claim->length + TRIAL_WORK, err);
}

void athar_fat_take(athar_fat_solver *s, athar_fat_held *h, athar_extents *extents)
{
	athar_extents_clear(&h->extents);
	h->how = ATHAR_FAT_PROVEN;
	h->extents = *extents;
	*extents = (athar_extents)ATHAR_EXTENTS_INIT;
	s->extents += h->extents.count;
	athar_fat_map_mark(&s->map, ATHAR_FAT_BUSY, s->fat, &h->extents);
}

/* False: these places were tried before. */
static bool is_new(athar_fat_held *h, const athar_extents *extents)
{
	uint64_t hash = UINT64_C(0xCBF29CE484222325);

	for (size_t i = 0; i < extents->count; i++) {
		hash = (hash ^ extents->extent[i].image) * UINT64_C(0x100000001B3);
		hash = (hash ^ extents->extent[i].length) * UINT64_C(0x100000001B3);
	}
	for (unsigned i = 0; i < athar_min(h->tries, ATHAR_FAT_TRIED); i++)
		if (h->tried[i] == hash)
			return false;
	h->tried[h->tries++ % ATHAR_FAT_TRIED] = hash;
	return true;
}

athar_status athar_fat_try(bool *proven, athar_claim *claim, athar_fat_solver *s, athar_fat_held *h,
                           const athar_fat_plan *plan, athar_error *err)
{
	ATHAR_AUTO(extents) athar_extents extents = ATHAR_EXTENTS_INIT;
	bool whole;

	*proven = false;
	*claim = (athar_claim){.ours = false};
	if (s->work == 0 || s->extents >= EXTENTS_MOST)
		return ATHAR_OK;
	ATHAR_TRY(athar_fat_lay(&extents, &whole, s, h, plan, err));
	if (!whole || !is_new(h, &extents))
		return ATHAR_OK;
	ATHAR_TRY(athar_fat_ask(proven, claim, s, h->size, &extents, err));
	if (*proven)
		athar_fat_take(s, h, &extents);
	return ATHAR_OK;
}
