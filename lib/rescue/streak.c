/* SPDX-License-Identifier: BSD-2-Clause */
#include "rescue/streak.h"

#include "base/alloc.h"
#include "base/check.h"

static athar_streak_place here(const athar_streak *s, const athar_map *map)
{
	return (athar_streak_place){map->position, map->phase, map->pass, s->count};
}

void athar_streak_begin(athar_streak *s, const athar_map *map)
{
	if (s->failures == 0)
		s->start = here(s, map);
	if (s->failures <= 1)
		s->second = here(s, map);
	if (s->hung <= 1)
		s->hang = here(s, map);
}

void athar_streak_fail(athar_streak *s, uint64_t offset, bool hung)
{
	s->lowest = s->failures == 0 ? offset : athar_min(s->lowest, offset);
	s->highest = s->failures == 0 ? offset : athar_max(s->highest, offset);
	s->failures++;
	s->hung += hung ? 1 : 0;
}

static void count_anew(athar_streak *s)
{
	s->failures = 0;
	s->hung = 0;
	s->count = 0;
}

void athar_streak_end(athar_streak *s)
{
	count_anew(s);
	s->proofs = 0;
}

void athar_streak_prove(athar_streak *s)
{
	count_anew(s);
	s->proofs++;
}

athar_status athar_streak_keep(athar_streak *s, athar_map_block was, athar_error *err)
{
	ATHAR_TRY(athar_grow(&s->was, &s->capacity, s->count + 1, sizeof *s->was, err));
	s->was[s->count++] = was;
	return ATHAR_OK;
}

void athar_streak_clear(athar_streak *s)
{
	free(s->was);
	*s = (athar_streak){0};
}
