/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tokens of a PDF (ISO 32000-1, 7.2 and 7.3): strict enough that bytes of somebody else are
 * soon found out.
 */
#ifndef ATHAR_FORMAT_PDF_LEX_H
#define ATHAR_FORMAT_PDF_LEX_H

#include "format/walk.h"

typedef enum pdf_kind {
	PDF_NONE, /* no token begins here */
	PDF_INTEGER,
	PDF_NUMBER, /* any other number */
	PDF_NAME,   /* text is without the slash */
	PDF_STRING,
	PDF_OPEN,  /* [ or << */
	PDF_CLOSE, /* ] or >> */
	PDF_WORD,
	PDF_END_OF_FILE, /* %%EOF */
	PDF_HEADER       /* %PDF- : another file begins */
} pdf_kind;

typedef struct pdf_token {
	pdf_kind kind;
	uint64_t at, value;
	bool dict; /* of PDF_OPEN and PDF_CLOSE */
	char text[24];
} pdf_token;

/* The next token, white space and comments passed over. Fails only as the reader does. */
athar_status pdf_lex(pdf_token *out, athar_stream *s, athar_error *err);
/* Is it this word? */
bool pdf_is_word(const pdf_token *t, const char *word);
/* White space other than line ends counts too: what PDF calls white space. */
bool pdf_is_space(uint8_t c);

#endif
