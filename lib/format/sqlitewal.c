/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The write-ahead log of SQLite ("Database File Format", 4): a header with two numbers that change
 * whenever the log begins anew (salts), then frames: page number, length of the database where the
 * frame ends a transaction, the salts, a checksum that goes on from frame to frame, a page. Behind
 * the frames that count, those of earlier rounds may stand, with other salts.
 */
#include <string.h>

#include "base/endian.h"
#include "format/list.h"
#include "format/walk.h"

#define HEADER 32u
#define FRAME 24u
#define AHEAD 32u          /* frames in which the round may go on behind a gap */
#define ROUNDS_MOST 65536u /* an earlier round is so many at most ago */

typedef struct sum {
	uint32_t a, b;
} sum;

typedef struct wal {
	athar_walk *w;
	bool big; /* the checksum adds up numbers with the highest byte first */
	uint32_t size;
	uint32_t salt[2];
	uint64_t at, frames, old;
	uint32_t pages;     /* the database has after the last transaction */
	uint64_t committed; /* end of the last frame that ends a transaction */
	uint64_t unsure;    /* bytes of frames that nothing before them proves */
	sum sum;
} wal;

static void add(sum *s, bool big, const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i += 8) {
		s->a += (big ? athar_be32(p + i) : athar_le32(p + i)) + s->b;
		s->b += (big ? athar_be32(p + i + 4) : athar_le32(p + i + 4)) + s->a;
	}
}

static athar_status header(wal *l, athar_error *err)
{
	sum s = {0, 0};
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, l->w->in, 0, HEADER, err));
	l->big = (b.ptr[3] & 1) != 0;
	l->size = athar_be32(b.ptr + 8);
	l->salt[0] = athar_be32(b.ptr + 16);
	l->salt[1] = athar_be32(b.ptr + 20);
	if ((athar_be32(b.ptr) & ~1u) != 0x377F0682 || athar_be32(b.ptr + 4) != 3007000 ||
	    l->size < 512 || l->size > 65536 || (l->size & (l->size - 1)) != 0)
		return athar_walk_stop(l->w, "the header is not of a log");
	add(&s, l->big, b.ptr, FRAME);
	if (s.a != athar_be32(b.ptr + 24) || s.b != athar_be32(b.ptr + 28))
		return athar_walk_stop(l->w, "the checksum of the header does not hold");
	l->sum = s;
	l->at = HEADER;
	athar_walk_begin(l->w, HEADER);
	return ATHAR_OK;
}

/* What a frame is. */
typedef enum kind { NONE, CURRENT, EARLIER } kind;

static kind kind_of(const wal *l, const uint8_t *f)
{
	const uint32_t ago = l->salt[0] - athar_be32(f + 8);

	if (athar_be32(f) == 0)
		return NONE;
	if (ago == 0 && athar_be32(f + 12) == l->salt[1])
		return CURRENT;
	return ago != 0 && ago < ROUNDS_MOST ? EARLIER : NONE;
}

/* The frame at l->at; *holds: its checksum goes on from `before`, which becomes its own. */
static athar_status frame(bool *holds, wal *l, sum *before, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, l->w->in, l->at, FRAME + l->size, err));
	add(before, l->big, b.ptr, 8);
	add(before, l->big, b.ptr + FRAME, l->size);
	const sum stated = {athar_be32(b.ptr + 16), athar_be32(b.ptr + 20)};

	*holds = before->a == stated.a && before->b == stated.b;
	*before = stated;
	if (*holds && athar_be32(b.ptr + 4) != 0) {
		l->pages = athar_be32(b.ptr + 4);
		l->committed = l->at + FRAME + l->size;
	}
	return ATHAR_OK;
}

static athar_status look(kind *out, uint32_t round[2], wal *l, athar_error *err)
{
	athar_bytes b;

	*out = NONE;
	if (l->at >= athar_reader_size(l->w->in))
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_some(&b, l->w->in, l->at, FRAME, err));
	if (b.len < FRAME)
		return ATHAR_OK;
	*out = kind_of(l, b.ptr);
	round[0] = athar_be32(b.ptr + 8);
	round[1] = athar_be32(b.ptr + 12);
	return ATHAR_OK;
}

