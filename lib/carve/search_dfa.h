/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The automaton made as far as the text needs it: one look into a table a byte. Its memory is
 * bounded; when it is full, all but the state it is in is forgotten and made again.
 */
#ifndef ATHAR_CARVE_SEARCH_DFA_H
#define ATHAR_CARVE_SEARCH_DFA_H

#include "carve/search_nfa.h"

typedef struct athar_dfa athar_dfa;

/* Looks for all units at every place. nfa goes forwards, is borrowed and does not change. */
athar_status athar_dfa_new(athar_dfa **out, const athar_nfa *nfa, athar_error *err);
void athar_dfa_free(athar_dfa *dfa);
ATHAR_DEFINE_AUTO(dfa, athar_dfa *, athar_dfa_free)

/* To the state in which nothing has been read. */
void athar_dfa_restart(athar_dfa *dfa);
/* Goes on through the bytes, and stops behind the first one at which a unit is done: then the units
 * are in *units, borrowed until the next call. The bytes taken. */
size_t athar_dfa_run(athar_dfa *dfa, const uint8_t *bytes, size_t len, const uint32_t **units,
                     size_t *count);

#endif
