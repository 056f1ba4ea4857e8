/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Entries of folders of F2FS, in blocks of their own or inside the inode. Pure. Source:
 * include/linux/f2fs_fs.h of Linux, struct f2fs_dentry_block.
 */
#ifndef ATHAR_VOLUME_F2FS_DENTRY_H
#define ATHAR_VOLUME_F2FS_DENTRY_H

#include "volume/f2fs_super.h"

typedef struct athar_f2fs_entry {
	uint32_t ino;
	const uint8_t *name; /* raw; borrowed */
	size_t name_len;
} athar_f2fs_entry;

/* Where a table of `len` bytes has its parts. */
typedef struct athar_f2fs_entries {
	const uint8_t *bits, *entry, *name;
	size_t count;
	size_t at; /* the slot looked at next */
} athar_f2fs_entries;

/* A block, or the room that an inode has for entries. */
athar_f2fs_entries athar_f2fs_entries_of_block(const uint8_t *block);
athar_f2fs_entries athar_f2fs_entries_inline(const uint8_t *bytes, size_t len);

/* The next one in use, but for "." and ".."; false: there is none. */
bool athar_f2fs_entries_next(athar_f2fs_entry *out, athar_f2fs_entries *x);

#endif
