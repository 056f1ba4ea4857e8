/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The journal of ext3 and ext4: copies of blocks of metadata, transaction by transaction, in a
 * ring. All of the ring is read, not only what a mount would replay: what was checkpointed long ago
 * stays there until it is written over. Facts: Documentation/filesystems/ext4/journal.rst and
 * include/linux/jbd2.h of Linux. All numbers are big-endian.
 *
 * A copy is trusted when the checksum in its tag holds; in journals without checksums, when the
 * block that commits its transaction is there and nothing newer claims its place in the ring.
 */
#ifndef ATHAR_VOLUME_JBD2_H
#define ATHAR_VOLUME_JBD2_H

#include "volume/ext_map.h"

/* Transactions in order: the distance of their numbers from the one the journal would use next, or
 * replay first. The numbers themselves wrap. */
#define ATHAR_JBD2_NOW INT32_MAX /* of what is in its place now */
#define ATHAR_JBD2_OLD INT32_MIN /* of what nothing dates */

typedef struct athar_jbd2_copy {
	uint64_t home; /* the block that it is a copy of */
	int32_t order;
	uint32_t at;  /* block of the journal */
	uint32_t sum; /* as its tag has it */
	bool escaped; /* its first four bytes were the journal's own magic */
} athar_jbd2_copy;

typedef struct athar_jbd2_commit {
	int32_t order;
	athar_ext_time time;
} athar_jbd2_commit;

typedef struct athar_jbd2_super {
	uint32_t block;
	uint32_t first, end; /* blocks of the ring: [first, end) */
	uint32_t blocks;     /* with what follows the ring */
	uint32_t sequence;   /* see ATHAR_JBD2_NOW */
	bool replay;         /* it was not closed: a mount would replay it */
	bool wide;           /* block numbers of 64 bits */
	unsigned sums;       /* of each block: 0: none, else 2 or 3, the version */
	bool fast;           /* it may have fast commits behind the ring */
	uint32_t seed;
} athar_jbd2_super;

typedef struct athar_jbd2 {
	const athar_ext *x; /* borrowed */
	athar_ext_map map;  /* of the journal's own inode */
	athar_jbd2_super super;
	athar_jbd2_copy *copy; /* by home, then by order */
	size_t count, capacity;
	athar_jbd2_commit *commit; /* by order */
	size_t commits, commits_capacity;
	bool fast_commits; /* there are some behind the ring */
	uint64_t broken;   /* blocks of the ring that could not be read */
} athar_jbd2;

/* ---- blocks; pure ---- */

typedef enum athar_jbd2_type {
	ATHAR_JBD2_NONE,
	ATHAR_JBD2_DESCRIPTOR = 1,
	ATHAR_JBD2_COMMIT = 2,
	ATHAR_JBD2_REVOKE = 5
} athar_jbd2_type;

/* 1024 bytes. False: it is none, or one that we do not know. */
bool athar_jbd2_super_read(athar_jbd2_super *out, const uint8_t *bytes);
/* What a block of the ring is, by its first 12 bytes and its checksum. */
athar_jbd2_type athar_jbd2_type_of(const athar_jbd2_super *s, const uint8_t *block);
int32_t athar_jbd2_order_of(const athar_jbd2_super *s, const uint8_t *block);
/* The next tag of a descriptor block: begin with *at 0. False: there is no further one. */
bool athar_jbd2_tag_next(athar_jbd2_copy *out, const athar_jbd2_super *s, const uint8_t *block,
                         uint32_t *at);
athar_ext_time athar_jbd2_commit_time(const uint8_t *block);

/* ---- the journal ---- */

/* Opens the volume's journal. ATHAR_EFORMAT with the reason where it has none that can be read. */
athar_status athar_jbd2_open(athar_jbd2 *out, const athar_ext *x, athar_error *err);
/* Reads the ring and sets `copy` and `commit`. */
athar_status athar_jbd2_scan(athar_jbd2 *j, athar_status (*beat)(void *user, athar_error *err),
                             void *user, athar_error *err);
void athar_jbd2_close(athar_jbd2 *j);
ATHAR_DEFINE_AUTO_VALUE(jbd2, athar_jbd2, athar_jbd2_close)

/* The block as the copy has it. False: it cannot be read, or its checksum does not hold. */
bool athar_jbd2_get(const athar_jbd2 *j, const athar_jbd2_copy *copy, uint8_t *buf);
/* Where in the volume the copy lies; 0: nowhere. */
uint64_t athar_jbd2_place(const athar_jbd2 *j, const athar_jbd2_copy *copy);
/* The newest copy of a block from before a transaction; NULL: there is none. */
const athar_jbd2_copy *athar_jbd2_newest(const athar_jbd2 *j, uint64_t home, int32_t before);
/* NULL: the time of that transaction is not known. */
const athar_jbd2_commit *athar_jbd2_commit_of(const athar_jbd2 *j, int32_t order);
/* Numbers of transactions between that one and the newest whose commit is not there. Each unmount
 * passes over one. */
uint64_t athar_jbd2_lost(const athar_jbd2 *j, int32_t order);
/* Whether the transaction has its commit and a mount would replay it. */
bool athar_jbd2_pending(const athar_jbd2 *j, int32_t order);

#endif
