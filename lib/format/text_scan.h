/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Text, character by character or line by line, up to where it is none any more: a control
 * character, a NUL, or a byte that breaks its character set. The first character outside ASCII
 * decides whether it is UTF-8, and then all must be.
 */
#ifndef ATHAR_FORMAT_TEXT_SCAN_H
#define ATHAR_FORMAT_TEXT_SCAN_H

#include "format/walk.h"

#define ATHAR_TEXT_END (-1)

typedef enum athar_charset {
	ATHAR_CHARSET_OPEN,  /* ASCII so far */
	ATHAR_CHARSET_UTF8,  /* and nothing else */
	ATHAR_CHARSET_BYTES, /* whatever has 8 bits */
	ATHAR_CHARSET_MAIL,  /* the same, with the escapes of ISO 2022 */
	ATHAR_CHARSET_UTF16LE,
	ATHAR_CHARSET_UTF16BE
} athar_charset;

typedef struct athar_scan {
	athar_stream in;
	athar_charset charset;
	uint8_t left, low,
		high;    /* of a sequence of UTF-8 that has begun: bytes, next one's bounds */
	uint8_t pending; /* bytes of it that were given out already */
	bool ended;      /* by a byte that is no text, not by the end of the range */
	uint64_t at;     /* behind the last whole character */
	int last;        /* what athar_scan_back gives again */
	bool again;
} athar_scan;

void athar_scan_begin(athar_scan *s, athar_reader *in, uint64_t at, athar_charset charset);
/* The next byte, or unit of UTF-16; ATHAR_TEXT_END where text ends, also when asked again. */
athar_status athar_scan_next(int *c, athar_scan *s, athar_error *err);
/* The next call gives the same once more; s->at is behind it all the same. */
void athar_scan_back(athar_scan *s);
/* Passes `len` bytes that need be no text. */
void athar_scan_skip(athar_scan *s, uint64_t len);
/* The same where nothing is read by line: the offset behind the line ends at *at, 4 at most. */
athar_status athar_text_line_ends(uint64_t *at, athar_reader *in, athar_error *err);

#define ATHAR_LINE_KEPT 1000u

/* Lines of text. */
typedef struct athar_lines {
	athar_scan scan;
	uint64_t from, to;              /* of the line, with its line end */
	size_t len;                     /* of what is kept */
	bool whole;                     /* a line end closes it; else text ends here */
	bool cut;                       /* there is more of it than is kept */
	char line[ATHAR_LINE_KEPT + 1]; /* without its line end */
} athar_lines;

void athar_lines_begin(athar_lines *l, athar_reader *in, uint64_t at, athar_charset charset);
/* The next line: an empty one that is not whole where text ends. */
athar_status athar_text_next(athar_lines *l, athar_error *err);

/* Empty lines behind an end mark belong to it: *end is moved behind them, and the first line that
 * is none, or the fifth, is the current one. */
athar_status athar_lines_blank(uint64_t *end, athar_lines *l, athar_error *err);

/* Does the line begin with `word`, in any case? */
bool athar_lines_start(const athar_lines *l, const char *word);
/* Is it `word` and white space, in any case? */
bool athar_lines_are(const athar_lines *l, const char *word);
/* The same of any text. */
bool athar_text_starts(const char *text, size_t len, const char *word);

/* A little of the text, for a field; what is more than it holds is dropped. */
typedef struct athar_snip {
	uint8_t text[200];
	size_t len;
} athar_snip;

/* What athar_scan_next of that scan gave. */
void athar_snip_add(athar_snip *s, int c, const athar_scan *of);
void athar_snip_character(athar_snip *s, uint32_t character);

static inline bool athar_is_letter(int c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}
static inline bool athar_is_digit(int c)
{
	return c >= '0' && c <= '9';
}
static inline int athar_lower(int c)
{
	return c >= 'A' && c <= 'Z' ? c + 32 : c;
}
static inline bool athar_is_space(int c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f';
}

#endif
