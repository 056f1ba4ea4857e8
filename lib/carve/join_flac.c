/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Joins FLAC files (RFC 9639). Every frame has a number in a header under a CRC-8 and ends with a
 * CRC-16 over all of it: frames in one piece are known wherever they lie, and one that is broken is
 * put together between what the file has led to and the frame that comes next. What describes the
 * sound and its padding come before them.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "carve/flac_walk.h"
#include "carve/joiners.h"

#define BLOCKS_MOST 1000u
#define PADDING 1u
#define PICTURE 6u

bool athar_flac_fits(const athar_flac_walk *w, const flac_frame *f)
{
	const uint64_t behind = w->samples + f->samples;

	if (w->frames != 0 && f->by_sample != w->by_sample)
		return false;
	return f->number == (f->by_sample ? w->samples : w->frames) &&
	       (behind == w->info.total || (behind < w->info.total && f->samples >= w->info.least));
}

athar_status athar_flac_next(bool *good, flac_frame *f, size_t *len, athar_flac_walk *w,
                             athar_error *err)
{
	size_t got;

	ATHAR_TRY(athar_trail_read(w->left, &got, &w->trail, w->at, w->most, err));
	*good = flac_frame_in(f, len, &w->bits, &w->info, w->left, got) && athar_flac_fits(w, f);
	/* what is copied for a short frame costs, too */
	return athar_joining_spend(w->trail.j, *len + w->most / 32, err);
}

static void take(athar_flac_walk *w, const flac_frame *f, size_t len)
{
	w->shortest = w->frames == 0 ? len : athar_min(w->shortest, len);
	w->longest = athar_max(w->longest, len);
	w->by_sample = f->by_sample;
	w->frames++;
	w->samples += f->samples;
	w->at += len;
}

/* The first block says how long the shortest and the longest frame are: other files' differ. */
static bool lengths_fit(const athar_flac_walk *w)
{
	return (w->info.shortest == 0 || w->info.shortest == w->shortest) &&
	       (w->info.longest == 0 || w->info.longest == w->longest);
}

static athar_status walk(bool *whole, athar_flac_walk *w, athar_error *err)
{
	*whole = false;
	while (w->samples < w->info.total) {
		flac_frame f;
		size_t len;
		bool good;

		ATHAR_TRY(athar_flac_next(&good, &f, &len, w, err));
		if (!good) {
			ATHAR_TRY(athar_flac_mend(&good, w, err));
			if (good)
				ATHAR_TRY(athar_flac_next(&good, &f, &len, w, err));
		}
		if (!good)
			return ATHAR_OK;
		take(w, &f, len);
	}
	*whole = lengths_fit(w);
	return ATHAR_OK;
}

/* ---- what comes before the frames ---- */

/* The last block: what it has in it, [from, to) of the file. */
typedef struct last_block {
	uint64_t from, to;
	unsigned kind;
} last_block;

static athar_status go_through_blocks(bool *sound, last_block *out, athar_flac_walk *w,
                                      athar_error *err)
{
	uint8_t b[4];
	size_t got;
	bool last = false;

	*sound = false;
	*out = (last_block){.from = 8, .to = FLAC_INFO_LEN};
	ATHAR_TRY(athar_trail_read(b, &got, &w->trail, 4, 1, err));
	last = got == 1 && (b[0] & 0x80) != 0;
	for (uint32_t n = 0; !last; n++) {
		ATHAR_TRY(athar_trail_read(b, &got, &w->trail, out->to, sizeof b, err));
		out->kind = b[0] & 0x7F;
		if (got < sizeof b || out->kind == 0 || out->kind > PICTURE || n == BLOCKS_MOST)
			return ATHAR_OK;
		last = (b[0] & 0x80) != 0;
		out->from = out->to + sizeof b;
		out->to = out->from + athar_be24(b + 1);
	}
	*sound = true;
	return ATHAR_OK;
}

static size_t zeros_ahead(const uint8_t *bytes, size_t len)
{
	size_t n = 0;

	while (n < len && bytes[n] == 0)
		n++;
	return n;
}

/* Are the `len` bytes before `at` of the source zeros? */
static athar_status zeros_before(bool *all, athar_joining *j, uint64_t at, uint64_t len,
                                 athar_error *err)
{
	athar_bytes b = {.len = 0};

	*all = len <= at;
	for (uint64_t done = 0; *all && done < len; done += b.len) {
		ATHAR_TRY(athar_joining_read(&b, j, at - len + done,
		                             (size_t)athar_min(len - done, 1u << 16), err));
		*all = b.len != 0 && zeros_ahead(b.ptr, b.len) == b.len;
	}
	return athar_joining_spend(j, len, err);
}

/* How far zeros lead from the beginning of the padding. */
static athar_status zeros_of(uint64_t *to, athar_flac_walk *w, const last_block *last,
                             athar_error *err)
{
	*to = last->from;
	while (*to < last->to) {
		size_t got;
		const size_t want = (size_t)athar_min(last->to - *to, w->most);

		ATHAR_TRY(athar_trail_read(w->left, &got, &w->trail, *to, want, err));
		const size_t zeros = zeros_ahead(w->left, got);

		*to += zeros;
		if (zeros < want)
			return ATHAR_OK;
	}
	return ATHAR_OK;
}

