/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Questions to the examiner. Asked only where somebody can answer: stdin and stderr are terminals,
 * and neither --yes nor --json was given. A script is never asked.
 */
#ifndef ATHAR_CMD_ASK_H
#define ATHAR_CMD_ASK_H

#include "command.h"

bool athar_ask_may(const athar_call *call);

/* A line of text into a malloc'd *out; NULL when only Enter was pressed: not stated. `hint` stands
 * in brackets, may be NULL. ATHAR_ECANCELED when the input ended. */
ATHAR_MUST athar_status athar_ask_text(char **out, const char *question, const char *hint,
                                       athar_error *err);

/* Yes or no; Enter is `otherwise`. */
ATHAR_MUST athar_status athar_ask_yes(bool *out, const char *question, bool otherwise,
                                      athar_error *err);

#endif