/* The frames of this round. */
static athar_status current_frames(kind *next, wal *l, athar_error *err)
{
	uint32_t round[2];
	bool holds = true;

	for (;;) {
		ATHAR_TRY(look(next, round, l, err));
		if (*next != CURRENT)
			return ATHAR_OK;
		ATHAR_TRY(frame(&holds, l, &l->sum, err));
		if (!holds)
			return athar_walk_stop(l->w, "the checksum of frame %llu does not hold",
			                       (unsigned long long)l->frames + 1);
		l->frames++;
		l->at += FRAME + l->size;
		athar_walk_prove(l->w, l->at);
	}
}

/* Does the round go on behind what is no frame? Then something lies over a part of it. */
static athar_status look_ahead(wal *l, athar_error *err)
{
	const uint64_t at = l->at;
	uint32_t round[2];
	kind next = NONE;

	for (unsigned i = 0; i < AHEAD && next != CURRENT; i++) {
		l->at += FRAME + l->size;
		ATHAR_TRY(look(&next, round, l, err));
	}
	l->at = at;
	if (next == CURRENT)
		return athar_walk_stop(l->w, "frame %llu is gone, others follow it",
		                       (unsigned long long)l->frames + 1);
	return ATHAR_OK;
}

/* Those of earlier rounds. The first of each went on from a frame that is gone; what follows it in
 * the same round must go on from it. */
static athar_status earlier_frames(wal *l, athar_error *err)
{
	uint32_t round[2] = {l->salt[0], l->salt[1]}, own[2];
	const uint32_t pages = l->pages;
	kind next = NONE;
	bool holds = true;
	sum s = l->sum;

	for (;;) {
		ATHAR_TRY(look(&next, own, l, err));
		if (next != EARLIER)
			break;
		const bool same = memcmp(own, round, sizeof own) == 0;

		ATHAR_TRY(frame(&holds, l, &s, err));
		if (same && !holds)
			return athar_walk_stop(l->w,
			                       "the checksum of a frame of an earlier round does "
			                       "not hold");
		if (!same)
			l->unsure += FRAME + l->size;
		memcpy(round, own, sizeof round);
		l->old++;
		l->at += FRAME + l->size;
		athar_walk_reach(l->w, l->at);
	}
	l->pages = pages;
	return ATHAR_OK;
}

static athar_status close_log(wal *l)
{
	athar_walk_field(l->w, "count", "%llu", (unsigned long long)l->frames);
	if (l->pages != 0)
		athar_walk_field(l->w, "pages", "%u", l->pages);
	l->w->claim->unseen = l->unsure;
	if (l->old != 0)
		athar_walk_close(l->w, ATHAR_GRADE_COMPLETE, l->at,
		                 "the checksums of %llu frames hold, %llu of earlier rounds follow",
		                 (unsigned long long)l->frames, (unsigned long long)l->old);
	else
		athar_walk_close(l->w, ATHAR_GRADE_INTACT, l->at,
		                 "the checksums of %llu frames hold, the last ends a transaction",
		                 (unsigned long long)l->frames);
	return ATHAR_OK;
}

static athar_status walk(wal *l, athar_error *err)
{
	kind next = NONE;

	ATHAR_TRY(header(l, err));
	ATHAR_TRY(current_frames(&next, l, err));
	const bool committed = l->frames != 0 && l->committed == l->at;

	ATHAR_TRY(look_ahead(l, err));
	if (next == EARLIER)
		ATHAR_TRY(earlier_frames(l, err));
	if (l->old == 0 && !committed) {
		l->w->claim->open = l->frames != 0;
		return athar_walk_stop(l->w, l->frames == 0 ? "no frame follows the header"
		                                            : "its last transaction does not end");
	}
	return close_log(l);
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;
	wal l = {.w = &w};

	athar_walk_init(&w, out, in);
	return athar_walk_settle(&w, walk(&l, err), err);
}

static const athar_magic magic[] = {
	{0, 8, {0x37, 0x7F, 0x06, 0x82, 0, 0x2D, 0xE2, 0x18}},
	{0, 8, {0x37, 0x7F, 0x06, 0x83, 0, 0x2D, 0xE2, 0x18}},
	{0, 0, {0}},
};

const athar_format athar_format_sqlitewal = {
	.name = "sqlitewal",
	.extension = "wal",
	.mime = "application/x-sqlite3-wal",
	.summary = "write-ahead logs of SQLite",
	.end = "checksums that go on from frame to frame, up to the end of a transaction",
	.best = ATHAR_GRADE_INTACT,
	.magic = magic,
	.measure = measure,
};
