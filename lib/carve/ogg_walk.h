/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An Ogg file page after page: join_ogg.c goes on as long as the pages do, ogg_break.c finds where
 * one goes on that does not lie in one piece.
 */
#ifndef ATHAR_CARVE_OGG_WALK_H
#define ATHAR_CARVE_OGG_WALK_H

#include "carve/ogg_pages.h"

#define ATHAR_OGG_STREAMS 64u

typedef struct athar_ogg_stream {
	uint32_t serial, next; /* the number that its next page must have */
	bool ended;
} athar_ogg_stream;

typedef struct athar_ogg_walk {
	athar_trail trail;
	athar_ogg_crc crc;
	athar_ogg_pages pages;
	athar_ogg_stream stream[ATHAR_OGG_STREAMS];
	size_t streams, open;
	uint64_t at;           /* in the file: where the next page begins */
	uint8_t *left, *right; /* room for a page each */
} athar_ogg_walk;

/* May the page come next? */
bool athar_ogg_fits(const athar_ogg_walk *w, const athar_ogg_page *p);
/* And this one, once p has come? */
bool athar_ogg_follows(const athar_ogg_walk *w, const athar_ogg_page *p,
                       const athar_ogg_page *then);
/* *solved: the trail leads through a sound page that fits at w->at. */
athar_status athar_ogg_mend(bool *solved, athar_ogg_walk *w, athar_error *err);

#endif
