/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * zlib's deflate of whole buffers with one state, reset between them.
 */
#ifndef ATHAR_INFLATE_ZPACK_H
#define ATHAR_INFLATE_ZPACK_H

#include <stddef.h>
#include <stdint.h>

#include "athar/error.h"

typedef struct athar_zpack athar_zpack;

athar_status athar_zpack_new(athar_zpack **out, int level, athar_error *err);
void athar_zpack_free(athar_zpack *z);
/* A zlib stream of `in`; 0 when it needs more than cap bytes. */
size_t athar_zpack_deflate(athar_zpack *z, uint8_t *out, size_t cap, const uint8_t *in, size_t len);

#endif
