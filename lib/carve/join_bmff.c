/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Joins films (ISO/IEC 14496-12) with pictures in AVC or HEVC. Their index says where each picture
 * lies and how long it is, and a picture is made of units with a length before each: where these do
 * not fill it, a piece has ended, and where those of the next pictures do, it goes on. Between the
 * last length of the one and the first of the other more than one border of blocks may lie. Units
 * never hold the bytes 0 0 0, 0 0 1 or 0 0 2; where this does not leave one border, nothing is
 * joined. An index behind its media is looked for at the place that they give it.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "carve/bmff_samples.h"
#include "carve/joiners.h"
#include "carve/trail.h"

#define BOXES 32u
#define INDEX_MOST (32u << 20)
#define PIECE 4096u
#define AHEAD 3u   /* pictures that prove where a piece goes on */
#define SKIPPED 4u /* pictures that may be lost to joints before those */
#define TAIL (UINT64_C(1) << 20)
#define TRY 64u
#define JOINTS 2048u
/* Places for a joint: between more of them a third piece could hide. */
#define BORDERS 3u
#define LITTLE 64u /* one part in so many */

typedef struct film {
	athar_trail trail, probe;
	athar_bmff_samples samples;
	athar_mark index; /* moov, when it lies behind the media; else of image 0 */
	uint64_t media, end;
	bool escapes; /* units keep to the bytes they may hold */
	bool joined;  /* at least one joint was found */
} film;

/* ---- boxes ---- */

typedef struct box {
	uint64_t at, payload, end;
	char type[5];
} box;

static athar_status read_box(box *out, bool *good, const athar_trail *t, uint64_t at,
                             athar_error *err)
{
	uint8_t head[16];
	size_t got;

	ATHAR_TRY(athar_trail_read(head, &got, t, at, sizeof head, err));
	*good = got == sizeof head;
	if (!*good)
		return ATHAR_OK;
	const uint32_t size = athar_be32(head);
	const uint64_t len = size == 1 ? athar_be64(head + 8) : size;

	*out = (box){.at = at, .payload = at + (size == 1 ? 16 : 8)};
	memcpy(out->type, head + 4, 4);
	*good = len >= out->payload - at && len < UINT64_C(1) << 48;
	out->end = at + len;
	return ATHAR_OK;
}

static athar_status read_index(bool *good, film *f, const athar_trail *t, const box *b,
                               athar_error *err)
{
	const uint64_t len = b->end - b->payload;
	ATHAR_AUTO(free) uint8_t *bytes = NULL;
	size_t got;

	*good = false;
	if (len > INDEX_MOST || len > athar_space_left(athar_joining_space(f->trail.j),
	                                               athar_trail_place(t, b->payload)))
		return ATHAR_OK;
	ATHAR_TRY(athar_joining_spend(f->trail.j, len, err));
	bytes = athar_alloc((size_t)len, err);
	if (bytes == NULL)
		return ATHAR_ENOMEM;
	ATHAR_TRY(athar_trail_read(bytes, &got, t, b->payload, (size_t)len, err));
	athar_bmff_samples_clear(&f->samples);
	if (got == len)
		ATHAR_TRY(athar_bmff_samples_read(&f->samples, good, bytes, got, err));
	return ATHAR_OK;
}

/* The boxes up to the media. *index: they are behind one. */
static athar_status read_top(bool *good, bool *index, film *f, athar_error *err)
{
	uint64_t at = 0;

	*index = false;
	for (unsigned n = 0; n < BOXES; n++) {
		box b;

		ATHAR_TRY(read_box(&b, good, &f->trail, at, err));
		if (!*good || strcmp(b.type, "moof") == 0 || strcmp(b.type, "meta") == 0)
			break;
		if (strcmp(b.type, "mdat") == 0) {
			f->media = b.payload;
			f->end = b.end;
			return ATHAR_OK;
		}
		if (strcmp(b.type, "moov") == 0)
			ATHAR_TRY(read_index(index, f, &f->trail, &b, err));
		at = b.end;
	}
	*good = false;
	return ATHAR_OK;
}

/* ---- pictures ---- */

/* Of a unit at `at`: is nothing in it that it may not hold? The bytes before `from` have been seen.
 */
