/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/model.h"

#include <string.h>

#include <libxml/globals.h>

#include "athar/text.h"
#include "athar/version.h"
#include "base/alloc.h"
#include "case/run.h"

/* ---- problems ---- */

athar_status athar_report_add_problem(athar_report *r, const char *where, const char *text,
                                      athar_error *err)
{
	ATHAR_AUTO(free) char *place = athar_copy_text(where, err);
	ATHAR_AUTO(free) char *words = athar_copy_text(text, err);

	if (place == NULL || words == NULL)
		return err->status;
	ATHAR_TRY(athar_grow(&r->problem, &r->problem_capacity, r->problem_count + 1,
	                     sizeof *r->problem, err));
	r->problem[r->problem_count++] =
		(athar_report_problem){.where = ATHAR_GIVE(place), .text = ATHAR_GIVE(words)};
	return ATHAR_OK;
}

/* A record that cannot be read is a problem of the report; want of memory is one of the machine. */
static athar_status or_problem(athar_report *r, athar_status status, const athar_error *what,
                               const char *slug, const char *record, athar_error *err)
{
	ATHAR_AUTO(free) char *where = NULL;

	if (status == ATHAR_OK)
		return ATHAR_OK;
	if (status == ATHAR_ENOMEM) {
		*err = *what;
		return status;
	}
	where = slug != NULL ? athar_format_text(err, "%s/%s", slug, record)
	                     : athar_copy_text(record, err);
	if (where == NULL)
		return err->status;
	return athar_report_add_problem(r, where, what->text, err);
}

/* ---- custody ---- */

/* Lines that only tell of reports written do not change what there is to report: they are left out
 * where they stand last, so that the same content keeps its id in every format. */
struct coverage {
	athar_report *r;
	uint64_t verifications, transfers, uncovered; /* up to the present line */
};

static athar_status cover_line(void *user, uint64_t number, const athar_json *line,
                               athar_error *err)
{
	struct coverage *coverage = user;
	athar_report *r = coverage->r;
	const char *prev = athar_json_get_text(line, "prev");

	(void)err;
	if (number == r->covers + 1 && prev != NULL)
		(void)snprintf(r->head, sizeof r->head, "%s", prev);
	coverage->verifications += athar_line_is_verification(line);
	coverage->transfers += athar_line_is_transfer(line);
	coverage->uncovered += athar_json_count(athar_json_get(line, "auth")) == 0;
	if (athar_line_is_report(line))
		return ATHAR_OK;
	r->covers = number;
	r->verifications = coverage->verifications;
	r->transfers = coverage->transfers;
	r->uncovered = coverage->uncovered;
	return ATHAR_OK;
}

static athar_status load_custody(athar_report *r, athar_error *err)
{
	struct coverage coverage = {.r = r};
	athar_error what = ATHAR_ERROR_INIT;
	athar_status status;

	ATHAR_TRY(athar_custody_check(&r->custody, r->folder, err));
	status = athar_custody_each(r->folder, cover_line, &coverage, &what);
	if (status != ATHAR_OK || r->covers == r->custody.lines) {
		r->covers = r->custody.lines;
		(void)snprintf(r->head, sizeof r->head, "%s", r->custody.head);
	}
	return or_problem(r, status, &what, NULL, "custody.jsonl", err);
}

/* ---- runs ---- */

struct place {
	athar_report *r;
	athar_report_exhibit *x;
};

static athar_status tally_item(void *user, const athar_item *item, athar_error *err)
{
	return athar_tally_add(user, item, err);
}

static athar_status count_finding(void *user, const athar_json *finding, athar_error *err)
{
	uint64_t *count = user;

	(void)err;
	*count += athar_run_finding_is_gap(finding);
	return ATHAR_OK;
}

static athar_status name_record(char **out, const char *run, const char *file, athar_error *err)
{
	*out = athar_format_text(err, "%s/%s", run, file);
	return *out != NULL ? ATHAR_OK : err->status;
}

static athar_status read_items(athar_report *r, const char *slug, athar_report_run *run,
                               athar_error *err)
{
	ATHAR_AUTO(free) char *record = NULL;
	athar_error what = ATHAR_ERROR_INIT;
	athar_status status;

	ATHAR_TRY(name_record(&record, run->name, "items.jsonl", err));
	status = athar_run_each_item(r->c, slug, run->name, tally_item, &run->tally, &what);
	return or_problem(r, status, &what, slug, record, err);
}

static athar_status read_findings(athar_report *r, const char *slug, athar_report_run *run,
                                  athar_error *err)
{
	ATHAR_AUTO(free) char *record = NULL;
	athar_error what = ATHAR_ERROR_INIT;
	athar_status status;

	ATHAR_TRY(name_record(&record, run->name, "findings.jsonl", err));
	status =
		athar_run_each_finding(r->c, slug, run->name, count_finding, &run->findings, &what);
	return or_problem(r, status, &what, slug, record, err);
}

static athar_status read_volumes(athar_report *r, const char *slug, athar_report_run *run,
                                 athar_error *err)
{
	ATHAR_AUTO(free) char *record = NULL;
	athar_error what = ATHAR_ERROR_INIT;
	athar_status status;

	ATHAR_TRY(name_record(&record, run->name, "volumes.json", err));
	status = athar_run_load_volumes(&run->volumes, r->c, slug, run->name, &what);
	return or_problem(r, status, &what, slug, record, err);
}

