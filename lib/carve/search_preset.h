/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Phone numbers, e-mail addresses, URLs: an expression each, and what an expression cannot check.
 */
#ifndef ATHAR_CARVE_SEARCH_PRESET_H
#define ATHAR_CARVE_SEARCH_PRESET_H

#include "athar/search.h"
#include "base/idiom.h"

/* The expressions of a preset, NULL-terminated; NULL: this kind is none. */
const char *const *athar_preset_expressions(athar_search_kind kind);
/* Is the text, as characters, what it looks like? */
bool athar_preset_check(athar_search_kind kind, const uint32_t *character, size_t count);

#endif
