/* SPDX-License-Identifier: BSD-2-Clause */
#include "carve/spots.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"

/* Bytes looked at together, with ATHAR_SPOT_LOOK more behind them. */
#define PIECE (1u << 20)

typedef struct look {
	athar_spots *out;
	const athar_spot_kind *kind;
	uint32_t block;
	uint64_t run; /* where the free run begins */
} look;

static athar_status note(look *x, uint64_t at, athar_error *err)
{
	athar_spots *s = x->out;

	if (s->count == ATHAR_SPOTS_MOST) {
		s->full = true;
		return ATHAR_OK;
	}
	ATHAR_TRY(athar_grow(&s->at, &s->capacity, s->count + 1, sizeof *s->at, err));
	s->at[s->count++] = at;
	return ATHAR_OK;
}

static athar_status check(look *x, const uint8_t *found, size_t left, uint64_t at, athar_error *err)
{
	if (x->kind->aligned && (at - x->run) % x->block != 0)
		return ATHAR_OK;
	if (x->kind->holds != NULL &&
	    !x->kind->holds(found, (size_t)athar_min(left, ATHAR_SPOT_LOOK)))
		return ATHAR_OK;
	return note(x, at, err);
}

/* `have` bytes are there; patterns are looked for that begin in the first `len`. */
static athar_status look_through(look *x, const uint8_t *bytes, size_t len, size_t have,
                                 uint64_t origin, athar_error *err)
{
	const athar_spot_kind *k = x->kind;

	for (size_t i = 0; i < len && !x->out->full;) {
		const uint8_t *found = memmem(bytes + i, have - i, k->pattern, k->len);

		if (found == NULL || (size_t)(found - bytes) >= len)
			return ATHAR_OK;
		i = (size_t)(found - bytes);
		ATHAR_TRY(check(x, found, have - i, origin + i, err));
		i++;
	}
	return ATHAR_OK;
}

static athar_status look_in_run(look *x, uint8_t *buffer, athar_source *source,
                                const athar_run *run, athar_error *err)
{
	x->run = run->offset;
	for (uint64_t done = 0; done < run->length; done += PIECE) {
		ATHAR_AUTO(runs) athar_runs bad = ATHAR_RUNS_INIT;
		const uint64_t left = run->length - done;
		size_t got = 0;

		ATHAR_TRY(athar_source_read(source, buffer,
		                            (size_t)athar_min(left, PIECE + ATHAR_SPOT_LOOK),
		                            run->offset + done, &got, &bad, err));
		ATHAR_TRY(look_through(x, buffer, (size_t)athar_min(got, PIECE), got,
		                       run->offset + done, err));
	}
	return ATHAR_OK;
}

athar_status athar_spots_find(athar_spots *out, athar_source *source, const athar_space *space,
                              const athar_spot_kind *kind, athar_error *err)
{
	ATHAR_AUTO(free) uint8_t *buffer = athar_alloc(PIECE + ATHAR_SPOT_LOOK, err);
	look x = {.out = out, .kind = kind, .block = space->block};

	if (buffer == NULL)
		return ATHAR_ENOMEM;
	for (size_t i = 0; i < space->runs.count && !out->full; i++)
		ATHAR_TRY(look_in_run(&x, buffer, source, &space->runs.run[i], err));
	return ATHAR_OK;
}

size_t athar_spots_from(const athar_spots *spots, uint64_t offset)
{
	size_t low = 0, high = spots->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (spots->at[middle] < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void athar_spots_clear(athar_spots *spots)
{
	free(spots->at);
	*spots = (athar_spots){.count = 0};
}
