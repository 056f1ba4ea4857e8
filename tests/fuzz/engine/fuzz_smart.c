/* SPDX-License-Identifier: BSD-2-Clause */
/* Any output of smartctl becomes an object that says whether it can be used. The first byte is its
 * exit status. */
#include <stdlib.h>

#include "engine/smart.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ATHAR_AUTO(json) athar_json *o = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	ATHAR_AUTO(free) char *line = NULL;
	bool available = false;

	if (size == 0)
		return 0;
	if (athar_smart_reduce(&o, (const char *)data + 1, size - 1, (int8_t)data[0], &err) !=
	            ATHAR_OK ||
	    athar_json_line(&line, o, &err) != ATHAR_OK ||
	    !athar_json_get_bool(o, "available", &available) ||
	    (available && (data[0] & 0x83) != 0) ||
	    (!available && athar_json_get_text(o, "why") == NULL))
		abort();
	return 0;
}
