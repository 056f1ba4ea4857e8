/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The search for the next piece: where a chain went wrong, pairs of a place in the file where a
 * piece may have ended and a block of the space where the next may begin, likeliest first.
 */
#ifndef ATHAR_CARVE_JOIN_SEARCH_H
#define ATHAR_CARVE_JOIN_SEARCH_H

#include "carve/join_chain.h"

/* Places looked at in full: so far back may a piece have ended before it shows. */
#define JOIN_BREAKS 48u
/* Candidates kept that lived long but not long enough. */
#define JOIN_SURVIVORS 6u

typedef struct join_survivor {
	uint64_t block, index, lived;
} join_survivor;

typedef struct join_cursor {
	size_t step;  /* of the schedule */
	uint64_t t;   /* candidates of the step so far */
	size_t b;     /* breaks of the candidate so far */
	bool started; /* the candidate has been looked at */
} join_cursor;

typedef struct join_stage {
	const join_chain *c;
	size_t pieces;                 /* of the chain before the search */
	uint64_t low, high;            /* the piece ended before one of these blocks of the file */
	uint64_t base;                 /* block of the space before `high` */
	join_mark breaks[JOIN_BREAKS]; /* [i]: about to be fed block high - i */
	size_t count;
	join_cursor cursor;
	unsigned kinds; /* bits of the kinds of blocks that it was made of lately */
	bool asking;    /* the guide: candidates are fed to their end */
	bool searched;  /* through with the schedule */
	bool loose; /* the joint found is no more than likely, and at its place all was proven */
	join_survivor best[JOIN_SURVIVORS]; /* the longest lived first */
	size_t survivors;
	uint64_t tries, lived; /* of the candidates that died: how many, bytes they lived in all */
	uint64_t until;        /* work that is to be left when the best are taken */
} join_stage;

typedef enum join_found {
	JOIN_NONE,
	JOIN_LIKELY, /* it lived longer than chance does */
	JOIN_PROVEN  /* a checksum over the joint holds, or the file ends */
} join_found;

/* Where the chain is wrong now. share: one of so many parts of the work left is spent before what
 * lived longest is believed. */
athar_status join_stage_begin(join_stage *s, const join_chain *c, uint64_t high, unsigned share,
                              athar_error *err);
/* *high: the last block that begins something plain (zeros, text) behind packed data, between where
 * the chain may be another and where it is wrong: foreign ones of that kind show late. 0: none. */
athar_status join_stage_turning(uint64_t *high, const join_chain *c, athar_error *err);
void join_stage_clear(join_stage *s);
/* A piece that is worth going on with. */
typedef struct join_next {
	join_found found;
	join_mark before, after; /* the caller turns the chain, which owns both then */
	uint64_t index;
	uint64_t lived;
} join_next;

/* Where the guide points. Only before the chain was turned. */
athar_status join_stage_ask(join_next *a, join_stage *s, const athar_join_guide *guide,
                            athar_error *err);
/* Anywhere, from where the last call stopped. The chain is as long as s->pieces when this is
 * called. */
athar_status join_stage_search(join_next *a, join_stage *s, athar_error *err);

#endif
