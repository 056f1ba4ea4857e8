/* SPDX-License-Identifier: BSD-2-Clause */
/* Fields whose words are UTF-16, as Microsoft's formats and ID3 have them. */
#ifndef ATHAR_FORMAT_UTF16_H
#define ATHAR_FORMAT_UTF16_H

#include "format/walk.h"

/* As athar_walk_field_bytes; up to the first NUL, halves that have no other half are replaced. */
void athar_walk_field_utf16(athar_walk *w, const char *key, const uint8_t *bytes, size_t len,
                            bool high_first);

#endif
