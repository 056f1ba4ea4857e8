/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Volume shadow copies of Windows: earlier states of an NTFS volume, kept on it. Here they are only
 * counted. Facts: libvshadow's documentation, "Volume Shadow Snapshot (VSS) format".
 */
#ifndef ATHAR_VOLUME_VSS_H
#define ATHAR_VOLUME_VSS_H

#include "volume/walk.h"

#define ATHAR_VSS_HEADER_AT UINT64_C(0x1E00) /* from the volume's beginning */
#define ATHAR_VSS_HEADER 128u
#define ATHAR_VSS_CATALOG 16384u

typedef struct athar_vss {
	unsigned count;
	uint64_t first, last; /* FILETIMEs of their creation; 0: none */
} athar_vss;

/* Where in the volume the catalog begins; 0: the volume has none. */
uint64_t athar_vss_header_read(const uint8_t header[ATHAR_VSS_HEADER]);
/* Counts the copies that a block of the catalog lists. *next is where it goes on; 0: nowhere.
 * False: it is no such block. */
bool athar_vss_catalog_read(athar_vss *vss, uint64_t *next, const uint8_t block[ATHAR_VSS_CATALOG]);
/* Tells the walk's user that there are some. */
athar_status athar_vss_tell(athar_walk *w, athar_error *err);

#endif
