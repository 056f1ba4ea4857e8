/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/utf8.h"

#include "base/idiom.h"

/* Length and first bits by the lead byte of a longer one; 0 for bytes that begin no character. */
static size_t lead(uint32_t *bits, uint8_t byte)
{
	if (byte >= 0xC2 && byte <= 0xDF) {
		*bits = byte & 0x1Fu;
		return 2;
	}
	if ((byte & 0xF0u) == 0xE0) {
		*bits = byte & 0x0Fu;
		return 3;
	}
	*bits = byte & 0x07u;
	return byte >= 0xF0 && byte <= 0xF4 ? 4 : 0;
}

size_t athar_utf8_decode(uint32_t *character, const uint8_t *p, size_t len)
{
	static const uint32_t smallest[5] = {0, 0, 0x80, 0x800, 0x10000};
	uint32_t c = 0;
	size_t size;

	if (len > 0 && p[0] < 0x80) { /* most of all text */
		*character = p[0];
		return 1;
	}
	size = len == 0 ? 0 : lead(&c, p[0]);
	if (size == 0 || size > len)
		return 0;
	for (size_t i = 1; i < size; i++) {
		if ((p[i] & 0xC0u) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3Fu);
	}
	if (c < smallest[size] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
		return 0;
	*character = c;
	return size;
}

size_t athar_utf8_encode(uint8_t out[4], uint32_t character)
{
	const size_t size = character < 0x80      ? 1
	                    : character < 0x800   ? 2
	                    : character < 0x10000 ? 3
	                                          : 4;
	static const uint8_t mark[5] = {0, 0, 0xC0, 0xE0, 0xF0};

	for (size_t i = size; i-- > 1;) {
		out[i] = (uint8_t)(0x80 | (character & 0x3Fu));
		character >>= 6;
	}
	out[0] = (uint8_t)(mark[size] | character);
	return size;
}

bool athar_utf8_hidden(uint32_t c)
{
	static const struct {
		uint32_t first, last;
	} hidden[] = {
		{0x7F, 0x9F},     {0x61C, 0x61C},   {0x200B, 0x200F},
		{0x2028, 0x202E}, {0x2060, 0x206F}, {0xFEFF, 0xFEFF},
		{0xFFF9, 0xFFFB}, {0xFFFE, 0xFFFF}, {0xE0000, 0xE007F},
	};

	if (c < 0x7F)
		return c < 0x20;
	for (size_t i = 0; i < ATHAR_COUNT(hidden); i++)
		if (c >= hidden[i].first && c <= hidden[i].last)
			return true;
	return false;
}