static athar_status check_unit(bool *good, film *f, const athar_trail *t, uint64_t at, uint64_t end,
                               athar_error *err)
{
	uint8_t bytes[PIECE];
	uint32_t last = UINT32_MAX;

	ATHAR_TRY(athar_joining_spend(f->trail.j, end - at, err));
	while (*good && at < end) {
		size_t got;

		ATHAR_TRY(athar_trail_read(bytes, &got, t, at,
		                           (size_t)athar_min(end - at, sizeof bytes), err));
		*good = got != 0;
		for (size_t i = 0; i < got; i++) {
			last = (last << 8 | bytes[i]) & 0xFFFFFF;
			if (last <= 2)
				*good = false;
		}
		at += got;
	}
	return ATHAR_OK;
}

/* Do the units fill the picture? *field: the end of the last length that did not say otherwise.
 * whole: all of their bytes are looked at. */
static athar_status check_sample(bool *good, uint64_t *field, film *f, const athar_trail *t,
                                 const athar_bmff_sample *s, bool whole, athar_error *err)
{
	uint64_t at = s->file, left = s->size;

	*good = true;
	while (left != 0 && *good) {
		uint8_t head[5];
		uint64_t len = 0;
		size_t got;

		ATHAR_TRY(athar_joining_spend(f->trail.j, TRY, err));
		ATHAR_TRY(athar_trail_read(head, &got, t, at, s->prefix + 1u, err));
		for (unsigned i = 0; i < s->prefix && i < got; i++)
			len = len << 8 | head[i];
		*good = got == s->prefix + 1u && len != 0 && left > s->prefix &&
		        len <= left - s->prefix && (head[s->prefix] & 0x80) == 0;
		if (!*good)
			return ATHAR_OK;
		*field = at + s->prefix;
		if (whole && f->escapes)
			ATHAR_TRY(
				check_unit(good, f, t, at + s->prefix, at + s->prefix + len, err));
		at += s->prefix + len;
		left -= s->prefix + len;
	}
	return ATHAR_OK;
}

/* ---- joints ---- */

/* Do pictures from i on hold when the first of them lies at `image`? */
static athar_status holds_at(bool *good, film *f, size_t i, uint64_t image, athar_error *err)
{
	const athar_bmff_samples *s = &f->samples;
	uint64_t field;

	*good = true;
	f->probe.count = 0;
	ATHAR_TRY(athar_trail_lead(&f->probe, s->sample[i].file, image, err));
	for (size_t k = i; k < s->count && k < i + AHEAD && *good; k++)
		ATHAR_TRY(check_sample(good, &field, f, &f->probe, &s->sample[k], false, err));
	return ATHAR_OK;
}

/* Anywhere in the space, the blocks behind the last piece first. *image: where picture i lies. */
static athar_status find_place(bool *found, uint64_t *image, film *f, size_t i, athar_error *err)
{
	const athar_space *space = athar_joining_space(f->trail.j);
	const uint64_t count = athar_space_count(space), file = f->samples.sample[i].file;
	const uint64_t inside = file % space->block;
	uint64_t here = 0;

	*found = false;
	(void)athar_space_index(&here, space, f->trail.mark[f->trail.count - 1].image);
	for (uint64_t n = 1; n <= count && !*found; n++) {
		const uint64_t at = athar_space_at(space, (here + n) % count);

		*image = at + inside;
		ATHAR_TRY(athar_joining_spend(f->trail.j, space->block / 8, err));
		if (*image != athar_trail_place(&f->trail, file))
			ATHAR_TRY(holds_at(found, f, i, *image, err));
	}
	return ATHAR_OK;
}

/* All pictures that reach into [from, to), with a joint at `at` and the new piece such that offset
 * `to` lies at `image`. */
static athar_status try_joint(bool *good, film *f, size_t first, uint64_t at, uint64_t to,
                              uint64_t image, athar_error *err)
{
	const athar_space *space = athar_joining_space(f->trail.j);
	const athar_bmff_samples *s = &f->samples;
	uint64_t field;

	f->probe.count = 0;
	for (size_t i = 0; i < f->trail.count; i++)
		ATHAR_TRY(athar_trail_lead(&f->probe, f->trail.mark[i].file, f->trail.mark[i].image,
		                           err));
	ATHAR_TRY(athar_trail_lead(&f->probe, at, image - (to - at), err));
	*good = athar_space_left(space, image - (to - at)) > to - at;
	for (size_t i = first; i < s->count && s->sample[i].file < to && *good; i++)
		ATHAR_TRY(check_sample(good, &field, f, &f->probe, &s->sample[i], true, err));
	return ATHAR_OK;
}

