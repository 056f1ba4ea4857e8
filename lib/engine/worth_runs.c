/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/worth_runs.h"

#include "base/check.h"

static uint64_t end_of(const athar_run *run)
{
	return run->offset + run->length;
}

/* The unread parts of [from, to), as `kind`; *left bytes at most. */
static athar_status take_unread(athar_runs *out, const athar_runs *lacking, uint64_t from,
                                uint64_t to, athar_run_kind kind, uint64_t *left, athar_error *err)
{
	for (size_t i = athar_runs_find(lacking, from); i<lacking->count && * left> 0; i++) {
		const athar_run *r = &lacking->run[i];
		const uint64_t at = athar_max(r->offset, from);

		if (r->offset >= to)
			break;
		if (r->kind != ATHAR_RUN_UNREAD)
			continue;
		const uint64_t length = athar_min(athar_min(end_of(r), to) - at, *left);

		ATHAR_TRY(athar_runs_add(out, at, length, kind, err));
		*left -= length;
	}
	return ATHAR_OK;
}

/* Two sets in one go, in order: adding at the end costs nothing. */
static athar_status merge(athar_runs *out, const athar_runs *a, const athar_runs *b,
                          athar_error *err)
{
	size_t i = 0;
	size_t k = 0;

	while (i < a->count || k < b->count) {
		const bool first =
			k == b->count || (i < a->count && a->run[i].offset <= b->run[k].offset);
		const athar_run *r = first ? &a->run[i++] : &b->run[k++];

		ATHAR_TRY(athar_runs_add(out, r->offset, r->length, r->kind, err));
	}
	return ATHAR_OK;
}

athar_status athar_worth_give_up(athar_runs *out, const athar_runs *lacking,
                                 const athar_runs *asked, athar_error *err)
{
	ATHAR_AUTO(runs) athar_runs gone = ATHAR_RUNS_INIT;
	uint64_t left = UINT64_MAX;

	for (size_t i = 0; i < asked->count; i++)
		ATHAR_TRY(take_unread(&gone, lacking, asked->run[i].offset, end_of(&asked->run[i]),
		                      ATHAR_RUN_BAD, &left, err));
	return merge(out, lacking, &gone, err);
}

athar_status athar_worth_want(athar_runs *out, const athar_runs *pieces, const athar_runs *lacking,
                              uint64_t grain, uint64_t gap, uint64_t most, athar_error *err)
{
	uint64_t done = 0;

	for (size_t i = 0; i < pieces->count && most > 0; i++) {
		uint64_t from = athar_round_down(pieces->run[i].offset, grain);
		const uint64_t to = athar_round_up(end_of(&pieces->run[i]), grain);

		if (from < done || (out->count > 0 && from - done < gap))
			from = done;
		ATHAR_TRY(take_unread(out, lacking, from, to, ATHAR_RUN_DATA, &most, err));
		done = to;
	}
	return ATHAR_OK;
}

athar_status athar_worth_join(athar_runs *runs, const athar_runs *more, athar_error *err)
{
	ATHAR_AUTO(runs) athar_runs both = ATHAR_RUNS_INIT;

	ATHAR_TRY(merge(&both, runs, more, err));
	athar_runs_clear(runs);
	*runs = both;
	both = (athar_runs)ATHAR_RUNS_INIT;
	return ATHAR_OK;
}
