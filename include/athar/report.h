/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Report: one model of the case, several renderers. What an examiner has to state and did not is
 * shown as NOT STATED; nothing is filled in.
 */
#ifndef ATHAR_REPORT_H
#define ATHAR_REPORT_H

#include <stdio.h>

#include "athar/case.h"

ATHAR_BEGIN

typedef struct athar_report athar_report;

/* Reads the case, the custody chain first. Totals and cursors, never all items in memory. `context`
 * gives the time of writing. */
ATHAR_API ATHAR_MUST athar_status athar_report_load(athar_report **out, const char *folder,
                                                    const athar_context *context, athar_error *err);
ATHAR_API void athar_report_free(athar_report *report);

/* The names of fields that nobody stated, in the order of the report; ends with NULL. A report with
 * any is a DRAFT. */
ATHAR_API const char *const *athar_report_not_stated(const athar_report *report);
/* 16 hex digits: the same content has the same id in every format. */
ATHAR_API const char *athar_report_id(const athar_report *report);

/* Renders as "text", "json", "csv", "html", "body", "hashdeep" or "vics". */
ATHAR_API ATHAR_MUST athar_status athar_report_render(const athar_report *report,
                                                      const char *format, FILE *to,
                                                      athar_error *err);
/* The names of the renderers, in order; ends with NULL. */
ATHAR_API const char *const *athar_report_formats(void);

/* Renders into CASE/reports/NAME (new; never overwrites) or, where `path` is given, to that new
 * file, and logs it with its hash. *written is malloc'd. ATHAR_EINCOMPLETE when it is a DRAFT: it
 * stands all the same. ATHAR_EMISMATCH when the custody chain is broken: likewise. */
ATHAR_API ATHAR_MUST athar_status athar_report_write(char **written, athar_case *c,
                                                     const char *format, const char *path,
                                                     athar_error *err);

ATHAR_END

#endif
