/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * UTF-8, one character at a time, and which characters are hidden: what athar/text.h promises is
 * decided here, once.
 */
#ifndef ATHAR_BASE_UTF8_H
#define ATHAR_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads the character at p, of len bytes at most. Its length in bytes, or 0 when what stands there
 * is not UTF-8 (then p[0] alone is the byte to report). */
size_t athar_utf8_decode(uint32_t *character, const uint8_t *p, size_t len);
/* 1 to 4 bytes into out; their number. character is a valid one. */
size_t athar_utf8_encode(uint8_t out[4], uint32_t character);
/* See athar/text.h. */
bool athar_utf8_hidden(uint32_t character);

#endif
