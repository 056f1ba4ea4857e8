/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Was it used after it was seized? What superblocks say against the date that the examiner
 * declares.
 */
#ifndef ATHAR_ENGINE_SEIZURE_H
#define ATHAR_ENGINE_SEIZURE_H

#include "athar/context.h"
#include "engine/survey.h"

/* A moment, or a day whose hour is not known: [from, to]. */
typedef struct athar_seizure {
	int64_t from, to; /* equal for a moment */
} athar_seizure;

/* "2026-11-22" (a day of UTC) or RFC 3339 ("2026-11-22T09:30:00+02:00"); ATHAR_EUSAGE for anything
 * else. */
athar_status athar_seizure_parse(athar_seizure *out, const char *text, athar_error *err);

/* An array of what was used on the day or later: volume, offset, kind, label, what ("mounted",
 * "written"), time, source, when ("after", "on the day"). Empty: no file system says so, which is
 * no proof that none was: most do not keep it. */
athar_json *athar_seizure_uses(const athar_survey *survey, const athar_seizure *seizure);

/* The same of an image or device that is looked at in a confined worker of its own. Before this
 * process has threads or confines itself. *finding (300): why it is not complete; "". */
athar_status athar_seizure_check(athar_json **out, char finding[300], const char *path,
                                 const athar_seizure *seizure, const athar_context *context,
                                 athar_error *err);

#endif
