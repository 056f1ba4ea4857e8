/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Deflate streams inside a file, unpacked to see where they end and what they sum up to.
 */
#ifndef ATHAR_FORMAT_UNPACK_H
#define ATHAR_FORMAT_UNPACK_H

#include "image/reader.h"
#include "inflate/inflate.h"

typedef struct athar_unpacker {
	athar_inflater *inflater;
	uint64_t produced; /* by all streams so far; bounded by the place reached in the file */
} athar_unpacker;

athar_status athar_unpacker_init(athar_unpacker *u, athar_error *err);
void athar_unpacker_clear(athar_unpacker *u);
ATHAR_DEFINE_AUTO_VALUE(unpacker, athar_unpacker, athar_unpacker_clear)

/* A raw deflate stream at `at` of at most `limit` bytes. ATHAR_EFORMAT: it is damaged. *dear: more
 * came out than a file of this size is worth, and the stream was given up. */
athar_status athar_unpacker_run(athar_inflated *out, bool *dear, athar_unpacker *u,
                                athar_reader *in, uint64_t at, uint64_t limit, athar_error *err);

/* How much to ask the reader for after `done` bytes: little first, since most streams are small and
 * the reader counts what it hands out; more as they go on. */
size_t athar_unpacker_piece(uint64_t done);

#endif
