/* SPDX-License-Identifier: BSD-2-Clause */
/* The two CRCs that guard the header are set right, or no change would get past them. */
#include <string.h>

#include "base/endian.h"
#include "inflate/inflate.h"
#include "measure.h"

static void set_sums(uint8_t *bytes, size_t size)
{
	const uint64_t at = athar_le64(bytes + 12), len = athar_le64(bytes + 20);

	if (at <= size - 32 && len <= size - 32 - at)
		athar_put_le32(bytes + 28, athar_crc32(0, bytes + 32 + at, (size_t)len));
	athar_put_le32(bytes + 8, athar_crc32(0, bytes + 12, 20));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy = size < 32 ? NULL : malloc(size);

	if (copy == NULL)
		return fuzz_measure(&athar_format_7z, data, size);
	memcpy(copy, data, size);
	set_sums(copy, size);
	(void)fuzz_measure(&athar_format_7z, copy, size);
	free(copy);
	return 0;
}
