/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/pdf_lex.h"

#include <string.h>

#define SPACE_MOST (1u << 16)  /* between two tokens: more is no PDF */
#define STRING_MOST (1u << 24) /* in one token; signatures are the longest */

bool pdf_is_space(uint8_t c)
{
	return c == 0 || c == '\t' || c == '\n' || c == '\f' || c == '\r' || c == ' ';
}

static bool is_delimiter(uint8_t c)
{
	return c != 0 && strchr("()<>[]{}/%", c) != NULL;
}

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

bool pdf_is_word(const pdf_token *t, const char *word)
{
	return t->kind == PDF_WORD && strcmp(t->text, word) == 0;
}

/* The byte just read has not been. */
static void unread(athar_stream *s)
{
	s->next--;
}

/* Regular characters up to a delimiter or white space; what is longer than text is cut. */
static athar_status read_regular(pdf_token *t, athar_stream *s, athar_error *err)
{
	size_t len = 0;
	uint8_t c;

	for (;;) {
		ATHAR_TRY(athar_stream_byte(&c, s, err));
		if (pdf_is_space(c) || is_delimiter(c))
			break;
		if (c < 0x21 || len == SPACE_MOST) {
			t->kind = PDF_NONE;
			break;
		}
		if (len < sizeof t->text - 1)
			t->text[len] = (char)c;
		len++;
	}
	unread(s);
	t->text[len < sizeof t->text - 1 ? len : sizeof t->text - 1] = '\0';
	return ATHAR_OK;
}

static void name_number(pdf_token *t)
{
	uint64_t value = 0;
	size_t i = 0;

	while (i < 19 && is_digit((uint8_t)t->text[i]))
		value = value * 10 + (uint64_t)(t->text[i++] - '0');
	if (i != 0 && t->text[i] == '\0') {
		t->kind = PDF_INTEGER;
		t->value = value;
	} else if (t->kind == PDF_WORD && strspn(t->text, "+-.0123456789") == strlen(t->text)) {
		t->kind = PDF_NUMBER;
	}
}

/* Parentheses nest, a backslash takes the next byte. */
static athar_status read_string(pdf_token *t, athar_stream *s, athar_error *err)
{
	size_t depth = 1;
	uint8_t c;

	for (size_t n = 0; depth != 0; n++) {
		if (n == STRING_MOST) {
			t->kind = PDF_NONE;
			return ATHAR_OK;
		}
		ATHAR_TRY(athar_stream_byte(&c, s, err));
		if (c == '\\')
			ATHAR_TRY(athar_stream_byte(&c, s, err));
		else if (c == '(')
			depth++;
		else if (c == ')')
			depth--;
	}
	return ATHAR_OK;
}

static athar_status read_hex(pdf_token *t, athar_stream *s, athar_error *err)
{
	uint8_t c;

	t->kind = PDF_STRING;
	for (size_t n = 0;; n++) {
		ATHAR_TRY(athar_stream_byte(&c, s, err));
		if (c == '>')
			return ATHAR_OK;
		if ((!pdf_is_space(c) && !is_digit(c) && !(c >= 'a' && c <= 'f') &&
		     !(c >= 'A' && c <= 'F')) ||
		    n == STRING_MOST) {
			t->kind = PDF_NONE;
			return ATHAR_OK;
		}
	}
}

/* < or << or > or >>: `first` has been read. */
static athar_status read_angle(pdf_token *t, uint8_t first, athar_stream *s, athar_error *err)
{
	uint8_t c;

	ATHAR_TRY(athar_stream_byte(&c, s, err));
	t->dict = true;
	t->kind = first == '<' ? PDF_OPEN : PDF_CLOSE;
	if (c == first)
		return ATHAR_OK;
	unread(s);
	if (first == '<')
		return read_hex(t, s, err);
	t->kind = PDF_NONE;
	return ATHAR_OK;
}

/* A comment goes to the end of its line, two of them mean something. What follows "%%EOF" is not
 * looked at: nothing needs to. */
static athar_status read_comment(pdf_token *t, athar_stream *s, athar_error *err)
{
	uint8_t c = '%';
	size_t len = 0;

	do {
		if (len < sizeof t->text - 1)
			t->text[len] = (char)c;
		len++;
		if (len == 5 && memcmp(t->text, "%%EOF", 5) == 0) {
			t->kind = PDF_END_OF_FILE;
			return ATHAR_OK;
		}
		if (len == 5 && memcmp(t->text, "%PDF-", 5) == 0) {
			t->kind = PDF_HEADER;
			return ATHAR_OK;
		}
		if (len == SPACE_MOST)
			return ATHAR_OK;
		ATHAR_TRY(athar_stream_byte(&c, s, err));
	} while (c != '\n' && c != '\r');
	t->kind = PDF_STRING;
	return ATHAR_OK;
}

/* White space and comments that mean nothing; *c is the byte behind them, unless t is a comment
 * that does. */
static athar_status skip_blank(pdf_token *t, uint8_t *c, athar_stream *s, athar_error *err)
{
	for (size_t blanks = 0; blanks < SPACE_MOST; blanks++) {
		t->at = athar_stream_at(s);
		t->kind = PDF_STRING;
		ATHAR_TRY(athar_stream_byte(c, s, err));
		if (pdf_is_space(*c))
			continue;
		if (*c != '%')
			return ATHAR_OK;
		t->kind = PDF_NONE;
		ATHAR_TRY(read_comment(t, s, err));
		if (t->kind != PDF_STRING)
			return ATHAR_OK;
	}
	t->kind = PDF_NONE;
	return ATHAR_OK;
}

athar_status pdf_lex(pdf_token *out, athar_stream *s, athar_error *err)
{
	uint8_t c;

	*out = (pdf_token){.kind = PDF_NONE};
	ATHAR_TRY(skip_blank(out, &c, s, err));
	if (out->kind != PDF_STRING)
		return ATHAR_OK;
	switch (c) {
	case '(':
		return read_string(out, s, err);
	case '<':
	case '>':
		return read_angle(out, c, s, err);
	case '[':
		out->kind = PDF_OPEN;
		return ATHAR_OK;
	case ']':
		out->kind = PDF_CLOSE;
		return ATHAR_OK;
	case '/':
		out->kind = PDF_NAME;
		return read_regular(out, s, err);
	case ')':
	case '{':
	case '}':
		out->kind = PDF_NONE;
		return ATHAR_OK;
	default:
		out->kind = PDF_WORD;
		unread(s);
		ATHAR_TRY(read_regular(out, s, err));
		name_number(out);
		return ATHAR_OK;
	}
}
