/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What free space of an NTFS volume still holds of its own structures: file records and blocks of
 * folders, known by their first four bytes, which begin on a sector.
 */
#ifndef ATHAR_VOLUME_NTFS_FREE_H
#define ATHAR_VOLUME_NTFS_FREE_H

#include "volume/walk.h"

typedef struct athar_ntfs_free {
	/* At image offset `at` begins a "FILE" or a "BAAD"; or an "INDX". Of the bytes from there
	 * on `len` are at hand, which may be changed: at least ATHAR_NTFS_AHEAD, or to the end of
	 * the image. */
	athar_status (*record)(void *user, uint64_t at, uint8_t *bytes, size_t len,
	                       athar_error *err);
	athar_status (*index)(void *user, uint64_t at, uint8_t *bytes, size_t len,
	                      athar_error *err);
	void *user;
} athar_ntfs_free;

/* The largest file record; blocks of folders may be larger. */
#define ATHAR_NTFS_AHEAD ((size_t)4096)

/* Goes over all that is free, and over what the table of files has in reserve. ATHAR_EFORMAT where
 * it is not known what is free. */
athar_status athar_ntfs_free_search(const athar_ntfs_free *to, athar_walk *w, athar_error *err);

#endif
