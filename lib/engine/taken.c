/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/taken.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/check.h"

/* Put in order when so many have come since the last time. */
#define BATCH (1u << 20)
#define MOST (1u << 26)

static int by_offset(const void *a, const void *b)
{
	const athar_run *x = a, *y = b;

	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	return 0;
}

/* Sorts, and joins what touches. */
static void settle(athar_taken *t)
{
	size_t kept = 0;

	if (t->count != 0)
		qsort(t->run, t->count, sizeof *t->run, by_offset);
	for (size_t i = 1; i < t->count; i++) {
		athar_run *last = &t->run[kept];
		const athar_run *r = &t->run[i];

		if (r->offset <= last->offset + last->length)
			last->length =
				athar_max(last->offset + last->length, r->offset + r->length) -
				last->offset;
		else
			t->run[++kept] = *r;
	}
	t->count = t->count == 0 ? 0 : kept + 1;
	t->settled = t->count;
}

athar_status athar_taken_add(athar_taken *t, uint64_t offset, uint64_t length, athar_error *err)
{
	uint64_t end = 0;

	if (!athar_add(offset, length, &end))
		return athar_fail(err, ATHAR_EFORMAT, "a range passes the end of addresses");
	if (length == 0)
		return ATHAR_OK;
	if (t->count > 0 && t->run[t->count - 1].offset + t->run[t->count - 1].length == offset) {
		t->run[t->count - 1].length += length;
		return ATHAR_OK;
	}
	if (t->count >= t->settled * 2 + BATCH)
		settle(t);
	if (t->count >= MOST)
		return athar_fail(err, ATHAR_ELIMIT, "more than %u ranges are in use", MOST);
	ATHAR_TRY(athar_grow(&t->run, &t->capacity, t->count + 1, sizeof *t->run, err));
	t->run[t->count++] = (athar_run){offset, length, ATHAR_RUN_DATA};
	return ATHAR_OK;
}

athar_status athar_taken_rest(athar_runs *out, athar_taken *t, uint64_t size, athar_error *err)
{
	uint64_t at = 0;

	settle(t);
	for (size_t i = 0; i < t->count && at < size; i++) {
		const athar_run *r = &t->run[i];

		if (r->offset > at)
			ATHAR_TRY(athar_runs_add(out, at, athar_min(r->offset, size) - at,
			                         ATHAR_RUN_DATA, err));
		at = athar_max(at, r->offset + r->length);
	}
	return at < size ? athar_runs_add(out, at, size - at, ATHAR_RUN_DATA, err) : ATHAR_OK;
}

void athar_taken_clear(athar_taken *t)
{
	free(t->run);
	*t = (athar_taken){NULL, 0, 0, 0};
}
