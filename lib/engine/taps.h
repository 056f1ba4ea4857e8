/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hashes as taps of the pipeline: one thread an algorithm, since the slowest of them is what a fast
 * image waits for. They may be taken through several pipelines, one after the other.
 */
#ifndef ATHAR_ENGINE_TAPS_H
#define ATHAR_ENGINE_TAPS_H

#include "base/idiom.h"
#include "pipe/pipe.h"

typedef struct athar_hash_tap {
	athar_digester *digester;
	unsigned algorithm;
} athar_hash_tap;

typedef struct athar_taps {
	athar_hash_tap hash[ATHAR_DIGEST_COUNT];
	athar_pipe_tap tap[ATHAR_DIGEST_COUNT];
	size_t count;
} athar_taps;

/* Adds a tap for each algorithm of the mask. */
athar_status athar_taps_add(athar_taps *taps, unsigned algorithms, athar_error *err);
/* The values as if `zeros` more bytes of zeros had come; taps go on as they were. */
athar_status athar_taps_padded(athar_digests *out, const athar_taps *taps, uint64_t zeros,
                               athar_error *err);
/* Ends them all and gathers their values. */
athar_status athar_taps_finish(athar_digests *out, athar_taps *taps, athar_error *err);
void athar_taps_clear(athar_taps *taps);
ATHAR_DEFINE_AUTO_VALUE(taps, athar_taps, athar_taps_clear)

#endif
