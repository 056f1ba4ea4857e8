/* SPDX-License-Identifier: BSD-2-Clause */
#include "carve/space.h"

#include "base/alloc.h"
#include "base/check.h"

/* The first border of a block at or behind `offset`; UINT64_MAX: there is none. */
static uint64_t border(uint64_t offset, uint32_t block, uint64_t base)
{
	const uint64_t shift = base % block;
	uint64_t out = 0;

	if (offset <= shift)
		return shift;
	if (!athar_add(athar_round_up(offset - shift, block), shift, &out))
		return UINT64_MAX;
	return out;
}

static athar_status add_run(athar_space *s, const athar_run *r, uint64_t base, athar_error *err)
{
	const uint64_t from = border(r->offset, s->block, base);
	const uint64_t end = r->offset + r->length;

	if (from >= end)
		return ATHAR_OK;
	return athar_runs_add(&s->runs, from, athar_round_down(end - from, s->block),
	                      ATHAR_RUN_DATA, err);
}

static athar_status count_blocks(athar_space *s, athar_error *err)
{
	s->before = athar_alloc_array(s->runs.count + 1, sizeof *s->before, err);
	if (s->before == NULL)
		return ATHAR_ENOMEM;
	for (size_t i = 0; i < s->runs.count; i++)
		s->before[i + 1] = s->before[i] + s->runs.run[i].length / s->block;
	return ATHAR_OK;
}

athar_status athar_space_make(athar_space *out, const athar_runs *free, uint32_t block,
                              uint64_t base, athar_error *err)
{
	ATHAR_AUTO(space) athar_space s = {.block = block};

	if (block == 0)
		return athar_fail(err, ATHAR_EUSAGE, "a block has at least one byte");
	for (size_t i = 0; i < free->count; i++)
		ATHAR_TRY(add_run(&s, &free->run[i], base, err));
	ATHAR_TRY(count_blocks(&s, err));
	*out = s;
	s = (athar_space)ATHAR_SPACE_INIT;
	return ATHAR_OK;
}

void athar_space_clear(athar_space *space)
{
	athar_runs_clear(&space->runs);
	free(space->before);
	space->before = NULL;
}

uint64_t athar_space_count(const athar_space *space)
{
	return space->before == NULL ? 0 : space->before[space->runs.count];
}

uint64_t athar_space_at(const athar_space *space, uint64_t index)
{
	size_t low = 0, high = space->runs.count;

	while (high - low > 1) {
		const size_t middle = low + (high - low) / 2;

		if (space->before[middle] <= index)
			low = middle;
		else
			high = middle;
	}
	return space->runs.run[low].offset + (index - space->before[low]) * space->block;
}

bool athar_space_index(uint64_t *index, const athar_space *space, uint64_t offset)
{
	const size_t i = athar_runs_find(&space->runs, offset);

	if (i == space->runs.count || space->runs.run[i].offset > offset)
		return false;
	*index = space->before[i] + (offset - space->runs.run[i].offset) / space->block;
	return true;
}

uint64_t athar_space_left(const athar_space *space, uint64_t offset)
{
	const size_t i = athar_runs_find(&space->runs, offset);

	if (i == space->runs.count || space->runs.run[i].offset > offset)
		return 0;
	return space->runs.run[i].offset + space->runs.run[i].length - offset;
}
