/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/fat_name.h"

#include <ctype.h>
#include <string.h>

#include "base/endian.h"
#include "base/utf8.h"

#define ENTRY 32u
#define PIECES 20u /* of a long name */
#define UNITS 13u  /* of a piece */
#define FREED 0xE5
#define LAST 0x40
#define SUBSTITUTE 0xFFFD

/* UTF-16 on its way to a name. */
typedef struct units {
	uint16_t unit[PIECES * UNITS];
	size_t count;
	bool ended;
} units;

bool athar_fat_name_piece(const uint8_t entry[32])
{
	return (entry[11] & 0x3F) == 0x0F && entry[12] == 0 && athar_le16(entry + 26) == 0 &&
	       (entry[0] == FREED || ((entry[0] & 0x3F) >= 1 && (entry[0] & 0x3F) <= PIECES));
}

static uint8_t sum_with(const uint8_t entry[32], uint8_t first)
{
	uint8_t sum = first;

	for (size_t i = 1; i < 11; i++)
		sum = (uint8_t)((uint8_t)(sum << 7 | sum >> 1) + entry[i]);
	return sum;
}

uint8_t athar_fat_name_sum(const uint8_t entry[32])
{
	return sum_with(entry, entry[0]);
}

/* The letter with which the short name has this sum: there is always just one. */
static uint8_t first_for(const uint8_t entry[32], uint8_t sum)
{
	for (size_t i = 10; i > 0; i--) {
		sum = (uint8_t)(sum - entry[i]);
		sum = (uint8_t)(sum << 1 | sum >> 7);
	}
	return sum;
}

static bool add_unit(units *u, uint16_t unit)
{
	static const char never[] = "\"*/:<>?\\|";

	if (unit == 0) {
		u->ended = true;
		return true;
	}
	if (unit < ' ' || (unit < 0x80 && strchr(never, unit) != NULL) ||
	    u->count == PIECES * UNITS)
		return false;
	u->unit[u->count++] = unit;
	return true;
}

/* The units of a piece; behind the end of the name they are filled with 0xFFFF. */
static bool add_piece(units *u, const uint8_t entry[32])
{
	static const uint8_t at[UNITS] = {1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30};

	for (size_t i = 0; i < UNITS; i++) {
		const uint16_t unit = athar_le16(entry + at[i]);

		if (u->ended ? unit != 0xFFFF && unit != 0 : !add_unit(u, unit))
			return false;
	}
	return true;
}

static uint32_t take_character(const units *u, size_t *i)
{
	const uint16_t high = u->unit[(*i)++];

	if (high < 0xD800 || high > 0xDFFF)
		return high;
	if (high > 0xDBFF || *i == u->count || u->unit[*i] < 0xDC00 || u->unit[*i] > 0xDFFF)
		return SUBSTITUTE;
	return 0x10000 + ((uint32_t)(high - 0xD800) << 10) + (uint32_t)(u->unit[(*i)++] - 0xDC00);
}

static void encode(athar_fat_name *out, const units *u)
{
	out->len = 0;
	for (size_t i = 0; i < u->count;)
		out->len += athar_utf8_encode(out->bytes + out->len, take_character(u, &i));
}

static bool names_itself(const units *u)
{
	return u->count == 0 ||
	       (u->unit[0] == '.' && (u->count == 1 || (u->count == 2 && u->unit[1] == '.')));
}

/* Short names begin with the long one's first character that is no dot or space, in upper case;
 * what they cannot hold becomes '_' or a letter of a code page. */
static bool begins_alike(const units *u, uint8_t first)
{
	size_t i = 0;

	while (i < u->count && (u->unit[i] == '.' || u->unit[i] == ' '))
		i++;
	if (i == u->count)
		return false;
	if (u->unit[i] >= 0x80)
		return first > ' ' && first != FREED;
	if (strchr("+,;=[]", u->unit[i]) != NULL)
		return first == '_';
	return first == toupper(u->unit[i]);
}

/* What a short name makes of a character of the long one. */
static bool is_alike(uint16_t unit, uint8_t byte)
{
	if (unit >= 0x80)
		return byte > ' ';
	return byte == (strchr("+,;=[]", unit) != NULL ? '_' : toupper(unit));
}