static athar_status add_run(void *user, const char *name, const athar_json *fields,
                            athar_error *err)
{
	const struct place *place = user;
	athar_report_exhibit *x = place->x;
	athar_report_run *run;

	ATHAR_TRY(athar_grow(&x->run, &x->run_capacity, x->run_count + 1, sizeof *x->run, err));
	run = x->run + x->run_count++;
	memset(run, 0, sizeof *run);
	run->name = athar_copy_text(name, err);
	if (run->name == NULL)
		return err->status;
	run->fields = athar_json_copy(fields);
	if (run->fields == NULL)
		return athar_fail(err, ATHAR_ENOMEM, "out of memory while reading %s", name);
	ATHAR_TRY(read_items(place->r, x->slug, run, err));
	ATHAR_TRY(read_findings(place->r, x->slug, run, err));
	return read_volumes(place->r, x->slug, run, err);
}

/* ---- exhibits ---- */

static athar_status read_acquisition(athar_report *r, athar_report_exhibit *x, athar_error *err)
{
	athar_error what = ATHAR_ERROR_INIT;
	const athar_status status = athar_case_acquisition(&x->acquisition, r->c, x->slug, &what);

	return or_problem(r, status, &what, x->slug, "acquisition.json", err);
}

static athar_status add_exhibit(void *user, const char *slug, const athar_json *fields,
                                athar_error *err)
{
	athar_report *r = user;
	athar_report_exhibit *x;
	struct place place = {.r = r};
	athar_error what = ATHAR_ERROR_INIT;
	athar_status status;

	ATHAR_TRY(athar_grow(&r->exhibit, &r->exhibit_capacity, r->exhibit_count + 1,
	                     sizeof *r->exhibit, err));
	x = place.x = r->exhibit + r->exhibit_count++;
	memset(x, 0, sizeof *x);
	x->slug = athar_copy_text(slug, err);
	if (x->slug == NULL)
		return err->status;
	x->fields = athar_json_copy(fields);
	if (x->fields == NULL)
		return athar_fail(err, ATHAR_ENOMEM, "out of memory while reading exhibit %s",
		                  slug);
	ATHAR_TRY(read_acquisition(r, x, err));
	status = athar_runs_of_exhibit(r->c, slug, add_run, &place, &what);
	return or_problem(r, status, &what, slug, "carve runs", err);
}

/* ---- the whole ---- */

/* The programs that write a report. Those that took part in an acquisition or a search stand in
 * the records of these. */
static athar_json *writers(void)
{
	/* Of the library that is loaded: 20914 is 2.9.14. */
	const unsigned long number = strtoul(xmlParserVersion, NULL, 10);
	athar_json *writers = athar_json_object();
	char version[48];

	(void)snprintf(version, sizeof version, "%lu.%lu.%lu", number / 10000, number / 100 % 100,
	               number % 100);
	athar_json_set_text(writers, "athar", ATHAR_VERSION);
	athar_json_set_text(writers, "libxml2", version);
	return writers;
}

athar_status athar_report_load(athar_report **out, const char *folder, const athar_context *context,
                               athar_error *err)
{
	ATHAR_AUTO(report) athar_report *r = athar_alloc(sizeof *r, err);

	if (r == NULL)
		return err->status;
	r->folder = athar_copy_text(folder, err);
	if (r->folder == NULL)
		return err->status;
	(void)athar_text_time(r->written, sizeof r->written, context->now(context->user));
	ATHAR_TRY(athar_case_open_readonly(&r->c, folder, err));
	ATHAR_TRY(load_custody(r, err));
	ATHAR_TRY(athar_case_each_exhibit(r->c, add_exhibit, r, err));
	r->libraries = writers();
	ATHAR_TRY(athar_report_find_missing(r, err));
	ATHAR_TRY(athar_report_identify(r, err));
	*out = ATHAR_GIVE(r);
	return ATHAR_OK;
}

static void clear_run(athar_report_run *run)
{
	free(run->name);
	athar_json_free(run->fields);
	athar_json_free(run->volumes);
	athar_tally_clear(&run->tally);
}

static void clear_exhibit(athar_report_exhibit *x)
{
	for (size_t i = 0; i < x->run_count; i++)
		clear_run(x->run + i);
	free(x->run);
	free(x->slug);
	athar_json_free(x->fields);
	athar_json_free(x->acquisition);
}

void athar_report_free(athar_report *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < r->exhibit_count; i++)
		clear_exhibit(r->exhibit + i);
	for (size_t i = 0; i < r->problem_count; i++) {
		free(r->problem[i].where);
		free(r->problem[i].text);
	}
	for (size_t i = 0; i < r->missing_count; i++)
		free(r->missing[i]);
	free(r->exhibit);
	free(r->problem);
	free(r->missing);
	athar_json_free(r->libraries);
	athar_case_close(r->c);
	free(r->folder);
	free(r);
}

const char *const *athar_report_not_stated(const athar_report *r)
{
	return (const char *const *)r->missing;
}

const char *athar_report_id(const athar_report *r)
{
	return r->id;
}
