/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What recycle bins note of what was thrown into them. Pure parsers. Facts: the format of $I files
 * and INFO2 as libyal documents them (dtformats, "Windows Recycle.Bin file formats"); the
 * FreeDesktop.org Trash specification 1.0.
 */
#ifndef ATHAR_VOLUME_TRASH_RECORD_H
#define ATHAR_VOLUME_TRASH_RECORD_H

#include "base/idiom.h"

typedef struct athar_trash_record {
	uint8_t *path; /* where it was: raw bytes, '/' between components, no leading '/' */
	size_t path_len;
	bool absolute;           /* FreeDesktop: not below the folder that has the bin */
	athar_item_time deleted; /* meaning is "" where no time is noted */
	uint32_t number; /* INFO2: of the file, whose name has it after the drive's letter */
	char drive;      /* INFO2: that letter; else 0 */
} athar_trash_record;

void athar_trash_record_clear(athar_trash_record *record);
ATHAR_DEFINE_AUTO_VALUE(trash_record, athar_trash_record, athar_trash_record_clear)

/* Of Windows Vista and later, versions 1 and 2. *good is false where it is none. */
athar_status athar_trash_parse_i(athar_trash_record *out, bool *good, const uint8_t *bytes,
                                 size_t len, athar_error *err);
/* Of Windows 95 to XP: the record at *at, which moves on; 0 is before the first. *good is false at
 * the end. Records of what has left the bin are passed over. */
athar_status athar_trash_parse_info2(athar_trash_record *out, bool *good, const uint8_t *bytes,
                                     size_t len, size_t *at, athar_error *err);
/* FreeDesktop.org's NAME.trashinfo. */
athar_status athar_trash_parse_info(athar_trash_record *out, bool *good, const uint8_t *bytes,
                                    size_t len, athar_error *err);

#endif
