/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "athar/version.h"
#include "base/alloc.h"
#include "base/check.h"
#include "engine/drivers.h"
#include "engine/marks.h"
#include "engine/pass.h"
#include "engine/record.h"
#include "engine/searching.h"
#include "engine/subject.h"
#include "jail/confine.h"

/* Lines of findings.jsonl; those beyond are counted. */
#define FINDINGS_MOST 100000u
/* Of a window, or of a walk through a large file system. */
#define TASK_SECONDS (24u * 3600)
#define IDLE_SECONDS 900u

static const athar_format *const no_formats[] = {NULL};

void athar_search_result_clear(athar_search_result *result)
{
	free(result->run);
	free(result->slug);
	*result = (athar_search_result){.hits = 0};
}

void athar_searching_clear(athar_searching *s)
{
	for (size_t i = 0; i < s->count; i++)
		free(s->hit[i].bytes);
	free(s->hit);
	free(s->more);
	athar_runs_clear(&s->unread);
	athar_search_run_close(s->run);
	athar_survey_clear(&s->survey);
	athar_jail_close(s->jail);
}

/* ---- findings ---- */

athar_status athar_searching_finding(athar_searching *s, const char *kind, const char *where,
                                     uint64_t offset, uint64_t length, const char *text,
                                     athar_error *err)
{
	if (++s->out->findings > FINDINGS_MOST)
		return ATHAR_OK;
	if (where != NULL)
		athar_watch_notice(s->watcher, "%s: %s", where, text);
	else if (offset != ATHAR_NOWHERE)
		athar_watch_notice(s->watcher, "%llu bytes at %llu: %s", (unsigned long long)length,
		                   (unsigned long long)offset, text);
	else
		athar_watch_notice(s->watcher, "%s", text);
	if (s->run == NULL)
		return ATHAR_OK;
	return athar_search_run_finding(s->run, kind, where, offset, length, text, err);
}

static athar_status volume_finding(void *user, const athar_volume_info *v, const char *text,
                                   athar_error *err)
{
	char where[32];

	(void)snprintf(where, sizeof where, "volume %u", v->number);
	return athar_searching_finding(user, "volume", where, v->offset, v->length, text, err);
}

static athar_status tell_unread(athar_searching *s, athar_error *err)
{
	for (size_t i = 0; i < s->unread.count; i++)
		ATHAR_TRY(athar_searching_finding(
			s, "read", NULL, s->unread.run[i].offset, s->unread.run[i].length,
			"could not be read, and is searched as zeros", err));
	s->out->bad = athar_runs_total(&s->unread);
	s->out->searched -= athar_min(s->out->searched, s->out->bad);
	return ATHAR_OK;
}

static athar_status tell_more(athar_searching *s, athar_error *err)
{
	char text[120];

	for (size_t i = 0; i < s->options->patterns; i++) {
		if (s->more[i] == 0)
			continue;
		(void)snprintf(text, sizeof text, "%llu more hits of pattern %zu are not listed",
		               (unsigned long long)s->more[i], i + 1);
		ATHAR_TRY(athar_searching_finding(s, "limit", NULL, ATHAR_NOWHERE, 0, text, err));
	}
	return ATHAR_OK;
}

static athar_status tell_uncounted(athar_searching *s, athar_error *err)
{
	char text[120];

	if (s->out->findings <= FINDINGS_MOST || s->run == NULL)
		return ATHAR_OK;
	(void)snprintf(text, sizeof text, "%llu more findings are not listed",
	               (unsigned long long)(s->out->findings - FINDINGS_MOST));
	return athar_search_run_finding(s->run, "limit", NULL, ATHAR_NOWHERE, 0, text, err);
}

/* ---- hits with their owners ---- */

static athar_bytes part(const athar_kept_hit *k, size_t from, size_t len)
{
	return (athar_bytes){.ptr = k->bytes + from, .len = len};
}

