/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * File records that lie where no table leads to: what is kept of each until all are known, and what
 * they say together of the volume they are of. That may be one that was formatted over, or one
 * inside a file that was deleted, whose clusters are others.
 */
#ifndef ATHAR_VOLUME_NTFS_FOUND_H
#define ATHAR_VOLUME_NTFS_FOUND_H

#include "volume/ntfs_present.h"
#include "volume/ntfs_stream.h"

typedef struct athar_ntfs_lost_record {
	uint64_t at;   /* in the image */
	uint64_t key;  /* athar_ntfs_ref_key */
	uint64_t base; /* of the record that it continues; 0: it is one by itself */
	bool in_use, numbered;
	bool former; /* last changed before the volume was made: it is of one before it */
} athar_ntfs_lost_record;

typedef struct athar_ntfs_found {
	athar_ntfs_lost_record *record; /* in the order in which they were found */
	size_t count, capacity;
	size_t *part; /* which continue others, by base, after athar_ntfs_found_sort */
	size_t part_count;
	uint64_t *index; /* image offsets of blocks of folders */
	size_t index_count, index_capacity;
	athar_ntfs_folders folders; /* of these records */
	athar_seen uses;            /* keys of these records */
	/* Differences, modulo 2^64, between the place of a record and the place that its number has
	 * in a table that begins at 0: tables that are known to be of this place. */
	athar_seen shifts;
	uint64_t torn;      /* signatures without a record that holds */
	unsigned votes[32]; /* for sizes of clusters of former volumes, as powers of two */
	bool full;
} athar_ntfs_found;

#define ATHAR_NTFS_FOUND_INIT \
	{ \
		.count = 0 \
	}

/* Looks for them in all that is free; adds what they name to present->claims. */
athar_status athar_ntfs_found_search(athar_ntfs_found *out, athar_walk *w,
                                     athar_ntfs_present *present, athar_error *err);
void athar_ntfs_found_clear(athar_ntfs_found *found);
ATHAR_DEFINE_AUTO_VALUE(ntfs_found, athar_ntfs_found, athar_ntfs_found_clear)

/* Reads the record again; false where that fails. */
bool athar_ntfs_found_read(athar_ntfs_record *out, uint8_t bytes[ATHAR_NTFS_RECORD_MOST],
                           athar_tsk_image *image, uint64_t at);
/* *first to the returned end, in found->part: what continues the record with this key. */
size_t athar_ntfs_found_parts(size_t *first, const athar_ntfs_found *found, uint64_t key);
/* Clusters of what the record describes, by the most votes for former volumes. */
athar_ntfs_ground athar_ntfs_found_ground(const athar_ntfs_found *found, const athar_volume *volume,
                                          bool former, uint64_t cluster);
/* The record's table is known to be of this place. */
bool athar_ntfs_found_anchored(const athar_ntfs_found *found, const athar_ntfs_lost_record *lost,
                               uint32_t record_size);

#endif
