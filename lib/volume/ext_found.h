/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the history of inodes has to give: of each life that is over its last state with content, of
 * each that goes on its earlier states whose blocks it has given up since. Where the journal was
 * not replayed, what only it knows to be alive, too.
 */
#ifndef ATHAR_VOLUME_EXT_FOUND_H
#define ATHAR_VOLUME_EXT_FOUND_H

#include "volume/ext_history.h"

typedef struct athar_ext_found {
	size_t life, version; /* in the history */
	athar_state state;    /* deleted, earlier, or live: only a replay brings it */
	int32_t order;        /* the last transaction that has it so */
	athar_ext_inode inode;
	athar_extents extents; /* of the image, covering inode.size */
	uint64_t mapped;       /* blocks that its map has */
	bool whole;            /* the inode's count of blocks says that this is all */
	bool inside;           /* its content lies in the copy of the inode itself */
	uint64_t claimed;      /* bytes of its blocks that the journal says others had later */
	bool headless;         /* its first block is among them: what begins there is theirs */
} athar_ext_found;

typedef struct athar_ext_finds {
	athar_ext_found *found;
	size_t count, capacity;
	size_t extents; /* of all */
	bool full;      /* a bound was reached */
} athar_ext_finds;

athar_status athar_ext_finds_read(athar_ext_finds *out, const athar_ext_history *h,
                                  athar_ext_nodes *nodes,
                                  athar_status (*beat)(void *user, athar_error *err), void *user,
                                  athar_error *err);
void athar_ext_finds_clear(athar_ext_finds *f);
ATHAR_DEFINE_AUTO_VALUE(ext_finds, athar_ext_finds, athar_ext_finds_clear)

/* Sets `claimed` and `headless`: of several that name one block the latest has it; what the journal
 * has a later copy of was metadata then; and what a later bitmap has in use again was anything. */
athar_status athar_ext_finds_settle(athar_ext_finds *f, const athar_jbd2 *j, athar_error *err);

#endif