static athar_status give(athar_searching *s, size_t i, const athar_place *owner, uint64_t owners,
                         athar_error *err)
{
	const athar_kept_hit *k = &s->hit[i];
	const athar_search_hit hit = {.number = i + 1,
	                              .pattern = k->pattern,
	                              .encoding = k->encoding,
	                              .offset = k->offset,
	                              .length = k->length,
	                              .before = part(k, 0, k->before),
	                              .text = part(k, k->before, k->text),
	                              .after = part(k, k->before + k->text, k->after),
	                              .owner = owner,
	                              .owners = owners};

	s->out->hits++;
	if (s->run != NULL) {
		ATHAR_AUTO(json) athar_json *o = athar_search_hit_to_json(&hit, s->options);

		ATHAR_TRY(athar_search_run_hit(s->run, o, err));
	}
	if (s->sink->hit != NULL)
		s->sink->hit(s->sink->user, &hit);
	return ATHAR_OK;
}

static athar_status give_owned(athar_searching *s, const athar_owners *owners, athar_error *err)
{
	for (size_t i = 0; i < s->count; i++) {
		const athar_owner_of *of = &owners->of[i];
		athar_place place = owners->place[of->place];

		place.offset = s->hit[i].offset;
		place.bytes = s->hit[i].length;
		place.from = of->from;
		ATHAR_TRY(give(s, i, &place, of->more, err));
	}
	return ATHAR_OK;
}

static bool tick(void *user, uint64_t done)
{
	const athar_searching *s = user;
	const athar_progress progress = {.phase = "owners", .done = done, .items = s->count};

	athar_watch_progress(s->watcher, &progress);
	return athar_watch_cancelled(s->watcher);
}

static athar_status find_owners(athar_owners *out, athar_searching *s, athar_error *err)
{
	const athar_owners_calls calls = {.finding = volume_finding, .tick = tick, .user = s};
	ATHAR_AUTO(free) uint64_t *offset = athar_alloc_array(s->count + 1, sizeof *offset, err);

	if (offset == NULL)
		return ATHAR_ENOMEM;
	for (size_t i = 0; i < s->count; i++)
		offset[i] = s->hit[i].offset;
	return athar_owners_find(out, s->jail, &s->survey, offset, s->count, &calls, err);
}

/* ---- the steps ---- */

static athar_status survey(athar_searching *s, athar_error *err)
{
	ATHAR_TRY(athar_survey_run(&s->survey, s->jail, err));
	if (s->survey.size == 0)
		return athar_fail(err, ATHAR_EIO, "the image could not be examined: %s",
		                  s->survey.finding);
	s->out->total = s->survey.size;
	if (s->survey.finding[0] != '\0')
		ATHAR_TRY(athar_searching_finding(s, "volume", NULL, 0, s->survey.size,
		                                  s->survey.finding, err));
	return ATHAR_OK;
}

static athar_status look(athar_owners *owners, athar_searching *s, athar_error *err)
{
	ATHAR_TRY(survey(s, err));
	ATHAR_TRY(athar_searching_pass(s, err));
	return s->count == 0 ? ATHAR_OK : find_owners(owners, s, err);
}

/* Stopped, it gives what was found so far, without owners. */
static athar_status steps(athar_searching *s, athar_error *err)
{
	ATHAR_AUTO(owners) athar_owners owners = {.place = NULL};
	athar_error late = ATHAR_ERROR_INIT;
	const athar_status status = look(&owners, s, err);

	if (status != ATHAR_OK && status != ATHAR_ECANCELED)
		return status;
	athar_status given = tell_unread(s, &late);
	if (given == ATHAR_OK)
		given = tell_more(s, &late);
	if (given == ATHAR_OK && status == ATHAR_OK)
		given = give_owned(s, &owners, &late);
	for (size_t i = 0; given == ATHAR_OK && status != ATHAR_OK && i < s->count; i++)
		given = give(s, i, NULL, 0, &late);
	if (given != ATHAR_OK)
		*err = late;
	s->out->workers_lost = athar_jail_lost(s->jail);
	return given != ATHAR_OK ? given : status;
}

static athar_status open_jail(athar_searching *s, athar_worker_spec *worker, athar_error *err)
{
	athar_jail_spec spec = {.workers = athar_pass_workers(s->context->threads),
	                        .limits = {.seconds = TASK_SECONDS, .idle_seconds = IDLE_SECONDS},
	                        .unconfined = s->context->unconfined,
	                        .setup = athar_worker_setup,
	                        .task = athar_worker_task,
	                        .user = worker};

	ATHAR_TRY(athar_allow_files(ATHAR_SEGMENT_FILES, err));
	return athar_jail_open(&s->jail, &spec, err);
}

