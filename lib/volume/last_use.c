/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/last_use.h"

#include <string.h>

#include "base/check.h"
#include "base/endian.h"

/* Seconds from 1904, where HFS+ counts from, to 1970. */
#define SINCE_1904 INT64_C(2082844800)

/* 32 bits, and eight more in a byte that older systems left at zero. */
static int64_t wide_time(const uint8_t *superblock, size_t low, size_t high)
{
	return (int64_t)(athar_le32(superblock + low) | (uint64_t)superblock[high] << 32);
}

bool athar_last_use_ext(athar_last_use *out, const uint8_t superblock[ATHAR_SUPERBLOCK])
{
	*out = (athar_last_use){.mounted = 0};
	if (athar_le16(superblock + 0x38) != 0xEF53)
		return false;
	out->mounted = wide_time(superblock, 0x2C, 0x275);
	out->written = wide_time(superblock, 0x30, 0x274);
	return true;
}

bool athar_last_use_hfs(athar_last_use *out, const uint8_t header[ATHAR_SUPERBLOCK])
{
	const uint16_t signature = athar_be16(header);
	const int64_t modified = athar_be32(header + 20);

	*out = (athar_last_use){.mounted = 0};
	if (signature != 0x482B && signature != 0x4858) /* "H+", "HX" */
		return false;
	if (modified > SINCE_1904)
		out->written = modified - SINCE_1904;
	return true;
}

athar_status athar_volume_last_use(athar_last_use *out, athar_source *source,
                                   const athar_volume_info *info, athar_error *err)
{
	const bool ext =
		strncmp(info->kind, "ext", 3) == 0 && info->kind[3] >= '2' && info->kind[3] <= '4';
	const bool hfs = strcmp(info->kind, "hfs+") == 0;
	uint8_t bytes[ATHAR_SUPERBLOCK];
	uint64_t at = 0;
	size_t got = 0;

	*out = (athar_last_use){.mounted = 0};
	if ((!ext && !hfs) || info->length < 2 * ATHAR_SUPERBLOCK ||
	    !athar_add(info->offset, ATHAR_SUPERBLOCK, &at))
		return ATHAR_OK;
	ATHAR_TRY(athar_source_read(source, bytes, sizeof bytes, at, &got, NULL, err));
	if (got != sizeof bytes ||
	    !(ext ? athar_last_use_ext(out, bytes) : athar_last_use_hfs(out, bytes)))
		return ATHAR_OK;
	(void)snprintf(out->source, sizeof out->source, "%.8s.superblock", info->kind);
	return ATHAR_OK;
}
