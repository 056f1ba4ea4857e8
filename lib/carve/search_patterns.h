/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What patterns are made into; for the search alone.
 */
#ifndef ATHAR_CARVE_SEARCH_PATTERNS_H
#define ATHAR_CARVE_SEARCH_PATTERNS_H

#include "carve/search.h"
#include "carve/search_nfa.h"

/* What must not lie beside a match. */
typedef enum athar_edge {
	ATHAR_EDGE_NONE,
	ATHAR_EDGE_WORD,  /* a letter or digit */
	ATHAR_EDGE_DIGIT, /* a digit, or letters with a digit among them */
	ATHAR_EDGE_TURN   /* \b: of the two characters there one is of a word, one is not */
} athar_edge;

/* One expression of a pattern in one encoding. */
typedef struct athar_unit {
	uint32_t pattern;
	athar_search_kind kind;
	athar_search_encoding encoding;
	athar_edge before, after;
} athar_unit;

struct athar_patterns {
	athar_nfa forwards, backwards;
	athar_unit *unit;
	size_t units, capacity;
	size_t count; /* of patterns */
};

#endif
