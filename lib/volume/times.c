/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libtsk turns the local times of FAT, exFAT and ISO 9660 into seconds with mktime(), so by the
 * time zone of whoever runs it. For FAT and exFAT the directory entry itself is read here; for ISO
 * 9660 the conversion is undone.
 */
#include "volume/times.h"

#include <string.h>
#include <time.h>

#include "base/endian.h"
#include "volume/ntfs_record.h"

#define UTC "utc"
#define UNRECORDED "unrecorded"

static void add(athar_volume_file *file, const char *meaning, const char *source, const char *zone,
                int64_t seconds, uint32_t nanoseconds)
{
	athar_item_time *t;

	if (file->time_count >= ATHAR_ITEM_TIMES)
		return;
	t = &file->times[file->time_count++];
	snprintf(t->meaning, sizeof t->meaning, "%s", meaning);
	snprintf(t->source, sizeof t->source, "%s", source);
	snprintf(t->zone, sizeof t->zone, "%s", zone);
	t->seconds = seconds;
	t->nanoseconds = nanoseconds < 1000000000 ? nanoseconds : 0;
}

/* 0 is what file systems write for a time that they do not have. */
static void add_known(athar_volume_file *file, const char *meaning, const char *source,
                      int64_t seconds, uint32_t nanoseconds)
{
	if (seconds != 0 || nanoseconds != 0)
		add(file, meaning, source, UTC, seconds, nanoseconds);
}

int64_t athar_times_days(int64_t year, unsigned month, unsigned day)
{
	const int64_t y = month <= 2 ? year - 1 : year;
	const int64_t shifted = month <= 2 ? month + 9 : month - 3;

	return 365 * y + y / 4 - y / 100 + y / 400 + (153 * shifted + 2) / 5 + day - 1 - 719468;
}

/* False: not a date and time that exist. */
static bool dos_seconds(int64_t *out, unsigned date, unsigned time)
{
	const unsigned month = date >> 5 & 15;
	const unsigned day = date & 31;
	const unsigned hour = time >> 11;
	const unsigned minute = time >> 5 & 63;
	const unsigned second = (time & 31) * 2;

	if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59)
		return false;
	*out = athar_times_days(1980 + (date >> 9), month, day) * 86400 + hour * 3600 +
	       minute * 60 + second;
	return true;
}

static void fat_times(athar_volume_file *file, const uint8_t *e)
{
	const unsigned hundredths = e[13] < 200 ? e[13] : 0;
	int64_t t;

	if (dos_seconds(&t, athar_le16(e + 24), athar_le16(e + 22)))
		add(file, "modified", "fat", UNRECORDED, t, 0);
	if (dos_seconds(&t, athar_le16(e + 18), 0))
		add(file, "accessed", "fat", UNRECORDED, t, 0);
	if (dos_seconds(&t, athar_le16(e + 16), athar_le16(e + 14)))
		add(file, "created", "fat", UNRECORDED, t + hundredths / 100,
		    hundredths % 100 * 10000000);
}

/* exFAT can record the offset from UTC, in quarters of an hour. */
static void exfat_time(athar_volume_file *file, const char *meaning, const uint8_t *stamp,
                       unsigned hundredths, uint8_t offset)
{
	const bool known = (offset & 0x80) != 0;
	const int quarters = (offset & 0x40) != 0 ? (int)(offset & 0x7F) - 128 : (offset & 0x7F);
	int64_t t;

	if (!dos_seconds(&t, athar_le16(stamp + 2), athar_le16(stamp)))
		return;
	if (hundredths >= 200)
		hundredths = 0;
	add(file, meaning, "exfat", known ? UTC : UNRECORDED,
	    t + hundredths / 100 - (known ? quarters * 900 : 0), hundredths % 100 * 10000000);
}

