/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RLE packs a tile byte plane by byte plane: for each an operation n, and what belongs to it, until
 * all pixels are there. n up to 126: n + 1 times the next byte; 127: the next two bytes are the
 * count; 128: as many bytes as the next two say; above: 256 - n bytes as they are.
 */
#include "base/check.h"
#include "base/endian.h"
#include "format/walk.h"
#include "format/xcf.h"

/* A count of two bytes where the operation asks for one, and how many bytes follow. */
static athar_status operation(uint32_t *count, uint32_t *bytes, athar_stream *s, athar_error *err)
{
	uint8_t n, high, low;

	ATHAR_TRY(athar_stream_byte(&n, s, err));
	*count = n < 127 ? n + 1u : 256u - n;
	if (n == 127 || n == 128) {
		ATHAR_TRY(athar_stream_byte(&high, s, err));
		ATHAR_TRY(athar_stream_byte(&low, s, err));
		*count = (uint32_t)high << 8 | low;
	}
	*bytes = n <= 127 ? 1 : *count;
	return ATHAR_OK;
}

static athar_status plane(xcf_verdict *out, const xcf_tile *tile, athar_stream *s, athar_error *err)
{
	uint32_t left = tile->pixels, count = 0, bytes = 0;

	while (left != 0) {
		out->end = athar_stream_at(s);
		out->good = false;
		ATHAR_TRY(operation(&count, &bytes, s, err));
		if (count == 0 || count > left || out->end - tile->at > tile->limit)
			return ATHAR_OK;
		athar_stream_skip(s, bytes);
		left -= count;
	}
	out->good = true;
	out->end = athar_stream_at(s);
	return ATHAR_OK;
}

static athar_status check_rle(xcf_verdict *out, const xcf_tile *tile, athar_reader *in,
                              athar_error *err)
{
	athar_stream s;

	athar_stream_seek(&s, in, tile->at);
	out->good = true;
	for (uint32_t i = 0; i < tile->depth && out->good; i++)
		ATHAR_TRY(plane(out, tile, &s, err));
	if (out->good && out->end > athar_reader_size(in))
		return ATHAR_EOF;
	return ATHAR_OK;
}

static athar_status check_plain(xcf_verdict *out, const xcf_tile *tile, athar_reader *in)
{
	const uint64_t size = (uint64_t)tile->pixels * tile->depth;

	*out = (xcf_verdict){true, tile->at + size};
	return athar_inside(tile->at, size, athar_reader_size(in)) ? ATHAR_OK : ATHAR_EOF;
}

/* A zlib stream (RFC 1950). */
static athar_status check_zlib(xcf_verdict *out, const xcf_tile *tile, athar_reader *in,
                               athar_unpacker *unpacker, athar_error *err)
{
	athar_inflated sum;
	athar_bytes b;
	bool dear = false;

	ATHAR_TRY(athar_reader_get(&b, in, tile->at, 2, err));
	*out = (xcf_verdict){false, tile->at + 2};
	if ((b.ptr[0] & 15) != 8 || (b.ptr[1] & 32) != 0 || athar_be16(b.ptr) % 31 != 0)
		return ATHAR_OK;
	const athar_status status =
		athar_unpacker_run(&sum, &dear, unpacker, in, tile->at + 2, tile->limit, err);

	out->end += sum.consumed;
	if (status == ATHAR_EFORMAT) {
		*err = (athar_error)ATHAR_ERROR_INIT;
		return ATHAR_OK;
	}
	ATHAR_TRY(status);
	if (!sum.ended || sum.produced != (uint64_t)tile->pixels * tile->depth)
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, in, out->end, 4, err));
	out->good = athar_be32(b.ptr) == sum.adler32;
	out->end += 4;
	return ATHAR_OK;
}

athar_status xcf_tile_check(xcf_verdict *out, const xcf_tile *tile, xcf_packing packing,
                            athar_reader *in, athar_unpacker *unpacker, athar_error *err)
{
	*out = (xcf_verdict){false, tile->at};
	if (packing == XCF_PLAIN)
		ATHAR_TRY(check_plain(out, tile, in));
	else if (packing == XCF_RLE)
		ATHAR_TRY(check_rle(out, tile, in, err));
	else
		ATHAR_TRY(check_zlib(out, tile, in, unpacker, err));
	out->good = out->good && out->end - tile->at <= tile->limit;
	return ATHAR_OK;
}
