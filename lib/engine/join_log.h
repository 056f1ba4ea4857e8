/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What became of each beginning that was tried to be joined, in the order in which they were tried:
 * joins are hours of work, and whoever goes on with an interrupted run need not try them again.
 */
#ifndef ATHAR_ENGINE_JOIN_LOG_H
#define ATHAR_ENGINE_JOIN_LOG_H

#include "engine/find.h"

typedef struct athar_join_log {
	char *path;
	FILE *file;    /* NULL until there is something to read or to write */
	bool replayed; /* what it had was read to its end */
	char *line;
	size_t capacity;
} athar_join_log;

/* Which try: the round, and the beginning. */
typedef struct athar_join_try {
	unsigned round;
	uint64_t offset;
	const char *format;
} athar_join_try;

typedef struct athar_join_outcome {
	bool given_up;
	bool joined;
	uint8_t *message; /* the worker's, of what was joined; yours to free */
	size_t message_len;
} athar_join_outcome;

/* What stands in the file is replayed; it need not be there. */
athar_status athar_join_log_open(athar_join_log *log, const char *folder, athar_error *err);
/* The outcome of this try, if it is the next one of the log. *known false: it is not, and what is
 * left of the log is thrown away. */
athar_status athar_join_log_next(athar_join_outcome *out, bool *known, athar_join_log *log,
                                 const athar_join_try *which, athar_error *err);
/* After what was replayed; given to the kernel at once. `found` NULL: nothing was joined. */
athar_status athar_join_log_add(athar_join_log *log, const athar_join_try *which, bool given_up,
                                const athar_find *found, athar_error *err);
void athar_join_log_close(athar_join_log *log);

#endif
