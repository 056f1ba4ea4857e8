/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * By what a source is known again: before and after it was read, and when it has been away.
 */
#ifndef ATHAR_ENGINE_IDENTITY_H
#define ATHAR_ENGINE_IDENTITY_H

#include <sys/types.h>

#include "base/idiom.h"

/* How strong it is. Each of them also takes in size, sector size and model. */
typedef enum athar_identity_kind {
	ATHAR_IDENTITY_NODE,    /* its place alone: whether it has been away can be told, whether it
	                           is the same that came back cannot */
	ATHAR_IDENTITY_BACKING, /* no hardware: the file behind a loop device, the id of a mapped
	                           one */
	ATHAR_IDENTITY_INODE,   /* a regular file: its inode, size and time of change */
	ATHAR_IDENTITY_WWN,
	ATHAR_IDENTITY_SERIAL /* also the weakest hardware has one; cheap sticks share theirs */
} athar_identity_kind;

typedef struct athar_identity {
	athar_identity_kind kind;
	char *path;                           /* the node, or the file */
	char *model, *serial, *wwn, *backing; /* NULL where nothing is said */
	bool device;
	uint64_t size;
	uint32_t sector_size;
	unsigned partition; /* 0: a whole disk */
	uint64_t start;     /* of the partition, in bytes */
	uint64_t instance;  /* grows with every device that appears; 0: not said */
	uint64_t inode;     /* files only, as the two below */
	int64_t changed, changed_nanoseconds;
} athar_identity;

/* What stands at `path`: a block device, by sysfs and without opening it, or a regular file.
 * ATHAR_EIO where there is nothing. */
athar_status athar_identity_at(athar_identity *out, const char *path, athar_error *err);
/* Of a device by its folder of sysfs. */
athar_status athar_identity_of(athar_identity *out, const char *folder, athar_error *err);
void athar_identity_clear(athar_identity *identity);
ATHAR_DEFINE_AUTO_VALUE(identity, athar_identity, athar_identity_clear)

/* "serial", "wwn", "backing", "inode", "node". */
const char *athar_identity_name(athar_identity_kind kind);

/* ATHAR_OK: by all that is known it is the same. ATHAR_EREFUSED names what differs. */
athar_status athar_identity_same(const athar_identity *then, const athar_identity *now,
                                 athar_error *err);

/* Is it the serial number that was expected: the whole of it, or four or more of its last
 * characters? A source without a serial number never matches. */
bool athar_serial_matches(const char *expected, const athar_source_info *info);

#endif
