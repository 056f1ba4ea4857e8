/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The master file table as it is now: which use of each record is the present one, and the folders.
 * What is found elsewhere is compared with it.
 */
#ifndef ATHAR_VOLUME_NTFS_PRESENT_H
#define ATHAR_VOLUME_NTFS_PRESENT_H

#include "volume/ntfs_claims.h"
#include "volume/ntfs_folders.h"
#include "volume/walk.h"

typedef struct athar_ntfs_present {
	athar_source *mft; /* its bytes, over the volume's source */
	athar_ntfs_ground ground;
	uint32_t record; /* bytes of one */
	uint32_t *use;   /* of each record: its sequence, and whether it is in use */
	size_t count;
	uint64_t formatted;         /* FILETIME of when the volume was made; 0: not known */
	athar_ntfs_folders folders; /* in use or freed */
	athar_ntfs_claims claims;   /* of freed records */
	uint32_t *indexed;          /* records of folders, and those that continue them */
	size_t indexed_count, indexed_capacity;
} athar_ntfs_present;

/* Goes over the table once. One that cannot be placed gives none: count is 0. */
athar_status athar_ntfs_present_load(athar_ntfs_present **out, athar_walk *w, athar_error *err);
void athar_ntfs_present_free(athar_ntfs_present *present);
ATHAR_DEFINE_AUTO(ntfs_present, athar_ntfs_present *, athar_ntfs_present_free)

/* The reference is to a file that is there. */
bool athar_ntfs_present_has(const athar_ntfs_present *present, athar_ntfs_ref ref);
/* False: there is no such record, or it cannot be read. `bytes` receives it. */
bool athar_ntfs_present_record(athar_ntfs_record *out, uint8_t bytes[ATHAR_NTFS_RECORD_MOST],
                               const athar_ntfs_present *present, uint64_t number);

#endif
