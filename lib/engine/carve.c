/* SPDX-License-Identifier: BSD-2-Clause */
#include "athar/carve.h"

#include <string.h>

#include "athar/version.h"
#include "base/alloc.h"
#include "engine/carving.h"
#include "engine/drivers.h"
#include "engine/marks.h"
#include "engine/pass.h"
#include "engine/record.h"
#include "engine/subject.h"
#include "jail/confine.h"

#define SECTOR 512u
/* Lines of findings.jsonl; those beyond are counted. */
#define FINDINGS_MOST 100000u
/* The largest file of a disk takes hours to read, its structure minutes to follow. */
#define TASK_SECONDS (7u * 24 * 3600)
#define IDLE_SECONDS 900u

ATHAR_DEFINE_AUTO(formats, const athar_format **, free)

void athar_carve_result_clear(athar_carve_result *result)
{
	free(result->run);
	free(result->slug);
	*result = (athar_carve_result){.items = 0};
}

const athar_carve_type *athar_carve_types(void)
{
	static athar_carve_type types[65];
	const athar_format *const *formats = athar_formats();

	for (size_t i = 0; i < ATHAR_COUNT(types) - 1 && formats[i] != NULL; i++)
		types[i] = (athar_carve_type){.name = formats[i]->name,
		                              .extension = formats[i]->extension,
		                              .summary = formats[i]->summary,
		                              .end = formats[i]->end,
		                              .best = formats[i]->best};
	return types;
}

/* ---- which formats ---- */

static size_t format_count(void)
{
	size_t n = 0;

	while (athar_formats()[n] != NULL)
		n++;
	return n;
}

static bool names_it(const char *names, const char *name)
{
	const size_t len = strlen(name);

	for (const char *at = names; at != NULL; at = strchr(at, ',')) {
		at += *at == ',';
		if (strncmp(at, name, len) == 0 && (at[len] == ',' || at[len] == '\0'))
			return true;
	}
	return false;
}

static athar_status check_names(const char *names, athar_error *err)
{
	ATHAR_AUTO(free) char *copy = athar_copy_text(names, err);
	char *rest = NULL;

	if (copy == NULL)
		return ATHAR_ENOMEM;
	for (char *name = strtok_r(copy, ",", &rest); name != NULL;
	     name = strtok_r(NULL, ",", &rest))
		if (athar_format_find(name) == NULL)
			return athar_fail(err, ATHAR_EUSAGE,
			                  "no type is called %s: athar carve --list-types", name);
	return ATHAR_OK;
}

/* In their own order, however they were asked for: who is asked first may be who claims. */
static athar_status choose_named(const athar_format **out, const char *names, athar_error *err)
{
	const athar_format *const *formats = athar_formats();
	size_t n = 0;

	ATHAR_TRY(check_names(names, err));
	for (size_t i = 0; formats[i] != NULL; i++)
		if (names_it(names, formats[i]->name))
			out[n++] = formats[i];
	return n != 0 ? ATHAR_OK : athar_fail(err, ATHAR_EUSAGE, "--type names no type");
}

static athar_status choose_formats(const athar_format ***out, const char *names, athar_error *err)
{
	ATHAR_AUTO(formats)
	const athar_format **chosen = athar_alloc_array(format_count() + 1, sizeof *chosen, err);

	if (chosen == NULL)
		return ATHAR_ENOMEM;
	if (names != NULL)
		ATHAR_TRY(choose_named(chosen, names, err));
	else
		memcpy(chosen, athar_formats(), format_count() * sizeof *chosen);
	*out = ATHAR_GIVE(chosen);
	return ATHAR_OK;
}

bool athar_carving_wants(const athar_carving *k, const athar_find *find)
{
	if (k->options->types == NULL)
		return true;
	for (size_t i = 0; k->formats[i] != NULL; i++)
		if (strcmp(k->formats[i]->name, find->format) == 0)
			return true;
	return false;
}

