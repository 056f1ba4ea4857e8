/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The id of a report: the first 16 hex digits of the SHA-256 of one JSON line that says what the
 * report rests on: case.json, the head of the custody log, the records of each exhibit, and the
 * hashes of each run's files. Neither the time of writing nor the format is in it.
 */
#include "report/model.h"

#include <string.h>

#include "base/alloc.h"
#include "base/files.h"
#include "digest/digest.h"

/* The SHA-256 of a file of a run; null where it cannot be read. */
static athar_status add_hash(athar_json *to, const char *folder, const char *name, athar_error *err)
{
	ATHAR_AUTO(free) char *path = athar_join(folder, name, err);
	athar_error what = ATHAR_ERROR_INIT;
	athar_digests digests = {0};
	uint64_t size = 0;

	if (path == NULL)
		return err->status;
	if (athar_digest_file(&digests, &size, path, ATHAR_SHA256, &what) == ATHAR_OK)
		athar_json_set_text(to, name, athar_digests_get(&digests, ATHAR_SHA256));
	else
		athar_json_set_null(to, name);
	return ATHAR_OK;
}

static athar_status add_run(athar_json *to, const athar_report *r, const char *slug,
                            const athar_report_run *run, athar_error *err)
{
	static const char *const files[] = {"findings.jsonl", "items.jsonl", "manifest.sha256",
	                                    "run.json", "volumes.json"};
	ATHAR_AUTO(free)
	char *folder = athar_format_text(err, "%s/%s/%s", r->folder, slug, run->name);
	athar_json *record;

	if (folder == NULL)
		return err->status;
	record = athar_json_object();
	athar_json_set(to, run->name, record);
	for (size_t i = 0; i < ATHAR_COUNT(files); i++)
		ATHAR_TRY(add_hash(record, folder, files[i], err));
	return ATHAR_OK;
}

static athar_status add_exhibit(athar_json *to, const athar_report *r,
                                const athar_report_exhibit *x, athar_error *err)
{
	athar_json *record = athar_json_object();
	athar_json *runs = athar_json_object();

	athar_json_set(to, x->slug, record);
	athar_json_set(record, "runs", runs);
	athar_json_set(record, "exhibit", athar_json_copy(x->fields));
	if (x->acquisition != NULL)
		athar_json_set(record, "acquisition", athar_json_copy(x->acquisition));
	else
		athar_json_set_null(record, "acquisition");
	for (size_t i = 0; i < x->run_count; i++)
		ATHAR_TRY(add_run(runs, r, x->slug, x->run + i, err));
	return ATHAR_OK;
}

static athar_status foundation(athar_json **out, const athar_report *r, athar_error *err)
{
	ATHAR_AUTO(json) athar_json *all = athar_json_object();
	athar_json *exhibits = athar_json_object();

	athar_json_set(all, "exhibits", exhibits);
	athar_json_set_number(all, "v", 1);
	athar_json_set(all, "case", athar_json_copy(athar_case_fields(r->c)));
	athar_json_set_number(all, "custody_lines", r->covers);
	athar_json_set_text(all, "custody_head", r->head);
	for (size_t i = 0; i < r->exhibit_count; i++)
		ATHAR_TRY(add_exhibit(exhibits, r, r->exhibit + i, err));
	*out = ATHAR_GIVE(all);
	return ATHAR_OK;
}

athar_status athar_report_identify(athar_report *r, athar_error *err)
{
	ATHAR_AUTO(json) athar_json *all = NULL;
	ATHAR_AUTO(free) char *line = NULL;
	char hex[65];

	ATHAR_TRY(foundation(&all, r, err));
	ATHAR_TRY(athar_json_line(&line, all, err));
	ATHAR_TRY(athar_digest_sha256(hex, line, strlen(line), err));
	memcpy(r->id, hex, sizeof r->id - 1);
	r->id[sizeof r->id - 1] = '\0';
	return ATHAR_OK;
}
