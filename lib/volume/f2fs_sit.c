/* SPDX-License-Identifier: BSD-2-Clause */
/* Which blocks of the main area are in use. All first copies lie before all second ones. */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "volume/f2fs_state.h"

#define ENTRY 74u
#define IN_BLOCK 55u
#define BITS_AT 2u
#define BITS (ATHAR_F2FS_SEGMENT / 8)

void athar_f2fs_sit_set(athar_f2fs *fs, uint32_t address, bool valid)
{
	const uint32_t n = address - fs->super.main;
	const uint8_t bit = (uint8_t)(0x80 >> n % 8);

	if (!athar_f2fs_in_main(fs, address))
		return;
	if (valid)
		fs->sit.valid[n / 8] |= bit;
	else
		fs->sit.valid[n / 8] &= (uint8_t)~bit;
}

void athar_f2fs_sit_segment(athar_f2fs *fs, uint32_t segment, const uint8_t *bits)
{
	const uint64_t at = (uint64_t)segment * BITS;
	const uint64_t size = athar_round_up(fs->sit.blocks, 8) / 8;

	if (at < size)
		memcpy(fs->sit.valid + at, bits, (size_t)athar_min(BITS, size - at));
}

static bool read_copy(athar_f2fs *fs, uint8_t *block, uint32_t number, bool second)
{
	const uint32_t copy = fs->super.sit_segments / 2 * ATHAR_F2FS_SEGMENT;
	const uint32_t first = fs->super.sit + number;

	if (athar_f2fs_get(fs, block, second ? first + copy : first, 1))
		return true;
	fs->sit_lost = true;
	return athar_f2fs_get(fs, block, second ? first : first + copy, 1);
}

athar_status athar_f2fs_sit_load(athar_f2fs *fs, const uint8_t *bitmap, athar_error *err)
{
	const uint64_t segments =
		athar_round_up(fs->sit.blocks, ATHAR_F2FS_SEGMENT) / ATHAR_F2FS_SEGMENT;
	uint8_t block[ATHAR_F2FS_BLOCK];

	fs->sit.valid = athar_alloc((size_t)fs->sit.blocks / 8 + 1, err);
	if (fs->sit.valid == NULL)
		return ATHAR_ENOMEM;
	for (uint32_t s = 0; s < segments; s++) {
		if (s % IN_BLOCK == 0 &&
		    !read_copy(fs, block, s / IN_BLOCK, athar_f2fs_bit(bitmap, s / IN_BLOCK)))
			memset(block, 0, sizeof block);
		athar_f2fs_sit_segment(fs, s, block + s % IN_BLOCK * ENTRY + BITS_AT);
	}
	return ATHAR_OK;
}

/* Areas of metadata are in use as a whole. */
athar_status athar_f2fs_allocated(athar_runs *out, athar_f2fs *fs, athar_error *err)
{
	const uint64_t size = ATHAR_F2FS_BLOCK;
	uint32_t begin = 0, end = fs->super.main;

	for (uint32_t i = 0; i < fs->sit.blocks; i++) {
		if (!athar_f2fs_bit(fs->sit.valid, i))
			continue;
		if (fs->super.main + i != end) {
			ATHAR_TRY(athar_runs_add(out, fs->base + begin * size, (end - begin) * size,
			                         ATHAR_RUN_DATA, err));
			begin = fs->super.main + i;
		}
		end = fs->super.main + i + 1;
	}
	ATHAR_TRY(athar_runs_add(out, fs->base + begin * size, (end - begin) * size, ATHAR_RUN_DATA,
	                         err));
	return fs->sit_lost ? athar_fail(err, ATHAR_EINCOMPLETE,
	                                 "a part of what says it could not be read")
	                    : ATHAR_OK;
}
