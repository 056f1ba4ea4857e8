/* SPDX-License-Identifier: BSD-2-Clause */
#include "athar/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/idiom.h"
#include "base/utf8.h"

/* The longest way to show one character or byte, with room for its end. */
#define SHOWN_MAX 24

/* How one escaper shows the character at p (character is ATHAR_NOT_UTF8 for a stray byte). */
typedef void show_function(char shown[SHOWN_MAX], uint32_t character, const uint8_t *p,
                           size_t size);

#define NOT_UTF8 UINT32_MAX

typedef struct growing {
	char *text;
	size_t len, capacity;
} growing;

static athar_status put(growing *g, const char *what, size_t len, athar_error *err)
{
	ATHAR_TRY(athar_grow(&g->text, &g->capacity, g->len + len + 1, 1, err));
	memcpy(g->text + g->len, what, len);
	g->len += len;
	g->text[g->len] = '\0';
	return ATHAR_OK;
}

static void copy_shown(char shown[SHOWN_MAX], const uint8_t *p, size_t size)
{
	memcpy(shown, p, size);
	shown[size] = '\0';
}

static void show_terminal(char shown[SHOWN_MAX], uint32_t character, const uint8_t *p, size_t size)
{
	if (character == NOT_UTF8)
		(void)snprintf(shown, SHOWN_MAX, "\\x%02X", p[0]);
	else if (athar_utf8_hidden(character))
		(void)snprintf(shown, SHOWN_MAX, "\\u{%X}", (unsigned)character);
	else if (character == '\\')
		(void)snprintf(shown, SHOWN_MAX, "\\\\");
	else
		copy_shown(shown, p, size);
}

static void show_visible(char shown[SHOWN_MAX], uint32_t character, const uint8_t *p, size_t size)
{
	if (character == NOT_UTF8)
		(void)snprintf(shown, SHOWN_MAX, "\u20390x%02X\u203A", p[0]);
	else if (athar_utf8_hidden(character))
		(void)snprintf(shown, SHOWN_MAX, "\u2039U+%04X\u203A", (unsigned)character);
	else
		copy_shown(shown, p, size);
}

static void show_csv(char shown[SHOWN_MAX], uint32_t character, const uint8_t *p, size_t size)
{
	if (character == '"')
		(void)snprintf(shown, SHOWN_MAX, "\"\"");
	else
		show_visible(shown, character, p, size);
}

/* A NUL would end the string for whoever reads it, so it is replaced like a byte that is none. */
static void show_utf8(char shown[SHOWN_MAX], uint32_t character, const uint8_t *p, size_t size)
{
	if (character == NOT_UTF8 || character == 0)
		(void)snprintf(shown, SHOWN_MAX, "\uFFFD");
	else
		copy_shown(shown, p, size);
}

static athar_status escape(growing *g, show_function *show, const void *bytes, size_t len,
                           athar_error *err)
{
	const uint8_t *p = bytes;
	char shown[SHOWN_MAX];

	ATHAR_TRY(put(g, "", 0, err));
	for (size_t i = 0; i < len;) {
		uint32_t character = NOT_UTF8;
		size_t size = athar_utf8_decode(&character, p + i, len - i);

		if (size == 0) {
			character = NOT_UTF8;
			size = 1;
		}
		show(shown, character, p + i, size);
		ATHAR_TRY(put(g, shown, strlen(shown), err));
		i += size;
	}
	return ATHAR_OK;
}

static athar_status escape_whole(char **out, show_function *show, const void *bytes, size_t len,
                                 athar_error *err)
{
	ATHAR_AUTO(free) char *text = NULL;
	growing g = {NULL, 0, 0};
	const athar_status status = escape(&g, show, bytes, len, err);

	text = g.text;
	if (status == ATHAR_OK)
		*out = ATHAR_GIVE(text);
	return status;
}

athar_status athar_text_terminal(char **out, const void *bytes, size_t len, athar_error *err)
{
	return escape_whole(out, show_terminal, bytes, len, err);
}

athar_status athar_text_visible(char **out, const void *bytes, size_t len, athar_error *err)
{
	return escape_whole(out, show_visible, bytes, len, err);
}

athar_status athar_text_utf8(char **out, const void *bytes, size_t len, bool *changed,
                             athar_error *err)
{
	ATHAR_TRY(escape_whole(out, show_utf8, bytes, len, err));
	if (changed != NULL)
		*changed = strlen(*out) != len || memcmp(*out, bytes, len) != 0;
	return ATHAR_OK;
}

/* Would a spreadsheet take a field that begins so for a formula? The wide forms count in some. */
static bool begins_formula(const uint8_t *p, size_t len)
{
	uint32_t character = 0;

	if (athar_utf8_decode(&character, p, len) == 0)
		return false;
	return character == '=' || character == '+' || character == '-' || character == '@' ||
	       character == '\t' || character == '\r' || character == 0xFF1D ||
	       character == 0xFF0B || character == 0xFF0D || character == 0xFF20;
}

