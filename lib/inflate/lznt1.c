/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * LZNT1: chunks of up to 4 KiB of data. In a packed chunk a byte of flags goes before each eight
 * tokens: a literal, or a match whose 16 bits are split into displacement and length by how far
 * into the chunk it stands.
 */
#include "base/check.h"
#include "base/endian.h"
#include "base/idiom.h"
#include "inflate/unpack.h"
#include "inflate/window.h"

#define CHUNK ((size_t)4096)
#define HEAD ((size_t)2)
#define SIZE_MASK 0xFFF /* of a chunk's head: its bytes, the head included, less 3 */
#define SIGNATURE 3
#define PACKED 0x8000
#define MATCH_MIN 3
#define SPLIT_FIRST 16 /* four bits of displacement, one more at each doubling */

static athar_status cut_short(size_t at, athar_error *err)
{
	return athar_fail(err, ATHAR_EFORMAT, "LZNT1: the chunk at byte %zu is cut short", at);
}

static athar_status match(athar_window *out, unsigned token, athar_error *err)
{
	unsigned length_bits = 12;

	for (size_t i = out->at; i > SPLIT_FIRST; i = (i + 1) / 2)
		length_bits--;
	const size_t length = (token & ((1U << length_bits) - 1)) + MATCH_MIN;
	const size_t distance = (token >> length_bits) + 1;

	if (!athar_window_match(out, distance, length))
		return athar_fail(
			err, ATHAR_EFORMAT,
			"LZNT1: a match of %zu bytes from %zu before, at %zu of %zu bytes", length,
			distance, out->at, out->room);
	return ATHAR_OK;
}

/* The tokens of a packed chunk; place is where it begins, for messages. */
static athar_status tokens(athar_window *out, const uint8_t *in, size_t len, size_t place,
                           athar_error *err)
{
	unsigned flags = 1; /* the bits not used yet, below a bit that says where they end */

	for (size_t at = 0; at < len;) {
		if (flags == 1) {
			flags = in[at++] | 0x100U;
			continue;
		}
		if ((flags & 1) == 0) {
			if (!athar_window_literals(out, in + at, 1))
				return athar_fail(err, ATHAR_EFORMAT,
				                  "LZNT1: the chunk at byte %zu is longer than the "
				                  "%zu bytes it may be",
				                  place, out->room);
			at++;
		} else {
			if (len - at < 2)
				return cut_short(place, err);
			ATHAR_TRY(match(out, athar_le16(in + at), err));
			at += 2;
		}
		flags >>= 1;
	}
	return ATHAR_OK;
}

/* One chunk of `size` bytes with its head, behind what is in *out. */
static athar_status chunk(athar_window *out, const uint8_t *in, size_t size, size_t place,
                          athar_error *err)
{
	const size_t room = athar_min(CHUNK, out->room - out->at);
	athar_window part = {.bytes = out->bytes + out->at, .room = room};

	if ((athar_le16(in) & PACKED) != 0)
		ATHAR_TRY(tokens(&part, in + HEAD, size - HEAD, place, err));
	else if (!athar_window_literals(&part, in + HEAD, size - HEAD))
		return athar_fail(err, ATHAR_EFORMAT,
		                  "LZNT1: the chunk at byte %zu has %zu bytes where %zu fit", place,
		                  size - HEAD, room);
	out->at += part.at;
	return ATHAR_OK;
}

/* Where a chunk follows, the one before it stands for 4 KiB: what it does not have is zero. */
static athar_status fill_up(athar_window *out, athar_error *err)
{
	const size_t rest = (CHUNK - out->at % CHUNK) % CHUNK;

	if (!athar_window_zeros(out, rest))
		return athar_fail(err, ATHAR_EFORMAT, "LZNT1: longer than the %zu bytes it may be",
		                  out->room);
	return ATHAR_OK;
}

athar_status athar_lznt1_unpack(size_t *made, uint8_t *out, size_t room, const uint8_t *in,
                                size_t len, athar_error *err)
{
	athar_window window = {.bytes = out, .room = room};
	size_t at = 0;

	while (len - at >= HEAD) {
		const unsigned head = athar_le16(in + at);
		const size_t size = (head & SIZE_MASK) + HEAD + 1;

		if (head == 0)
			break;
		if ((head >> 12 & 7) != SIGNATURE)
			return athar_fail(err, ATHAR_EFORMAT, "LZNT1: no chunk begins at byte %zu",
			                  at);
		if (size > len - at)
			return cut_short(at, err);
		ATHAR_TRY(fill_up(&window, err));
		ATHAR_TRY(chunk(&window, in + at, size, at, err));
		at += size;
	}
	*made = window.at;
	return ATHAR_OK;
}