/* What somebody asks for by number is wanted as it is. */
athar_grade athar_carving_least(const athar_carving *k)
{
	return k->options->extract != NULL ? ATHAR_GRADE_HEADER : k->options->least;
}

bool athar_carving_writes(const athar_carving *k, const athar_find *find)
{
	char why[160];

	return athar_carving_wants(k, find) &&
	       athar_find_grade(why, find, find->bad) >= athar_carving_least(k);
}

/* ---- findings and volumes ---- */

athar_status athar_carving_finding(athar_carving *k, const char *kind, const char *where,
                                   uint64_t offset, uint64_t length, const char *text,
                                   athar_error *err)
{
	const uint64_t before = athar_run_finding_count(k->run);

	if (k->out->findings >= FINDINGS_MOST) {
		k->out->findings++;
		return ATHAR_OK;
	}
	athar_watch_notice(k->watcher, "%s%s%s", where == NULL ? "" : where,
	                   where == NULL ? "" : ": ", text);
	ATHAR_TRY(athar_run_finding(k->run, kind, where, offset, length, text, err));
	k->out->findings += athar_run_finding_count(k->run) - before;
	return ATHAR_OK;
}

static athar_status tell_uncounted(athar_carving *k, athar_error *err)
{
	char text[120];

	if (k->out->findings <= FINDINGS_MOST)
		return ATHAR_OK;
	(void)snprintf(text, sizeof text, "%llu more findings are not listed",
	               (unsigned long long)(k->out->findings - FINDINGS_MOST));
	return athar_run_finding(k->run, "limit", NULL, ATHAR_NOWHERE, 0, text, err);
}

static athar_status survey_findings(athar_carving *k, athar_error *err)
{
	if (k->survey.finding[0] != '\0')
		ATHAR_TRY(athar_carving_finding(k, "volume", NULL, 0, k->survey.size,
		                                k->survey.finding, err));
	for (size_t i = 0; i < k->survey.count; i++) {
		const athar_volume_info *v = &k->survey.volume[i];
		char where[32];

		(void)snprintf(where, sizeof where, "volume %u", v->number);
		if (v->finding[0] != '\0')
			ATHAR_TRY(athar_carving_finding(k, "volume", where, v->offset, v->length,
			                                v->finding, err));
	}
	return ATHAR_OK;
}

static athar_json *counts_json(const athar_volume_counts *c)
{
	athar_json *o = athar_json_object();

	athar_json_set_number(o, "files", c->files);
	athar_json_set_number(o, "deleted", c->deleted);
	athar_json_set_number(o, "orphans", c->orphans);
	athar_json_set_number(o, "folders", c->folders);
	athar_json_set_number(o, "failed_reads", c->failed_reads);
	athar_json_set_number(o, "errors", c->errors);
	athar_json_set_bool(o, "partial", c->partial);
	return o;
}

static athar_status save_volumes(athar_carving *k, athar_error *err)
{
	ATHAR_AUTO(json) athar_json *list = athar_json_array();

	for (size_t i = 0; i < k->survey.count; i++) {
		athar_json *o = athar_survey_volume_json(&k->survey.volume[i]);

		if (k->walked[i])
			athar_json_set(o, "counts", counts_json(&k->counts[i]));
		if (k->note[i][0] != '\0')
			athar_json_set_text(o, "note", k->note[i]);
		athar_json_append(list, o);
	}
	return athar_run_volumes(k->run, list, err);
}

/* ---- the steps ---- */

static athar_status survey(athar_carving *k, athar_error *err)
{
	ATHAR_TRY(athar_survey_run(&k->survey, k->jail, err));
	if (k->survey.size == 0)
		return athar_fail(err, ATHAR_EIO, "the image could not be examined: %s",
		                  k->survey.finding);
	ATHAR_TRY(athar_resumed_check(k, err));
	k->out->total = k->survey.size;
	k->out->volumes = k->survey.count;
	k->counts = athar_alloc_array(k->survey.count + 1, sizeof *k->counts, err);
	k->walked = athar_alloc_array(k->survey.count + 1, sizeof *k->walked, err);
	k->mapped = athar_alloc_array(k->survey.count + 1, sizeof *k->mapped, err);
	k->note = athar_alloc_array(k->survey.count + 1, sizeof *k->note, err);
	if (k->counts == NULL || k->walked == NULL || k->mapped == NULL || k->note == NULL)
		return ATHAR_ENOMEM;
	return survey_findings(k, err);
}

