/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/fat.h"

#include "base/check.h"
#include "base/endian.h"

#define FIRST_ADDRESS 3  /* libtsk's, of the first directory entry */
#define FAT16_MOST 65524 /* clusters; a volume with more is FAT32 */
#define SET_MOST 19      /* entries: file, stream, 17 names */

static bool power_of_two(uint64_t value)
{
	return value != 0 && (value & (value - 1)) == 0;
}

static bool open_fat(athar_fat *out, const uint8_t *boot, uint64_t base)
{
	const uint32_t sector = athar_le16(boot + 11);
	const uint32_t per_cluster = boot[13];
	const uint64_t reserved = athar_le16(boot + 14);
	const uint64_t root_entries = athar_le16(boot + 17);
	uint64_t table = athar_le16(boot + 22);
	uint64_t data;

	if (!power_of_two(sector) || sector < 512 || sector > 4096 || !power_of_two(per_cluster))
		return false;
	if (table == 0) {
		table = athar_le32(boot + 36);
		out->root = athar_le32(boot + 44);
	}
	data = reserved + boot[16] * table; /* at most 2^16 + 2^40 sectors of 2^12 */
	out->sector = sector;
	out->cluster = sector * per_cluster;
	out->table = base + reserved * sector;
	out->table_length = table * sector;
	out->entries = base + data * sector;
	out->data = out->entries + athar_round_up(root_entries * ATHAR_FAT_ENTRY, sector);
	return true;
}

static bool open_exfat(athar_fat *out, const uint8_t *boot, uint64_t base)
{
	const unsigned sector_shift = boot[108];
	const unsigned cluster_shift = boot[109];

	if (sector_shift < 9 || sector_shift > 12 || sector_shift + cluster_shift > 25)
		return false;
	out->sector = 1U << sector_shift;
	out->cluster = 1U << (sector_shift + cluster_shift);
	out->table = base + ((uint64_t)athar_le32(boot + 80) << sector_shift);
	out->table_length = (uint64_t)athar_le32(boot + 84) << sector_shift;
	out->entries = base + ((uint64_t)athar_le32(boot + 88) << sector_shift);
	out->data = out->entries;
	out->clusters = athar_le32(boot + 92);
	out->root = athar_le32(boot + 96);
	return true;
}

unsigned athar_fat_bits(unsigned type)
{
	return type == TSK_FS_TYPE_FAT12 ? 12 : type == TSK_FS_TYPE_FAT16 ? 16 : 32;
}

bool athar_fat_open(athar_fat *out, athar_tsk_image *image, uint64_t base, uint64_t length,
                    bool exfat, unsigned bits)
{
	uint8_t boot[512];
	uint64_t fit;

	*out = (athar_fat){.exfat = exfat, .bits = exfat ? 32 : bits, .end = base + length};
	if (!athar_tsk_image_get(image, boot, sizeof boot, base))
		return false;
	if (!(exfat ? open_exfat(out, boot, base) : open_fat(out, boot, base)))
		return false;
	if (out->data >= out->end || out->cluster == 0)
		return false;
	fit = (out->end - out->data) / out->cluster;
	if (!exfat)
		out->clusters = out->table_length * 8 / out->bits;
	out->clusters = athar_min(out->clusters, fit);
	return out->clusters > 0;
}

bool athar_fat_entry(const athar_fat *fat, athar_tsk_image *image, uint64_t address,
                     uint8_t entry[ATHAR_FAT_ENTRY])
{
	uint64_t at;

	if (address < FIRST_ADDRESS || !athar_mul(address - FIRST_ADDRESS, ATHAR_FAT_ENTRY, &at) ||
	    !athar_add(at, fat->entries, &at) || !athar_inside(at, ATHAR_FAT_ENTRY, fat->end))
		return false;
	return athar_tsk_image_get(image, entry, ATHAR_FAT_ENTRY, at);
}

uint64_t athar_fat_first(const athar_fat *fat, const uint8_t entry[ATHAR_FAT_ENTRY], bool *doubtful)
{
	const uint64_t low = athar_le16(entry + 26);
	const uint64_t high = fat->bits == 32 ? athar_le16(entry + 20) : 0;

	*doubtful = fat->bits == 32 && high == 0 && fat->clusters > FAT16_MOST;
	return high << 16 | low;
}

