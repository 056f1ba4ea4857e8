/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A page that does not lie in one piece. Its beginning is where the file has led so far. Where the
 * page behind it is known, its end is, too, and one of the borders of blocks between is the joint:
 * from the left the CRC goes forward, from the right backward, and where they meet, all is proven.
 * Where they do not, a third piece lies between, or none is known to follow: the CRC of each block
 * of the space is taken alone and put between, which is possible because CRCs are linear.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "carve/ogg_walk.h"

#define WINDOW (UINT64_C(64) << 20) /* bytes of the space that a piece is looked for in */
#define JOINTS 130u                 /* borders of blocks in a page of the most bytes */
/* Comparisons of CRCs in one search: so few that chance does not pass. */
#define PAIRS (UINT64_C(1) << 23)

/* What is known of the page. Places in it, not in the file. */
typedef struct broken {
	athar_ogg_walk *w;
	athar_ogg_page p;
	uint32_t block, first; /* the first border in it */
	uint32_t have;         /* bytes that may go on from the left */
	size_t joints;         /* borders in it */
	uint32_t ahead[JOINTS];
	size_t reached; /* how many of them the left may reach */
} broken;

static uint32_t joint_at(const broken *b, size_t i)
{
	return b->first + (uint32_t)i * b->block;
}

/* CRC of all before each border, as far as the left goes. */
static void run_ahead(broken *b)
{
	static const uint8_t none[4];
	const athar_ogg_crc *t = &b->w->crc;
	uint32_t at = 26;
	uint32_t crc = athar_ogg_crc_ahead(t, 0, b->w->left, 22);

	crc = athar_ogg_crc_ahead(t, crc, none, sizeof none);
	for (size_t i = 0; i < b->joints && joint_at(b, i) <= b->have; i++) {
		const uint32_t to = joint_at(b, i);

		crc = athar_ogg_crc_ahead(t, crc, b->w->left + at, to - at);
		b->ahead[i] = crc;
		at = to;
		b->reached = i + 1;
	}
}

/* The same from the end on backwards; `have` bytes before the end are in w->right, at their places.
 * Those that are not known are left 0, *from is the first that is. */
static void run_back(uint32_t back[JOINTS], size_t *from, const broken *b, uint32_t have)
{
	uint32_t at = b->p.len, crc = b->p.crc;

	*from = b->joints;
	for (size_t i = b->joints; i > 0 && b->p.len - joint_at(b, i - 1) <= have; i--) {
		const uint32_t to = joint_at(b, i - 1);

		crc = athar_ogg_crc_back(&b->w->crc, crc, b->w->right + to, at - to);
		back[i - 1] = crc;
		at = to;
		*from = i - 1;
	}
}

/* The bytes before the page q, which follows, as far as they are in the space. */
static athar_status read_before(uint32_t *have, const broken *b, const athar_ogg_page *q,
                                athar_error *err)
{
	athar_joining *j = b->w->trail.j;
	const athar_space *space = athar_joining_space(j);
	uint64_t most = athar_min(b->p.len, q->at);

	while (most != 0 && athar_space_left(space, q->at - most) < most)
		most -= athar_min(most, b->block);
	*have = 0;
	for (uint64_t done = 0; done < most;) {
		athar_bytes bytes;

		ATHAR_TRY(athar_joining_read(&bytes, j, q->at - most + done, (size_t)(most - done),
		                             err));
		if (bytes.len == 0)
			return ATHAR_OK;
		memcpy(b->w->right + (b->p.len - most) + done, bytes.ptr, bytes.len);
		done += bytes.len;
	}
	*have = (uint32_t)most;
	return athar_joining_spend(j, most, err);
}