/* The joint lies in (from, to], the last length before it being in picture `first`. Only if there
 * is just one place for it, there is one. */
static athar_status place_joint(bool *solved, film *f, size_t first, uint64_t from, uint64_t to,
                                uint64_t image, athar_error *err)
{
	const athar_space *space = athar_joining_space(f->trail.j);
	const uint64_t left = athar_space_left(space, athar_trail_place(&f->trail, from));
	uint64_t joint = 0;
	unsigned count = 0, borders = 0;

	*solved = false;
	if (f->trail.count > JOINTS)
		return ATHAR_OK;
	for (uint64_t x = athar_trail_border(&f->trail, from - 1);
	     x <= to && x - from <= left && borders <= BORDERS; x += space->block) {
		bool good;

		ATHAR_TRY(try_joint(&good, f, first, x, to, image, err));
		if (good)
			joint = x;
		count += good;
		borders++;
	}
	if (count != 1 || borders > BORDERS)
		return ATHAR_OK;
	*solved = true;
	f->joined = true;
	return athar_trail_lead(&f->trail, joint, image - (to - joint), err);
}

/* Picture i does not hold; all before `from` does. */
static athar_status find_piece(bool *solved, film *f, size_t first, size_t i, uint64_t from,
                               athar_error *err)
{
	const athar_bmff_samples *s = &f->samples;
	uint64_t image;

	*solved = false;
	for (size_t k = i + 1; k < s->count && k <= i + SKIPPED; k++) {
		const uint64_t file = s->sample[k].file;
		bool found = false;

		if (f->index.image != 0) {
			image = f->index.image - (f->index.file - file);
			ATHAR_TRY(holds_at(&found, f, k, image, err));
		}
		if (!found)
			ATHAR_TRY(find_place(&found, &image, f, k, err));
		if (found)
			return place_joint(solved, f, first, from, file, image, err);
	}
	return ATHAR_OK;
}

/* Of what lies behind the last length nothing is proven: has it no border in it, or is it so little
 * of the file that one more joint is not likely just there? */
static bool is_short(const film *f, uint64_t field)
{
	const uint64_t share = f->trail.count == 2 ? LITTLE : LITTLE * LITTLE;

	return athar_trail_border(&f->trail, field - 1) >= f->end ||
	       f->end - field <= f->end / share;
}

/* Follows the pictures from piece to piece. */
static athar_status follow(bool *done, film *f, athar_error *err)
{
	const athar_bmff_samples *s = &f->samples;
	uint64_t field = f->media;
	size_t first = 0; /* the picture with the last length that holds */

	*done = true;
	for (size_t i = 0; i < s->count; i++) {
		uint64_t here = 0;
		bool good;

		ATHAR_TRY(check_sample(&good, &here, f, &f->trail, &s->sample[i], false, err));
		if (here != 0) {
			field = here;
			first = i;
		}
		if (good)
			continue;
		ATHAR_TRY(find_piece(done, f, first, i, field, err));
		if (!*done)
			return ATHAR_OK;
		i--; /* now it does hold */
	}
	if (f->index.image == 0)
		*done = is_short(f, field);
	if (f->index.image == 0 || athar_trail_place(&f->trail, f->index.file) == f->index.image)
		return ATHAR_OK;
	return place_joint(done, f, first, field, f->index.file, f->index.image, err);
}

/* Do units keep to their bytes where nothing is joined: in the first pictures? */
static athar_status see_escapes(film *f, athar_error *err)
{
	f->escapes = true;
	for (size_t i = 0; i < f->samples.count && i < 8 && f->escapes; i++) {
		uint64_t field;
		bool chain, whole;

		ATHAR_TRY(check_sample(&chain, &field, f, &f->trail, &f->samples.sample[i], false,
		                       err));
		if (!chain)
			break;
		ATHAR_TRY(check_sample(&whole, &field, f, &f->trail, &f->samples.sample[i], true,
		                       err));
		f->escapes = whole || i != 0;
		if (!whole)
			break;
	}
	return ATHAR_OK;
}

/* ---- the file ---- */

