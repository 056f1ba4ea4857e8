/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The model of a report: what the case says, read once. Totals are kept; items, findings and log
 * lines come through cursors, so that ten million of them need no memory. Renderers read nothing
 * else: they open no files and know no clock.
 */
#ifndef ATHAR_REPORT_MODEL_H
#define ATHAR_REPORT_MODEL_H

#include "athar/report.h"
#include "base/idiom.h"
#include "report/tally.h"

typedef struct athar_report_run {
	char *name;          /* "carve-001" */
	athar_json *fields;  /* run.json */
	athar_json *volumes; /* volumes.json; NULL when it cannot be read */
	athar_tally tally;
	uint64_t findings;
} athar_report_run;

typedef struct athar_report_exhibit {
	char *slug;
	athar_json *fields;      /* exhibit.json */
	athar_json *acquisition; /* NULL: none on record */
	athar_report_run *run;
	size_t run_count, run_capacity;
} athar_report_exhibit;

/* A record of the case that could not be read. The report goes on and says so. */
typedef struct athar_report_problem {
	char *where;
	char *text;
} athar_report_problem;

struct athar_report {
	char *folder;
	athar_case *c; /* open for reading */
	athar_custody_state custody;
	uint64_t covers;        /* the report speaks of lines 1..covers of the log */
	char head[65];          /* SHA-256 of line `covers` */
	uint64_t verifications; /* of these lines: results of verify */
	uint64_t transfers;     /* received, handed over, returned, ... */
	uint64_t uncovered;     /* written while no stated authority was in force */
	athar_report_exhibit *exhibit;
	size_t exhibit_count, exhibit_capacity;
	athar_report_problem *problem;
	size_t problem_count, problem_capacity;
	char **missing; /* fields that nobody stated; ends with NULL */
	size_t missing_count, missing_capacity;
	athar_json *libraries; /* versions that wrote this report */
	char id[17];
	char written[32]; /* when, RFC 3339 */
};

ATHAR_DEFINE_AUTO(report, athar_report *, athar_report_free)

/* The id as on the label; the folder's name where none is on record. */
static inline const char *athar_report_label(const athar_report_exhibit *x)
{
	const char *id = athar_json_get_text(x->fields, "id");

	return id == NULL ? x->slug : id;
}

static inline bool athar_report_draft(const athar_report *r)
{
	return r->missing_count > 0;
}

static inline bool athar_report_broken(const athar_report *r)
{
	return r->custody.broken_at != 0;
}

/* ---- making of it, one file each ---- */

athar_status athar_report_add_problem(athar_report *r, const char *where, const char *text,
                                      athar_error *err);
/* Fills r->missing (stated.c). */
athar_status athar_report_find_missing(athar_report *r, athar_error *err);
/* Fills r->id (identity.c). */
athar_status athar_report_identify(athar_report *r, athar_error *err);

/* ---- cursors (cursor.c) ---- */

typedef athar_status athar_report_item_fn(void *user, const athar_item *item, athar_error *err);
typedef athar_status athar_report_line_fn(void *user, uint64_t number, const athar_json *line,
                                          athar_error *err);

/*
 * Each stops at the first failure of its callback and returns it. Where a record itself cannot be
 * read on, they end there with ATHAR_OK: the loading of the model met the same place and put it
 * among the problems.
 */
athar_status athar_report_each_item(const athar_report *r, const athar_report_exhibit *x,
                                    const athar_report_run *run, athar_report_item_fn *item,
                                    void *user, athar_error *err);
athar_status athar_report_each_finding(const athar_report *r, const athar_report_exhibit *x,
                                       const athar_report_run *run, athar_report_line_fn *finding,
                                       void *user, athar_error *err);
/* Lines 1..covers of the custody log. */
athar_status athar_report_each_line(const athar_report *r, athar_report_line_fn *line, void *user,
                                    athar_error *err);

/* What a line of the log is to the report. */
bool athar_line_is_report(const athar_json *line);       /* writing of a report */
bool athar_line_is_verification(const athar_json *line); /* the result of a verify */
bool athar_line_is_transfer(const athar_json *line); /* the exhibit itself changed hands or state */

#endif
