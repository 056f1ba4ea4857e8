/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the first sector of FAT and exFAT says of where things are. Pure: bounds, no state, no I/O.
 * Places are bytes from the volume's beginning; whether they lie in it is for the caller to see.
 */
#ifndef ATHAR_VOLUME_LAYOUT_FAT_H
#define ATHAR_VOLUME_LAYOUT_FAT_H

#include "base/idiom.h"

#define ATHAR_FAT_BOOT 512u

typedef struct athar_fat_layout {
	bool exfat;
	unsigned bits; /* of an entry of the table; exFAT: 32 */
	uint32_t sector, cluster;
	uint64_t clusters;      /* numbered from 2 */
	uint64_t reserved;      /* bytes before the first table */
	uint64_t table, tables; /* bytes of one that are in use, and of all with their padding */
	uint64_t root, root_length; /* FAT12 and FAT16: where it lies; else 0 */
	uint64_t root_cluster;      /* FAT32 and exFAT, else 0 */
	uint64_t data;              /* where cluster 2 lies */
} athar_fat_layout;

/* ATHAR_FAT_BOOT bytes. False: they are no such boot sector. */
bool athar_fat_layout_read(athar_fat_layout *out, const uint8_t *boot, bool exfat);
/* The cluster that follows in the table, of which the bytes of one entry are given: 2 for 12 and 16
 * bits, else 4. False: none does. */
bool athar_fat_layout_next(uint64_t *next, const athar_fat_layout *l, const uint8_t *entry,
                           uint64_t cluster);
/* Where its entry begins in the table. */
uint64_t athar_fat_layout_entry(const athar_fat_layout *l, uint64_t cluster);

/* A folder or a table of the system that an entry of a folder tells of. */
typedef struct athar_fat_child {
	uint64_t cluster;
	uint64_t length; /* bytes; 0: as far as the chain goes */
	bool contiguous; /* the table says nothing of it */
	bool map;        /* exFAT: the bitmap of what is in use */
	bool folder;
	bool deleted;
} athar_fat_child;
/* Each child in a folder's bytes. exFAT: of a set whose entries lie in them. */
athar_status athar_fat_layout_children(const athar_fat_layout *l, const uint8_t *bytes, size_t len,
                                       athar_status (*child)(void *user, const athar_fat_child *c,
                                                             athar_error *err),
                                       void *user, athar_error *err);

#endif
