/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A bounded, cached cursor over a source. Formats read through it, and only through it: it knows
 * the end, counts what was read and remembers which bad ranges were touched.
 */
#ifndef ATHAR_IMAGE_READER_H
#define ATHAR_IMAGE_READER_H

#include "athar/bytes.h"
#include "athar/source.h"
#include "base/idiom.h"

typedef struct athar_reader athar_reader;

/* Sees [start, start + limit) of the source as [0, limit); cut at the source's end. The source is
 * borrowed. `work` bounds the bytes that may be read in all (ATHAR_ELIMIT), 0: 64 times the limit.
 */
athar_status athar_reader_new(athar_reader **out, athar_source *source, uint64_t start,
                              uint64_t limit, uint64_t work, athar_error *err);
void athar_reader_free(athar_reader *r);
ATHAR_DEFINE_AUTO(reader, athar_reader *, athar_reader_free)

/* Another window on the same source, keeping the cache and the bound on work counted from 0 again.
 */
void athar_reader_move(athar_reader *r, uint64_t start, uint64_t limit);

/* len bytes at `at`, borrowed until the next call; len is at most 1 MiB (ATHAR_EUSAGE). ATHAR_EOF
 * when fewer are there. Bad ranges read as zeros and are noted. out->origin is the offset in the
 * source. */
athar_status athar_reader_get(athar_bytes *out, athar_reader *r, uint64_t at, size_t len,
                              athar_error *err);
/* As many of them as there are before the end; at least 1, else ATHAR_EOF. */
athar_status athar_reader_some(athar_bytes *out, athar_reader *r, uint64_t at, size_t len,
                               athar_error *err);
uint64_t athar_reader_size(const athar_reader *r);
/* Bytes of bad or unread ranges seen in [0, length) since athar_reader_new or _move. */
uint64_t athar_reader_bad(const athar_reader *r, uint64_t length);

#endif
