/* SPDX-License-Identifier: BSD-2-Clause */
/* What a claim says of the content. */
#ifndef ATHAR_TEST_SAYS_H
#define ATHAR_TEST_SAYS_H

#include <string.h>

#include "format/format.h"

/* "": nothing under this key. */
static inline const char *says(const athar_claim *claim, const char *key)
{
	for (size_t i = 0; i < claim->field_count; i++)
		if (strcmp(claim->field[i].key, key) == 0)
			return claim->field[i].value;
	return "";
}

#endif