/* The short name has up to three characters of what follows the last dot. */
static bool ends_alike(const units *u, const uint8_t entry[32])
{
	size_t dot = u->count, at = 8;

	while (dot > 0 && u->unit[dot - 1] != '.')
		dot--;
	for (size_t i = dot; dot > 1 && i < u->count && at < 11; i++)
		if (u->unit[i] != ' ' && !is_alike(u->unit[i], entry[at++]))
			return false;
	return at == 11 || entry[at] == ' ';
}

/* Pieces upwards from the short entry, as far as they are of one name. */
static bool gather(units *u, size_t *pieces, const uint8_t *entry, size_t before, uint8_t sum)
{
	const bool freed = entry[0] == FREED;
	bool last = false;

	for (*pieces = 0; *pieces < before && *pieces < PIECES && !u->ended && !last;) {
		const uint8_t *piece = entry - (*pieces + 1) * ENTRY;

		if (!athar_fat_name_piece(piece) || piece[13] != sum ||
		    (piece[0] == FREED) != freed)
			break;
		if (!freed && (piece[0] & 0x3F) != *pieces + 1)
			return false;
		last = !freed && (piece[0] & LAST) != 0;
		if (!add_piece(u, piece))
			return false;
		(*pieces)++;
	}
	return *pieces > 0 && (freed || last);
}

/* Without the spaces that fill it; in lower case where Windows NT's bit says so. */
static void add_part(athar_fat_name *out, const uint8_t *part, size_t len, bool lower)
{
	while (len > 0 && part[len - 1] == ' ')
		len--;
	for (size_t i = 0; i < len; i++)
		out->bytes[out->len++] =
			lower && part[i] < 0x80 ? (uint8_t)tolower(part[i]) : part[i];
}

static void add_extension(athar_fat_name *out, const uint8_t entry[32])
{
	if (memcmp(entry + 8, "   ", 3) == 0)
		return;
	out->bytes[out->len++] = '.';
	add_part(out, entry + 8, 3, (entry[12] & 0x10) != 0);
}

static void make_plain(athar_fat_name *out)
{
	for (size_t i = 0; i < out->len; i++)
		if (out->bytes[i] == '/' || out->bytes[i] == '\0')
			out->bytes[i] = '_';
}

/* In place of what is lost of a long name. */
static void add_rest(athar_fat_name *out, const uint8_t entry[32])
{
	memcpy(out->bytes + out->len, "[...]", 5);
	out->len += 5;
	add_extension(out, entry);
	make_plain(out);
}

static bool long_name(athar_fat_name *out, const uint8_t *entry, size_t before)
{
	const bool freed = entry[0] == FREED;
	units u = {.count = 0};
	uint8_t sum;

	if (before == 0 || !athar_fat_name_piece(entry - ENTRY))
		return false;
	sum = entry[-(ptrdiff_t)ENTRY + 13];
	if (!freed && athar_fat_name_sum(entry) != sum)
		return false;
	if (!gather(&u, &out->pieces, entry, before, sum) || names_itself(&u))
		return false;
	if (freed && !begins_alike(&u, first_for(entry, sum)))
		return false;
	encode(out, &u);
	/* A name that fills its pieces has no end mark: further ones can have been overwritten. */
	if (freed && !u.ended && !ends_alike(&u, entry))
		add_rest(out, entry);
	return true;
}

static void short_name(athar_fat_name *out, const uint8_t entry[32])
{
	out->len = out->pieces = 0;
	add_part(out, entry, 8, (entry[12] & 0x08) != 0);
	if (entry[0] == FREED)
		out->bytes[0] = '_';
	else if (entry[0] == 5)
		out->bytes[0] = FREED;
	add_extension(out, entry);
	make_plain(out);
}

void athar_fat_name_read(athar_fat_name *out, const uint8_t *entry, size_t before)
{
	if (!long_name(out, entry, before))
		short_name(out, entry);
}

bool athar_exfat_name_read(athar_fat_name *out, const uint8_t *set, size_t entries)
{
	units u = {.count = 0};
	size_t left;

	if (entries < 3)
		return false;
	left = set[ENTRY + 3];
	for (size_t e = 2; e < entries && left > 0; e++) {
		const uint8_t *name = set + e * ENTRY;

		if ((name[0] & 0x7F) != 0x41)
			return false;
		for (size_t i = 0; i < 15 && left > 0; i++, left--) {
			if (!add_unit(&u, athar_le16(name + 2 + 2 * i)) || u.ended)
				return false;
		}
	}
	if (left > 0 || names_itself(&u))
		return false;
	encode(out, &u);
	out->pieces = 0;
	return true;
}
