/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/locate.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "engine/drivers.h"
#include "engine/survey.h"
#include "jail/confine.h"

/* A walk through a large file system whose image lies on a slow disk. */
#define TASK_SECONDS 3600u
#define IDLE_SECONDS 300u
/* Bytes of its messages: names, of at most 4 KiB each, and their number is bounded. */
#define OUTPUT_MOST (UINT64_C(64) << 20)

struct athar_locator {
	char *image;
	athar_jail *jail; /* NULL: it could not start, or it is lost */
	athar_worker_spec worker;
	char why[400]; /* of jail NULL */
};

static const athar_format *const no_formats[] = {NULL};

static athar_status start(athar_locator *l, const athar_context *context, athar_error *err)
{
	const athar_jail_spec spec = {.workers = 1,
	                              .limits = {.seconds = TASK_SECONDS,
	                                         .idle_seconds = IDLE_SECONDS,
	                                         .output = OUTPUT_MOST},
	                              .unconfined = context->unconfined,
	                              .setup = athar_worker_setup,
	                              .task = athar_worker_task,
	                              .user = &l->worker};
	athar_error why = ATHAR_ERROR_INIT;
	athar_status status;

	ATHAR_TRY(athar_allow_files(ATHAR_SEGMENT_FILES, err));
	status = athar_jail_open(&l->jail, &spec, &why);
	if (status == ATHAR_OK)
		return ATHAR_OK;
	if (status == ATHAR_ENOMEM || status == ATHAR_EREFUSED) {
		*err = why;
		return status;
	}
	(void)snprintf(l->why, sizeof l->why, "%.390s", why.text);
	return ATHAR_OK;
}

athar_status athar_locator_open(athar_locator **out, const char *image,
                                const athar_context *context, athar_error *err)
{
	ATHAR_AUTO(locator) athar_locator *l = athar_alloc(sizeof *l, err);

	if (l == NULL)
		return ATHAR_ENOMEM;
	l->image = athar_copy_text(image, err);
	if (l->image == NULL)
		return ATHAR_ENOMEM;
	l->worker = (athar_worker_spec){.image = l->image, .formats = no_formats, .step = 512};
	ATHAR_TRY(start(l, context, err));
	*out = ATHAR_GIVE(l);
	return ATHAR_OK;
}

void athar_locator_close(athar_locator *locator)
{
	if (locator == NULL)
		return;
	athar_jail_close(locator->jail);
	free(locator->image);
	free(locator);
}

const char *athar_locator_image(const athar_locator *locator)
{
	return locator->image;
}

static void clear_range(athar_located_range *r)
{
	for (size_t i = 0; i < r->count; i++)
		free(r->place[i].path);
	free(r->place);
}

void athar_located_clear(athar_located *located)
{
	for (size_t i = 0; i < located->ranges; i++)
		clear_range(&located->range[i]);
	free(located->range);
	*located = (athar_located){.range = NULL};
}

/* ---- one question ---- */

typedef struct question {
	athar_located *out;
	const athar_run *shown;
	size_t count;
	const athar_runs *all;
	const athar_volume_info *volume; /* that is being asked about */
	const athar_watcher *watcher;
} question;

static void note(question *q, const char *where, const char *text)
{
	if (q->out->findings++ == 0)
		(void)snprintf(q->out->finding, sizeof q->out->finding, "%.60s%s%.600s", where,
		               where[0] == '\0' ? "" : ": ", text);
}

/* The path is the range's then, or freed. */
static athar_status keep(question *q, size_t range, athar_place *place, athar_error *err)
{
	athar_located_range *r = &q->out->range[range];
	const athar_status status =
		athar_grow(&r->place, &r->capacity, r->count + 1, sizeof *r->place, err);

	if (status != ATHAR_OK) {
		free(place->path);
		return status;
	}
	r->place[r->count++] = *place;
	return ATHAR_OK;
}

