/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One window of a search, in a worker, and what it says of it.
 */
#ifndef ATHAR_ENGINE_SEARCH_TASK_H
#define ATHAR_ENGINE_SEARCH_TASK_H

#include "carve/search.h"
#include "engine/wire.h"
#include "jail/jail.h"

#define ATHAR_SEARCH_WINDOW ((uint64_t)16 << 20)
/* Ranges of one window that could not be read and are told one by one: the last one spans the
 * rest. */
#define ATHAR_SEARCH_BAD 2048u

/* Made before the workers are forked, and shared by them. */
typedef struct athar_search_plan {
	const athar_patterns *patterns;
	size_t count; /* of patterns */
	unsigned context;
} athar_search_plan;

typedef struct athar_search_task {
	const athar_search_plan *plan;
	athar_searcher *searcher;
	uint8_t *buffer;
} athar_search_task;

/* Whatever fails here ends the process. */
athar_status athar_search_task_open(athar_search_task *task, const athar_search_plan *plan,
                                    athar_error *err);
/* The task's number has been read. Answers: UNREAD, HIT ..., CUT ... */
athar_status athar_search_task_run(athar_search_task *task, athar_source *source, athar_unwire *u,
                                   athar_jail_reply *reply, athar_error *err);

/* ---- the messages ---- */

void athar_search_request(athar_wire *w, uint64_t start, uint64_t length);

/* Numbers only; texts are borrowed from the message. */
typedef struct athar_search_found {
	uint64_t offset, length;
	size_t pattern;
	athar_search_encoding encoding;
	athar_bytes before, text, after;
} athar_search_found;

void athar_search_found_wire(athar_wire *w, const athar_search_found *found);
/* pattern is below `patterns`, lengths are within their bounds. */
athar_status athar_search_found_unwire(athar_search_found *out, size_t patterns,
                                       athar_bytes message, athar_error *err);

#endif
