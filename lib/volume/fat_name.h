/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names in the directories of FAT and exFAT, from their entries. Pure: bytes in, bytes out.
 *
 * A long name of FAT stands in the entries before the short one, 13 characters each, the last piece
 * first; each has the checksum of the short name. Deletion overwrites the first byte of every
 * entry: the number of the piece and the first letter of the short name. The order is then that of
 * the entries, and the checksum gives the letter back, which has to fit the long name. Of one whose
 * last piece has no end mark the extension has to fit, too: else pieces of it were overwritten, and
 * "[...]" with the extension of the short name stands for them. (Microsoft,
 * FAT file system specification 1.03, long directory entries.)
 */
#ifndef ATHAR_VOLUME_FAT_NAME_H
#define ATHAR_VOLUME_FAT_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ATHAR_FAT_NAME 1024 /* bytes that hold any name: 260 units of UTF-16 */

typedef struct athar_fat_name {
	uint8_t bytes[ATHAR_FAT_NAME]; /* UTF-8; of a short name beyond ASCII: as recorded */
	size_t len;
	size_t pieces; /* entries before the short one that it was taken from; 0: the short name */
} athar_fat_name;

/* A piece of a long name, deleted or not? */
bool athar_fat_name_piece(const uint8_t entry[32]);
/* The checksum of a short name that its long pieces have. */
uint8_t athar_fat_name_sum(const uint8_t entry[32]);
/* The name of the short entry at `entry`, before which `before` more entries lie in order. The
 * first letter of a deleted one that no long name gives back is '_'. */
void athar_fat_name_read(athar_fat_name *out, const uint8_t *entry, size_t before);
/* The name of an exFAT set of so many entries. False: its name entries are not there. */
bool athar_exfat_name_read(athar_fat_name *out, const uint8_t *set, size_t entries);

#endif
