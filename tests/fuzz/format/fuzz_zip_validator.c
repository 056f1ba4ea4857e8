/* SPDX-License-Identifier: BSD-2-Clause */
#include "validate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_validate(&athar_validator_zip, data, size);
}
