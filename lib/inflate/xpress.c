/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * XPRESS with prefix codes: 512 code lengths of 4 bits each, then symbols. Below 256 they are
 * literals; the others are matches, 16 lengths for each of 16 sizes of distance. What a length does
 * not fit in follows as whole bytes, which stand between the words of bits.
 */
#include "base/idiom.h"
#include "inflate/bits.h"
#include "inflate/unpack.h"
#include "inflate/window.h"

#define SYMBOLS ((size_t)512)
#define TABLE (SYMBOLS / 2)
#define LITERALS 256
#define LENGTH_MORE 15
#define MATCH_MIN 3
#define ROOM_MOST ((size_t)65536) /* another table would follow */

static athar_status cut_short(athar_error *err)
{
	return athar_fail(err, ATHAR_EFORMAT, "XPRESS: the chunk is cut short");
}

static athar_status table(athar_prefix *code, const uint8_t *in, athar_error *err)
{
	uint8_t lengths[SYMBOLS];

	for (size_t i = 0; i < SYMBOLS; i++)
		lengths[i] = i % 2 == 0 ? in[i / 2] & 15 : in[i / 2] >> 4;
	if (!athar_prefix_make(code, lengths, SYMBOLS))
		return athar_fail(err, ATHAR_EFORMAT, "XPRESS: the code lengths make no code");
	return ATHAR_OK;
}

/* One byte more for a length that is too long for its symbol, and two where that is not enough. */
static athar_status long_length(size_t *length, athar_bits *bits, athar_error *err)
{
	(void)athar_bits_peek(bits);
	if (bits->len - bits->at < 1)
		return cut_short(err);
	*length = (size_t)LENGTH_MORE + bits->in[bits->at++];
	if (*length < LENGTH_MORE + 255)
		return ATHAR_OK;
	if (bits->len - bits->at < 2)
		return cut_short(err);
	*length = athar_le16(bits->in + bits->at);
	bits->at += 2;
	return ATHAR_OK;
}

static athar_status match(athar_window *out, athar_bits *bits, unsigned symbol, athar_error *err)
{
	const unsigned size = symbol >> 4 & 15; /* bits of the distance below its highest */
	size_t length = symbol & 15;
	unsigned low = 0;

	if (length == LENGTH_MORE)
		ATHAR_TRY(long_length(&length, bits, err));
	if (!athar_bits_take(&low, bits, size))
		return cut_short(err);
	const size_t distance = ((size_t)1 << size) + low;

	if (!athar_window_match(out, distance, length + MATCH_MIN))
		return athar_fail(
			err, ATHAR_EFORMAT,
			"XPRESS: a match of %zu bytes from %zu before, at %zu of %zu bytes",
			length + MATCH_MIN, distance, out->at, out->room);
	return ATHAR_OK;
}

/* A table and the symbols behind it, until `until` bytes are written; a match may write more. */
static athar_status block(athar_prefix *code, athar_window *out, athar_bits *bits, size_t until,
                          athar_error *err)
{
	if (bits->len - bits->at < TABLE)
		return cut_short(err);
	ATHAR_TRY(table(code, bits->in + bits->at, err));
	*bits = (athar_bits){.in = bits->in, .at = bits->at + TABLE, .len = bits->len};
	while (out->at < until) {
		unsigned symbol = 0;

		if (!athar_prefix_take(&symbol, code, bits))
			return cut_short(err);
		if (symbol < LITERALS)
			out->bytes[out->at++] = (uint8_t)symbol;
		else
			ATHAR_TRY(match(out, bits, symbol, err));
	}
	return ATHAR_OK;
}

athar_status athar_xpress_unpack(size_t *made, uint8_t *out, size_t room, const uint8_t *in,
                                 size_t len, athar_error *err)
{
	athar_window window = {.bytes = out, .room = room};
	athar_bits bits = {.in = in, .len = len};
	athar_prefix code;

	if (room > ROOM_MOST)
		return athar_fail(err, ATHAR_EUSAGE, "XPRESS: a chunk has at most 64 KiB");
	ATHAR_TRY(block(&code, &window, &bits, room, err));
	*made = window.at;
	return ATHAR_OK;
}

athar_status athar_xpress_stream(size_t *used, uint8_t *out, size_t size, const uint8_t *in,
                                 size_t len, athar_error *err)
{
	athar_window window = {.bytes = out, .room = size};
	athar_bits bits = {.in = in, .len = len};
	athar_prefix code;
	unsigned symbol = 0;

	do {
		const size_t left = size - window.at;
		const size_t most = left < ROOM_MOST ? left : ROOM_MOST;

		ATHAR_TRY(block(&code, &window, &bits, window.at + most, err));
		/* What encoder and decoder have in hand is 16 bits at least. */
		(void)athar_bits_peek(&bits);
	} while (window.at < size);
	athar_bits behind = bits;

	if (athar_prefix_take(&symbol, &code, &behind) && symbol == LITERALS) {
		bits = behind;
		(void)athar_bits_peek(&bits);
	}
	if (bits.beyond != 0)
		return cut_short(err);
	*used = bits.at;
	return ATHAR_OK;
}
