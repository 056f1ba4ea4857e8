/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/text_scan.h"

#include <string.h>

#include "base/utf8.h"

#define ESCAPE 0x1B

void athar_scan_begin(athar_scan *s, athar_reader *in, uint64_t at, athar_charset charset)
{
	*s = (athar_scan){.charset = charset, .at = at};
	athar_stream_seek(&s->in, in, at);
}

static bool is_plain(const athar_scan *s, int c)
{
	if (c >= 0x20 && c < 0x7F)
		return true;
	return c == '\t' || c == '\n' || c == '\r' || c == '\f' ||
	       (c == ESCAPE && s->charset == ATHAR_CHARSET_MAIL);
}

/* The first byte of a sequence of more than one: Table 3-7 of the Unicode Standard. */
static bool sequence_begins(athar_scan *s, int c)
{
	if (c < 0xC2 || c > 0xF4)
		return false;
	s->left = c < 0xE0 ? 1 : c < 0xF0 ? 2 : 3;
	s->low = c == 0xE0 ? 0xA0 : c == 0xF0 ? 0x90 : 0x80;
	s->high = c == 0xED ? 0x9F : c == 0xF4 ? 0x8F : 0xBF;
	s->pending = 1;
	return true;
}

static bool sequence_goes_on(athar_scan *s, int c)
{
	if (c < s->low || c > s->high)
		return false;
	s->left--;
	s->pending++;
	s->low = 0x80;
	s->high = 0xBF;
	if (s->left == 0) {
		s->charset = ATHAR_CHARSET_UTF8;
		s->at += s->pending;
		s->pending = 0;
	}
	return true;
}

/* Text that has not shown yet to be UTF-8 has other characters: all its bytes will do. */
static bool turn_to_bytes(athar_scan *s, int c)
{
	if (s->charset != ATHAR_CHARSET_OPEN || (c < 0x80 && !is_plain(s, c)))
		return false;
	s->charset = ATHAR_CHARSET_BYTES;
	s->at += s->pending + 1u;
	s->left = s->pending = 0;
	return true;
}

static bool take(athar_scan *s, int c)
{
	if (s->left != 0)
		return sequence_goes_on(s, c) || turn_to_bytes(s, c);
	if (c < 0x80 || s->charset == ATHAR_CHARSET_BYTES || s->charset == ATHAR_CHARSET_MAIL) {
		if (c < 0x80 && !is_plain(s, c))
			return false;
		s->at++;
		return true;
	}
	return sequence_begins(s, c) || turn_to_bytes(s, c);
}

static athar_status byte(int *c, athar_scan *s, athar_error *err)
{
	uint8_t b = 0;
	const athar_status status = athar_stream_byte(&b, &s->in, err);

	if (status != ATHAR_OK && status != ATHAR_EOF)
		return status;
	*c = status == ATHAR_OK ? b : ATHAR_TEXT_END;
	return ATHAR_OK;
}

/* Units of UTF-16 are not paired: half a pair is text as well. */
static athar_status unit(int *c, athar_scan *s, athar_error *err)
{
	int first = 0, second = 0;

	ATHAR_TRY(byte(&first, s, err));
	ATHAR_TRY(byte(&second, s, err));
	*c = ATHAR_TEXT_END;
	if (first == ATHAR_TEXT_END || second == ATHAR_TEXT_END)
		return ATHAR_OK;
	const int value =
		s->charset == ATHAR_CHARSET_UTF16LE ? first | second << 8 : first << 8 | second;

	s->ended = value < 0xA0 ? !is_plain(s, value) : value >= 0xFFFE;
	if (!s->ended) {
		*c = value;
		s->at += 2;
	}
	return ATHAR_OK;
}

athar_status athar_scan_next(int *c, athar_scan *s, athar_error *err)
{
	if (s->again) {
		s->again = false;
		*c = s->last;
		return ATHAR_OK;
	}
	*c = ATHAR_TEXT_END;
	if (!s->ended && s->charset >= ATHAR_CHARSET_UTF16LE) {
		ATHAR_TRY(unit(c, s, err));
	} else if (!s->ended) {
		ATHAR_TRY(byte(c, s, err));
		if (*c != ATHAR_TEXT_END && !take(s, *c)) {
			s->ended = true;
			*c = ATHAR_TEXT_END;
		}
	}
	s->last = *c;
	return ATHAR_OK;
}

