/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/ext_dir.h"

#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "volume/crc32c.h"

#define HEADER 8u
#define TAIL 12u /* an entry without a name that keeps the checksum */
#define TAIL_TYPE 0xDEu
#define TYPES 8u

static uint32_t used(uint32_t name_len)
{
	return HEADER + (name_len + 3) / 4 * 4;
}

/* Bytes from the entry at `at` to the next. Blocks of 64 KiB need one more bit than there is. */
static uint32_t record_length(const uint8_t *bytes, uint32_t len, uint32_t at)
{
	const uint32_t said = athar_le16(bytes + at + 4);

	return len == ATHAR_EXT_BLOCK && (said == 0 || said == 0xFFFF) ? len - at : said;
}

static bool is_tail(const uint8_t *e)
{
	return athar_le32(e) == 0 && athar_le16(e + 4) == TAIL && e[6] == 0 && e[7] == TAIL_TYPE;
}

bool athar_ext_dir_open(athar_ext_dir *out, const uint8_t *bytes, uint32_t len, uint32_t inodes)
{
	uint32_t at = 0;

	*out = (athar_ext_dir){.bytes = bytes, .len = len, .inodes = inodes};
	while (at < len) {
		uint32_t record;

		if (len - at < HEADER)
			return false;
		record = record_length(bytes, len, at);
		if (record < HEADER || record % 4 != 0 || record > len - at ||
		    HEADER + (uint32_t)bytes[at + 6] > record || athar_le32(bytes + at) > inodes)
			return false;
		at += record;
	}
	return len > 0;
}

/* What a tree of hashes keeps where a linear folder has nothing. */
static bool is_index(const athar_ext_dir *d, uint32_t at)
{
	const uint8_t *e = d->bytes + at;

	if (at == HEADER + 4 && d->len - at >= 28 && e[6] == 2 && e[8] == '.' && e[9] == '.')
		return athar_le32(e + 12) == 0 && e[17] == 8; /* dx_root_info */
	if (at == 0 && athar_le32(e) == 0 && record_length(d->bytes, d->len, 0) == d->len &&
	    d->len > 16) {
		const uint32_t limit = athar_le16(e + 8), count = athar_le16(e + 10);

		return count > 0 && count <= limit && limit >= (d->len - 16) / 8 &&
		       limit <= (d->len - 8) / 8;
	}
	return false;
}

static bool is_name(const uint8_t *name, uint32_t len)
{
	return len > 0 && memchr(name, '/', len) == NULL && memchr(name, '\0', len) == NULL;
}

/* Nothing says where a deleted entry begins: it is one if all its fields can be true. */
static bool next_deleted(athar_ext_entry *out, athar_ext_dir *d)
{
	while (d->slack_end - d->slack >= HEADER + 4) {
		const uint8_t *e = d->bytes + d->slack;
		const uint32_t left = d->slack_end - d->slack;
		const uint32_t inode = athar_le32(e);
		const uint32_t record = athar_le16(e + 4);

		if (inode == 0 || inode > d->inodes || e[7] >= TYPES || used(e[6]) > left ||
		    record % 4 != 0 || record < used(e[6]) || record > left ||
		    !is_name(e + HEADER, e[6])) {
			d->slack += 4;
			continue;
		}
		d->slack += used(e[6]);
		*out = (athar_ext_entry){inode, e + HEADER, e[6], e[7], true};
		return true;
	}
	d->slack = d->slack_end;
	return false;
}

bool athar_ext_dir_next(athar_ext_entry *out, athar_ext_dir *d)
{
	while (!next_deleted(out, d)) {
		const uint8_t *e = d->bytes + d->at;
		uint32_t record;

		if (d->at >= d->len)
			return false;
		record = record_length(d->bytes, d->len, d->at);
		if (!is_tail(e) && !is_index(d, d->at)) {
			const uint32_t taken = athar_le32(e) != 0 ? used(e[6]) : 0;

			d->slack = (uint32_t)athar_min(d->at + taken, d->at + record);
			d->slack_end = d->at + record;
		}
		d->at += record;
		if (athar_le32(e) == 0 || !is_name(e + HEADER, e[6]))
			continue;
		*out = (athar_ext_entry){athar_le32(e), e + HEADER, e[6], e[7], false};
		return true;
	}
	return true;
}

uint32_t athar_ext_dir_self(const uint8_t *block)
{
	const bool first = athar_le16(block + 4) == 12 && block[6] == 1 && block[8] == '.' &&
	                   block[9] == 0 && block[18] == 2 && block[20] == '.' && block[21] == '.';

	return first ? athar_le32(block) : 0;
}

uint32_t athar_ext_dir_parent(const uint8_t *block)
{
	return athar_ext_dir_self(block) != 0 ? athar_le32(block + 12) : 0;
}

bool athar_ext_dir_has_sum(const athar_ext *x, const uint8_t *block)
{
	return x->sums && is_tail(block + x->layout.block - TAIL);
}

bool athar_ext_dir_sum_holds(const athar_ext *x, uint32_t number, uint32_t generation,
                             const uint8_t *block)
{
	const uint32_t at = x->layout.block - TAIL;

	if (!athar_ext_dir_has_sum(x, block))
		return true;
	return athar_crc32c(athar_ext_inode_seed(x, number, generation), block, at) ==
	       athar_le32(block + at + 8);
}
