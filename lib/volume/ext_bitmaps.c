/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/ext_bitmaps.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"

/* The bitmap of one group from copy to copy. */
typedef struct group_bitmap {
	const athar_jbd2 *j;
	uint8_t *now, *before;
	int32_t *taken; /* by block of the group: ATHAR_JBD2_OLD: not that we know */
	uint32_t bits;
} group_bitmap;

static void group_bitmap_end(group_bitmap *g)
{
	free(g->now);
	free(g->before);
	free(g->taken);
}
ATHAR_DEFINE_AUTO_VALUE(group_bitmap, group_bitmap, group_bitmap_end)

static void compare(group_bitmap *g, int32_t order)
{
	for (uint32_t i = 0; i < g->bits / 8; i++) {
		const unsigned fresh = g->now[i] & ~(unsigned)g->before[i];

		for (unsigned bit = 0; fresh != 0 && bit < 8; bit++) {
			if ((fresh >> bit & 1) != 0)
				g->taken[i * 8 + bit] = order;
		}
	}
}

/* False: fewer than two copies. */
static bool read_copies(group_bitmap *g, uint64_t home)
{
	const athar_jbd2_copy *last = athar_jbd2_newest(g->j, home, ATHAR_JBD2_NOW);
	const athar_jbd2_copy *c = last;
	bool any = false;

	if (last == NULL)
		return false;
	while (c > g->j->copy && c[-1].home == home)
		c--;
	for (uint32_t i = 0; i < g->bits; i++)
		g->taken[i] = ATHAR_JBD2_OLD;
	for (; c <= last; c++) {
		uint8_t *swap = g->before;

		if (!athar_jbd2_get(g->j, c, g->now))
			continue;
		if (any)
			compare(g, c->order);
		any = true;
		g->before = g->now;
		g->now = swap;
	}
	return any;
}

typedef athar_status (*taker)(void *user, const athar_ext_taken *t, athar_error *err);

static athar_status tell(const group_bitmap *g, uint64_t first, taker taken, void *user,
                         athar_error *err)
{
	uint32_t end;

	for (uint32_t i = 0; i < g->bits; i = end) {
		const athar_ext_taken t = {first + i, 1, g->taken[i]};

		for (end = i + 1; end < g->bits && g->taken[end] == t.order;)
			end++;
		if (t.order != ATHAR_JBD2_OLD)
			ATHAR_TRY(taken(user, &(athar_ext_taken){t.block, end - i, t.order}, err));
	}
	return ATHAR_OK;
}

athar_status athar_ext_bitmaps_each(const athar_jbd2 *j, taker taken, void *user, athar_error *err)
{
	const athar_ext_layout *l = &j->x->layout;
	ATHAR_AUTO(group_bitmap) group_bitmap g = {.j = j};

	/* A bit stands for a cluster where there are clusters; they are not followed. */
	if (j->x->clusters || j->count == 0)
		return ATHAR_OK;
	g.bits = (uint32_t)athar_min((uint64_t)l->block * 8, l->blocks_per_group);
	g.now = athar_alloc(l->block, err);
	g.before = athar_alloc(l->block, err);
	g.taken = athar_alloc_array((size_t)l->block * 8, sizeof *g.taken, err);
	if (g.now == NULL || g.before == NULL || g.taken == NULL)
		return ATHAR_ENOMEM;
	for (uint64_t i = 0; i < j->x->groups; i++) {
		if (j->x->bitmap_of[i] != 0 && read_copies(&g, j->x->bitmap_of[i]))
			ATHAR_TRY(tell(&g, l->first + i * l->blocks_per_group, taken, user, err));
	}
	return ATHAR_OK;
}
