/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names for the file system out of ids as they stand on a label.
 *
 * Which characters are letters or digits would take a table of Unicode to say, and the table would
 * change with its version, and a folder's name with it. So the rule is the other way round: above
 * U+00C0 everything stays but what is known to be no letter.
 */
#include <string.h>

#include "athar/case.h"
#include "base/alloc.h"
#include "base/idiom.h"
#include "base/utf8.h"

#define SLUG_MAX 120

static const struct {
	uint32_t first, last;
} others[] = {
	{0x00D7, 0x00D7},    /* multiplication sign */
	{0x00F7, 0x00F7},    /* division sign */
	{0x02C2, 0x02DF},    /* modifier signs that are no letters */
	{0x037E, 0x037E},    /* Greek question mark */
	{0x0387, 0x0387},    /* Greek middle dot */
	{0x055A, 0x055F},    /* Armenian punctuation */
	{0x0589, 0x058A},    /* Armenian full stop, hyphen */
	{0x05BE, 0x05BE},    /* Hebrew maqaf, */
	{0x05C0, 0x05C0},    /* paseq, */
	{0x05C3, 0x05C3},    /* sof pasuq, */
	{0x05F3, 0x05F4},    /* geresh, gershayim */
	{0x0600, 0x0605},    /* Arabic number signs, which enclose what follows */
	{0x0606, 0x060F},    /* Arabic signs, comma, date */
	{0x061B, 0x061F},    /* semicolon, ..., question mark */
	{0x066A, 0x066D},    /* per cent, separators, star */
	{0x06D4, 0x06D4},    /* full stop */
	{0x06DD, 0x06DD},    /* end of ayah */
	{0x0700, 0x070F},    /* Syriac punctuation */
	{0x0964, 0x0965},    /* danda */
	{0x115F, 0x1160},    /* Hangul fillers, which show nothing */
	{0x1680, 0x1680},    /* Ogham space */
	{0x17B4, 0x17B5},    /* Khmer vowels that show nothing */
	{0x180B, 0x180F},    /* Mongolian selectors and separator */
	{0x2000, 0x206F},    /* general punctuation and spaces */
	{0x207A, 0x207E},    /* raised signs */
	{0x208A, 0x208E},    /* lowered signs */
	{0x20A0, 0x20CF},    /* currency */
	{0x2190, 0x2BFF},    /* arrows, operators, boxes, pictures */
	{0x2E00, 0x2E7F},    /* more punctuation */
	{0x3000, 0x3003},    /* ideographic space, commas, stops */
	{0x3008, 0x3020},    /* brackets */
	{0x3030, 0x3030},    /* wavy dash */
	{0x3164, 0x3164},    /* Hangul filler */
	{0xD800, 0xF8FF},    /* no characters; private use */
	{0xFD3E, 0xFD4F},    /* ornate brackets, signs */
	{0xFDD0, 0xFDEF},    /* no characters */
	{0xFE00, 0xFE6F},    /* variation selectors, punctuation forms */
	{0xFEFF, 0xFEFF},    /* byte order mark */
	{0xFF00, 0xFF0F},    /* wide forms of ASCII punctuation */
	{0xFF1A, 0xFF20},    /* ... */
	{0xFF3B, 0xFF40},    /* ... */
	{0xFF5B, 0xFF65},    /* ... */
	{0xFFA0, 0xFFA0},    /* Hangul filler */
	{0xFFE0, 0xFFFF},    /* signs, specials, no characters */
	{0x1F000, 0x1FAFF},  /* pictures */
	{0xE0000, 0x10FFFF}, /* tags, selectors, private use */
};

static bool stays(uint32_t c)
{
	if (c < 0x80)
		return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		       c == '.' || c == '_' || c == '-';
	if (c < 0xC0 || athar_utf8_hidden(c))
		return false;
	for (size_t i = 0; i < ATHAR_COUNT(others); i++)
		if (c >= others[i].first && c <= others[i].last)
			return false;
	return true;
}

static size_t trim_end(const char *slug, size_t len)
{
	while (len > 0 && slug[len - 1] == '-')
		len--;
	return len;
}

/* One character, or a '-' in its place; several of those in a row are one, and none begins the
 * slug, as no '.' does. */
static size_t put(char *slug, size_t len, uint32_t c)
{
	uint8_t bytes[4];
	size_t size;

	if (!stays(c))
		c = '-';
	if (c == '-' && (len == 0 || slug[len - 1] == '-'))
		return len;
	if (c == '.' && len == 0)
		return len;
	size = athar_utf8_encode(bytes, c);
	memcpy(slug + len, bytes, size);
	return len + size;
}

athar_status athar_exhibit_slug(char **out, const char *id, athar_error *err)
{
	const size_t id_len = strlen(id);
	char slug[SLUG_MAX + 8];
	size_t len = 0;

	for (size_t at = 0, size; at < id_len; at += size) {
		uint32_t c = 0;
		size_t next;

		size = athar_utf8_decode(&c, (const uint8_t *)id + at, id_len - at);
		if (size == 0)
			return athar_fail(err, ATHAR_EUSAGE, "the exhibit's id is not valid UTF-8");
		next = put(slug, len, c);
		if (next > SLUG_MAX)
			break;
		len = next;
	}
	len = trim_end(slug, len);
	if (len == 0)
		return athar_fail(err, ATHAR_EUSAGE,
		                  "the exhibit's id has no letter and no digit: give one that "
		                  "can name a folder");
	*out = (char *)athar_copy_bytes(slug, len, err);
	return *out == NULL ? err->status : ATHAR_OK;
}
