/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The task of a worker that looks for the pieces of one file. The space in which they may lie comes
 * with each request; what was learned of it is kept as long as it is the same one.
 */
#ifndef ATHAR_ENGINE_JOIN_TASK_H
#define ATHAR_ENGINE_JOIN_TASK_H

#include "carve/join.h"
#include "engine/find.h"
#include "engine/wire.h"

/* Runs of a space that a request may carry: 2 MiB. Of a space in more pieces, those nearest to the
 * file's beginning. */
#define ATHAR_JOIN_RUNS (1u << 17)

/* Of a worker; zero-initialise. Never released: it ends with its process. */
typedef struct athar_join_task {
	uint64_t generation; /* of the space; 0: none yet */
	athar_space space;
	athar_joining *joining;
} athar_join_task;

typedef struct athar_join_request {
	uint64_t generation; /* another number for another space; not 0 */
	uint32_t block;
	uint64_t base;
	const athar_runs *free; /* borrowed */
	uint64_t start;
	uint64_t work;
	const char *format;
} athar_join_request;

/* Behind the number of the task. */
void athar_join_request_wire(athar_wire *w, const athar_join_request *request);

/* Reads the rest of such a request and does it. *done: out is a find by fragments. *given_up: its
 * work was used up. */
athar_status athar_join_task_run(athar_find *out, bool *done, bool *given_up, athar_join_task *task,
                                 athar_source *source, athar_unwire *request, athar_error *err);

#endif
