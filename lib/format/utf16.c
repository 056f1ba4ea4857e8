/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/utf16.h"

#include "base/endian.h"
#include "base/utf8.h"

#define REPLACED 0xFFFDu

static uint32_t unit(const uint8_t *b, bool high_first)
{
	return high_first ? athar_be16(b) : athar_le16(b);
}

/* The character at b; *took: bytes of it. */
static uint32_t character(size_t *took, const uint8_t *b, size_t len, bool high_first)
{
	const uint32_t first = unit(b, high_first);

	*took = 2;
	if (first < 0xD800 || first > 0xDFFF)
		return first;
	if (first > 0xDBFF || len < 4)
		return REPLACED;
	const uint32_t second = unit(b + 2, high_first);

	if (second < 0xDC00 || second > 0xDFFF)
		return REPLACED;
	*took = 4;
	return 0x10000 + ((first & 0x3FF) << 10) + (second & 0x3FF);
}

void athar_walk_field_utf16(athar_walk *w, const char *key, const uint8_t *bytes, size_t len,
                            bool high_first)
{
	uint8_t text[4 * sizeof w->claim->field[0].value];
	size_t n = 0, took;

	for (size_t i = 0; len - i >= 2 && n + 4 <= sizeof text; i += took) {
		const uint32_t c = character(&took, bytes + i, len - i, high_first);

		if (c == 0)
			break;
		n += athar_utf8_encode(text + n, c);
	}
	athar_walk_field_bytes(w, key, text, n);
}