/* Bytes that may follow the file in its last piece, before any other piece of it. */
static uint64_t room_behind(const film *f)
{
	const uint64_t last = athar_trail_place(&f->trail, f->end - 1);
	uint64_t left = athar_space_left(athar_joining_space(f->trail.j), last);

	for (size_t i = 0; i < f->trail.count; i++) {
		if (f->trail.mark[i].image > last)
			left = athar_min(left, f->trail.mark[i].image - last);
	}
	return athar_min(left, TAIL);
}

/* What follows the media is measured with them: there may be more boxes. */
static athar_status finish(athar_joined *out, bool *done, film *f, athar_error *err)
{
	const uint64_t left = room_behind(f), most = f->end - 1 + left;
	athar_claim claim;

	*done = false;
	athar_extents_clear(&out->extents);
	if (!f->joined || left == 0)
		return ATHAR_OK;
	ATHAR_TRY(athar_trail_extents(&out->extents, done, &f->trail, most, err));
	if (!*done)
		return ATHAR_OK;
	ATHAR_TRY(athar_joining_measure(&claim, f->trail.j, &out->extents, err));
	*done = claim.ours && claim.grade >= ATHAR_GRADE_COMPLETE && claim.length >= f->end;
	athar_extents_truncate(&out->extents, claim.length);
	return ATHAR_OK;
}

static athar_status try_film(athar_joined *out, bool *done, film *f, athar_error *err)
{
	uint64_t field;
	bool good;

	*done = false;
	if (f->samples.first < f->media || f->samples.end > f->end)
		return ATHAR_OK;
	/* the first picture is in the first piece, or nothing says that this is its index */
	ATHAR_TRY(check_sample(&good, &field, f, &f->trail, &f->samples.sample[0], false, err));
	if (!good)
		return ATHAR_OK;
	ATHAR_TRY(see_escapes(f, err));
	ATHAR_TRY(follow(&good, f, err));
	return good ? finish(out, done, f, err) : ATHAR_OK;
}

static bool is_index(const uint8_t *bytes, size_t len)
{
	return len >= 12 && memcmp(bytes + 8, "mvhd", 4) == 0;
}

static const athar_spot_kind indexes = {
	.pattern = {'m', 'o', 'o', 'v'}, .len = 4, .holds = is_index};

/* An index that begins where the media end. */
static athar_status try_index(athar_joined *out, bool *done, film *f, uint64_t image,
                              athar_error *err)
{
	bool good;
	box b;

	if (!athar_trail_even(&f->trail, f->end, image))
		return ATHAR_OK;
	f->probe.count = 0;
	ATHAR_TRY(athar_trail_lead(&f->probe, f->end, image, err));
	ATHAR_TRY(read_box(&b, &good, &f->probe, f->end, err));
	if (good)
		ATHAR_TRY(read_index(&good, f, &f->probe, &b, err));
	if (!good)
		return ATHAR_OK;
	ATHAR_TRY(athar_trail_lead(&f->trail, 0, athar_joining_start(f->trail.j), err));
	f->index = (athar_mark){f->end, image};
	f->joined = false;
	f->end = b.end;
	ATHAR_TRY(try_film(out, done, f, err));
	f->end = b.at;
	return ATHAR_OK;
}

static athar_status join_with(athar_joined *out, bool *done, film *f, athar_joining *j,
                              athar_error *err)
{
	const athar_spots *spots;
	size_t first, count;
	bool good, index;

	ATHAR_TRY(athar_trail_begin(&f->trail, j, err));
	f->probe.j = j;
	(void)snprintf(out->proof, sizeof out->proof,
	               "the units of all pictures fill the sizes in the index");
	ATHAR_TRY(read_top(&good, &index, f, err));
	if (!good)
		return ATHAR_OK;
	if (index)
		return try_film(out, done, f, err);
	ATHAR_TRY(athar_joining_spots(&spots, j, &indexes, err));
	athar_trail_near(&first, &count, j, spots);
	for (size_t i = first; i < first + count && !*done; i++) {
		if (spots->at[i] >= 4)
			ATHAR_TRY(try_index(out, done, f, spots->at[i] - 4, err));
	}
	return ATHAR_OK;
}

static athar_status join(athar_joined *out, bool *done, athar_joining *j, athar_error *err)
{
	film f = {.media = 0};

	*done = false;
	const athar_status status = join_with(out, done, &f, j, err);

	athar_trail_clear(&f.trail);
	athar_trail_clear(&f.probe);
	athar_bmff_samples_clear(&f.samples);
	return status;
}

const athar_joiner athar_joiner_bmff = {.format = "bmff", .join = join};
