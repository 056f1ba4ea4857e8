/* SPDX-License-Identifier: BSD-2-Clause */
/* The search for the pieces of a JPEG: what join_jpeg.c and jpeg_joints.c share. */
#ifndef ATHAR_CARVE_JPEG_JOINTS_H
#define ATHAR_CARVE_JPEG_JOINTS_H

#include "carve/joiners.h"
#include "format/jpeg_judge.h"

#define BITS(n) ((int64_t)(n)*JPEG_SCORE_BIT)
#define JOINTS_MOST 64u
#define BREAKS_MOST 24u /* places looked at for one break */
#define CHOICES 8u      /* joints tried at one break */

typedef struct step {
	uint64_t index;   /* of the block in the space */
	jpeg_state state; /* behind it */
} step;

/* A joint: the path up to `at` blocks goes on with block `index`. */
typedef struct joint {
	size_t at;
	uint64_t index;
	int64_t worth;  /* what the blocks from there on say for it */
	int64_t gain;   /* over going on as before */
	int64_t second; /* worth of the next best at the same place */
} joint;

typedef struct level {
	joint choice[CHOICES];
	size_t count, next;
	size_t kept; /* blocks of the path that no choice has cut off */
} level;

/* A way that leads to the end. */
typedef struct way {
	uint64_t *index; /* of its blocks */
	size_t count;
	uint64_t end;
	bool more;     /* an index may name pictures behind it */
	int64_t total; /* what all MCUs say for it */
	int64_t clear; /* the least that one of its joints is better than others at its place */
} way;

typedef struct search {
	athar_joining *j;
	const athar_space *space;
	jpeg_judge *judge;
	step *path;
	size_t count, capacity;
	jpeg_state first; /* before the first block */
	level *level;
	size_t levels;
	uint64_t width;      /* blocks tried ahead of a break, and a quarter as many behind */
	size_t breaks, last; /* places looked at for one break, of them just before it showed */
	unsigned nodes, nodes_most;
	way best;
	int64_t second; /* total of the next best */
	bool found;
} search;

/* Behind so many blocks of the path. */
static inline const jpeg_state *jpeg_path_state(const search *s, size_t count)
{
	return count == 0 ? &s->first : &s->path[count - 1].state;
}

/* Goes on from block `index` as far as nothing is wrong, up to `most` blocks of the path. */
athar_status jpeg_path_extend(search *s, uint64_t index, size_t most, athar_error *err);
/* Fills a level with the best joints for the break that shows at the end of the path, at places
 * behind the first `from` blocks. */
athar_status jpeg_joints_look(level *l, search *s, size_t from, athar_error *err);

#endif
