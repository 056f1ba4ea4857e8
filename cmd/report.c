/* SPDX-License-Identifier: BSD-2-Clause */
#include "athar/report.h"

#include <stdlib.h>
#include <string.h>

#include "events.h"
#include "terminal.h"

typedef struct report_values {
	athar_common common;
	const char *format, *output;
} report_values;

static const report_values defaults = {.format = "text"};

#define AT(member) offsetof(report_values, member)

static const athar_option options[] = {
	{"format", 0, "NAME", ATHAR_OPTION_CHOICE, AT(format), "The report",
         "text, json, csv, html, body, hashdeep, vics; default text",
         "text,json,csv,html,body,hashdeep,vics"},
	{"output", 'o', "FILE", ATHAR_OPTION_PATH, AT(output), "The report",
         "a new file, or - for stdout; default in CASE/reports", NULL},
	ATHAR_OPTION_EXAMINER,
	ATHAR_OPTIONS_OUTPUT,
	ATHAR_OPTIONS_END,
};

/* What is missing, as the library orders it. */
static athar_json *not_stated(const athar_report *report)
{
	athar_json *array = athar_json_array();

	for (const char *const *name = athar_report_not_stated(report); *name != NULL; name++)
		athar_json_append_text(array, *name);
	return array;
}

static athar_status draft(const athar_report *report, athar_error *err)
{
	const char *const *name = athar_report_not_stated(report);
	char list[300] = "";
	size_t at = 0;

	if (*name == NULL)
		return ATHAR_OK;
	for (; *name != NULL && at + 4 < sizeof list; name++) {
		const int n =
			snprintf(list + at, sizeof list - at, "%s%s", at == 0 ? "" : ", ", *name);

		at += n > 0 ? (size_t)n : 0;
	}
	return athar_fail(err, ATHAR_EINCOMPLETE, "a DRAFT: not stated: %s", list);
}

/* To stdout: read only, and not logged. */
static athar_status print_report(athar_call *call, const char *folder, athar_error *err)
{
	const report_values *v = call->values;
	athar_custody_state custody;
	athar_report *report = NULL;
	athar_status status = athar_report_load(&report, folder, &call->context, err);

	if (status == ATHAR_OK)
		status = athar_report_render(report, v->format, stdout, err);
	if (status == ATHAR_OK)
		status = athar_custody_check(&custody, folder, err);
	if (status == ATHAR_OK && custody.broken_at != 0)
		status = athar_fail(err, ATHAR_EMISMATCH, "the custody chain is broken: %s",
		                    custody.why);
	if (status == ATHAR_OK)
		status = draft(report, err);
	if (status == ATHAR_OK)
		athar_call_done(call, "report %s", athar_report_id(report));
	athar_report_free(report);
	return status;
}

static void summarize(athar_call *call, const char *folder, const char *written)
{
	athar_error ignored = ATHAR_ERROR_INIT;
	athar_report *report = NULL;

	call->summary = athar_json_object();
	athar_json_set_text(call->summary, "file", written);
	if (athar_report_load(&report, folder, &call->context, &ignored) == ATHAR_OK)
		athar_json_set(call->summary, "not_stated", not_stated(report));
	athar_report_free(report);
}

static athar_status write_report(athar_call *call, const char *folder, athar_error *err)
{
	const report_values *v = call->values;
	athar_case *c = NULL;
	char *written = NULL;
	athar_status status = athar_case_open(&c, folder, &call->context, err);

	if (status == ATHAR_OK)
		status = athar_report_write(&written, c, v->format, v->output, err);
	athar_case_close(c);
	if (written != NULL && call->common->json)
		summarize(call, folder, written);
	if (written != NULL && !call->common->json) {
		athar_terminal_put(stdout, written);
		(void)putchar('\n');
	}
	athar_call_done(call, "the report is written");
	free(written);
	return status;
}

static athar_status run(athar_call *call, athar_error *err)
{
	const report_values *v = call->values;
	const char *folder = call->operands.word[0];

	if (v->output == NULL || strcmp(v->output, "-") != 0)
		return write_report(call, folder, err);
	if (call->common->json)
		return athar_fail(
			err, ATHAR_EUSAGE,
			"--json and the report cannot both go to stdout; see --format json");
	return print_report(call, folder, err);
}

const athar_command athar_command_report = {
	.name = "report",
	.operands = "CASE",
	.least = 1,
	.most = 1,
	.summary = "write what was done and found for a reader",
	.about = "Writes a report of a case. What an examiner has to state and did not is shown as "
		 "NOT\n"
		 "STATED, and the report is then a DRAFT.",
	.options = options,
	.defaults = &defaults,
	.values_size = sizeof defaults,
	.run = run,
};
