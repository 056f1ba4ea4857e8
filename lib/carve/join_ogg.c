/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Joins Ogg files (RFC 3533). Every page has the number of its stream, its own number in it and a
 * CRC over all of it: pages in one piece are known wherever they lie, and one that is broken over
 * two pieces or three is put together by its CRC.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "carve/joiners.h"
#include "carve/ogg_walk.h"

#define SECTOR 512u

static athar_ogg_stream *find_stream(athar_ogg_walk *w, uint32_t serial)
{
	for (size_t i = w->streams; i > 0; i--) {
		if (w->stream[i - 1].serial == serial)
			return &w->stream[i - 1];
	}
	return NULL;
}

bool athar_ogg_fits(const athar_ogg_walk *w, const athar_ogg_page *p)
{
	for (size_t i = 0; i < w->streams; i++) {
		const athar_ogg_stream *s = &w->stream[i];

		if (s->serial == p->serial)
			return !s->ended && (p->flags & ATHAR_OGG_FIRST) == 0 &&
			       p->number == s->next;
	}
	return (p->flags & ATHAR_OGG_FIRST) != 0 && w->streams < ATHAR_OGG_STREAMS;
}

bool athar_ogg_follows(const athar_ogg_walk *w, const athar_ogg_page *p, const athar_ogg_page *then)
{
	if (p->serial == then->serial)
		return then->number == p->number + 1 && (then->flags & ATHAR_OGG_FIRST) == 0 &&
		       (p->flags & ATHAR_OGG_LAST) == 0;
	return athar_ogg_fits(w, then);
}

static void take(athar_ogg_walk *w, const athar_ogg_page *p)
{
	athar_ogg_stream *s = find_stream(w, p->serial);

	if (s == NULL) {
		s = &w->stream[w->streams++];
		*s = (athar_ogg_stream){.serial = p->serial};
		w->open++;
	}
	s->next = p->number + 1;
	if ((p->flags & ATHAR_OGG_LAST) != 0) {
		s->ended = true;
		w->open--;
	}
	w->at += p->len;
}

/* The page at w->at as the trail leads. *looks: at least something like the head of one is there.
 */
static athar_status next_page(bool *sound, bool *looks, athar_ogg_page *p, athar_ogg_walk *w,
                              athar_error *err)
{
	size_t got;

	*sound = false;
	ATHAR_TRY(athar_trail_read(w->left, &got, &w->trail, w->at, ATHAR_OGG_HEAD + 255, err));
	*looks = got >= 6 && athar_ogg_looks(w->left, got) != 0;
	if (!*looks || !athar_ogg_head(p, w->left, got) || !athar_ogg_fits(w, p))
		return ATHAR_OK;
	ATHAR_TRY(athar_joining_spend(w->trail.j, p->len, err));
	ATHAR_TRY(athar_trail_read(w->left, &got, &w->trail, w->at, p->len, err));
	*sound = got == p->len && athar_ogg_crc_page(&w->crc, w->left, p->len) == p->crc;
	return ATHAR_OK;
}

/* All streams have ended. Another link of a chain may follow, but not where a sector begins. */
static athar_status goes_on(bool *more, athar_ogg_walk *w, athar_error *err)
{
	athar_ogg_page p;
	bool sound, looks;

	*more = w->open != 0;
	if (*more || w->at % SECTOR == 0)
		return ATHAR_OK;
	ATHAR_TRY(next_page(&sound, &looks, &p, w, err));
	*more = looks && (w->left[5] & ATHAR_OGG_FIRST) != 0;
	return ATHAR_OK;
}

static athar_status walk(bool *whole, athar_ogg_walk *w, athar_error *err)
{
	*whole = false;
	for (bool more = true; more;) {
		athar_ogg_page p;
		bool sound, looks, solved;

		ATHAR_TRY(next_page(&sound, &looks, &p, w, err));
		if (!sound) {
			if (w->at == 0)
				return ATHAR_OK;
			ATHAR_TRY(athar_ogg_mend(&solved, w, err));
			if (!solved)
				return ATHAR_OK;
			ATHAR_TRY(next_page(&sound, &looks, &p, w, err));
			if (!sound)
				return ATHAR_OK;
		}
		take(w, &p);
		ATHAR_TRY(goes_on(&more, w, err));
	}
	*whole = true;
	return ATHAR_OK;
}

static athar_status join_with(athar_joined *out, bool *done, athar_ogg_walk *w, athar_joining *j,
                              athar_error *err)
{
	athar_ogg_crc_make(&w->crc);
	ATHAR_TRY(athar_trail_begin(&w->trail, j, err));
	ATHAR_TRY(athar_ogg_pages_find(&w->pages, j, &w->crc, err));
	ATHAR_TRY(walk(done, w, err));
	if (*done)
		ATHAR_TRY(athar_trail_extents(&out->extents, done, &w->trail, w->at, err));
	(void)snprintf(out->proof, sizeof out->proof,
	               "the CRC of every page, their streams and numbers");
	return ATHAR_OK;
}

static athar_status join(athar_joined *out, bool *done, athar_joining *j, athar_error *err)
{
	athar_ogg_walk w = {.at = 0};

	*done = false;
	w.left = athar_alloc(2 * ATHAR_OGG_MOST, err);
	if (w.left == NULL)
		return ATHAR_ENOMEM;
	w.right = w.left + ATHAR_OGG_MOST;
	const athar_status status = join_with(out, done, &w, j, err);

	athar_trail_clear(&w.trail);
	athar_ogg_pages_clear(&w.pages);
	free(w.left);
	return status;
}

const athar_joiner athar_joiner_ogg = {.format = "ogg", .join = join};
