/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "engine/hashlist.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ATHAR_AUTO(hash_list) athar_hash_list list = {NULL, 0, 0, 0};
	athar_error err = ATHAR_ERROR_INIT;

	if (athar_hash_list_parse(&list, (const char *)data, size, &err) != ATHAR_OK)
		return 0;
	for (size_t i = 0; i < list.count; i++)
		if (list.entry[i].digests.algorithms == 0 || list.entry[i].name == NULL)
			abort();
	return 0;
}
