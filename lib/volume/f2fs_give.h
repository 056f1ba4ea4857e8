/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of F2FS as the walk's user gets them. */
#ifndef ATHAR_VOLUME_F2FS_GIVE_H
#define ATHAR_VOLUME_F2FS_GIVE_H

#include "volume/f2fs_content.h"
#include "volume/walk.h"

/* Gives a version of a file, or a folder, under the path at hand. */
athar_status athar_f2fs_give(athar_walk *w, athar_f2fs_file *file, athar_state state,
                             athar_error *err);

/* Sets the path at hand to that of a file that was not come to by its folder: its own name, below
 * the folders that it and they say they are in, whether these live or not. */
athar_status athar_f2fs_path(athar_walk *w, const athar_f2fs_file *file, athar_error *err);

/* The live tree, below the root. Inodes that were given are added to `given`. */
athar_status athar_f2fs_live_walk(athar_walk *w, athar_f2fs *fs, athar_seen *given,
                                  athar_error *err);
/* What is deleted, and earlier versions of what is not. */
athar_status athar_f2fs_lost_walk(athar_walk *w, athar_f2fs *fs, athar_error *err);

#endif
