/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/windows.h"

#include <string.h>

#include "athar/text.h"
#include "base/check.h"
#include "base/endian.h"
#include "base/utf8.h"

#define A_SECOND UINT64_C(10000000)
#define TO_1970 INT64_C(11644473600)
#define YEAR_1980 INT64_C(315532800)
#define YEAR_2101 INT64_C(4133980800)
#define TEXT_MOST 256u
#define PIECE 65536u

void athar_windows_seconds(athar_walk *w, const char *key, int64_t seconds)
{
	char text[32];

	if (seconds >= YEAR_1980 && seconds < YEAR_2101)
		athar_walk_field(w, key, "%s", athar_text_time(text, sizeof text, seconds));
}

void athar_windows_time(athar_walk *w, const char *key, uint64_t filetime)
{
	athar_windows_seconds(w, key, (int64_t)(filetime / A_SECOND) - TO_1970);
}

static bool is_high(uint32_t unit)
{
	return unit >= 0xD800 && unit < 0xDC00;
}

static bool is_low(uint32_t unit)
{
	return unit >= 0xDC00 && unit < 0xE000;
}

/* The character at p, of len bytes, 2 at least; how many it takes. */
static size_t character(uint32_t *out, const uint8_t *p, size_t len)
{
	const uint32_t low = len >= 4 ? athar_le16(p + 2) : 0;

	*out = athar_le16(p);
	if (is_high(*out) && is_low(low)) {
		*out = 0x10000 + ((*out - 0xD800) << 10) + (low - 0xDC00);
		return 4;
	}
	if (is_high(*out) || is_low(*out))
		*out = 0xFFFD;
	return 2;
}

void athar_windows_text(athar_walk *w, const char *key, const uint8_t *bytes, size_t len)
{
	uint8_t text[TEXT_MOST + 4];
	size_t n = 0;

	for (size_t i = 0; len - i >= 2 && n < TEXT_MOST;) {
		uint32_t c;

		i += character(&c, bytes + i, len - i);
		if (c == 0)
			break;
		n += athar_utf8_encode(text + n, c);
	}
	athar_walk_field_bytes(w, key, text, n);
}

athar_status athar_windows_zeros(bool *out, athar_walk *w, uint64_t from, uint64_t to,
                                 athar_error *err)
{
	*out = to <= athar_reader_size(w->in);
	while (*out && from < to) {
		const size_t len = (size_t)athar_min(to - from, PIECE);
		athar_bytes b;

		ATHAR_TRY(athar_reader_get(&b, w->in, from, len, err));
		*out = b.ptr[0] == 0 && memcmp(b.ptr, b.ptr + 1, len - 1) == 0;
		from += len;
	}
	return ATHAR_OK;
}
