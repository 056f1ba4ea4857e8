/* SPDX-License-Identifier: BSD-2-Clause */
#include "image/reader.h"

#include "base/alloc.h"
#include "base/check.h"

#define MOST (1u << 20)         /* bytes of one get */
#define WINDOW_FIRST (1u << 15) /* read after a jump: one chunk of most E01 */
#define WINDOW_LAST (1u << 18)  /* read when it goes on and on */

struct athar_reader {
	athar_source *source;
	uint64_t start, limit;
	uint64_t work, left; /* bound as given, and what of it is left */
	uint8_t *cache;      /* of source bytes [at, at + len) */
	size_t room;         /* of it: a small source has a small one */
	uint64_t at;
	size_t len;
	size_t window;    /* how much the next fill reads */
	athar_runs holes; /* bad ranges in the cache, offsets of the source */
	athar_runs seen;  /* those handed out since the last move */
};

athar_status athar_reader_new(athar_reader **out, athar_source *source, uint64_t start,
                              uint64_t limit, uint64_t work, athar_error *err)
{
	ATHAR_AUTO(reader) athar_reader *r = athar_alloc(sizeof *r, err);

	if (r == NULL)
		return err->status;
	r->room = (size_t)athar_min(MOST, athar_source_describe(source)->size);
	r->cache = athar_alloc(r->room, err);
	if (r->cache == NULL)
		return err->status;
	r->source = source;
	r->work = work;
	r->window = WINDOW_FIRST;
	athar_reader_move(r, start, limit);
	*out = ATHAR_GIVE(r);
	return ATHAR_OK;
}

void athar_reader_free(athar_reader *r)
{
	if (r == NULL)
		return;
	free(r->cache);
	athar_runs_clear(&r->holes);
	athar_runs_clear(&r->seen);
	free(r);
}

void athar_reader_move(athar_reader *r, uint64_t start, uint64_t limit)
{
	const uint64_t size = athar_source_describe(r->source)->size;

	r->start = athar_min(start, size);
	r->limit = athar_min(limit, size - r->start);
	r->left = r->work;
	if (r->work == 0 && !athar_mul(r->limit, 64, &r->left))
		r->left = UINT64_MAX;
	athar_runs_clear(&r->seen);
}

/* Makes the cache hold [from, from + len), and more where reading goes on in order. The bytes lie
 * inside the source; the cache may reach past the window, since a move keeps it. */
static athar_status fill(athar_reader *r, uint64_t from, size_t len, athar_error *err)
{
	const bool onward = r->len != 0 && from >= r->at && from <= r->at + r->len;
	size_t got;

	r->window = onward ? (size_t)athar_min(r->window * 2, WINDOW_LAST) : WINDOW_FIRST;
	len = athar_min(athar_max(len, r->window), r->room);
	r->len = 0;
	athar_runs_clear(&r->holes);
	ATHAR_TRY(athar_source_read(r->source, r->cache, len, from, &got, &r->holes, err));
	r->at = from;
	r->len = got;
	return ATHAR_OK;
}

/* Notes which bad ranges the bytes just handed out touch. */
static athar_status note(athar_reader *r, uint64_t from, size_t len, athar_error *err)
{
	for (size_t i = athar_runs_find(&r->holes, from); i < r->holes.count; i++) {
		const athar_run *hole = &r->holes.run[i];
		const uint64_t begin = athar_max(hole->offset, from);
		const uint64_t end = athar_min(hole->offset + hole->length, from + len);

		if (hole->offset >= from + len)
			break;
		ATHAR_TRY(athar_runs_add(&r->seen, begin, end - begin, hole->kind, err));
	}
	return ATHAR_OK;
}

/* The bytes are inside the window. */
static athar_status hand_out(athar_bytes *out, athar_reader *r, uint64_t at, size_t len,
                             athar_error *err)
{
	const uint64_t from = r->start + at;

	if (len > r->left)
		return athar_fail_at(err, ATHAR_ELIMIT, from,
		                     "more was read than this range can need: given up");
	r->left -= len;
	if (from < r->at || from - r->at > r->len || len > r->len - (from - r->at))
		ATHAR_TRY(fill(r, from, len, err));
	if (r->holes.count != 0)
		ATHAR_TRY(note(r, from, len, err));
	*out = (athar_bytes){r->cache + (from - r->at), len, from};
	return ATHAR_OK;
}

athar_status athar_reader_get(athar_bytes *out, athar_reader *r, uint64_t at, size_t len,
                              athar_error *err)
{
	if (len > MOST)
		return athar_fail(err, ATHAR_EUSAGE, "a reader gives at most 1 MiB at a time");
	if (!athar_inside(at, len, r->limit))
		return athar_fail_at(err, ATHAR_EOF, r->start + r->limit,
		                     "the range ends %llu bytes in", (unsigned long long)r->limit);
	return hand_out(out, r, at, len, err);
}

athar_status athar_reader_some(athar_bytes *out, athar_reader *r, uint64_t at, size_t len,
                               athar_error *err)
{
	if (at >= r->limit)
		return athar_fail_at(err, ATHAR_EOF, r->start + r->limit,
		                     "the range ends %llu bytes in", (unsigned long long)r->limit);
	return athar_reader_get(out, r, at, (size_t)athar_min(len, r->limit - at), err);
}

uint64_t athar_reader_size(const athar_reader *r)
{
	return r->limit;
}

uint64_t athar_reader_bad(const athar_reader *r, uint64_t length)
{
	return athar_runs_overlap(&r->seen, r->start, athar_min(length, r->limit));
}