void athar_scan_back(athar_scan *s)
{
	s->again = true;
}

void athar_scan_skip(athar_scan *s, uint64_t len)
{
	if (s->again && len != 0)
		len--; /* the one that was given back is the first of them */
	s->again = false;
	athar_stream_skip(&s->in, len);
	s->at = athar_stream_at(&s->in);
	s->left = s->pending = 0;
}

athar_status athar_text_line_ends(uint64_t *at, athar_reader *in, athar_error *err)
{
	athar_bytes b;
	size_t n = 0;

	if (*at >= athar_reader_size(in))
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_some(&b, in, *at, 8, err));
	for (int lines = 0; lines < 4; lines++) {
		if (n + 1 < b.len && b.ptr[n] == '\r' && b.ptr[n + 1] == '\n')
			n += 2;
		else if (n < b.len && (b.ptr[n] == '\n' || b.ptr[n] == '\r'))
			n++;
	}
	*at += n;
	return ATHAR_OK;
}

/* ---- lines ---- */

void athar_lines_begin(athar_lines *l, athar_reader *in, uint64_t at, athar_charset charset)
{
	athar_scan_begin(&l->scan, in, at, charset);
	l->from = l->to = at;
	l->len = 0;
	l->whole = l->cut = false;
	l->line[0] = '\0';
}

/* Text ends: bytes of a character that is not whole are none. */
static void end_line(athar_lines *l)
{
	const uint64_t len = l->scan.at - l->from;

	l->to = l->scan.at;
	if (!l->whole && len < l->len)
		l->len = (size_t)len;
	if (l->whole && !l->cut && l->len != 0 && l->line[l->len - 1] == '\r')
		l->len--;
	l->line[l->len] = '\0';
}

athar_status athar_text_next(athar_lines *l, athar_error *err)
{
	int c = 0;

	l->from = l->scan.at;
	l->len = 0;
	l->whole = l->cut = false;
	for (;;) {
		ATHAR_TRY(athar_scan_next(&c, &l->scan, err));
		l->whole = c == '\n';
		if (c == ATHAR_TEXT_END || c == '\n')
			break;
		if (l->len < ATHAR_LINE_KEPT)
			l->line[l->len++] = (char)c;
		else
			l->cut = true;
	}
	end_line(l);
	return ATHAR_OK;
}

athar_status athar_lines_blank(uint64_t *end, athar_lines *l, athar_error *err)
{
	for (int n = 0; n < 4 && l->whole && l->len == 0; n++) {
		*end = l->to;
		ATHAR_TRY(athar_text_next(l, err));
	}
	return ATHAR_OK;
}

bool athar_text_starts(const char *text, size_t len, const char *word)
{
	size_t i = 0;

	while (word[i] != '\0' && i < len && athar_lower((uint8_t)text[i]) == athar_lower(word[i]))
		i++;
	return word[i] == '\0';
}

bool athar_lines_start(const athar_lines *l, const char *word)
{
	return athar_text_starts(l->line, l->len, word);
}

bool athar_lines_are(const athar_lines *l, const char *word)
{
	size_t i = strlen(word);

	if (l->cut || !athar_lines_start(l, word))
		return false;
	while (i < l->len && athar_is_space(l->line[i]))
		i++;
	return i == l->len;
}

/* ---- what is kept of it ---- */

void athar_snip_add(athar_snip *s, int c, const athar_scan *of)
{
	if (s->len + 4 > sizeof s->text || c < 0)
		return;
	if (of != NULL && of->charset >= ATHAR_CHARSET_UTF16LE)
		athar_snip_character(s, (uint32_t)c);
	else
		s->text[s->len++] = (uint8_t)c;
}

void athar_snip_character(athar_snip *s, uint32_t character)
{
	if (s->len + 4 > sizeof s->text || (character >= 0xD800 && character < 0xE000) ||
	    character > 0x10FFFF)
		return;
	s->len += athar_utf8_encode(s->text + s->len, character);
}
