/* SPDX-License-Identifier: BSD-2-Clause */
#include "carve/search_preset.h"

#include "carve/search_set.h"

/* What may stand between two digits; some devices write the direction of a number before it. */
#define DIGITS(n, m) "(?:[ .\\-/()]{0,2}\\d){" #n "," #m "}"

/* International; with the 0 of a long-distance call; as North America groups them. */
static const char *const phone[] = {
	"(?:\\+|00)[ ]?[(]?[1-9\\u{661}-\\u{669}\\u{6F1}-\\u{6F9}]" DIGITS(6, 14),
	"[\\u{660}\\u{6F0}]{2}[1-9\\u{661}-\\u{669}\\u{6F1}-\\u{6F9}]" DIGITS(6, 14),
	"[(]?[0\\u{660}\\u{6F0}][1-9\\u{661}-\\u{669}\\u{6F1}-\\u{6F9}]" DIGITS(6, 9),
	"[(]?[2-9]\\d{2}[)]?[ .\\-]\\d{3}[ .\\-]\\d{4}",
	NULL,
};

#define NAME "[A-Za-z0-9_%+\\-]+"
#define LABEL "[A-Za-z0-9](?:[A-Za-z0-9\\-]*[A-Za-z0-9])?"

static const char *const email[] = {
	NAME "(?:\\." NAME ")*@(?:" LABEL "\\.)+[A-Za-z]{2,24}",
	NULL,
};

#define PATH "[A-Za-z0-9._~:/?#\\[\\]@!$&'()*+,;=%\\-|\\u{A1}-\\u{6FF}]"
#define PATH_END "[A-Za-z0-9_~/#@$&*+=%\\-|\\u{C0}-\\u{5FF}\\u{620}-\\u{6D3}]"

static const char *const url[] = {
	"(?:[Hh][Tt][Tt][Pp][Ss]?|[Ff][Tt][Pp][Ss]?|[Ww][Ss][Ss]?)://"
	"[A-Za-z0-9\\[\\u{C0}-\\u{6D3}](?:" PATH "*" PATH_END ")?",
	"[Ww][Ww][Ww]\\.(?:" LABEL "\\.)+[A-Za-z]{2,24}(?:[:/?#](?:" PATH "*" PATH_END ")?)?",
	NULL,
};

const char *const *athar_preset_expressions(athar_search_kind kind)
{
	switch (kind) {
	case ATHAR_SEARCH_PHONE:
		return phone;
	case ATHAR_SEARCH_EMAIL:
		return email;
	case ATHAR_SEARCH_URL:
		return url;
	default:
		return NULL;
	}
}

/* ---- checks ---- */

/* Counters, padding and alphabets go up or down evenly, or not at all. */
static bool is_varied(const int *digit, size_t count)
{
	for (size_t i = 2; i < count; i++)
		if (digit[i] - digit[i - 1] != digit[1] - digit[0])
			return true;
	return false;
}

/* E.164: at most 15 digits with the code of the country. */
static bool check_phone(const uint32_t *c, size_t count)
{
	int digit[24];
	size_t digits = 0, zeros = 0;

	for (size_t i = 0; i < count && digits < ATHAR_COUNT(digit); i++)
		if ((digit[digits] = athar_character_digit(c[i])) >= 0)
			digits++;
	while (zeros < digits && digit[zeros] == 0)
		zeros++;
	if (!is_varied(digit + zeros, digits - zeros))
		return false;
	if (c[0] == '+' || zeros == 2)
		return digits - zeros >= 7 && digits - zeros <= 15;
	return digits >= 8 && digits <= 11;
}

/* RFC 5321: the name has at most 64 bytes, all of it 254; RFC 1035: a label 63. */
static bool check_email(const uint32_t *c, size_t count)
{
	size_t at = 0, label = 0;

	while (at < count && c[at] != '@')
		at++;
	if (at > 64 || count > 254)
		return false;
	for (size_t i = at + 1; i < count; i++) {
		label = c[i] == '.' ? 0 : label + 1;
		if (label > 63)
			return false;
	}
	return true;
}

bool athar_preset_check(athar_search_kind kind, const uint32_t *character, size_t count)
{
	if (count == 0)
		return false;
	switch (kind) {
	case ATHAR_SEARCH_PHONE:
		return check_phone(character, count);
	case ATHAR_SEARCH_EMAIL:
		return check_email(character, count);
	default:
		return true;
	}
}
