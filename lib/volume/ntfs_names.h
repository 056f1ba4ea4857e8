/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files of which only the name is left: in removed entries of folders, in blocks of folders in free
 * space, in the journal of changes and in the log.
 */
#ifndef ATHAR_VOLUME_NTFS_NAMES_H
#define ATHAR_VOLUME_NTFS_NAMES_H

#include "volume/ntfs_give.h"

/* Gives the names that lead to nothing that is there or was given: in the folders' blocks and
 * records, in the journal of changes, in $LogFile, in blocks that were found in free space. */
athar_status athar_ntfs_names_walk(athar_ntfs_lost *l, athar_error *err);

#endif
