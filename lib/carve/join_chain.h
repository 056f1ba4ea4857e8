/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Blocks of the space in the order of a file, and a validator that has been fed them.
 */
#ifndef ATHAR_CARVE_JOIN_CHAIN_H
#define ATHAR_CARVE_JOIN_CHAIN_H

#include "carve/join_order.h"

/* Pieces of one file; what lies in more is given up. */
#define JOIN_PIECES 512u
/* States kept of the last piece. */
#define JOIN_MARKS 64u

/* From this block of the file on, the blocks of the space from `index` on. */
typedef struct join_piece {
	uint64_t block, index;
} join_piece;

typedef struct join_mark {
	uint64_t block; /* the state is about to be fed this one */
	void *state;
	athar_fed fed; /* what it said of the block before */
} join_mark;

typedef struct join_chain {
	athar_joining *j;
	const athar_validator *v;
	uint32_t size; /* of a block */
	join_piece piece[JOIN_PIECES];
	size_t pieces;
	void *state;    /* fed all blocks before `block`, and where it is wrong that one too */
	uint64_t block; /* the next */
	athar_fed fed;
	join_mark mark[JOIN_MARKS]; /* in order, first of them at the beginning of the last piece or
	                               before what is proven */
	size_t marks;
	uint64_t every; /* so many blocks between two marks */
} join_chain;

/* The file's first block, and nothing fed. */
athar_status join_chain_begin(join_chain *c, athar_joining *j, const athar_validator *v,
                              athar_error *err);
void join_chain_clear(join_chain *c);
ATHAR_DEFINE_AUTO_VALUE(chain, join_chain, join_chain_clear)

/* Where block n of the file lies in the space, and whether a block of the space is one of the first
 * n of the file. */
uint64_t join_chain_index(const join_chain *c, uint64_t n);
bool join_chain_holds(const join_chain *c, uint64_t index, uint64_t n);

/* Feeds one block of the space to a state, with what that costs. *len: bytes fed. */
athar_status join_feed(athar_fed *fed, const join_chain *c, void *state, uint64_t index,
                       athar_error *err);
/* Feeds block after block until they are wrong, the file ends, or the space does. */
athar_status join_chain_run(join_chain *c, athar_error *err);
/* The first block of the file that may be another one than it is. */
uint64_t join_chain_low(const join_chain *c);
/* *out: a state that is about to be fed block n of the file, which lies between the first mark and
 * the place where it went wrong. */
athar_status join_chain_state(join_mark *out, const join_chain *c, uint64_t n, athar_error *err);
/* A copy with a state of its own. */
athar_status join_mark_copy(join_mark *out, const join_chain *c, const join_mark *m,
                            athar_error *err);
/* From before->block of the file on, it goes on at `index`; of the new piece `after` has seen all
 * blocks before after->block. Both become the chain's, also when it fails. */
athar_status join_chain_turn(join_chain *c, const join_mark *before, uint64_t index,
                             const join_mark *after, athar_error *err);
/* What it is made of up to where it ends. */
athar_status join_chain_extents(athar_extents *out, const join_chain *c, athar_error *err);

#endif
