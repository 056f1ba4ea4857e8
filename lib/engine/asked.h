/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a run was asked for, as a record: whoever goes on with it asks for the same.
 */
#ifndef ATHAR_ENGINE_ASKED_H
#define ATHAR_ENGINE_ASKED_H

#include "athar/carve.h"
#include "base/idiom.h"

/* The options that decide what a run finds, each under the name it has on the command line.
 * `earlier`: the run whose items `extract` means; NULL without it. */
athar_json *athar_asked_json(const athar_carve_options *options, const char *earlier);

/* Options out of a record; what they point to is here. */
typedef struct athar_asked {
	athar_carve_options options;
	athar_json *record;
	char **path, **exclude;
} athar_asked;

/* Those of the record, with image and exhibit as given. An option that was given (one that is not
 * as it is by default) has to be the record's: ATHAR_EUSAGE names the one that is not. */
athar_status athar_asked_take(athar_asked *out, const athar_json *record,
                              const athar_carve_options *given, athar_error *err);
void athar_asked_clear(athar_asked *asked);

#endif
