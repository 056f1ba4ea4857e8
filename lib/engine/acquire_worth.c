/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The order of worth: what says where things are is read first, then what is in use, then the rest.
 * A confined worker looks at the image as far as it has grown and says what it lacks to know more.
 */
#include "base/files.h"
#include "engine/acquisition.h"

/* One rescue of these ranges only; the map's place in an earlier one means nothing here. */
static athar_status read_ranges(athar_acquisition *a, const athar_runs *ranges, bool hasty,
                                athar_error *err)
{
	if (ranges->count == 0)
		return ATHAR_OK;
	athar_map_rewind(&a->map);
	return athar_acquisition_rescue_ranges(a, ranges, hasty, err);
}

static void tell(athar_acquisition *a, const athar_worth_answer *answer)
{
	for (size_t i = 0; i < answer->findings; i++)
		athar_watch_notice(a->watcher, "%s", answer->finding[i]);
}

/* Asks and reads until nothing new is wanted, or the medium cannot be read on. */
static athar_status read_depth(athar_acquisition *a, athar_worth_answer *answer,
                               athar_worth_depth depth, athar_error *err)
{
	do {
		ATHAR_AUTO(runs) athar_runs lacking = ATHAR_RUNS_INIT;

		athar_worth_answer_clear(answer);
		ATHAR_TRY(athar_map_lacking(&lacking, &a->map, err));
		ATHAR_TRY(athar_worth_ask(answer, a->worth, &lacking, depth, a->watcher, err));
		ATHAR_TRY(read_ranges(a, &answer->wanted, false, err));
	} while (answer->wanted.count > 0 && a->rescued.end == ATHAR_RESCUE_DONE);
	tell(a, answer);
	return ATHAR_OK;
}

athar_status athar_acquisition_worth(athar_acquisition *a, athar_error *err)
{
	ATHAR_AUTO(worth_answer) athar_worth_answer answer = ATHAR_WORTH_ANSWER_INIT;
	const unsigned first = a->options.first;

	if (a->worth == NULL)
		return ATHAR_OK;
	ATHAR_TRY(read_depth(a, &answer, ATHAR_WORTH_TABLES, err));
	if (a->rescued.end == ATHAR_RESCUE_DONE && first & ATHAR_FIRST_METADATA)
		ATHAR_TRY(read_depth(a, &answer, ATHAR_WORTH_METADATA, err));
	if (a->rescued.end == ATHAR_RESCUE_DONE && first & ATHAR_FIRST_ALLOCATED)
		ATHAR_TRY(read_depth(a, &answer, ATHAR_WORTH_ALLOCATED, err));
	if (a->rescued.end != ATHAR_RESCUE_DONE)
		return ATHAR_OK;
	ATHAR_TRY(read_ranges(a, &answer.allocated, true, err));
	if (a->rescued.end == ATHAR_RESCUE_DONE)
		athar_map_rewind(&a->map);
	return ATHAR_OK;
}

/* The worker is forked before this process confines itself: the file that it looks at is there
 * already, in its full size. */
athar_status athar_acquisition_worth_open(athar_acquisition *a, athar_error *err)
{
	ATHAR_AUTO(free) char *path = NULL;

	if (a->options.first == 0)
		return ATHAR_OK;
	ATHAR_TRY(athar_acquisition_target(a, err));
	ATHAR_TRY(athar_acquisition_rescue_open(a, err));
	path = athar_acquisition_path(a, athar_acquisition_in_place(a) ? "dd" : ATHAR_SALVAGE, err);
	if (path == NULL)
		return ATHAR_ENOMEM;
	return athar_worth_open(&a->worth, path, a->info->size, a->info->sector_size, a->context,
	                        err);
}
