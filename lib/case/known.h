/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lists of known files that a run was given, and how often each of them knew a content.
 */
#ifndef ATHAR_CASE_KNOWN_H
#define ATHAR_CASE_KNOWN_H

#include "digest/hash_set.h"

typedef struct athar_known_list {
	char *name;   /* of its file; UTF-8 */
	char *format; /* "set", or the form of the list it was compiled from */
	athar_hash_set *set;
	athar_hash_origin origin; /* of a list; of a set its own hash and date */
	uint64_t matches;         /* items whose content it has */
	bool hit;                 /* by the content that was looked up last */
} athar_known_list;

typedef struct athar_known {
	athar_known_list *list;
	size_t count, capacity;
	bool skip; /* what is known is not written */
	/* Items whose content was looked up; those of them that a list has; and items that have no
	 * hash, since their content was not taken out. */
	uint64_t compared, matched, not_compared;
} athar_known;

void athar_known_clear(athar_known *known);
ATHAR_DEFINE_AUTO_VALUE(known, athar_known, athar_known_clear)

/* Those that any of the lists has. */
unsigned athar_known_algorithms(const athar_known *known);
/* *out: the lists that have one of these hashes, as items.jsonl has them; NULL: none of them. */
athar_status athar_known_look_up(athar_json **out, athar_known *known, const athar_digests *hashes,
                                 athar_error *err);
/* The content that was looked up last is that of a new item. */
void athar_known_count(athar_known *known);
/* For run.json. */
athar_json *athar_known_to_json(const athar_known *known);

#endif
