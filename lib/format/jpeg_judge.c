/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A JPEG fed piece by piece (ITU-T T.81, annex B): segments, the data of scans up to their markers,
 * and what of it a state must carry on to the next piece.
 */
#include "format/jpeg_judge.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "format/jpeg_state.h"

#define SEGMENT_BITS 12 /* what a segment at its place says for its being there */
/* Blocks that may be visited without a bit each: runs of empty ones cost a file almost nothing. */
#define VISITS_FREE (1u << 20)
#define VISITS_A_BYTE 64u
/* A change of a block's history takes a bit at least. */
#define CHANGES_A_SLICE (8u * (JPEG_CARRY + JPEG_SLICE))

athar_status jpeg_judge_new(jpeg_judge **out, athar_error *err)
{
	*out = athar_alloc(sizeof **out, err);
	return *out == NULL ? err->status : ATHAR_OK;
}

void jpeg_judge_free(jpeg_judge *j)
{
	if (j == NULL)
		return;
	jpeg_frame_forget(j);
	free(j->carry);
	free(j->codes);
	free(j->change);
	free(j);
}

jpeg_state jpeg_judge_begin(void)
{
	return (jpeg_state){.verdict = ATHAR_VERDICT_MORE};
}

const jpeg_frame *jpeg_judge_frame(const jpeg_judge *j)
{
	return &j->frame;
}

int32_t jpeg_judge_gain(const jpeg_judge *j, uint32_t mcu)
{
	return j->gain[mcu];
}

static void wrong(jpeg_state *s)
{
	s->verdict = ATHAR_VERDICT_WRONG;
}

/* ---- what is fed ---- */

typedef struct feeding {
	jpeg_judge *j;
	jpeg_state *s;
	size_t have;         /* bytes in j->work */
	const uint8_t *next; /* that are not in there */
	size_t left;
} feeding;

static bool is_segment_read(uint8_t marker)
{
	return marker == 0xC4 || marker == 0xDB || marker == 0xDD || marker == 0xDA ||
	       (marker >= 0xC0 && marker <= 0xCF && marker != 0xC8 && marker != 0xCC);
}

static bool is_segment_passed(uint8_t marker)
{
	return (marker >= 0xE0 && marker <= 0xEF) || marker == 0xFE || marker == 0xCC;
}

/* The bytes b stand at the state's place; *used: how many of them are done with, 0 when more are
 * needed. */
static athar_status one_segment(size_t *used, feeding *f, const uint8_t *b, size_t len,
                                athar_error *err)
{
	jpeg_state *s = f->s;

	*used = 0;
	if (len < 2)
		return ATHAR_OK;
	const uint8_t marker = b[1];

	if (b[0] == 0xFF && (marker == 0xFF || (marker == 0xD8 && s->end == 0))) {
		*used = marker == 0xFF ? 1 : 2;
		s->end = 1; /* behind SOI */
		return ATHAR_OK;
	}
	if (b[0] == 0xFF && marker == 0xD9 && s->scans != 0) {
		*used = 2;
		s->verdict = ATHAR_VERDICT_END;
		return ATHAR_OK;
	}
	if (b[0] != 0xFF || (!is_segment_read(marker) && !is_segment_passed(marker))) {
		wrong(s);
		return ATHAR_OK;
	}
	const size_t size = len < 4 ? 0 : athar_be16(b + 2);

	if (len >= 4 && (size < 2 || (is_segment_read(marker) && size + 2 > JPEG_CARRY))) {
		wrong(s);
	} else if (len >= 4 && is_segment_passed(marker)) {
		s->pass = size - 2;
		s->indexed = s->indexed || marker == 0xE2;
		s->score += SEGMENT_BITS * JPEG_SCORE_BIT;
		*used = 4;
	} else if (len >= 4 && len >= size + 2) {
		*used = size + 2;
		s->score += SEGMENT_BITS * JPEG_SCORE_BIT;
		if (marker == 0xDA)
			jpeg_scan_begin(f->j, s, b + 4, size - 2);
		else
			return jpeg_segment_read(f->j, s, marker, b + 4, size - 2, err);
	}
	return ATHAR_OK;
}

/* Moves up to n bytes into the work. */
static void pull(feeding *f, size_t n)
{
	n = (size_t)athar_min(n, athar_min(f->left, JPEG_CARRY + JPEG_SLICE - f->have));
	memcpy(f->j->work + f->have, f->next, n);
	f->have += n;
	f->next += n;
	f->left -= n;
}

static void pass(feeding *f)
{
	const size_t n = (size_t)athar_min(f->s->pass, f->left);

	f->s->pass -= n;
	f->next += n;
	f->left -= n;
}

/* What is in the work beyond the first `used` bytes was not looked at: it came from f->next. */
static void give_back(feeding *f, size_t used)
{
	const size_t n = f->have - used;

	f->next -= n;
	f->left += n;
	f->have = 0;
}

static athar_status segments(feeding *f, athar_error *err)
{
	while (f->s->phase == JPEG_SEGMENTS && f->s->verdict == ATHAR_VERDICT_MORE) {
		size_t used = 0;

		pass(f);
		if (f->s->pass != 0 || f->left + f->have == 0)
			return ATHAR_OK;
		const size_t old = f->have;

		pull(f, JPEG_CARRY);
		ATHAR_TRY(one_segment(&used, f, f->j->work, f->have, err));
		if (used == 0)
			return ATHAR_OK;
		if (used >= old) {
			give_back(f, used);
		} else {
			memmove(f->j->work, f->j->work + used, f->have - used);
			f->have -= used;
		}
	}
	return ATHAR_OK;
}

/* ---- data ---- */

typedef enum data_end { DATA_MORE, DATA_MARKER } data_end;

