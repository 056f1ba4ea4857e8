/* SPDX-License-Identifier: BSD-2-Clause */
#include "athar/adopt.h"

#include <inttypes.h>
#include <stdlib.h>

#include "events.h"
#include "facts.h"
#include "progress.h"
#include "terminal.h"

typedef struct add_values {
	athar_common common;
	athar_paths logs;
	athar_adopt_options options;
} add_values;

static const add_values defaults = {.options = ATHAR_ADOPT_OPTIONS_INIT};

#define AT(member) offsetof(add_values, member)
#define IMAGE "The image"
#define WORDS_OF "The examiner's words"

static const athar_option options[] = {
	{"exhibit", 0, "ID", ATHAR_OPTION_TEXT, AT(options.exhibit), IMAGE,
         "the exhibit's id as on its label", NULL},
	{"log", 0, "FILE", ATHAR_OPTION_PATHS, AT(logs), IMAGE,
         "of the tool that made it; may be given again", NULL},
	{"copy", 0, NULL, ATHAR_OPTION_FLAG, AT(options.copy), IMAGE,
         "copy it into the case; else it stays where it is", NULL},
	{"hash", 0, "LIST", ATHAR_OPTION_HASHES, AT(options.hashes), IMAGE,
         "hashes to compute; default md5,sha1,sha256", "md5,sha1,sha256,sha512,blake2b"},
	{"description", 0, "TEXT", ATHAR_OPTION_TEXT, AT(options.description), WORDS_OF,
         "what the exhibit is", NULL},
	{"notes", 0, "TEXT", ATHAR_OPTION_TEXT, AT(options.notes), WORDS_OF, "anything else", NULL},
	{"seal", 0, "TEXT", ATHAR_OPTION_TEXT, AT(options.seal), WORDS_OF,
         "numbers of the seals found and broken", NULL},
	{"condition", 0, "TEXT", ATHAR_OPTION_TEXT, AT(options.condition), WORDS_OF,
         "in which the exhibit was received", NULL},
	{"write-blocker", 0, "TEXT", ATHAR_OPTION_TEXT, AT(options.write_blocker), WORDS_OF,
         "make and serial number of the write blocker", NULL},
	ATHAR_OPTION_EXAMINER,
	ATHAR_OPTION_THREADS,
	ATHAR_OPTION_UNCONFINED,
	ATHAR_OPTIONS_OUTPUT,
	ATHAR_OPTIONS_END,
};

/* ---- what came of it ---- */

static void put_difference(const athar_json *d)
{
	const char *said = athar_json_get_text(d, "said");
	const char *seen = athar_json_get_text(d, "seen");
	char label[64];

	(void)snprintf(label, sizeof label, "DIFFERS");
	athar_terminal_fact(stdout, label, athar_json_get_text(d, "what"));
	if (said != NULL) {
		(void)snprintf(label, sizeof label, "  %.40s", athar_json_get_text(d, "by"));
		athar_terminal_fact(stdout, label, said);
	}
	athar_terminal_fact(stdout, "  seen", seen);
}

static void put_result(const athar_adopt_result *r)
{
	char files[48], image[64], count[64];

	athar_terminal_fact(stdout, "Exhibit", r->slug);
	athar_terminal_fact(stdout, "Made by", r->made_by);
	athar_terminal_fact_size(stdout, "Size", r->size);
	athar_terminal_fact_size(stdout, "Unreadable", r->bad_bytes);
	athar_facts_hashes(stdout, "", &r->hashes);
	(void)snprintf(count, sizeof count, "%" PRIu64, r->compared);
	athar_terminal_fact(stdout, "Hashes checked", count);
	for (size_t i = 0; i < athar_json_count(r->differences); i++)
		put_difference(athar_json_at(r->differences, i));
	for (size_t i = 0; i < athar_json_count(r->notes); i++)
		athar_terminal_fact(stdout, "Note", athar_json_text(athar_json_at(r->notes, i)));
	athar_terminal_fact(stdout, "Image", r->image);
	(void)snprintf(image, sizeof image, "%s, %" PRIu64 " bytes",
	               athar_facts_count(files, sizeof files, r->segments, "file", "files"),
	               r->image_bytes);
	athar_terminal_fact(stdout, "Image files", image);
	athar_terminal_fact(stdout, "Custody head", r->custody_head);
}

static athar_json *summary(const athar_adopt_result *r)
{
	athar_json *s = athar_json_object();

	athar_json_set_text(s, "exhibit", r->slug);
	athar_json_set_text(s, "made_by", r->made_by);
	athar_json_set_number(s, "size", r->size);
	athar_json_set_number(s, "bad_bytes", r->bad_bytes);
	athar_json_set(s, "hashes", athar_digests_to_json(&r->hashes));
	athar_json_set_number(s, "compared", r->compared);
	athar_json_set_number(s, "differ", r->differs);
	athar_json_set(s, "differences", athar_json_copy(r->differences));
	athar_json_set(s, "notes", athar_json_copy(r->notes));
	athar_json_set_text(s, "image", r->image);
	athar_json_set_number(s, "image_files", r->segments);
	athar_json_set_number(s, "image_bytes", r->image_bytes);
	athar_json_set_text(s, "custody_head", r->custody_head);
	return s;
}

/* An exhibit stands after these. */
static bool stands(athar_status status, const athar_adopt_result *r)
{
	return r->image != NULL &&
	       (status == ATHAR_OK || status == ATHAR_EINCOMPLETE || status == ATHAR_EMISMATCH);
}

static athar_status work(athar_call *call, athar_case *c, athar_error *err)
{
	const add_values *v = call->values;
	athar_adopt_result result = {.size = 0};
	athar_progress_line line;
	athar_status status;

	status = athar_adopt(&result, c, &v->options, athar_progress_begin(&line, call), err);
	athar_progress_wipe(&line);
	if (stands(status, &result)) {
		if (call->common->json)
			call->summary = summary(&result);
		else if (!call->common->quiet)
			put_result(&result);
		athar_call_done(
			call, "%" PRIu64 " bytes; hashes that came with it and are right: %" PRIu64,
			result.size, result.compared);
	}
	athar_adopt_result_clear(&result);
	return status;
}

static athar_status run(athar_call *call, athar_error *err)
{
	add_values *v = call->values;
	athar_case *c = NULL;
	athar_status status;

	v->options.image = call->operands.word[1];
	v->options.logs = v->logs.path;
	v->options.log_count = v->logs.count;
	if (v->options.exhibit == NULL)
		return athar_fail(err, ATHAR_EUSAGE, "--exhibit ID is missing");
	status = athar_case_open(&c, call->operands.word[0], &call->context, err);
	if (status == ATHAR_OK)
		status = work(call, c, err);
	athar_case_close(c);
	return status;
}

const athar_command athar_command_case_add = {
	.name = "case add",
	.operands = "DIR IMAGE",
	.least = 2,
	.most = 2,
	.summary = "take in an image that another tool made",
	.about = "Takes in IMAGE, which another tool made, as an exhibit: reads it, and holds what "
		 "is\n"
		 "seen against what its container and the tool's logs say. IMAGE is never written "
		 "to.",
	.options = options,
	.defaults = &defaults,
	.values_size = sizeof defaults,
	.run = run,
};
