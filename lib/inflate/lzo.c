/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * LZO1X: instructions of one byte and more, each a run of literals or a match. What the short ones
 * mean depends on how many literals came last, the "state": 0, 1 to 3, or 4 for more than that.
 */
#include "base/endian.h"
#include "base/idiom.h"
#include "inflate/unpack.h"
#include "inflate/window.h"

#define FIRST_PLAIN 17 /* the first byte above this is a count of literals */
#define MANY_LITERALS 4
#define VERSIONED_MIN 5 /* bytes of the shortest stream that names its version */
#define FAR 16384       /* a far match at this distance is the end */
#define END_LENGTH 3
#define RUN_CODE 0x18 /* of a far match: with all bits of the distance set, a run of zeros */
#define RUN_MASK 0xF8
#define RUN_DISTANCE 0xFFFC
#define RUN_MIN 4

typedef struct lzo {
	const uint8_t *in;
	size_t at, len;
	athar_window out;
	unsigned state;
	bool runs;  /* the variant with runs of zeros */
	bool ended; /* the end's instruction was met */
} lzo;

static athar_status cut_short(athar_error *err)
{
	return athar_fail(err, ATHAR_EFORMAT, "LZO: the stream is cut short");
}

static athar_status too_long(const lzo *z, athar_error *err)
{
	return athar_fail(err, ATHAR_EFORMAT, "LZO: longer than the %zu bytes it may be",
	                  z->out.room);
}

static athar_status literals(lzo *z, size_t count, athar_error *err)
{
	if (count > z->len - z->at)
		return cut_short(err);
	if (!athar_window_literals(&z->out, z->in + z->at, count))
		return too_long(z, err);
	z->at += count;
	z->state = count < MANY_LITERALS ? (unsigned)count : MANY_LITERALS;
	return ATHAR_OK;
}

/* A match, and the 0 to 3 literals that go with it. */
static athar_status match(lzo *z, size_t distance, size_t length, unsigned count, athar_error *err)
{
	if (!athar_window_match(&z->out, distance, length))
		return athar_fail(err, ATHAR_EFORMAT,
		                  "LZO: at byte %zu a match of %zu bytes from %zu before", z->at,
		                  length, distance);
	return literals(z, count, err);
}

/* The low bits of an instruction are a length; where they are zero, bytes that follow have it. */
static athar_status length_of(size_t *out, lzo *z, unsigned bits, unsigned mask, athar_error *err)
{
	size_t length = mask;

	if (bits != 0) {
		*out = bits;
		return ATHAR_OK;
	}
	while (z->at < z->len && z->in[z->at] == 0) {
		length += 255;
		z->at++;
	}
	if (z->at == z->len)
		return cut_short(err);
	*out = length + z->in[z->at++];
	return ATHAR_OK;
}

static athar_status pair(unsigned *out, lzo *z, athar_error *err)
{
	if (z->len - z->at < 2)
		return cut_short(err);
	*out = athar_le16(z->in + z->at);
	z->at += 2;
	return ATHAR_OK;
}

/* 0000LLLL after no literals: a long run of them. 0000DDSS HHHHHHHH after some: a short match. */
static athar_status lowest(lzo *z, unsigned code, athar_error *err)
{
	size_t length = 0;

	if (z->state == 0) {
		ATHAR_TRY(length_of(&length, z, code, 15, err));
		return literals(z, length + 3, err);
	}
	if (z->at == z->len)
		return cut_short(err);
	const size_t distance = ((size_t)z->in[z->at++] << 2) + (code >> 2) + 1;

	if (z->state == MANY_LITERALS)
		return match(z, distance + 2048, 3, code & 3, err);
	return match(z, distance, 2, code & 3, err);
}

static athar_status run(lzo *z, unsigned code, unsigned count, athar_error *err)
{
	if (z->at == z->len)
		return cut_short(err);
	const size_t length = ((size_t)z->in[z->at++] << 3 | (code & 7)) + RUN_MIN;

	if (!athar_window_zeros(&z->out, length))
		return too_long(z, err);
	return literals(z, count, err);
}

/* 0001HLLL and two bytes: a match 16 to 48 KiB back, the end, or a run of zeros. */
static athar_status far_match(lzo *z, unsigned code, athar_error *err)
{
	size_t length = 0;
	unsigned low = 0;

	if (z->runs && (code & RUN_MASK) == RUN_CODE && z->len - z->at >= 2 &&
	    (athar_le16(z->in + z->at) & RUN_DISTANCE) == RUN_DISTANCE) {
		ATHAR_TRY(pair(&low, z, err));
		return run(z, code, low & 3, err);
	}
	ATHAR_TRY(length_of(&length, z, code & 7, 7, err));
	ATHAR_TRY(pair(&low, z, err));
	const size_t distance = FAR + ((size_t)(code & 8) << 11) + (low >> 2);

	if (distance > FAR)
		return match(z, distance, length + 2, low & 3, err);
	z->ended = true;
	if (length + 2 != END_LENGTH || z->at != z->len)
		return athar_fail(err, ATHAR_EFORMAT,
		                  "LZO: the stream ends at byte %zu, the data do not", z->at);
	return ATHAR_OK;
}

/* 001LLLLL and two bytes: a match within 16 KiB. */
static athar_status middle_match(lzo *z, unsigned code, athar_error *err)
{
	size_t length = 0;
	unsigned low = 0;

	ATHAR_TRY(length_of(&length, z, code & 31, 31, err));
	ATHAR_TRY(pair(&low, z, err));
	return match(z, (size_t)(low >> 2) + 1, length + 2, low & 3, err);
}

/* 01LDDDSS and 1LLDDDSS and a byte: a match of 3 to 8 bytes within 2 KiB. */
static athar_status near_match(lzo *z, unsigned code, athar_error *err)
{
	if (z->at == z->len)
		return cut_short(err);
	const size_t distance = ((size_t)z->in[z->at++] << 3) + (code >> 2 & 7) + 1;

	return match(z, distance, (code >> 5) + 1, code & 3, err);
}

static athar_status step(lzo *z, athar_error *err)
{
	if (z->at == z->len)
		return cut_short(err);
	const unsigned code = z->in[z->at++];

	if (code < 16)
		return lowest(z, code, err);
	if (code < 32)
		return far_match(z, code, err);
	return code < 64 ? middle_match(z, code, err) : near_match(z, code, err);
}

/* 17 and a version, in the variant; then a count of literals, if the byte is no instruction. */
static athar_status begin(lzo *z, athar_error *err)
{
	if (z->len >= VERSIONED_MIN && z->in[0] == FIRST_PLAIN) {
		if (z->in[1] > 1)
			return athar_fail(err, ATHAR_EFORMAT, "LZO: a stream of version %u",
			                  (unsigned)z->in[1]);
		z->runs = z->in[1] == 1;
		z->at = 2;
	}
	if (z->at < z->len && z->in[z->at] > FIRST_PLAIN) {
		const size_t count = z->in[z->at++] - (size_t)FIRST_PLAIN;

		return literals(z, count, err);
	}
	return ATHAR_OK;
}

athar_status athar_lzo_unpack(size_t *made, uint8_t *out, size_t room, const uint8_t *in,
                              size_t len, athar_error *err)
{
	lzo z = {.in = in, .len = len, .out = {.bytes = out, .room = room}};

	ATHAR_TRY(begin(&z, err));
	while (!z.ended)
		ATHAR_TRY(step(&z, err));
	*made = z.out.at;
	return ATHAR_OK;
}
