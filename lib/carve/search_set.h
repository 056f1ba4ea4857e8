/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sets of characters, and which characters count as one another: upper and lower case, the forms of
 * an Arabic letter, the digits of three scripts.
 */
#ifndef ATHAR_CARVE_SEARCH_SET_H
#define ATHAR_CARVE_SEARCH_SET_H

#include "base/idiom.h"

#define ATHAR_CHARACTER_LAST 0x10FFFFu

typedef struct athar_span {
	uint32_t from, to; /* both belong to it */
} athar_span;

/* Sorted and disjoint once it is settled. */
typedef struct athar_set {
	athar_span *span;
	size_t count, capacity;
} athar_set;

athar_status athar_set_add(athar_set *set, uint32_t from, uint32_t to, athar_error *err);
/* Sorts, and joins what touches. */
void athar_set_settle(athar_set *set);
/* All other characters, without surrogates; the set is settled. */
athar_status athar_set_invert(athar_set *set, athar_error *err);
bool athar_set_has(const athar_set *set, uint32_t character);
void athar_set_clear(athar_set *set);
ATHAR_DEFINE_AUTO_VALUE(set, athar_set, athar_set_clear)

/* What is treated alike. */
enum {
	ATHAR_FOLD_ARABIC = 1u << 0, /* letters in their forms, digits */
	ATHAR_FOLD_CASE = 1u << 1    /* Latin */
};

/* Adds all that counts as one of its characters; settles it. */
athar_status athar_set_fold(athar_set *set, unsigned fold, athar_error *err);

/* Tatweel and vowel marks: they may stand behind any Arabic letter. */
athar_status athar_set_marks(athar_set *out, athar_error *err);
/* Does the set hold an Arabic letter, and not the marks? */
bool athar_set_arabic(const athar_set *set);

/* Letters, digits and marks of scripts up to U+07FF, Arabic presentation forms, '_'. Beyond that,
 * what lies beside a text by chance would count as letters. */
athar_status athar_set_word(athar_set *out, athar_error *err);
bool athar_character_word(uint32_t character);
athar_status athar_set_digits(athar_set *out, athar_error *err);
/* 0 to 9; -1: no digit of these scripts. */
int athar_character_digit(uint32_t character);

#endif
