/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which of the freed records that name a cluster was the last to: a cluster freed with one file may
 * have been given to another that was deleted too. The record's own time of change, which the
 * system sets, tells the order.
 */
#ifndef ATHAR_VOLUME_NTFS_CLAIMS_H
#define ATHAR_VOLUME_NTFS_CLAIMS_H

#include "volume/ntfs_stream.h"

typedef struct athar_ntfs_claim {
	uint64_t at, end; /* in the image */
	uint64_t time;    /* FILETIME */
} athar_ntfs_claim;

typedef struct athar_ntfs_claims {
	athar_ntfs_claim *claim; /* as they came */
	size_t count, capacity;
	athar_ntfs_claim *last; /* disjoint, in order: the last of those at each place */
	size_t last_count, last_capacity;
	uint64_t steps; /* that questions took */
} athar_ntfs_claims;

/* Notes the places that the record's streams name; at most 4 million. */
athar_status athar_ntfs_claims_add(athar_ntfs_claims *claims, const athar_ntfs_record *r,
                                   const athar_ntfs_ground *ground, athar_error *err);
/* Once all are added, and again after more were. */
athar_status athar_ntfs_claims_settle(athar_ntfs_claims *claims, athar_error *err);
/* Bytes of the extents that a record changed later than `time` names too. UINT64_MAX: not known,
 * all questions took so much work that there are no more answers. */
uint64_t athar_ntfs_claims_later(athar_ntfs_claims *claims, const athar_extents *extents,
                                 uint64_t time);
void athar_ntfs_claims_clear(athar_ntfs_claims *claims);

#endif
