/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/ole_info.h"

#include "athar/text.h"
#include "base/endian.h"
#include "base/utf8.h"

#define SECTION 48u /* where its place stands: behind the header and the set's name */
#define PROPERTIES 64u
#define TEXT 160u

enum { NUMBER = 3, BYTES = 0x1E, WIDE = 0x1F, TIME = 0x40 };

static const struct {
	uint32_t id;
	const char *key;
} keys[] = {
	{2, "title"},    {3, "subject"},   {4, "author"}, {6, "comment"},
	{12, "created"}, {13, "modified"}, {14, "pages"}, {18, "software"},
};

static void note_wide(athar_walk *w, const char *key, const uint8_t *p, size_t units)
{
	uint8_t text[TEXT];
	size_t n = 0;

	for (size_t i = 0; i < units && n + 4 < sizeof text; i++) {
		const uint16_t unit = athar_le16(p + 2 * i);

		if (unit == 0)
			break;
		if (unit < 0xD800 || unit >= 0xE000)
			n += athar_utf8_encode(text + n, unit);
	}
	athar_walk_field_bytes(w, key, text, n);
}

/* 100 ns since 1601; spans of time, such as how long it was edited, are less than a year. */
static void note_time(athar_walk *w, const char *key, uint64_t value)
{
	char text[32];
	const int64_t seconds = (int64_t)(value / 10000000) - INT64_C(11644473600);

	if (seconds > 0)
		athar_walk_field(w, key, "%s", athar_text_time(text, sizeof text, seconds));
}

/* A type, then a value; of strings also their length. */
static void note_value(athar_walk *w, const char *key, const uint8_t *p, size_t len)
{
	if (len < 8)
		return;
	const uint32_t type = athar_le32(p), count = athar_le32(p + 4);

	if (type == BYTES && count <= len - 8)
		athar_walk_field_bytes(w, key, p + 8, count);
	else if (type == WIDE && count <= (len - 8) / 2)
		note_wide(w, key, p + 8, count);
	else if (type == TIME && len >= 12)
		note_time(w, key, athar_le64(p + 4));
	else if (type == NUMBER && count != 0 && count <= INT32_MAX)
		athar_walk_field(w, key, "%lu", (unsigned long)count);
}

void athar_ole_info(athar_walk *w, const uint8_t *bytes, size_t len)
{
	if (len < SECTION || athar_le16(bytes) != 0xFFFE || athar_le32(bytes + 24) == 0)
		return;
	const size_t begin = athar_le32(bytes + 44);

	if (begin > len || len - begin < 8)
		return;
	const uint8_t *section = bytes + begin;
	const size_t have = len - begin;
	const uint32_t count = athar_le32(section + 4);

	for (uint32_t i = 0; i < count && i < PROPERTIES && 16 + 8 * (size_t)i <= have; i++) {
		const uint32_t id = athar_le32(section + 8 + 8 * (size_t)i);
		const uint32_t at = athar_le32(section + 12 + 8 * (size_t)i);

		for (size_t k = 0; k < ATHAR_COUNT(keys); k++)
			if (keys[k].id == id && at < have)
				note_value(w, keys[k].key, section + at, have - at);
	}
}
