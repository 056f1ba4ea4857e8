/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The quick engine, chosen when athar is built: fast_isal.c or fast_zlib.c. The checksums, the
 * inflation of whole streams and athar_inflate_engine of inflate.h are its own as well.
 */
#ifndef ATHAR_INFLATE_FAST_H
#define ATHAR_INFLATE_FAST_H

#include <stddef.h>
#include <stdint.h>

#include "athar/error.h"

typedef struct athar_fast athar_fast;

athar_status athar_fast_new(athar_fast **out, athar_error *err);
void athar_fast_free(athar_fast *fast);
/* A zlib stream of `in`; 0 when it needs more than cap bytes. */
size_t athar_fast_deflate(athar_fast *fast, uint8_t *out, size_t cap, const uint8_t *in,
                          size_t len);

#endif
