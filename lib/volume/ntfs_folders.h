/* SPDX-License-Identifier: BSD-2-Clause */
/* The folders of an NTFS volume by their references: paths are put together from their names. */
#ifndef ATHAR_VOLUME_NTFS_FOLDERS_H
#define ATHAR_VOLUME_NTFS_FOLDERS_H

#include "volume/ntfs_record.h"

typedef struct athar_ntfs_folder {
	uint64_t key, parent;    /* athar_ntfs_ref_key */
	uint32_t name, name_len; /* in athar_ntfs_folders.names */
} athar_ntfs_folder;

typedef struct athar_ntfs_folders {
	athar_ntfs_folder *folder;
	size_t count, capacity;
	uint8_t *names; /* UTF-8 */
	size_t names_len, names_capacity;
	bool full; /* a bound was reached: the rest is not known */
} athar_ntfs_folders;

#define ATHAR_NTFS_FOLDERS_INIT \
	{ \
		.count = 0 \
	}
/* How far up a path is followed. */
#define ATHAR_NTFS_DEPTH 64

/* At most 2 million of them; more are left out and `full` says so. */
athar_status athar_ntfs_folders_add(athar_ntfs_folders *folders, athar_ntfs_ref ref,
                                    const athar_ntfs_name *name, athar_error *err);
/* Once all are added, before the first question. */
void athar_ntfs_folders_sort(athar_ntfs_folders *folders);
/* The folder's own names from the highest that is known down to it: `found` receives at most
 * ATHAR_NTFS_DEPTH of them, the highest last. *rooted: the way leads to the volume's root. */
size_t athar_ntfs_folders_climb(const athar_ntfs_folder *found[ATHAR_NTFS_DEPTH], bool *rooted,
                                const athar_ntfs_folders *folders, athar_ntfs_ref ref);
void athar_ntfs_folders_clear(athar_ntfs_folders *folders);
ATHAR_DEFINE_AUTO_VALUE(ntfs_folders, athar_ntfs_folders, athar_ntfs_folders_clear)

#endif
