/* SPDX-License-Identifier: BSD-2-Clause */
/* Where nodes live. Each block of the table has two copies that take turns; the checkpoint's bitmap
 * says which of them counts. */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "volume/f2fs_state.h"

#define ENTRY 9u
#define IN_BLOCK 455u
#define NIDS_MOST (UINT32_C(32) << 20)

void athar_f2fs_nat_set(athar_f2fs *fs, uint32_t nid, uint32_t ino, uint32_t address)
{
	const uint8_t bit = (uint8_t)(0x80 >> nid % 8);

	if (nid >= fs->nat.count)
		return;
	fs->nat.address[nid] = athar_f2fs_in_main(fs, address) ? address : 0;
	fs->nat.inode[nid / 8] &= (uint8_t)~bit;
	if (nid == ino)
		fs->nat.inode[nid / 8] |= bit;
}

/* The copy that counts; where it cannot be read, the other one, which is older. */
static bool read_copy(athar_f2fs *fs, uint8_t *block, uint32_t number, bool second)
{
	const uint32_t first =
		fs->super.nat + number * 2 - number % ATHAR_F2FS_SEGMENT; /* pairs of segments */

	if (athar_f2fs_get(fs, block, first + (second ? ATHAR_F2FS_SEGMENT : 0), 1))
		return true;
	fs->nat_lost = true;
	return athar_f2fs_get(fs, block, first + (second ? 0 : ATHAR_F2FS_SEGMENT), 1);
}

/* Most of the table was never used. */
static bool is_zero(const uint8_t *block)
{
	return block[0] == 0 && memcmp(block, block + 1, ATHAR_F2FS_BLOCK - 1) == 0;
}

athar_status athar_f2fs_nat_load(athar_f2fs *fs, const uint8_t *bitmap, athar_error *err)
{
	const uint32_t blocks = fs->super.nat_segments / 2 * ATHAR_F2FS_SEGMENT;
	uint8_t block[ATHAR_F2FS_BLOCK];

	if (blocks > NIDS_MOST / IN_BLOCK)
		return athar_fail(err, ATHAR_ELIMIT, "F2FS with room for more than %u nodes",
		                  NIDS_MOST);
	fs->nat.count = blocks * IN_BLOCK;
	fs->nat.address = athar_alloc_array(fs->nat.count, sizeof *fs->nat.address, err);
	fs->nat.inode = athar_alloc(fs->nat.count / 8 + 1, err);
	if (fs->nat.address == NULL || fs->nat.inode == NULL)
		return ATHAR_ENOMEM;
	for (uint32_t i = 0; i < blocks; i++) {
		if (!read_copy(fs, block, i, athar_f2fs_bit(bitmap, i)) || is_zero(block))
			continue;
		for (uint32_t k = 0; k < IN_BLOCK; k++) {
			const uint8_t *e = block + k * ENTRY;

			if (athar_le32(e + 5) != 0)
				athar_f2fs_nat_set(fs, i * IN_BLOCK + k, athar_le32(e + 1),
				                   athar_le32(e + 5));
		}
	}
	return ATHAR_OK;
}
