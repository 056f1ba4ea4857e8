/* SPDX-License-Identifier: BSD-2-Clause */
#include "athar/carve.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "athar/text.h"
#include "events.h"
#include "facts.h"
#include "folder.h"
#include "progress.h"
#include "terminal.h"

#define EFFORT_MOST 86400u
#define EARLIER "Items of an earlier run"
#define KNOWN "Known files"
#define SCOPE "What the authority allows"

typedef struct carve_values {
	athar_common common;
	const char *folder, *methods, *grade;
	athar_paths path, exclude, known;
	athar_carve_options options;
	bool list_types;
} carve_values;

static const carve_values defaults = {.options = ATHAR_CARVE_OPTIONS_INIT};

#define AT(member) offsetof(carve_values, member)

static const athar_option options[] = {
	{"case", 0, "DIR", ATHAR_OPTION_FOLDER, AT(folder), "Where it goes",
         "the case, for an IMAGE; made where there is none", NULL},
	{"exhibit", 0, "ID", ATHAR_OPTION_TEXT, AT(options.exhibit), "Where it goes",
         "which exhibit of the case", NULL},
	{"type", 0, "LIST", ATHAR_OPTION_TEXT, AT(options.types), "What to look for",
         "formats, as --list-types names them; default all", NULL},
	{"method", 0, "LIST", ATHAR_OPTION_LIST, AT(methods), "What to look for",
         "metadata, content, fragments, embedded; default all",
         "metadata,content,fragments,embedded"},
	{"grade", 0, "LEAST", ATHAR_OPTION_CHOICE, AT(grade), "What to look for",
         "write files from this grade on; default complete", "intact,complete,partial,header"},
	{"from", 0, "DATE", ATHAR_OPTION_TEXT, AT(options.from), SCOPE,
         "files with a time on this day or later", NULL},
	{"to", 0, "DATE", ATHAR_OPTION_TEXT, AT(options.to), SCOPE,
         "files with a time on this day or earlier", NULL},
	{"path", 0, "PATTERN", ATHAR_OPTION_PATHS, AT(path), SCOPE,
         "files and folders that match; may be given again", NULL},
	{"exclude", 0, "PATTERN", ATHAR_OPTION_PATHS, AT(exclude), SCOPE,
         "and do not match; may be given again", NULL},
	{"known", 0, "LIST", ATHAR_OPTION_PATHS, AT(known), KNOWN,
         "mark items that this list, or set, has; may be given again", NULL},
	{"skip-known", 0, NULL, ATHAR_OPTION_FLAG, AT(options.skip_known), KNOWN,
         "list them, but do not write them", NULL},
	{"extract", 0, "LIST", ATHAR_OPTION_TEXT, AT(options.extract), EARLIER,
         "take out items that a run has listed: 17,20-25", NULL},
	{"run", 0, "NAME", ATHAR_OPTION_TEXT, AT(options.of_run), EARLIER,
         "of this run; default the last", NULL},
	{"max-output", 0, "SIZE", ATHAR_OPTION_SIZE, AT(options.max_output), "Where it goes",
         "recovered files in all; the rest is listed", NULL},
	{"whole", 0, NULL, ATHAR_OPTION_FLAG, AT(options.whole), "What to look for",
         "search all of the image by content, live files too", NULL},
	{"effort", 0, "SECONDS", ATHAR_OPTION_NUMBER, AT(options.effort), "What to look for",
         "work that the pieces of one file are worth, about; default 5", NULL},
	{"every-byte", 0, NULL, ATHAR_OPTION_FLAG, AT(options.every_byte), "What to look for",
         "beginnings at every byte, not only at sectors", NULL},
	{"allocated", 0, NULL, ATHAR_OPTION_FLAG, AT(options.allocated), "What to look for",
         "live files too", NULL},
	{"list-only", 0, NULL, ATHAR_OPTION_FLAG, AT(options.list_only), "What to look for",
         "print and record the items, write no files", NULL},
	{"tree", 0, NULL, ATHAR_OPTION_FLAG, AT(options.tree), "Where it goes",
         "recovered files also as links under their paths", NULL},
	{"set-times", 0, NULL, ATHAR_OPTION_FLAG, AT(options.set_times), "Where it goes",
         "recovered files get the time of their last change", NULL},
	{"resume", 0, NULL, ATHAR_OPTION_FLAG, AT(options.resume), EARLIER,
         "go on with the run that was interrupted", NULL},
	{"list-types", 0, NULL, ATHAR_OPTION_FLAG, AT(list_types), "What to look for",
         "print the formats that are known, and stop", NULL},
	ATHAR_OPTION_EXAMINER,
	ATHAR_OPTION_THREADS,
	ATHAR_OPTION_UNCONFINED,
	ATHAR_OPTION_YES,
	ATHAR_OPTIONS_OUTPUT,
	ATHAR_OPTIONS_END,
};

