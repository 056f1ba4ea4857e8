/* SPDX-License-Identifier: BSD-2-Clause */
#include "image/chunk.h"

#include <string.h>

#include "base/alloc.h"
#include "base/idiom.h"
#include "inflate/inflate.h"

static bool say(char why[120], const char *text)
{
	snprintf(why, 120, "%s", text);
	return false;
}

static bool copy_plain(uint8_t *out, const athar_chunk *chunk, char why[120])
{
	if (chunk->length < chunk->media)
		return say(why, "it holds fewer bytes than it stands for");
	if (athar_adler32(1, chunk->data, chunk->length) != chunk->sum)
		return say(why, "its checksum does not match its bytes");
	memcpy(out, chunk->data, chunk->media);
	return true;
}

/* Some writers pad the last chunk: its stream is longer than the media it stands for. */
static bool inflate_padded(uint8_t *out, const athar_chunk *chunk, athar_error *err)
{
	ATHAR_AUTO(free) uint8_t *all = athar_alloc(chunk->capacity, err);
	size_t len;

	if (all == NULL || athar_inflate_zlib(all, chunk->capacity, &len, chunk->data,
	                                      chunk->length, err) != ATHAR_OK)
		return false;
	if (len < chunk->media)
		return false;
	memcpy(out, all, chunk->media);
	return true;
}

static bool inflate(uint8_t *out, const athar_chunk *chunk, char why[120])
{
	athar_error err = ATHAR_ERROR_INIT;
	size_t len = 0;

	if (athar_inflate_zlib(out, chunk->media, &len, chunk->data, chunk->length, &err) ==
	    ATHAR_OK)
		return len == chunk->media || say(why, "it holds fewer bytes than it stands for");
	if (chunk->capacity > chunk->media && inflate_padded(out, chunk, &err))
		return true;
	return say(why, "its compressed stream is damaged");
}

bool athar_chunk_unpack(uint8_t *out, const athar_chunk *chunk, char why[120])
{
	if (chunk->damaged)
		return say(why, chunk->why);
	return chunk->packed ? inflate(out, chunk, why) : copy_plain(out, chunk, why);
}
