/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What acquire left beside an image that is named by its path and not as an exhibit: the record's
 * word on what could not be read, and the hashes of its blocks.
 */
#ifndef ATHAR_ENGINE_BESIDE_H
#define ATHAR_ENGINE_BESIDE_H

#include "base/idiom.h"

typedef struct athar_beside {
	athar_runs lacking;
	uint64_t true_size; /* of the source, where the image is padded; 0: as the image */
	char *blocks;       /* path; NULL: the record names none */
} athar_beside;

/* From acquisition.json where there is one of this image, else from a mapfile of that name. */
athar_status athar_beside_load(athar_beside *out, const char *image, athar_error *err);
void athar_beside_clear(athar_beside *beside);
ATHAR_DEFINE_AUTO_VALUE(beside, athar_beside, athar_beside_clear)

#endif
