/* SPDX-License-Identifier: BSD-2-Clause */
/* Some of many numbers: "17,20-25". */
#ifndef ATHAR_ENGINE_NUMBERS_H
#define ATHAR_ENGINE_NUMBERS_H

#include "base/idiom.h"

typedef struct athar_numbers {
	athar_runs runs; /* a number is a byte of them */
} athar_numbers;

/* Numbers from 1 on, in any order. ATHAR_EUSAGE when that is no such list. */
athar_status athar_numbers_parse(athar_numbers *out, const char *text, athar_error *err);
bool athar_numbers_have(const athar_numbers *numbers, uint64_t number);
uint64_t athar_numbers_count(const athar_numbers *numbers);
void athar_numbers_clear(athar_numbers *numbers);
ATHAR_DEFINE_AUTO_VALUE(numbers, athar_numbers, athar_numbers_clear)

#endif
