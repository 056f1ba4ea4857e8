/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the boot sector and the file records of NTFS say of where things are. Pure: bounds, no
 * state, no I/O. Places are bytes from the volume's beginning; whether they lie in it is for the
 * caller to see.
 */
#ifndef ATHAR_VOLUME_LAYOUT_NTFS_H
#define ATHAR_VOLUME_LAYOUT_NTFS_H

#include "base/idiom.h"

#define ATHAR_NTFS_BOOT 512u

typedef struct athar_ntfs_layout {
	uint32_t sector, cluster, record;
	uint64_t size;        /* of the volume, without its last sector */
	uint64_t mft, mirror; /* where they begin */
} athar_ntfs_layout;

/* Types of attributes. */
enum { ATHAR_NTFS_LIST = 0x20, ATHAR_NTFS_DATA = 0x80 };

typedef struct athar_ntfs_attribute {
	uint32_t type;
	bool named, resident;
	const uint8_t *bytes; /* resident: its content; else its runs */
	size_t len;
	uint64_t first; /* the first of its clusters that this part describes */
	uint64_t size;  /* of all its content; 0 in parts after the first */
} athar_ntfs_attribute;

bool athar_ntfs_layout_read(athar_ntfs_layout *out, const uint8_t *boot);
/* Puts the saved last bytes of each 512 back. False: no file record, or a torn one. */
bool athar_ntfs_record_open(uint8_t *record, uint32_t size);
/* The attribute at *at (0: the first); moves *at on. False: no more. */
bool athar_ntfs_attribute_next(athar_ntfs_attribute *out, const uint8_t *record, uint32_t size,
                               uint32_t *at);
/* The pieces that runs name, in order; holes are left out. */
athar_status athar_ntfs_runs_each(const athar_ntfs_layout *l, const uint8_t *runs, size_t len,
                                  athar_status (*piece)(void *user, uint64_t offset,
                                                        uint64_t length, athar_error *err),
                                  void *user, athar_error *err);
/* The record that entry number n of an attribute list says holds a part of `type` without a name;
 * 0: it says something else. *at as above. False: no more. */
bool athar_ntfs_list_next(uint64_t *record, const uint8_t *list, size_t len, uint32_t type,
                          size_t *at);

#endif