static athar_status incomplete(const athar_searching *s, athar_error *err)
{
	const athar_search_result *r = s->out;

	if (r->findings == 0)
		return ATHAR_OK;
	if (r->run == NULL)
		return athar_fail(err, ATHAR_EINCOMPLETE,
		                  "%llu things could not be searched or told",
		                  (unsigned long long)r->findings);
	return athar_fail(err, ATHAR_EINCOMPLETE,
	                  "%llu things could not be searched or told: %s/%s/findings.jsonl names "
	                  "them",
	                  (unsigned long long)r->findings, r->slug, r->run);
}

/* ---- the record ---- */

static athar_json *patterns_json(const athar_search_options *options)
{
	athar_json *list = athar_json_array();

	for (size_t i = 0; i < options->patterns; i++) {
		athar_json *o = athar_json_object();

		athar_json_set_text(o, "kind", athar_search_kind_name(options->pattern[i].kind));
		if (options->pattern[i].text != NULL)
			athar_json_set_text(o, "text", options->pattern[i].text);
		athar_json_append(list, o);
	}
	return list;
}

static athar_json *encodings_json(const athar_search_options *options)
{
	athar_json *list = athar_json_array();

	for (unsigned e = 0; e < ATHAR_SEARCH_ENCODINGS; e++)
		if (options->encodings & 1u << e)
			athar_json_append_text(
				list, athar_search_encoding_name((athar_search_encoding)e));
	return list;
}

static athar_json *counts_json(const athar_search_result *r)
{
	athar_json *o = athar_json_object();

	for (unsigned e = 0; e < ATHAR_SEARCH_ENCODINGS; e++)
		athar_json_set_number(o, athar_search_encoding_name((athar_search_encoding)e),
		                      r->by_encoding[e]);
	return o;
}

static athar_json *search_json(const athar_searching *s, const char *image, int64_t started,
                               athar_status status)
{
	const athar_search_options *options = s->options;
	const athar_search_result *r = s->out;
	athar_json *o = athar_json_object();

	athar_json_set_text(o, "image", image);
	athar_json_set(o, "patterns", patterns_json(options));
	athar_json_set(o, "encodings", encodings_json(options));
	athar_json_set_bool(o, "whole_words", options->whole_words);
	athar_json_set_bool(o, "case_sensitive", options->case_sensitive);
	athar_json_set_number(o, "context", options->context);
	athar_record_time(o, "started", started);
	athar_record_time(o, "ended", s->context->now(s->context->user));
	athar_json_set_number(o, "hits", r->hits);
	athar_json_set_number(o, "more", r->more);
	athar_json_set(o, "by_encoding", counts_json(r));
	athar_json_set_number(o, "searched", r->searched);
	athar_json_set_number(o, "total", r->total);
	athar_json_set_number(o, "bad_bytes", r->bad);
	athar_json_set_number(o, "findings", r->findings);
	athar_json_set_number(o, "workers_lost", r->workers_lost);
	athar_json_set_text(o, "confinement", athar_jail_confinement(s->jail));
	athar_json_set(o, "versions", athar_version_libraries());
	athar_json_set_text(o, "result", athar_custody_result(status));
	return o;
}

/* ---- of an image, of a case ---- */

static athar_status search_image(athar_searching *s, athar_worker_spec *worker, athar_error *err)
{
	worker->image = s->options->path;
	ATHAR_TRY(open_jail(s, worker, err));
	ATHAR_TRY(steps(s, err));
	return incomplete(s, err);
}

static athar_status search_exhibit(athar_json **files, athar_searching *s,
                                   athar_worker_spec *worker, athar_case *c, const char *slug,
                                   athar_error *err)
{
	const int64_t started = s->context->now(s->context->user);
	athar_error late = ATHAR_ERROR_INIT;
	athar_status status, saved;

	ATHAR_TRY(open_jail(s, worker, err));
	ATHAR_TRY(athar_search_run_new(&s->run, c, slug, err));
	s->out->run = athar_copy_text(athar_search_run_name(s->run), err);
	if (s->out->run == NULL)
		return ATHAR_ENOMEM;
	status = steps(s, err);
	if (status == ATHAR_OK)
		status = incomplete(s, err);
	if (status != ATHAR_OK && status != ATHAR_ECANCELED && status != ATHAR_EINCOMPLETE)
		return status;
	saved = tell_uncounted(s, &late);
	if (saved == ATHAR_OK)
		saved = athar_search_run_commit(
			files, s->run, search_json(s, worker->image, started, status), &late);
	if (saved != ATHAR_OK)
		*err = late;
	return saved != ATHAR_OK ? saved : status;
}

