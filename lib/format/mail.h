/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The header of a mail or of one of its parts (RFC 5322, RFC 2045), line by line.
 */
#ifndef ATHAR_FORMAT_MAIL_H
#define ATHAR_FORMAT_MAIL_H

#include "format/text_scan.h"

#define ATHAR_BOUNDARY_MOST 72u /* RFC 2046 allows 70 characters */

typedef struct athar_mail {
	unsigned known;  /* fields whose names are known ones */
	bool from, date; /* these are among them */
	bool blank;      /* an empty line ends it; else what ends it is none of its lines */
	bool base64;     /* what follows is in base64 */
	bool message;    /* what follows is a mail with a header of its own */
	bool multipart;  /* what follows is parts between this: */
	char boundary[ATHAR_BOUNDARY_MOST];
	bool web;  /* a browser saved a page as one */
	bool told; /* the fields go into the claim */
} athar_mail;

/* From the current line on, up to the empty one, which is then the current one. Stops nothing. */
athar_status athar_mail_header(athar_mail *m, athar_walk *w, athar_lines *l, athar_error *err);
/* Is the line "Name:" with a name that mails have? */
bool athar_mail_is_known(const char *line, size_t len);
/* "Wed, 17 May 2000 19:36:13 -0400" as a time; "" where it is none. */
void athar_mail_time(char out[32], const char *text, size_t len);
/* "Nov" and so on: 1 to 12; 0 for none. */
unsigned athar_month_number(const char *name);

#endif
