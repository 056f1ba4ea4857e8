/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The samples of a film (ISO/IEC 14496-12) for the joiner, out of an index in memory: where each
 * picture lies in the file and how long the lengths of its units are.
 */
#ifndef ATHAR_CARVE_BMFF_SAMPLES_H
#define ATHAR_CARVE_BMFF_SAMPLES_H

#include "athar/bytes.h"
#include "base/idiom.h"

typedef struct athar_bmff_sample {
	uint64_t file;
	uint32_t size;
	uint8_t prefix; /* bytes of a unit's length */
} athar_bmff_sample;

typedef struct athar_bmff_samples {
	athar_bmff_sample *sample; /* those made of units only, in the order of the file */
	size_t count, capacity;
	uint64_t first, end; /* of all samples, whatever they are made of */
} athar_bmff_samples;

/* Of the payload of moov. *good: its tables hold together. */
athar_status athar_bmff_samples_read(athar_bmff_samples *out, bool *good, const uint8_t *moov,
                                     size_t len, athar_error *err);
void athar_bmff_samples_clear(athar_bmff_samples *s);
ATHAR_DEFINE_AUTO_VALUE(bmff_samples, athar_bmff_samples, athar_bmff_samples_clear)

#endif
