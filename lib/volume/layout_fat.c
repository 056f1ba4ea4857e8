/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/layout_fat.h"

#include <string.h>

#include "base/check.h"
#include "base/endian.h"

#define ENTRY 32u
#define BOOT_SECTORS 24u /* of exFAT: twelve and their copy */
#define FAT12_MOST 4084u
#define FAT16_MOST 65524u
#define FAT32_MOST 0x0FFFFFF5u
#define CLUSTER_MOST (UINT32_C(32) << 20)

static bool power_of_two(uint64_t value)
{
	return value != 0 && (value & (value - 1)) == 0;
}

static uint64_t table_bytes(uint64_t clusters, unsigned bits)
{
	return ((clusters + 2) * bits + 7) / 8;
}

/* The number of clusters decides what kind of FAT it is, and nothing else does. */
static bool read_fat(athar_fat_layout *out, const uint8_t *boot)
{
	const uint64_t root = athar_round_up((uint64_t)athar_le16(boot + 17) * ENTRY, out->sector);
	uint64_t per_table = athar_le16(boot + 22);
	uint64_t sectors = athar_le16(boot + 19);

	if (per_table == 0)
		per_table = athar_le32(boot + 36);
	if (sectors == 0)
		sectors = athar_le32(boot + 32);
	out->reserved = (uint64_t)athar_le16(boot + 14) * out->sector;
	out->table = per_table * out->sector;
	out->tables = boot[16] * out->table;
	out->root_length = root;
	out->root = root == 0 ? 0 : out->reserved + out->tables;
	out->data = out->reserved + out->tables + root;
	if (out->reserved == 0 || boot[16] == 0 || per_table == 0 ||
	    sectors * out->sector <= out->data)
		return false;
	out->clusters = (sectors * out->sector - out->data) / out->cluster;
	out->bits = out->clusters > FAT16_MOST ? 32 : out->clusters > FAT12_MOST ? 16 : 12;
	out->root_cluster = out->bits == 32 ? athar_le32(boot + 44) : 0;
	return out->clusters <= FAT32_MOST;
}

static bool read_exfat(athar_fat_layout *out, const uint8_t *boot)
{
	const uint64_t sector = out->sector;
	const uint64_t per_table = (uint64_t)athar_le32(boot + 84) * sector;

	out->exfat = true;
	out->bits = 32;
	out->reserved = athar_le32(boot + 80) * sector;
	out->table = per_table;
	out->data = athar_le32(boot + 88) * sector;
	out->clusters = athar_le32(boot + 92);
	out->root_cluster = athar_le32(boot + 96);
	out->tables = boot[110] * per_table;
	return out->reserved >= BOOT_SECTORS * sector && (boot[110] == 1 || boot[110] == 2) &&
	       out->clusters != 0 && out->clusters <= 0xFFFFFFF5u &&
	       out->data >= out->reserved + out->tables;
}

bool athar_fat_layout_read(athar_fat_layout *out, const uint8_t *boot, bool exfat)
{
	const unsigned shift = exfat ? boot[108] : 0;
	uint64_t cluster;

	*out = (athar_fat_layout){.exfat = exfat};
	if (boot[510] != 0x55 || boot[511] != 0xAA ||
	    (exfat && (memcmp(boot + 3, "EXFAT   ", 8) != 0 || shift > 12 || boot[109] > 25)))
		return false;
	out->sector = exfat ? UINT32_C(1) << shift : athar_le16(boot + 11);
	cluster = exfat ? (uint64_t)out->sector << boot[109] : (uint64_t)out->sector * boot[13];
	if (!power_of_two(out->sector) || out->sector < 512 || out->sector > 4096 ||
	    !power_of_two(cluster) || cluster > CLUSTER_MOST)
		return false;
	out->cluster = (uint32_t)cluster;
	if (!(exfat ? read_exfat(out, boot) : read_fat(out, boot)))
		return false;
	out->table = athar_min(out->table, table_bytes(out->clusters, out->bits));
	return true;
}

uint64_t athar_fat_layout_entry(const athar_fat_layout *l, uint64_t cluster)
{
	return l->bits == 12 ? cluster + cluster / 2 : cluster * l->bits / 8;
}

bool athar_fat_layout_next(uint64_t *next, const athar_fat_layout *l, const uint8_t *entry,
                           uint64_t cluster)
{
	if (l->bits == 12)
		*next = cluster % 2 == 0 ? athar_le16(entry) & 0xFFFU : athar_le16(entry) >> 4;
	else if (l->bits == 16)
		*next = athar_le16(entry);
	else
		*next = l->exfat ? athar_le32(entry) : athar_le32(entry) & 0x0FFFFFFF;
	return *next >= 2 && *next - 2 < l->clusters;
}

/* A short entry that names a folder other than itself and its parent. */
static bool fat_child(athar_fat_child *out, const athar_fat_layout *l, const uint8_t *entry)
{
	const uint64_t high = l->bits == 32 ? athar_le16(entry + 20) : 0;

	*out = (athar_fat_child){.cluster = high << 16 | athar_le16(entry + 26), .folder = true};
	out->deleted = entry[0] == 0xE5;
	return (entry[11] & 0x18) == 0x10 && entry[0] != '.' && entry[0] != 0;
}

/* A set of entries that names a folder, or an entry of the system's own. */
static bool exfat_child(athar_fat_child *out, const uint8_t *entry, size_t len)
{
	const uint8_t *stream = entry + ENTRY;

	*out = (athar_fat_child){.cluster = athar_le32(entry + 20)};
	out->length = athar_le64(entry + 24);
	if (entry[0] == 0x81 || entry[0] == 0x82) {
		out->map = entry[0] == 0x81;
		return true;
	}
	if ((entry[0] & 0x7F) != 0x05 || len < 2 * ENTRY || (stream[0] & 0x7F) != 0x40 ||
	    (entry[4] & 0x10) == 0)
		return false;
	out->folder = true;
	out->deleted = entry[0] == 0x05;
	out->contiguous = (stream[1] & 2) != 0;
	out->cluster = athar_le32(stream + 20);
	out->length = athar_le64(stream + 24);
	return true;
}

athar_status athar_fat_layout_children(const athar_fat_layout *l, const uint8_t *bytes, size_t len,
                                       athar_status (*child)(void *user, const athar_fat_child *c,
                                                             athar_error *err),
                                       void *user, athar_error *err)
{
	athar_fat_child c;

	for (size_t at = 0; len - at >= ENTRY && bytes[at] != 0; at += ENTRY) {
		if (!(l->exfat ? exfat_child(&c, bytes + at, len - at)
		               : fat_child(&c, l, bytes + at)))
			continue;
		if (c.cluster >= 2 && c.cluster - 2 < l->clusters)
			ATHAR_TRY(child(user, &c, err));
	}
	return ATHAR_OK;
}
