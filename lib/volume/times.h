/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ATHAR_VOLUME_TIMES_H
#define ATHAR_VOLUME_TIMES_H

#include "volume/volume_state.h"

/* What the file system recorded of a file; a time it did not record is not given. */
void athar_times_fill(athar_volume_file *file, const athar_volume *volume, const TSK_FS_FILE *tsk);
/* The same from a directory entry. */
void athar_times_fat(athar_volume_file *file, bool exfat, const uint8_t entry[ATHAR_FAT_ENTRY]);

/* One more, where there is room; with `need` the last one makes room. */
void athar_times_add(athar_volume_file *file, bool need, const athar_item_time *time);
/* A FILETIME, in UTC; 0 and years that no clock shows are no times. */
void athar_times_add_filetime(athar_volume_file *file, bool need, const char *meaning,
                              const char *source, uint64_t filetime);
/* Days since 1970 of a date in the Gregorian calendar. */
int64_t athar_times_days(int64_t year, unsigned month, unsigned day);

#endif
