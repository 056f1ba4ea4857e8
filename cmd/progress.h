/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the library tells while it works: one line that is written over and over on a terminal,
 * events for --json, and the flag of Ctrl-C on the way back.
 */
#ifndef ATHAR_CMD_PROGRESS_H
#define ATHAR_CMD_PROGRESS_H

#include "athar/watcher.h"
#include "command.h"

typedef struct athar_progress_line {
	const athar_call *call;
	bool line;  /* stderr is a terminal, and nobody asked for quiet */
	bool shown; /* there is a line to wipe */
	char phase[40];
	double begun, last; /* seconds of a clock that never goes back */
	athar_watcher watcher;
} athar_progress_line;

/* Makes ready; the watcher is `p`'s own and lives as long. Ctrl-C asks to stop from here on. */
const athar_watcher *athar_progress_begin(athar_progress_line *p, const athar_call *call);
/* Wipes the line, so that something else can be written. */
void athar_progress_wipe(athar_progress_line *p);

/* "acquire  1.5 GiB of 3.0 GiB  50%  210 MiB/s  0:07 left  512 bytes bad  3 items" into `buf`;
 * `seconds` since the phase began. */
void athar_progress_text(char *buf, size_t len, const athar_progress *progress, double seconds);

#endif
