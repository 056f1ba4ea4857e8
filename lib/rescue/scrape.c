/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scraping and retrying: one sector after the other, each once a pass.
 */
#include "rescue/rescuer.h"

static athar_status read_each(athar_rescuer *r, athar_map_state state, athar_error *err)
{
	athar_piece p;
	athar_tried t;

	while (athar_piece_next(&p, r, state)) {
		const athar_piece slice = athar_piece_slice(r, &p, r->spec->sector, r->backwards);

		ATHAR_TRY(athar_rescuer_pause(r, err));
		if (r->over)
			break;
		ATHAR_TRY(athar_rescuer_try(&t, r, &p, &slice, err));
		if (r->over)
			break;
		r->map->position = r->backwards ? slice.offset : slice.end;
	}
	return ATHAR_OK;
}

athar_status athar_rescuer_scrape(athar_rescuer *r, athar_error *err)
{
	for (;;) {
		ATHAR_TRY(read_each(r, ATHAR_MAP_NONSCRAPED, err));
		if (r->over || !athar_piece_any(r, ATHAR_MAP_NONSCRAPED))
			return ATHAR_OK;
		athar_rescuer_enter(r, ATHAR_MAP_SCRAPING, 1);
	}
}

athar_status athar_rescuer_retry(athar_rescuer *r, athar_error *err)
{
	while (r->map->pass <= r->spec->retries && r->progress.bad > 0) {
		ATHAR_TRY(read_each(r, ATHAR_MAP_BAD, err));
		if (r->over)
			break;
		athar_rescuer_enter(r, ATHAR_MAP_RETRYING, r->map->pass + 1);
	}
	return ATHAR_OK;
}
