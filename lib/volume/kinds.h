/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What may be found at the start of a volume: the file systems that libtsk reads, and those that it
 * does not, which are named so that nobody takes them for empty space.
 */
#ifndef ATHAR_VOLUME_KINDS_H
#define ATHAR_VOLUME_KINDS_H

#include "volume/tsk_image.h"

/* Families that libtsk is asked for, one by one: its own detection gives up where two of them are
 * found in one place. NULL-terminated by name. */
typedef struct athar_kind_family {
	const char *name;
	TSK_FS_TYPE_ENUM detect;
} athar_kind_family;
extern const athar_kind_family athar_kind_families[];

/* "fat32", "hfs+", ...: of an open file system. */
const char *athar_kind_name(TSK_FS_TYPE_ENUM type);
/* The family that has the kind; NULL for others. */
const athar_kind_family *athar_kind_family_of(const char *kind);

typedef struct athar_kind_unread {
	const char *kind;
	const char *finding;
	uint32_t at;
	uint32_t len;
	const char *magic;
} athar_kind_unread;

/* What begins at offset and is known, but cannot be read here; NULL when nothing is recognised. */
const athar_kind_unread *athar_kind_recognise(athar_tsk_image *image, uint64_t offset);

#endif
