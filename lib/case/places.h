/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Further places of contents, spooled to a file while a run is written and merged into items.jsonl
 * at its end: 16 bytes of memory each. A line of the spool is {item, grade, type, place}: whose it
 * is, what the find there was worth, and what goes into `also`.
 */
#ifndef ATHAR_CASE_PLACES_H
#define ATHAR_CASE_PLACES_H

#include "athar/item.h"
#include "base/idiom.h"

typedef struct athar_place_ref {
	uint64_t number, offset; /* of the item; in the spool */
} athar_place_ref;

typedef struct athar_places {
	FILE *spool; /* NULL until the first place */
	uint64_t size;
	athar_place_ref *ref;
	size_t count, capacity;
} athar_places;

/* The place of this item, and what it has in `also`, for the item `number`. *len: the bytes it will
 * add there. `path`: of the spool, made at the first place. */
athar_status athar_places_add(athar_places *p, uint32_t *len, uint64_t number,
                              const athar_item *item, const char *path, athar_error *err);
/* The spool of a run that was interrupted. Each place goes to `each`, with its number, grade and
 * type; what is torn, makes no sense or belongs to an item after `last` is cut off, and all behind
 * it. The bytes that it adds to its line go to `each`, too. */
athar_status athar_places_reopen(athar_places *p, const char *path, uint64_t last,
                                 athar_status (*each)(void *user, const athar_item *place,
                                                      uint32_t len, athar_error *err),
                                 void *user, athar_error *err);
/* Copies items.jsonl from one path to a new one, with each place in the `also` of its item. */
athar_status athar_places_merge(athar_places *p, const char *from, const char *to,
                                athar_error *err);
void athar_places_clear(athar_places *p);

#endif
