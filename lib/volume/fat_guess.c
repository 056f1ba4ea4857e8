/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Places for deleted files that nothing proves. What speaks for one is that its last cluster ends
 * where the size says: the byte there is not zero, and zeros fill the sector behind it. Files that
 * fit take their clusters out of the others' way; which they are is said to be assumed all the
 * same.
 */
#include <string.h>

#include "base/check.h"
#include "volume/fat_solver.h"

#define TAIL_FAR 32 /* clusters that the last one is looked for in */

/* What stands in the last sector from the last byte of the file on; the number of bytes. */
static size_t read_tail(uint8_t tail[4096], const athar_fat_solver *s, uint64_t size,
                        uint64_t place)
{
	const uint64_t used = (size - 1) % s->fat->cluster;
	const size_t len = (size_t)(athar_round_up(used + 1, s->fat->sector) - used);

	return len <= 4096 && athar_tsk_image_get(s->w->volume->image, tail, len, place + used)
	               ? len
	               : 0;
}

static bool zeros_follow(const uint8_t *tail, size_t len)
{
	for (size_t i = 1; i < len; i++)
		if (tail[i] != 0)
			return false;
	return true;
}

/* Does a file of this size end in this cluster? Nothing can be seen where it ends with a sector. */
static bool fits(const athar_fat_solver *s, const athar_fat_held *h, uint64_t place, bool *seen)
{
	uint8_t tail[4096];
	const size_t len = read_tail(tail, s, h->size, place);

	*seen = len > 1;
	return len > 0 && zeros_follow(tail, len) && tail[0] != 0;
}

static uint64_t last_place(const athar_fat_solver *s, const athar_extents *extents)
{
	const athar_extent *x = &extents->extent[extents->count - 1];
	const uint64_t end = x->image + x->length - 1 - s->fat->data;

	return s->fat->data + athar_round_down(end, s->fat->cluster);
}

bool athar_fat_overwritten(const athar_fat_solver *s, const athar_fat_held *h)
{
	uint8_t tail[4096];

	return h->extents.count > 0 &&
	       !zeros_follow(tail, read_tail(tail, s, h->size, last_place(s, &h->extents)));
}

bool athar_fat_ended(const athar_fat_solver *s, const athar_fat_held *h)
{
	bool seen;

	return h->extents.count > 0 && h->size <= s->fat->cluster &&
	       fits(s, h, last_place(s, &h->extents), &seen) && seen;
}

static void keep(athar_fat_solver *s, athar_fat_held *h, athar_extents *extents)
{
	athar_fat_map_mark(&s->map, ATHAR_FAT_KEPT, s->fat, extents);
	s->extents += extents->count;
	athar_extents_clear(&h->extents);
	h->extents = *extents;
	h->how = ATHAR_FAT_FITTING;
	*extents = (athar_extents)ATHAR_EXTENTS_INIT;
}

/* Lays it so, and keeps it if it ends where it should. *go_on: another way may be tried. */
static athar_status keep_if_fits(bool *go_on, athar_fat_solver *s, athar_fat_held *h,
                                 const athar_fat_plan *plan, athar_error *err)
{
	ATHAR_AUTO(extents) athar_extents extents = ATHAR_EXTENTS_INIT;
	bool whole, seen;

	*go_on = false;
	ATHAR_TRY(athar_fat_lay(&extents, &whole, s, h, plan, err));
	if (!whole || s->work == 0)
		return ATHAR_OK;
	if (fits(s, h, last_place(s, &extents), &seen) && seen)
		keep(s, h, &extents);
	else
		*go_on = seen;
	return ATHAR_OK;
}

/* In one piece, no other file in it. */
static athar_status in_one(athar_fat_solver *s, athar_fat_held *h, athar_error *err)
{
	const athar_fat_plan plan = {.first = h->first,
	                             .skip = ATHAR_FAT_SKIP_KEPT | ATHAR_FAT_SKIP_BEGUN |
	                                     ATHAR_FAT_IN_ONE};
	bool go_on;

	return keep_if_fits(&go_on, s, h, &plan, err);
}

