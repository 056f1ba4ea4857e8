/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Objects that do not lie in one piece. Both their beginning and what follows them are known, so
 * that the joint is one of the borders of blocks between; which one it is the objects themselves
 * say: they have to be whole, and their streams unpack to what their checksums say. Where more than
 * one border would do, none is taken.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "carve/pdf_walk.h"
#include "format/pdf_lex.h"
#include "image/driver.h"
#include "inflate/inflate.h"

#define MOST (UINT64_C(64) << 20) /* bytes between two objects */
#define ALL (UINT64_C(96) << 20)  /* bytes for which all borders are tried */
#define STEP 256u                 /* input of a stream whose failure is looked for */
#define TRIES 400u                /* borders before that failure */

static const char head[] = "%PDF-1.4\n";

#define HEAD (sizeof head - 1)

typedef struct gap {
	athar_pdf_walk *w;
	uint64_t from, to, image;
	uint8_t *left, *right, *both; /* as if all of it went on from there; behind a header */
	size_t len, have;             /* of all; of the left */
	size_t missing;               /* bytes at the beginning of the right that are not there */
	uint32_t block;
} gap;

/* How many bytes there are before white space at the end. */
static size_t trimmed(const uint8_t *bytes, size_t len)
{
	while (len != 0 && pdf_is_space(bytes[len - 1]))
		len--;
	return len;
}

/* Are these whole objects, one after the other, with streams that unpack? */
static athar_status check(bool *good, const gap *g, athar_error *err)
{
	ATHAR_AUTO(source) athar_source *source = NULL;
	ATHAR_AUTO(reader) athar_reader *in = NULL;
	athar_joining *j = g->w->trail.j;
	/* the first bytes of a file bring their own header */
	const size_t skip = g->from == 0 ? HEAD : 0, len = HEAD - skip + g->len;
	athar_claim claim;

	ATHAR_TRY(athar_joining_spend(j, g->len / 2 + ATHAR_JOIN_TRY, err));
	ATHAR_TRY(athar_source_memory(&source, g->both + skip, len, err));
	ATHAR_TRY(athar_reader_new(&in, source, 0, len, 0, err));
	ATHAR_TRY(athar_joining_format(j)->measure(&claim, in, err));
	*good = claim.ours && claim.proven >= trimmed(g->both + skip, len);
	return ATHAR_OK;
}

/* The joint at `at` bytes. */
static void put_both(const gap *g, size_t at)
{
	memcpy(g->both + HEAD, g->left, at);
	memcpy(g->both + HEAD + at, g->right + at, g->len - at);
}

static size_t first_joint(const gap *g)
{
	return (size_t)(athar_trail_border(&g->w->trail, g->from) - g->from);
}

/* Both sides of the gap, as far as they are in the space. */
static athar_status read_sides(gap *g, athar_error *err)
{
	athar_joining *j = g->w->trail.j;
	const athar_space *space = athar_joining_space(j);
	const uint64_t begin = g->image - athar_min(g->image, g->len);
	size_t there = (size_t)(g->image - begin);

	ATHAR_TRY(athar_trail_read(g->left, &g->have, &g->w->trail, g->from, g->len, err));
	while (there != 0 && athar_space_left(space, g->image - there) < there)
		there -= (size_t)athar_min(there, g->block);
	g->missing = g->len - there;
	for (size_t done = 0; done < there;) {
		athar_bytes b;

		ATHAR_TRY(athar_joining_read(&b, j, g->image - there + done, there - done, err));
		if (b.len == 0)
			return athar_fail(err, ATHAR_EFORMAT, "the space ends too soon");
		memcpy(g->right + g->missing + done, b.ptr, b.len);
		done += b.len;
	}
	return athar_joining_spend(j, g->len, err);
}

