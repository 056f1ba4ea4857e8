/* SPDX-License-Identifier: BSD-2-Clause */
/* A carve run, read again. */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/files.h"
#include "case/private.h"
#include "case/run.h"
#include "case/run_name.h"

static char *run_path(const athar_case *c, const char *slug, const char *run, const char *name,
                      athar_error *err)
{
	return athar_format_text(err, "%s/%s/%s/%s", c->folder, slug, run, name);
}

/* ---- runs ---- */

static athar_status visit_run(const athar_case *c, const char *slug, const char *name,
                              athar_status (*run)(void *user, const char *name,
                                                  const athar_json *fields, athar_error *err),
                              void *user, athar_error *err)
{
	ATHAR_AUTO(free) char *path = run_path(c, slug, name, "run.json", err);
	ATHAR_AUTO(json) athar_json *fields = NULL;

	if (path == NULL)
		return err->status;
	ATHAR_TRY(athar_case_load_json(&fields, path, err));
	return run(user, name, fields, err);
}

athar_status athar_runs_of_exhibit(const athar_case *c, const char *slug,
                                   athar_status (*run)(void *user, const char *name,
                                                       const athar_json *fields, athar_error *err),
                                   void *user, athar_error *err)
{
	ATHAR_AUTO(free) char *exhibit = athar_case_path(c, NULL, slug, err);
	ATHAR_AUTO(names) athar_names names = {NULL, 0, 0};

	if (exhibit == NULL)
		return err->status;
	ATHAR_TRY(athar_names_load(&names, exhibit, err));
	for (size_t i = 0; i < names.count; i++)
		if (athar_run_number(names.name[i], false) != 0)
			ATHAR_TRY(visit_run(c, slug, names.name[i], run, user, err));
	return ATHAR_OK;
}

/* ---- lines ---- */

static athar_status parse_line(athar_json **out, const athar_line *line, const char *path,
                               athar_error *err)
{
	if (athar_json_parse(out, (const char *)line->bytes, line->len, err) == ATHAR_OK)
		return ATHAR_OK;
	return athar_within(err, "%s: line %llu", path, (unsigned long long)line->number);
}

/* The item of a line; its number has to be the line's. */
static athar_status parse_item(athar_item *out, const athar_line *line, const char *path,
                               athar_error *err)
{
	ATHAR_AUTO(json) athar_json *json = NULL;

	ATHAR_TRY(parse_line(&json, line, path, err));
	if (athar_item_from_json(out, json, err) != ATHAR_OK)
		return athar_within(err, "%s: line %llu", path, (unsigned long long)line->number);
	if (out->number != line->number)
		return athar_fail(err, ATHAR_EFORMAT, "%s: line %llu holds item %llu", path,
		                  (unsigned long long)line->number,
		                  (unsigned long long)out->number);
	return ATHAR_OK;
}

/* Calls `each` with every line of a file of the run. */
static athar_status each_line(const char *path,
                              athar_status (*each)(void *user, const athar_line *line,
                                                   const char *path, athar_error *err),
                              void *user, athar_error *err)
{
	ATHAR_AUTO(lines) athar_lines lines = {NULL, NULL, 0, NULL};
	athar_line line = {0};
	athar_status status;

	ATHAR_TRY(athar_lines_open(&lines, path, err));
	while ((status = athar_lines_next(&lines, &line, err)) == ATHAR_OK)
		ATHAR_TRY(each(user, &line, path, err));
	return status == ATHAR_EOF ? ATHAR_OK : status;
}

/* ---- items ---- */

typedef struct item_visit {
	athar_status (*item)(void *user, const athar_item *item, athar_error *err);
	void *user;
} item_visit;

static athar_status visit_item(void *user, const athar_line *line, const char *path,
                               athar_error *err)
{
	const item_visit *visit = user;
	ATHAR_AUTO(item) athar_item item = ATHAR_ITEM_INIT;

	ATHAR_TRY(parse_item(&item, line, path, err));
	return visit->item(visit->user, &item, err);
}

athar_status athar_run_each_item(const athar_case *c, const char *slug, const char *run,
                                 athar_status (*item)(void *user, const athar_item *item,
                                                      athar_error *err),
                                 void *user, athar_error *err)
{
	ATHAR_AUTO(free) char *path = run_path(c, slug, run, "items.jsonl", err);
	item_visit visit = {item, user};

	if (path == NULL)
		return err->status;
	return each_line(path, visit_item, &visit, err);
}

/* Item n is line n, so that no other line has to be understood. */
athar_status athar_run_find_item(athar_item *out, const athar_case *c, const char *slug,
                                 const char *run, uint64_t number, athar_error *err)
{
	ATHAR_AUTO(free) char *path = run_path(c, slug, run, "items.jsonl", err);
	ATHAR_AUTO(lines) athar_lines lines = {NULL, NULL, 0, NULL};
	athar_line line = {0};
	athar_status status = ATHAR_OK;

	if (path == NULL)
		return err->status;
	ATHAR_TRY(athar_lines_open(&lines, path, err));
	while (line.number < number && status == ATHAR_OK)
		status = athar_lines_next(&lines, &line, err);
	if (status == ATHAR_EOF || number == 0)
		return athar_fail(err, ATHAR_EUSAGE, "%s/%s has items 1 to %llu, no item %llu",
		                  slug, run, (unsigned long long)line.number,
		                  (unsigned long long)number);
	ATHAR_TRY(status);
	return parse_item(out, &line, path, err);
}

/* ---- findings, volumes ---- */

typedef struct finding_visit {
	athar_status (*finding)(void *user, const athar_json *finding, athar_error *err);
	void *user;
} finding_visit;

static athar_status visit_finding(void *user, const athar_line *line, const char *path,
                                  athar_error *err)
{
	const finding_visit *visit = user;
	ATHAR_AUTO(json) athar_json *finding = NULL;

	ATHAR_TRY(parse_line(&finding, line, path, err));
	return visit->finding(visit->user, finding, err);
}

athar_status athar_run_each_finding(const athar_case *c, const char *slug, const char *run,
                                    athar_status (*finding)(void *user, const athar_json *finding,
                                                            athar_error *err),
                                    void *user, athar_error *err)
{
	ATHAR_AUTO(free) char *path = run_path(c, slug, run, "findings.jsonl", err);
	finding_visit visit = {finding, user};

	if (path == NULL)
		return err->status;
	return each_line(path, visit_finding, &visit, err);
}

bool athar_run_finding_is_gap(const athar_json *finding)
{
	const char *kind = athar_json_get_text(finding, "kind");

	return kind == NULL || strcmp(kind, ATHAR_RUN_RESUME) != 0;
}

athar_status athar_run_load_volumes(athar_json **out, const athar_case *c, const char *slug,
                                    const char *run, athar_error *err)
{
	ATHAR_AUTO(free) char *path = run_path(c, slug, run, "volumes.json", err);
	ATHAR_AUTO(json) athar_json *file = NULL;

	if (path == NULL)
		return err->status;
	ATHAR_TRY(athar_case_load_json(&file, path, err));
	if (athar_json_get(file, "volumes") == NULL)
		return athar_fail(err, ATHAR_EFORMAT, "%s has no member volumes", path);
	*out = athar_json_copy(athar_json_get(file, "volumes"));
	return *out != NULL ? ATHAR_OK
	                    : athar_fail(err, ATHAR_ENOMEM, "memory ran out at %s", path);
}
