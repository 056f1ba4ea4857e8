/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What folders of NTFS keep of their files: copies of $FILE_NAME, in blocks that begin with "INDX",
 * and in the record of the folder. Removed entries stay until others are written over them. Pure:
 * bounds, no state, no I/O.
 */
#ifndef ATHAR_VOLUME_NTFS_INDEX_H
#define ATHAR_VOLUME_NTFS_INDEX_H

#include "volume/ntfs_record.h"

#define ATHAR_NTFS_INDEX_MOST ((size_t)64 << 10)

/* Bytes of the block that begins here, by its own word; 0: it is none of a folder. */
size_t athar_ntfs_index_size(const uint8_t *bytes, size_t len);
/* Which folder's it is, by its first entry; of the block's first 512 bytes at least. */
bool athar_ntfs_index_owner(athar_ntfs_ref *out, const uint8_t *bytes, size_t len);
/* Puts the saved ends of the sectors back, as in a page of $LogFile too. False: it is torn. */
bool athar_ntfs_index_open(uint8_t *bytes, size_t size);

/* An entry that stands at *at or behind, in use or not: whose it is, and the name. *at moves on
 * behind it. False: no more. */
bool athar_ntfs_index_next(athar_ntfs_ref *file, athar_ntfs_name *name, const uint8_t *bytes,
                           size_t len, size_t *at);

#endif
