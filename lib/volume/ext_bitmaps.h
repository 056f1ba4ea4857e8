/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * When blocks were last taken into use, by the journal's copies of the block bitmaps: a block that
 * was free in one and in use in a later one. This tells even of files that nothing else knows.
 */
#ifndef ATHAR_VOLUME_EXT_BITMAPS_H
#define ATHAR_VOLUME_EXT_BITMAPS_H

#include "volume/jbd2.h"

typedef struct athar_ext_taken {
	uint64_t block, count;
	int32_t order; /* the first transaction that has them in use again */
} athar_ext_taken;

/* Calls for each range, by block. */
athar_status athar_ext_bitmaps_each(const athar_jbd2 *j,
                                    athar_status (*taken)(void *user, const athar_ext_taken *t,
                                                          athar_error *err),
                                    void *user, athar_error *err);

#endif