/* The checksum covers all bytes of the set but its own two. Deletion clears bit 7 of each entry's
 * type and nothing else, so setting it again gives the bytes that were summed. */
static uint16_t set_checksum(const uint8_t *set, size_t entries)
{
	uint16_t sum = 0;

	for (size_t i = 0; i < entries * ATHAR_FAT_ENTRY; i++) {
		const uint8_t byte = i % ATHAR_FAT_ENTRY == 0 ? set[i] | 0x80 : set[i];

		if (i != 2 && i != 3)
			sum = (uint16_t)((uint16_t)(sum << 15 | sum >> 1) + byte);
	}
	return sum;
}

bool athar_exfat_set_parse(athar_exfat_set *out, const uint8_t *bytes, size_t len)
{
	const uint8_t *stream = bytes + ATHAR_FAT_ENTRY;
	size_t entries;

	*out = (athar_exfat_set){0};
	if (len < 3 * ATHAR_FAT_ENTRY)
		return false;
	entries = (size_t)bytes[1] + 1;
	if ((bytes[0] & 0x7F) != 0x05 || (stream[0] & 0x7F) != 0x40 || entries < 3 ||
	    entries > SET_MOST || entries * ATHAR_FAT_ENTRY > len)
		return false;
	out->entries = entries;
	out->proven = set_checksum(bytes, entries) == athar_le16(bytes + 2);
	out->folder = (bytes[4] & 0x10) != 0;
	out->contiguous = (stream[1] & 2) != 0;
	out->first = athar_le32(stream + 20);
	out->size = athar_le64(stream + 24);
	out->valid = athar_min(athar_le64(stream + 8), out->size);
	return true;
}

bool athar_exfat_set_read(athar_exfat_set *out, const athar_fat *fat, athar_tsk_image *image,
                          uint64_t address)
{
	uint8_t set[SET_MOST * ATHAR_FAT_ENTRY];
	uint64_t in_cluster;
	size_t len;

	*out = (athar_exfat_set){0};
	if (!athar_fat_entry(fat, image, address, set))
		return false;
	in_cluster = (address - FIRST_ADDRESS) * ATHAR_FAT_ENTRY % fat->cluster;
	len = (size_t)athar_min(((uint64_t)set[1] + 1) * ATHAR_FAT_ENTRY,
	                        athar_min(sizeof set, fat->cluster - in_cluster));
	if (!athar_tsk_image_get(image, set, len,
	                         fat->entries + (address - FIRST_ADDRESS) * ATHAR_FAT_ENTRY))
		return false;
	return athar_exfat_set_parse(out, set, len);
}

uint64_t athar_fat_address(const athar_fat *fat, uint64_t offset)
{
	return (offset - fat->entries) / ATHAR_FAT_ENTRY + FIRST_ADDRESS;
}

uint64_t athar_fat_place(const athar_fat *fat, uint64_t cluster)
{
	if (cluster < 2 || cluster - 2 >= fat->clusters)
		return ATHAR_NOWHERE;
	return fat->data + (cluster - 2) * fat->cluster;
}

/* Two entries share three bytes. */
static bool next_12(const athar_fat *fat, athar_tsk_image *image, uint64_t cluster, uint64_t *next)
{
	const uint64_t at = cluster + cluster / 2;
	uint8_t pair[2];

	if (!athar_inside(at, sizeof pair, fat->table_length) ||
	    !athar_tsk_image_get(image, pair, sizeof pair, fat->table + at))
		return false;
	*next = cluster % 2 == 0 ? athar_le16(pair) & 0xFFFU : athar_le16(pair) >> 4;
	return true;
}

bool athar_fat_next(const athar_fat *fat, athar_tsk_image *image, uint64_t cluster, uint64_t *next)
{
	const size_t width = fat->bits / 8;
	uint8_t entry[4] = {0};

	if (fat->bits == 12)
		return next_12(fat, image, cluster, next);
	if (!athar_inside(cluster * width, width, fat->table_length))
		return false;
	if (!athar_tsk_image_get(image, entry, width, fat->table + cluster * width))
		return false;
	*next = fat->bits == 16 ? athar_le16(entry) : athar_le32(entry);
	if (fat->bits == 32 && !fat->exfat)
		*next &= 0x0FFFFFFF;
	return true;
}
