/* SPDX-License-Identifier: BSD-2-Clause */
#include "carve/search_code.h"

#include "base/check.h"
#include "base/endian.h"
#include "base/utf8.h"

/* Windows code page 1256, from 0x80 on, as Unicode's table CP1256.TXT has it. */
static const uint16_t cp1256[128] = {
	0x20AC, 0x067E, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0679,
	0x2039, 0x0152, 0x0686, 0x0698, 0x0688, 0x06AF, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
	0x2013, 0x2014, 0x06A9, 0x2122, 0x0691, 0x203A, 0x0153, 0x200C, 0x200D, 0x06BA, 0x00A0,
	0x060C, 0x00A2, 0x00A3, 0x00A4, 0x00A5, 0x00A6, 0x00A7, 0x00A8, 0x00A9, 0x06BE, 0x00AB,
	0x00AC, 0x00AD, 0x00AE, 0x00AF, 0x00B0, 0x00B1, 0x00B2, 0x00B3, 0x00B4, 0x00B5, 0x00B6,
	0x00B7, 0x00B8, 0x00B9, 0x061B, 0x00BB, 0x00BC, 0x00BD, 0x00BE, 0x061F, 0x06C1, 0x0621,
	0x0622, 0x0623, 0x0624, 0x0625, 0x0626, 0x0627, 0x0628, 0x0629, 0x062A, 0x062B, 0x062C,
	0x062D, 0x062E, 0x062F, 0x0630, 0x0631, 0x0632, 0x0633, 0x0634, 0x0635, 0x0636, 0x00D7,
	0x0637, 0x0638, 0x0639, 0x063A, 0x0640, 0x0641, 0x0642, 0x0643, 0x00E0, 0x0644, 0x00E2,
	0x0645, 0x0646, 0x0647, 0x0648, 0x00E7, 0x00E8, 0x00E9, 0x00EA, 0x00EB, 0x0649, 0x064A,
	0x00EE, 0x00EF, 0x064B, 0x064C, 0x064D, 0x064E, 0x00F4, 0x064F, 0x0650, 0x00F7, 0x0651,
	0x00F9, 0x0652, 0x00FB, 0x00FC, 0x200E, 0x200F, 0x06D2,
};

uint32_t athar_cp1256_character(uint8_t byte)
{
	return byte < 0x80 ? byte : cp1256[byte - 0x80];
}

/* ---- characters in bytes ---- */

static size_t read_utf16(uint32_t *character, const uint8_t *p, size_t len)
{
	const uint32_t first = len < 2 ? 0xD800 : athar_le16(p);
	const uint32_t second = len < 4 ? 0 : athar_le16(p + 2);

	if (first < 0xD800 || first > 0xDFFF) {
		*character = first;
		return 2;
	}
	if (first > 0xDBFF || second < 0xDC00 || second > 0xDFFF)
		return 0;
	*character = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
	return 4;
}

size_t athar_code_read(uint32_t *character, athar_search_encoding encoding, const uint8_t *p,
                       size_t len)
{
	if (len == 0)
		return 0;
	switch (encoding) {
	case ATHAR_SEARCH_UTF8:
		return athar_utf8_decode(character, p, len);
	case ATHAR_SEARCH_UTF16LE:
		return read_utf16(character, p, len);
	default:
		*character = athar_cp1256_character(*p);
		return 1;
	}
}

size_t athar_code_read_back(uint32_t *character, athar_search_encoding encoding, const uint8_t *end,
                            size_t len)
{
	const size_t unit = encoding == ATHAR_SEARCH_UTF16LE ? 2 : 1;

	for (size_t n = unit; n <= 4 && n <= len; n += unit)
		if (athar_code_read(character, encoding, end - n, n) == n)
			return n;
	return 0;
}

/* ---- characters as bytes ---- */

static athar_status emit(const athar_code_sink *sink, const athar_code_byte *byte, unsigned count,
                         athar_error *err)
{
	return sink->sequence(sink->user, byte, count, err);
}

/* Both ends are of one length and share all but the last `free` bytes, which take any value in
 * between: those of characters are. */
static athar_status utf8_same(const athar_code_sink *sink, uint32_t from, uint32_t to,
                              athar_error *err)
{
	athar_code_byte byte[4];
	uint8_t a[4], b[4];
	const unsigned count = (unsigned)athar_utf8_encode(a, from);

	(void)athar_utf8_encode(b, to);
	for (unsigned i = 0; i < count; i++)
		byte[i] = (athar_code_byte){a[i], b[i]};
	return emit(sink, byte, count, err);
}

/* The last character that shares length and leading bytes with `from`, where what follows them
 * begins at its least value; at most `to`. */
