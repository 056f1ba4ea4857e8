/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/text_code.h"

#include <string.h>

#include "base/utf8.h"
#include "format/text_scan.h"

#define WORDS_MOST 400u /* more than a field holds */

/* ---- base64 ---- */

static int sextet(int c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (athar_is_digit(c))
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool athar_is_base64(int c)
{
	return sextet(c) >= 0;
}

bool athar_base64_step(athar_base64 *b, uint8_t *out, bool *got, int c)
{
	const int six = sextet(c);

	*got = false;
	if (c == '=')
		return ++b->pads <= 2 && b->count % 4 >= 2 && b->count % 4 + b->pads <= 4;
	if (six < 0 || b->pads != 0)
		return false;
	b->count++;
	b->held = (b->held << 6 | (uint32_t)six) & 0x3FFF;
	b->bits = (uint8_t)(b->bits + 6);
	if (b->bits >= 8) {
		b->bits = (uint8_t)(b->bits - 8);
		*out = (uint8_t)(b->held >> b->bits);
		*got = true;
	}
	return true;
}

bool athar_base64_ends(const athar_base64 *b)
{
	const uint64_t rest = b->count % 4;

	return rest == 0 ? b->pads == 0 : rest != 1 && b->pads == 4 - rest;
}

static size_t decode_base64(char *out, const char *text, size_t len)
{
	athar_base64 b = {0};
	size_t n = 0;
	bool got;

	for (size_t i = 0; i < len; i++) {
		uint8_t byte = 0;

		if (!athar_base64_step(&b, &byte, &got, (uint8_t)text[i]))
			break;
		if (got)
			out[n++] = (char)byte;
	}
	return n;
}

/* ---- quoted-printable ---- */

static int hex(int c)
{
	if (athar_is_digit(c))
		return c - '0';
	c = athar_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte that "=41" stands for; false: that is none. */
static bool code_at(char *out, const char *text, size_t left)
{
	if (left < 3 || text[0] != '=' || hex(text[1]) < 0 || hex(text[2]) < 0)
		return false;
	*out = (char)((unsigned)hex(text[1]) << 4 | (unsigned)hex(text[2]));
	return true;
}

size_t athar_text_unquote(char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		char byte = text[i];

		if (code_at(&byte, text + i, len - i))
			i += 2;
		text[n++] = byte;
	}
	return n;
}

/* ---- encoded words ---- */

typedef struct word {
	const char *charset, *text;
	size_t charset_len, text_len;
	char code;   /* 'b' or 'q' */
	size_t size; /* of all of it */
} word;

/* "=?charset?B?text?=" */
static bool read_word(word *out, const char *text, size_t len)
{
	const char *const end = text + len;

	if (len < 8 || memcmp(text, "=?", 2) != 0)
		return false;
	const char *first = memchr(text + 2, '?', len - 2);

	if (first == NULL || end - first < 5 || first[2] != '?')
		return false;
	const char *last = memchr(first + 3, '?', (size_t)(end - first) - 3);

	if (last == NULL || last + 1 >= end || last[1] != '=')
		return false;
	*out = (word){.charset = text + 2,
	              .charset_len = (size_t)(first - text) - 2,
	              .code = (char)athar_lower(first[1]),
	              .text = first + 3,
	              .text_len = (size_t)(last - first) - 3,
	              .size = (size_t)(last - text) + 2};
	return out->code == 'b' || out->code == 'q';
}

static bool is_charset(const word *w, const char *name)
{
	return w->charset_len == strlen(name) &&
	       athar_text_starts(w->charset, w->charset_len, name);
}

static size_t decode(char *out, const word *w)
{
	if (w->code == 'b')
		return decode_base64(out, w->text, w->text_len);
	memcpy(out, w->text, w->text_len);
	for (size_t i = 0; i < w->text_len; i++)
		if (out[i] == '_')
			out[i] = ' ';
	return athar_text_unquote(out, w->text_len);
}

/* Appends the word as UTF-8; false where its character set is another, or there is no room. */
static bool put_word(char *out, size_t *n, const word *w)
{
	char bytes[WORDS_MOST];
	const bool latin = is_charset(w, "iso-8859-1");

	if (w->text_len > sizeof bytes ||
	    (!latin && !is_charset(w, "utf-8") && !is_charset(w, "us-ascii")))
		return false;
	const size_t len = decode(bytes, w);

	for (size_t i = 0; i < len && *n + 4 < WORDS_MOST; i++) {
		if (latin)
			*n += athar_utf8_encode((uint8_t *)out + *n, (uint8_t)bytes[i]);
		else
			out[(*n)++] = bytes[i];
	}
	return true;
}

/* White space between two encoded words is none of the text. */
static size_t space_before_word(const char *text, size_t len)
{
	size_t n = 0;
	word w;

	while (n < len && athar_is_space(text[n]))
		n++;
	return n != 0 && read_word(&w, text + n, len - n) ? n : 0;
}

void athar_walk_field_words(athar_walk *w, const char *key, const char *text, size_t len)
{
	char out[WORDS_MOST];
	size_t n = 0;

	for (size_t i = 0; i < len && n + 4 < sizeof out;) {
		word found;

		if (read_word(&found, text + i, len - i) && put_word(out, &n, &found)) {
			i += found.size;
			i += space_before_word(text + i, len - i);
		} else {
			out[n++] = text[i++];
		}
	}
	athar_walk_field_bytes(w, key, (const uint8_t *)out, n);
}