/* What cannot be: a place outside its range, more of them than were asked for. */
static bool makes_sense(const question *q, size_t range, const athar_place *p)
{
	const athar_run *r = &q->shown[range];
	size_t of_volume = 0;

	for (size_t i = 0; i < q->out->range[range].count; i++)
		of_volume += q->out->range[range].place[i].volume == (int)q->volume->number;
	return of_volume < ATHAR_LOCATE_FILES + 4 && p->bytes != 0 && p->offset >= r->offset &&
	       athar_inside(p->offset - r->offset, p->bytes, r->length);
}

static athar_status take_place(question *q, athar_bytes payload, athar_error *err)
{
	athar_place place = {.path = NULL};
	size_t range = 0;
	athar_status status = athar_place_unwire(&place, &range, q->count, payload, err);

	if (status == ATHAR_OK && !makes_sense(q, range, &place))
		status = athar_fail(err, ATHAR_EFORMAT, "a worker's message makes no sense");
	if (status != ATHAR_OK) {
		free(place.path);
		return status;
	}
	place.volume = (int)q->volume->number;
	(void)snprintf(place.file_system, sizeof place.file_system, "%s", q->volume->kind);
	return keep(q, range, &place, err);
}

static athar_status take_totals(question *q, athar_bytes payload, athar_error *err)
{
	athar_unwire u = athar_unwire_begin(payload);

	q->out->files += athar_unwire_number(&u);
	q->out->deleted += athar_unwire_number(&u);
	for (size_t i = 0; i < q->count; i++)
		q->out->range[i].more += athar_unwire_number(&u);
	return athar_unwire_end(&u, err);
}

static athar_status take(void *user, uint32_t type, athar_bytes payload, athar_error *err)
{
	question *q = user;
	char where[40], text[600];

	switch (type) {
	case ATHAR_MESSAGE_PLACE:
		return take_place(q, payload, err);
	case ATHAR_MESSAGE_LOCATED:
		return take_totals(q, payload, err);
	case ATHAR_MESSAGE_FINDING:
		(void)snprintf(where, sizeof where, "volume %u", q->volume->number);
		athar_unwire_calm(text, sizeof text, payload);
		note(q, where, text);
		return ATHAR_OK;
	default:
		return athar_fail(err, ATHAR_EFORMAT, "a worker's message makes no sense");
	}
}

static bool tick(void *user, uint64_t done)
{
	const question *q = user;
	const athar_progress progress = {.phase = "locate", .done = done};

	athar_watch_progress(q->watcher, &progress);
	return athar_watch_cancelled(q->watcher);
}

/* The part of a range that lies in the volume; false: none. */
static bool in_volume(athar_run *out, const athar_run *r, const athar_volume_info *v)
{
	const uint64_t from = athar_max(r->offset, v->offset);
	const uint64_t to = athar_min(r->offset + r->length, v->offset + v->length);

	*out = (athar_run){from, to - from, ATHAR_RUN_DATA};
	return from < to;
}

/* A partition that says nothing of itself is all that can be named. */
static athar_status name_partition(question *q, athar_error *err)
{
	for (size_t i = 0; i < q->count; i++) {
		athar_place place = {.kind = ATHAR_PLACE_PARTITION,
		                     .volume = (int)q->volume->number};
		athar_run part;

		if (!in_volume(&part, &q->shown[i], q->volume))
			continue;
		place.offset = part.offset;
		place.bytes = part.length;
		(void)snprintf(place.file_system, sizeof place.file_system, "%s", q->volume->kind);
		ATHAR_TRY(keep(q, i, &place, err));
	}
	return ATHAR_OK;
}

/* A worker that was lost cannot be replaced: nothing forks any more. */
static void give_up(athar_locator *l, const char *why)
{
	(void)snprintf(l->why, sizeof l->why, "%.390s", why);
	athar_jail_close(l->jail);
	l->jail = NULL;
}

