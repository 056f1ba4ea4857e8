/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A pool of confined worker processes for everything that interprets evidence. The supervisor reads
 * frames, counts, bounds and puts in order; it interprets nothing.
 *
 * Workers are forked before any thread exists. Each runs `setup` (opens its own source handle: a
 * descriptor shared across a fork shares its offset), then locks down (Landlock: nothing; seccomp:
 * a list; rlimits), then serves tasks. A worker that dies, hangs or runs out of its limits ends its
 * task as a finding, and a new one takes its place.
 *
 * Messages and ends are delivered to the supervisor in task order, whatever the number of workers
 * and whichever finishes first. A worker whose turn has not come is simply not read any further
 * than its buffer allows; the time it waits so does not count against it.
 */
#ifndef ATHAR_JAIL_JAIL_H
#define ATHAR_JAIL_JAIL_H

#include "athar/bytes.h"
#include "athar/context.h"
#include "base/idiom.h"

typedef struct athar_jail athar_jail;
typedef struct athar_jail_reply athar_jail_reply; /* the worker's way out */

typedef struct athar_jail_limits {
	uint64_t memory;  /* address space of a worker, beyond what it has at the fork; 0: 1 GiB */
	unsigned seconds; /* of a task, wall clock without waiting for the supervisor; 0: 600 */
	unsigned idle_seconds; /* without any message or beat; 0: 120 */
	uint64_t output;       /* bytes of messages of a task; 0: unlimited */
	uint64_t messages;     /* of a task; 0: unlimited */
} athar_jail_limits;

typedef struct athar_jail_spec {
	unsigned workers; /* at least 1 */
	athar_jail_limits limits;
	bool unconfined; /* go on where the kernel cannot confine; athar_jail_confined says what was
	                    had */
	size_t buffer;   /* bytes kept of each worker whose turn has not come; 0: 4 MiB */
	/* In the child, before it is locked down: opens what it needs. What the supervisor had open
	 * is closed right after it: it may be copied (dup), and is not closed, here. */
	athar_status (*setup)(void **state, void *user, athar_error *err);
	/* In the child, confined. What it returns becomes the end of the task. */
	athar_status (*task)(void *state, athar_bytes request, athar_jail_reply *reply,
	                     athar_error *err);
	void *user;
} athar_jail_spec;

/* Forks the workers. ATHAR_EREFUSED where the kernel has no Landlock or seccomp and unconfined is
 * not set. A setup that fails in the first worker fails here, with its text. */
athar_status athar_jail_open(athar_jail **out, const athar_jail_spec *spec, athar_error *err);
void athar_jail_close(athar_jail *jail);
ATHAR_DEFINE_AUTO(jail, athar_jail *, athar_jail_close)

/* "landlock 7, seccomp", "seccomp", "none": for the record. */
const char *athar_jail_confinement(const athar_jail *jail);
/* Workers replaced so far. */
uint64_t athar_jail_lost(const athar_jail *jail);

/* In the worker. Blocks while the supervisor has no room. type is the caller's, below 0x80000000;
 * payloads up to 16 MiB. */
athar_status athar_jail_send(athar_jail_reply *reply, uint32_t type, const void *bytes, size_t len,
                             athar_error *err);
/* Short messages from here on may wait until the task ends or says something longer, and go
 * together with that: for a task whose messages are worth nothing without its end. */
void athar_jail_hold(athar_jail_reply *reply);
/* "I am alive, at this place": resets the idle clock. `done` reaches the supervisor's progress. */
athar_status athar_jail_beat(athar_jail_reply *reply, uint64_t done, athar_error *err);

typedef enum athar_jail_end_kind {
	ATHAR_JAIL_DONE,
	ATHAR_JAIL_FAILED,  /* the task returned a failure; error has it */
	ATHAR_JAIL_CRASHED, /* signal says which; SIGSYS: it tried what it may not */
	ATHAR_JAIL_TIMEOUT, /* seconds or idle_seconds ran out */
	ATHAR_JAIL_MEMORY,  /* ran out of memory */
	ATHAR_JAIL_OVERRUN, /* output or messages passed their bound */
	ATHAR_JAIL_GARBLED  /* its frames made no sense */
} athar_jail_end_kind;

typedef struct athar_jail_end {
	athar_jail_end_kind kind;
	int signal;
	athar_error error; /* text filled for every kind but DONE */
} athar_jail_end;

typedef struct athar_jail_run {
	/* Fills the next task's request (borrowed until the call returns to the jail) or sets *end.
	 */
	athar_status (*next)(void *user, athar_bytes *request, bool *end, athar_error *err);
	/* One message of task number `task` (0, 1, ... in the order of next, anew in each run). */
	athar_status (*message)(void *user, uint64_t task, uint32_t type, athar_bytes payload,
	                        athar_error *err);
	athar_status (*ended)(void *user, uint64_t task, const athar_jail_end *end,
	                      athar_error *err);
	/* About ten times a second and after each beat; true cancels (ATHAR_ECANCELED). May be
	 * NULL. done: sum over running tasks of their last beat. */
	bool (*tick)(void *user, uint64_t done);
	void *user;
	unsigned seconds, idle_seconds; /* of these tasks, where not 0: instead of the jail's */
} athar_jail_run;

/* Hands out tasks until next says end; may be called again with other tasks. A callback's failure
 * stops the run, kills what is running and is returned. */
athar_status athar_jail_serve(athar_jail *jail, const athar_jail_run *run, athar_error *err);

#endif
