/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A frame that does not lie in one piece. Its beginning is where the file has led so far, its end
 * is where the next frame begins, which is known by its number: from the left the CRC goes forward,
 * from the right backward, and where they meet at borders of blocks the frame is put together and
 * followed code by code. Sixteen bits are few: it must have just that length, and only one frame
 * may come out of all that is tried. Nothing follows the last frame: the zeros behind it in its
 * block stand for the next one.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "carve/flac_walk.h"

#define WINDOW (UINT64_C(64) << 20) /* bytes of the space that the file's end is looked for in */
#define JOINTS 520u                 /* borders of blocks in a frame */
/* Frames put together of three pieces: so few that chance does not pass. */
#define FRAMES (UINT64_C(1) << 15)
#define ZEROS 16u /* behind the last frame at least */

/* A frame: the left up to `joint`, so many bytes at `middle` of the source, and the rest. */
typedef struct pieces {
	uint32_t joint, middle_len;
	uint64_t middle, rest;
} pieces;

typedef struct broken {
	athar_flac_walk *w;
	uint32_t block, first; /* the first border in the frame; 0: it begins with a block */
	flac_frame f;
	bool head, last; /* its header is on the left; no frame follows */
	uint64_t next;   /* number of the one that does */
	size_t reached;  /* borders that the left reaches */
	uint16_t ahead[JOINTS];
	uint8_t back[256]; /* by the lowest byte of a table's entry: which one it is */
	pieces found;
	size_t kept; /* bytes of it; 0: nothing */
	bool two;    /* another frame came out as well */
} broken;

static uint32_t joint_at(const broken *b, size_t i)
{
	return b->first + (uint32_t)i * b->block;
}

/* The CRC's table is known by the lowest byte of its entries, since the lowest bit of the
 * polynomial is set. */
static void make_back(broken *b)
{
	for (unsigned i = 0; i < 256; i++)
		b->back[b->w->bits.table[i] & 0xFF] = (uint8_t)i;
}

static uint16_t crc_ahead(const broken *b, uint16_t crc, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		crc = (uint16_t)(crc << 8 ^ b->w->bits.table[crc >> 8 ^ bytes[i]]);
	return crc;
}

/* What it was before these bytes. */
static uint16_t crc_back(const broken *b, uint16_t crc, const uint8_t *bytes, size_t len)
{
	for (size_t i = len; i > 0; i--) {
		const uint8_t which = b->back[crc & 0xFF];

		crc = (uint16_t)((crc ^ b->w->bits.table[which]) >> 8 | (which ^ bytes[i - 1])
		                                                                << 8);
	}
	return crc;
}

/* The left up to each border. Where no header holds, one of the first borders cuts it. */
static void run_ahead(broken *b, size_t have)
{
	const size_t most = athar_min(have, b->head ? have : FLAC_HEADER_MOST - 1);
	uint16_t crc = 0;
	uint32_t at = 0;

	for (size_t i = 0; i < JOINTS && joint_at(b, i) <= most; i++) {
		crc = crc_ahead(b, crc, b->w->left + at, joint_at(b, i) - at);
		b->ahead[i] = crc;
		at = joint_at(b, i);
		b->reached = i + 1;
	}
}

static athar_status look_left(broken *b, athar_flac_walk *w, athar_error *err)
{
	size_t have, len;

	*b = (broken){.w = w, .block = athar_joining_space(w->trail.j)->block};
	b->first = (uint32_t)((b->block - w->at % b->block) % b->block);
	/* nothing says that what comes before goes on as far as here */
	if (b->first == 0 && w->frames == 0 && !w->firm)
		b->first = b->block;
	ATHAR_TRY(athar_trail_read(w->left, &have, &w->trail, w->at, w->most, err));
	b->head = flac_header_in(&b->f, &len, &w->info, w->left, have) && athar_flac_fits(w, &b->f);
	const uint64_t rest = w->info.total - w->samples;
	const uint64_t samples = b->head ? b->f.samples : athar_min(w->info.most, rest);

	if (!b->head)
		b->f.by_sample = w->by_sample;
	b->last = samples == rest;
	b->next = b->f.by_sample ? w->samples + samples : w->frames + 1;
	make_back(b);
	run_ahead(b, have);
	return athar_joining_spend(w->trail.j, have, err);
}

