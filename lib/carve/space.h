/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The space in which the pieces of a file may lie: what nobody owns, in blocks. A file system hands
 * out clusters, so pieces begin and end at the borders of clusters; where no file system is known,
 * at those of sectors.
 */
#ifndef ATHAR_CARVE_SPACE_H
#define ATHAR_CARVE_SPACE_H

#include "athar/bytes.h"
#include "base/idiom.h"

typedef struct athar_space {
	athar_runs runs;  /* of the source; whole blocks each, of kind data */
	uint32_t block;   /* bytes */
	uint64_t *before; /* blocks in all runs before a run; one more than there are runs */
} athar_space;

#define ATHAR_SPACE_INIT \
	{ \
		ATHAR_RUNS_INIT, 0, NULL \
	}

/* *out: the whole blocks that lie in `free`. Blocks are counted from `base`, any offset that is the
 * border of one. */
athar_status athar_space_make(athar_space *out, const athar_runs *free, uint32_t block,
                              uint64_t base, athar_error *err);
void athar_space_clear(athar_space *space);
ATHAR_DEFINE_AUTO_VALUE(space, athar_space, athar_space_clear)

uint64_t athar_space_count(const athar_space *space); /* blocks */
/* Offset in the source of the block with this index, which must be below the count. */
uint64_t athar_space_at(const athar_space *space, uint64_t index);
/* The index of the block that holds this offset; false: none does. */
bool athar_space_index(uint64_t *index, const athar_space *space, uint64_t offset);
/* Bytes from this offset to the end of its free run; 0 where it is in none. */
uint64_t athar_space_left(const athar_space *space, uint64_t offset);

#endif
