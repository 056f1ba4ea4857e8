/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The solver behind athar_join_in_order, for joiners that know more than the validator.
 */
#ifndef ATHAR_CARVE_JOIN_ORDER_H
#define ATHAR_CARVE_JOIN_ORDER_H

#include "carve/join.h"
#include "format/validator.h"

#define ATHAR_JOIN_PLACES 64u

/* Says where to look first. */
typedef struct athar_join_guide {
	void *user;
	/* Places in the source for the block at `at` of the file, which the state is about to be
	 * fed: at most ATHAR_JOIN_PLACES, the likeliest first. They are tried, not believed. */
	athar_status (*places)(uint64_t *out, size_t *count, void *user, const void *state,
	                       uint64_t at, athar_error *err);
} athar_join_guide;

/* guide: NULL for none; proof: for out->proof. */
athar_status athar_join_guided(athar_joined *out, bool *done, athar_joining *j,
                               const athar_validator *validator, const athar_join_guide *guide,
                               const char *proof, athar_error *err);

#endif
