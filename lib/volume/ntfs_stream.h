/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A stream of NTFS from the runs in its records, without libtsk: where its bytes lie, and the bytes
 * of what is compressed.
 */
#ifndef ATHAR_VOLUME_NTFS_STREAM_H
#define ATHAR_VOLUME_NTFS_STREAM_H

#include "volume/ntfs_record.h"

/* Where clusters lie. */
typedef struct athar_ntfs_ground {
	uint64_t base;     /* image offset of cluster 0 */
	uint64_t cluster;  /* bytes */
	uint64_t clusters; /* of the volume */
	uint64_t end;      /* of the image */
} athar_ntfs_ground;

typedef struct athar_ntfs_run {
	athar_extent_kind kind; /* data, hole, or missing: no record says it */
	uint64_t cluster;       /* of data */
	uint64_t count;
} athar_ntfs_run;

typedef struct athar_ntfs_stream {
	uint64_t size, initialized; /* what lies behind the latter was never written: zeros */
	uint32_t unit;              /* clusters of a unit of compression; 0: not compressed */
	uint64_t clusters;          /* that the runs describe */
	athar_ntfs_run *run;
	size_t count, capacity;
} athar_ntfs_stream;

void athar_ntfs_stream_clear(athar_ntfs_stream *s);
ATHAR_DEFINE_AUTO_VALUE(ntfs_stream, athar_ntfs_stream, athar_ntfs_stream_clear)

/* The size of a cluster by the attribute's own word: what it has allocated is as many as its runs
 * describe. 0: it does not say. */
uint64_t athar_ntfs_attr_cluster(const athar_ntfs_attr *attr);

/* Appends the runs of a part that is not resident; parts come in order, what lies between them is
 * missing. *good is false where the part contradicts itself or leads out of the volume. */
athar_status athar_ntfs_stream_part(athar_ntfs_stream *s, const athar_ntfs_attr *part,
                                    const athar_ntfs_ground *ground, bool *good, athar_error *err);

/* Image places of all its bytes, compressed units as derived ones. */
athar_status athar_ntfs_stream_extents(athar_extents *out, const athar_ntfs_stream *s,
                                       const athar_ntfs_ground *ground, athar_error *err);

/* The content, decompressed. *got is 0 at the end. ATHAR_EIO where the image does not have what it
 * is made from, ATHAR_EFORMAT where that does not decompress. */
athar_status athar_ntfs_stream_read(size_t *got, const athar_ntfs_stream *s,
                                    const athar_ntfs_ground *ground, athar_source *source,
                                    uint8_t *buf, size_t len, uint64_t offset, athar_error *err);

#endif
