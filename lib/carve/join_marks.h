/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Landmarks that must stand at a certain place of a file: where they are found, the piece that
 * holds them is, and by how far they lie into a block, most of them are another file's.
 */
#ifndef ATHAR_CARVE_JOIN_MARKS_H
#define ATHAR_CARVE_JOIN_MARKS_H

#include "carve/join_order.h"

/* The landmarks of some kinds, and of them those that lie so far into a block. */
typedef struct join_marks {
	athar_joining *j;
	const athar_spot_kind *const *kinds; /* ends with NULL */
	uint32_t lead; /* bytes from the landmark's beginning to the pattern */
	uint32_t rest; /* for which `index` was made */
	bool made;
	uint64_t *index; /* blocks of the space, in order */
	size_t count, capacity;
} join_marks;

void join_marks_clear(join_marks *m);
ATHAR_DEFINE_AUTO_VALUE(marks, join_marks, join_marks_clear)

/* Adds places for the block at `at` of the file, given that a landmark stands at `mark`, at or
 * behind it: those that lead forward first, the nearest of them first. `near` is a block of the
 * space. */
athar_status join_marks_places(uint64_t *out, size_t *count, join_marks *m, uint64_t at,
                               uint64_t mark, uint64_t near, athar_error *err);

/* The place for the block at `at` of the file, when its byte `mark` lies at `place` of the source.
 * False: there is none. */
bool join_place(uint64_t *out, const athar_space *space, uint64_t at, uint64_t mark,
                uint64_t place);

#endif