/* The left and the page q meet at a joint. */
static athar_status meet(bool *solved, const broken *b, const athar_ogg_page *q, athar_error *err)
{
	athar_ogg_walk *w = b->w;
	uint32_t back[JOINTS] = {0}, have;
	size_t from;

	ATHAR_TRY(read_before(&have, b, q, err));
	run_back(back, &from, b, have);
	for (size_t i = from; i < b->reached && !*solved; i++) {
		if (b->ahead[i] != back[i])
			continue;
		*solved = true;
		ATHAR_TRY(athar_trail_lead(&w->trail, w->at + joint_at(b, i),
		                           q->at - (b->p.len - joint_at(b, i)), err));
	}
	return ATHAR_OK;
}

static bool is_next(const broken *b, const athar_ogg_page *q)
{
	return athar_ogg_follows(b->w, &b->p, q) &&
	       athar_trail_even(&b->w->trail, b->w->at + b->p.len, q->at);
}

/* ---- pieces that nothing leads to ---- */

/* A crc of one block after another, of as many zeros as a block has: by its four bytes. */
typedef struct shift {
	uint32_t by[4][256];
} shift;

static uint32_t one_shifted(const athar_ogg_crc *t, uint32_t crc, uint32_t block)
{
	static const uint8_t zeros[512];

	for (uint32_t n = 0; n < block; n += (uint32_t)sizeof zeros)
		crc = athar_ogg_crc_ahead(t, crc, zeros,
		                          (size_t)athar_min(sizeof zeros, block - n));
	return crc;
}

static void make_shift(shift *s, const athar_ogg_crc *t, uint32_t block)
{
	for (unsigned bit = 0; bit < 32; bit++) {
		uint32_t *by = s->by[bit / 8];
		const uint32_t half = 1u << bit % 8;

		by[half] = one_shifted(t, 1u << bit, block);
		for (uint32_t i = 1; i < half; i++)
			by[half + i] = by[half] ^ by[i];
	}
}

static uint32_t shifted(const shift *s, uint32_t crc)
{
	return s->by[0][crc & 0xFF] ^ s->by[1][crc >> 8 & 0xFF] ^ s->by[2][crc >> 16 & 0xFF] ^
	       s->by[3][crc >> 24];
}

/* The left ends at `joint`; the piece found has as many whole blocks. */
typedef struct wanted {
	uint32_t joint, blocks;
	uint64_t next; /* where the page goes on behind it; 0: right behind, to its end */
} wanted;

typedef struct search {
	const broken *b;
	shift shift;
	uint32_t moved[JOINTS][JOINTS]; /* the left's up to a joint, as many blocks later */
	uint64_t first, count;          /* blocks of the window */
	uint32_t *sum, *tail;           /* of each: of all of it; backwards from the page's end */
	uint64_t hit;                   /* index in the window; count: none */
	wanted found;
} search;

static void move_ahead(search *s)
{
	for (size_t i = 0; i < s->b->reached; i++) {
		s->moved[i][0] = s->b->ahead[i];
		for (size_t n = 1; n < s->b->joints; n++)
			s->moved[i][n] = shifted(&s->shift, s->moved[i][n - 1]);
	}
}

/* The blocks of the window: mostly behind where the page begins. */
static void place_window(search *s)
{
	const athar_space *space = athar_joining_space(s->b->w->trail.j);
	const uint64_t joints = s->b->joints, all = athar_space_count(space);
	const uint64_t most = athar_min(WINDOW / s->b->block, PAIRS / (joints * (joints + 1) / 2));
	uint64_t here = 0;

	s->count = athar_min(all, most);
	(void)athar_space_index(&here, space, athar_trail_place(&s->b->w->trail, s->b->w->at));
	s->first = here < s->count / 4 ? 0 : here - s->count / 4;
	s->first = athar_min(s->first, all - s->count);
}

