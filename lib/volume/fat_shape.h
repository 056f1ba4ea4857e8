/* SPDX-License-Identifier: BSD-2-Clause */
/* Free clusters that have the shape of a directory, and how they hang together. */
#ifndef ATHAR_VOLUME_FAT_SHAPE_H
#define ATHAR_VOLUME_FAT_SHAPE_H

#include "volume/fat_folder.h"
#include "volume/fat_orphans.h"
#include "volume/seen.h"
#include "volume/volume_state.h"

#define ATHAR_FAT_PARENT_UNKNOWN UINT64_MAX

typedef struct athar_fat_shape {
	uint64_t cluster;
	bool loose;  /* FAT: it is not the first cluster of a folder */
	bool inside; /* an entry in another one leads to it */
} athar_fat_shape;

typedef struct athar_fat_shapes {
	athar_fat_shape *shape; /* by cluster */
	size_t count, capacity;
	athar_seen read; /* clusters of deleted folders that were read */
} athar_fat_shapes;

athar_status athar_fat_shapes_find(athar_fat_shapes *out, const athar_fat_orphans *orphans,
                                   const athar_fat *fat, athar_tsk_image *image, athar_error *err);
void athar_fat_shapes_clear(athar_fat_shapes *shapes);

/* A cluster that is free and was not read as part of a folder. */
bool athar_fat_shape_free(const athar_fat_shapes *shapes, athar_volume *volume, uint64_t cluster);
/* FAT: the first cluster of a folder says of itself that it is this one; what lies above it. */
bool athar_fat_shape_parent(uint64_t *parent, const athar_fat *fat, athar_tsk_image *image,
                            uint64_t cluster);
/* The same, and the folder above is this one: 0 for the root, or ATHAR_FAT_PARENT_UNKNOWN. */
bool athar_fat_shape_begins(const athar_fat *fat, athar_tsk_image *image, uint64_t cluster,
                            uint64_t parent);
/* The cluster that goes on with a folder whose last one, `cluster`, is full: that which ends the
 * long name the folder breaks off in, or the next loose one. 0: none. */
uint64_t athar_fat_shape_next(const athar_fat_shapes *shapes, const athar_fat *fat,
                              athar_tsk_image *image, uint64_t cluster,
                              const athar_fat_folder *folder);

#endif
