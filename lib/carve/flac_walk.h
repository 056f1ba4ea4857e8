/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A FLAC file frame after frame: join_flac.c goes on as long as the frames do, flac_break.c finds
 * where one goes on that does not lie in one piece, flac_frames.c knows where frames begin.
 */
#ifndef ATHAR_CARVE_FLAC_WALK_H
#define ATHAR_CARVE_FLAC_WALK_H

#include "carve/trail.h"
#include "format/flac.h"

#define ATHAR_FLAC_MOST (256u << 10) /* bytes of a frame that is joined */

/* A header whose CRC holds and that is of a sound like the file's. */
typedef struct athar_flac_mark {
	uint64_t at; /* in the source */
	uint64_t number;
	bool by_sample;
} athar_flac_mark;

/* By number, those of one number in the order of the source. */
typedef struct athar_flac_marks {
	athar_flac_mark *mark;
	size_t count, capacity;
} athar_flac_marks;

typedef struct athar_flac_walk {
	athar_trail trail;
	flac_info info;
	flac_bits bits;
	athar_flac_marks marks;
	uint64_t at;                /* in the file: where the next frame begins */
	uint64_t frames, samples;   /* so far */
	bool firm;                  /* what comes before the first frame is known up to it */
	bool by_sample;             /* frames are numbered by their samples */
	uint64_t shortest, longest; /* frame so far, in bytes */
	size_t most;                /* bytes of the longest frame */
	uint8_t *left, *right, *whole, *kept; /* room for a frame each */
} athar_flac_walk;

athar_status athar_flac_marks_find(athar_flac_marks *out, athar_joining *j, const flac_info *info,
                                   athar_error *err);
void athar_flac_marks_clear(athar_flac_marks *marks);
/* The index of the first with this number, or of what is behind it. */
size_t athar_flac_marks_from(const athar_flac_marks *marks, uint64_t number);

/* May the frame come next? */
bool athar_flac_fits(const athar_flac_walk *w, const flac_frame *f);
/* The frame at w->at as the trail leads. */
athar_status athar_flac_next(bool *good, flac_frame *f, size_t *len, athar_flac_walk *w,
                             athar_error *err);
/* *solved: the trail leads through a sound frame that fits at w->at. */
athar_status athar_flac_mend(bool *solved, athar_flac_walk *w, athar_error *err);

#endif