/* Over what no other file has, the last cluster being the first that fits there. */
static athar_status around(athar_fat_solver *s, athar_fat_held *h, athar_error *err)
{
	athar_fat_plan plan = {.first = h->first,
	                       .skip = ATHAR_FAT_SKIP_KEPT | ATHAR_FAT_SKIP_BEGUN};
	bool go_on = true;

	plan.gap[0].keep = athar_fat_count(s->fat, h->size) - 1;
	for (plan.gap[0].drop = 0; go_on && plan.gap[0].drop < TAIL_FAR; plan.gap[0].drop++) {
		plan.gaps = plan.gap[0].drop > 0 ? 1 : 0;
		ATHAR_TRY(keep_if_fits(&go_on, s, h, &plan, err));
	}
	return ATHAR_OK;
}

/* What a record keeps may be older; where another file begins, all of it may lie. */
static athar_status across(athar_fat_solver *s, athar_fat_held *h, athar_error *err)
{
	static const unsigned ways[] = {ATHAR_FAT_SKIP_BEGUN,
	                                ATHAR_FAT_SKIP_KEPT | ATHAR_FAT_SKIP_RANGES,
	                                ATHAR_FAT_SKIP_RANGES};
	bool go_on = true;

	for (size_t i = 0; i < ATHAR_COUNT(ways) && go_on && h->how == ATHAR_FAT_OPEN; i++) {
		const athar_fat_plan plan = {.first = h->first, .skip = ways[i]};

		ATHAR_TRY(keep_if_fits(&go_on, s, h, &plan, err));
	}
	return ATHAR_OK;
}

static athar_status each_open(athar_fat_solver *s,
                              athar_status (*place)(athar_fat_solver *s, athar_fat_held *h,
                                                    athar_error *err),
                              athar_error *err)
{
	for (size_t i = 0; i < s->open; i++) {
		athar_fat_held *h = &s->holding->held[s->by_first[i].value];

		if (h->how == ATHAR_FAT_OPEN && s->work > 0)
			ATHAR_TRY(place(s, h, err));
	}
	return ATHAR_OK;
}

/* Where there is no more work to be spent on it: all in one piece. */
static athar_status behind(athar_extents *out, bool *whole, const athar_fat_solver *s,
                           const athar_fat_held *h, athar_error *err)
{
	*whole = athar_fat_count(s->fat, h->size) <= s->fat->clusters - (h->first - 2);
	if (!*whole)
		return ATHAR_OK;
	return athar_extents_add_data(out, athar_fat_place(s->fat, h->first), h->size, err);
}

athar_status athar_fat_guess(athar_extents *out, bool *whole, athar_fat_solver *s,
                             const athar_fat_held *h, athar_error *err)
{
	const athar_fat_plan plan = {.first = h->first,
	                             .skip = ATHAR_FAT_SKIP_KEPT | ATHAR_FAT_SKIP_BEGUN};
	const athar_fat_plan closer = {.first = h->first};

	if (s->work == 0)
		return behind(out, whole, s, h, err);
	ATHAR_TRY(athar_fat_lay(out, whole, s, h, &plan, err));
	if (*whole)
		return ATHAR_OK;
	athar_extents_clear(out);
	return athar_fat_lay(out, whole, s, h, &closer, err);
}

athar_status athar_fat_guess_all(athar_fat_solver *s, athar_error *err)
{
	ATHAR_TRY(each_open(s, in_one, err));
	ATHAR_TRY(each_open(s, across, err));
	ATHAR_TRY(each_open(s, around, err));
	for (size_t i = 0; i < s->open; i++) {
		athar_fat_held *h = &s->holding->held[s->by_first[i].value];

		if (h->how == ATHAR_FAT_OPEN)
			h->how = ATHAR_FAT_GUESSED;
	}
	return ATHAR_OK;
}
