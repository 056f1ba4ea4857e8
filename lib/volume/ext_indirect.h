/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Deleted files of ext2 and ext3 whose inode is gone: an indirect block is an exact map of the
 * content that follows the first twelve blocks. Which blocks belong together is proven by the
 * format of the content, or not claimed.
 */
#ifndef ATHAR_VOLUME_EXT_INDIRECT_H
#define ATHAR_VOLUME_EXT_INDIRECT_H

#include "volume/walk.h"

/* Gives files that are proven by their format, with their places. */
athar_status athar_ext_indirect_walk(athar_walk *w, athar_error *err);

#endif
