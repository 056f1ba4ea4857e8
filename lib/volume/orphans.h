/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Metadata of deleted files that no name leads to. libtsk has a virtual folder of them, found by a
 * walk of its own over all names and by lists that grow long; here one go over the metadata does.
 */
#ifndef ATHAR_VOLUME_ORPHANS_H
#define ATHAR_VOLUME_ORPHANS_H

#include "volume/seen.h"
#include "volume/volume_state.h"

typedef struct athar_orphan {
	uint64_t address;
	bool folder;
	bool inside; /* a folder among the orphans lists it */
} athar_orphan;

typedef struct athar_orphans {
	athar_orphan *orphan; /* by address */
	size_t count, capacity;
} athar_orphans;

/* All but those in `named`. *left_out counts those that have nothing to say. ATHAR_EFORMAT where
 * the metadata could not be gone over, ATHAR_ELIMIT where there are too many: *out has what was
 * found. */
athar_status athar_orphans_find(athar_orphans *out, uint64_t *left_out, athar_volume *volume,
                                const athar_seen *named,
                                athar_status (*beat)(void *user, athar_error *err), void *user,
                                athar_error *err);
void athar_orphans_clear(athar_orphans *orphans);
ATHAR_DEFINE_AUTO_VALUE(orphans, athar_orphans, athar_orphans_clear)

#endif
