/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "carve-001": the name of a run, and its number.
 */
#ifndef ATHAR_CASE_RUN_NAME_H
#define ATHAR_CASE_RUN_NAME_H

#include <stdbool.h>
#include <string.h>

#define ATHAR_RUN_LAST 999

/* 0: no name of a run. `partial`: one that ends in ".partial" counts too. */
static inline unsigned athar_run_number(const char *name, bool partial)
{
	unsigned number = 0;

	if (strncmp(name, "carve-", 6) != 0)
		return 0;
	for (int i = 6; i < 9; i++) {
		if (name[i] < '0' || name[i] > '9')
			return 0;
		number = number * 10 + (unsigned)(name[i] - '0');
	}
	if (name[9] == '\0' || (partial && strcmp(name + 9, ".partial") == 0))
		return number;
	return 0;
}

#endif
