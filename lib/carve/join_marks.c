/* SPDX-License-Identifier: BSD-2-Clause */
#include "carve/join_marks.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/sort.h"

void join_marks_clear(join_marks *m)
{
	free(m->index);
	m->index = NULL;
}

bool join_place(uint64_t *out, const athar_space *space, uint64_t at, uint64_t mark, uint64_t place)
{
	const uint64_t back = mark / space->block - at / space->block;
	uint64_t index;

	if (!athar_space_index(&index, space, place) || index < back ||
	    (place - athar_space_at(space, index)) != mark % space->block)
		return false;
	*out = athar_space_at(space, index - back);
	return true;
}

static int compare(const void *a, const void *b, const void *user)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	(void)user;
	return x < y ? -1 : x > y;
}

static athar_status add_kind(join_marks *m, const athar_spot_kind *kind, athar_error *err)
{
	const athar_space *space = athar_joining_space(m->j);
	const athar_spots *spots;
	uint64_t index;

	ATHAR_TRY(athar_joining_spots(&spots, m->j, kind, err));
	for (size_t i = 0; i < spots->count; i++) {
		const uint64_t at = spots->at[i] - athar_min(spots->at[i], m->lead);

		if (!athar_space_index(&index, space, at) ||
		    at - athar_space_at(space, index) != m->rest)
			continue;
		ATHAR_TRY(athar_grow(&m->index, &m->capacity, m->count + 1, sizeof *m->index, err));
		m->index[m->count++] = index;
	}
	return ATHAR_OK;
}

static athar_status make(join_marks *m, uint32_t rest, athar_error *err)
{
	if (m->made && m->rest == rest)
		return ATHAR_OK;
	m->rest = rest;
	m->count = 0;
	m->made = true;
	for (size_t i = 0; m->kinds[i] != NULL; i++)
		ATHAR_TRY(add_kind(m, m->kinds[i], err));
	athar_sort(m->index, m->count, sizeof *m->index, compare, NULL);
	return ATHAR_OK;
}

athar_status join_marks_places(uint64_t *out, size_t *count, join_marks *m, uint64_t at,
                               uint64_t mark, uint64_t near, athar_error *err)
{
	const athar_space *space = athar_joining_space(m->j);
	const uint64_t back = mark / space->block - at / space->block;
	size_t next = 0;

	if (back > athar_space_count(space))
		return ATHAR_OK;
	ATHAR_TRY(make(m, (uint32_t)(mark % space->block), err));
	while (next < m->count && m->index[next] < near + back)
		next++;
	for (size_t i = next; i < m->count && *count < ATHAR_JOIN_PLACES / 2; i++)
		out[(*count)++] = athar_space_at(space, m->index[i] - back);
	for (size_t i = next; i-- > 0 && *count < ATHAR_JOIN_PLACES;)
		if (m->index[i] >= back)
			out[(*count)++] = athar_space_at(space, m->index[i] - back);
	return ATHAR_OK;
}
