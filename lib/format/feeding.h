/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What validators share: bytes that arrive in pieces of any size, and deflate streams among them
 * whose state can be copied.
 */
#ifndef ATHAR_FORMAT_FEEDING_H
#define ATHAR_FORMAT_FEEDING_H

#include "format/validator.h"
#include "inflate/inflate.h"

/* What is left of the bytes that came. */
typedef struct athar_feeding {
	const uint8_t *next;
	size_t left;
	uint64_t at; /* of *next, in the file */
} athar_feeding;

/* A record that may lie across pieces; what is longer is taken apart by its owner. */
typedef struct athar_held {
	uint8_t bytes[64];
	size_t count;
} athar_held;

/* Takes bytes until there are `want` (at most 64); true: there are. */
bool athar_held_fill(athar_held *h, athar_feeding *in, size_t want);
/* Passes over up to `most` bytes: how many. */
size_t athar_feeding_take(athar_feeding *in, uint64_t most);

/* Raw deflate. */
typedef struct athar_fed_deflate {
	athar_inflater *inflater; /* NULL before its first byte */
	athar_inflated sum;
} athar_fed_deflate;

/* Before the first byte of a stream. */
athar_status athar_fed_deflate_begin(athar_fed_deflate *d, athar_error *err);
athar_status athar_fed_deflate_copy(athar_fed_deflate *out, const athar_fed_deflate *d,
                                    athar_error *err);
void athar_fed_deflate_clear(athar_fed_deflate *d);
/* A little of the stream, at most `most` bytes of it. *wrong: the stream is damaged, or the sink
 * (NULL: none) refused what came out. */
athar_status athar_fed_deflate_feed(athar_fed_deflate *d, bool *wrong, athar_feeding *in,
                                    uint64_t most, athar_inflater_sink *sink, void *user,
                                    athar_error *err);

#endif
