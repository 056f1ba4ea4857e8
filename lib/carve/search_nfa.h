/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Expressions as one automaton over bytes: each of them in each encoding is a unit of it. Forwards
 * it finds where a match ends, backwards where it begins. It never goes back in the text: what a
 * byte costs is bounded by the number of states.
 */
#ifndef ATHAR_CARVE_SEARCH_NFA_H
#define ATHAR_CARVE_SEARCH_NFA_H

#include "carve/search_code.h"
#include "carve/search_parse.h"

typedef enum athar_nfa_kind {
	ATHAR_NFA_BYTE, /* one from `from` to `to`, then next */
	ATHAR_NFA_FORK, /* next or other */
	ATHAR_NFA_DONE  /* unit `next` has matched */
} athar_nfa_kind;

typedef struct athar_nfa_state {
	uint8_t kind, from, to;
	uint32_t next, other;
} athar_nfa_state;

typedef struct athar_nfa {
	athar_nfa_state *state; /* [0] leads nowhere */
	size_t count, capacity;
	uint32_t *start; /* of each unit */
	size_t units, start_capacity;
	bool backwards;
} athar_nfa;

#define ATHAR_NFA_UNIT_MOST 50000u
#define ATHAR_NFA_MOST 1000000u

/* Adds a unit. ATHAR_EUSAGE when it is too large. */
athar_status athar_nfa_add(athar_nfa *nfa, const athar_expression *expression,
                           athar_search_encoding encoding, athar_error *err);
void athar_nfa_clear(athar_nfa *nfa);

/* States that it is in at one place: bytes to come, and units done. */
typedef struct athar_nfa_set {
	uint32_t *member;
	size_t count;
	uint32_t *seen; /* by state: the round in which it was */
	uint32_t round;
	uint32_t *stack;
} athar_nfa_set;

athar_status athar_nfa_set_new(athar_nfa_set *set, const athar_nfa *nfa, athar_error *err);
void athar_nfa_set_free(athar_nfa_set *set);
void athar_nfa_empty(athar_nfa_set *set, const athar_nfa *nfa);
/* Adds a state and what is reached from it without a byte. */
void athar_nfa_enter(athar_nfa_set *set, const athar_nfa *nfa, uint32_t state);

#endif
