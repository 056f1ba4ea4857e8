/* SPDX-License-Identifier: BSD-2-Clause */
#include "athar/bytes.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/idiom.h"

static uint64_t end_of(const athar_run *run)
{
	return run->offset + run->length;
}

/* Puts a run behind the last one, which it does not reach into; joins it where it can. */
static athar_status push(athar_runs *runs, uint64_t offset, uint64_t end, athar_run_kind kind,
                         athar_error *err)
{
	athar_run *last = runs->count == 0 ? NULL : &runs->run[runs->count - 1];

	if (offset == end)
		return ATHAR_OK;
	if (last != NULL && last->kind == kind && end_of(last) == offset) {
		last->length += end - offset;
		return ATHAR_OK;
	}
	ATHAR_TRY(athar_grow(&runs->run, &runs->capacity, runs->count + 1, sizeof *runs->run, err));
	runs->run[runs->count++] = (athar_run){offset, end - offset, kind};
	return ATHAR_OK;
}

/* Replaces `cut` runs from `first` on by those of `by`. Nothing changes on failure. */
static athar_status splice(athar_runs *runs, size_t first, size_t cut, const athar_runs *by,
                           athar_error *err)
{
	const size_t tail = runs->count - first - cut;
	const size_t count = runs->count - cut + by->count;

	ATHAR_TRY(athar_grow(&runs->run, &runs->capacity, count, sizeof *runs->run, err));
	if (runs->run == NULL)
		return ATHAR_OK;
	memmove(&runs->run[first + by->count], &runs->run[first + cut], tail * sizeof *runs->run);
	if (by->count > 0)
		memcpy(&runs->run[first], by->run, by->count * sizeof *by->run);
	runs->count = count;
	return ATHAR_OK;
}

/* The runs first to last - 1, with [offset, end) of `kind` laid over them. */
static athar_status overlay(athar_runs *out, const athar_runs *runs, size_t first, size_t last,
                            athar_run added, athar_error *err)
{
	const uint64_t end = end_of(&added);
	uint64_t done = added.offset;

	for (size_t i = first; i < last; i++) {
		const athar_run r = runs->run[i];
		const uint64_t from = athar_min(athar_max(r.offset, done), end);
		const uint64_t to = athar_max(from, athar_min(end_of(&r), end));

		ATHAR_TRY(push(out, r.offset,
		               athar_min(end_of(&r), athar_max(r.offset, added.offset)), r.kind,
		               err));
		ATHAR_TRY(push(out, done, from, added.kind, err));
		ATHAR_TRY(push(out, from, to, r.kind > added.kind ? r.kind : added.kind, err));
		ATHAR_TRY(push(out, athar_max(r.offset, end), athar_max(end_of(&r), end), r.kind,
		               err));
		done = athar_max(done, to);
	}
	return push(out, done, end, added.kind, err);
}

/* The runs that touch [offset, end), neighbours on both sides included: *first to *last - 1. */
static void touched(size_t *first, size_t *last, const athar_runs *runs, uint64_t offset,
                    uint64_t end)
{
	size_t i = athar_runs_find(runs, offset == 0 ? 0 : offset - 1);

	*first = i;
	while (i < runs->count && runs->run[i].offset <= end)
		i++;
	*last = i;
}

static athar_status checked_end(uint64_t *end, uint64_t offset, uint64_t length, athar_error *err)
{
	if (athar_add(offset, length, end))
		return ATHAR_OK;
	return athar_fail_at(err, ATHAR_ELIMIT, offset,
	                     "a range of %llu bytes passes the end of addresses",
	                     (unsigned long long)length);
}

athar_status athar_runs_add(athar_runs *runs, uint64_t offset, uint64_t length, athar_run_kind kind,
                            athar_error *err)
{
	ATHAR_AUTO(runs) athar_runs pieces = ATHAR_RUNS_INIT;
	uint64_t end = 0;
	size_t first = 0;
	size_t last = 0;

	ATHAR_TRY(checked_end(&end, offset, length, err));
	if (length == 0)
		return ATHAR_OK;
	if (runs->count == 0 || offset >= end_of(&runs->run[runs->count - 1]))
		return push(runs, offset, end, kind, err);
	touched(&first, &last, runs, offset, end);
	ATHAR_TRY(overlay(&pieces, runs, first, last, (athar_run){offset, length, kind}, err));
	return splice(runs, first, last - first, &pieces, err);
}

athar_status athar_runs_remove(athar_runs *runs, uint64_t offset, uint64_t length, athar_error *err)
{
	ATHAR_AUTO(runs) athar_runs pieces = ATHAR_RUNS_INIT;
	uint64_t end = 0;
	size_t first = 0;
	size_t last = 0;

	ATHAR_TRY(checked_end(&end, offset, length, err));
	if (length == 0)
		return ATHAR_OK;
	touched(&first, &last, runs, offset, end);
	for (size_t i = first; i < last; i++) {
		const athar_run r = runs->run[i];
		const uint64_t r_end = end_of(&r);

		ATHAR_TRY(push(&pieces, athar_min(r.offset, offset), athar_min(r_end, offset),
		               r.kind, err));
		ATHAR_TRY(push(&pieces, athar_max(r.offset, end), athar_max(r_end, end), r.kind,
		               err));
	}
	return splice(runs, first, last - first, &pieces, err);
}

athar_status athar_runs_invert(athar_runs *out, const athar_runs *runs, uint64_t size,
                               athar_error *err)
{
	ATHAR_AUTO(runs) athar_runs rest = ATHAR_RUNS_INIT;
	uint64_t done = 0;

	for (size_t i = 0; i < runs->count && done < size; i++) {
		const uint64_t next = athar_min(runs->run[i].offset, size);

		ATHAR_TRY(push(&rest, done, next, ATHAR_RUN_DATA, err));
		done = end_of(&runs->run[i]);
	}
	if (done < size)
		ATHAR_TRY(push(&rest, done, size, ATHAR_RUN_DATA, err));
	athar_runs_clear(out);
	*out = rest;
	rest = (athar_runs)ATHAR_RUNS_INIT;
	return ATHAR_OK;
}

uint64_t athar_runs_overlap(const athar_runs *runs, uint64_t offset, uint64_t length)
{
	/* What passes the end of addresses holds no runs. */
	const uint64_t end = length > UINT64_MAX - offset ? UINT64_MAX : offset + length;
	uint64_t sum = 0;

	for (size_t i = athar_runs_find(runs, offset); i < runs->count; i++) {
		const athar_run *r = &runs->run[i];

		if (r->offset >= end)
			break;
		sum += athar_min(end_of(r), end) - athar_max(r->offset, offset);
	}
	return sum;
}

size_t athar_runs_find(const athar_runs *runs, uint64_t offset)
{
	size_t low = 0;
	size_t high = runs->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (end_of(&runs->run[middle]) > offset)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

uint64_t athar_runs_total(const athar_runs *runs)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < runs->count; i++)
		sum += runs->run[i].length;
	return sum;
}

void athar_runs_clear(athar_runs *runs)
{
	free(runs->run);
	*runs = (athar_runs)ATHAR_RUNS_INIT;
}