/* The end of the page lies in a block at `rest` bytes from its beginning. */
static athar_status sum_blocks(search *s, athar_error *err)
{
	const broken *b = s->b;
	athar_joining *j = b->w->trail.j;
	const athar_space *space = athar_joining_space(j);
	const uint32_t rest = (b->p.len - b->first - 1) % b->block + 1;

	ATHAR_TRY(athar_joining_spend(j, s->count * b->block * 2, err));
	for (uint64_t i = 0; i < s->count; i++) {
		athar_bytes bytes;

		ATHAR_TRY(athar_joining_read(&bytes, j, athar_space_at(space, s->first + i),
		                             b->block, err));
		if (bytes.len < b->block)
			continue;
		s->sum[i] = athar_ogg_crc_ahead(&b->w->crc, 0, bytes.ptr, b->block);
		s->tail[i] = athar_ogg_crc_back(&b->w->crc, b->p.crc, bytes.ptr, rest);
	}
	return ATHAR_OK;
}

/* Are the blocks i and i + 1 of the window neighbours in the source? */
static bool neighbours(const search *s, uint64_t i)
{
	const athar_space *space = athar_joining_space(s->b->w->trail.j);

	return i + 1 < s->count &&
	       athar_space_at(space, s->first + i + 1) - athar_space_at(space, s->first + i) ==
	               s->b->block;
}

/* Behind the rest of a page at `at` another must begin, as far as can be seen. */
static athar_status looks_on(bool *good, const broken *b, const athar_ogg_page *p, uint64_t at,
                             athar_error *err)
{
	athar_bytes bytes;
	const uint64_t inside = b->block - (b->w->at + p->len) % b->block;

	*good = (p->flags & ATHAR_OGG_LAST) != 0 || inside == b->block;
	if (*good)
		return ATHAR_OK;
	ATHAR_TRY(athar_joining_read(&bytes, b->w->trail.j, at, (size_t)athar_min(inside, 6), err));
	*good = bytes.len != 0 && athar_ogg_looks(bytes.ptr, bytes.len) != 0;
	return ATHAR_OK;
}

/* The page's rest in one piece that begins with block i. */
static athar_status try_rest(search *s, uint64_t i, athar_error *err)
{
	const broken *b = s->b;
	const athar_space *space = athar_joining_space(b->w->trail.j);
	uint32_t whole = 0;

	for (size_t k = 0; k < b->joints; k++) {
		const size_t joint = b->joints - 1 - k;
		bool good = false;

		if (joint < b->reached && (s->moved[joint][k] ^ whole) == s->tail[i + k])
			ATHAR_TRY(looks_on(&good, b, &b->p,
			                   athar_space_at(space, s->first + i) + b->p.len -
			                           joint_at(b, joint),
			                   err));
		if (good) {
			s->hit = i;
			s->found = (wanted){.joint = joint_at(b, joint)};
			return ATHAR_OK;
		}
		if (!neighbours(s, i + k))
			return ATHAR_OK;
		whole = shifted(&s->shift, whole) ^ s->sum[i + k];
	}
	return ATHAR_OK;
}

/* A piece of whole blocks from block i on, between the left and the page q. */
static void try_between(search *s, uint64_t i, const uint32_t *back, size_t from,
                        const athar_ogg_page *q)
{
	const broken *b = s->b;
	uint32_t whole = 0;

	for (size_t blocks = 1; blocks < b->joints; blocks++) {
		whole = shifted(&s->shift, whole) ^ s->sum[i + blocks - 1];
		for (size_t joint = 0; joint < b->reached && joint + blocks < b->joints; joint++) {
			if (joint + blocks < from ||
			    (s->moved[joint][blocks] ^ whole) != back[joint + blocks])
				continue;
			s->hit = i;
			s->found =
				(wanted){.joint = joint_at(b, joint),
			                 .blocks = (uint32_t)blocks,
			                 .next = q->at - (b->p.len - joint_at(b, joint + blocks))};
			return;
		}
		if (!neighbours(s, i + blocks - 1))
			return;
	}
}

