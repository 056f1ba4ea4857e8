/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The journal of changes of NTFS, $Extend/$UsnJrnl:$J: which files were deleted, and when. Facts:
 * USN_RECORD_V2 and USN_RECORD_V3 as Microsoft documents them.
 */
#ifndef ATHAR_VOLUME_USN_H
#define ATHAR_VOLUME_USN_H

#include "volume/ntfs_record.h"

struct athar_walk;

#define ATHAR_USN_DELETED UINT32_C(0x80000200) /* deleted, and its last handle closed */

typedef struct athar_usn_record {
	athar_ntfs_ref file, parent;
	uint64_t time; /* FILETIME */
	uint32_t reason;
	bool folder;
	const uint8_t *name; /* UTF-16LE */
	size_t name_len;     /* in characters of two bytes */
} athar_usn_record;

/* The record at *at, a multiple of 8, or behind; *at moves on behind it. False: no more. Bytes that
 * are none are passed over: the journal's beginning is cut off as it grows. */
bool athar_usn_next(athar_usn_record *out, const uint8_t *bytes, size_t len, size_t *at);

/* A deletion. */
typedef struct athar_usn_deletion {
	uint64_t key;    /* athar_ntfs_ref_key of the file */
	uint64_t parent; /* of its folder */
	uint64_t time;   /* FILETIME */
	uint32_t name;   /* in athar_usn.names, UTF-8 */
	uint16_t name_len;
	bool folder;
} athar_usn_deletion;

typedef struct athar_usn {
	athar_usn_deletion *deletion; /* by key */
	size_t count, capacity;
	uint8_t *names;
	size_t names_len, names_capacity;
	bool full;
} athar_usn;

/* Reads the volume's journal, where it has one; at most two million deletions. */
athar_status athar_usn_load(athar_usn *out, struct athar_walk *w, athar_error *err);
/* NULL: no deletion of this use of the record is known. */
const athar_usn_deletion *athar_usn_find(const athar_usn *usn, athar_ntfs_ref file);
void athar_usn_clear(athar_usn *usn);

#endif
