/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the formats of Windows share: its times, its text, and the space it reserves at the end of
 * files that it expects to grow.
 */
#ifndef ATHAR_FORMAT_WINDOWS_H
#define ATHAR_FORMAT_WINDOWS_H

#include "format/walk.h"

/* Notes a FILETIME (100 ns since 1601, UTC) where it is one of the years 1980 to 2100; others are
 * what is written for none. */
void athar_windows_time(athar_walk *w, const char *key, uint64_t filetime);
/* Notes seconds since 1970, UTC, of the same years. */
void athar_windows_seconds(athar_walk *w, const char *key, int64_t seconds);
/* Notes UTF-16, little-endian, up to the first NUL; a half of a pair becomes U+FFFD. */
void athar_windows_text(athar_walk *w, const char *key, const uint8_t *bytes, size_t len);
/* Is all of [from, to) there, and zero? */
athar_status athar_windows_zeros(bool *out, athar_walk *w, uint64_t from, uint64_t to,
                                 athar_error *err);

#endif