/* The bytes before `to` in its free run, at the end of w->right. */
static athar_status read_right(size_t *have, const broken *b, uint64_t to, athar_error *err)
{
	athar_flac_walk *w = b->w;
	athar_joining *j = w->trail.j;
	uint64_t most = athar_min(w->most, to);

	*have = 0;
	while (most != 0 && athar_space_left(athar_joining_space(j), to - most) < most)
		most -= athar_min(most, b->block);
	for (uint64_t done = 0; done < most;) {
		athar_bytes bytes;

		ATHAR_TRY(athar_joining_read(&bytes, j, to - most + done, (size_t)(most - done),
		                             err));
		if (bytes.len == 0)
			return ATHAR_OK;
		memcpy(w->right + (w->most - most) + done, bytes.ptr, bytes.len);
		done += bytes.len;
	}
	*have = (size_t)most;
	return athar_joining_spend(j, most, err);
}

/* Behind the last frame: zeros to the end of the block, and it does not end among them. */
static bool ends_well(const broken *b, size_t len, size_t size)
{
	const uint8_t *whole = b->w->whole;
	size_t end = size;

	while (end > len && whole[end - 1] == 0)
		end--;
	if (end != len || size - len < ZEROS || size - len >= b->block)
		return false;
	/* two bytes of a CRC may be zeros */
	return whole[len - 1] != 0 || whole[len - 2] != 0 || whole[len - 3] != 0;
}

static void keep(broken *b, size_t len, const pieces *p)
{
	athar_flac_walk *w = b->w;

	if (b->kept != 0) {
		b->two = b->two || b->kept != len || memcmp(w->kept, w->whole, len) != 0;
		return;
	}
	memcpy(w->kept, w->whole, len);
	b->kept = len;
	b->found = *p;
}

/* middle: bytes between; tail: the last ones before the end of w->right, which is at p->rest + tail
 * of the source. */
static athar_status put_together(broken *b, const pieces *p, const uint8_t *middle, size_t tail,
                                 athar_error *err)
{
	athar_flac_walk *w = b->w;
	const size_t size = (size_t)p->joint + p->middle_len + tail;
	flac_frame f;
	size_t len;

	ATHAR_TRY(athar_joining_spend(w->trail.j, size, err));
	memcpy(w->whole, w->left, p->joint);
	if (p->middle_len != 0)
		memcpy(w->whole + p->joint, middle, p->middle_len);
	memcpy(w->whole + size - tail, w->right + w->most - tail, tail);
	if (!flac_frame_in(&f, &len, &w->bits, &w->info, w->whole, size) ||
	    !athar_flac_fits(w, &f) || (w->samples + f.samples == w->info.total) != b->last)
		return ATHAR_OK;
	if (b->last ? ends_well(b, len, size) : len == size)
		keep(b, len, p);
	return ATHAR_OK;
}

static bool length_fits(const broken *b, size_t size)
{
	const uint32_t slack = b->last ? b->block : 0;

	return size <= b->w->most && size + slack >= b->w->info.shortest;
}

/* How far `to` lies behind a border. */
static uint32_t over_border(const broken *b, uint64_t to)
{
	const uint64_t start = athar_joining_start(b->w->trail.j);

	return (uint32_t)((to + b->block - start % b->block) % b->block);
}

/* The left and what ends before `to` meet at a joint. */
static athar_status meet(broken *b, uint64_t to, athar_error *err)
{
	athar_flac_walk *w = b->w;
	const uint32_t over = over_border(b, to);
	size_t have, at = 0;
	uint16_t crc = 0;

	ATHAR_TRY(read_right(&have, b, to, err));
	for (size_t tail = over == 0 ? b->block : over; tail <= have; tail += b->block) {
		crc = crc_back(b, crc, w->right + w->most - tail, tail - at);
		at = tail;
		ATHAR_TRY(athar_joining_spend(w->trail.j, b->reached / 8, err));
		for (size_t i = 0; i < b->reached; i++) {
			const pieces p = {.joint = joint_at(b, i), .rest = to - tail};

			if (b->ahead[i] == crc && length_fits(b, p.joint + tail))
				ATHAR_TRY(put_together(b, &p, NULL, tail, err));
		}
	}
	return ATHAR_OK;
}

static athar_status meet_next(broken *b, athar_error *err)
{
	const athar_flac_marks *m = &b->w->marks;

	for (size_t i = athar_flac_marks_from(m, b->next);
	     i < m->count && m->mark[i].number == b->next; i++) {
		if (m->mark[i].by_sample == b->f.by_sample)
			ATHAR_TRY(meet(b, m->mark[i].at, err));
	}
	return ATHAR_OK;
}

/* ---- three pieces ---- */

/* What ends before `to`, from each border on: its length and CRC. */
typedef struct rights {
	uint64_t to;
	size_t count, tail[JOINTS];
	uint16_t back[JOINTS];
} rights;

