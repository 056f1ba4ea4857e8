/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The cross-references of one PDF: startxref leads to the last section, and each section to the one
 * before. Their offsets are of the file; where in the source they are is looked for.
 */
#include <string.h>

#include "base/check.h"
#include "carve/pdf_walk.h"

#define REVISIONS 64u
#define BACK 4096u    /* bytes before startxref in which the rows of a section have ended */
#define TRAILER 1024u /* bytes that may follow the rows */

typedef struct chain {
	athar_pdf_walk *w;
	athar_trail *probe; /* where a section is tried */
	uint64_t at;        /* in the source: startxref, behind the section that is looked for */
	uint64_t shift;     /* image less file, of a section that was found */
	uint64_t word;      /* in the source: behind the rows of the section before `at`; 0: none */
} chain;

/* Reads the section at offset `file` as the probe leads, and notes where it is. */
static athar_status take(athar_pdf_section *s, chain *c, uint64_t file, athar_error *err)
{
	athar_pdf_table *t = &c->w->table;

	ATHAR_TRY(athar_pdf_section_read(s, t, c->probe, file, err));
	for (size_t i = 0; i < c->probe->count && s->good; i++) {
		const athar_mark *m = &c->probe->mark[i];
		const athar_pdf_entry e = {m->file, m->image,
		                           i == 0 ? ATHAR_PDF_SECTION : ATHAR_PDF_JOINT};

		ATHAR_TRY(athar_pdf_table_add(t, e, err));
	}
	return ATHAR_OK;
}

static bool ends_there(const athar_pdf_section *s, const chain *c)
{
	return s->end != 0 && athar_trail_place(c->probe, s->end) == c->at;
}

/* In one piece that begins at `image`; last: startxref has to follow it. */
static athar_status try_whole(athar_pdf_section *s, chain *c, uint64_t file, uint64_t image,
                              bool last, athar_error *err)
{
	const size_t before = c->w->table.count;

	c->probe->count = 0;
	ATHAR_TRY(athar_trail_lead(c->probe, file, image, err));
	ATHAR_TRY(take(s, c, file, err));
	if (s->good && last && !ends_there(s, c)) {
		s->good = false;
		c->w->table.count = before;
	}
	return ATHAR_OK;
}

/* In two pieces, the second one from offset x on at `on`. */
static athar_status try_joint(athar_pdf_section *s, chain *c, uint64_t file, uint64_t image,
                              athar_mark on, athar_error *err)
{
	const size_t before = c->w->table.count;

	c->probe->count = 0;
	ATHAR_TRY(athar_trail_lead(c->probe, file, image, err));
	ATHAR_TRY(athar_trail_lead(c->probe, on.file, on.image, err));
	ATHAR_TRY(take(s, c, file, err));
	if (s->good && !ends_there(s, c)) {
		s->good = false;
		c->w->table.count = before;
	}
	return ATHAR_OK;
}

/* It begins at `image` and goes on before startxref: placed there by the word behind its rows, or,
 * where the joint is behind that, by being short. */
static athar_status try_broken(athar_pdf_section *s, chain *c, uint64_t file, uint64_t image,
                               athar_error *err)
{
	const uint32_t block = athar_joining_space(c->w->trail.j)->block;
	const uint64_t start = athar_joining_start(c->w->trail.j), rows = file + s->length;
	/* a stream may have a line end of two bytes before the word */
	const uint64_t slack = (c->word % block + block - (start + rows) % block) % block;

	for (uint64_t x = athar_trail_border(&c->w->trail, file); x <= rows + TRAILER; x += block) {
		uint64_t on[2] = {c->word - slack - (rows - x), 0};

		if (x > rows) {
			on[0] = c->at - (c->at % block + block - start % block) % block;
			on[1] = on[0] - block;
		} else if (c->word == 0 || slack > 2) {
			continue;
		}
		for (size_t i = 0; i < 2 && on[i] != 0; i++) {
			ATHAR_TRY(try_joint(s, c, file, image, (athar_mark){x, on[i]}, err));
			if (s->good)
				return ATHAR_OK;
		}
	}
	return ATHAR_OK;
}

/* Places where a section may begin at this offset, the last one first. */
static athar_status try_spots(athar_pdf_section *s, chain *c, uint64_t file, bool last,
                              athar_error *err)
{
	const athar_spots *spots = &c->w->sections;

	ATHAR_TRY(athar_joining_spend(c->w->trail.j, spots->count, err));
	for (size_t i = spots->count; i > 0 && !s->good; i--) {
		const uint64_t image = spots->at[i - 1];

		if (!athar_trail_even(&c->w->trail, file, image))
			continue;
		ATHAR_TRY(try_whole(s, c, file, image, last, err));
		if (!s->good && last && s->length != 0)
			ATHAR_TRY(try_broken(s, c, file, image, err));
	}
	return ATHAR_OK;
}

/* last: none has been found that ends at startxref. */
static athar_status find(athar_pdf_section *s, chain *c, uint64_t file, bool last, athar_error *err)
{
	s->good = false;
	if (!last)
		ATHAR_TRY(try_whole(s, c, file, c->shift + file, false, err));
	/* The first section of a linearised file is at its beginning. */
	if (!s->good)
		ATHAR_TRY(try_whole(s, c, file, athar_joining_start(c->w->trail.j) + file, false,
		                    err));
	return s->good ? ATHAR_OK : try_spots(s, c, file, last, err);
}

/* The last "trailer" or "endstream" before startxref. */
static athar_status find_word(chain *c, athar_error *err)
{
	const uint64_t back = athar_min(c->at, BACK);
	athar_bytes b;

	for (uint64_t n = back; n != 0 && c->word == 0; n -= athar_min(n, 512)) {
		ATHAR_TRY(athar_joining_read(&b, c->w->trail.j, c->at - n, (size_t)n, err));
		for (size_t i = b.len; i >= 9 && b.len == n && c->word == 0; i--) {
			const uint8_t *p = b.ptr + i - 9;

			if (memcmp(p, "trailer", 7) == 0 || memcmp(p, "endstream", 9) == 0)
				c->word = c->at - n + i - 9;
		}
	}
	return ATHAR_OK;
}

static athar_status read_chain(bool *linked, chain *c, uint64_t startxref, athar_error *err)
{
	athar_pdf_walk *w = c->w;
	uint64_t file = startxref;

	for (unsigned n = 0; n < REVISIONS && file != 0; n++) {
		athar_pdf_section s;

		ATHAR_TRY(find(&s, c, file, !*linked, err));
		if (!s.good)
			return ATHAR_OK;
		if (!*linked && ends_there(&s, c)) {
			*linked = true;
			w->end = s.end;
			c->shift = c->at - s.end;
		}
		w->encrypted = w->encrypted || s.encrypted;
		file = s.prev;
	}
	return ATHAR_OK;
}

athar_status athar_pdf_chain_read(bool *linked, athar_pdf_walk *w, uint64_t startxref, uint64_t at,
                                  athar_error *err)
{
	ATHAR_AUTO(trail) athar_trail probe = {.j = w->trail.j};
	chain c = {.w = w, .probe = &probe, .at = at};

	*linked = false;
	w->table.count = 0;
	w->encrypted = false;
	ATHAR_TRY(find_word(&c, err));
	ATHAR_TRY(read_chain(linked, &c, startxref, err));
	athar_pdf_table_sort(&w->table);
	return ATHAR_OK;
}
