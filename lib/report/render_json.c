/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * JSON Lines: everything, for programs. Each line is {"type":TYPE,...}; records of the case stand
 * in it as they are, under the name of their type. The last line is the summary: where it is
 * missing, the report is not whole.
 */
#include <string.h>

#include "report/renderer.h"
#include "report/words.h"

struct stream {
	FILE *to;
	const athar_report *r;
	const athar_report_exhibit *x;
	const athar_report_run *run;
};

/* Writes a record and frees it. */
static athar_status put(const struct stream *stream, athar_json *record, athar_error *err)
{
	ATHAR_AUTO(json) athar_json *held = record;
	ATHAR_AUTO(free) char *line = NULL;

	ATHAR_TRY(athar_json_line(&line, held, err));
	(void)fprintf(stream->to, "%s\n", line);
	return ferror(stream->to) ? athar_fail_errno(err, "cannot write the report") : ATHAR_OK;
}

static athar_json *record_of(const char *type)
{
	athar_json *record = athar_json_object();

	athar_json_set_text(record, "type", type);
	return record;
}

/* A copy of a record of the case; null where there is none. */
static void set_copy(athar_json *to, const char *key, const athar_json *value)
{
	if (value != NULL)
		athar_json_set(to, key, athar_json_copy(value));
	else
		athar_json_set_null(to, key);
}

/* ---- the head ---- */

static athar_json *list_missing(const athar_report *r)
{
	athar_json *list = athar_json_array();

	for (size_t i = 0; i < r->missing_count; i++)
		athar_json_append_text(list, r->missing[i]);
	return list;
}

static athar_status put_report(const struct stream *stream, athar_error *err)
{
	const athar_report *r = stream->r;
	athar_json *record = record_of("report");

	athar_json_set_number(record, "v", 1);
	athar_json_set_text(record, "id", r->id);
	athar_json_set_text(record, "kind", "technical, factual");
	athar_json_set_bool(record, "draft", athar_report_draft(r));
	athar_json_set(record, "not_stated", list_missing(r));
	athar_json_set_text(record, "written", r->written);
	set_copy(record, "versions", r->libraries);
	return put(stream, record, err);
}

static athar_status put_case(const struct stream *stream, athar_error *err)
{
	athar_json *record = record_of("case");

	set_copy(record, "case", athar_case_fields(stream->r->c));
	return put(stream, record, err);
}

static athar_status put_chain(const struct stream *stream, athar_error *err)
{
	const athar_report *r = stream->r;
	athar_json *record = record_of("chain");

	athar_json_set_bool(record, "holds", !athar_report_broken(r));
	if (athar_report_broken(r)) {
		athar_json_set_number(record, "broken_at", r->custody.broken_at);
		athar_json_set_text(record, "why", r->custody.why);
	}
	athar_json_set_number(record, "lines", r->custody.lines);
	athar_json_set_number(record, "covers", r->covers);
	athar_json_set_text(record, "head", r->head);
	athar_json_set_number(record, "open", r->custody.open);
	athar_json_set_bool(record, "torn", r->custody.torn);
	return put(stream, record, err);
}

static athar_status put_problems(const struct stream *stream, athar_error *err)
{
	for (size_t i = 0; i < stream->r->problem_count; i++) {
		athar_json *record = record_of("problem");

		athar_json_set_text(record, "where", stream->r->problem[i].where);
		athar_json_set_text(record, "text", stream->r->problem[i].text);
		ATHAR_TRY(put(stream, record, err));
	}
	return ATHAR_OK;
}

/* ---- runs ---- */

static athar_json *record_of_run(const struct stream *stream, const char *type)
{
	athar_json *record = record_of(type);

	athar_json_set_text(record, "exhibit", stream->x->slug);
	athar_json_set_text(record, "run", stream->run->name);
	return record;
}

static athar_status put_item(void *user, const athar_item *item, athar_error *err)
{
	const struct stream *stream = user;
	athar_json *record = record_of_run(stream, "item");
	ATHAR_AUTO(free) char *check = NULL;

	athar_json_set(record, "item",
	               athar_item_to_json(item, stream->run->name, stream->x->slug));
	if (athar_words_plain(stream->x, item) &&
	    athar_words_dd(&check, stream->x, item, err) != ATHAR_OK) {
		athar_json_free(record);
		return err->status;
	}
	if (check != NULL)
		athar_json_set_text(record, "check", check);
	return put(stream, record, err);
}

