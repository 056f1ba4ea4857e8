/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Joins PDF files (ISO 32000-1). A cross-reference says at which offset of the file each object
 * begins, and an object says its number; so the objects that lie in the space place the pieces of
 * the file. A cross-reference is the file's when startxref leads to it from the file's end and its
 * first objects are where the file begins.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/sort.h"
#include "carve/joiners.h"
#include "carve/pdf_walk.h"
#include "format/pdf_lex.h"

#define RUN 16u /* objects in a row that speak for a place */
#define PLACES 8u

static const athar_spot_kind ends = {.pattern = {'s', 't', 'a', 'r', 't', 'x', 'r', 'e', 'f'},
                                     .len = 9};
static const athar_spot_kind objects = {.pattern = {' ', 'o', 'b', 'j'}, .len = 4};

/* ---- objects in the space ---- */

static int by_number(const void *a, const void *b, const void *user)
{
	const athar_pdf_entry *x = a, *y = b;

	(void)user;
	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return (x->image > y->image) - (x->image < y->image);
}

/* "N G" stands before `at`. */
static athar_status note_object(athar_pdf_walk *w, uint64_t at, athar_error *err)
{
	athar_pdf_objects *o = &w->objects;
	uint64_t back = athar_min(at, 16);
	uint32_t number;
	athar_bytes b;

	while (back != 0 && athar_space_left(athar_joining_space(w->trail.j), at - back) == 0)
		back--;
	ATHAR_TRY(athar_joining_read(&b, w->trail.j, at - back, (size_t)back + 4, err));
	for (size_t i = b.len > 4 ? b.len - 4 : 0; i > 0; i--) {
		const uint8_t *p = b.ptr + i - 1;

		if (*p < '0' || *p > '9' || (i > 1 && p[-1] >= '0' && p[-1] <= '9') ||
		    !athar_pdf_is_object(&number, p, b.len - i + 1))
			continue;
		ATHAR_TRY(athar_grow(&o->entry, &o->capacity, o->count + 1, sizeof *o->entry, err));
		o->entry[o->count++] = (athar_pdf_entry){0, at - back + i - 1, number};
		return ATHAR_OK;
	}
	return ATHAR_OK;
}

static athar_status find_objects(athar_pdf_walk *w, athar_error *err)
{
	const athar_spots *spots;
	size_t first, count;

	if (w->objects.count != 0)
		return ATHAR_OK;
	ATHAR_TRY(athar_joining_spots(&spots, w->trail.j, &objects, err));
	athar_trail_near(&first, &count, w->trail.j, spots);
	for (size_t i = first; i < first + count; i++) {
		ATHAR_TRY(athar_joining_spend(w->trail.j, athar_trail_cost(spots, i), err));
		ATHAR_TRY(note_object(w, spots->at[i], err));
	}
	athar_sort(w->objects.entry, w->objects.count, sizeof *w->objects.entry, by_number, NULL);
	return ATHAR_OK;
}

