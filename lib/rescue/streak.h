/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Failures in a row, with nothing read between. They may say something of the medium, or only that
 * the drive died: so that they can be taken back, what the map said before them is kept.
 */
#ifndef ATHAR_RESCUE_STREAK_H
#define ATHAR_RESCUE_STREAK_H

#include "rescue/map.h"

/* Where a rescue is, and how much was kept by then. */
typedef struct athar_streak_place {
	uint64_t position;
	athar_map_phase phase;
	unsigned pass;
	size_t kept;
} athar_streak_place;

/* Zero-initialise. */
typedef struct athar_streak {
	uint64_t failures;
	unsigned hung;             /* those of them that hung */
	unsigned proofs;           /* that the drive lives, since something was read last */
	uint64_t lowest, highest;  /* offsets that failed */
	athar_streak_place start;  /* before the first failure */
	athar_streak_place second; /* before the second */
	athar_streak_place hang;   /* before the second that hung */
	athar_map_block *was;      /* what was changed, in order */
	size_t count, capacity;
} athar_streak;

/* Before a read: it may turn out to be the one to go back to. */
void athar_streak_begin(athar_streak *s, const athar_map *map);
void athar_streak_fail(athar_streak *s, uint64_t offset, bool hung);
/* Something was read: what failed before did so on a living drive. */
void athar_streak_end(athar_streak *s);
/* The drive was seen to live, though nothing new was read: the count begins anew. */
void athar_streak_prove(athar_streak *s);
/* A block, or the part of one, is about to change. */
athar_status athar_streak_keep(athar_streak *s, athar_map_block was, athar_error *err);
void athar_streak_clear(athar_streak *s);

#endif
