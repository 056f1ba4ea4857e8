/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The bits of XPRESS and LZX: words of 16 bits, little-endian, the highest bit first; and the
 * canonical prefix codes ("Huffman") in them.
 */
#ifndef ATHAR_INFLATE_BITS_H
#define ATHAR_INFLATE_BITS_H

#include "base/endian.h"

#include <stdbool.h>
#include <stddef.h>

#define ATHAR_PREFIX_SYMBOLS ((size_t)512)
#define ATHAR_PREFIX_LONGEST 16

typedef struct athar_bits {
	const uint8_t *in;
	size_t at, len;  /* the next word to load begins at `at` */
	uint32_t held;   /* bits loaded, the next one highest */
	unsigned count;  /* of them */
	unsigned beyond; /* how many of them, the last, are zeros from beyond the end */
} athar_bits;

/* The next 16 bits; looking beyond the end gives zeros. 16 to 31 bits are loaded then, which is
 * also where XPRESS has the bytes that stand between its words. */
static inline unsigned athar_bits_peek(athar_bits *b)
{
	while (b->count < 16) {
		uint32_t word = 0;

		if (b->len - b->at >= 2) {
			word = athar_le16(b->in + b->at);
			b->at += 2;
		} else {
			b->beyond += 16;
		}
		b->held |= word << (16 - b->count);
		b->count += 16;
	}
	return b->held >> 16;
}

/* Passes over n bits, at most 16, that were looked at. False: beyond the end. */
static inline bool athar_bits_drop(athar_bits *b, unsigned n)
{
	b->held <<= n;
	b->count -= n;
	return b->count >= b->beyond;
}

/* n is at most 16. */
static inline bool athar_bits_take(unsigned *out, athar_bits *b, unsigned n)
{
	*out = athar_bits_peek(b) >> (16 - n);
	return athar_bits_drop(b, n);
}

/* Codes of one length follow each other; limit and first have them as the highest of 16 bits. */
typedef struct athar_prefix {
	uint32_t first[ATHAR_PREFIX_LONGEST + 1], limit[ATHAR_PREFIX_LONGEST + 1];
	uint16_t place[ATHAR_PREFIX_LONGEST + 1]; /* in symbol, of the first of this length */
	uint16_t symbol[ATHAR_PREFIX_SYMBOLS];    /* by length, then by number */
	uint8_t start[256]; /* by the first 8 bits: no code that fits is shorter */
} athar_prefix;

/* The code whose symbol i has lengths[i] bits, 0 to 16, 0 for none; at most ATHAR_PREFIX_SYMBOLS.
 * False: the lengths make no code. None at all is a code, of which no symbol can be read. */
bool athar_prefix_make(athar_prefix *out, const uint8_t *lengths, size_t count);

/* False: the code has no symbols, or the input has ended. */
static inline bool athar_prefix_take(unsigned *symbol, const athar_prefix *p, athar_bits *b)
{
	const uint32_t bits = athar_bits_peek(b);
	unsigned length = p->start[bits >> 8];

	if (p->limit[ATHAR_PREFIX_LONGEST] == 0)
		return false;
	while (bits >= p->limit[length])
		length++;
	*symbol = p->symbol[p->place[length] + ((bits - p->first[length]) >> (16 - length))];
	return athar_bits_drop(b, length);
}

#endif
