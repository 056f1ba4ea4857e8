/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lines that an interrupted run has written already: one that comes again is not written again.
 */
#ifndef ATHAR_CASE_TOLD_H
#define ATHAR_CASE_TOLD_H

#include "base/idiom.h"

typedef struct athar_told_line {
	char *text;
	size_t came; /* of the lines that are the same as this one and follow it: how many came */
} athar_told_line;

typedef struct athar_told {
	athar_told_line *line;
	size_t count, capacity;
	bool sorted;
} athar_told;

athar_status athar_told_add(athar_told *told, const char *text, size_t len, athar_error *err);
/* Is it one of them, and did not come as often before? */
bool athar_told_take(athar_told *told, const char *text);
void athar_told_clear(athar_told *told);

#endif
