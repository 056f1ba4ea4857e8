/* SPDX-License-Identifier: BSD-2-Clause */
/* The blocks of the journal, each by itself. */
#include "volume/jbd2.h"

#include "base/check.h"
#include "base/endian.h"
#include "volume/crc32c.h"

#define MAGIC 0xC03B3998u
#define SUPER_1 3u
#define SUPER_2 4u
#define WIDE 0x2u /* incompat */
#define SUMS_2 0x8u
#define SUMS_3 0x10u
#define FAST 0x20u
#define KNOWN 0x3Fu
#define FAST_BLOCKS 256u /* where the superblock does not say */
#define FAST_LEAST 1024u /* blocks that a ring keeps beside them */
#define HEADER 12u
#define TAIL 4u /* the checksum of a descriptor or of revocations */
#define COMMIT_SUM 16u
#define TAG_ESCAPED 1u
#define TAG_SAME_UUID 2u
#define TAG_LAST 8u
#define UUID 16u

static bool read_features(athar_jbd2_super *out, const uint8_t *bytes)
{
	const uint32_t incompat = athar_be32(bytes + 40);

	if ((incompat & ~KNOWN) != 0)
		return false;
	out->wide = (incompat & WIDE) != 0;
	out->fast = (incompat & FAST) != 0;
	if ((incompat & (SUMS_2 | SUMS_3)) != 0)
		out->sums = (incompat & SUMS_3) != 0 ? 3 : 2;
	out->seed = athar_crc32c(ATHAR_CRC32C_BEGIN, bytes + 48, UUID);
	return true;
}

static void leave_out_fast(athar_jbd2_super *s, uint32_t said)
{
	const uint32_t blocks = said != 0 ? said : FAST_BLOCKS;

	if (blocks < s->end && s->end - blocks >= FAST_LEAST)
		s->end -= blocks;
	else
		s->fast = false;
}

bool athar_jbd2_super_read(athar_jbd2_super *out, const uint8_t *bytes)
{
	const uint32_t type = athar_be32(bytes + 4);

	*out = (athar_jbd2_super){.block = athar_be32(bytes + 12)};
	if (athar_be32(bytes) != MAGIC || (type != SUPER_1 && type != SUPER_2))
		return false;
	out->blocks = out->end = athar_be32(bytes + 16);
	out->first = athar_be32(bytes + 20);
	out->sequence = athar_be32(bytes + 24);
	out->replay = athar_be32(bytes + 28) != 0;
	if (type == SUPER_2 && !read_features(out, bytes))
		return false;
	if (out->fast)
		leave_out_fast(out, athar_be32(bytes + 84));
	return out->first > 0 && out->first < out->end && out->block >= 1024 &&
	       out->block <= ATHAR_EXT_BLOCK && (out->block & (out->block - 1)) == 0;
}

/* The checksum of the block with its own place as zeros. */
static bool sum_holds(const athar_jbd2_super *s, const uint8_t *block, uint32_t at)
{
	const uint8_t none[4] = {0, 0, 0, 0};
	uint32_t sum = athar_crc32c(s->seed, block, at);

	sum = athar_crc32c(sum, none, 4);
	sum = athar_crc32c(sum, block + at + 4, s->block - at - 4);
	return sum == athar_be32(block + at);
}

athar_jbd2_type athar_jbd2_type_of(const athar_jbd2_super *s, const uint8_t *block)
{
	const uint32_t type = athar_be32(block + 4);

	if (athar_be32(block) != MAGIC)
		return ATHAR_JBD2_NONE;
	if (type != ATHAR_JBD2_DESCRIPTOR && type != ATHAR_JBD2_COMMIT && type != ATHAR_JBD2_REVOKE)
		return ATHAR_JBD2_NONE;
	if (s->sums != 0 &&
	    !sum_holds(s, block, type == ATHAR_JBD2_COMMIT ? COMMIT_SUM : s->block - TAIL))
		return ATHAR_JBD2_NONE;
	return (athar_jbd2_type)type;
}

int32_t athar_jbd2_order_of(const athar_jbd2_super *s, const uint8_t *block)
{
	const int32_t order = (int32_t)(athar_be32(block + 8) - s->sequence);

	/* The ends of the numbers mean something else. */
	if (order == ATHAR_JBD2_NOW)
		return order - 1;
	return order == ATHAR_JBD2_OLD ? order + 1 : order;
}

static uint32_t tag_size(const athar_jbd2_super *s)
{
	if (s->sums == 3)
		return 16;
	return 8u + (s->sums == 2 ? 2 : 0) + (s->wide ? 4 : 0);
}

bool athar_jbd2_tag_next(athar_jbd2_copy *out, const athar_jbd2_super *s, const uint8_t *block,
                         uint32_t *at)
{
	const uint32_t end = s->block - (s->sums != 0 ? TAIL : 0);
	const uint32_t size = tag_size(s);
	const uint8_t *tag;
	uint32_t flags;

	*at = athar_max(*at, HEADER) > end ? end : (uint32_t)athar_max(*at, HEADER);
	if (end - *at < size)
		return false;
	tag = block + *at;
	flags = s->sums == 3 ? athar_be32(tag + 4) : athar_be16(tag + 6);
	*out = (athar_jbd2_copy){.home = athar_be32(tag), .escaped = (flags & TAG_ESCAPED) != 0};
	out->sum = s->sums == 3 ? athar_be32(tag + 12) : athar_be16(tag + 4);
	if (s->wide)
		out->home |= (uint64_t)athar_be32(tag + 8) << 32;
	*at += size + ((flags & TAG_SAME_UUID) != 0 ? 0 : UUID);
	if ((flags & TAG_LAST) != 0)
		*at = end;
	return true;
}

athar_ext_time athar_jbd2_commit_time(const uint8_t *block)
{
	athar_ext_time t = {(int64_t)athar_be64(block + 48), athar_be32(block + 56)};

	if (t.nanoseconds >= 1000000000)
		t.nanoseconds = 0;
	return t;
}
