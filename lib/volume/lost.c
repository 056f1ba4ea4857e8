/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/lost.h"

#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "volume/kinds.h"

#define MIB ((uint64_t)1 << 20)
#define TRACK ((uint64_t)63 * 512)
#define HEAD 2048u

static bool is_boot_sector(const uint8_t *head)
{
	if (head[510] != 0x55 || head[511] != 0xAA)
		return false;
	return memcmp(head + 3, "NTFS    ", 8) == 0 || memcmp(head + 3, "EXFAT   ", 8) == 0 ||
	       memcmp(head + 54, "FAT", 3) == 0 || memcmp(head + 82, "FAT32", 5) == 0;
}

static bool is_hfs(const uint8_t *super)
{
	return (memcmp(super, "H+\0\4", 4) == 0 || memcmp(super, "HX\0\5", 4) == 0) &&
	       athar_be32(super + 40) >= 512;
}

bool athar_lost_begins(athar_tsk_image *image, uint64_t offset)
{
	uint8_t head[HEAD];

	if (!athar_tsk_image_get(image, head, sizeof head, offset))
		return false;
	return is_boot_sector(head) || is_hfs(head + 1024) ||
	       athar_kind_recognise(image, offset) != NULL;
}

uint64_t athar_lost_next(uint64_t at, bool first)
{
	if (first && at < TRACK)
		return TRACK;
	return athar_round_down(at, MIB) + MIB;
}
