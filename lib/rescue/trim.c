/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Trimming: a cluster that failed is good up to some sector from either side. The edges are read
 * sector by sector until one fails; what lies between is left to scraping.
 */
#include "rescue/rescuer.h"

/* Reads from one edge of the piece inwards, until a sector fails or nothing is left of it. */
static athar_status trim_edge(athar_rescuer *r, athar_piece *p, bool from_end, athar_error *err)
{
	athar_tried t = {.whole = true};

	while (t.whole && p->offset < p->end) {
		const athar_piece slice = athar_piece_slice(r, p, r->spec->sector, from_end);

		ATHAR_TRY(athar_rescuer_pause(r, err));
		if (r->over)
			break;
		ATHAR_TRY(athar_rescuer_try(&t, r, p, &slice, err));
		if (r->over)
			break;
		if (from_end)
			p->end = slice.offset > p->offset ? slice.offset : p->offset;
		else
			p->offset = slice.end < p->end ? slice.end : p->end;
	}
	return ATHAR_OK;
}

/* An edge beside a bad sector is trimmed. */
static athar_status trim_piece(athar_rescuer *r, athar_piece *p, athar_error *err)
{
	const bool last_first = r->backwards;

	for (int i = 0; i < 2 && !r->over && p->offset < p->end; i++) {
		const bool from_end = (i == 0) == last_first;
		const bool trimmed = from_end ? athar_piece_precedes(r, p, ATHAR_MAP_BAD)
		                              : athar_piece_follows(r, p, ATHAR_MAP_BAD);

		if (!trimmed)
			ATHAR_TRY(trim_edge(r, p, from_end, err));
	}
	return r->over ? ATHAR_OK
	               : athar_rescuer_mark(r, p->offset, p->end, ATHAR_MAP_NONSCRAPED, err);
}

static athar_status trim_pass(athar_rescuer *r, athar_error *err)
{
	athar_piece p;

	while (!r->over && athar_piece_next(&p, r, ATHAR_MAP_NONTRIMMED)) {
		const athar_piece whole = p;

		ATHAR_TRY(trim_piece(r, &p, err));
		if (!r->over)
			r->map->position = r->backwards ? whole.offset : whole.end;
	}
	return ATHAR_OK;
}

athar_status athar_rescuer_trim(athar_rescuer *r, athar_error *err)
{
	for (;;) {
		ATHAR_TRY(trim_pass(r, err));
		if (r->over || !athar_piece_any(r, ATHAR_MAP_NONTRIMMED))
			return ATHAR_OK;
		athar_rescuer_enter(r, ATHAR_MAP_TRIMMING, 1);
	}
}
