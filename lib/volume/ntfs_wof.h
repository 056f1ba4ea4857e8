/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files that WOF has packed (wof.h), as NTFS has them: what the unnamed stream, which is one hole,
 * stands for.
 */
#ifndef ATHAR_VOLUME_NTFS_WOF_H
#define ATHAR_VOLUME_NTFS_WOF_H

#include "volume/volume_state.h"

/* Is this the unnamed stream, without a cluster of its own, of a file with a reparse point of
 * WOF's?
 */
bool athar_ntfs_wof_is(const athar_volume *volume, const TSK_FS_FILE *tsk, const TSK_FS_ATTR *attr);

/* For such a stream, with file->size set: one derived extent, and what is not there any more of
 * what it is made from; `reused` where the file is not live. What cannot be undone is lost, and why
 * says it. */
athar_status athar_ntfs_wof_fill(athar_volume_file *file, athar_volume *volume,
                                 const TSK_FS_FILE *tsk, athar_error *err);

/* Bytes of such a stream of volume->open: all that are asked for and lie before the end, or an
 * error. */
athar_status athar_ntfs_wof_read(size_t *got, athar_volume *volume, const TSK_FS_ATTR *attr,
                                 void *buf, size_t len, uint64_t offset, athar_error *err);

/* To be called before volume->open goes. */
void athar_ntfs_wof_forget(athar_volume *volume);

#endif
