/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Deleted files of FAT and exFAT, held back until all of them are known: which clusters one had
 * depends on which the others had.
 */
#ifndef ATHAR_VOLUME_FAT_HELD_H
#define ATHAR_VOLUME_FAT_HELD_H

#include "volume/fat_folder.h"
#include "volume/walk.h"

/* How its clusters are known, worst last. */
typedef enum athar_fat_how {
	ATHAR_FAT_OPEN,     /* not yet */
	ATHAR_FAT_RECORDED, /* the entry, or the table, says it */
	ATHAR_FAT_PROVEN,   /* its own content does */
	ATHAR_FAT_FITTING,  /* a rule, and that its last cluster ends where its size does */
	ATHAR_FAT_GUESSED,  /* a rule alone */
	ATHAR_FAT_LOST      /* its first cluster does not exist, or is a live file's */
} athar_fat_how;

#define ATHAR_FAT_TRIED 8

typedef struct athar_fat_held {
	uint64_t at;          /* of the entry, in the image */
	uint64_t size, valid; /* bytes; those of them that were written */
	uint64_t first;
	size_t path;
	uint32_t path_len;
	athar_state state;
	athar_fat_how how;
	bool doubtful, contiguous, recorded; /* as its entry says; `recorded`: by a checksum */
	bool chained;                        /* the table still has its chain */
	bool overwritten; /* recorded, and something else stands behind its end */
	bool ended;       /* recorded, and its last sector shows that it ends there */
	bool known;       /* begins like a format that can prove it */
	/* Where it lies; empty: in one piece from `first` on, or to be guessed. */
	athar_extents extents;
	uint64_t tried[ATHAR_FAT_TRIED]; /* what was tried already */
	unsigned tries;
} athar_fat_held;

typedef struct athar_fat_holding {
	athar_fat_held *held;
	size_t count, capacity;
	uint8_t *paths;
	size_t paths_len, paths_capacity;
} athar_fat_holding;

/* Holds what the entry describes, under the path at hand. ATHAR_ELIMIT: there are too many. */
athar_status athar_fat_hold(athar_fat_holding *out, const athar_walk *w,
                            const athar_fat_dirent *entry, athar_state state, athar_error *err);
void athar_fat_holding_clear(athar_fat_holding *holding);
ATHAR_DEFINE_AUTO_VALUE(fat_holding, athar_fat_holding, athar_fat_holding_clear)

/* Clusters that the size takes. */
static inline uint64_t athar_fat_count(const athar_fat *fat, uint64_t size)
{
	return size / fat->cluster + (size % fat->cluster != 0);
}

/* Finds out where all of them lie, and gives them. Deleted folders are not held. */
athar_status athar_fat_solve(athar_fat_holding *holding, athar_walk *w, athar_error *err);

#endif
