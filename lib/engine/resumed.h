/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A carve that goes on where another one was interrupted: which, what it was asked for, and what it
 * has looked at.
 */
#ifndef ATHAR_ENGINE_RESUMED_H
#define ATHAR_ENGINE_RESUMED_H

#include "engine/asked.h"
#include "engine/standing.h"

struct athar_carving;

typedef struct athar_resumed {
	char *run;      /* that is gone on with; NULL: this one begins anew */
	char *before;   /* of a .partial: the run that it goes on with itself; NULL */
	bool partial;   /* in its own folder; else it was ended, and a new one takes up the rest */
	uint64_t size;  /* of its image */
	uint64_t times; /* that it was gone on with, this one included */
	athar_asked asked;
	athar_json *sessions; /* the earlier ones: started, ended where it is known */
	athar_standing standing;
} athar_resumed;

/* With options.resume: the newest run that did not come to its end, and its options, which from now
 * on are the carve's. ATHAR_EREFUSED when there is none. */
athar_status athar_resumed_find(struct athar_carving *k, athar_error *err);
/* The run to write to: a new one, or the .partial. */
athar_status athar_resumed_open(struct athar_carving *k, athar_error *err);
/* Is the image what it was? */
athar_status athar_resumed_check(const struct athar_carving *k, athar_error *err);
/* asked.json, so that this run can be gone on with. ended 0: it is under way. */
athar_status athar_resumed_save(const struct athar_carving *k, int64_t ended, athar_error *err);
/* Members of run.json: asked and, where it was gone on with, resumed, resumes, sessions. */
void athar_resumed_tell(athar_json *run, const struct athar_carving *k, int64_t ended);
void athar_resumed_clear(athar_resumed *resumed);

/* Has this find an item, so that it need not be looked at again? NULL: it has none. */
athar_status athar_resumed_take(const athar_stand **out, struct athar_carving *k,
                                const athar_find *find, athar_error *err);

#endif