static athar_json *begin_data(const athar_searching *s, const char *image)
{
	athar_json *o = athar_json_object();

	athar_json_set_text(o, "image", image);
	athar_json_set_number(o, "patterns", s->options->patterns);
	athar_json_set_text(o, "command", s->context->command);
	athar_json_set_bool(o, "unconfined", s->context->unconfined);
	return o;
}

static athar_json *end_data(const athar_searching *s, athar_status status, const athar_error *err)
{
	athar_json *o = athar_json_object();

	athar_json_set_text(o, "run", s->out->run);
	athar_json_set_number(o, "hits", s->out->hits);
	athar_json_set_number(o, "findings", s->out->findings);
	if (status != ATHAR_OK)
		athar_json_set_text(o, "error", err->text);
	return o;
}

static athar_status search_logged(athar_searching *s, athar_worker_spec *worker, athar_case *c,
                                  const athar_subject *subject, athar_error *err)
{
	athar_error logged = ATHAR_ERROR_INIT;
	athar_json *files = NULL;
	uint64_t begin = 0;

	ATHAR_TRY(athar_custody_begin(&begin, c, "search", subject->id,
	                              begin_data(s, worker->image), err));
	athar_status status = search_exhibit(&files, s, worker, c, subject->slug, err);
	athar_status end =
		athar_custody_end(c, begin, "search", subject->id, athar_custody_result(status),
	                          files, end_data(s, status, err), &logged);
	if (end == ATHAR_OK)
		end = athar_custody_head(s->out->custody_head, c, &logged);
	if (status == ATHAR_OK && end != ATHAR_OK)
		*err = logged;
	return status != ATHAR_OK ? status : end;
}

static athar_status search_case(athar_searching *s, athar_worker_spec *worker, athar_error *err)
{
	ATHAR_AUTO(case) athar_case *c = NULL;
	ATHAR_AUTO(subject) athar_subject subject = {.slug = NULL};
	ATHAR_AUTO(runs) athar_runs marks = ATHAR_RUNS_INIT;

	ATHAR_TRY(athar_case_open(&c, s->options->path, s->context, err));
	ATHAR_TRY(athar_subject_find(&subject, c, NULL, s->options->exhibit, err));
	ATHAR_TRY(athar_marks_load(&marks, c, subject.slug, err));
	s->out->slug = athar_copy_text(subject.slug, err);
	if (s->out->slug == NULL)
		return ATHAR_ENOMEM;
	worker->image = subject.image;
	worker->known_bad = &marks;
	return search_logged(s, worker, c, &subject, err);
}

static athar_status check(const athar_search_options *options, athar_error *err)
{
	if (options->context > ATHAR_SEARCH_CONTEXT)
		return athar_fail(err, ATHAR_EUSAGE, "at most %u characters of context are shown",
		                  ATHAR_SEARCH_CONTEXT);
	if (options->exhibit != NULL && !athar_case_exists(options->path))
		return athar_fail(err, ATHAR_EUSAGE, "%s is no case; an exhibit is of a case",
		                  options->path);
	return ATHAR_OK;
}

athar_status athar_search(athar_search_result *out, const athar_search_options *options,
                          const athar_context *context, const athar_search_sink *sink,
                          const athar_watcher *watcher, athar_error *err)
{
	ATHAR_AUTO(patterns) athar_patterns *patterns = NULL;
	ATHAR_AUTO(searching)
	athar_searching s = {.options = options,
	                     .context = context,
	                     .sink = sink,
	                     .watcher = watcher,
	                     .out = out};
	athar_search_plan plan = {.count = options->patterns, .context = options->context};
	athar_worker_spec worker = {.formats = no_formats, .step = 512, .search = &plan};

	*out = (athar_search_result){.hits = 0};
	ATHAR_TRY(check(options, err));
	ATHAR_TRY(athar_patterns_new(&patterns, options, err));
	plan.patterns = patterns;
	s.more = athar_alloc_array(options->patterns, sizeof *s.more, err);
	if (s.more == NULL)
		return ATHAR_ENOMEM;
	return athar_case_exists(options->path) ? search_case(&s, &worker, err)
	                                        : search_image(&s, &worker, err);
}
