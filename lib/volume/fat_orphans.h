/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Directory entries in free clusters of FAT and exFAT: what is left of folders whose own entry is
 * lost. libtsk looks at every 32 bytes of the free space alone, which takes long and invents files;
 * here the neighbours have to agree: on exFAT the checksum of the set must hold, on FAT the whole
 * cluster must be a piece of a directory.
 */
#ifndef ATHAR_VOLUME_FAT_ORPHANS_H
#define ATHAR_VOLUME_FAT_ORPHANS_H

#include "volume/fat.h"

typedef struct athar_fat_orphan {
	uint64_t address; /* libtsk's */
	uint64_t cluster; /* that the entry lies in */
	uint64_t folder;  /* first cluster of the folder that it describes; 0: a file */
} athar_fat_orphan;

typedef struct athar_fat_orphans {
	athar_fat_orphan *orphan; /* by address */
	size_t count, capacity;
} athar_fat_orphans;

/* beat is called for each piece that was read. */
athar_status athar_fat_orphans_find(athar_fat_orphans *out, const athar_fat *fat,
                                    athar_tsk_image *image, const athar_runs *allocated,
                                    athar_status (*beat)(void *user, athar_error *err), void *user,
                                    athar_error *err);
void athar_fat_orphans_clear(athar_fat_orphans *orphans);
ATHAR_DEFINE_AUTO_VALUE(fat_orphans, athar_fat_orphans, athar_fat_orphans_clear)

#endif
