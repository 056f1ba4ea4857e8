/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the command tells the library of the world: the clock, the machine, who is at work, the
 * command line. The environment is read here (SOURCE_DATE_EPOCH, SUDO_USER) and in terminal.c
 * (NO_COLOR, TERM), nowhere else.
 */
#ifndef ATHAR_CMD_CONTEXT_H
#define ATHAR_CMD_CONTEXT_H

#include "athar/context.h"

/* What context points to. */
typedef struct athar_world {
	athar_context context;
	int64_t fixed;
	bool is_fixed;
	char host[256], boot[64], system[256], login[64], sha256[65];
	char *command;
} athar_world;

/* ATHAR_EUSAGE when SOURCE_DATE_EPOCH is no time. examiner, threads and unconfined are for the
 * command's options to set. */
ATHAR_MUST athar_status athar_world_look(athar_world *out, int argc, char **argv, athar_error *err);
void athar_world_clear(athar_world *world);

/* The command line so that a shell reads the same words again; malloc'd. The program is "athar",
 * wherever it lies. */
ATHAR_MUST athar_status athar_world_quote(char **out, int argc, char **argv, athar_error *err);

#endif
