/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ctrl-C, and being told to end. Where there is something to save, the first one asks the work to
 * stop and the second leaves at once; elsewhere the first one leaves.
 */
#ifndef ATHAR_CMD_SIGNALS_H
#define ATHAR_CMD_SIGNALS_H

#include <stdbool.h>

/* At the start of the program: leave at once with 130 on SIGINT, SIGTERM and SIGHUP. A pipe that
 * breaks is an error of the write, not the end of the work. */
void athar_signals_begin(void);
/* From here on the first one only sets the flag. */
void athar_signals_save_first(void);
bool athar_signals_seen(void);

/* Ends the program as a broken pipe does, without a word. */
_Noreturn void athar_signals_broken_pipe(void);

#endif
