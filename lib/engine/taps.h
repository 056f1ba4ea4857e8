/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hashes as taps of the pipeline: one thread an algorithm, since the slowest of them is what a fast
 * image waits for.
 */
#ifndef ATHAR_ENGINE_TAPS_H
#define ATHAR_ENGINE_TAPS_H

#include "base/idiom.h"
#include "pipe/pipe.h"

typedef struct athar_hash_tap {
	athar_digester *digester;
	unsigned algorithm;
	uint32_t pad; /* fill the last slab with zeros to a multiple of this; 0: hash what is there
	               */
} athar_hash_tap;

typedef struct athar_taps {
	athar_hash_tap hash[2 * ATHAR_DIGEST_COUNT];
	athar_pipe_tap tap[2 * ATHAR_DIGEST_COUNT];
	size_t count;
} athar_taps;

/* Adds a tap for each algorithm of the mask. */
athar_status athar_taps_add(athar_taps *taps, unsigned algorithms, uint32_t pad, athar_error *err);
/* Ends those of the given pad and gathers their values. */
athar_status athar_taps_finish(athar_digests *out, athar_taps *taps, uint32_t pad,
                               athar_error *err);
void athar_taps_clear(athar_taps *taps);
ATHAR_DEFINE_AUTO_VALUE(taps, athar_taps, athar_taps_clear)

#endif
