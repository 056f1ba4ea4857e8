/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Zstandard frames of any length (RFC 8878), unpacked for their checksum: what comes out is only
 * counted. libzstd checks the checksum where there is one, and the length where it is stated.
 */
#ifndef ATHAR_INFLATE_ZSTREAM_H
#define ATHAR_INFLATE_ZSTREAM_H

#include "base/idiom.h"

typedef struct athar_zstream athar_zstream;

athar_status athar_zstream_new(athar_zstream **out, athar_error *err);
void athar_zstream_free(athar_zstream *z);
ATHAR_DEFINE_AUTO(zstream, athar_zstream *, athar_zstream_free)

/* Another frame. */
void athar_zstream_begin(athar_zstream *z);
/* Adds to *produced; *ended: the frame has, and all of it holds. What follows it is not looked at.
 * ATHAR_EFORMAT: it is damaged; ATHAR_ELIMIT: its window is too large. */
athar_status athar_zstream_feed(athar_zstream *z, bool *ended, uint64_t *produced,
                                const uint8_t *in, size_t len, athar_error *err);

#endif
