/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * LZMA and LZMA2 inside a file, unpacked to see where they end and what they sum up to.
 */
#ifndef ATHAR_FORMAT_LZMA_H
#define ATHAR_FORMAT_LZMA_H

#include "image/reader.h"

typedef struct athar_lzma athar_lzma;

/* No memory for a window is taken before something is unpacked, and then only as it fills. */
athar_status athar_lzma_new(athar_lzma **out, athar_error *err);
void athar_lzma_free(athar_lzma *x);
ATHAR_DEFINE_AUTO(lzma, athar_lzma *, athar_lzma_free)

typedef struct athar_lzma_job {
	athar_reader *in;
	uint64_t at, limit; /* where it begins, and how long it may be */
	uint32_t dictionary;
	uint64_t most;                                              /* what it may come to */
	void (*take)(void *user, const uint8_t *bytes, size_t len); /* it comes in pieces */
	void *user;
	/* results */
	uint64_t consumed, produced;
	bool dear; /* it was given up: longer than `most`, or its dictionary is too large */
} athar_lzma_job;

/* LZMA2, up to and with its end mark. ATHAR_EFORMAT: it is damaged. */
athar_status athar_lzma2_run(athar_lzma *x, athar_lzma_job *job, athar_error *err);
/* LZMA that comes to `length` bytes, as in 7z: `properties` is the first of its five bytes. */
athar_status athar_lzma_run(athar_lzma *x, athar_lzma_job *job, uint8_t properties, uint64_t length,
                            athar_error *err);
/* How large a dictionary LZMA2 states with one byte, at most 40. */
uint32_t athar_lzma2_dictionary(uint8_t bits);

#endif