static athar_status put_finding(void *user, uint64_t number, const athar_json *finding,
                                athar_error *err)
{
	const struct stream *stream = user;
	athar_json *record = record_of_run(stream, "finding");

	athar_json_set_number(record, "number", number);
	set_copy(record, "finding", finding);
	return put(stream, record, err);
}

static athar_status put_volumes(const struct stream *stream, athar_error *err)
{
	const athar_json *volumes = stream->run->volumes;

	for (size_t i = 0; volumes != NULL && i < athar_json_count(volumes); i++) {
		athar_json *record = record_of_run(stream, "volume");

		set_copy(record, "volume", athar_json_at(volumes, i));
		ATHAR_TRY(put(stream, record, err));
	}
	return ATHAR_OK;
}

static athar_status put_run(struct stream *stream, athar_error *err)
{
	athar_json *record = record_of("run");

	athar_json_set_text(record, "exhibit", stream->x->slug);
	athar_json_set_text(record, "name", stream->run->name);
	set_copy(record, "run", stream->run->fields);
	ATHAR_TRY(put(stream, record, err));
	ATHAR_TRY(put_volumes(stream, err));
	ATHAR_TRY(athar_report_each_item(stream->r, stream->x, stream->run, put_item, stream, err));
	return athar_report_each_finding(stream->r, stream->x, stream->run, put_finding, stream,
	                                 err);
}

static athar_status put_exhibit(struct stream *stream, athar_error *err)
{
	athar_json *record = record_of("exhibit");

	athar_json_set_text(record, "name", stream->x->slug);
	set_copy(record, "exhibit", stream->x->fields);
	set_copy(record, "acquisition", stream->x->acquisition);
	ATHAR_TRY(put(stream, record, err));
	for (size_t k = 0; k < stream->x->run_count; k++) {
		stream->run = stream->x->run + k;
		ATHAR_TRY(put_run(stream, err));
	}
	return ATHAR_OK;
}

/* ---- the log and the end ---- */

static athar_status put_line(void *user, uint64_t number, const athar_json *line, athar_error *err)
{
	athar_json *record = record_of("custody");

	athar_json_set_number(record, "number", number);
	set_copy(record, "line", line);
	return put(user, record, err);
}

static athar_status put_summary(const struct stream *stream, athar_error *err)
{
	const athar_report *r = stream->r;
	athar_json *record = record_of("summary");
	athar_json *grades = athar_json_object();
	uint64_t items = 0, findings = 0, runs = 0, by_grade[ATHAR_GRADES] = {0};

	for (size_t i = 0; i < r->exhibit_count; i++) {
		for (size_t k = 0; k < r->exhibit[i].run_count; k++, runs++) {
			const athar_report_run *run = r->exhibit[i].run + k;

			items += run->tally.items;
			findings += run->findings;
			for (size_t g = 0; g < ATHAR_GRADES; g++)
				by_grade[g] += run->tally.by_grade[g];
		}
	}
	for (size_t g = 0; g < ATHAR_GRADES; g++)
		athar_json_set_number(grades, athar_grade_name((athar_grade)g), by_grade[g]);
	athar_json_set(record, "by_grade", grades);
	athar_json_set_text(record, "id", r->id);
	athar_json_set_number(record, "exhibits", r->exhibit_count);
	athar_json_set_number(record, "runs", runs);
	athar_json_set_number(record, "items", items);
	athar_json_set_number(record, "findings", findings);
	athar_json_set_number(record, "problems", r->problem_count);
	athar_json_set_bool(record, "draft", athar_report_draft(r));
	athar_json_set_bool(record, "chain_holds", !athar_report_broken(r));
	return put(stream, record, err);
}

static athar_status render_json(const athar_report *r, FILE *to, athar_error *err)
{
	struct stream stream = {to, r, NULL, NULL};

	ATHAR_TRY(put_report(&stream, err));
	ATHAR_TRY(put_chain(&stream, err));
	ATHAR_TRY(put_case(&stream, err));
	ATHAR_TRY(put_problems(&stream, err));
	for (size_t i = 0; i < r->exhibit_count; i++) {
		stream.x = r->exhibit + i;
		ATHAR_TRY(put_exhibit(&stream, err));
	}
	ATHAR_TRY(athar_report_each_line(r, put_line, &stream, err));
	return put_summary(&stream, err);
}

const athar_renderer athar_renderer_json = {
	.name = "json",
	.extension = "jsonl",
	.render = render_json,
};