/* The first object in the space with this number. */
static size_t first_of(const athar_pdf_objects *o, uint32_t number)
{
	size_t low = 0, high = o->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (o->entry[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* ---- where pieces are ---- */

/* Is entry e at `image`? */
static athar_status is_there(bool *out, const athar_pdf_walk *w, const athar_pdf_entry *e,
                             uint64_t image, athar_error *err)
{
	uint32_t number;
	athar_bytes b;

	*out = e->image == image;
	if (e->image != ATHAR_NOWHERE)
		return ATHAR_OK;
	ATHAR_TRY(athar_joining_spend(w->trail.j, ATHAR_JOIN_TRY, err));
	ATHAR_TRY(athar_joining_read(&b, w->trail.j, image, 32, err));
	*out = athar_pdf_is_object(&number, b.ptr, b.len) && number == e->number;
	return ATHAR_OK;
}

typedef struct place {
	uint64_t image;
	unsigned run; /* entries in a row that are there when the piece is here */
} place;

static athar_status count_run(place *p, const athar_pdf_walk *w, size_t from, athar_error *err)
{
	const athar_pdf_entry *first = &w->table.entry[from];
	bool there = true;

	for (p->run = 0; p->run < RUN && from + p->run < w->table.count && there; p->run += there) {
		const athar_pdf_entry *e = &w->table.entry[from + p->run];

		ATHAR_TRY(is_there(&there, w, e, p->image + (e->file - first->file), err));
	}
	return ATHAR_OK;
}

/* Keeps the best, the best first. */
static void keep(place *best, size_t *count, place p)
{
	size_t i = *count;

	if (*count < PLACES)
		++*count;
	else if (best[--i].run >= p.run)
		return;
	for (; i > 0 && best[i - 1].run < p.run; i--)
		best[i] = best[i - 1];
	best[i] = p;
}

/* Where the piece with this entry may lie. */
static athar_status find_places(place best[PLACES], size_t *count, athar_pdf_walk *w, size_t entry,
                                athar_error *err)
{
	const athar_pdf_entry *e = &w->table.entry[entry];
	const athar_pdf_objects *o = &w->objects;

	*count = 0;
	if (e->image != ATHAR_NOWHERE) {
		keep(best, count, (place){e->image, 1});
		return ATHAR_OK;
	}
	for (size_t i = first_of(o, e->number); i < o->count && o->entry[i].number == e->number;
	     i++) {
		place p = {.image = o->entry[i].image};

		ATHAR_TRY(athar_joining_spend(w->trail.j, 4, err));
		if (!athar_trail_even(&w->trail, e->file, p.image))
			continue;
		ATHAR_TRY(count_run(&p, w, entry, err));
		keep(best, count, p);
	}
	return ATHAR_OK;
}

/* The entry is not where the piece before would have it. All before `from` is in place. *lost: its
 * piece is there, but something between is missing. */
static athar_status find_piece(bool *solved, bool *lost, athar_pdf_walk *w, uint64_t from,
                               size_t entry, athar_error *err)
{
	place best[PLACES] = {{0}};
	size_t count;

	*solved = false;
	ATHAR_TRY(find_places(best, &count, w, entry, err));
	for (size_t i = 0; i < count && !*solved; i++)
		ATHAR_TRY(athar_pdf_mend(solved, w, from, w->table.entry[entry].file, best[i].image,
		                         err));
	*lost = !*solved && count != 0 && best[0].run > 1;
	return ATHAR_OK;
}

/* All entries in the order of the file, each where the trail leads to or at another place. One
 * whose number lies across a joint is at none: then the next one has to be. */
static athar_status place_all(bool *placed, athar_pdf_walk *w, athar_error *err)
{
	uint64_t from = 0;
	bool lost = false;

	*placed = true;
	for (size_t i = 0; i < w->table.count && !lost; i++) {
		const athar_pdf_entry *e = &w->table.entry[i];
		bool there;

		if (e->file >= w->end)
			continue;
		if (e->number == ATHAR_PDF_JOINT) {
			ATHAR_TRY(athar_trail_lead(&w->trail, e->file, e->image, err));
			continue;
		}
		ATHAR_TRY(is_there(&there, w, e, athar_trail_place(&w->trail, e->file), err));
		if (!there)
			ATHAR_TRY(find_piece(&there, &lost, w, from, i, err));
		*placed = *placed && (there || e->image == ATHAR_NOWHERE);
		if (there)
			from = e->file;
	}
	*placed = *placed && !lost;
	return ATHAR_OK;
}

/* ---- ends ---- */

/* Behind "startxref": a number and %%EOF. *len: to behind its line end; 0: it is none. */
static athar_status read_end(uint64_t *startxref, size_t *len, athar_pdf_walk *w, uint64_t at,
                             athar_error *err)
{
	athar_bytes b;

	*len = 0;
	ATHAR_TRY(athar_joining_spend(w->trail.j, ATHAR_JOIN_TRY, err));
	ATHAR_TRY(athar_joining_read(&b, w->trail.j, at, 64, err));
	size_t n = 9 + athar_pdf_blank(b.ptr + 9, b.len - 9);
	const size_t digits = athar_pdf_number(startxref, b.ptr + n, b.len - n);

	n += digits;
	n += athar_pdf_blank(b.ptr + n, b.len - n);
	if (digits == 0 || b.len - n < 5 || memcmp(b.ptr + n, "%%EOF", 5) != 0)
		return ATHAR_OK;
	n += 5;
	if (n < b.len && b.ptr[n] == '\r')
		n++;
	if (n < b.len && b.ptr[n] == '\n')
		n++;
	*len = n;
	return ATHAR_OK;
}

/* Does an update of the file follow its end? */
static athar_status goes_on(bool *out, athar_pdf_walk *w, athar_error *err)
{
	const uint32_t block = athar_joining_space(w->trail.j)->block;
	const uint64_t inside = (block - w->end % block) % block;
	uint8_t bytes[64];
	uint32_t number;
	size_t len;

	ATHAR_TRY(athar_trail_read(bytes, &len, &w->trail, w->end,
	                           (size_t)athar_min(inside, sizeof bytes), err));
	const size_t blank = athar_pdf_blank(bytes, len);

	*out = athar_pdf_is_object(&number, bytes, len) ||
	       (len - blank >= 4 && memcmp(bytes + blank, "xref", 4) == 0);
	return ATHAR_OK;
}

static athar_status judge(athar_joined *out, bool *done, athar_pdf_walk *w, athar_error *err)
{
	athar_claim claim;
	bool more;

	athar_extents_clear(&out->extents);
	ATHAR_TRY(goes_on(&more, w, err));
	ATHAR_TRY(athar_trail_extents(&out->extents, done, &w->trail, w->end, err));
	*done = *done && !more;
	if (!*done)
		return ATHAR_OK;
	ATHAR_TRY(athar_joining_measure(&claim, w->trail.j, &out->extents, err));
	*done = claim.ours && claim.grade >= ATHAR_GRADE_COMPLETE && claim.length == w->end;
	return ATHAR_OK;
}

/* The file whose end has "startxref" at `at`. */
static athar_status try_end(athar_joined *out, bool *done, athar_pdf_walk *w, uint64_t at,
                            athar_error *err)
{
	uint64_t startxref;
	size_t len;
	bool good;

	ATHAR_TRY(read_end(&startxref, &len, w, at, err));
	if (len == 0 || startxref == 0)
		return ATHAR_OK;
	ATHAR_TRY(athar_pdf_chain_read(&good, w, startxref, at, err));
	/* what is encrypted proves nothing */
	if (!good || w->table.count == 0 || w->encrypted)
		return ATHAR_OK;
	w->end += len;
	ATHAR_TRY(athar_trail_lead(&w->trail, 0, athar_joining_start(w->trail.j), err));
	ATHAR_TRY(is_there(&good, w, &w->table.entry[0],
	                   athar_trail_place(&w->trail, w->table.entry[0].file), err));
	if (!good)
		return ATHAR_OK;
	ATHAR_TRY(find_objects(w, err));
	ATHAR_TRY(place_all(&good, w, err));
	return good ? judge(out, done, w, err) : ATHAR_OK;
}

static athar_status join_with(athar_joined *out, bool *done, athar_pdf_walk *w, athar_joining *j,
                              athar_error *err)
{
	const athar_spots *spots;
	size_t first, count;

	ATHAR_TRY(athar_trail_begin(&w->trail, j, err));
	ATHAR_TRY(athar_joining_spots(&spots, j, &ends, err));
	ATHAR_TRY(athar_pdf_sections_find(&w->sections, j, err));
	athar_trail_near(&first, &count, j, spots);
	const size_t here = athar_spots_from(spots, athar_joining_start(j)) - first;

	/* those behind the beginning come first */
	for (size_t i = 0; i < count && !*done; i++)
		ATHAR_TRY(try_end(out, done, w, spots->at[first + (here + i) % count], err));
	(void)snprintf(out->proof, sizeof out->proof,
	               "its cross-reference places the objects, their streams unpack");
	return ATHAR_OK;
}

static athar_status join(athar_joined *out, bool *done, athar_joining *j, athar_error *err)
{
	athar_pdf_walk w = {.end = 0};

	*done = false;
	const athar_status status = join_with(out, done, &w, j, err);

	athar_trail_clear(&w.trail);
	athar_pdf_table_clear(&w.table);
	athar_spots_clear(&w.sections);
	free(w.objects.entry);
	return status;
}

const athar_joiner athar_joiner_pdf = {.format = "pdf", .join = join};
