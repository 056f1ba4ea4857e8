/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes that know where they came from, and sets of ranges.
 */
#ifndef ATHAR_BYTES_H
#define ATHAR_BYTES_H

#include "athar/error.h"

ATHAR_BEGIN

/* Borrowed, never freed through this. */
typedef struct athar_bytes {
	const uint8_t *ptr;
	size_t len;
	uint64_t origin; /* offset of ptr[0] in the source */
} athar_bytes;

/* What is known of a range of a source. A higher kind is the graver one; where two overlap, it
 * wins. */
typedef enum athar_run_kind {
	ATHAR_RUN_DATA,   /* read, and as it was on the medium */
	ATHAR_RUN_SPARSE, /* the container says zeros without storing them */
	ATHAR_RUN_UNREAD, /* nobody has tried, or the try was given up */
	ATHAR_RUN_BAD     /* tried, and the medium or the container failed; reads as zeros */
} athar_run_kind;

typedef struct athar_run {
	uint64_t offset, length;
	athar_run_kind kind;
} athar_run;

/* A set: sorted, disjoint, neighbours of one kind joined. Zero-initialise to make an empty one. */
typedef struct athar_runs {
	athar_run *run;
	size_t count, capacity;
} athar_runs;

#define ATHAR_RUNS_INIT \
	{ \
		NULL, 0, 0 \
	}

/* Adds a range; where it overlaps what is there, the higher kind wins. length 0 is fine.
 * ATHAR_ELIMIT when offset + length is 2^64 or more. Amortised O(1) for appends in order; else the
 * runs behind move. On failure the set stays as it was. */
ATHAR_API ATHAR_MUST athar_status athar_runs_add(athar_runs *runs, uint64_t offset, uint64_t length,
                                                 athar_run_kind kind, athar_error *err);

/* Takes a range out, whatever its kind. */
ATHAR_API ATHAR_MUST athar_status athar_runs_remove(athar_runs *runs, uint64_t offset,
                                                    uint64_t length, athar_error *err);

/* out = what of [0, size) is in no run, as ATHAR_RUN_DATA. */
ATHAR_API ATHAR_MUST athar_status athar_runs_invert(athar_runs *out, const athar_runs *runs,
                                                    uint64_t size, athar_error *err);

/* The bytes of the range that lie in runs of any kind. */
ATHAR_API uint64_t athar_runs_overlap(const athar_runs *runs, uint64_t offset, uint64_t length);

/* Index of the first run that ends after offset; count when there is none. */
ATHAR_API size_t athar_runs_find(const athar_runs *runs, uint64_t offset);

ATHAR_API uint64_t athar_runs_total(const athar_runs *runs);
ATHAR_API void athar_runs_clear(athar_runs *runs);

ATHAR_END

#endif
