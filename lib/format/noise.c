/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/noise.h"

#include <stddef.h>
#include <stdlib.h>

#define BLOCK ATHAR_NOISE_BLOCK
#define CHI_SQUARE_MOST 600u /* random bytes: 255, rarely above 350; a picture's: thousands */

bool athar_noise_is(const uint8_t *bytes, uint32_t step)
{
	uint32_t count[256] = {0}, differences = 0;
	uint64_t squares = 0;

	for (size_t i = 0; i < BLOCK; i++)
		count[bytes[i]]++;
	for (size_t i = step; i < BLOCK; i++)
		differences += (uint32_t)abs(bytes[i] - bytes[i - step]);
	for (size_t i = 0; i < 256; i++)
		squares += (uint64_t)count[i] * count[i];
	/* The mean of differences of random bytes is 85.3; chi square is squares / 8 - BLOCK. */
	return squares / (BLOCK / 256) - BLOCK < CHI_SQUARE_MOST &&
	       differences / (BLOCK - step) >= 75 && differences / (BLOCK - step) <= 95;
}
