/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/f2fs_dentry.h"

#include <string.h>

#include "base/endian.h"
#include "volume/f2fs_node.h"

#define ENTRY 11u
#define SLOT 8u /* bytes of a name */
#define IN_BLOCK 214u
#define BITS_IN_BLOCK 27u
#define SPARE_IN_BLOCK 3u

athar_f2fs_entries athar_f2fs_entries_of_block(const uint8_t *block)
{
	const uint8_t *entry = block + BITS_IN_BLOCK + SPARE_IN_BLOCK;

	return (athar_f2fs_entries){
		.bits = block, .entry = entry, .name = entry + ENTRY * IN_BLOCK, .count = IN_BLOCK};
}

/* As many as fit with a bit each; the spare bytes lie behind the bits. */
athar_f2fs_entries athar_f2fs_entries_inline(const uint8_t *bytes, size_t len)
{
	const size_t count = len * 8 / ((ENTRY + SLOT) * 8 + 1);
	const uint8_t *entry = bytes + len - (ENTRY + SLOT) * count;

	return (athar_f2fs_entries){
		.bits = bytes, .entry = entry, .name = entry + ENTRY * count, .count = count};
}

static bool is_dots(const uint8_t *name, size_t len)
{
	return (len == 1 || len == 2) && memcmp(name, "..", len) == 0;
}

/* Of these bits, unlike all others of F2FS, the lowest of a byte comes first. */
bool athar_f2fs_entries_next(athar_f2fs_entry *out, athar_f2fs_entries *x)
{
	while (x->at < x->count) {
		const uint8_t *entry = x->entry + x->at * ENTRY;
		const uint8_t *name = x->name + x->at * SLOT;
		const size_t len = athar_le16(entry + 8);
		const size_t slots = (len + SLOT - 1) / SLOT;

		if ((x->bits[x->at / 8] >> x->at % 8 & 1) == 0 || len == 0 ||
		    len > ATHAR_F2FS_NAME || slots > x->count - x->at) {
			x->at++;
			continue;
		}
		x->at += slots;
		if (is_dots(name, len))
			continue;
		*out = (athar_f2fs_entry){athar_le32(entry + 4), name, len};
		return true;
	}
	return false;
}
