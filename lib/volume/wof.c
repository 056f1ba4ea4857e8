/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/wof.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "inflate/unpack.h"

#define TAG 0x80000017U
#define HEAD ((size_t)8)  /* tag, length of what follows, reserved */
#define DATA ((size_t)16) /* WOF's version and provider, the provider's version and packing */
#define VERSION 1
#define PROVIDER_WIM 1
#define PROVIDER_FILE 2
#define LONG_SIZE ((uint64_t)1 << 32) /* from here on offsets have 64 bits */

struct athar_wof_reader {
	athar_wof_layout layout;
	athar_wof_source *read;
	void *user;
	uint64_t held; /* the chunk in `data`; ATHAR_NOWHERE is none */
	uint8_t data[ATHAR_WOF_CHUNK_MOST], packed[ATHAR_WOF_CHUNK_MOST];
};

bool athar_wof_is(const uint8_t *reparse, size_t len)
{
	return len >= HEAD && athar_le32(reparse) == TAG;
}

athar_status athar_wof_parse(athar_wof_packing *out, const uint8_t *reparse, size_t len,
                             athar_error *err)
{
	const uint8_t *data = reparse + HEAD;

	if (!athar_wof_is(reparse, len))
		return athar_fail(err, ATHAR_EFORMAT, "not a reparse point of WOF");
	if (athar_le16(reparse + 4) < DATA || len - HEAD < DATA)
		return athar_fail(err, ATHAR_EFORMAT, "the reparse point of WOF is cut short");
	if (athar_le32(data) == VERSION && athar_le32(data + 4) == PROVIDER_WIM)
		return athar_fail(err, ATHAR_EFORMAT,
		                  "the content lies in a WIM archive, not in this file");
	if (athar_le32(data) != VERSION || athar_le32(data + 4) != PROVIDER_FILE ||
	    athar_le32(data + 8) != VERSION)
		return athar_fail(err, ATHAR_EFORMAT,
		                  "a reparse point of WOF of version %u, provider %u, version %u",
		                  athar_le32(data), athar_le32(data + 4), athar_le32(data + 8));
	if (athar_le32(data + 12) > ATHAR_WOF_XPRESS16K)
		return athar_fail(err, ATHAR_EFORMAT, "packed by WOF in a way not known: %u",
		                  athar_le32(data + 12));
	*out = (athar_wof_packing)athar_le32(data + 12);
	return ATHAR_OK;
}

athar_status athar_wof_lay_out(athar_wof_layout *out, athar_wof_packing packing, uint64_t size,
                               uint64_t packed, athar_error *err)
{
	static const uint32_t chunk_of[] = {[ATHAR_WOF_XPRESS4K] = 4096,
	                                    [ATHAR_WOF_LZX] = 32768,
	                                    [ATHAR_WOF_XPRESS8K] = 8192,
	                                    [ATHAR_WOF_XPRESS16K] = 16384};
	athar_wof_layout x = {.packing = packing, .size = size, .packed = packed};

	x.chunk = chunk_of[packing];
	x.entry = size < LONG_SIZE ? 4 : 8;
	x.chunks = size / x.chunk + (size % x.chunk != 0);
	/* Chunks have 4 KiB at least, so that this does not overflow. */
	x.table = x.chunks == 0 ? 0 : (x.chunks - 1) * x.entry;
	if (x.table > packed || (x.chunks > 0 && x.table == packed))
		return athar_fail(err, ATHAR_EFORMAT,
		                  "a packed stream of %llu bytes for a file of %llu",
		                  (unsigned long long)packed, (unsigned long long)size);
	*out = x;
	return ATHAR_OK;
}

static uint64_t entry_at(const athar_wof_layout *x, const uint8_t *p)
{
	return x->entry == 4 ? athar_le32(p) : athar_le64(p);
}

/* Where chunk n begins and ends behind the table. The first has no entry: it begins there; the last
 * ends with the stream. */
