/* SPDX-License-Identifier: BSD-2-Clause */
#include "measure.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_measure(&athar_format_sqlitejournal, data, size);
}
