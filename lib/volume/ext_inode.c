/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/ext_inode.h"

#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "volume/crc32c.h"

#define OLD_SIZE 128u /* of an inode; what follows says its own size first */
#define SUM_LOW 124u  /* two bytes each */
#define SUM_HIGH 130u
#define HUGE_FILE 0x40000u /* flags: it counts blocks, not sectors */
#define ATTRIBUTES_MAGIC 0xEA020000u
#define ATTRIBUTE_SYSTEM 7u /* the name's first part */

enum { FOLDER = 0x4, FILE_PLAIN = 0x8 }; /* the mode's upper four bits */

/* Bytes of the inode that its own words cover. */
static uint32_t used_size(const athar_ext *x, const uint8_t *bytes)
{
	if (x->layout.inode <= OLD_SIZE)
		return OLD_SIZE;
	return (uint32_t)athar_min(OLD_SIZE + (uint32_t)athar_le16(bytes + OLD_SIZE),
	                           x->layout.inode);
}

static bool sum_holds(const athar_ext *x, uint32_t number, const uint8_t *bytes)
{
	const bool high = used_size(x, bytes) >= SUM_HIGH + 2;
	const uint8_t none[2] = {0, 0};
	uint32_t stored = athar_le16(bytes + SUM_LOW);
	uint32_t sum = athar_ext_inode_seed(x, number, athar_le32(bytes + 100));

	sum = athar_crc32c(sum, bytes, SUM_LOW);
	sum = athar_crc32c(sum, none, 2);
	sum = athar_crc32c(sum, bytes + SUM_LOW + 2, OLD_SIZE - SUM_LOW - 2);
	if (x->layout.inode > OLD_SIZE) {
		sum = athar_crc32c(sum, bytes + OLD_SIZE, SUM_HIGH - OLD_SIZE);
		sum = athar_crc32c(sum, high ? none : bytes + SUM_HIGH, 2);
		sum = athar_crc32c(sum, bytes + SUM_HIGH + 2, x->layout.inode - SUM_HIGH - 2);
	}
	if (!high)
		return (sum & 0xFFFF) == stored;
	stored |= (uint32_t)athar_le16(bytes + SUM_HIGH) << 16;
	return sum == stored;
}

/* `extra` adds two bits to the seconds and 30 of nanoseconds. */
static athar_ext_time time_at(const athar_ext *x, const uint8_t *bytes, uint32_t at, uint32_t extra)
{
	athar_ext_time t = {(int32_t)athar_le32(bytes + at), 0};

	if (extra + 4 <= used_size(x, bytes)) {
		const uint32_t more = athar_le32(bytes + extra);

		t.seconds += (int64_t)(more & 3) << 32;
		t.nanoseconds = more >> 2 < 1000000000 ? more >> 2 : 0;
	}
	return t;
}

static void read_times(athar_ext_inode *out, const athar_ext *x, const uint8_t *bytes)
{
	out->accessed = time_at(x, bytes, 8, 140);
	out->changed = time_at(x, bytes, 12, 132);
	out->modified = time_at(x, bytes, 16, 136);
	out->deleted = athar_le32(bytes + 20);
	out->has_created = used_size(x, bytes) >= 148;
	if (out->has_created)
		out->created = time_at(x, bytes, 144, 148);
}

static void read_sizes(athar_ext_inode *out, const athar_ext *x, const uint8_t *bytes)
{
	uint64_t count = athar_le32(bytes + 28);

	out->size = athar_le32(bytes + 4);
	if (!athar_ext_inode_is_folder(out) || x->large_folders)
		out->size |= (uint64_t)athar_le32(bytes + 108) << 32;
	if (x->huge)
		count |= (uint64_t)athar_le16(bytes + 116) << 32;
	if (x->huge && (out->flags & HUGE_FILE) != 0) {
		out->blocks = count;
		out->blocks_known = !x->clusters;
	} else {
		out->blocks = count / (x->layout.block / 512);
		out->blocks_known = !x->clusters && count % (x->layout.block / 512) == 0;
	}
	out->attributes = athar_le32(bytes + 104) | (uint64_t)athar_le16(bytes + 118) << 32;
}

bool athar_ext_inode_read(athar_ext_inode *out, const athar_ext *x, uint32_t number,
                          const uint8_t *bytes)
{
	*out = (athar_ext_inode){.number = number, .mode = athar_le16(bytes)};
	if (x->sums && !sum_holds(x, number, bytes))
		return false;
	out->links = athar_le16(bytes + 26);
	out->uid = athar_le16(bytes + 2) | (uint32_t)athar_le16(bytes + 120) << 16;
	out->gid = athar_le16(bytes + 24) | (uint32_t)athar_le16(bytes + 122) << 16;
	out->flags = athar_le32(bytes + 32);
	out->generation = athar_le32(bytes + 100);
	memcpy(out->map, bytes + 40, ATHAR_EXT_MAP);
	read_sizes(out, x, bytes);
	read_times(out, x, bytes);
	return true;
}

bool athar_ext_inode_is_file(const athar_ext_inode *inode)
{
	return inode->mode >> 12 == FILE_PLAIN;
}

bool athar_ext_inode_is_folder(const athar_ext_inode *inode)
{
	return inode->mode >> 12 == FOLDER;
}

bool athar_ext_inode_in_use(const athar_ext_inode *inode)
{
	return inode->mode != 0 && inode->links != 0;
}

/* The value of "system.data" among the attributes behind the inode's fields. */
static bool find_rest(athar_ext_piece *out, const athar_ext *x, const uint8_t *bytes)
{
	const uint32_t begin = used_size(x, bytes) + 4;
	uint32_t at = begin;

	if (begin > x->layout.inode || athar_le32(bytes + begin - 4) != ATTRIBUTES_MAGIC)
		return true; /* no attributes: all of the content is in the map's place */
	while (at + 16 <= x->layout.inode && athar_le32(bytes + at) != 0) {
		const uint8_t *e = bytes + at;
		const uint32_t next = at + 16 + (e[0] + 3u) / 4 * 4;

		if (next > x->layout.inode)
			return false;
		if (e[0] == 4 && e[1] == ATTRIBUTE_SYSTEM && memcmp(e + 16, "data", 4) == 0) {
			*out = (athar_ext_piece){begin + athar_le16(e + 2), athar_le32(e + 8)};
			return athar_le32(e + 4) == 0 &&
			       athar_inside(out->offset, out->length, x->layout.inode);
		}
		at = next;
	}
	return true;
}

bool athar_ext_inode_inline(athar_ext_piece out[2], const athar_ext *x, const uint8_t *bytes)
{
	out[0] = (athar_ext_piece){40, ATHAR_EXT_MAP};
	out[1] = (athar_ext_piece){0, 0};
	return x->layout.inode <= OLD_SIZE || find_rest(&out[1], x, bytes);
}