static athar_status steps(athar_carving *k, athar_error *err)
{
	ATHAR_TRY(survey(k, err));
	if (k->options->extract != NULL)
		ATHAR_TRY(athar_carving_earlier(k, err));
	ATHAR_TRY(athar_resumed_save(k, 0, err));
	if (k->options->extract != NULL)
		return athar_carving_again(k, err);
	if (k->options->methods & ATHAR_CARVE_METADATA)
		ATHAR_TRY(athar_carving_undelete(k, err));
	else
		ATHAR_TRY(athar_carving_map(k, err));
	if (k->options->methods & ATHAR_CARVE_CONTENT)
		ATHAR_TRY(athar_carving_search(k, err));
	return athar_carving_inside(k, err);
}

/* ---- the record ---- */

static athar_json *counts_of(const athar_carve_result *r)
{
	athar_json *o = athar_json_object();
	athar_json *grades = athar_json_object();
	athar_json *methods = athar_json_object();
	athar_json *states = athar_json_object();

	for (int g = ATHAR_GRADE_HEADER; g <= ATHAR_GRADE_INTACT; g++)
		athar_json_set_number(grades, athar_grade_name((athar_grade)g), r->by_grade[g]);
	for (int m = ATHAR_METHOD_METADATA; m <= ATHAR_METHOD_EMBEDDED; m++)
		athar_json_set_number(methods, athar_method_name((athar_method)m), r->by_method[m]);
	for (int t = ATHAR_STATE_LIVE; t <= ATHAR_STATE_UNKNOWN; t++)
		athar_json_set_number(states, athar_state_name((athar_state)t), r->by_state[t]);
	athar_json_set_number(o, "items", r->items);
	athar_json_set(o, "by_grade", grades);
	athar_json_set(o, "by_method", methods);
	athar_json_set(o, "by_state", states);
	return o;
}

static athar_json *asked_for(const athar_carving *k)
{
	athar_json *types = athar_json_array();

	for (size_t i = 0; k->formats[i] != NULL; i++)
		athar_json_append_text(types, k->formats[i]->name);
	return types;
}

static athar_json *methods_of(unsigned methods)
{
	athar_json *list = athar_json_array();

	if (methods & ATHAR_CARVE_METADATA) {
		athar_json_append_text(list, "metadata");
		athar_json_append_text(list, "journal");
	}
	if (methods & ATHAR_CARVE_CONTENT)
		athar_json_append_text(list, "content");
	if (methods & ATHAR_CARVE_FRAGMENTS)
		athar_json_append_text(list, "fragments");
	if (methods & ATHAR_CARVE_EMBEDDED)
		athar_json_append_text(list, "embedded");
	return list;
}

static int64_t now(const athar_carving *k)
{
	return k->context->now(k->context->user);
}

