/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Images in which files lie in pieces, laid out by a seeded generator that keeps the truth.
 */
#ifndef ATHAR_TEST_PIECES_H
#define ATHAR_TEST_PIECES_H

#include "athar_test.h"
#include "carve/join.h"

typedef enum layout_kind {
	PIECES_ONE,      /* in one piece */
	PIECES_GAP,      /* in two, something foreign between */
	PIECES_MANY,     /* in four to seven, in order, something foreign between */
	PIECES_SHUFFLED, /* the same, out of order; the first one stays the first */
	PIECES_BRAIDED,  /* two files of a kind, their pieces by turns */
	PIECES_MISSING,  /* in three, the middle one lost */
	PIECES_KINDS
} layout_kind;

extern const char *const pieces_name[PIECES_KINDS];

typedef struct pieces_file {
	const uint8_t *bytes;
	size_t len;
} pieces_file;

typedef struct pieces_result {
	unsigned tried, right, wrong; /* joined bit for bit, joined otherwise */
	unsigned limited;             /* given up for the work */
} pieces_result;

/* One layout and what is joined of `file`. other: of the same kind, for PIECES_BRAIDED and as what
 * lies between; filler: foreign bytes. */
void pieces_run(pieces_result *out, const char *format, pieces_file file, pieces_file other,
                pieces_file filler, layout_kind kind, uint32_t block, uint64_t seed);

/* Layouts of one kind of this file, at least so many of them joined, and none wrong. What lies
 * between is `other`'s. */
#define PIECES_SEEDS 20u
void pieces_expect(const char *format, pieces_file file, pieces_file other, layout_kind kind,
                   uint32_t block, unsigned least);

/* All bytes of a file; malloc()ed. */
pieces_file pieces_load(const char *path);

uint64_t pieces_random(uint64_t *state);

#endif