/* ---- --list-types ---- */

static void type_row(const athar_call *call, const athar_carve_type *t)
{
	athar_json *row;

	if (!call->common->json) {
		(void)printf("%-10s %-10s %-9s %s; %s\n", t->name, t->extension,
		             athar_grade_name(t->best), t->summary, t->end);
		return;
	}
	row = athar_json_object();
	athar_json_set_text(row, "name", t->name);
	athar_json_set_text(row, "extension", t->extension);
	athar_json_set_text(row, "best", athar_grade_name(t->best));
	athar_json_set_text(row, "summary", t->summary);
	athar_json_set_text(row, "end", t->end);
	athar_event(call, "row", row);
}

static athar_status list_types(athar_call *call)
{
	char count[48];
	uint64_t n = 0;

	for (const athar_carve_type *t = athar_carve_types(); t->name != NULL; t++, n++)
		type_row(call, t);
	athar_call_done(call, "%s", athar_facts_count(count, sizeof count, n, "format", "formats"));
	return ATHAR_OK;
}

/* ---- items ---- */

typedef struct lister {
	const athar_call *call;
	athar_progress_line *line;
	bool print;
} lister;

static void put_item(const athar_item *item)
{
	(void)printf("%8" PRIu64 "  %-8s  %-9s  %-11s  %12" PRIu64 "  %-8s  ", item->number,
	             athar_grade_name(item->grade), athar_method_name(item->method),
	             athar_state_name(item->state), item->size,
	             item->type[0] != '\0' ? item->type : "-");
	if (item->path != NULL)
		athar_terminal_put_bytes(stdout, item->path, item->path_len);
	else if (item->extents.count > 0 && item->extents.extent[0].image != ATHAR_NOWHERE)
		(void)printf("at %" PRIu64, item->extents.extent[0].image);
	else
		(void)putchar('-');
	(void)putchar('\n');
}

static void on_item(void *user, const athar_item *item)
{
	const lister *l = user;

	if (l->call->common->json) {
		athar_json *event = athar_json_object();

		athar_json_set(event, "item", athar_item_to_json(item, NULL, NULL));
		athar_event(l->call, "item", event);
	} else if (l->print) {
		athar_progress_wipe(l->line);
		put_item(item);
	}
}

/* ---- what came of it ---- */

static void put_counts(FILE *to, const athar_carve_result *r)
{
	char label[32];

	for (int g = ATHAR_GRADE_INTACT; g >= ATHAR_GRADE_HEADER; g--)
		(void)fprintf(to, "  %-14s %" PRIu64 "\n", athar_grade_name((athar_grade)g),
		              r->by_grade[g]);
	for (int m = ATHAR_METHOD_METADATA; m <= ATHAR_METHOD_EMBEDDED; m++) {
		if (r->by_method[m] == 0)
			continue;
		(void)snprintf(label, sizeof label, "by %s", athar_method_name((athar_method)m));
		(void)fprintf(to, "  %-14s %" PRIu64 "\n", label, r->by_method[m]);
	}
	for (int t = ATHAR_STATE_LIVE; t <= ATHAR_STATE_UNKNOWN; t++) {
		if (r->by_state[t] == 0)
			continue;
		(void)snprintf(label, sizeof label, "%s", athar_state_name((athar_state)t));
		(void)fprintf(to, "  %-14s %" PRIu64 "\n", label, r->by_state[t]);
	}
}