static athar_json *run_json(const athar_carving *k, const char *image, athar_status status)
{
	athar_json *o = athar_json_object();
	const int64_t ended = now(k);
	const athar_carve_result *r = k->out;

	athar_json_set_number(o, "v", 1);
	athar_json_set_text(o, "run", athar_run_name(k->run));
	athar_json_set_text(o, "exhibit", r->slug);
	athar_json_set_text(o, "image", image);
	athar_json_set(o, "methods", methods_of(k->options->methods));
	athar_json_set(o, "types", asked_for(k));
	athar_json_set_number(o, "effort", k->options->effort);
	athar_json_set_text(o, "least", athar_grade_name(k->options->least));
	if (k->options->max_output != UINT64_MAX)
		athar_json_set_number(o, "max_output", k->options->max_output);
	if (k->scope.limited)
		athar_json_set(o, "scope", athar_scope_json(&k->scope));
	if (k->options->extract != NULL) {
		athar_json_set_text(o, "extract", k->options->extract);
		athar_json_set_text(o, "of_run", k->earlier);
	}
	if (k->known.count != 0)
		athar_json_set(o, "known", athar_known_to_json(&k->known));
	athar_json_set_bool(o, "whole", k->options->whole);
	athar_json_set_bool(o, "every_byte", k->options->every_byte);
	athar_json_set_bool(o, "allocated", k->options->allocated);
	athar_json_set_bool(o, "list_only", k->options->list_only);
	athar_json_set_bool(o, "tree", k->options->tree);
	athar_json_set_bool(o, "set_times", k->options->set_times);
	athar_record_time(o, "started", k->started);
	athar_record_time(o, "ended", ended);
	athar_resumed_tell(o, k, ended);
	athar_json_set(o, "counts", counts_of(r));
	athar_json_set_text(o, "partition_table", k->survey.table);
	athar_json_set_number(o, "searched", r->searched);
	athar_json_set_number(o, "total", r->total);
	athar_json_set_number(o, "bad_bytes", k->survey.known_bad);
	athar_json_set_number(o, "volumes", r->volumes);
	athar_json_set_number(o, "findings", r->findings);
	athar_json_set_number(o, "joins_given_up", r->joins_given_up);
	athar_json_set_number(o, "workers_lost", r->workers_lost);
	athar_json_set_text(o, "confinement", athar_jail_confinement(k->jail));
	athar_json_set(o, "versions", athar_version_libraries());
	athar_json_set_text(o, "result", athar_custody_result(status));
	return o;
}

/* ---- one run ---- */

static void clear(athar_carving *k)
{
	athar_run_close(k->run);
	athar_jail_close(k->jail);
	athar_known_clear(&k->known);
	athar_survey_clear(&k->survey);
	athar_spool_free(k->starts);
	athar_spool_free(k->holders);
	athar_taken_clear(&k->taken);
	athar_taken_clear(&k->live);
	athar_runs_clear(&k->not_live);
	free(k->counts);
	free(k->earlier);
	free(k->mapped);
	free(k->note);
	free(k->walked);
	free(k->formats);
	athar_resumed_clear(&k->resumed);
}

ATHAR_DEFINE_AUTO_VALUE(carving, athar_carving, clear)

static athar_status open_jail(athar_carving *k, athar_worker_spec *worker, athar_error *err)
{
	athar_jail_spec spec = {.workers = athar_pass_workers(k->context->threads),
	                        .limits = {.seconds = TASK_SECONDS, .idle_seconds = IDLE_SECONDS},
	                        .unconfined = k->context->unconfined,
	                        .setup = athar_worker_setup,
	                        .task = athar_worker_task,
	                        .user = worker};

	ATHAR_TRY(athar_allow_files(ATHAR_SEGMENT_FILES, err));
	return athar_jail_open(&k->jail, &spec, err);
}

static athar_status finding_for_result(const athar_carve_result *r, athar_error *err)
{
	if (r->findings == 0)
		return ATHAR_OK;
	return athar_fail(err, ATHAR_EINCOMPLETE,
	                  "%llu things could not be examined: %s/%s/findings.jsonl names them",
	                  (unsigned long long)r->findings, r->slug, r->run);
}

