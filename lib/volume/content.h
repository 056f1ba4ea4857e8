/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the bytes of a file lie in the image. */
#ifndef ATHAR_VOLUME_CONTENT_H
#define ATHAR_VOLUME_CONTENT_H

#include "volume/volume_state.h"

/* Places the master file table; mft->record stays 0 where that is not possible. */
void athar_mft_open(athar_mft *mft, athar_volume *volume);

/* Resident content: the bytes in the record of the table, found by its attribute and compared with
 * what libtsk read. Two bytes at the end of each 512 are kept elsewhere in the record, so it can
 * have several extents. False: not found there; *record is then the record's place, or
 * ATHAR_NOWHERE. */
bool athar_mft_resident(athar_extents *out, athar_volume *volume, uint64_t meta,
                        const TSK_FS_ATTR *attr, uint64_t *record, athar_error *err);

/* The piece of the bytes [at, end) of a record that is stored without a break; its length, and
 * where in the record it is stored. */
uint32_t athar_mft_piece(const uint8_t *record, uint32_t at, uint32_t end, uint32_t *length);

/* Has the stream a name? libtsk makes some up for those that have none. */
bool athar_attr_is_named(const TSK_FS_ATTR *attr);

/* Bytes of the attribute as libtsk gives them, none past its end. ATHAR_EIO also where the image
 * has an unreadable range behind them. */
athar_status athar_attr_read(size_t *got, athar_volume *volume, const TSK_FS_ATTR *attr, void *buf,
                             size_t len, uint64_t offset, athar_error *err);

/* Extents of the runs that libtsk read, up to attr->size. */
athar_status athar_attr_extents(athar_extents *out, const athar_volume *volume,
                                const TSK_FS_ATTR *attr, athar_error *err);

/* The bytes of the extents whose kind this is. */
uint64_t athar_extents_of_kind(const athar_extents *extents, athar_extent_kind kind);

/* A size with which libtsk would follow block pointers for minutes: an indirect block can point to
 * itself. Its attributes are not to be asked for. live: the file may be sparse, which a folder is
 * not. */
bool athar_content_endless(const athar_volume *volume, const TSK_FS_META *meta, bool live);

/* Sets size, extents, readable, assumed and why by state; attr may be NULL. */
athar_status athar_content_fill(athar_volume_file *file, athar_volume *volume,
                                const TSK_FS_FILE *tsk, const TSK_FS_ATTR *attr, athar_error *err);

/* The content cannot be placed: size bytes that are missing, and why. */
athar_status athar_content_lost(athar_volume_file *file, athar_error *err, const char *format, ...)
	ATHAR_PRINTF(3, 4);

#endif
