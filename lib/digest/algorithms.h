/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of hashes: index is the number of the bit in a mask.
 */
#ifndef ATHAR_DIGEST_ALGORITHMS_H
#define ATHAR_DIGEST_ALGORITHMS_H

#include "athar/digest.h"

typedef struct athar_algorithm {
	const char *name;    /* ours */
	const char *fetched; /* OpenSSL's */
	size_t size;         /* bytes */
} athar_algorithm;

extern const athar_algorithm athar_algorithms[ATHAR_DIGEST_COUNT];

/* The number of a single known bit, or -1. */
int athar_algorithm_index(unsigned algorithm);

#endif
