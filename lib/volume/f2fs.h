/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * F2FS, the file system of most Android phones, read natively: libtsk does not know it. Nodes and
 * data are written out of place, so what was deleted, and older versions of what lives on, stay
 * behind whole until their segment is used again or discarded.
 */
#ifndef ATHAR_VOLUME_F2FS_H
#define ATHAR_VOLUME_F2FS_H

#include "volume/tsk_image.h"
#include "volume/volume.h"

typedef struct athar_f2fs athar_f2fs;
struct athar_walk;

/* Fills kind, label, block_size, blocks, finding of a volume that begins at info->offset; false: no
 * F2FS begins there. */
bool athar_f2fs_describe(athar_volume_info *info, athar_tsk_image *image);

/* ATHAR_EFORMAT where no checkpoint holds. The image is borrowed. */
athar_status athar_f2fs_open(athar_f2fs **out, athar_tsk_image *image,
                             const athar_volume_info *info, athar_error *err);
void athar_f2fs_close(athar_f2fs *fs);

/* As athar_volume_allocated says. */
athar_status athar_f2fs_allocated(athar_runs *out, athar_f2fs *fs, athar_error *err);

/* Gives all files through athar_walk_hand_over: live ones first, then, unless named_only, what is
 * deleted and what is earlier. */
athar_status athar_f2fs_walk(struct athar_walk *w, athar_f2fs *fs, athar_error *err);

/* As athar_volume_read says: of files with derived extents. */
athar_status athar_f2fs_read(size_t *got, athar_f2fs *fs, uint64_t meta, void *buf, size_t len,
                             uint64_t offset, athar_error *err);

#endif
