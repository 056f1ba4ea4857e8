/* SPDX-License-Identifier: BSD-2-Clause */
#include "athar/known.h"

#include <inttypes.h>
#include <string.h>

#include "athar/text.h"
#include "command.h"
#include "events.h"
#include "facts.h"
#include "progress.h"
#include "terminal.h"

typedef struct known_values {
	athar_common common;
	const char *output;
} known_values;

static const known_values defaults = {.output = NULL};

#define AT(member) offsetof(known_values, member)

static const athar_option options[] = {
	{"output", 'o', "SET", ATHAR_OPTION_PATH, AT(output), "The set", "the new file; needed",
         NULL},
	ATHAR_OPTIONS_OUTPUT,
	ATHAR_OPTIONS_END,
};

typedef struct rows {
	const athar_call *call;
	athar_progress_line *line;
} rows;

/* "md5,sha256" */
static const char *names_of(char *buf, size_t len, unsigned algorithms)
{
	size_t at = 0;

	buf[0] = '\0';
	for (unsigned bit = 0; bit < ATHAR_DIGEST_COUNT && at < len; bit++)
		if (algorithms & 1u << bit) {
			const int n = snprintf(buf + at, len - at, "%s%s", at == 0 ? "" : ",",
			                       athar_digest_name(1u << bit));

			at += n > 0 ? (size_t)n : 0;
		}
	return buf;
}

static void row_event(const rows *r, const athar_known_row *row)
{
	athar_json *event = athar_json_object();
	char names[64], date[32];

	athar_json_set_text(event, "path", row->path);
	athar_json_set_text(event, "format", row->format);
	athar_json_set_number(event, "entries", row->entries);
	athar_json_set_number(event, "unread", row->unread);
	if (row->first_unread != 0)
		athar_json_set_number(event, "first_unread", row->first_unread);
	athar_json_set_text(event, "algorithms", names_of(names, sizeof names, row->algorithms));
	athar_json_set_text(event, "sha256", row->sha256);
	athar_json_set_text(event, "date", athar_text_time(date, sizeof date, row->date));
	athar_event(r->call, "row", event);
}

static void on_row(void *user, const athar_known_row *row)
{
	const rows *r = user;
	char names[64], date[32];

	if (r->call->common->json) {
		row_event(r, row);
		return;
	}
	if (r->call->common->quiet)
		return;
	athar_progress_wipe(r->line);
	athar_terminal_put(stdout, row->path);
	(void)putchar('\n');
	athar_terminal_fact(stdout, "Form", row->format);
	(void)printf("  %-14s %" PRIu64 "\n", "Entries", row->entries);
	if (row->unread != 0)
		(void)printf("  %-14s %" PRIu64 " lines or records, the first is %" PRIu64 "\n",
		             "Not understood", row->unread, row->first_unread);
	athar_terminal_fact(stdout, "Hashes taken", names_of(names, sizeof names, row->algorithms));
	athar_terminal_fact(stdout, "Date", athar_text_time(date, sizeof date, row->date));
	athar_terminal_fact(stdout, "SHA-256", row->sha256);
}

static void put_result(const char *path, const athar_known_result *result)
{
	static const char *const labels[] = {"MD5", "SHA-1", "SHA-256"};
	char label[32];

	athar_terminal_put(stdout, path);
	(void)putchar('\n');
	for (size_t i = 0; i < ATHAR_COUNT_OF(result->hashes); i++) {
		if (result->hashes[i] == 0)
			continue;
		(void)snprintf(label, sizeof label, "by %s", labels[i]);
		(void)printf("  %-14s %" PRIu64 "\n", label, result->hashes[i]);
	}
	athar_terminal_fact_size(stdout, "Size", result->bytes);
	athar_terminal_fact(stdout, "SHA-256", result->sha256);
}

static athar_json *summary(const char *path, const athar_known_result *result)
{
	athar_json *s = athar_json_object(), *hashes = athar_json_object();

	for (unsigned i = 0; i < ATHAR_COUNT_OF(result->hashes); i++)
		athar_json_set_number(hashes, athar_digest_name(1u << i), result->hashes[i]);
	athar_json_set_text(s, "file", path);
	athar_json_set(s, "hashes", hashes);
	athar_json_set_number(s, "unread", result->unread);
	athar_json_set_number(s, "bytes", result->bytes);
	athar_json_set_text(s, "sha256", result->sha256);
	return s;
}

static athar_status run(athar_call *call, athar_error *err)
{
	const known_values *v = call->values;
	athar_known_result result;
	athar_progress_line line;
	rows r = {.call = call, .line = &line};
	char count[48];
	athar_status status;

	if (v->output == NULL)
		return athar_fail(err, ATHAR_EUSAGE, "where the set goes is missing: -o SET");
	status = athar_known_compile(&result, v->output, (const char *const *)call->operands.word,
	                             call->operands.count, &call->context, on_row, &r,
	                             athar_progress_begin(&line, call), err);
	athar_progress_wipe(&line);
	if (status != ATHAR_OK && status != ATHAR_EINCOMPLETE)
		return status;
	if (call->common->json)
		call->summary = summary(v->output, &result);
	else if (!call->common->quiet)
		put_result(v->output, &result);
	athar_call_done(call, "%s",
	                athar_facts_count(count, sizeof count,
	                                  result.hashes[0] + result.hashes[1] + result.hashes[2],
	                                  "known hash", "known hashes"));
	return status;
}

const athar_command athar_command_known = {
	.name = "known",
	.operands = "LIST...",
	.least = 1,
	.most = SIZE_MAX,
	.summary = "compile lists of known files",
	.about = "Compiles lists of hashes (md5sum and its like, hashdeep, NSRL, Project VIC, The "
		 "Sleuth\n"
		 "Kit) into one set, in which athar carve --known looks up what it finds.",
	.options = options,
	.defaults = &defaults,
	.values_size = sizeof defaults,
	.run = run,
};
