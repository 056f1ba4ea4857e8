/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an interrupted run has looked at already, found again by where it lies: method, volume,
 * address, path, extents. Names and places are evidence, so they are compared by a hash that nobody
 * can aim at. 72 bytes each.
 */
#ifndef ATHAR_ENGINE_STANDING_H
#define ATHAR_ENGINE_STANDING_H

#include "engine/find.h"

typedef struct athar_stand {
	uint8_t key[16];
	uint32_t order; /* among those of one key */
	uint32_t came;  /* of those of its key, in the first of them: how many were taken */
	uint8_t grade;
	bool proven;                /* its blocks are known to be its own */
	bool stored;                /* its content was taken out, or could not be */
	uint64_t number;            /* of its item in this run; 0: it is another run's */
	char type[16], subtype[16]; /* of an item; "": a further place of one */
} athar_stand;

typedef struct athar_standing {
	athar_stand *stand;
	size_t count, capacity;
	bool sorted;
} athar_standing;

/* An item, or a further place of one with the grade and the type of what was found there. */
athar_status athar_standing_add(athar_standing *s, const athar_item *item, bool stored,
                                athar_error *err);
/* The last one added is the item itself. number 0: of another run. */
void athar_standing_own(athar_standing *s, const athar_item *item, uint64_t number);
/* The one that this find became, and no other one of its kind before; NULL: it is new. */
athar_status athar_standing_take(const athar_stand **out, athar_standing *s, const athar_find *find,
                                 athar_error *err);
void athar_standing_clear(athar_standing *s);

#endif
