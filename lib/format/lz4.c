/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * LZ4 frames (lz4_Frame_format.md of LZ4, 1.6.1): magic, descriptor with a checksum of its own,
 * blocks that say their own sizes, an end mark, and as the descriptor says checksums of the blocks
 * and of the content, all XXH32.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "format/list.h"
#include "format/walk.h"
#include "format/xxh32.h"
#include "inflate/unpack.h"

#define MAGIC 0x184D2204u
#define DESCRIPTOR_MOST 19u /* with magic and checksum */
#define PIECE (1u << 16)
#define PLAIN 0x80000000u
/* Output that may be made: for free, and for each byte of the file. */
#define OUTPUT_FREE (UINT64_C(64) << 20)
#define OUTPUT_A_BYTE 255u /* no block packs tighter */

typedef struct lz4 {
	athar_walk *w;
	uint64_t at;
	bool single; /* each block unpacks by itself */
	bool block_sums, has_length, content_sum;
	size_t room;     /* of a block, unpacked */
	uint64_t length; /* of all of it, where it is stated */
	bool unpack;     /* all blocks so far were */
	uint64_t unseen, made;
	athar_xxh32 sum; /* of the content */
	uint8_t *in, *out;
} lz4;

static athar_status descriptor(lz4 *d, athar_error *err)
{
	athar_bytes b;
	athar_xxh32 sum;

	ATHAR_TRY(athar_reader_some(&b, d->w->in, 0, DESCRIPTOR_MOST, err));
	if (b.len < 7)
		return ATHAR_EOF;
	const uint8_t flags = b.ptr[4], size = b.ptr[5];
	const size_t len = 2 + (flags & 0x08 ? 8u : 0u) + (flags & 0x01 ? 4u : 0u);

	if (athar_le32(b.ptr) != MAGIC || (flags & 0xC2) != 0x40 || (size & 0x8F) != 0 ||
	    size < 0x40 || b.len < 4 + len + 1)
		return athar_walk_stop(d->w, "it does not begin with a frame");
	athar_xxh32_begin(&sum);
	athar_xxh32_add(&sum, b.ptr + 4, len);
	if ((athar_xxh32_get(&sum) >> 8 & 0xFF) != b.ptr[4 + len])
		return athar_walk_stop(d->w, "the checksum of the header does not hold");
	d->single = (flags & 0x20) != 0;
	d->block_sums = (flags & 0x10) != 0;
	d->has_length = (flags & 0x08) != 0;
	d->content_sum = (flags & 0x04) != 0;
	d->unpack = d->single && d->content_sum && (flags & 0x01) == 0;
	d->length = d->has_length ? athar_le64(b.ptr + 6) : 0;
	d->room = (size_t)1 << (8 + 2 * (size >> 4));
	d->at = 4 + len + 1;
	return ATHAR_OK;
}

/* A block's bytes, which are more than the reader hands out at once. */
static athar_status load(lz4 *d, size_t len, athar_error *err)
{
	athar_bytes b;

	for (size_t done = 0; done < len; done += b.len) {
		ATHAR_TRY(athar_reader_some(&b, d->w->in, d->at + 4 + done,
		                            (size_t)athar_min(PIECE, len - done), err));
		memcpy(d->in + done, b.ptr, b.len);
	}
	return ATHAR_OK;
}

static athar_status check_sum(lz4 *d, size_t len, athar_error *err)
{
	athar_xxh32 sum;
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, d->w->in, d->at + 4 + len, 4, err));
	athar_xxh32_begin(&sum);
	athar_xxh32_add(&sum, d->in, len);
	if (athar_xxh32_get(&sum) != athar_le32(b.ptr))
		return athar_walk_stop(d->w, "the checksum of a block does not hold");
	return ATHAR_OK;
}

static athar_status unpack(lz4 *d, size_t len, bool plain, athar_error *err)
{
	size_t made = len;

	if (d->made > OUTPUT_FREE + OUTPUT_A_BYTE * d->at)
		d->unpack = false;
	if (!d->unpack)
		return ATHAR_OK;
	if (!plain && athar_lz4_unpack(&made, d->out, d->room, d->in, len, err) != ATHAR_OK)
		return athar_walk_stop(d->w, "the block at %llu is damaged",
		                       (unsigned long long)d->at);
	athar_xxh32_add(&d->sum, plain ? d->in : d->out, made);
	d->made += made;
	return ATHAR_OK;
}

/* The block at d->at; *last: it is the end mark. */
static athar_status block(bool *last, lz4 *d, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, d->w->in, d->at, 4, err));
	const uint32_t word = athar_le32(b.ptr), len = word & ~PLAIN;

	*last = word == 0;
	if (*last) {
		d->at += 4;
		return ATHAR_OK;
	}
	if (len == 0 || len > d->room)
		return athar_walk_stop(d->w, "what follows the last good block is none");
	athar_walk_reach(d->w, d->at + 4 + len);
	ATHAR_TRY(load(d, len, err));
	if (d->block_sums)
		ATHAR_TRY(check_sum(d, len, err));
	else
		d->unseen += len;
	ATHAR_TRY(unpack(d, len, (word & PLAIN) != 0, err));
	d->at += 4 + (uint64_t)len + (d->block_sums ? 4 : 0);
	if (d->block_sums)
		athar_walk_prove(d->w, d->at);
	else
		athar_walk_reach(d->w, d->at);
	return ATHAR_OK;
}

static athar_status content_end(lz4 *d, athar_error *err)
{
	athar_bytes b;

	if (d->content_sum) {
		ATHAR_TRY(athar_reader_get(&b, d->w->in, d->at, 4, err));
		if (d->unpack && athar_le32(b.ptr) != athar_xxh32_get(&d->sum))
			return athar_walk_stop(d->w,
			                       "the checksum of what it unpacks to does not hold");
		d->at += 4;
	}
	if (d->unpack && d->has_length && d->made != d->length)
		return athar_walk_stop(d->w, "it unpacks to another length than the header says");
	if (d->unpack)
		d->unseen = 0;
	d->w->claim->unseen = d->unseen;
	if (d->unseen == 0)
		athar_walk_close(d->w, ATHAR_GRADE_INTACT, d->at,
		                 "an end mark follows its blocks, and their checksums hold");
	else
		athar_walk_close(d->w, ATHAR_GRADE_COMPLETE, d->at,
		                 "an end mark follows its blocks; not all of them were checked");
	return ATHAR_OK;
}

static athar_status walk(lz4 *d, athar_error *err)
{
	bool last = false;

	ATHAR_TRY(descriptor(d, err));
	athar_walk_begin(d->w, d->at);
	athar_xxh32_begin(&d->sum);
	d->in = athar_alloc(d->room, err);
	d->out = athar_alloc(d->room, err);
	if (d->in == NULL || d->out == NULL)
		return ATHAR_ENOMEM;
	while (!last)
		ATHAR_TRY(block(&last, d, err));
	return content_end(d, err);
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;
	lz4 d = {.w = &w};

	athar_walk_init(&w, out, in);
	const athar_status status = walk(&d, err);

	free(d.in);
	free(d.out);
	return athar_walk_settle(&w, status, err);
}

static const athar_magic magic[] = {{0, 4, {0x04, 0x22, 0x4D, 0x18}}, {0, 0, {0}}};

const athar_format athar_format_lz4 = {
	.name = "lz4",
	.extension = "lz4",
	.mime = "application/x-lz4",
	.summary = "files packed by lz4",
	.end = "an end mark behind the blocks, checksums of blocks and content",
	.best = ATHAR_GRADE_INTACT,
	.magic = magic,
	.measure = measure,
};
