/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The parts of an image that need no more searching. They come in any order, by the million, and
 * are put in order once they are asked for: a set that is kept sorted would move its tail for each.
 */
#ifndef ATHAR_ENGINE_TAKEN_H
#define ATHAR_ENGINE_TAKEN_H

#include "base/idiom.h"

typedef struct athar_taken {
	athar_run *run;
	size_t count, capacity;
	size_t settled; /* so many were left when it was last put in order */
} athar_taken;

/* The range must end below 2^64. ATHAR_ELIMIT when there are too many of them to be kept. */
athar_status athar_taken_add(athar_taken *taken, uint64_t offset, uint64_t length,
                             athar_error *err);
/* *out: what of [0, size) was not taken. */
athar_status athar_taken_rest(athar_runs *out, athar_taken *taken, uint64_t size, athar_error *err);
void athar_taken_clear(athar_taken *taken);

#endif
