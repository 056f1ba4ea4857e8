/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sheet of a device in lines that can be read.
 */
#ifndef ATHAR_CMD_SHEET_H
#define ATHAR_CMD_SHEET_H

#include <stdio.h>

#include "athar/json.h"

/* As athar_info_device gives it; from its node to its notes. */
void athar_sheet_put(FILE *to, const athar_json *sheet);

#endif
