/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What lies in the recycle bin: deleted by its user, not by the file system. The bin's own record
 * says where the file was and when it was thrown away. Bins of Windows ($Recycle.Bin, RECYCLER,
 * RECYCLED) and of FreeDesktop.org (.Trash, .Trash-UID, .local/share/Trash).
 */
#ifndef ATHAR_VOLUME_TRASH_H
#define ATHAR_VOLUME_TRASH_H

#include "base/idiom.h"

struct athar_walk;

/* A live file or folder in a bin. */
typedef struct athar_trash_entry {
	uint64_t address;
	size_t path;            /* in athar_trash.paths */
	uint32_t path_len, bin; /* bytes of the path that lead to the bin */
	bool folder;
} athar_trash_entry;

typedef struct athar_trash {
	athar_trash_entry *entry; /* by path, once the walk over live files is done */
	size_t count, capacity;
	uint8_t *paths;
	size_t paths_len, paths_capacity;
	bool full;
} athar_trash;

/* Of every live file and folder that the walk comes by, under the path at hand: remembers what lies
 * in a bin. At most a million. */
athar_status athar_trash_see(struct athar_walk *w, uint64_t address, bool folder, athar_error *err);
/* Gives the live files in the bins of the volume once more, under their former paths. */
athar_status athar_trash_walk(struct athar_walk *w, athar_error *err);
void athar_trash_clear(athar_trash *trash);

/* Bytes of the path that lead to the bin in which it lies; 0: in none. */
size_t athar_trash_bin(const uint8_t *path, size_t len);

#endif
