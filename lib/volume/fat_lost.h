/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What FAT and exFAT still say of deleted files: entries of live folders, folders that were deleted
 * themselves, and directory clusters in free space whose own entry is lost.
 *
 * A deleted folder keeps, like a file, its first cluster only. On FAT that one says in "." and ".."
 * which cluster it is and which folder is above it; where it is full, the next free cluster that
 * looks like a directory without such a beginning goes on with it. On exFAT the size is recorded,
 * and so is whether it lies in one piece.
 */
#ifndef ATHAR_VOLUME_FAT_LOST_H
#define ATHAR_VOLUME_FAT_LOST_H

#include "volume/walk.h"

/* Deleted entries of the folders in w->later, which are all live ones; then orphans. */
athar_status athar_fat_lost_walk(athar_walk *w, athar_error *err);

#endif
