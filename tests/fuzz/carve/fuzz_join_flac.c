/* SPDX-License-Identifier: BSD-2-Clause */
#include "join.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_join(&athar_format_flac, data, size);
}