/* All borders; *at: the one that does, 0 where it is not just one. */
static athar_status try_all(size_t *at, const gap *g, athar_error *err)
{
	*at = 0;
	for (size_t i = first_joint(g); i <= g->have; i += g->block) {
		bool good = false;

		if (i < g->missing)
			continue;
		put_both(g, i);
		ATHAR_TRY(check(&good, g, err));
		if (!good)
			continue;
		if (*at != 0 && memcmp(g->left + *at, g->right + *at, i - *at) != 0) {
			*at = 0;
			return ATHAR_OK;
		}
		*at = *at == 0 ? i : *at;
		if (i == g->len)
			break;
	}
	return ATHAR_OK;
}

/* A long stream that is packed: where it fails when it goes on from the left, the joint has been.
 * 0: it is none. */
static athar_status find_failure(size_t *at, const gap *g, athar_error *err)
{
	athar_inflater *x = NULL;
	athar_inflated sum = {.consumed = 0};
	const uint8_t *found = memmem(g->left, g->have, "stream", 6);
	size_t from = found == NULL ? g->have : (size_t)(found - g->left) + 6;

	*at = 0;
	from += from < g->have && g->left[from] == '\r' ? 2 : 1;
	if (g->have < from + 2 || (g->left[from] & 15) != 8 ||
	    (g->left[from] << 8 | g->left[from + 1]) % 31 != 0)
		return ATHAR_OK;
	ATHAR_TRY(athar_inflater_new(&x, err));
	athar_status status = ATHAR_OK;
	athar_error failed = ATHAR_ERROR_INIT;

	for (from += 2; from < g->have && status == ATHAR_OK && !sum.ended;) {
		const size_t piece = (size_t)athar_min(STEP, g->have - from);

		status = athar_inflater_feed(x, &sum, g->left + from, piece, 16 * MOST, &failed);
		from += piece;
	}
	athar_inflater_free(x);
	*at = from;
	return ATHAR_OK;
}

/* Borders back from that failure; the checksum of the stream decides. */
static athar_status try_back(size_t *at, const gap *g, athar_error *err)
{
	const size_t first = first_joint(g);
	size_t last, i;

	*at = 0;
	ATHAR_TRY(find_failure(&last, g, err));
	if (last < first)
		return ATHAR_OK;
	last = (size_t)athar_min(athar_min(last, g->have), g->len);
	i = first + (last - first) / g->block * g->block;
	for (unsigned n = 0; n < TRIES && *at == 0 && i >= g->missing; n++, i -= g->block) {
		bool good = false;

		put_both(g, i);
		ATHAR_TRY(check(&good, g, err));
		if (good)
			*at = i;
		if (i < first + g->block)
			break;
	}
	return ATHAR_OK;
}

static athar_status mend(bool *solved, gap *g, athar_error *err)
{
	const size_t first = first_joint(g);
	size_t at;

	ATHAR_TRY(read_sides(g, err));
	if (first > g->len || first > g->have)
		return ATHAR_OK;
	if ((g->len - first) / g->block * g->len < ALL)
		ATHAR_TRY(try_all(&at, g, err));
	else
		ATHAR_TRY(try_back(&at, g, err));
	*solved = at != 0;
	if (!*solved)
		return ATHAR_OK;
	return athar_trail_lead(&g->w->trail, g->from + at, g->image - (g->len - at), err);
}

athar_status athar_pdf_mend(bool *solved, athar_pdf_walk *w, uint64_t from, uint64_t to,
                            uint64_t image, athar_error *err)
{
	gap g = {.w = w, .from = from, .to = to, .image = image};
	ATHAR_AUTO(free) uint8_t *room = NULL;

	*solved = false;
	g.block = athar_joining_space(w->trail.j)->block;
	if (to <= from || to - from > MOST)
		return ATHAR_OK;
	g.len = (size_t)(to - from);
	room = athar_alloc(3 * g.len + HEAD, err);
	if (room == NULL)
		return ATHAR_ENOMEM;
	g.left = room;
	g.right = room + g.len;
	g.both = room + 2 * g.len;
	memcpy(g.both, head, HEAD);
	return mend(solved, &g, err);
}