static athar_status bounds(uint64_t *from, uint64_t *to, const athar_wof_layout *x, uint64_t n,
                           athar_wof_source *read, void *user, athar_error *err)
{
	const bool first = n == 0;
	const bool last = n + 1 == x->chunks;
	const size_t entries = 2 - (size_t)first - (size_t)last;
	uint8_t raw[16] = {0};

	if (entries > 0)
		ATHAR_TRY(read(user, raw, entries * x->entry,
		               (first ? 0 : n - 1) * (uint64_t)x->entry, err));
	*from = first ? 0 : entry_at(x, raw);
	*to = last ? x->packed - x->table : entry_at(x, raw + (first ? 0 : x->entry));
	return ATHAR_OK;
}

athar_status athar_wof_locate(athar_wof_chunk *out, const athar_wof_layout *layout, uint64_t n,
                              athar_wof_source *read, void *user, athar_error *err)
{
	const uint64_t size = athar_min(layout->chunk, layout->size - n * layout->chunk);
	uint64_t from = 0;
	uint64_t to = 0;

	ATHAR_TRY(bounds(&from, &to, layout, n, read, user, err));
	if (from >= to || to > layout->packed - layout->table || to - from > size)
		return athar_fail(
			err, ATHAR_EFORMAT,
			"chunk %llu of the packed stream would lie from %llu to %llu for %llu "
			"bytes, in %llu",
			(unsigned long long)n, (unsigned long long)from, (unsigned long long)to,
			(unsigned long long)size,
			(unsigned long long)(layout->packed - layout->table));
	*out = (athar_wof_chunk){
		.at = layout->table + from, .packed = (size_t)(to - from), .size = (size_t)size};
	return ATHAR_OK;
}

athar_status athar_wof_open(athar_wof_reader **out, const athar_wof_layout *layout,
                            athar_wof_source *read, void *user, athar_error *err)
{
	athar_wof_reader *reader = athar_alloc(sizeof *reader, err);

	if (reader == NULL)
		return err->status;
	reader->layout = *layout;
	reader->read = read;
	reader->user = user;
	reader->held = ATHAR_NOWHERE;
	*out = reader;
	return ATHAR_OK;
}

void athar_wof_close(athar_wof_reader *reader)
{
	free(reader);
}

static athar_status unpack(athar_wof_reader *r, const athar_wof_chunk *c, athar_error *err)
{
	size_t made = 0;

	if (r->layout.packing == ATHAR_WOF_LZX)
		return athar_lzx_unpack(&made, r->data, c->size, r->packed, c->packed, err);
	return athar_xpress_unpack(&made, r->data, c->size, r->packed, c->packed, err);
}

/* Fills r->data with chunk n. */
static athar_status hold(athar_wof_reader *r, uint64_t n, athar_error *err)
{
	athar_wof_chunk c;

	if (r->held == n)
		return ATHAR_OK;
	r->held = ATHAR_NOWHERE;
	ATHAR_TRY(athar_wof_locate(&c, &r->layout, n, r->read, r->user, err));
	if (c.packed == c.size) {
		ATHAR_TRY(r->read(r->user, r->data, c.size, c.at, err));
	} else {
		ATHAR_TRY(r->read(r->user, r->packed, c.packed, c.at, err));
		if (unpack(r, &c, err) != ATHAR_OK)
			return athar_within(err, "chunk %llu of the packed stream",
			                    (unsigned long long)n);
	}
	r->held = n;
	return ATHAR_OK;
}

athar_status athar_wof_read(size_t *got, athar_wof_reader *reader, void *buf, size_t len,
                            uint64_t offset, athar_error *err)
{
	const athar_wof_layout *x = &reader->layout;
	uint8_t *to = buf;

	*got = 0;
	if (offset >= x->size)
		return ATHAR_OK;
	len = (size_t)athar_min(len, x->size - offset);
	while (*got < len) {
		const uint64_t at = offset + *got;
		const size_t within = (size_t)(at % x->chunk);
		const size_t part = (size_t)athar_min(len - *got, x->chunk - within);
		athar_error later = ATHAR_ERROR_INIT;
		const athar_status status = hold(reader, at / x->chunk, *got == 0 ? err : &later);

		if (status != ATHAR_OK)
			return *got == 0 ? status : ATHAR_OK;
		memcpy(to + *got, reader->data + within, part);
		*got += part;
	}
	return ATHAR_OK;
}
