/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What FAT and exFAT record and libtsk does not hand on, or only through the time zone of this
 * process: the raw directory entries, the allocation table. libtsk's address of a file there is the
 * place of its directory entry, counted from 3.
 */
#ifndef ATHAR_VOLUME_FAT_H
#define ATHAR_VOLUME_FAT_H

#include "volume/tsk_image.h"

typedef struct athar_fat {
	bool exfat;
	unsigned bits; /* of an entry of the table: 12, 16 or 32 */
	uint32_t sector;
	uint32_t cluster;             /* bytes */
	uint64_t clusters;            /* numbered from 2 */
	uint64_t table, table_length; /* the first FAT, in the image */
	uint64_t entries;             /* where libtsk's address 3 lies in the image */
	uint64_t data;                /* where cluster 2 lies in the image */
	uint64_t root; /* exFAT, FAT32: cluster of the root directory; else 0: before cluster 2 */
	uint64_t end;  /* of the image or the volume */
} athar_fat;

/* A set of exFAT entries: a file. */
typedef struct athar_exfat_set {
	bool proven;     /* its checksum holds, deletion undone */
	size_t entries;  /* that it is made of */
	bool contiguous; /* recorded to lie in one piece */
	bool folder;
	uint64_t first; /* cluster */
	uint64_t size;
	uint64_t valid; /* bytes that were written; zeros follow */
} athar_exfat_set;

#define ATHAR_FAT_ENTRY 32

/* Bits of a table entry for libtsk's file system type. */
unsigned athar_fat_bits(unsigned type);
/* False: the boot sector does not say what is needed. base and length in the image. */
bool athar_fat_open(athar_fat *out, athar_tsk_image *image, uint64_t base, uint64_t length,
                    bool exfat, unsigned bits);
/* The directory entry of libtsk's address. */
bool athar_fat_entry(const athar_fat *fat, athar_tsk_image *image, uint64_t address,
                     uint8_t entry[ATHAR_FAT_ENTRY]);
/* First cluster by a FAT entry; 0: none. *doubtful: its upper half may have been cleared when the
 * file was deleted. */
uint64_t athar_fat_first(const athar_fat *fat, const uint8_t entry[ATHAR_FAT_ENTRY],
                         bool *doubtful);
/* False where the entries could not be read or run over the end of their cluster. */
bool athar_exfat_set_read(athar_exfat_set *out, const athar_fat *fat, athar_tsk_image *image,
                          uint64_t address);
/* The same from bytes at hand, of which there are len. */
bool athar_exfat_set_parse(athar_exfat_set *out, const uint8_t *bytes, size_t len);
/* libtsk's address of the entry at an image offset. */
uint64_t athar_fat_address(const athar_fat *fat, uint64_t offset);
/* Image offset of a cluster; ATHAR_NOWHERE when there is no such cluster. */
uint64_t athar_fat_place(const athar_fat *fat, uint64_t cluster);
/* The entry of the table; false where it cannot be read. */
bool athar_fat_next(const athar_fat *fat, athar_tsk_image *image, uint64_t cluster, uint64_t *next);

/* What the allocation table or bitmap says is in use, the table itself included. Clusters marked as
 * bad are left out: no file has them, and something may be hidden there. */
athar_status athar_fat_allocated(athar_runs *out, const athar_fat *fat, athar_tsk_image *image,
                                 uint64_t base, athar_error *err);
/* The clusters that its table marks as bad. */
athar_status athar_fat_bad(athar_runs *out, const athar_fat *fat, athar_tsk_image *image,
                           athar_error *err);

#endif
