/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "format/validators.h"

static const athar_validator *const validators[] = {
	&athar_validator_gzip,
	&athar_validator_png,
	&athar_validator_zip,
	NULL,
};

const athar_validator *athar_validator_find(const char *format)
{
	for (size_t i = 0; validators[i] != NULL; i++)
		if (strcmp(validators[i]->format, format) == 0)
			return validators[i];
	return NULL;
}
