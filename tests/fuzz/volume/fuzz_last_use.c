/* SPDX-License-Identifier: BSD-2-Clause */
/* Any superblock: the times of what is taken for one are within what its fields can hold. */
#include <stdlib.h>
#include <string.h>

#include "volume/last_use.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t superblock[ATHAR_SUPERBLOCK] = {0};
	athar_last_use use;

	memcpy(superblock, data, size < sizeof superblock ? size : sizeof superblock);
	if (!athar_last_use_ext(&use, superblock))
		require(use.mounted == 0 && use.written == 0);
	require(use.mounted >= 0 && use.mounted < INT64_C(1) << 40);
	require(use.written >= 0 && use.written < INT64_C(1) << 40);
	if (!athar_last_use_hfs(&use, superblock))
		require(use.written == 0);
	require(use.written >= 0 && use.written < INT64_C(1) << 32);
	return 0;
}
