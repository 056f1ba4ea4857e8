/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How mail writes what is not ASCII: base64 (RFC 4648), quoted-printable (RFC 2045) and encoded
 * words (RFC 2047).
 */
#ifndef ATHAR_FORMAT_TEXT_CODE_H
#define ATHAR_FORMAT_TEXT_CODE_H

#include "format/walk.h"

/* Base64 in order, in any number of pieces. */
typedef struct athar_base64 {
	uint32_t held;
	uint8_t bits;   /* of held that are not given out */
	uint8_t pads;   /* '=' met */
	uint64_t count; /* characters without them */
} athar_base64;

/* One character; *out is a byte of content where *got. False: it cannot stand here. */
bool athar_base64_step(athar_base64 *b, uint8_t *out, bool *got, int c);
/* May it end here? */
bool athar_base64_ends(const athar_base64 *b);
bool athar_is_base64(int c); /* without '=' */

/* Decodes in place what has "=41" in it; what is no such code stays. Returns the length. */
size_t athar_text_unquote(char *text, size_t len);
/* Notes a header's value, its encoded words decoded where they are UTF-8, Latin-1 or ASCII. */
void athar_walk_field_words(athar_walk *w, const char *key, const char *text, size_t len);

#endif
