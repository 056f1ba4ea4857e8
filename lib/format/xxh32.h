/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * XXH32 ("xxHash fast digest algorithm", version 0.1.1), with seed 0 as LZ4 uses it.
 */
#ifndef ATHAR_FORMAT_XXH32_H
#define ATHAR_FORMAT_XXH32_H

#include <stddef.h>
#include <stdint.h>

typedef struct athar_xxh32 {
	uint32_t lane[4];
	uint8_t held[16]; /* what does not fill a stripe yet */
	uint64_t length;
} athar_xxh32;

void athar_xxh32_begin(athar_xxh32 *x);
void athar_xxh32_add(athar_xxh32 *x, const uint8_t *bytes, size_t len);
/* Of what was added so far. */
uint32_t athar_xxh32_get(const athar_xxh32 *x);

#endif
