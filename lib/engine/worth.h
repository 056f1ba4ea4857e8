/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The order of worth: what of a dying medium to read next. Who reads it interprets nothing; a
 * confined worker looks at the image as far as it has grown, and says which ranges it lacks to know
 * more: partition tables first, then all that says where files are, then which blocks are in use.
 *
 *     athar_worth_open()            before threads, before the reader confines itself
 *     for each depth, TABLES first:
 *             do
 *                     athar_worth_ask(&answer, ...what the map lacks...)
 *                     read answer.wanted into the image
 *             while (answer.wanted.count > 0)
 *     read answer.allocated, then the rest
 *
 * Whatever the medium says, this decides the order only: nothing is left out by it.
 */
#ifndef ATHAR_ENGINE_WORTH_H
#define ATHAR_ENGINE_WORTH_H

#include "athar/context.h"
#include "athar/watcher.h"
#include "base/idiom.h"

/* Asks at one depth; after that the rest is read in plain order. */
#define ATHAR_WORTH_ASKS 64u
/* Bytes wanted by one ask: the rest is wanted by the next. */
#define ATHAR_WORTH_BYTES (UINT64_C(16) << 30)
#define ATHAR_WORTH_FINDINGS 64u

typedef enum athar_worth_depth {
	ATHAR_WORTH_TABLES,    /* partition tables, where file systems begin */
	ATHAR_WORTH_METADATA,  /* all that a walk over all files reads: $MFT, inode tables, folders,
	                          FATs, bitmaps */
	ATHAR_WORTH_ALLOCATED, /* only what says which blocks are in use */
	ATHAR_WORTH_DEPTHS
} athar_worth_depth;

typedef struct athar_worth_answer {
	athar_runs wanted;    /* to be read now, in this order; none: this depth has ended */
	athar_runs metadata;  /* what is known to be metadata so far, read or not */
	athar_runs allocated; /* after ATHAR_WORTH_ALLOCATED has ended: blocks in use */
	bool complete;        /* the depth has ended and everything was understood */
	/* What was not understood, in words that can be shown: there the order is the plain one. */
	char finding[ATHAR_WORTH_FINDINGS][300];
	size_t findings;
} athar_worth_answer;

#define ATHAR_WORTH_ANSWER_INIT \
	{ \
		.complete = false \
	}

typedef struct athar_worth athar_worth;

/* image: a raw file that has its full size already (holes are fine), written at full offsets by the
 * caller. Forks the workers: before any thread exists, and before the caller confines itself. */
athar_status athar_worth_open(athar_worth **out, const char *image, uint64_t size,
                              uint32_t sector_size, const athar_context *context, athar_error *err);

/*
 * lacking: all that is not in the image, as athar_map_lacking gives it. What is ATHAR_RUN_BAD there
 * is not wanted, and what was wanted once is not wanted again: where it still lacks it counts as
 * bad. *out is the caller's to clear before each call and at the end.
 *
 * A worker that dies of what the medium says is a finding. ATHAR_ECANCELED: the watcher said stop.
 */
athar_status athar_worth_ask(athar_worth_answer *out, athar_worth *worth, const athar_runs *lacking,
                             athar_worth_depth depth, const athar_watcher *watcher,
                             athar_error *err);
void athar_worth_answer_clear(athar_worth_answer *answer);
ATHAR_DEFINE_AUTO_VALUE(worth_answer, athar_worth_answer, athar_worth_answer_clear)

/* "landlock 7, seccomp", ...: of the workers, for the record. */
const char *athar_worth_confinement(const athar_worth *worth);
void athar_worth_close(athar_worth *worth);
ATHAR_DEFINE_AUTO(worth, athar_worth *, athar_worth_close)

#endif
