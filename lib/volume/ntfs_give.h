/* SPDX-License-Identifier: BSD-2-Clause */
/* Files by records that were found outside of the table, as the walk's user gets them. */
#ifndef ATHAR_VOLUME_NTFS_GIVE_H
#define ATHAR_VOLUME_NTFS_GIVE_H

#include "volume/ntfs_found.h"

/* What the search for lost files knows. */
typedef struct athar_ntfs_lost {
	athar_walk *w;
	const athar_ntfs_present *present; /* the walk's */
	athar_ntfs_found found;
	athar_seen bodies;      /* hashes of records given: copies are given once */
	athar_seen named;       /* names given alone */
	uint64_t names;         /* how many of them */
	uint64_t unnamed;       /* how many were left out because there are too many */
	uint64_t parts;         /* of streams that were put together so far */
	uint64_t contradictory; /* records whose runs do not fit this volume */
} athar_ntfs_lost;

/* Gives what the record describes, once: a folder, each stream of a file. */
athar_status athar_ntfs_give_record(athar_ntfs_lost *l, const athar_ntfs_lost_record *lost,
                                    athar_error *err);
/* The stream of a record alone, for reading: parts in other records are missing. False in *good:
 * there is none that can be read. */
athar_status athar_ntfs_give_stream(athar_ntfs_stream *out, athar_ntfs_ground *ground, bool *good,
                                    athar_volume *volume, uint64_t at, uint32_t type, uint16_t id,
                                    athar_error *err);

/* Sets the walk's path to the folder's, as far up as it is known. *known: some of it is. */
athar_status athar_ntfs_lost_path(bool *known, athar_ntfs_lost *l, athar_ntfs_ref folder,
                                  bool former, athar_error *err);

#endif
