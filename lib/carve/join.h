/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Joining: a file whose beginning is known lies in pieces. A joiner finds the other pieces in the
 * free space where the format proves them to be the file's own, in order or out of order, two or
 * many. A join without proof is not made: what comes out is judged once more by the format, over
 * all of its bytes, and must be complete there.
 *
 * All of this runs in a confined worker. What a joiner spends is counted in units of work, not in
 * seconds, so that the result is the same on every machine.
 */
#ifndef ATHAR_CARVE_JOIN_H
#define ATHAR_CARVE_JOIN_H

#include "athar/extents.h"
#include "carve/blocks.h"
#include "carve/spots.h"
#include "format/format.h"

/* Work that about one second of one core does: bytes fed to a validator. */
#define ATHAR_JOIN_SECOND (UINT64_C(200) << 20)
/* What a candidate costs besides its bytes. */
#define ATHAR_JOIN_TRY 256u

typedef struct athar_joining athar_joining;

typedef struct athar_joined {
	athar_extents extents; /* data only, in file order; pieces begin and end at blocks, but for
	                          the file's end */
	athar_claim claim;     /* of the format over just these bytes */
	char proof[120];       /* what proves the joints, one clause: "the CRC of every chunk" */
} athar_joined;

void athar_joined_clear(athar_joined *joined);
ATHAR_DEFINE_AUTO_VALUE(joined, athar_joined, athar_joined_clear)

typedef struct athar_joiner {
	const char *format; /* name of the athar_format */
	/*
	 * *done: out->extents is the whole file, and out->proof says why. False: no join could be
	 * proven. Fails with ATHAR_ENOMEM, ATHAR_ELIMIT (the work is used up) and the source's own
	 * failures. The claim is measured by athar_join_file afterwards.
	 */
	athar_status (*join)(athar_joined *out, bool *done, athar_joining *j, athar_error *err);
	/* It proves of each piece that it is of this file and of no other of its kind: then a claim
	 * that is alike is enough. */
	bool tells_apart;
} athar_joiner;

/* NULL: files of this format are not joined. */
const athar_joiner *athar_joiner_find(const char *format);

/* Over a source and a free space, both borrowed. Landmarks that were looked for once are kept. */
athar_status athar_joining_new(athar_joining **out, athar_source *source, const athar_space *space,
                               athar_error *err);
void athar_joining_free(athar_joining *j);
ATHAR_DEFINE_AUTO(joining, athar_joining *, athar_joining_free)

/* One file: it begins at `start`, the border of a block of the space. work: that may be spent.
 * *done as above, with the claim at least complete and nothing of it unseen that begins a piece. */
athar_status athar_join_file(athar_joined *out, bool *done, athar_joining *j,
                             const athar_format *format, uint64_t start, uint64_t work,
                             athar_error *err);

/* ---- what joiners use ---- */

athar_source *athar_joining_source(const athar_joining *j);
const athar_space *athar_joining_space(const athar_joining *j);
const athar_format *athar_joining_format(const athar_joining *j);
uint64_t athar_joining_start(const athar_joining *j);
/* ATHAR_ELIMIT when that was more than is left. */
athar_status athar_joining_spend(athar_joining *j, uint64_t work, athar_error *err);
/* Borrowed until the joining ends. The pass over the space is not counted as work. */
athar_status athar_joining_spots(const athar_spots **out, athar_joining *j,
                                 const athar_spot_kind *kind, athar_error *err);
/* The format's word on a file that is laid out like this. Spends what it reads. */
athar_status athar_joining_measure(athar_claim *out, athar_joining *j, const athar_extents *x,
                                   athar_error *err);
/* What the block of the space with this index looks like: athar_block_kind, and ATHAR_BLOCK_BEGINS
 * where the magic of a format stands at its beginning. Looked at once. */
athar_status athar_joining_block(uint8_t *out, athar_joining *j, uint64_t index, athar_error *err);
uint64_t athar_joining_left(const athar_joining *j); /* work */
/* Up to `len` bytes of the source at `offset`, cut at the end of its free run: borrowed until the
 * next call. Small reads near one another are cheap. Not counted as work. */
athar_status athar_joining_read(athar_bytes *out, athar_joining *j, uint64_t offset, size_t len,
                                athar_error *err);

#endif