static athar_status run_back(rights *r, broken *b, uint64_t to, athar_error *err)
{
	const athar_flac_walk *w = b->w;
	size_t have, at = 0;
	uint16_t crc = 0;

	r->to = to;
	r->count = 0;
	ATHAR_TRY(read_right(&have, b, to, err));
	for (size_t tail = over_border(b, to); tail <= have && r->count < JOINTS;
	     tail += b->block) {
		crc = crc_back(b, crc, w->right + w->most - tail, tail - at);
		at = tail;
		r->tail[r->count] = tail;
		r->back[r->count++] = crc;
	}
	return ATHAR_OK;
}

/* The left up to border i, then from `bytes` on whole blocks, then the right. */
static athar_status try_left(broken *b, const rights *r, size_t i, const athar_bytes *bytes,
                             athar_error *err)
{
	pieces p = {.joint = joint_at(b, i), .middle = bytes->origin};
	uint16_t crc = b->ahead[i];

	for (p.middle_len = b->block;
	     p.middle_len <= bytes->len && length_fits(b, p.joint + p.middle_len + r->tail[0]);
	     p.middle_len += b->block) {
		ATHAR_TRY(athar_joining_spend(b->w->trail.j, b->block + r->count, err));
		crc = crc_ahead(b, crc, bytes->ptr + p.middle_len - b->block, b->block);
		for (size_t k = 0; k < r->count; k++) {
			p.rest = r->to - r->tail[k];
			if (r->back[k] == crc &&
			    length_fits(b, p.joint + p.middle_len + r->tail[k]))
				ATHAR_TRY(put_together(b, &p, bytes->ptr, r->tail[k], err));
		}
	}
	return ATHAR_OK;
}

/* How many frames one block as the middle's first makes. */
static uint64_t count_frames(const broken *b, const rights *r)
{
	const uint64_t most = b->w->most / b->block + 1;

	return athar_max(1, athar_min(most, b->reached) * athar_min(most, r->count) * most / 4);
}

static athar_status search_middle(broken *b, const rights *r, athar_error *err)
{
	athar_joining *j = b->w->trail.j;
	const athar_space *space = athar_joining_space(j);
	const uint64_t all = athar_space_count(space);
	const uint64_t count = athar_min(all, FRAMES / count_frames(b, r));
	uint64_t here = 0;

	(void)athar_space_index(&here, space, athar_trail_place(&b->w->trail, b->w->at));
	here -= athar_min(here, count / 4);
	here = athar_min(here, all - count);
	for (uint64_t k = here; k < here + count; k++) {
		for (size_t i = 0; i < b->reached; i++) {
			athar_bytes bytes;

			ATHAR_TRY(athar_joining_read(&bytes, j, athar_space_at(space, k),
			                             b->w->most, err));
			bytes.origin = athar_space_at(space, k);
			ATHAR_TRY(try_left(b, r, i, &bytes, err));
		}
	}
	return ATHAR_OK;
}

/* A piece within the frame, so that nothing leads to it: from around the frame, if only one frame
 * follows that has the next number. */
static athar_status meet_three(broken *b, athar_error *err)
{
	const athar_flac_marks *m = &b->w->marks;
	const size_t i = athar_flac_marks_from(m, b->next);

	if (b->reached == 0 || i == m->count || m->mark[i].number != b->next ||
	    m->mark[i].by_sample != b->f.by_sample ||
	    (i + 1 < m->count && m->mark[i + 1].number == b->next))
		return ATHAR_OK;
	ATHAR_AUTO(free) rights *r = athar_alloc(sizeof *r, err);

	if (r == NULL)
		return ATHAR_ENOMEM;
	ATHAR_TRY(run_back(r, b, m->mark[i].at, err));
	return r->count == 0 ? ATHAR_OK : search_middle(b, r, err);
}

/* ---- the file's end ---- */

/* Does a file seem to end in this block? */
static athar_status looks_last(bool *looks, const broken *b, uint64_t at, athar_error *err)
{
	athar_bytes bytes;
	size_t n = 0;

	*looks = false;
	ATHAR_TRY(athar_joining_read(&bytes, b->w->trail.j, at, b->block, err));
	if (bytes.len < b->block)
		return ATHAR_OK;
	while (n < bytes.len && bytes.ptr[bytes.len - 1 - n] == 0)
		n++;
	*looks = n >= ZEROS && n < bytes.len;
	return ATHAR_OK;
}

