/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The story of a report, in the order in which it is read. Written once, for every kind of paper.
 */
#ifndef ATHAR_REPORT_STORY_H
#define ATHAR_REPORT_STORY_H

#include "report/paper.h"

/* All of it, from the title to "End of report". */
void athar_story_tell(athar_paper *p, const athar_report *r);
/* The title of section index + 1; NULL past the last. */
const char *athar_story_title(size_t index);

/* Its sections. */
void athar_story_cover(athar_paper *p, const athar_report *r); /* story_front.c */
void athar_story_summary(athar_paper *p, const athar_report *r);
void athar_story_request(athar_paper *p, const athar_report *r);
void athar_story_exhibits(athar_paper *p, const athar_report *r); /* story_exhibits.c */
void athar_story_acquisition(athar_paper *p, const athar_report *r);
void athar_story_method(athar_paper *p, const athar_report *r); /* story_findings.c */
void athar_story_findings(athar_paper *p, const athar_report *r);
void athar_story_gaps(athar_paper *p, const athar_report *r); /* story_gaps.c */
/* Of one run (story_known.c). */
void athar_story_known(athar_paper *p, const athar_report_run *run);
void athar_story_known_gaps(athar_paper *p, const athar_report_run *run);
void athar_story_custody(athar_paper *p, const athar_report *r); /* story_custody.c */
void athar_story_tools(athar_paper *p, const athar_report *r);   /* story_back.c */
void athar_story_limits(athar_paper *p, const athar_report *r);
void athar_story_check(athar_paper *p, const athar_report *r);
void athar_story_terms(athar_paper *p, const athar_report *r);
void athar_story_signatures(athar_paper *p, const athar_report *r);

/* An image that another tool made: its record has what was said beside what was seen. */
bool athar_made_elsewhere(const athar_json *acquisition); /* story_elsewhere.c */
void athar_story_elsewhere_summary(athar_paper *p, const athar_json *acquisition);
void athar_story_elsewhere_gaps(athar_paper *p, const athar_json *acquisition);
/* Ends under the heading of what was seen, which the facts of any acquisition follow. */
void athar_story_elsewhere(athar_paper *p, const athar_json *acquisition);

/* "Run carve-001, exhibit 3-1" */
void athar_story_run_heading(athar_paper *p, unsigned level, const athar_report_exhibit *x,
                             const athar_report_run *run);
/* Whether a volume of volumes.json has a file system that was understood. */
bool athar_volume_known(const athar_json *volume);

#endif
