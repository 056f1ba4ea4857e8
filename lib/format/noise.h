/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Samples of a picture that nothing checks: whether they look like random bytes, which what is
 * packed or encrypted does, and pictures seldom.
 */
#ifndef ATHAR_FORMAT_NOISE_H
#define ATHAR_FORMAT_NOISE_H

#include <stdbool.h>
#include <stdint.h>

#define ATHAR_NOISE_BLOCK 2048u

/* Does a block of samples, the next one of a channel `step` bytes on, look like random bytes: all
 * values as often, and neighbours that have nothing to do with each other? */
bool athar_noise_is(const uint8_t *bytes, uint32_t step);

#endif
