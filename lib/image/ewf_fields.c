/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The case fields of a header section. Its text is a few lines; after the line "main" comes one of
 * identifiers and one of values, both separated by tabs.
 */
#include <string.h>

#include "athar/text.h"
#include "base/alloc.h"
#include "image/ewf.h"

static const struct {
	const char *key;
	int field;
} keys[] = {
	{"a", ATHAR_EWF_DESCRIPTION}, {"c", ATHAR_EWF_CASE},   {"n", ATHAR_EWF_EVIDENCE},
	{"e", ATHAR_EWF_EXAMINER},    {"t", ATHAR_EWF_NOTES},  {"av", ATHAR_EWF_SOFTWARE},
	{"m", ATHAR_EWF_ACQUIRED},    {"u", ATHAR_EWF_SYSTEM},
};

struct text {
	const char *ptr;
	size_t len;
};

/* The next piece of *rest up to `separator`, which is eaten. */
static struct text cut(struct text *rest, char separator)
{
	const char *end = rest->len == 0 ? NULL : memchr(rest->ptr, separator, rest->len);
	const struct text piece = {rest->ptr, end == NULL ? rest->len : (size_t)(end - rest->ptr)};
	const size_t eaten = end == NULL ? piece.len : piece.len + 1;

	*rest = (struct text){rest->ptr + eaten, rest->len - eaten};
	return piece;
}

static struct text cut_line(struct text *rest)
{
	struct text line = cut(rest, '\n');

	while (line.len > 0 && line.ptr[line.len - 1] == '\r')
		line.len--;
	return line;
}

static bool is(struct text t, const char *word)
{
	return t.len == strlen(word) && memcmp(t.ptr, word, t.len) == 0;
}

static int find_field(struct text key)
{
	for (size_t i = 0; i < ATHAR_COUNT(keys); i++)
		if (is(key, keys[i].key))
			return keys[i].field;
	return -1;
}

/* header2 has Unix times; the older header has "2002 3 4 10 19 59" of a zone it does not name. */
static bool is_unix_time(struct text value, int64_t *out)
{
	*out = 0;
	for (size_t i = 0; i < value.len; i++) {
		if (value.ptr[i] < '0' || value.ptr[i] > '9')
			return false;
		*out = *out * 10 + (value.ptr[i] - '0');
	}
	return value.len > 0 && value.len <= 12;
}

static athar_status set_field(athar_ewf_set *set, int field, struct text value, athar_error *err)
{
	char time[32];
	int64_t seconds;

	if (value.len == 0 || set->field[field] != NULL)
		return ATHAR_OK;
	if (field >= ATHAR_EWF_ACQUIRED && is_unix_time(value, &seconds)) {
		set->field[field] =
			athar_copy_text(athar_text_time(time, sizeof time, seconds), err);
		return set->field[field] == NULL ? err->status : ATHAR_OK;
	}
	return athar_text_visible(&set->field[field], value.ptr, value.len, err);
}

static athar_status parse(athar_ewf_set *set, struct text rest, athar_error *err)
{
	struct text names, values;

	while (rest.len > 0 && !is(cut_line(&rest), "main"))
		;
	names = cut_line(&rest);
	values = cut_line(&rest);
	while (names.len > 0) {
		const int field = find_field(cut(&names, '\t'));
		const struct text value = cut(&values, '\t');

		if (field >= 0)
			ATHAR_TRY(set_field(set, field, value, err));
	}
	return ATHAR_OK;
}

/* One code point; what is none (half a surrogate) passes and is escaped as bytes later. */
static size_t put_utf8(char *out, uint32_t c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xC0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3F));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xE0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3F));
		out[2] = (char)(0x80 | (c & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3F));
	out[2] = (char)(0x80 | (c >> 6 & 0x3F));
	out[3] = (char)(0x80 | (c & 0x3F));
	return 4;
}

static uint32_t unit_at(const uint8_t *p, bool big)
{
	return big ? (uint32_t)p[0] << 8 | p[1] : (uint32_t)p[1] << 8 | p[0];
}

/* out has room for 3 bytes a unit. */
static size_t from_utf16(char *out, const uint8_t *p, size_t len, bool big)
{
	size_t n = 0;

	for (size_t i = 0; i + 1 < len; i += 2) {
		uint32_t c = unit_at(p + i, big);

		if (c >= 0xD800 && c < 0xDC00 && i + 3 < len) {
			const uint32_t low = unit_at(p + i + 2, big);

			if (low >= 0xDC00 && low < 0xE000) {
				c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
				i += 2;
			}
		}
		n += put_utf8(out + n, c);
	}
	return n;
}

athar_status athar_ewf_fields(athar_ewf_set *set, const uint8_t *text, size_t len, athar_error *err)
{
	ATHAR_AUTO(free) char *utf8 = NULL;
	const bool little = len >= 2 && text[0] == 0xFF && text[1] == 0xFE;
	const bool big = len >= 2 && text[0] == 0xFE && text[1] == 0xFF;

	if (!little && !big)
		return parse(set, (struct text){(const char *)text, len}, err);
	utf8 = athar_alloc(len / 2 * 3 + 1, err);
	if (utf8 == NULL)
		return err->status;
	return parse(set, (struct text){utf8, from_utf16(utf8, text + 2, len - 2, big)}, err);
}