/* Moves data without their stuffed zeros into the work, up to a marker or the end of what there
 * is. */
static data_end unstuff(feeding *f, uint8_t *marker)
{
	size_t room = JPEG_CARRY + JPEG_SLICE - f->have;
	uint8_t *out = f->j->work + f->have;

	while (f->left != 0 && room != 0) {
		const uint8_t byte = *f->next++;

		f->left--;
		if (f->s->pending && byte != 0 && byte != 0xFF) {
			f->s->pending = false;
			f->have = (size_t)(out - f->j->work);
			*marker = byte;
			return DATA_MARKER;
		}
		if (byte == 0xFF) {
			f->s->pending = true;
			continue;
		}
		*out++ = f->s->pending ? 0xFF : byte;
		f->s->pending = false;
		room--;
	}
	f->have = (size_t)(out - f->j->work);
	return DATA_MORE;
}

/* A marker came: it must be at its place. */
static void meet(feeding *f, uint8_t marker, uint64_t at)
{
	jpeg_state *s = f->s;
	const bool over = s->mcu == jpeg_scan_mcus(f->j, s);

	if (8 * (uint64_t)f->have >= at + 8 || (!over && (s->restart == 0 || s->left != 0)) ||
	    s->band != 0) {
		wrong(s);
		return;
	}
	s->skip = 0;
	f->have = 0;
	if (over) {
		f->j->work[0] = 0xFF;
		f->j->work[1] = marker;
		f->have = 2;
		s->phase = JPEG_SEGMENTS;
		return;
	}
	if (marker != 0xD0 + s->restarts % 8) {
		wrong(s);
		return;
	}
	s->restarts++;
	s->left = s->restart;
	memset(s->dc, 0, sizeof s->dc);
}

/* Blocks of empty runs take no bits. */
static bool too_dear(const jpeg_state *s)
{
	return s->visits > VISITS_FREE && (s->visits - VISITS_FREE) / VISITS_A_BYTE > s->fed;
}

/* Decodes what is in the work; *at: the bits that are done with. */
static void decode(feeding *f, uint64_t *at, bool last)
{
	jpeg_state *s = f->s;
	const uint32_t all = jpeg_scan_mcus(f->j, s);
	const uint64_t end = 8 * (uint64_t)f->have;
	jpeg_step step = JPEG_STEP_DONE;

	memset(f->j->work + f->have, 0, JPEG_CARRY + 16);
	while (s->mcu < all && (s->restart == 0 || s->left != 0)) {
		step = jpeg_mcu_decode(f->j, s, at, end);
		if (step != JPEG_STEP_DONE)
			break;
		s->left -= s->restart != 0;
		s->visits++;
	}
	if (step == JPEG_STEP_BAD || (step == JPEG_STEP_SHORT && last) || too_dear(s) ||
	    (step == JPEG_STEP_DONE && end >= *at + 8))
		wrong(s);
}

static athar_status make_room(jpeg_judge *j, athar_error *err)
{
	if (j->frame.nonzero == NULL)
		return ATHAR_OK;
	return athar_grow(&j->change, &j->change_capacity, j->changes + CHANGES_A_SLICE,
	                  sizeof *j->change, err);
}

static athar_status data(feeding *f, athar_error *err)
{
	while (f->s->phase == JPEG_DATA && f->s->verdict == ATHAR_VERDICT_MORE) {
		uint64_t at = f->s->skip;
		uint8_t marker = 0;

		ATHAR_TRY(make_room(f->j, err));
		const bool last = unstuff(f, &marker) == DATA_MARKER;

		decode(f, &at, last);
		if (f->s->verdict != ATHAR_VERDICT_MORE)
			return ATHAR_OK;
		if (last) {
			meet(f, marker, at);
			continue;
		}
		const size_t done = (size_t)athar_min(at >> 3, f->have);

		f->s->skip = (uint8_t)(at - 8 * (uint64_t)done);
		memmove(f->j->work, f->j->work + done, f->have - done);
		f->have -= done;
		if (f->left == 0)
			return ATHAR_OK;
		if (f->have > JPEG_CARRY - 16)
			wrong(f->s);
	}
	return ATHAR_OK;
}

/* ---- states ---- */

/* Undoes what was fed along other ways since the state. */
static void put_back(jpeg_judge *j, const jpeg_state *s)
{
	while (j->changes > s->journal) {
		const jpeg_change *c = &j->change[--j->changes];

		j->frame.nonzero[c->block] = c->nonzero;
	}
}

static athar_status put_carry(feeding *f, athar_error *err)
{
	jpeg_judge *j = f->j;
	jpeg_state *s = f->s;

	s->carry += s->carry_len;
	s->carry_len = f->have;
	if (f->have > JPEG_CARRY)
		wrong(s);
	ATHAR_TRY(athar_grow(&j->carry, &j->carry_capacity, s->carry + f->have, 1, err));
	if (f->have != 0)
		memcpy(j->carry + s->carry, j->work, f->have);
	return ATHAR_OK;
}

athar_status jpeg_judge_feed(jpeg_judge *j, jpeg_state *s, const uint8_t *bytes, size_t len,
                             athar_error *err)
{
	feeding f = {.j = j, .s = s, .have = s->carry_len, .next = bytes, .left = len};

	put_back(j, s);
	if (f.have != 0)
		memcpy(j->work, j->carry + s->carry, f.have);
	do {
		if (s->phase == JPEG_DATA)
			ATHAR_TRY(data(&f, err));
		if (s->phase == JPEG_SEGMENTS)
			ATHAR_TRY(segments(&f, err));
	} while (f.left != 0 && s->verdict == ATHAR_VERDICT_MORE);
	s->fed += len - f.left;
	if (s->verdict == ATHAR_VERDICT_END)
		s->end = s->fed;
	return put_carry(&f, err);
}