static void put_result(FILE *to, const athar_carve_result *r, bool has_lists)
{
	athar_terminal_fact(to, "Exhibit", r->slug);
	athar_terminal_fact(to, "Run", r->run);
	(void)fprintf(to, "  %-14s %" PRIu64 "\n", "Items", r->items);
	put_counts(to, r);
	athar_terminal_fact_size(to, "Recovered", r->bytes_recovered);
	(void)fprintf(to, "  %-14s %" PRIu64 "\n", "Volumes", r->volumes);
	if (r->left_out != 0)
		(void)fprintf(to, "  %-14s %" PRIu64 "\n", "Out of scope", r->left_out);
	if (has_lists) {
		(void)fprintf(to, "  %-14s %" PRIu64 "\n", "Known", r->known);
		(void)fprintf(to, "  %-14s %" PRIu64 "\n", "Not looked up", r->not_compared);
	}
	athar_terminal_fact_size(to, "Searched", r->searched);
	athar_terminal_fact_size(to, "Image", r->total);
	(void)fprintf(to, "  %-14s %" PRIu64 "\n", "Not examined", r->findings);
	if (r->workers_lost != 0)
		(void)fprintf(to, "  %-14s %" PRIu64 "\n", "Workers lost", r->workers_lost);
	athar_terminal_fact(to, "Custody head", r->custody_head);
}

static athar_json *summary(const athar_carve_result *r)
{
	athar_json *s = athar_json_object(), *grades = athar_json_object(),
		   *methods = athar_json_object(), *states = athar_json_object();

	for (int g = ATHAR_GRADE_HEADER; g <= ATHAR_GRADE_INTACT; g++)
		athar_json_set_number(grades, athar_grade_name((athar_grade)g), r->by_grade[g]);
	for (int m = ATHAR_METHOD_METADATA; m <= ATHAR_METHOD_EMBEDDED; m++)
		athar_json_set_number(methods, athar_method_name((athar_method)m), r->by_method[m]);
	for (int t = ATHAR_STATE_LIVE; t <= ATHAR_STATE_UNKNOWN; t++)
		athar_json_set_number(states, athar_state_name((athar_state)t), r->by_state[t]);
	athar_json_set_text(s, "exhibit", r->slug);
	athar_json_set_text(s, "run", r->run);
	athar_json_set_number(s, "items", r->items);
	athar_json_set(s, "by_grade", grades);
	athar_json_set(s, "by_method", methods);
	athar_json_set(s, "by_state", states);
	athar_json_set_number(s, "volumes", r->volumes);
	athar_json_set_number(s, "searched", r->searched);
	athar_json_set_number(s, "total", r->total);
	athar_json_set_number(s, "left_out", r->left_out);
	athar_json_set_number(s, "findings", r->findings);
	athar_json_set_number(s, "workers_lost", r->workers_lost);
	athar_json_set_number(s, "bytes_recovered", r->bytes_recovered);
	athar_json_set_number(s, "known", r->known);
	athar_json_set_number(s, "not_compared", r->not_compared);
	athar_json_set_text(s, "custody_head", r->custody_head);
	return s;
}

static athar_status work(athar_call *call, athar_case *c, athar_error *err)
{
	const carve_values *v = call->values;
	athar_carve_result result = {.items = 0};
	athar_progress_line line;
	lister l = {
		.call = call, .line = &line, .print = v->options.list_only && !call->common->quiet};
	char count[48];
	athar_status status;

	status = athar_carve(&result, c, &v->options, on_item, &l,
	                     athar_progress_begin(&line, call), err);
	athar_progress_wipe(&line);
	if (status == ATHAR_OK || status == ATHAR_EINCOMPLETE) {
		if (call->common->json)
			call->summary = summary(&result);
		else if (!call->common->quiet)
			put_result(l.print ? stderr : stdout, &result, v->known.count != 0);
		athar_call_done(
			call, "%s in %s of exhibit %s",
			athar_facts_count(count, sizeof count, result.items, "item", "items"),
			result.run, result.slug);
	}
	athar_carve_result_clear(&result);
	return status;
}

static unsigned methods_of(const char *list)
{
	unsigned mask = 0;

	if (athar_option_word(list, "metadata", strlen("metadata")))
		mask |= ATHAR_CARVE_METADATA;
	if (athar_option_word(list, "content", strlen("content")))
		mask |= ATHAR_CARVE_CONTENT;
	if (athar_option_word(list, "fragments", strlen("fragments")))
		mask |= ATHAR_CARVE_FRAGMENTS;
	if (athar_option_word(list, "embedded", strlen("embedded")))
		mask |= ATHAR_CARVE_EMBEDDED;
	return mask;
}