/* Blocks from a little before the frame on. */
static athar_status meet_end(broken *b, athar_error *err)
{
	athar_joining *j = b->w->trail.j;
	const athar_space *space = athar_joining_space(j);
	const uint64_t all = athar_space_count(space);
	const uint64_t count = athar_min(all, WINDOW / b->block);
	uint64_t here = 0;

	(void)athar_space_index(&here, space, athar_trail_place(&b->w->trail, b->w->at));
	here -= athar_min(here, count / 4);
	here = athar_min(here, all - count);
	for (uint64_t i = here; i < here + count; i++) {
		const uint64_t at = athar_space_at(space, i);
		bool looks;

		ATHAR_TRY(athar_joining_spend(j, b->block / 8 + 1, err));
		ATHAR_TRY(looks_last(&looks, b, at, err));
		if (looks)
			ATHAR_TRY(meet(b, at + b->block, err));
	}
	return ATHAR_OK;
}

static athar_status lead(const broken *b, athar_error *err)
{
	const pieces *p = &b->found;
	athar_trail *t = &b->w->trail;
	const uint64_t joint = b->w->at + p->joint;

	if (p->middle_len != 0)
		ATHAR_TRY(athar_trail_lead(t, joint, p->middle, err));
	return athar_trail_lead(t, joint + p->middle_len, p->rest, err);
}

static athar_status mend_here(bool *solved, athar_flac_walk *w, athar_error *err)
{
	ATHAR_AUTO(free) broken *b = athar_alloc(sizeof *b, err);

	if (b == NULL)
		return ATHAR_ENOMEM;
	ATHAR_TRY(look_left(b, w, err));
	ATHAR_TRY(b->last ? meet_end(b, err) : meet_next(b, err));
	if (!b->last && b->kept == 0)
		ATHAR_TRY(meet_three(b, err));
	*solved = b->kept != 0 && !b->two;
	return *solved ? lead(b, err) : ATHAR_OK;
}

/* ---- the frame before ended with a block ---- */

static uint64_t number_here(const athar_flac_walk *w)
{
	return w->by_sample ? w->samples : w->frames;
}

/* *found: the only frame that lies in one piece where a block begins; *count: how many begin so,
 * whole or not. */
static athar_status whole_ones(uint64_t *found, bool *one, athar_flac_walk *w, athar_error *err)
{
	const athar_flac_marks *m = &w->marks;
	const uint64_t number = number_here(w);
	size_t kept = 0;

	*one = false;
	for (size_t i = athar_flac_marks_from(m, number);
	     i < m->count && m->mark[i].number == number; i++) {
		flac_frame f;
		size_t len;
		bool good;

		if (!athar_trail_even(&w->trail, w->at, m->mark[i].at))
			continue;
		ATHAR_TRY(athar_trail_lead(&w->trail, w->at, m->mark[i].at, err));
		ATHAR_TRY(athar_flac_next(&good, &f, &len, w, err));
		if (!good)
			continue;
		*one = kept == 0 || (*one && kept == len && memcmp(w->kept, w->left, len) == 0);
		*found = kept == 0 ? m->mark[i].at : *found;
		if (kept == 0)
			memcpy(w->kept, w->left, len);
		kept = kept == 0 ? len : kept;
	}
	return ATHAR_OK;
}

static athar_status broken_ones(bool *solved, athar_flac_walk *w, athar_error *err)
{
	const athar_flac_marks *m = &w->marks;
	const uint64_t number = number_here(w);

	for (size_t i = athar_flac_marks_from(m, number);
	     i < m->count && m->mark[i].number == number && !*solved; i++) {
		if (!athar_trail_even(&w->trail, w->at, m->mark[i].at))
			continue;
		ATHAR_TRY(athar_trail_lead(&w->trail, w->at, m->mark[i].at, err));
		ATHAR_TRY(mend_here(solved, w, err));
	}
	return ATHAR_OK;
}

athar_status athar_flac_mend(bool *solved, athar_flac_walk *w, athar_error *err)
{
	uint64_t found = 0;
	bool one = false;

	*solved = false;
	if (w->at % athar_joining_space(w->trail.j)->block != 0 || (w->frames == 0 && !w->firm))
		return mend_here(solved, w, err);
	const uint64_t place = athar_trail_place(&w->trail, w->at);

	ATHAR_TRY(whole_ones(&found, &one, w, err));
	ATHAR_TRY(athar_trail_lead(&w->trail, w->at, one ? found : place, err));
	*solved = one;
	if (!*solved)
		ATHAR_TRY(mend_here(solved, w, err));
	return *solved ? ATHAR_OK : broken_ones(solved, w, err);
}
