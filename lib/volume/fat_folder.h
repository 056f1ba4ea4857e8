/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The directories of FAT and exFAT, read entry by entry from their clusters: with the names that
 * deletion leaves readable, and without the entries that cannot be any.
 */
#ifndef ATHAR_VOLUME_FAT_FOLDER_H
#define ATHAR_VOLUME_FAT_FOLDER_H

#include "volume/fat.h"
#include "volume/fat_name.h"

/* Its clusters, one behind the other; the root of FAT12 and FAT16 is one large one. */
typedef struct athar_fat_folder {
	uint8_t *bytes;
	size_t len, capacity;
	uint64_t *place; /* of each cluster in the image */
	size_t count, place_capacity;
	size_t unit; /* bytes of a cluster */
} athar_fat_folder;

/* A file or folder that an entry describes. */
typedef struct athar_fat_dirent {
	const uint8_t *entry; /* in the folder's bytes */
	uint64_t at;          /* in the image */
	uint64_t first, size; /* first cluster; 0: none */
	uint64_t valid;       /* bytes that were written; exFAT: zeros follow */
	bool deleted, folder;
	bool doubtful;   /* FAT32: the upper half of `first` may have been cleared */
	bool contiguous; /* exFAT: recorded to lie in one piece */
	bool proven;     /* exFAT: the checksum of the set holds */
	athar_fat_name name;
} athar_fat_dirent;

typedef struct athar_fat_cursor {
	size_t at;
	size_t sure; /* what lies before is known to be entries */
	bool marked; /* the mark behind the last entry was met: what follows is of older times */
	bool strict; /* only what nothing speaks against: for clusters that may be no directory */
	uint64_t left_out; /* entries whose fields contradict each other or the volume */
} athar_fat_cursor;

/* Reads `unit` bytes more. What cannot be read is zeros, and counted in image->failed. ATHAR_ELIMIT
 * where the folder is larger than any. */
athar_status athar_fat_folder_add(athar_fat_folder *folder, athar_tsk_image *image, uint64_t place,
                                  athar_error *err);
void athar_fat_folder_clear(athar_fat_folder *folder);
ATHAR_DEFINE_AUTO_VALUE(fat_folder, athar_fat_folder, athar_fat_folder_clear)

/* The next entry that describes a file or a folder other than the folder itself and its parent;
 * labels are passed over. False: there is none. */
bool athar_fat_folder_next(athar_fat_dirent *out, athar_fat_cursor *cursor,
                           const athar_fat_folder *folder, const athar_fat *fat);
/* No mark ends the last cluster: there may be more of them. */
bool athar_fat_folder_full(const athar_fat_folder *folder);
/* FAT: what the entries "." and ".." of a first cluster say. False: it does not begin with them. */
bool athar_fat_folder_dots(uint64_t *self, uint64_t *parent, const athar_fat *fat,
                           const uint8_t *cluster);

/* FAT: a file or folder that could be one of this volume, by all its fields. */
bool athar_fat_entry_likely(const athar_fat *fat, const uint8_t entry[ATHAR_FAT_ENTRY]);
/* FAT: how many entries a cluster begins with; 0: it is no piece of a directory. */
size_t athar_fat_entries(const athar_fat *fat, const uint8_t *cluster);

#endif
