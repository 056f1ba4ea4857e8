/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libtsk takes for an orphan what looks like a directory entry or an inode. On FAT and exFAT it
 * looks into free clusters, where random bytes can look like one; what contradicts itself is left
 * out.
 */
#include <ctype.h>
#include <string.h>

#include "base/endian.h"
#include "volume/walk.h"

#define FAT_FOLDER 0x10
#define FAT_DELETED 0xE5

/* Short names are upper case letters, digits and a few signs; bytes from 0x80 on are of a code
 * page. */
static bool short_name_valid(const uint8_t *entry)
{
	for (size_t i = entry[0] == FAT_DELETED ? 1 : 0; i < 11; i++) {
		if (entry[i] < ' ' || islower(entry[i]) ||
		    strchr("\"*+,./:;<=>?[\\]|\x7f", entry[i]))
			return false;
	}
	return entry[1] != ' ' || entry[0] != FAT_DELETED || entry[2] == ' ';
}

static bool fat_date_valid(unsigned date)
{
	const unsigned month = date >> 5 & 15;

	return month >= 1 && month <= 12 && (date & 31) >= 1;
}

static bool fat_time_valid(unsigned time)
{
	return time >> 11 < 24 && (time >> 5 & 63) < 60 && (time & 31) < 30;
}

static bool fat_plausible(const athar_volume *volume, uint64_t address)
{
	const athar_fat *fat = &volume->fat;
	uint8_t e[ATHAR_FAT_ENTRY];
	bool doubtful;
	uint64_t first;
	uint32_t size;

	if (!athar_fat_entry(fat, volume->image, address, e))
		return false;
	first = athar_fat_first(fat, e, &doubtful);
	size = athar_le32(e + 28);
	if (!short_name_valid(e) || (e[11] & 0xC8) != 0 || !fat_date_valid(athar_le16(e + 24)) ||
	    !fat_time_valid(athar_le16(e + 22)))
		return false;
	if ((e[11] & FAT_FOLDER) != 0)
		return size == 0 && athar_fat_place(fat, first) != ATHAR_NOWHERE;
	if (size == 0)
		return first == 0;
	return athar_fat_place(fat, first) != ATHAR_NOWHERE && size <= fat->clusters * fat->cluster;
}

static bool exfat_plausible(const athar_volume *volume, uint64_t address)
{
	athar_exfat_set set;

	return athar_exfat_set_read(&set, &volume->fat, volume->image, address) && set.proven;
}

/* A record that was never used has neither a name nor content. */
static bool ntfs_plausible(TSK_FS_FILE *tsk)
{
	const int count = tsk_fs_file_attr_getsize(tsk);

	for (int i = 0; i < count; i++) {
		const TSK_FS_ATTR *attr = tsk_fs_file_attr_get_idx(tsk, i);

		if (attr != NULL && (attr->type == TSK_FS_ATTR_TYPE_NTFS_FNAME ||
		                     (attr->type == TSK_FS_ATTR_TYPE_NTFS_DATA && attr->size > 0)))
			return true;
	}
	tsk_error_reset();
	return false;
}

bool athar_orphan_plausible(const athar_volume *volume, TSK_FS_FILE *tsk)
{
	if ((tsk->meta->flags & TSK_FS_META_FLAG_ALLOC) != 0)
		return false;
	if (athar_volume_is_fat(volume))
		return volume->has_fat &&
		       (volume->fat.exfat ? exfat_plausible(volume, tsk->meta->addr)
		                          : fat_plausible(volume, tsk->meta->addr));
	if (athar_volume_is_ntfs(volume))
		return ntfs_plausible(tsk);
	if (athar_volume_is_ext(volume))
		return tsk->meta->size > 0 || tsk->meta->time2.ext2.dtime != 0;
	return tsk->meta->size > 0;
}

bool athar_orphan_nameless(const TSK_FS_FILE *tsk)
{
	char made_up[48];

	snprintf(made_up, sizeof made_up, "OrphanFile-%llu",
	         (unsigned long long)tsk->name->meta_addr);
	return strcmp(tsk->name->name, made_up) == 0;
}