static athar_status take_hit(bool *solved, const search *s, athar_error *err)
{
	athar_ogg_walk *w = s->b->w;
	const athar_space *space = athar_joining_space(w->trail.j);

	if (s->hit == s->count)
		return ATHAR_OK;
	*solved = true;
	ATHAR_TRY(athar_trail_lead(&w->trail, w->at + s->found.joint,
	                           athar_space_at(space, s->first + s->hit), err));
	if (s->found.next == 0)
		return ATHAR_OK;
	return athar_trail_lead(&w->trail,
	                        w->at + s->found.joint + (uint64_t)s->found.blocks * s->b->block,
	                        s->found.next, err);
}

/* What one page of candidates costs besides the bytes: pairs of joints. */
static athar_status spend_pairs(const search *s, athar_error *err)
{
	return athar_joining_spend(s->b->w->trail.j, s->count * s->b->joints * s->b->joints / 2 + 1,
	                           err);
}

static athar_status search_between(bool *solved, search *s, const athar_ogg_page *q,
                                   athar_error *err)
{
	uint32_t back[JOINTS] = {0}, have;
	size_t from;

	if (s->b->joints < 2)
		return ATHAR_OK;
	ATHAR_TRY(read_before(&have, s->b, q, err));
	run_back(back, &from, s->b, have);
	ATHAR_TRY(spend_pairs(s, err));
	for (uint64_t i = 0; i < s->count && s->hit == s->count; i++)
		try_between(s, i, back, from, q);
	return take_hit(solved, s, err);
}

static athar_status search_rest(bool *solved, search *s, athar_error *err)
{
	ATHAR_TRY(spend_pairs(s, err));
	for (uint64_t i = 0; i < s->count && s->hit == s->count; i++)
		ATHAR_TRY(try_rest(s, i, err));
	return take_hit(solved, s, err);
}

static athar_status search_with(bool *solved, search *s, athar_error *err)
{
	const athar_ogg_pages *pages = &s->b->w->pages;

	ATHAR_TRY(sum_blocks(s, err));
	ATHAR_TRY(search_rest(solved, s, err));
	for (size_t i = 0; i < pages->count && !*solved; i++) {
		if (is_next(s->b, &pages->page[i]))
			ATHAR_TRY(search_between(solved, s, &pages->page[i], err));
	}
	return ATHAR_OK;
}

static athar_status search_space(bool *solved, const broken *b, athar_error *err)
{
	ATHAR_AUTO(free) search *s = athar_alloc(sizeof *s, err);

	if (s == NULL)
		return ATHAR_ENOMEM;
	s->b = b;
	place_window(s);
	s->hit = s->count;
	make_shift(&s->shift, &b->w->crc, b->block);
	move_ahead(s);
	ATHAR_AUTO(free)
	uint32_t *sums = athar_alloc_array((size_t)s->count * 2, sizeof *sums, err);

	if (sums == NULL)
		return ATHAR_ENOMEM;
	s->sum = sums;
	s->tail = sums + s->count;
	return search_with(solved, s, err);
}

/* ---- heads ---- */

/* The head goes on from the left whole, and its page fits; the joint is behind the head. */
static athar_status mend_page(bool *solved, broken b, athar_error *err)
{
	athar_ogg_walk *w = b.w;
	size_t got;

	while (b.first < ATHAR_OGG_HEAD + (uint32_t)w->left[26])
		b.first += b.block;
	b.joints = b.p.len <= b.first ? 0 : (b.p.len - b.first - 1) / b.block + 1;
	if (b.joints == 0 || b.joints > JOINTS)
		return ATHAR_OK;
	ATHAR_TRY(athar_trail_read(w->left, &got, &w->trail, w->at, b.p.len, err));
	b.have = (uint32_t)got;
	run_ahead(&b);
	for (size_t i = 0; i < w->pages.count && !*solved; i++) {
		if (is_next(&b, &w->pages.page[i]))
			ATHAR_TRY(meet(solved, &b, &w->pages.page[i], err));
	}
	return *solved ? ATHAR_OK : search_space(solved, &b, err);
}

