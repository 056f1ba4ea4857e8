/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A file record of NTFS from its bytes, wherever they were found. Pure: bounds, no state, no I/O.
 * All that is given points into the record. Facts: libfsntfs' documentation of the format and the
 * Linux-NTFS project's, as ntfs-3g's layout.h has them.
 */
#ifndef ATHAR_VOLUME_NTFS_RECORD_H
#define ATHAR_VOLUME_NTFS_RECORD_H

#include "base/idiom.h"

#define ATHAR_NTFS_RECORD_LEAST 512u
#define ATHAR_NTFS_RECORD_MOST 4096u
#define ATHAR_NTFS_STRIDE 512u
#define ATHAR_NTFS_ROOT_NUMBER 5u
#define ATHAR_NTFS_FIRST_USER 24u /* records before it belong to the file system itself */

/* Types of attributes. */
enum {
	ATHAR_NTFS_TYPE_STANDARD = 0x10,
	ATHAR_NTFS_TYPE_LIST = 0x20,
	ATHAR_NTFS_TYPE_NAME = 0x30,
	ATHAR_NTFS_TYPE_DATA = 0x80,
	ATHAR_NTFS_TYPE_ROOT = 0x90,
	ATHAR_NTFS_TYPE_ALLOCATION = 0xA0
};

/* Flags of an attribute. */
enum { ATHAR_NTFS_COMPRESSED = 0x0001, ATHAR_NTFS_ENCRYPTED = 0x4000, ATHAR_NTFS_SPARSE = 0x8000 };

/* A record and which of its uses is meant: records are used again, and count it. */
typedef struct athar_ntfs_ref {
	uint64_t number;   /* 48 bits */
	uint16_t sequence; /* 0: not counted */
} athar_ntfs_ref;

typedef struct athar_ntfs_record {
	const uint8_t *bytes; /* with the saved ends of the sectors put back */
	uint32_t size, used;
	bool in_use, folder;
	bool numbered;      /* since Windows XP the header has the number */
	athar_ntfs_ref ref; /* the use that the record describes: freeing it has raised the count */
	athar_ntfs_ref base; /* number 0: it is no continuation of another record */
} athar_ntfs_record;

typedef struct athar_ntfs_attr {
	uint32_t type;
	uint16_t id, flags;
	bool resident;
	const uint8_t *name;  /* UTF-16LE */
	size_t name_len;      /* in characters of two bytes */
	const uint8_t *bytes; /* resident: the content; else the runs */
	size_t len;
	uint64_t first, last;                  /* clusters of the content that the runs describe */
	uint64_t allocated, size, initialized; /* of all the content; only where first is 0 */
	uint32_t unit;                         /* clusters of a unit of compression; 0: none */
} athar_ntfs_attr;

/* $FILE_NAME, which folders keep a copy of. Times are FILETIMEs. */
typedef struct athar_ntfs_name {
	athar_ntfs_ref parent;
	uint64_t created, modified, changed, accessed;
	uint64_t allocated, size;
	bool folder;
	uint8_t space;       /* 0 POSIX, 1 Windows, 2 DOS, 3 both */
	const uint8_t *name; /* UTF-16LE */
	size_t name_len;     /* in characters of two bytes */
} athar_ntfs_name;

/* $STANDARD_INFORMATION. */
typedef struct athar_ntfs_standard {
	uint64_t created, modified, changed, accessed;
	uint32_t flags;
} athar_ntfs_standard;

/* How many bytes the record that begins at `head` (48 bytes) has by its own word; 0: none begins
 * there. */
uint32_t athar_ntfs_record_size(const uint8_t *head);
/* bytes: `size` as athar_ntfs_record_size said; they are changed: the ends of the sectors are put
 * back. False: it is torn, or its chain of attributes does not close. A record that Windows had
 * marked as bad ("BAAD") is taken where it is whole all the same. */
bool athar_ntfs_record_parse(athar_ntfs_record *out, uint8_t *bytes, uint32_t size);
/* The attribute at *at (0: the first); moves *at on. False: no more. */
bool athar_ntfs_attr_next(athar_ntfs_attr *out, const athar_ntfs_record *r, uint32_t *at);
/* False where it is none. */
bool athar_ntfs_name_parse(athar_ntfs_name *out, const uint8_t *bytes, size_t len);
/* The name for people: that of Windows before that of DOS. */
bool athar_ntfs_record_name(athar_ntfs_name *out, const athar_ntfs_record *r);
bool athar_ntfs_record_standard(athar_ntfs_standard *out, const athar_ntfs_record *r);

athar_ntfs_ref athar_ntfs_ref_read(const uint8_t *bytes);
/* Both in one number. */
uint64_t athar_ntfs_ref_key(athar_ntfs_ref ref);

/* At most 3 bytes of UTF-8 a character of two bytes; halves of pairs become U+FFFD. */
size_t athar_ntfs_text(uint8_t *out, const uint8_t *name, size_t name_len);
#define ATHAR_NTFS_TEXT_MOST (255u * 3u)

/* Seconds since 1970 of a FILETIME, and the rest; false: 0, or a year that no clock shows. */
bool athar_filetime(int64_t *seconds, uint32_t *nanoseconds, uint64_t filetime);
/* The other way; 0 for times before 1601. */
uint64_t athar_filetime_of(int64_t seconds, uint32_t nanoseconds);

#endif
