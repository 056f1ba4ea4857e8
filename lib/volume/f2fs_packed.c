/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/f2fs_packed.h"

#include "base/endian.h"
#include "inflate/unpack.h"

#define HEAD 24u

athar_transform athar_f2fs_transform(uint8_t algorithm)
{
	static const athar_transform known[] = {ATHAR_TRANSFORM_LZO, ATHAR_TRANSFORM_LZ4,
	                                        ATHAR_TRANSFORM_ZSTD, ATHAR_TRANSFORM_LZO};

	return algorithm < ATHAR_COUNT(known) ? known[algorithm] : ATHAR_TRANSFORM_NONE;
}

static athar_status undo(size_t *made, uint8_t *out, size_t room, athar_transform transform,
                         athar_bytes in, athar_error *err)
{
	switch (transform) {
	case ATHAR_TRANSFORM_LZO:
		return athar_lzo_unpack(made, out, room, in.ptr, in.len, err);
	case ATHAR_TRANSFORM_LZ4:
		return athar_lz4_unpack(made, out, room, in.ptr, in.len, err);
	case ATHAR_TRANSFORM_ZSTD:
		return athar_zstd_unpack(made, out, room, in.ptr, in.len, err);
	default:
		return athar_fail(err, ATHAR_EFORMAT, "a compression that is not known");
	}
}

athar_status athar_f2fs_unpack(uint8_t *out, const athar_f2fs_inode *inode, const uint8_t *in,
                               size_t len, athar_error *err)
{
	const size_t room = (size_t)inode->cluster * ATHAR_F2FS_BLOCK;
	const athar_bytes packed = {.ptr = in + HEAD, .len = len < HEAD ? 0 : athar_le32(in)};
	size_t made = 0;

	if (packed.len == 0 || packed.len > len - HEAD)
		return athar_fail(err, ATHAR_EFORMAT, "a compressed cluster has no length");
	if (inode->summed &&
	    athar_f2fs_crc(ATHAR_F2FS_MAGIC, packed.ptr, packed.len) != athar_le32(in + 4))
		return athar_fail(err, ATHAR_EFORMAT, "the sum of a compressed cluster is wrong");
	ATHAR_TRY(undo(&made, out, room, athar_f2fs_transform(inode->algorithm), packed, err));
	return made == room ? ATHAR_OK
	                    : athar_fail(err, ATHAR_EFORMAT,
	                                 "a compressed cluster has another length than it says");
}
