/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The only threads: one reader, N workers, some taps, one committer. Slabs are read in order,
 * worked on in any order, tapped and committed in order. So the result is the same for any number
 * of workers.
 *
 *          read ─┬─► work (any of N) ──┬─► commit (in order)
 *                └─► tap, tap, tap ────┘
 *
 * A slab is committed when it has been worked on and every tap has taken it, and used again after
 * that: memory is slabs times slab size, however large the source.
 *
 * Failures are those of a plain loop that reads, works, taps and commits one slab after the other:
 * of several the one with the lowest slab index is reported, not the first in time, and for one
 * slab the first in the order of the loop. After a failure or a cancellation every slab before it
 * has been committed and tapped; neither it nor any after it has been committed (the work and the
 * taps may have seen some of these).
 */
#ifndef ATHAR_PIPE_PIPE_H
#define ATHAR_PIPE_PIPE_H

#include "athar/error.h"
#include "athar/watcher.h"

typedef struct athar_slab {
	uint64_t index;  /* 0, 1, 2, ... */
	uint64_t offset; /* set by read */
	size_t length;   /* bytes of data; set by read (or by work, where taps wait for work) */
	uint8_t *data;   /* slab_size bytes, page aligned */
	void *extra; /* extra_size bytes, zeroed once; the caller's to use from read to commit */
} athar_slab;

typedef struct athar_pipe_tap {
	athar_status (*take)(void *user, const athar_slab *slab, athar_error *err);
	void *user;
} athar_pipe_tap;

typedef struct athar_pipe_spec {
	size_t slab_size, extra_size;
	unsigned slabs;       /* at least workers + 2; the bound on memory */
	unsigned workers;     /* at least 1 */
	bool taps_after_work; /* taps see what work made of the slab; else what read gave */

	/* Runs on a thread of its own. Sets *end and leaves the slab alone when nothing is left. */
	athar_status (*read)(void *user, athar_slab *slab, bool *end, athar_error *err);
	/* May be NULL. `local` is worker_new's, one a worker. */
	athar_status (*work)(void *user, void *local, athar_slab *slab, athar_error *err);
	athar_status (*worker_new)(void **local, void *user, athar_error *err);
	void (*worker_free)(void *local);
	/* Runs on a thread of its own. May be NULL. */
	athar_status (*commit)(void *user, const athar_slab *slab, athar_error *err);
	const athar_pipe_tap *taps; /* each on a thread of its own */
	size_t tap_count;
	void *user;

	/* Called on the calling thread about ten times a second while the others work; may be NULL.
	 * True: stop reading, let what was read go through, return ATHAR_ECANCELED. */
	bool (*tick)(void *user, uint64_t slabs_committed);
} athar_pipe_spec;

athar_status athar_pipe_run(const athar_pipe_spec *spec, athar_error *err);

/* Processors this process may run on, at least 1. */
unsigned athar_pipe_processors(void);

#endif
