/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/ntfs_index.h"

#include <string.h>

#include "base/check.h"
#include "base/endian.h"

#define BLOCK_HEADER 24u /* before the header of its entries */
#define ENTRY_HEADER 16u
#define NAME_HEADER 66u
#define ENTRY_FLAGS 3u /* has a block below it; is the last */
#define LAST 2u
/* FILETIMEs of 1980 and 2100. */
#define EARLIEST UINT64_C(119600064000000000)
#define LATEST UINT64_C(157469184000000000)

size_t athar_ntfs_index_size(const uint8_t *bytes, size_t len)
{
	const size_t count = len < 64 ? 0 : athar_le16(bytes + 6);
	const size_t size = count < 2 ? 0 : (count - 1) * ATHAR_NTFS_STRIDE;
	uint64_t allocated;

	if (size == 0 || size > ATHAR_NTFS_INDEX_MOST || memcmp(bytes, "INDX", 4) != 0 ||
	    (size & (size - 1)) != 0)
		return 0;
	allocated = (uint64_t)athar_le32(bytes + 32) + BLOCK_HEADER;
	return allocated == size && athar_le32(bytes + 28) <= athar_le32(bytes + 32) ? size : 0;
}

bool athar_ntfs_index_open(uint8_t *bytes, size_t size)
{
	const uint32_t at = athar_le16(bytes + 4);
	const uint32_t count = athar_le16(bytes + 6);

	if (count != size / ATHAR_NTFS_STRIDE + 1 || !athar_inside(at, count * 2, size))
		return false;
	for (uint32_t i = 1; i < count; i++) {
		uint8_t *end = bytes + (size_t)i * ATHAR_NTFS_STRIDE - 2;

		if (memcmp(end, bytes + at, 2) != 0)
			return false;
		memcpy(end, bytes + at + 2 * (size_t)i, 2);
	}
	return true;
}

static bool time_possible(uint64_t filetime)
{
	return filetime == 0 || (filetime >= EARLIEST && filetime <= LATEST);
}

/* Every field has to make sense: here one looks at bytes that are anything. */
static bool read_entry(athar_ntfs_ref *file, athar_ntfs_name *name, const uint8_t *e, size_t len)
{
	size_t key;

	if (len < ENTRY_HEADER + NAME_HEADER + 2)
		return false;
	key = athar_le16(e + 10);
	*file = athar_ntfs_ref_read(e);
	if (key < NAME_HEADER + 2 || key != NAME_HEADER + 2 * (size_t)e[ENTRY_HEADER + 64] ||
	    athar_le16(e + 8) < ENTRY_HEADER + key || athar_le16(e + 8) % 8 != 0 ||
	    athar_le16(e + 8) > ENTRY_HEADER + key + 16 ||
	    (athar_le32(e + 12) & ~ENTRY_FLAGS) != 0 || (e[12] & LAST) != 0 || file->number == 0 ||
	    file->number > UINT32_MAX || file->sequence == 0)
		return false;
	return athar_ntfs_name_parse(name, e + ENTRY_HEADER, len - ENTRY_HEADER) &&
	       name->parent.number != 0 && name->parent.number <= UINT32_MAX &&
	       name->parent.sequence != 0 && name->created != 0 && time_possible(name->created) &&
	       time_possible(name->modified) && time_possible(name->changed) &&
	       time_possible(name->accessed) && name->size <= INT64_MAX;
}

bool athar_ntfs_index_next(athar_ntfs_ref *file, athar_ntfs_name *name, const uint8_t *bytes,
                           size_t len, size_t *at)
{
	for (*at = (size_t)athar_round_up(*at, 8); *at < len; *at += 8) {
		if (!read_entry(file, name, bytes + *at, len - *at))
			continue;
		*at += athar_min(athar_le16(bytes + *at + 8), len - *at);
		return true;
	}
	return false;
}

bool athar_ntfs_index_owner(athar_ntfs_ref *out, const uint8_t *bytes, size_t len)
{
	athar_ntfs_name name;
	athar_ntfs_ref file;
	size_t at = BLOCK_HEADER;

	if (athar_ntfs_index_size(bytes, len) == 0 ||
	    !athar_ntfs_index_next(&file, &name, bytes, len, &at))
		return false;
	*out = name.parent;
	return true;
}
