/* SPDX-License-Identifier: BSD-2-Clause */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "athar/text.h"
#include "base/alloc.h"
#include "base/check.h"
#include "base/utf8.h"
#include "engine/log.h"

/* ---- to UTF-8 ---- */

/* What Windows-1252 has where Latin-1 has controls. */
static const uint16_t windows[32] = {
	0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
	0x2039, 0x0152, 0xFFFD, 0x017D, 0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
	0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178};

static void put(athar_log *out, uint32_t character)
{
	out->len += athar_utf8_encode((uint8_t *)out->text + out->len,
	                              character == 0 ? 0xFFFD : character);
}

static void from_8bit(athar_log *out, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		put(out, bytes[i] >= 0x80 && bytes[i] < 0xA0 ? windows[bytes[i] - 0x80] : bytes[i]);
}

static void from_utf8(athar_log *out, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] == 0)
			put(out, 0);
		else
			out->text[out->len++] = (char)bytes[i];
}

static uint32_t unit(const uint8_t *bytes, size_t i, bool big)
{
	return big ? (uint32_t)bytes[i] << 8 | bytes[i + 1]
	           : (uint32_t)bytes[i + 1] << 8 | bytes[i];
}

static void from_utf16(athar_log *out, const uint8_t *bytes, size_t len, bool big)
{
	for (size_t i = 0; i + 1 < len; i += 2) {
		uint32_t c = unit(bytes, i, big);
		uint32_t low = i + 3 < len ? unit(bytes, i + 2, big) : 0;

		if (c >= 0xD800 && c < 0xDC00 && low >= 0xDC00 && low < 0xE000) {
			c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
			i += 2;
		} else if (c >= 0xD800 && c < 0xE000) {
			c = 0xFFFD;
		}
		put(out, c);
	}
}

/* Of text in any western script every second byte of UTF-16 is zero: 1 is big endian, -1 little. */
static int guess_utf16(const uint8_t *bytes, size_t len)
{
	size_t pairs = athar_min(len, 4096) / 2, even = 0, odd = 0;

	for (size_t i = 0; i < pairs; i++) {
		even += bytes[2 * i] == 0;
		odd += bytes[2 * i + 1] == 0;
	}
	if (pairs < 8 || even + odd < pairs / 2 || (even != 0 && odd != 0))
		return 0;
	return even != 0 ? 1 : -1;
}

static bool has_mark(const uint8_t *bytes, size_t len, const char *mark, size_t mark_len)
{
	return len >= mark_len && memcmp(bytes, mark, mark_len) == 0;
}

athar_status athar_log_decode(athar_log *out, const uint8_t *bytes, size_t len, athar_error *err)
{
	int guess = guess_utf16(bytes, len);

	*out = (athar_log){.text = athar_alloc(3 * len + 4, err)};
	if (out->text == NULL)
		return ATHAR_ENOMEM;
	if (has_mark(bytes, len, "\xFF\xFE", 2))
		from_utf16(out, bytes + 2, len - 2, false);
	else if (has_mark(bytes, len, "\xFE\xFF", 2))
		from_utf16(out, bytes + 2, len - 2, true);
	else if (has_mark(bytes, len, "\xEF\xBB\xBF", 3) && athar_text_is_utf8(bytes, len))
		from_utf8(out, bytes + 3, len - 3);
	else if (guess != 0)
		from_utf16(out, bytes, len, guess > 0);
	else if (athar_text_is_utf8(bytes, len))
		from_utf8(out, bytes, len);
	else
		from_8bit(out, bytes, len);
	out->text[out->len] = '\0';
	out->next = out->text;
	return ATHAR_OK;
}

void athar_log_clear(athar_log *log)
{
	free(log->text);
	*log = (athar_log){NULL, 0, NULL};
}

/* ---- lines ---- */

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

static const char *skip(const char *text)
{
	while (blank(*text))
		text++;
	return text;
}

char *athar_log_line(athar_log *log)
{
	char *line = log->next, *end;

	if (line == NULL || *line == '\0')
		return NULL;
	end = line + strcspn(line, "\n");
	log->next = *end == '\0' ? NULL : end + 1;
	while (end > line && blank(end[-1]))
		end--;
	*end = '\0';
	while (blank(*line))
		line++;
	return line;
}

/* ---- words ---- */

bool athar_log_begins(const char *text, const char *with)
{
	return strncasecmp(text, with, strlen(with)) == 0;
}