static void exfat_times(athar_volume_file *file, const uint8_t *e)
{
	if ((e[0] & 0x7F) != 5)
		return;
	exfat_time(file, "modified", e + 12, e[21], e[23]);
	exfat_time(file, "accessed", e + 16, 0, e[24]);
	exfat_time(file, "created", e + 8, e[20], e[22]);
}

static void unix_times(athar_volume_file *file, const TSK_FS_META *m, const char *source)
{
	add_known(file, "modified", source, m->mtime, m->mtime_nano);
	add_known(file, "accessed", source, m->atime, m->atime_nano);
	add_known(file, "changed", source, m->ctime, m->ctime_nano);
	add_known(file, "created", source, m->crtime, m->crtime_nano);
}

static void ext_times(athar_volume_file *file, const athar_volume *volume, const TSK_FS_META *m)
{
	const time_t deleted = m->time2.ext2.dtime;
	char source[24];

	snprintf(source, sizeof source, "%.8s.inode", volume->info.kind);
	unix_times(file, m, source);
	/* While an inode waits for its deletion, the field links to the next one that does. */
	if ((m->flags & TSK_FS_META_FLAG_UNALLOC) != 0 &&
	    (deleted < 0 || (uint64_t)deleted > volume->fs->inum_count))
		add(file, "deleted", source, UTC, deleted, 0);
}

static void ntfs_times(athar_volume_file *file, const TSK_FS_META *m)
{
	unix_times(file, m, "ntfs.si");
	add_known(file, "modified", "ntfs.fn", m->time2.ntfs.fn_mtime,
	          (uint32_t)m->time2.ntfs.fn_mtime_nano);
	add_known(file, "created", "ntfs.fn", m->time2.ntfs.fn_crtime,
	          (uint32_t)m->time2.ntfs.fn_crtime_nano);
}

/* The local time that mktime() was given, as if it were UTC. */
static void local_time(athar_volume_file *file, const char *meaning, const char *source,
                       time_t seconds)
{
	struct tm tm;

	if (seconds != 0 && localtime_r(&seconds, &tm) != NULL)
		add(file, meaning, source, UNRECORDED, timegm(&tm), 0);
}

void athar_times_fat(athar_volume_file *file, bool exfat, const uint8_t entry[ATHAR_FAT_ENTRY])
{
	file->time_count = 0;
	if (exfat)
		exfat_times(file, entry);
	else
		fat_times(file, entry);
}

void athar_times_fill(athar_volume_file *file, const athar_volume *volume, const TSK_FS_FILE *tsk)
{
	const TSK_FS_META *m = tsk->meta;
	uint8_t entry[ATHAR_FAT_ENTRY];

	file->time_count = 0;
	if (volume->has_fat) {
		if (!athar_fat_entry(&volume->fat, volume->image, m->addr, entry))
			return;
		athar_times_fat(file, volume->fat.exfat, entry);
	} else if (athar_volume_is_ntfs(volume)) {
		ntfs_times(file, m);
	} else if (athar_volume_is_ext(volume)) {
		ext_times(file, volume, m);
	} else if (TSK_FS_TYPE_ISISO9660(volume->fs->ftype)) {
		local_time(file, "modified", "iso9660", m->mtime);
	} else if (!athar_volume_is_fat(volume)) {
		unix_times(file, m, volume->info.kind);
	}
}

void athar_times_add(athar_volume_file *file, bool need, const athar_item_time *time)
{
	if (need && file->time_count == ATHAR_ITEM_TIMES)
		file->time_count--;
	if (file->time_count < ATHAR_ITEM_TIMES)
		file->times[file->time_count++] = *time;
}

void athar_times_add_filetime(athar_volume_file *file, bool need, const char *meaning,
                              const char *source, uint64_t filetime)
{
	athar_item_time t = {.zone = UTC};

	if (!athar_filetime(&t.seconds, &t.nanoseconds, filetime))
		return;
	snprintf(t.meaning, sizeof t.meaning, "%s", meaning);
	snprintf(t.source, sizeof t.source, "%s", source);
	athar_times_add(file, need, &t);
}
