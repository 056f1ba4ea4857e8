/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What NTFS remembers outside of its tables: records of files anywhere in free space (of a volume
 * that was formatted too), names in the slack of folders and records, in $LogFile and $UsnJrnl.
 */
#ifndef ATHAR_VOLUME_NTFS_LOST_H
#define ATHAR_VOLUME_NTFS_LOST_H

#include "volume/walk.h"

/* Before files are given that are not live: what is needed to tell of them. */
athar_status athar_ntfs_lost_prepare(athar_walk *w, athar_error *err);

/* Gives what no record of the table says any more. */
athar_status athar_ntfs_lost_walk(athar_walk *w, athar_error *err);

/* As athar_volume_read says, of a record at an image offset. */
athar_status athar_ntfs_lost_read(size_t *got, athar_volume *volume, uint64_t record, uint32_t type,
                                  uint16_t id, void *buf, size_t len, uint64_t offset,
                                  athar_error *err);

#endif