/* Interrupted work is kept as far as it came, and the record says so. */
static athar_status finish(athar_json **files, athar_carving *k, const athar_subject *subject,
                           athar_status status, athar_error *err)
{
	athar_error late = ATHAR_ERROR_INIT;

	if (status != ATHAR_OK && status != ATHAR_ECANCELED)
		return status;
	athar_run_content_drop(k->run);
	k->out->workers_lost = athar_jail_lost(k->jail);
	k->out->left_out = k->scope.left_out;
	k->out->known = k->known.matched;
	k->out->not_compared = k->known.not_compared;
	if (status == ATHAR_OK)
		status = finding_for_result(k->out, err);
	athar_status saved = tell_uncounted(k, &late);
	if (saved == ATHAR_OK && k->note != NULL)
		saved = save_volumes(k, &late);
	if (saved == ATHAR_OK)
		saved = athar_run_commit(files, k->run, run_json(k, subject->image, status), &late);
	if (saved != ATHAR_OK)
		*err = late;
	return saved != ATHAR_OK ? saved : status;
}

/* What was found so far is kept where it is, and the failure says what is to be done. */
static athar_status leave(athar_carving *k, athar_status status, athar_error *err)
{
	athar_error ignored = ATHAR_ERROR_INIT;
	const athar_error why = *err;

	if (!athar_run_is_left(k->run) || status == ATHAR_EREFUSED || status == ATHAR_EUSAGE)
		return status;
	(void)athar_resumed_save(k, now(k), &ignored);
	(void)athar_fail(
		err, status,
		"%.300s; %s.partial has %llu items: the same command with --resume goes on",
		why.text, athar_run_name(k->run), (unsigned long long)athar_run_count(k->run));
	err->offset = why.offset;
	err->os_errno = why.os_errno;
	return status;
}

static athar_status carve(athar_json **files, athar_carving *k, const athar_subject *subject,
                          athar_error *err)
{
	ATHAR_AUTO(runs) athar_runs marks = ATHAR_RUNS_INIT;
	athar_worker_spec worker = {.image = subject->image,
	                            .known_bad = &marks,
	                            .only_formats = k->options->types != NULL,
	                            .least = athar_carving_least(k),
	                            .step = k->options->every_byte ? 1 : SECTOR};

	ATHAR_TRY(athar_marks_load(&marks, k->c, subject->slug, err));
	worker.formats = k->formats;
	ATHAR_TRY(open_jail(k, &worker, err));
	ATHAR_TRY(athar_resumed_open(k, err));
	athar_run_lay_out(k->run, (athar_run_layout){.tree = k->options->tree,
	                                             .times = k->options->set_times});
	if (k->known.count != 0)
		athar_run_recognise(k->run, &k->known);
	ATHAR_TRY(athar_spool_new(&k->starts, athar_case_folder(k->c), err));
	ATHAR_TRY(athar_spool_new(&k->holders, athar_case_folder(k->c), err));
	k->out->run = athar_copy_text(athar_run_name(k->run), err);
	if (k->out->run == NULL)
		return ATHAR_ENOMEM;
	return leave(k, finish(files, k, subject, steps(k, err), err), err);
}

static athar_json *begin_data(const athar_carving *k, const athar_subject *subject)
{
	athar_json *o = athar_json_object();

	athar_json_set_text(o, "image", subject->image);
	athar_json_set(o, "methods", methods_of(k->options->methods));
	athar_json_set_text(o, "command", k->context->command);
	athar_json_set_bool(o, "unconfined", k->context->unconfined);
	if (k->resumed.run != NULL)
		athar_json_set_text(o, "resumes", k->resumed.run);
	return o;
}

static athar_json *end_data(const athar_carving *k, athar_status status, const athar_error *err)
{
	athar_json *o = athar_json_object();

	athar_json_set_text(o, "run", k->out->run);
	athar_json_set(o, "counts", counts_of(k->out));
	athar_json_set_number(o, "findings", k->out->findings);
	if (status != ATHAR_OK)
		athar_json_set_text(o, "error", err->text);
	return o;
}