/* First frames that may follow the padding. */
typedef struct firsts {
	uint64_t place[2]; /* of the rest of the padding: any, and before a frame in one piece */
	size_t count[2];   /* how many of each */
} firsts;

static athar_status note_first(firsts *x, athar_flac_walk *w, uint64_t joint, uint64_t place,
                               athar_error *err)
{
	flac_frame f;
	size_t len;
	bool good;

	ATHAR_TRY(athar_trail_lead(&w->trail, joint, place, err));
	ATHAR_TRY(athar_flac_next(&good, &f, &len, w, err));
	for (size_t i = 0; i < (good ? 2 : 1); i++) {
		x->place[i] = place;
		x->count[i]++;
	}
	return ATHAR_OK;
}

/* No frame follows the padding: the rest of its zeros lies before the first one, if only one can be
 * it. */
static athar_status mend_padding(bool *sound, athar_flac_walk *w, const last_block *last,
                                 uint64_t zeros, athar_error *err)
{
	firsts x = {.count = {0}};

	*sound = false;
	const uint64_t joint = athar_round_down(zeros, athar_joining_space(w->trail.j)->block);

	if (joint < last->from)
		return ATHAR_OK;
	for (size_t i = 0; i < w->marks.count && w->marks.mark[i].number == 0; i++) {
		const uint64_t at = w->marks.mark[i].at;
		bool good = false;

		if (athar_trail_even(&w->trail, last->to, at))
			ATHAR_TRY(zeros_before(&good, w->trail.j, at, last->to - joint, err));
		if (good)
			ATHAR_TRY(note_first(&x, w, joint, at - (last->to - joint), err));
	}
	const size_t which = x.count[1] != 0 ? 1 : 0;

	*sound = x.count[which] == 1 || (w->firm && x.count[0] == 0);
	return x.count[which] == 1 ? athar_trail_lead(&w->trail, joint, x.place[which], err)
	                           : ATHAR_OK;
}

static athar_status begin(bool *sound, athar_flac_walk *w, athar_error *err)
{
	last_block last;
	flac_frame f;
	size_t got, len;
	uint64_t zeros;

	ATHAR_TRY(go_through_blocks(sound, &last, w, err));
	w->at = last.to;
	if (!*sound || last.kind != PADDING)
		return ATHAR_OK;
	ATHAR_TRY(zeros_of(&zeros, w, &last, err));
	ATHAR_TRY(athar_joining_spend(w->trail.j, zeros - last.from, err));
	w->firm = zeros == last.to;
	ATHAR_TRY(athar_trail_read(w->left, &got, &w->trail, w->at, FLAC_HEADER_MOST, err));
	if (flac_header_in(&f, &len, &w->info, w->left, got) && athar_flac_fits(w, &f))
		return ATHAR_OK;
	return mend_padding(sound, w, &last, zeros, err);
}

/* ---- the file ---- */

static athar_status make_room(athar_flac_walk *w, athar_error *err)
{
	const flac_info *i = &w->info;
	const uint64_t plain = (uint64_t)i->most * i->channels * (i->bits + 1) / 8 + 64;

	w->most = (size_t)athar_min(i->longest != 0 ? i->longest : plain, ATHAR_FLAC_MOST);
	w->most = athar_max(w->most, 64u);
	w->left = athar_alloc(4 * w->most, err);
	if (w->left == NULL)
		return ATHAR_ENOMEM;
	w->right = w->left + w->most;
	w->whole = w->right + w->most;
	w->kept = w->whole + w->most;
	return ATHAR_OK;
}

static athar_status join_with(athar_joined *out, bool *done, athar_flac_walk *w, athar_joining *j,
                              athar_error *err)
{
	uint8_t info[FLAC_INFO_LEN];
	size_t got;

	ATHAR_TRY(athar_trail_begin(&w->trail, j, err));
	ATHAR_TRY(athar_trail_read(info, &got, &w->trail, 0, sizeof info, err));
	if (got < sizeof info || !flac_info_read(&w->info, info) || w->info.total == 0)
		return ATHAR_OK;
	ATHAR_TRY(make_room(w, err));
	flac_bits_init(&w->bits);
	ATHAR_TRY(athar_flac_marks_find(&w->marks, j, &w->info, err));
	ATHAR_TRY(begin(done, w, err));
	if (*done)
		ATHAR_TRY(walk(done, w, err));
	if (*done)
		ATHAR_TRY(athar_trail_extents(&out->extents, done, &w->trail, w->at, err));
	(void)snprintf(out->proof, sizeof out->proof,
	               "the CRCs and numbers of all frames, and their samples' total");
	return ATHAR_OK;
}

static athar_status join(athar_joined *out, bool *done, athar_joining *j, athar_error *err)
{
	athar_flac_walk w = {.at = 0};

	*done = false;
	const athar_status status = join_with(out, done, &w, j, err);

	athar_trail_clear(&w.trail);
	athar_flac_marks_clear(&w.marks);
	free(w.left);
	return status;
}

const athar_joiner athar_joiner_flac = {.format = "flac", .join = join};
