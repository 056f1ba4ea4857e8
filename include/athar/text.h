/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names found in evidence are attacker's data. One escaper for each place where they are shown.
 *
 * All of them take raw bytes of any kind and give a NUL-terminated, malloc'd, valid UTF-8 string.
 * "Hidden" characters are: C0 and C1 controls, DEL, U+2028 and U+2029, and the characters that turn
 * the reading direction round or are invisible: U+061C, U+200B..U+200F, U+202A..U+202E,
 * U+2060..U+206F, U+FEFF, U+FFF9..U+FFFB, tags U+E0000..U+E007F; and U+FFFE, U+FFFF, which XML
 * bars.
 */
#ifndef ATHAR_TEXT_H
#define ATHAR_TEXT_H

#include "athar/error.h"

ATHAR_BEGIN

/* For the terminal and for log lines, reversible: a backslash doubles, a hidden character becomes
 * \u{202E}, a byte that is not UTF-8 becomes \xNN. */
ATHAR_API ATHAR_MUST athar_status athar_text_terminal(char **out, const void *bytes, size_t len,
                                                      athar_error *err);
/* The inverse: bytes of exactly what went in. ATHAR_EFORMAT when no escaper wrote it. */
ATHAR_API ATHAR_MUST athar_status athar_text_unescape(uint8_t **out, size_t *out_len,
                                                      const char *text, athar_error *err);

/* For people, in HTML and print (before the renderer's own escaping of <, &): hidden characters and
 * bytes become ‹U+202E› and ‹0xNN›. Not reversible: give the hex beside it when it changed. */
ATHAR_API ATHAR_MUST athar_status athar_text_visible(char **out, const void *bytes, size_t len,
                                                     athar_error *err);

/* A whole CSV field: as athar_text_visible, always in double quotes, quotes doubled, and a leading
 * = + - @ TAB CR preceded by an apostrophe, so that no spreadsheet computes it. */
ATHAR_API ATHAR_MUST athar_status athar_text_csv(char **out, const void *bytes, size_t len,
                                                 athar_error *err);

/* Replaces what is not UTF-8, and a NUL, by U+FFFD; *changed (may be NULL) says whether anything
 * was. With the hex of the raw bytes beside it this is the form of JSON values. */
ATHAR_API ATHAR_MUST athar_status athar_text_utf8(char **out, const void *bytes, size_t len,
                                                  bool *changed, athar_error *err);

/* Lower-case hex of any bytes. */
ATHAR_API ATHAR_MUST athar_status athar_text_hex(char **out, const void *bytes, size_t len,
                                                 athar_error *err);
/* The inverse, upper or lower case; ATHAR_EFORMAT for anything else. */
ATHAR_API ATHAR_MUST athar_status athar_text_unhex(uint8_t **out, size_t *out_len, const char *hex,
                                                   athar_error *err);

/* Strict UTF-8 (no surrogates, no overlong forms, up to U+10FFFF). */
ATHAR_API bool athar_text_is_utf8(const void *bytes, size_t len);

/* "1.5 MiB (1572864 bytes)"-free short form for people: "1.5 MiB". buf of 32 is enough. */
ATHAR_API const char *athar_text_size(char *buf, size_t len, uint64_t bytes);

/* "2026-11-22T23:57:55Z" into a buffer of at least 32. Years 0000..9999, else "out of range". */
ATHAR_API const char *athar_text_time(char *buf, size_t len, int64_t unix_seconds);

/* "1048576", "64k", "2047MiB", "1.5GB": k M G T are powers of 1024, kB MB GB TB of 1000, and "s" is
 * 512-byte sectors. ATHAR_EUSAGE for anything else or when it passes 2^63. */
ATHAR_API ATHAR_MUST athar_status athar_text_parse_size(uint64_t *out, const char *text,
                                                        athar_error *err);

ATHAR_END

#endif
