/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/xxh32.h"

#include <string.h>

#include "base/endian.h"

#define PRIME_1 0x9E3779B1u
#define PRIME_2 0x85EBCA77u
#define PRIME_3 0xC2B2AE3Du
#define PRIME_4 0x27D4EB2Fu
#define PRIME_5 0x165667B1u

static uint32_t turn(uint32_t v, unsigned n)
{
	return v << n | v >> (32 - n);
}

void athar_xxh32_begin(athar_xxh32 *x)
{
	*x = (athar_xxh32){.lane = {PRIME_1 + PRIME_2, PRIME_2, 0, 0u - PRIME_1}};
}

static void stripe(athar_xxh32 *x, const uint8_t *p)
{
	for (unsigned i = 0; i < 4; i++)
		x->lane[i] =
			turn(x->lane[i] + athar_le32(p + (size_t)4 * i) * PRIME_2, 13) * PRIME_1;
}

void athar_xxh32_add(athar_xxh32 *x, const uint8_t *bytes, size_t len)
{
	size_t held = (size_t)(x->length % sizeof x->held);

	x->length += len;
	if (held != 0) {
		const size_t n = len < sizeof x->held - held ? len : sizeof x->held - held;

		memcpy(x->held + held, bytes, n);
		bytes += n;
		len -= n;
		held += n;
		if (held < sizeof x->held)
			return;
		stripe(x, x->held);
	}
	for (; len >= sizeof x->held; bytes += sizeof x->held, len -= sizeof x->held)
		stripe(x, bytes);
	if (len != 0)
		memcpy(x->held, bytes, len);
}

uint32_t athar_xxh32_get(const athar_xxh32 *x)
{
	const size_t held = (size_t)(x->length % sizeof x->held);
	uint32_t v = PRIME_5;
	size_t i = 0;

	if (x->length >= sizeof x->held)
		v = turn(x->lane[0], 1) + turn(x->lane[1], 7) + turn(x->lane[2], 12) +
		    turn(x->lane[3], 18);
	v += (uint32_t)x->length;
	for (; i + 4 <= held; i += 4)
		v = turn(v + athar_le32(x->held + i) * PRIME_3, 17) * PRIME_4;
	for (; i < held; i++)
		v = turn(v + x->held[i] * PRIME_5, 11) * PRIME_1;
	v = (v ^ v >> 15) * PRIME_2;
	v = (v ^ v >> 13) * PRIME_3;
	return v ^ v >> 16;
}
