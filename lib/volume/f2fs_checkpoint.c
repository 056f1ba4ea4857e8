/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/f2fs_checkpoint.h"

#include "base/check.h"
#include "base/endian.h"

#define BITMAPS 192u
#define SUM_LAST (ATHAR_F2FS_BLOCK - 4)

static bool sum_holds(athar_f2fs_checkpoint *out, const uint8_t *b)
{
	const uint32_t at = athar_le32(b + 164);
	uint32_t sum;

	if (at < BITMAPS || at > SUM_LAST)
		return false;
	out->sum = athar_le32(b + at);
	sum = athar_f2fs_crc(ATHAR_F2FS_MAGIC, b, at);
	if (at < SUM_LAST)
		sum = athar_f2fs_crc(sum, b + at + 4, SUM_LAST - at);
	return sum == out->sum;
}

/* See __bitmap_ptr() of Linux. */
static void place_bitmaps(athar_f2fs_checkpoint *out, const athar_f2fs_super *super)
{
	if ((out->flags & ATHAR_F2FS_LARGE_BITMAP) != 0) {
		out->nat_at = BITMAPS + 4;
		out->sit_at = BITMAPS + 4 + out->nat_bytes;
	} else if (super->payload > 0) {
		out->nat_at = BITMAPS;
		out->sit_at = ATHAR_F2FS_BLOCK;
	} else {
		out->sit_at = BITMAPS;
		out->nat_at = BITMAPS + out->sit_bytes;
	}
}

/* The bitmaps have a bit for each block of one copy, and lie in the head or in what follows it. */
static bool bitmaps_fit(const athar_f2fs_checkpoint *c, const athar_f2fs_super *s)
{
	const uint64_t room = (uint64_t)(s->payload + 1) * ATHAR_F2FS_BLOCK;
	const uint64_t sit = (uint64_t)s->sit_segments / 2 * ATHAR_F2FS_SEGMENT / 8;
	const uint64_t nat = (uint64_t)s->nat_segments / 2 * ATHAR_F2FS_SEGMENT / 8;

	return c->sit_bytes >= sit && c->nat_bytes >= nat &&
	       athar_inside(c->sit_at, c->sit_bytes, room) &&
	       athar_inside(c->nat_at, c->nat_bytes, room);
}

static bool read_logs(athar_f2fs_checkpoint *out, const athar_f2fs_super *super, const uint8_t *b)
{
	for (size_t i = 0; i < 3; i++) {
		out->node[i].segment = athar_le32(b + 36 + i * 4);
		out->node[i].offset = athar_le16(b + 68 + i * 2);
		out->data[i].segment = athar_le32(b + 84 + i * 4);
		out->data[i].offset = athar_le16(b + 116 + i * 2);
		if (out->node[i].segment >= super->main_segments ||
		    out->node[i].offset >= ATHAR_F2FS_SEGMENT ||
		    out->data[i].segment >= super->main_segments ||
		    out->data[i].offset >= ATHAR_F2FS_SEGMENT)
			return false;
	}
	return true;
}

bool athar_f2fs_checkpoint_read(athar_f2fs_checkpoint *out, const athar_f2fs_super *super,
                                const uint8_t *b)
{
	*out = (athar_f2fs_checkpoint){.version = athar_le64(b),
	                               .flags = athar_le32(b + 132),
	                               .blocks = athar_le32(b + 136),
	                               .start = athar_le32(b + 140),
	                               .sit_bytes = athar_le32(b + 156),
	                               .nat_bytes = athar_le32(b + 160)};
	if (!sum_holds(out, b))
		return false;
	place_bitmaps(out, super);
	return read_logs(out, super, b) && bitmaps_fit(out, super) &&
	       out->blocks <= ATHAR_F2FS_SEGMENT && out->start > super->payload &&
	       (uint64_t)out->start + 2 <= out->blocks;
}
