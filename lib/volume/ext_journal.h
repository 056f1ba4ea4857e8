/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Deleted files of ext3 and ext4. Deletion clears the inode; the journal still has copies of the
 * block of the inode table from before, and of the blocks of the folder.
 */
#ifndef ATHAR_VOLUME_EXT_JOURNAL_H
#define ATHAR_VOLUME_EXT_JOURNAL_H

#include "volume/walk.h"

/* Gives what the journal knows and the file system does not: deleted files and earlier versions. */
athar_status athar_ext_journal_walk(athar_walk *w, athar_error *err);

#endif
