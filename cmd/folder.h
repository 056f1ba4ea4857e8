/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The case folder of a command that may have to make it.
 */
#ifndef ATHAR_CMD_FOLDER_H
#define ATHAR_CMD_FOLDER_H

#include "athar/case.h"
#include "command.h"

/* Decides whether a missing case is to be made: asked on a terminal (Enter is no), made in a
 * script. *make says so; nothing is written yet. ATHAR_EREFUSED when the answer was no. */
ATHAR_MUST athar_status athar_folder_decide(bool *make, const athar_call *call, const char *folder,
                                            athar_error *err);

/* Makes it where decided, says "new case" then, and opens it. `fields` as athar_case_new(), may be
 * NULL. */
ATHAR_MUST athar_status athar_folder_open(athar_case **out, const athar_call *call,
                                          const char *folder, bool make, const athar_json *fields,
                                          athar_error *err);

/* Is there a file or a device at this path? So that a slip of the hand in the image's name leaves
 * no new case behind. Nothing of it is read: that is for confined workers. */
ATHAR_MUST athar_status athar_folder_check_image(const char *path, athar_error *err);

#endif
