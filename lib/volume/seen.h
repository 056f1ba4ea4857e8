/* SPDX-License-Identifier: BSD-2-Clause */
/* A set of addresses, to meet each only once. Zero-initialise to make an empty one. */
#ifndef ATHAR_VOLUME_SEEN_H
#define ATHAR_VOLUME_SEEN_H

#include "base/idiom.h"

typedef struct athar_seen {
	uint64_t *slot; /* address + 1; 0 is empty */
	size_t count, capacity;
} athar_seen;

/* *fresh: it was not there before. */
athar_status athar_seen_add(athar_seen *seen, uint64_t address, bool *fresh, athar_error *err);
bool athar_seen_has(const athar_seen *seen, uint64_t address);
void athar_seen_clear(athar_seen *seen);

ATHAR_DEFINE_AUTO_VALUE(seen, athar_seen, athar_seen_clear)

#endif
