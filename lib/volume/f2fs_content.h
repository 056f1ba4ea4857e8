/* SPDX-License-Identifier: BSD-2-Clause */
/* What a version of a file is made of, and what of it is still its own. */
#ifndef ATHAR_VOLUME_F2FS_CONTENT_H
#define ATHAR_VOLUME_F2FS_CONTENT_H

#include "volume/f2fs_tree.h"

/* What became of a block that a version of a file had. */
typedef enum athar_f2fs_fate {
	ATHAR_F2FS_OWN,      /* nothing says that it was written since */
	ATHAR_F2FS_SHARED,   /* a later version of the file has it too */
	ATHAR_F2FS_IN_USE,   /* the file system uses it now */
	ATHAR_F2FS_TAKEN,    /* another file was given it since */
	ATHAR_F2FS_ZERO,     /* it holds zeros only: perhaps discarded */
	ATHAR_F2FS_UNCERTAIN /* a log may have gone over it after the last checkpoint */
} athar_f2fs_fate;

/* The place has an address in the main area, and is of a version that is not live. */
athar_f2fs_fate athar_f2fs_fate_of(const athar_f2fs_file *file, const athar_f2fs_place *place);

/* Fills extents, readable, assumed and why. */
athar_status athar_f2fs_content_fill(athar_volume_file *out, athar_f2fs_file *file,
                                     athar_error *err);

#endif
