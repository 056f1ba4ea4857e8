/* SPDX-License-Identifier: BSD-2-Clause */
#include "athar/verify.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "athar/text.h"
#include "events.h"
#include "facts.h"
#include "progress.h"
#include "terminal.h"

#define MOST_RANGES 20

typedef struct verify_values {
	athar_common common;
	athar_verify_options options;
} verify_values;

static const verify_values defaults = {.options = ATHAR_VERIFY_OPTIONS_INIT};

#define AT(member) offsetof(verify_values, member)

static const athar_option options[] = {
	{"against", 0, "WHAT", ATHAR_OPTION_PATH, AT(options.against), "What to compare",
         "a hash, a list of hashes, or another image", NULL},
	{"hash", 0, "LIST", ATHAR_OPTION_HASHES, AT(options.hashes), "What to compare",
         "hashes to compute; those on record are added", "md5,sha1,sha256,sha512,blake2b"},
	ATHAR_OPTION_EXAMINER,
	ATHAR_OPTION_THREADS,
	ATHAR_OPTION_UNCONFINED,
	ATHAR_OPTIONS_OUTPUT,
	ATHAR_OPTIONS_END,
};

typedef struct rows {
	const athar_call *call;
	const char *path;
	athar_progress_line *line;
} rows;

static athar_ink ink_of(athar_check check)
{
	switch (check) {
	case ATHAR_CHECK_SAME:
		return ATHAR_INK_GOOD;
	case ATHAR_CHECK_DIFFERS:
		return ATHAR_INK_BAD;
	case ATHAR_CHECK_NOTHING:
	case ATHAR_CHECK_FAILED:
		break;
	}
	return ATHAR_INK_DOUBT;
}

static void row_event(const rows *r, athar_check check, const char *what, const char *detail)
{
	athar_json *event = athar_json_object();

	athar_json_set_text(event, "path", r->path);
	athar_json_set_text(event, "check", athar_check_name(check));
	athar_json_set_text(event, "what", what);
	athar_json_set_text(event, "detail", detail);
	athar_event(r->call, "row", event);
}

static void on_row(void *user, athar_check check, const char *what, const char *detail)
{
	const rows *r = user;

	if (r->call->common->json) {
		row_event(r, check, what, detail);
		return;
	}
	if (r->call->common->quiet && check == ATHAR_CHECK_SAME)
		return;
	athar_progress_wipe(r->line);
	(void)printf("  %s%-23s%s ", athar_terminal_ink(stdout, ink_of(check)),
	             athar_check_name(check), athar_terminal_ink(stdout, ATHAR_INK_PLAIN));
	athar_terminal_put_again(stdout, what);
	if (detail != NULL) {
		(void)fputs(": ", stdout);
		athar_terminal_put_again(stdout, detail);
	}
	(void)putchar('\n');
}

static athar_json *json_of(const athar_verify_result *r, const char *path, athar_status status,
                           const athar_error *err)
{
	athar_json *s = athar_json_object();

	athar_json_set_text(s, "path", path);
	athar_json_set_number(s, "exit", (uint64_t)athar_status_exit(status));
	if (status != ATHAR_OK)
		athar_json_set(s, "error", athar_event_error(err));
	athar_json_set_number(s, "same", r->same);
	athar_json_set_number(s, "differs", r->differs);
	athar_json_set_number(s, "nothing", r->nothing);
	athar_json_set_number(s, "failed", r->failed);
	athar_json_set_number(s, "bytes", r->bytes);
	if (!athar_case_exists(path))
		athar_json_set(s, "hashes", athar_digests_to_json(&r->hashes));
	athar_json_set(s, "damaged", athar_facts_runs_json(&r->bad));
	athar_json_set_bool(s, "logged", r->logged);
	return s;
}

/* A case may hold many images: their hashes are in its rows. */
static void put_result(const athar_verify_result *r, const char *path)
{
	if (!athar_case_exists(path))
		athar_facts_hashes(stdout, "", &r->hashes);
	athar_facts_runs(stdout, "Damaged", &r->bad, MOST_RANGES);
}

/* The verification of one of the paths; its part of the summary goes to `paths`. */
static athar_status verify_one(athar_call *call, const char *path, athar_json *paths,
                               uint64_t *same, athar_error *err)
{
	verify_values *v = call->values;
	athar_verify_result result = {.same = 0};
	athar_progress_line line;
	rows r = {.call = call, .path = path, .line = &line};
	const athar_verify_sink sink = {.row = on_row, .user = &r};
	athar_status status;

	v->options.path = path;
	if (!call->common->json && call->operands.count > 1) {
		athar_terminal_put(stdout, path);
		(void)putchar('\n');
	}
	status = athar_verify(&result, &v->options, &call->context, &sink,
	                      athar_progress_begin(&line, call), err);
	athar_progress_wipe(&line);
	athar_json_append(paths, json_of(&result, path, status, err));
	if (!call->common->json && !call->common->quiet)
		put_result(&result, path);
	*same += result.same;
	athar_verify_result_clear(&result);
	return status;
}

/* All of them at once: what is confined to the first could not open the second. */
static athar_status confine_to_all(const athar_call *call, athar_error *err)
{
	verify_values *v = call->values;
	const size_t count = call->operands.count;
	const char **paths = calloc(count + 2, sizeof *paths);
	athar_status status;

	if (paths == NULL)
		return athar_fail(err, ATHAR_ENOMEM, "out of memory");
	for (size_t i = 0; i < count; i++)
		paths[i] = call->operands.word[i];
	paths[count] = v->options.against;
	status = athar_verify_confine(paths, &call->context, err);
	free(paths);
	v->options.confined = true;
	return status;
}

/* Of the failures the gravest counts, of equals the first. */
static athar_status run(athar_call *call, athar_error *err)
{
	athar_json *paths;
	athar_status worst = confine_to_all(call, err);
	uint64_t same = 0;
	char count[48];

	if (worst != ATHAR_OK)
		return worst;
	paths = athar_json_array();
	for (size_t i = 0; i < call->operands.count && worst != ATHAR_ECANCELED; i++) {
		athar_error one = ATHAR_ERROR_INIT;
		const athar_status status =
			verify_one(call, call->operands.word[i], paths, &same, &one);
		const int so_far = athar_status_exit(worst);

		if (athar_exit_gravest(so_far, athar_status_exit(status)) != so_far) {
			worst = status;
			*err = one;
			if (call->operands.count > 1 &&
			    strstr(err->text, call->operands.word[i]) == NULL)
				(void)athar_within(err, "%s", call->operands.word[i]);
		}
	}
	call->summary = athar_json_object();
	athar_json_set(call->summary, "paths", paths);
	athar_call_done(call, "%s, all the same",
	                athar_facts_count(count, sizeof count, same, "check", "checks"));
	return worst;
}

const athar_command athar_command_verify = {
	.name = "verify",
	.operands = "IMAGE|CASE...",
	.least = 1,
	.most = SIZE_MAX,
	.summary = "is an image or a case still what it was?",
	.about = "Reads images and cases again and compares them with the hashes that they, their\n"
		 "records and their logs hold. Says what differs, and where.",
	.options = options,
	.defaults = &defaults,
	.values_size = sizeof defaults,
	.run = run,
};