/* The page goes on at `at` of the source, where the border cuts its head. */
static athar_status try_head(bool *solved, const broken *b, uint64_t at, athar_error *err)
{
	athar_ogg_walk *w = b->w;
	athar_ogg_page p;
	size_t got;

	ATHAR_TRY(athar_joining_spend(w->trail.j, ATHAR_JOIN_TRY, err));
	ATHAR_TRY(athar_trail_lead(&w->trail, w->at + b->first, at, err));
	ATHAR_TRY(athar_trail_read(w->right, &got, &w->trail, w->at, ATHAR_OGG_HEAD + 255, err));
	if (!athar_ogg_head(&p, w->right, got) || !athar_ogg_fits(w, &p) || p.len <= b->first)
		return ATHAR_OK;
	ATHAR_TRY(looks_on(solved, b, &p, at + p.len - b->first, err));
	if (!*solved)
		return ATHAR_OK;
	*solved = false;
	ATHAR_TRY(athar_joining_spend(w->trail.j, p.len, err));
	ATHAR_TRY(athar_trail_read(w->right, &got, &w->trail, w->at, p.len, err));
	*solved = got == p.len && athar_ogg_crc_page(&w->crc, w->right, p.len) == p.crc;
	return ATHAR_OK;
}

/* The head is cut, so that any block may go on with it; the nearest behind come first. */
static athar_status mend_head(bool *solved, const broken *b, athar_error *err)
{
	const athar_ogg_walk *w = b->w;
	const athar_space *space = athar_joining_space(w->trail.j);
	uint64_t here = 0;

	if (!athar_space_index(&here, space, athar_trail_place(&w->trail, w->at)))
		return ATHAR_OK;
	const uint64_t count = athar_space_count(space);

	for (uint64_t i = 0; i < count && i < WINDOW / b->block && !*solved; i++) {
		const uint64_t index = (here + 1 + i) % count;

		ATHAR_TRY(try_head(solved, b, athar_space_at(space, index), err));
	}
	return ATHAR_OK;
}

/* The page before ended with a block: the next one begins another, if only one can be it. */
static athar_status mend_border(bool *solved, athar_ogg_walk *w, athar_error *err)
{
	const athar_ogg_page *found = NULL;

	for (size_t i = 0; i < w->pages.count; i++) {
		const athar_ogg_page *p = &w->pages.page[i];

		if (!athar_ogg_fits(w, p) || (p->flags & ATHAR_OGG_FIRST) != 0 ||
		    !athar_trail_even(&w->trail, w->at, p->at))
			continue;
		if (found != NULL &&
		    (found->crc != p->crc || found->len != p->len || found->serial != p->serial))
			return ATHAR_OK;
		found = found == NULL ? p : found;
	}
	*solved = found != NULL;
	return found == NULL ? ATHAR_OK : athar_trail_lead(&w->trail, w->at, found->at, err);
}

athar_status athar_ogg_mend(bool *solved, athar_ogg_walk *w, athar_error *err)
{
	broken b = {.w = w, .block = athar_joining_space(w->trail.j)->block};
	size_t got;

	*solved = false;
	ATHAR_TRY(athar_joining_spend(w->trail.j, w->pages.count, err));
	b.first = (uint32_t)(athar_trail_border(&w->trail, w->at) - w->at);
	ATHAR_TRY(athar_trail_read(w->left, &got, &w->trail, w->at, ATHAR_OGG_HEAD + 255, err));
	if (athar_ogg_looks(w->left, athar_min(got, b.first)) == 0)
		return w->at % b.block == 0 ? mend_border(solved, w, err) : ATHAR_OK;
	const bool whole = got >= ATHAR_OGG_HEAD && b.first >= ATHAR_OGG_HEAD + (size_t)w->left[26];

	if (athar_ogg_head(&b.p, w->left, got) && athar_ogg_fits(w, &b.p))
		ATHAR_TRY(mend_page(solved, b, err));
	if (!*solved && !whole)
		ATHAR_TRY(mend_head(solved, &b, err));
	if (!*solved && w->at % b.block == 0)
		ATHAR_TRY(mend_border(solved, w, err));
	return ATHAR_OK;
}
