/* SPDX-License-Identifier: BSD-2-Clause */
/* The engine against zlib: what both take for a whole stream gives the same bytes; and the same
 * bytes fed in pieces and at once give the same sums. */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/idiom.h"
#include "inflate/inflate.h"

#define CAP 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void try_whole(const uint8_t *data, size_t size)
{
	ATHAR_AUTO(free) uint8_t *ours = malloc(CAP);
	ATHAR_AUTO(free) uint8_t *theirs = malloc(CAP);
	athar_error err = ATHAR_ERROR_INIT;
	uLongf theirs_len = CAP;
	size_t ours_len = 0;

	const bool one = athar_inflate_zlib(ours, CAP, &ours_len, data, size, &err) == ATHAR_OK;
	const bool two = uncompress(theirs, &theirs_len, data, size) == Z_OK;

	require(one || err.text[0] != '\0');
	/* zlib's word counts: whatever it accepts must be read, and nothing else may be. */
	require(one == two);
	if (one)
		require(ours_len == theirs_len && memcmp(ours, theirs, ours_len) == 0);
}

/* The data as the body of a stream that zlib can read, with the checksum it should have: so that
 * damage is not always found by the checksum alone. Returns its length, 0 where zlib can not. */
static size_t make_stream(uint8_t *out, const uint8_t *data, size_t size)
{
	ATHAR_AUTO(free) uint8_t *inflated = malloc(CAP);
	z_stream s = {0};

	require(inflateInit2(&s, -MAX_WBITS) == Z_OK);
	s.next_in = (z_const Bytef *)(uintptr_t)data;
	s.avail_in = (uInt)size;
	s.next_out = inflated;
	s.avail_out = CAP;
	const bool whole = inflate(&s, Z_FINISH) == Z_STREAM_END;
	const size_t body = s.total_in;
	const uint32_t sum = (uint32_t)adler32(1, inflated, (uInt)s.total_out);

	(void)inflateEnd(&s);
	out[0] = 0x78;
	out[1] = 0x9C;
	memcpy(out + 2, data, body);
	for (size_t i = 0; i < 4; i++)
		out[2 + body + i] = (uint8_t)(sum >> (24 - 8 * i));
	return whole ? body + 6 : 0;
}

static void try_with_checksum(const uint8_t *data, size_t size)
{
	ATHAR_AUTO(free) uint8_t *stream = malloc(size + 6);
	const size_t len = make_stream(stream, data, size);

	if (len > 0)
		try_whole(stream, len);
}

static athar_status feed(athar_inflated *sum, athar_inflater *x, const uint8_t *data, size_t size,
                         size_t piece)
{
	athar_error err = ATHAR_ERROR_INIT;

	athar_inflater_reset(x);
	*sum = (athar_inflated){0};
	for (size_t i = 0; i < size; i += piece)
		ATHAR_TRY(athar_inflater_feed(x, sum, data + i, size - i < piece ? size - i : piece,
		                              1 << 20, &err));
	return ATHAR_OK;
}

static void try_stream(athar_inflater *x, const uint8_t *data, size_t size)
{
	athar_inflated whole;
	athar_inflated pieces;
	const athar_status one = feed(&whole, x, data, size, size + 1);
	const athar_status two = feed(&pieces, x, data, size, 7);

	require(one == two);
	require(whole.consumed <= size);
	if (one == ATHAR_OK)
		require(whole.ended == pieces.ended && whole.consumed == pieces.consumed &&
		        whole.produced == pieces.produced && whole.crc32 == pieces.crc32);
}

static void try_packer(athar_packer *packer, const uint8_t *data, size_t size)
{
	ATHAR_AUTO(free) uint8_t *packed = malloc(size == 0 ? 1 : size);
	ATHAR_AUTO(free) uint8_t *back = malloc(size == 0 ? 1 : size);
	const size_t len = athar_packer_deflate(packer, packed, size, data, size);
	uLongf back_len = size;

	if (len == 0)
		return;
	require(len < size);
	require(uncompress(back, &back_len, packed, len) == Z_OK);
	require(back_len == size && memcmp(back, data, size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static athar_inflater *inflater;
	static athar_packer *packer;
	athar_error err = ATHAR_ERROR_INIT;

	if (inflater == NULL)
		require(athar_inflater_new(&inflater, &err) == ATHAR_OK &&
		        athar_packer_new(&packer, ATHAR_COMPRESSION_FAST, &err) == ATHAR_OK);
	try_whole(data, size);
	try_stream(inflater, data, size);
	try_with_checksum(data, size);
	if (size > 2) {
		try_stream(inflater, data + 2, size - 2);
		try_with_checksum(data + 2, size - 2);
	}
	try_packer(packer, data, size);
	return 0;
}