static bool is_limited(const carve_values *v)
{
	return v->options.from != NULL || v->options.to != NULL || v->path.count != 0 ||
	       v->exclude.count != 0;
}

static athar_carve_names names_of(const athar_paths *paths)
{
	return (athar_carve_names){.name = paths->path, .count = paths->count};
}

/* Which case: the operand itself, or --case for an image. */
static athar_status settle(athar_call *call, const char **folder, bool *new_case, athar_error *err)
{
	carve_values *v = call->values;
	const char *operand = call->operands.word[0];

	if (v->options.list_only && (v->options.tree || v->options.set_times))
		return athar_fail(
			err, ATHAR_EUSAGE,
			"--list-only writes no files; --tree and --set-times are for files");
	if (v->options.of_run != NULL && v->options.extract == NULL)
		return athar_fail(err, ATHAR_EUSAGE, "--run says whose items --extract takes out");
	if (v->options.extract != NULL && (v->options.list_only || is_limited(v)))
		return athar_fail(err, ATHAR_EUSAGE,
		                  "--extract takes out what was found already: it goes with none "
		                  "of --list-only, --from, --to, --path, --exclude");
	if (v->options.effort == 0 || v->options.effort > EFFORT_MOST)
		return athar_fail(err, ATHAR_EUSAGE, "--effort is 1 to %u seconds", EFFORT_MOST);
	if (v->methods != NULL)
		v->options.methods = methods_of(v->methods);
	else if (is_limited(v))
		v->options.methods = ATHAR_CARVE_METADATA | ATHAR_CARVE_EMBEDDED;
	if (v->grade != NULL && !athar_grade_parse(&v->options.least, v->grade))
		return athar_fail(err, ATHAR_EUSAGE, "--grade %s: no such grade", v->grade);
	v->options.path = names_of(&v->path);
	v->options.exclude = names_of(&v->exclude);
	v->options.known = names_of(&v->known);
	if ((v->options.methods & ATHAR_CARVE_FRAGMENTS) &&
	    !(v->options.methods & ATHAR_CARVE_CONTENT))
		return athar_fail(err, ATHAR_EUSAGE,
		                  "pieces are looked for where content is: --method "
		                  "content,fragments");
	if (athar_case_exists(operand)) {
		*folder = operand;
		if (v->folder != NULL)
			return athar_fail(err, ATHAR_EUSAGE,
			                  "%s is a case already; --case is for an image", operand);
		return ATHAR_OK;
	}
	if (v->folder == NULL)
		return athar_fail(err, ATHAR_EUSAGE,
		                  "%s is no case; an image needs --case DIR for the results",
		                  operand);
	*folder = v->folder;
	v->options.image = operand;
	return athar_folder_decide(new_case, call, v->folder, err);
}

static athar_status run(athar_call *call, athar_error *err)
{
	const carve_values *v = call->values;
	const char *folder = NULL;
	athar_case *c = NULL;
	bool new_case = false;
	athar_status status;

	if (v->list_types)
		return list_types(call);
	if (call->operands.count == 0)
		return athar_fail(err, ATHAR_EUSAGE, "IMAGE or CASE is missing");
	status = settle(call, &folder, &new_case, err);
	if (status == ATHAR_OK && new_case)
		status = athar_folder_check_image(v->options.image, err);
	if (status == ATHAR_OK)
		status = athar_folder_open(&c, call, folder, new_case, NULL, err);
	if (status == ATHAR_OK)
		status = work(call, c, err);
	athar_case_close(c);
	return status;
}

const athar_command athar_command_carve = {
	.name = "carve",
	.operands = "IMAGE|CASE",
	.least = 0,
	.most = 1,
	.summary = "recover what was deleted",
	.about = "Looks through an image, or the image of an exhibit, for deleted files that the "
		 "file\n"
		 "system still describes, then for known formats in what is left.",
	.options = options,
	.defaults = &defaults,
	.values_size = sizeof defaults,
	.run = run,
};
