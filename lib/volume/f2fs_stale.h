/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Node blocks that the file system no longer uses: what deleted files and earlier versions of files
 * are known by. One pass over the blocks of the main area that are not in use finds them all; each
 * says itself which node of which inode it is and which checkpoint it came after.
 */
#ifndef ATHAR_VOLUME_F2FS_STALE_H
#define ATHAR_VOLUME_F2FS_STALE_H

#include "volume/f2fs_state.h"

struct athar_walk;

/* Nodes remembered; 24 bytes each. */
#define ATHAR_F2FS_STALE_MOST ((size_t)8 << 20)

typedef struct athar_f2fs_stale_node {
	uint32_t ino, place;
	uint32_t version; /* low half of the checkpoint's */
	uint32_t rank;    /* of its segment among those that were filled after that checkpoint */
	uint32_t address;
	uint32_t nid;
} athar_f2fs_stale_node;

/* The newest stale node that says where the block is; 0: none says so. */
typedef struct athar_f2fs_claim {
	uint32_t version, node;
} athar_f2fs_claim;

/* "The log went from this segment on to that one after this checkpoint." */
typedef struct athar_f2fs_link {
	uint32_t version, from, to, rank;
} athar_f2fs_link;

typedef struct athar_f2fs_stale {
	athar_f2fs_stale_node *node; /* by inode, place, number and age */
	size_t count, capacity;
	athar_f2fs_claim **claim; /* a page of 512 for each segment, or NULL */
	uint32_t segments;
	uint8_t *zero;         /* a bit a block of the main area: nothing but zeros */
	athar_f2fs_link *link; /* by version and segment, once it is ordered */
	size_t links, link_capacity;
	bool full; /* not all are remembered */
} athar_f2fs_stale;

/* Finds them, unless that was done before. w, which is told that it goes on, may be NULL. */
athar_status athar_f2fs_stale_load(athar_f2fs *fs, struct athar_walk *w, athar_error *err);
void athar_f2fs_stale_free(athar_f2fs_stale *stale);

/* Those of an inode at one place with this number, oldest first; count 0: none. With
 * ATHAR_F2FS_ANY those of all numbers, one number's after another's. */
#define ATHAR_F2FS_ANY UINT32_MAX
const athar_f2fs_stale_node *athar_f2fs_stale_find(size_t *count, const athar_f2fs *fs,
                                                   uint32_t ino, uint32_t place, uint32_t nid);
/* Whether there are any at places [from, to). */
bool athar_f2fs_stale_any(const athar_f2fs *fs, uint32_t ino, uint32_t from, uint32_t to);

/* < 0: a was written before b. */
int athar_f2fs_stale_compare(const athar_f2fs_stale_node *a, const athar_f2fs_stale_node *b);
/* The rank that a node of this version has there. */
uint32_t athar_f2fs_stale_rank(const athar_f2fs *fs, uint32_t version, uint32_t address);

athar_f2fs_claim athar_f2fs_stale_claim(const athar_f2fs *fs, uint32_t address);
bool athar_f2fs_stale_zero(const athar_f2fs *fs, uint32_t address);

/* Orders the links: f2fs_order.c. */
athar_status athar_f2fs_links_add(athar_f2fs_stale *stale, uint32_t version, uint32_t from,
                                  uint32_t to, athar_error *err);
void athar_f2fs_links_order(athar_f2fs_stale *stale);

#endif
