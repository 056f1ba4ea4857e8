/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How long work tells of itself. Every callback is called on the thread that called the verb, and
 * may be NULL.
 */
#ifndef ATHAR_WATCHER_H
#define ATHAR_WATCHER_H

#include "athar/error.h"

ATHAR_BEGIN

typedef struct athar_progress {
	const char *phase;    /* "acquire", "read back", "undelete", "carve", ... */
	uint64_t done, total; /* bytes of this phase; total 0 when it is not known */
	uint64_t bad;         /* bytes that could not be read so far */
	uint64_t items;       /* items found so far */
} athar_progress;

typedef struct athar_watcher {
	void (*progress)(void *user, const athar_progress *progress);
	/* Something the examiner should see although the work goes on. */
	void (*notice)(void *user, const athar_error *what);
	/* Asked between blocks. True: stop, save, return ATHAR_ECANCELED. */
	bool (*cancelled)(void *user);
	void *user;
} athar_watcher;

/* Calls that take a NULL watcher, or one with NULL callbacks. */
ATHAR_API void athar_watch_progress(const athar_watcher *watcher, const athar_progress *progress);
ATHAR_API void athar_watch_notice(const athar_watcher *watcher, const char *format, ...)
	ATHAR_PRINTF(2, 3);
ATHAR_API bool athar_watch_cancelled(const athar_watcher *watcher);

ATHAR_END

#endif