const char *athar_log_find(const char *text, const char *what)
{
	for (; *text != '\0'; text++)
		if (athar_log_begins(text, what))
			return text;
	return NULL;
}

const char *athar_log_value(const char *line, const char *label)
{
	if (!athar_log_begins(line, label))
		return NULL;
	line = skip(line + strlen(label));
	return *line == ':' ? skip(line + 1) : NULL;
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool three_digits(const char *p)
{
	return digit(p[0]) && digit(p[1]) && digit(p[2]) && !digit(p[3]);
}

/* The bytes of the sign that groups thousands here: also U+00A0 and U+202F, as some locales have.
 */
static size_t group_sign(const char *p)
{
	static const char *const signs[] = {",", ".", "'", " ", "\xC2\xA0", "\xE2\x80\xAF"};

	for (size_t i = 0; i < ATHAR_COUNT(signs); i++)
		if (strncmp(p, signs[i], strlen(signs[i])) == 0)
			return three_digits(p + strlen(signs[i])) ? strlen(signs[i]) : 0;
	return 0;
}

static bool add_digits(uint64_t *n, const char **p)
{
	for (; digit(**p); ++*p)
		if (!athar_mul(*n, 10, n) || !athar_add(*n, (uint64_t)(**p - '0'), n))
			return false;
	return true;
}

bool athar_log_number(uint64_t *out, const char *text, const char **rest)
{
	const char *p = skip(text), *first = p;
	uint64_t n = 0;

	if (!digit(*p) || !add_digits(&n, &p))
		return false;
	/* Only the first group may have fewer than three digits, and none more. */
	while (p - first <= 3 && group_sign(p) != 0) {
		p += group_sign(p);
		first = p;
		if (!add_digits(&n, &p))
			return false;
	}
	*out = n;
	if (rest != NULL)
		*rest = p;
	return true;
}

unsigned athar_log_algorithm(const char *text, const char **rest)
{
	static const struct {
		const char *name;
		unsigned algorithm;
	} names[] = {
		{"md5", ATHAR_MD5},        {"sha-1", ATHAR_SHA1},    {"sha-256", ATHAR_SHA256},
		{"sha-512", ATHAR_SHA512}, {"sha256", ATHAR_SHA256}, {"sha512", ATHAR_SHA512},
		{"sha1", ATHAR_SHA1},      {"sha_1", ATHAR_SHA1},    {"blake2b", ATHAR_BLAKE2B},
	};

	for (size_t i = 0; i < ATHAR_COUNT(names); i++) {
		const size_t len = strlen(names[i].name);

		if (!athar_log_begins(text, names[i].name) || isalnum((unsigned char)text[len]))
			continue;
		if (rest != NULL)
			*rest = skip(text + len);
		return names[i].algorithm;
	}
	return 0;
}

size_t athar_log_hex(const char *text)
{
	return strspn(text, "0123456789abcdefABCDEF");
}

static bool says_none(const char *text)
{
	return *text == '\0' || athar_log_begins(text, "--") || athar_log_begins(text, "n/a") ||
	       athar_log_begins(text, "not ") || athar_log_begins(text, "none") ||
	       athar_log_begins(text, "<<");
}

athar_status athar_log_hash(athar_said *out, athar_said_of of, unsigned algorithm, const char *text,
                            athar_error *err)
{
	const size_t wanted = athar_digest_hex_length(algorithm);
	char hex[2 * ATHAR_DIGEST_MAX_SIZE + 1];

	text = skip(text);
	if (athar_log_hex(text) != wanted) {
		out->dropped += !says_none(text);
		return ATHAR_OK;
	}
	(void)snprintf(hex, sizeof hex, "%.*s", (int)wanted, text);
	return athar_said_add_hash(out, of, algorithm, hex, NULL, err);
}

bool athar_log_take(athar_said *out, const athar_log_label *labels, const char *line)
{
	for (; labels->label != NULL; labels++) {
		const char *value = athar_log_value(line, labels->label);
		uint64_t number = 0;

		if (value == NULL)
			continue;
		if (labels->kind == ATHAR_LOG_NUMBER) {
			if (athar_log_number(&number, value, NULL))
				athar_said_set_number(out, (athar_said_number)labels->which,
				                      number);
			else
				out->dropped += !says_none(value);
		} else if (*value != '\0' && !athar_log_begins(value, "<<not ")) {
			athar_said_set_text(out, (athar_said_text)labels->which, value);
		}
		return true;
	}
	return false;
}
