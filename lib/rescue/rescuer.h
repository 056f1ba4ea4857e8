/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A rescue on its way: what the passes share. The map's phase, pass and position are where it is;
 * they are moved on only after what lies before them is in the map.
 */
#ifndef ATHAR_RESCUE_RESCUER_H
#define ATHAR_RESCUE_RESCUER_H

#include "rescue/pace.h"
#include "rescue/rescue.h"
#include "rescue/streak.h"

/* A part of the domain that has one state. */
typedef struct athar_piece {
	uint64_t offset, end;
} athar_piece;

typedef struct athar_rescuer {
	const athar_rescue_spec *spec;
	athar_map *map;
	athar_runs domain; /* widened to sectors */
	uint8_t *buffer;   /* as many clusters as a read may have */
	uint32_t cluster;
	uint32_t strides; /* at most */
	uint32_t stride;  /* clusters of a copying read: more where all is well */
	uint32_t well;    /* clusters read since something was not */
	bool backwards;   /* the pass goes down */
	bool over;        /* out.end says why */
	athar_rescue out;
	athar_rescue_progress progress;
	athar_pace pace;
	uint64_t skip;      /* what was left behind the last failure; 0 after a good read */
	uint64_t slow_skip; /* what was left in a slow area; 0 when it is slow no more */
	athar_streak streak;
	uint64_t probes;       /* of good sectors, so far */
	unsigned hangs;        /* reads that hung, so far */
	uint64_t last_failure; /* ATHAR_NOWHERE: none */
	int64_t started, ticked, saved;
	uint64_t unsaved; /* bytes read since the last save */
} athar_rescuer;

/* How a read went, for who decides where to go next. */
typedef struct athar_tried {
	uint64_t good; /* bytes */
	bool whole;    /* all of it was good */
	bool vague;    /* a read of many clusters failed somewhere: nothing is marked for it */
	int64_t took;  /* nanoseconds */
} athar_tried;

/* rescue.c: between two reads. Tells, saves, and sees whether it is time to stop. */
athar_status athar_rescuer_pause(athar_rescuer *r, athar_error *err);
void athar_rescuer_stop(athar_rescuer *r, athar_rescue_end end, uint64_t where);

/* piece.c: the next piece of that state from the map's position on in the direction of the pass,
 * cut at the position. False: there is none. */
bool athar_piece_next(athar_piece *out, const athar_rescuer *r, athar_map_state state);
/* Is there any, wherever the position is? */
bool athar_piece_any(const athar_rescuer *r, athar_map_state state);
/* Does the byte before it, or the byte behind it, have that state? */
bool athar_piece_follows(const athar_rescuer *r, const athar_piece *p, athar_map_state state);
bool athar_piece_precedes(const athar_rescuer *r, const athar_piece *p, athar_map_state state);
/* What is read first of a piece: up to `unit` bytes from its end where the pass begins, in whole
 * sectors, which may reach out of a piece that another tool left. */
athar_piece athar_piece_slice(const athar_rescuer *r, const athar_piece *p, uint32_t unit,
                              bool backwards);

/* attempt.c: makes a range one state, and counts. */
athar_status athar_rescuer_mark(athar_rescuer *r, uint64_t from, uint64_t to, athar_map_state state,
                                athar_error *err);
/* Reads the slice. What is good is written and finished; what is not becomes bad where it lies in
 * the piece and is one sector, untrimmed where it is more. */
athar_status athar_rescuer_try(athar_tried *out, athar_rescuer *r, const athar_piece *p,
                               const athar_piece *slice, athar_error *err);

/* doubt.c: after a failure. Is it the medium, or is the drive dying or hanging? */
athar_status athar_rescuer_doubt(athar_rescuer *r, athar_error *err);
/* At the end: were the last failures the medium's? */
athar_status athar_rescuer_settle(athar_rescuer *r, athar_error *err);
/* The device went away while the slice was read. */
athar_status athar_rescuer_lost(athar_rescuer *r, const athar_piece *slice, athar_error *err);

/* The phases: each goes on from the map's position, and ends with none of its pieces left, or over.
 */
athar_status athar_rescuer_copy(athar_rescuer *r, athar_error *err);
athar_status athar_rescuer_trim(athar_rescuer *r, athar_error *err);
athar_status athar_rescuer_scrape(athar_rescuer *r, athar_error *err);
athar_status athar_rescuer_retry(athar_rescuer *r, athar_error *err);
/* The map enters a phase at the beginning of a pass. */
void athar_rescuer_enter(athar_rescuer *r, athar_map_phase phase, unsigned pass);

#endif
