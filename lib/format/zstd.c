/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Zstandard (RFC 8878): frames one behind the other, each a header, blocks that say their own sizes
 * and which is the last, and if the header says so a checksum of what it unpacks to. Frames to be
 * skipped, with anything in them, may stand between.
 */
#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "format/list.h"
#include "format/walk.h"
#include "inflate/zstream.h"

#define MAGIC 0xFD2FB528u
#define SKIPPABLE 0x184D2A50u
#define BLOCK_MOST (1u << 17)
#define HEADER_MOST 18u /* with the magic */
#define SECTOR 512u
#define PIECE (1u << 16)
/* Output that may be made: for free, and for each byte of the file. */
#define OUTPUT_FREE (UINT64_C(256) << 20)
#define OUTPUT_A_BYTE 200u

enum { RAW, RUN, PACKED };

typedef struct zstd {
	athar_walk *w;
	athar_zstream *z;
	uint64_t at, frames, produced, unseen;
	bool summed;     /* this frame: it has a checksum */
	bool dictionary; /* it was packed with one that is not here */
} zstd;

/* Length of the header at the beginning of h; 0: it is none. */
static size_t header_length(zstd *d, const uint8_t *h)
{
	static const uint8_t ids[] = {0, 1, 2, 4}, lengths[] = {0, 2, 4, 8};
	const uint8_t flags = h[4];
	const bool single = (flags & 0x20) != 0;
	const size_t length = flags < 0x40 && single ? 1 : lengths[flags >> 6];

	if (athar_le32(h) != MAGIC || flags & 0x08)
		return 0;
	d->summed = (flags & 0x04) != 0;
	d->dictionary = (flags & 0x03) != 0;
	return 5 + (single ? 0u : 1u) + ids[flags & 3] + length;
}

/* The block at d->at; *last: no other follows. */
static athar_status pass_block(bool *last, zstd *d, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, d->w->in, d->at, 3, err));
	const uint32_t head = b.ptr[0] | (uint32_t)b.ptr[1] << 8 | (uint32_t)b.ptr[2] << 16;
	const uint32_t size = head >> 3;

	*last = (head & 1) != 0;
	if ((head >> 1 & 3) > PACKED || size > BLOCK_MOST)
		return athar_walk_stop(d->w, "what follows the last good block is none");
	d->at += 3 + ((head >> 1 & 3) == RUN ? 1u : size);
	return ATHAR_OK;
}

/* Where the frame at d->at ends, which then lies behind it. */
static athar_status pass_frame(zstd *d, athar_error *err)
{
	athar_bytes b;
	bool last = false;

	ATHAR_TRY(athar_reader_some(&b, d->w->in, d->at, HEADER_MOST, err));
	const size_t header = b.len < 5 ? 0 : header_length(d, b.ptr);

	if (header == 0)
		return athar_walk_stop(d->w, "it does not begin with a frame");
	d->at += header;
	do {
		ATHAR_TRY(pass_block(&last, d, err));
		if (!d->w->claim->ours)
			athar_walk_begin(d->w, header + 3);
		athar_walk_reach(d->w, d->at);
	} while (!last);
	d->at += d->summed ? 4 : 0;
	athar_walk_reach(d->w, d->at);
	return d->at > athar_reader_size(d->w->in) ? ATHAR_EOF : ATHAR_OK;
}

/* [from, d->at) is a frame. *done: it was unpacked to its end. */
static athar_status unpack(bool *done, zstd *d, uint64_t from, athar_error *err)
{
	const uint64_t most = OUTPUT_FREE + OUTPUT_A_BYTE * d->at;
	athar_bytes b;

	*done = false;
	athar_zstream_begin(d->z);
	while (from < d->at && !*done && d->produced <= most) {
		ATHAR_TRY(athar_reader_some(&b, d->w->in, from,
		                            (size_t)athar_min(PIECE, d->at - from), err));
		ATHAR_TRY(athar_zstream_feed(d->z, done, &d->produced, b.ptr, b.len, err));
		from += b.len;
	}
	if (!*done && from == d->at)
		return athar_fail(err, ATHAR_EFORMAT,
		                  "zstd: the frame does not end with its blocks");
	return ATHAR_OK;
}

static athar_status frame(zstd *d, athar_error *err)
{
	const uint64_t begin = d->at;
	bool done = false;

	ATHAR_TRY(pass_frame(d, err));
	athar_status status = d->dictionary ? ATHAR_OK : unpack(&done, d, begin, err);

	if (status == ATHAR_EFORMAT)
		athar_walk_flaw(d->w, "the frame at %llu is damaged", (unsigned long long)begin);
	else if (status != ATHAR_OK && status != ATHAR_ELIMIT)
		return status;
	if (!done || !d->summed)
		d->unseen += d->at - begin;
	d->frames++;
	athar_walk_prove(d->w, d->at);
	return ATHAR_OK;
}

static athar_status skippable(zstd *d, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, d->w->in, d->at, 8, err));
	const uint64_t end = d->at + 8 + athar_le32(b.ptr + 4);

	d->unseen += end - d->at;
	d->at = end;
	athar_walk_reach(d->w, end);
	return end > athar_reader_size(d->w->in) ? ATHAR_EOF : ATHAR_OK;
}

/* Which frame follows? Where a sector begins, it is another file rather, unless this one has
 * several already, as the programs make that pack in parallel. */
static athar_status next(uint32_t *magic, zstd *d, athar_error *err)
{
	athar_bytes b;
	zstd other;

	*magic = 0;
	if ((d->at % SECTOR == 0 && d->frames < 2) || d->at >= athar_reader_size(d->w->in))
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_some(&b, d->w->in, d->at, 8, err));
	if (b.len == 8 && (athar_le32(b.ptr) & ~15u) == SKIPPABLE)
		*magic = SKIPPABLE;
	else if (b.len == 8 && header_length(&other, b.ptr) != 0)
		*magic = MAGIC;
	return ATHAR_OK;
}

static void close_file(zstd *d)
{
	d->w->claim->unseen = d->unseen;
	if (d->unseen == 0)
		athar_walk_close(d->w, ATHAR_GRADE_INTACT, d->at,
		                 "it unpacks, and the checksum of each frame holds");
	else
		athar_walk_close(
			d->w, ATHAR_GRADE_COMPLETE, d->at,
			"its blocks lead to the last one; not all of it has a checksum that "
			"could be checked");
}

static athar_status walk(zstd *d, athar_error *err)
{
	uint32_t magic = MAGIC;

	while (magic != 0) {
		if (magic == MAGIC)
			ATHAR_TRY(frame(d, err));
		else
			ATHAR_TRY(skippable(d, err));
		ATHAR_TRY(next(&magic, d, err));
	}
	close_file(d);
	return ATHAR_OK;
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	ATHAR_AUTO(zstream) athar_zstream *z = NULL;
	athar_walk w;
	zstd d = {.w = &w};

	athar_walk_init(&w, out, in);
	ATHAR_TRY(athar_zstream_new(&z, err));
	d.z = z;
	return athar_walk_settle(&w, walk(&d, err), err);
}

static const athar_magic magic[] = {{0, 4, {0x28, 0xB5, 0x2F, 0xFD}}, {0, 0, {0}}};

const athar_format athar_format_zstd = {
	.name = "zstd",
	.extension = "zst",
	.mime = "application/zstd",
	.summary = "files packed by zstd",
	.end = "the last block of each frame, and the checksum of what it unpacks to",
	.best = ATHAR_GRADE_INTACT,
	.magic = magic,
	.measure = measure,
};
