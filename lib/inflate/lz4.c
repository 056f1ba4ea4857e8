/* SPDX-License-Identifier: BSD-2-Clause */
/* LZ4: liblz4. */
#include <lz4.h>

#include "base/check.h"
#include "inflate/unpack.h"

athar_status athar_lz4_unpack(size_t *made, uint8_t *out, size_t room, const uint8_t *in,
                              size_t len, athar_error *err)
{
	int result = -1;

	if (len > 0 && len <= INT32_MAX)
		result = LZ4_decompress_safe((const char *)in, (char *)out, (int)len,
		                             (int)athar_min(room, INT32_MAX));
	if (result < 0)
		return athar_fail(err, ATHAR_EFORMAT,
		                  "LZ4: the block is damaged, cut short or longer than the %zu "
		                  "bytes it may be",
		                  room);
	*made = (size_t)result;
	return ATHAR_OK;
}

const char *athar_lz4_engine(void)
{
	return LZ4_versionString();
}
