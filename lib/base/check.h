/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arithmetic on numbers that evidence controls. False: it would not fit.
 */
#ifndef ATHAR_BASE_CHECK_H
#define ATHAR_BASE_CHECK_H

#include <stdbool.h>
#include <stdint.h>

static inline bool athar_add(uint64_t a, uint64_t b, uint64_t *out)
{
	return !__builtin_add_overflow(a, b, out);
}

static inline bool athar_mul(uint64_t a, uint64_t b, uint64_t *out)
{
	return !__builtin_mul_overflow(a, b, out);
}

/* Is [offset, offset + length) inside [0, size)? */
static inline bool athar_inside(uint64_t offset, uint64_t length, uint64_t size)
{
	return offset <= size && length <= size - offset;
}

static inline uint64_t athar_min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static inline uint64_t athar_max(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* unit is not 0; round_up saturates at UINT64_MAX. */
static inline uint64_t athar_round_down(uint64_t value, uint64_t unit)
{
	return value - value % unit;
}

static inline uint64_t athar_round_up(uint64_t value, uint64_t unit)
{
	uint64_t rest = value % unit;
	uint64_t out = 0;

	if (rest == 0)
		return value;
	return athar_add(value, unit - rest, &out) ? out : UINT64_MAX;
}

#endif
