/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bzip2: streams one behind the other, each "BZh", the size of its blocks in 100,000 bytes as a
 * digit, blocks, an end. Blocks and the end begin with 48 bits each, at any bit; blocks have the
 * CRC of what they unpack to, the end has all of these CRCs folded into one.
 */
#include <string.h>

#include "format/bunzip.h"
#include "format/list.h"

#define HEAD 4u
#define SECTOR 512u
#define BLOCK_HIGH 0x314159u /* the digits of pi, and of its square root */
#define BLOCK_LOW 0x265359u
#define END_HIGH 0x177245u
#define END_LOW 0x385090u
/* Output that may be made: for free, and for each byte of the file. */
#define OUTPUT_FREE (UINT64_C(64) << 20)
#define OUTPUT_A_BYTE 50u

typedef struct bzip2 {
	athar_walk *w;
	athar_bunzip z;
	uint64_t at, streams, unseen;
	uint32_t room; /* of a block */
	uint32_t crc;  /* of all blocks of the stream */
} bzip2;

static bool is_head(const uint8_t *h)
{
	return memcmp(h, "BZh", 3) == 0 && h[3] >= '1' && h[3] <= '9';
}

/* The beginning of a stream, and that of its first block or its end. */
static bool is_stream(const uint8_t *h)
{
	return is_head(h) && (memcmp(h + HEAD, "1AY&SY", 6) == 0 ||
	                      memcmp(h + HEAD, "\x17\x72\x45\x38\x50\x90", 6) == 0);
}

static athar_status block(bzip2 *b, athar_error *err)
{
	const uint32_t crc = athar_bunzip_bits(&b->z, 32);
	const uint64_t begin = athar_bunzip_at(&b->z);
	const bool unpack = b->z.made < OUTPUT_FREE + OUTPUT_A_BYTE * begin;
	const athar_status status = athar_bunzip_block(&b->z, b->room, unpack, err);
	const uint64_t end = athar_bunzip_at(&b->z);

	athar_walk_reach(b->w, end);
	if (status == ATHAR_EFORMAT)
		return athar_walk_stop(b->w, "the packed data are damaged before %llu",
		                       (unsigned long long)end);
	ATHAR_TRY(status);
	if (unpack && b->z.crc != crc)
		return athar_walk_stop(b->w, "the CRC of what a block unpacks to does not hold");
	if (!unpack)
		b->unseen += end - begin;
	b->crc = (b->crc << 1 | b->crc >> 31) ^ crc;
	athar_walk_prove(b->w, end);
	return ATHAR_OK;
}

static athar_status stream_end(bzip2 *b)
{
	const uint32_t crc = athar_bunzip_bits(&b->z, 32);

	if (b->z.status != ATHAR_OK)
		return b->z.status;
	if (crc != b->crc)
		return athar_walk_stop(b->w, "the CRC of all blocks does not hold");
	b->at = athar_bunzip_at(&b->z) + (b->z.count % 8 != 0);
	b->streams++;
	athar_walk_prove(b->w, b->at);
	return ATHAR_OK;
}

static athar_status stream(bzip2 *b, athar_error *err)
{
	athar_bytes h;

	ATHAR_TRY(athar_reader_get(&h, b->w->in, b->at, HEAD + 6, err));
	if (!is_stream(h.ptr))
		return athar_walk_stop(b->w, "it does not begin with a stream");
	b->room = (h.ptr[3] - (uint32_t)'0') * 100000;
	b->crc = 0;
	if (b->at == 0)
		athar_walk_begin(b->w, HEAD + 6);
	athar_bunzip_seek(&b->z, b->w->in, b->at + HEAD);
	b->z.err = err;
	for (;;) {
		const uint32_t high = athar_bunzip_bits(&b->z, 24),
			       low = athar_bunzip_bits(&b->z, 24);

		if (b->z.status != ATHAR_OK)
			return b->z.status;
		if (high == END_HIGH && low == END_LOW)
			return stream_end(b);
		if (high != BLOCK_HIGH || low != BLOCK_LOW)
			return athar_walk_stop(b->w, "what follows the last good block is none");
		ATHAR_TRY(block(b, err));
	}
}

/* Does another stream follow? Where a sector begins, it is another file rather, unless this one has
 * several already, as the programs make that pack in parallel. */
static athar_status goes_on(bool *out, bzip2 *b, athar_error *err)
{
	athar_bytes h;

	*out = false;
	if ((b->at % SECTOR == 0 && b->streams < 2) || b->at >= athar_reader_size(b->w->in))
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_some(&h, b->w->in, b->at, HEAD + 6, err));
	*out = h.len == HEAD + 6 && is_stream(h.ptr);
	return ATHAR_OK;
}

static athar_status walk(bzip2 *b, athar_error *err)
{
	bool more = true;

	while (more) {
		ATHAR_TRY(stream(b, err));
		ATHAR_TRY(goes_on(&more, b, err));
	}
	b->w->claim->unseen = b->unseen;
	if (b->unseen == 0)
		athar_walk_close(b->w, ATHAR_GRADE_INTACT, b->at,
		                 "it unpacks, the CRC of each block and of all of them hold");
	else
		athar_walk_close(
			b->w, ATHAR_GRADE_COMPLETE, b->at,
			"its codes lead to an end whose CRC is that of the blocks; not all "
			"of it was unpacked");
	return ATHAR_OK;
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;
	bzip2 b = {.w = &w};

	athar_walk_init(&w, out, in);
	const athar_status status = walk(&b, err);

	athar_bunzip_clear(&b.z);
	return athar_walk_settle(&w, status, err);
}

static const athar_magic magic[] = {{0, 3, {'B', 'Z', 'h'}}, {0, 0, {0}}};

const athar_format athar_format_bzip2 = {
	.name = "bzip2",
	.extension = "bz2",
	.mime = "application/x-bzip2",
	.summary = "files packed by bzip2",
	.end = "the CRC of what each block unpacks to, and that of all of them",
	.best = ATHAR_GRADE_INTACT,
	.magic = magic,
	.measure = measure,
};