static athar_status carve_logged(athar_carving *k, const athar_subject *subject, athar_error *err)
{
	athar_error logged = ATHAR_ERROR_INIT;
	athar_json *files = NULL;
	uint64_t begin = 0;

	ATHAR_TRY(athar_custody_begin(&begin, k->c, "carve", subject->id, begin_data(k, subject),
	                              err));
	athar_status status = carve(&files, k, subject, err);
	athar_status end =
		athar_custody_end(k->c, begin, "carve", subject->id, athar_custody_result(status),
	                          files, end_data(k, status, err), &logged);
	if (end == ATHAR_OK)
		end = athar_custody_head(k->out->custody_head, k->c, &logged);
	if (status == ATHAR_OK && end != ATHAR_OK)
		*err = logged;
	return status != ATHAR_OK ? status : end;
}

/* Before anything is logged or begun: a list that cannot be read is a mistake of the call. */
static athar_status load_known(athar_carving *k, athar_error *err)
{
	const athar_carve_names *lists = &k->options->known;

	if (k->options->skip_known && lists->count == 0)
		return athar_fail(err, ATHAR_EUSAGE, "--skip-known needs a list: --known LIST");
	if (lists->count != 0 && k->options->list_only)
		return athar_fail(err, ATHAR_EUSAGE,
		                  "--known looks contents up, and --list-only takes none out");
	for (size_t i = 0; i < lists->count; i++)
		ATHAR_TRY(athar_known_load(&k->known, lists->name[i], athar_case_folder(k->c),
		                           k->watcher, err));
	k->known.skip = k->options->skip_known;
	return ATHAR_OK;
}

static athar_status check_methods(const athar_carve_options *options, athar_error *err)
{
	if ((options->methods & (ATHAR_CARVE_METADATA | ATHAR_CARVE_CONTENT)) == 0)
		return athar_fail(err, ATHAR_EUSAGE,
		                  "at least one method is needed: metadata, content");
	if ((options->methods & ATHAR_CARVE_FRAGMENTS) && !(options->methods & ATHAR_CARVE_CONTENT))
		return athar_fail(err, ATHAR_EUSAGE,
		                  "pieces are looked for where content is: --method "
		                  "content,fragments");
	return ATHAR_OK;
}

static athar_status check_options(athar_carving *k, athar_error *err)
{
	ATHAR_TRY(check_methods(k->options, err));
	ATHAR_TRY(athar_scope_make(&k->scope, k->options, err));
	return choose_formats(&k->formats, k->options->types, err);
}

static athar_status find_subject(athar_subject *subject, athar_carving *k, athar_error *err)
{
	const athar_carve_options *o = k->options;

	ATHAR_TRY(athar_subject_find(subject, k->c, o->image, o->exhibit, err));
	k->out->slug = athar_copy_text(subject->slug, err);
	return k->out->slug == NULL ? ATHAR_ENOMEM : ATHAR_OK;
}

/* The options of a run that is gone on with are in its record. */
static athar_status find_interrupted(athar_subject *subject, athar_carving *k, athar_error *err)
{
	if (k->options->image != NULL)
		return athar_fail(err, ATHAR_EUSAGE,
		                  "--resume goes on with a run of a case: give the case, not an "
		                  "image");
	ATHAR_TRY(find_subject(subject, k, err));
	ATHAR_TRY(athar_resumed_find(k, err));
	return check_options(k, err);
}

athar_status athar_carve(athar_carve_result *out, athar_case *c, const athar_carve_options *options,
                         void (*item)(void *user, const athar_item *item), void *user,
                         const athar_watcher *watcher, athar_error *err)
{
	ATHAR_AUTO(subject) athar_subject subject = {.slug = NULL};
	ATHAR_AUTO(carving)
	athar_carving k = {.c = c,
	                   .options = options,
	                   .context = athar_case_context(c),
	                   .watcher = watcher,
	                   .out = out,
	                   .item = item,
	                   .user = user};

	*out = (athar_carve_result){.items = 0};
	k.started = now(&k);
	if (options->resume)
		ATHAR_TRY(find_interrupted(&subject, &k, err));
	else
		ATHAR_TRY(check_options(&k, err));
	if (!options->resume)
		ATHAR_TRY(find_subject(&subject, &k, err));
	ATHAR_TRY(load_known(&k, err));
	return carve_logged(&k, &subject, err);
}
