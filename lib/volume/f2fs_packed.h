/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Compressed clusters of F2FS. Pure. Source: fs/f2fs/compress.c and struct compress_data of Linux:
 * 24 bytes of head (length, sum, 16 reserved), then what LZO, LZ4 or zstd made of the cluster.
 */
#ifndef ATHAR_VOLUME_F2FS_PACKED_H
#define ATHAR_VOLUME_F2FS_PACKED_H

#include "volume/f2fs_node.h"

/* The most bytes of a cluster. */
#define ATHAR_F2FS_CLUSTER_MOST ((size_t)256 * ATHAR_F2FS_BLOCK)

/* ATHAR_TRANSFORM_NONE: an algorithm that is not known. */
athar_transform athar_f2fs_transform(uint8_t algorithm);

/* Undoes the compression of a whole cluster of `inode` into out, of inode->cluster blocks.
 * ATHAR_EFORMAT where it is damaged or would have another length. */
athar_status athar_f2fs_unpack(uint8_t *out, const athar_f2fs_inode *inode, const uint8_t *in,
                               size_t len, athar_error *err);

#endif