/* What keeps the worker from being asked is one more thing that it could not tell. */
static athar_status serve(athar_jail_end *end, question *q, athar_locator *l, athar_error *err)
{
	ATHAR_AUTO(wire) athar_wire request = ATHAR_WIRE_INIT;
	const athar_single calls = {.message = take, .tick = tick, .user = q};
	athar_status status;

	athar_locate_wire(&request, q->volume, q->shown, q->count, q->all);
	status = athar_serve_single(end, l->jail, &request, &calls, err);
	if (status == ATHAR_OK || status == ATHAR_ENOMEM || status == ATHAR_ECANCELED)
		return status;
	*end = (athar_jail_end){.kind = ATHAR_JAIL_CRASHED, .error = *err};
	return ATHAR_OK;
}

static athar_status ask_volume(question *q, athar_locator *l, athar_error *err)
{
	athar_jail_end end = {.kind = ATHAR_JAIL_DONE};
	char where[40];

	ATHAR_TRY(serve(&end, q, l, err));
	if (end.kind == ATHAR_JAIL_DONE)
		return ATHAR_OK;
	(void)snprintf(where, sizeof where, "volume %u", q->volume->number);
	note(q, where, end.error.text);
	if (end.kind != ATHAR_JAIL_FAILED)
		give_up(l, end.error.text);
	return name_partition(q, err);
}

static bool concerned(const question *q)
{
	return athar_runs_overlap(q->all, q->volume->offset, q->volume->length) != 0;
}

/* Partition tables, gaps between partitions, an image without any. */
static athar_status name_outside(question *q, const athar_survey *survey, athar_error *err)
{
	for (size_t i = 0; i < q->count; i++) {
		ATHAR_AUTO(runs) athar_runs left = ATHAR_RUNS_INIT;
		athar_place place = {.kind = ATHAR_PLACE_OUTSIDE, .volume = -1};

		ATHAR_TRY(athar_runs_add(&left, q->shown[i].offset, q->shown[i].length,
		                         ATHAR_RUN_DATA, err));
		for (size_t k = 0; k < survey->count; k++) {
			athar_run part;

			if (in_volume(&part, &q->shown[i], &survey->volume[k]))
				ATHAR_TRY(athar_runs_remove(&left, part.offset, part.length, err));
		}
		if (left.count == 0)
			continue;
		place.offset = left.run[0].offset;
		place.bytes = athar_runs_total(&left);
		ATHAR_TRY(keep(q, i, &place, err));
	}
	return ATHAR_OK;
}

static athar_status ask_all(question *q, athar_locator *l, const athar_survey *survey,
                            athar_error *err)
{
	for (size_t i = 0; i < survey->count; i++) {
		q->volume = &survey->volume[i];
		if (q->volume->offset > INT64_MAX || q->volume->length > INT64_MAX || !concerned(q))
			continue;
		if (q->volume->file_system && l->jail != NULL)
			ATHAR_TRY(ask_volume(q, l, err));
		else
			ATHAR_TRY(name_partition(q, err));
		if (l->jail == NULL)
			break;
	}
	return name_outside(q, survey, err);
}

athar_status athar_locator_ask(athar_located *out, athar_locator *locator, const athar_run *shown,
                               size_t count, const athar_runs *all, const athar_watcher *watcher,
                               athar_error *err)
{
	ATHAR_AUTO(survey) athar_survey survey = {.size = 0};
	question q = {.out = out, .shown = shown, .count = count, .all = all, .watcher = watcher};

	*out = (athar_located){.ranges = count};
	out->left_out = all->count - athar_min(all->count, ATHAR_LOCATE_COUNTED);
	out->range = athar_alloc_array(count + 1, sizeof *out->range, err);
	if (out->range == NULL) {
		out->ranges = 0;
		return ATHAR_ENOMEM;
	}
	if (locator->jail == NULL) {
		note(&q, "", locator->why);
		return ATHAR_OK;
	}
	ATHAR_TRY(athar_survey_run(&survey, locator->jail, err));
	if (survey.finding[0] != '\0') {
		note(&q, "", survey.finding);
		give_up(locator, survey.finding);
		return ATHAR_OK;
	}
	return ask_all(&q, locator, &survey, err);
}