static athar_status csv_field(growing *g, const void *bytes, size_t len, athar_error *err)
{
	ATHAR_TRY(put(g, "\"", 1, err));
	if (begins_formula(bytes, len))
		ATHAR_TRY(put(g, "'", 1, err));
	ATHAR_TRY(escape(g, show_csv, bytes, len, err));
	return put(g, "\"", 1, err);
}

athar_status athar_text_csv(char **out, const void *bytes, size_t len, athar_error *err)
{
	ATHAR_AUTO(free) char *text = NULL;
	growing g = {NULL, 0, 0};
	const athar_status status = csv_field(&g, bytes, len, err);

	text = g.text;
	if (status == ATHAR_OK)
		*out = ATHAR_GIVE(text);
	return status;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* "{202E}" after "\u": up to six digits. Returns what stands after it, NULL where it is none. */
static const char *read_braces(uint32_t *character, const char *p)
{
	*character = 0;
	if (*p++ != '{' || hex_digit(*p) < 0)
		return NULL;
	for (int i = 0; i < 6 && hex_digit(*p) >= 0; i++)
		*character = *character << 4 | (uint32_t)hex_digit(*p++);
	return *p == '}' && *character <= 0x10FFFF ? p + 1 : NULL;
}

/* Undoes one escape; p stands on its backslash. */
static const char *undo(uint8_t out[4], size_t *size, const char *p)
{
	uint32_t character = 0;

	*size = 1;
	if (p[1] == '\\') {
		out[0] = '\\';
		return p + 2;
	}
	if (p[1] == 'x' && hex_digit(p[2]) >= 0 && hex_digit(p[3]) >= 0) {
		out[0] = (uint8_t)(hex_digit(p[2]) << 4 | hex_digit(p[3]));
		return p + 4;
	}
	if (p[1] != 'u')
		return NULL;
	p = read_braces(&character, p + 2);
	*size = athar_utf8_encode(out, character);
	return p;
}

/* The bytes, without asking yet whether this is how the escaper writes them. The output is never
 * longer than the text. */
static bool undo_all(uint8_t *bytes, size_t *len, const char *text)
{
	*len = 0;
	for (const char *p = text; p != NULL && *p != '\0';) {
		uint8_t raw[4] = {(uint8_t)*p};
		size_t size = 1;

		p = *p == '\\' ? undo(raw, &size, p) : p + 1;
		if (p == NULL)
			return false;
		memcpy(bytes + *len, raw, size);
		*len += size;
	}
	return true;
}

athar_status athar_text_unescape(uint8_t **out, size_t *out_len, const char *text, athar_error *err)
{
	ATHAR_AUTO(free) uint8_t *bytes = athar_alloc(strlen(text) + 1, err);
	ATHAR_AUTO(free) char *again = NULL;
	size_t len = 0;

	if (bytes == NULL)
		return err->status;
	if (!undo_all(bytes, &len, text))
		return athar_fail(err, ATHAR_EFORMAT, "a backslash in \"%.80s\" begins no escape",
		                  text);
	/* One text for one name: what another way of escaping would give is not accepted. */
	ATHAR_TRY(athar_text_terminal(&again, bytes, len, err));
	if (strcmp(again, text) != 0)
		return athar_fail(err, ATHAR_EFORMAT,
		                  "\"%.80s\" is not how athar escapes these bytes", text);
	*out = ATHAR_GIVE(bytes);
	*out_len = len;
	return ATHAR_OK;
}

athar_status athar_text_hex(char **out, const void *bytes, size_t len, athar_error *err)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *p = bytes;
	char *hex = athar_alloc_array(len + 1, 2, err);

	if (hex == NULL)
		return err->status;
	for (size_t i = 0; i < len; i++) {
		hex[2 * i] = digits[p[i] >> 4];
		hex[2 * i + 1] = digits[p[i] & 15];
	}
	*out = hex;
	return ATHAR_OK;
}

athar_status athar_text_unhex(uint8_t **out, size_t *out_len, const char *hex, athar_error *err)
{
	const size_t len = strlen(hex);
	ATHAR_AUTO(free) uint8_t *bytes = athar_alloc(len / 2 + 1, err);

	if (bytes == NULL)
		return err->status;
	if (len % 2 != 0)
		return athar_fail(err, ATHAR_EFORMAT, "hex has an odd number of digits: \"%.80s\"",
		                  hex);
	for (size_t i = 0; i < len / 2; i++) {
		const int high = hex_digit(hex[2 * i]);
		const int low = hex_digit(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			return athar_fail(err, ATHAR_EFORMAT, "\"%.80s\" is not hex", hex);
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	*out = ATHAR_GIVE(bytes);
	*out_len = len / 2;
	return ATHAR_OK;
}

bool athar_text_is_utf8(const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	uint32_t character = 0;

	for (size_t i = 0; i < len;) {
		const size_t size = athar_utf8_decode(&character, p + i, len - i);

		if (size == 0)
			return false;
		i += size;
	}
	return true;
}
