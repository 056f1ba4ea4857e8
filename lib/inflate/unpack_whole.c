/* SPDX-License-Identifier: BSD-2-Clause */
/* A stream of unknown length into memory that grows with what comes out, not with what is claimed.
 */
#include <zlib.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/idiom.h"
#include "inflate/inflate.h"

#define FIRST_SIZE 16384u

typedef struct growing {
	z_stream stream;
	uint8_t *bytes;
	size_t capacity, len, most;
} growing;

static void clear(growing *g)
{
	(void)inflateEnd(&g->stream);
	free(g->bytes);
}

ATHAR_DEFINE_AUTO_VALUE(growing, growing, clear)

static athar_status grow(growing *g, athar_error *err)
{
	if (g->len < g->capacity)
		return ATHAR_OK;
	if (g->len >= g->most)
		return athar_fail(err, ATHAR_ELIMIT,
		                  "compressed data give more than the %zu bytes allowed", g->most);
	return athar_grow(&g->bytes, &g->capacity, athar_max(g->len + 1, FIRST_SIZE), 1, err);
}

static athar_status step(bool *ended, growing *g, athar_error *err)
{
	ATHAR_TRY(grow(g, err));
	const size_t room = athar_min(g->capacity - g->len, UINT32_MAX / 2);

	g->stream.next_out = g->bytes + g->len;
	g->stream.avail_out = (uInt)room;
	const int result = inflate(&g->stream, Z_NO_FLUSH);

	g->len += room - g->stream.avail_out;
	*ended = result == Z_STREAM_END;
	if (result == Z_MEM_ERROR)
		return athar_fail(err, ATHAR_ENOMEM, "memory ran out for zlib");
	if (result == Z_STREAM_END || (result == Z_OK && g->stream.avail_out == 0) ||
	    (result == Z_OK && g->stream.avail_in != 0))
		return ATHAR_OK;
	return athar_fail(err, ATHAR_EFORMAT, "compressed data are damaged or cut");
}

athar_status athar_inflate_whole(uint8_t **out, size_t *len, size_t *used, const uint8_t *in,
                                 size_t in_len, size_t most, athar_error *err)
{
	ATHAR_AUTO(growing) growing g = {.most = most};
	bool ended = false;

	if (in_len > UINT32_MAX / 2)
		return athar_fail(err, ATHAR_ELIMIT, "compressed data of %zu bytes are too many",
		                  in_len);
	if (inflateInit2(&g.stream, -MAX_WBITS) != Z_OK)
		return athar_fail(err, ATHAR_ENOMEM, "memory ran out for zlib");
	g.stream.next_in = (z_const Bytef *)(uintptr_t)in;
	g.stream.avail_in = (uInt)in_len;
	while (!ended)
		ATHAR_TRY(step(&ended, &g, err));
	if (g.len > most)
		return athar_fail(err, ATHAR_ELIMIT,
		                  "compressed data give more than the %zu bytes allowed", most);
	*used = in_len - g.stream.avail_in;
	*len = g.len;
	*out = ATHAR_GIVE(g.bytes);
	return ATHAR_OK;
}