static uint32_t utf8_reach(uint32_t from, uint32_t to)
{
	static const uint32_t lengths[] = {0x7F, 0x7FF, 0xFFFF, ATHAR_CHARACTER_LAST};
	unsigned length = 0;

	while (from > lengths[length])
		length++;
	to = (uint32_t)athar_min(to, lengths[length]);
	for (unsigned bits = 6 * length; bits > 0; bits -= 6) {
		const uint32_t mask = (UINT32_C(1) << bits) - 1;

		/* Whole blocks of 2^bits characters, as many as fit. */
		if ((from & mask) == 0 && to - from >= mask)
			return ((to + 1) & ~mask) - 1;
		if ((from & ~mask) != (to & ~mask))
			to = from | mask;
	}
	return to;
}

static athar_status utf8_span(const athar_code_sink *sink, athar_span span, athar_error *err)
{
	uint32_t from = span.from;

	for (;;) {
		const uint32_t to = utf8_reach(from, span.to);

		ATHAR_TRY(utf8_same(sink, from, to, err));
		if (to == span.to)
			return ATHAR_OK;
		from = to + 1;
	}
}

/* Units from `from` to `to`: low bytes first. `lead`, of a pair's first half, may be empty. */
static athar_status utf16_units(const athar_code_sink *sink, const athar_code_byte *lead,
                                unsigned leads, uint32_t from, uint32_t to, athar_error *err)
{
	while (from <= to) {
		athar_code_byte byte[4];
		uint32_t last = (uint32_t)athar_min(to, from | 0xFF);
		unsigned n = 0;

		for (; n < leads; n++)
			byte[n] = lead[n];
		if ((from & 0xFF) == 0 && (to + 1) >> 8 > from >> 8)
			last = ((to + 1) & ~UINT32_C(0xFF)) - 1;
		byte[n++] = (athar_code_byte){(uint8_t)from, (uint8_t)last};
		byte[n++] = (athar_code_byte){(uint8_t)(from >> 8), (uint8_t)(last >> 8)};
		ATHAR_TRY(emit(sink, byte, n, err));
		from = last + 1;
	}
	return ATHAR_OK;
}

/* Pairs, one first half after the other; those with all second halves together. */
static athar_status utf16_pairs(const athar_code_sink *sink, uint32_t from, uint32_t to,
                                athar_error *err)
{
	for (from -= 0x10000, to -= 0x10000; from <= to;) {
		uint32_t last = (uint32_t)athar_min(to, from | 0x3FF);
		uint32_t high = 0xD800 + (from >> 10), high_last = high;

		if ((from & 0x3FF) == 0 && to - from >= 0x3FF) {
			/* As long as the high byte of the first half stays the same. */
			last = (uint32_t)athar_min(((to + 1) & ~UINT32_C(0x3FF)) - 1,
			                           from | 0x3FFFF);
			high_last = 0xD800 + (last >> 10);
		}
		const athar_code_byte lead[2] = {{(uint8_t)high, (uint8_t)high_last},
		                                 {(uint8_t)(high >> 8), (uint8_t)(high >> 8)}};
		ATHAR_TRY(utf16_units(sink, lead, 2, 0xDC00 + (from & 0x3FF),
		                      0xDC00 + (last & 0x3FF), err));
		from = last + 1;
	}
	return ATHAR_OK;
}

static athar_status utf16_span(const athar_code_sink *sink, athar_span span, athar_error *err)
{
	if (span.from < 0x10000)
		ATHAR_TRY(utf16_units(sink, NULL, 0, span.from,
		                      (uint32_t)athar_min(span.to, 0xFFFF), err));
	if (span.to < 0x10000)
		return ATHAR_OK;
	return utf16_pairs(sink, (uint32_t)athar_max(span.from, 0x10000), span.to, err);
}

static athar_status cp1256_set(const athar_code_sink *sink, const athar_set *set, athar_error *err)
{
	for (unsigned from = 0; from < 256; from++) {
		unsigned to = from;

		if (!athar_set_has(set, athar_cp1256_character((uint8_t)from)))
			continue;
		while (to < 255 && athar_set_has(set, athar_cp1256_character((uint8_t)(to + 1))))
			to++;
		const athar_code_byte byte = {(uint8_t)from, (uint8_t)to};
		ATHAR_TRY(emit(sink, &byte, 1, err));
		from = to;
	}
	return ATHAR_OK;
}

athar_status athar_code_set(const athar_code_sink *sink, athar_search_encoding encoding,
                            const athar_set *set, athar_error *err)
{
	if (encoding == ATHAR_SEARCH_CP1256)
		return cp1256_set(sink, set, err);
	for (size_t i = 0; i < set->count; i++)
		ATHAR_TRY(encoding == ATHAR_SEARCH_UTF8 ? utf8_span(sink, set->span[i], err)
		                                        : utf16_span(sink, set->span[i], err));
	return ATHAR_OK;
}
