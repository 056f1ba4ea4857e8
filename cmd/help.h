/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Help and shell completions, both made from the commands' tables.
 */
#ifndef ATHAR_CMD_HELP_H
#define ATHAR_CMD_HELP_H

#include "command.h"

/* "athar --help". */
void athar_help_all(FILE *to);
/* "athar COMMAND --help". */
void athar_help_command(FILE *to, const athar_command *command);

/* "bash", "zsh" or "fish"; false for any other. */
bool athar_completion_print(FILE *to, const char *shell);

#endif
