/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/worth.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "engine/survey.h"
#include "engine/taken.h"
#include "engine/worth_runs.h"
#include "engine/worth_worker.h"

/* A worker that dies cannot be replaced once the reader is confined: there are more from the
 * beginning, each in a jail of its own. */
#define WORKERS 3u
#define VOLUMES_MOST 512u
#define TASK_SECONDS 3600u
#define IDLE_SECONDS 300u
#define MESSAGES_MOST UINT64_C(1000000)
#define OUTPUT_MOST (UINT64_C(1) << 30)
/* Tables and their copies stand at the ends of the medium. */
#define ENDS (UINT64_C(1) << 20)
/* Disks read 4 KiB at once whatever they are asked for. A gap shorter than one read of the rescue
 * (64 KiB: under a millisecond, where a seek takes ten) is read along. */
#define GRAIN UINT64_C(4096)
#define GAP (UINT64_C(64) << 10)

typedef struct known_volume {
	athar_volume_info info;
	bool ended[ATHAR_WORTH_DEPTHS];
} known_volume;

struct athar_worth {
	athar_jail *jail[WORKERS]; /* NULL: its worker has died */
	athar_worth_spec spec;
	char *image;
	char confinement[64];
	uint64_t size;
	uint64_t grain;
	unsigned asks[ATHAR_WORTH_DEPTHS];
	bool tables; /* they are known */
	known_volume *volume;
	size_t count, capacity;
	athar_runs asked; /* all that was ever wanted */
	athar_taken metadata, allocated;
	athar_worth_answer lasting; /* findings that every later answer has */
};

/* One ask. */
typedef struct asking {
	athar_worth *w;
	athar_worth_answer *out;
	athar_runs lacking;
	athar_taken wanted;
	const athar_watcher *watcher;
	const char *where; /* before a finding */
	bool wants;        /* the task under way wants something */
} asking;

static void asking_end(asking *a)
{
	athar_runs_clear(&a->lacking);
	athar_taken_clear(&a->wanted);
}
ATHAR_DEFINE_AUTO_VALUE(asking, asking, asking_end)

void athar_worth_answer_clear(athar_worth_answer *answer)
{
	athar_runs_clear(&answer->wanted);
	athar_runs_clear(&answer->metadata);
	athar_runs_clear(&answer->allocated);
	answer->findings = 0;
	answer->complete = false;
}

void athar_worth_close(athar_worth *worth)
{
	if (worth == NULL)
		return;
	for (unsigned i = 0; i < WORKERS; i++)
		athar_jail_close(worth->jail[i]);
	athar_runs_clear(&worth->asked);
	athar_taken_clear(&worth->metadata);
	athar_taken_clear(&worth->allocated);
	free(worth->volume);
	free(worth->image);
	free(worth);
}

const char *athar_worth_confinement(const athar_worth *worth)
{
	return worth->confinement;
}

athar_status athar_worth_open(athar_worth **out, const char *image, uint64_t size,
                              uint32_t sector_size, const athar_context *context, athar_error *err)
{
	ATHAR_AUTO(worth) athar_worth *w = athar_alloc(sizeof *w, err);
	athar_jail_spec spec = {.workers = 1,
	                        .limits = {.seconds = TASK_SECONDS,
	                                   .idle_seconds = IDLE_SECONDS,
	                                   .output = OUTPUT_MOST,
	                                   .messages = MESSAGES_MOST},
	                        .unconfined = context->unconfined,
	                        .setup = athar_worth_setup,
	                        .task = athar_worth_task};

	if (w == NULL || (w->image = athar_copy_text(image, err)) == NULL)
		return ATHAR_ENOMEM;
	if (sector_size == 0 || size > INT64_MAX)
		return athar_fail(err, ATHAR_EUSAGE, "no medium has this size");
	w->spec = (athar_worth_spec){w->image, size, sector_size};
	spec.user = &w->spec;
	w->size = size;
	w->grain = athar_max(GRAIN, sector_size);
	for (unsigned i = 0; i < WORKERS; i++)
		ATHAR_TRY(athar_jail_open(&w->jail[i], &spec, err));
	(void)snprintf(w->confinement, sizeof w->confinement, "%s",
	               athar_jail_confinement(w->jail[0]));
	*out = ATHAR_GIVE(w);
	return ATHAR_OK;
}

/* ---- findings ---- */

static void add_finding(athar_worth_answer *to, const char *where, const char *text)
{
	char line[sizeof *to->finding];

	(void)snprintf(line, sizeof line, "%s%s%.240s", where, where[0] == '\0' ? "" : ": ", text);
	for (size_t i = 0; i < to->findings; i++)
		if (strcmp(to->finding[i], line) == 0)
			return;
	if (to->findings < ATHAR_WORTH_FINDINGS)
		memcpy(to->finding[to->findings++], line, sizeof line);
}

/* ---- what a worker says ---- */

static athar_status take_pairs(const asking *a, athar_taken *to, athar_bytes payload,
                               athar_error *err)
{
	athar_unwire u = athar_unwire_begin(payload);

	while (u.left > 0 && !u.failed) {
		const uint64_t offset = athar_unwire_number(&u);
		const uint64_t length = athar_unwire_number(&u);

		if (!u.failed && offset < a->w->size)
			ATHAR_TRY(athar_taken_add(to, offset,
			                          athar_min(length, a->w->size - offset), err));
	}
	return athar_unwire_end(&u, err);
}

static athar_status take_volume(athar_worth *w, athar_bytes payload, athar_error *err)
{
	athar_unwire u = athar_unwire_begin(payload);
	known_volume v = {.ended = {false}};

	athar_volume_unwire(&v.info, &u);
	ATHAR_TRY(athar_unwire_end(&u, err));
	if (w->count == VOLUMES_MOST)
		return athar_fail(err, ATHAR_EFORMAT, "a worker's message makes no sense");
	ATHAR_TRY(athar_grow(&w->volume, &w->capacity, w->count + 1, sizeof *w->volume, err));
	w->volume[w->count++] = v;
	return ATHAR_OK;
}

static void take_finding(const asking *a, athar_bytes payload)
{
	char text[300];

	athar_unwire_calm(text, sizeof text, payload);
	add_finding(&a->w->lasting, a->where, text);
}

static athar_status take(void *user, uint32_t type, athar_bytes payload, athar_error *err)
{
	asking *a = user;

	switch (type) {
	case ATHAR_WORTH_VOLUME:
		return take_volume(a->w, payload, err);
	case ATHAR_WORTH_WANTED:
		a->wants = true;
		return take_pairs(a, &a->wanted, payload, err);
	case ATHAR_WORTH_IS_METADATA:
		return take_pairs(a, &a->w->metadata, payload, err);
	case ATHAR_WORTH_IN_USE:
		return take_pairs(a, &a->w->allocated, payload, err);
	case ATHAR_WORTH_FINDING:
		take_finding(a, payload);
		return ATHAR_OK;
	default:
		return athar_fail(err, ATHAR_EFORMAT, "a worker's message makes no sense");
	}
}

static bool tick(void *user, uint64_t done)
{
	const asking *a = user;
	const athar_progress progress = {.phase = "order", .done = done};

	athar_watch_progress(a->watcher, &progress);
	return athar_watch_cancelled(a->watcher);
}

/* ---- asking ---- */

static athar_jail **living(athar_worth *w)
{
	for (unsigned i = 0; i < WORKERS; i++)
		if (w->jail[i] != NULL)
			return &w->jail[i];
	return NULL;
}

static void lose(athar_jail **jail)
{
	athar_jail_close(*jail);
	*jail = NULL;
}

/* *ended: there is nothing more to be learnt from this task. */
static athar_status ask_worker(asking *a, const athar_wire *request, bool *ended, athar_error *err)
{
	athar_jail **jail = living(a->w);
	athar_jail_end end = {.kind = ATHAR_JAIL_DONE};
	const athar_single calls = {.message = take, .tick = tick, .user = a};
	athar_status status;

	*ended = true;
	a->wants = false;
	if (jail == NULL) {
		add_finding(&a->w->lasting, a->where, "no worker is left to look at it");
		return ATHAR_OK;
	}
	status = athar_serve_single(&end, *jail, request, &calls, err);
	/* What was cut off has no worker any more, and none can be forked. */
	if (status != ATHAR_OK || (end.kind != ATHAR_JAIL_DONE && end.kind != ATHAR_JAIL_FAILED))
		lose(jail);
	ATHAR_TRY(status);
	if (end.kind != ATHAR_JAIL_DONE)
		add_finding(&a->w->lasting, a->where, end.error.text);
	*ended = end.kind != ATHAR_JAIL_DONE || !a->wants;
	return ATHAR_OK;
}

static athar_status ask_ends(asking *a, athar_error *err)
{
	const uint64_t size = a->w->size;
	const uint64_t length = athar_min(ENDS, size);

	ATHAR_TRY(athar_taken_add(&a->w->metadata, 0, length, err));
	ATHAR_TRY(athar_taken_add(&a->w->metadata, size - length, length, err));
	ATHAR_TRY(athar_taken_add(&a->wanted, 0, length, err));
	return athar_taken_add(&a->wanted, size - length, length, err);
}

static athar_status ask_tables(asking *a, unsigned ask, athar_error *err)
{
	ATHAR_AUTO(wire) athar_wire request = ATHAR_WIRE_INIT;

	if (ask == 0)
		return ask_ends(a, err);
	a->w->count = 0;
	a->where = "";
	athar_worth_request(&request, ATHAR_WORTH_TABLES, ask, NULL, &a->lacking);
	return ask_worker(a, &request, &a->w->tables, err);
}

static athar_status ask_volume(asking *a, known_volume *v, athar_worth_depth depth, unsigned ask,
                               athar_error *err)
{
	ATHAR_AUTO(wire) athar_wire request = ATHAR_WIRE_INIT;
	char where[64];

	(void)snprintf(where, sizeof where, "volume %u (%s)", v->info.number, v->info.kind);
	a->where = where;
	if (!v->info.file_system) {
		add_finding(&a->w->lasting, where,
		            v->info.finding[0] != '\0' ? v->info.finding
		                                       : "what it holds is not known");
		v->ended[depth] = true;
		return ATHAR_OK;
	}
	athar_worth_request(&request, depth, ask, &v->info, &a->lacking);
	ATHAR_TRY(ask_worker(a, &request, &v->ended[depth], err));
	a->where = "";
	return ATHAR_OK;
}

static athar_status ask_volumes(asking *a, athar_worth_depth depth, unsigned ask, athar_error *err)
{
	if (a->w->count == 0)
		add_finding(&a->w->lasting, "", "no volume was found");
	for (size_t i = 0; i < a->w->count; i++)
		if (!a->w->volume[i].ended[depth])
			ATHAR_TRY(ask_volume(a, &a->w->volume[i], depth, ask, err));
	return ATHAR_OK;
}

/* What was taken, as a set. */
static athar_status as_runs(athar_runs *out, athar_taken *taken, uint64_t size, athar_error *err)
{
	ATHAR_AUTO(runs) athar_runs rest = ATHAR_RUNS_INIT;

	ATHAR_TRY(athar_taken_rest(&rest, taken, size, err));
	return athar_runs_invert(out, &rest, size, err);
}

static athar_status want(asking *a, athar_error *err)
{
	ATHAR_AUTO(runs) athar_runs pieces = ATHAR_RUNS_INIT;
	athar_worth *w = a->w;

	athar_runs_clear(&a->out->wanted);
	ATHAR_TRY(as_runs(&pieces, &a->wanted, w->size, err));
	ATHAR_TRY(athar_worth_want(&a->out->wanted, &pieces, &a->lacking, w->grain, GAP,
	                           ATHAR_WORTH_BYTES, err));
	return athar_worth_join(&w->asked, &a->out->wanted, err);
}

static athar_status answer(asking *a, athar_error *err)
{
	athar_worth *w = a->w;

	athar_taken_clear(&a->wanted);
	ATHAR_TRY(as_runs(&a->out->metadata, &w->metadata, w->size, err));
	ATHAR_TRY(as_runs(&a->out->allocated, &w->allocated, w->size, err));
	memcpy(a->out->finding, w->lasting.finding, sizeof w->lasting.finding);
	a->out->findings = w->lasting.findings;
	a->out->complete = a->out->wanted.count == 0 && a->out->findings == 0;
	return ATHAR_OK;
}

/* Until something is wanted that is not there, or the depth has ended. */
static athar_status ask_depth(asking *a, athar_worth_depth depth, athar_error *err)
{
	unsigned *asks = &a->w->asks[depth];
	bool more = true;

	for (; more && a->out->wanted.count == 0; ++*asks) {
		if (*asks >= ATHAR_WORTH_ASKS) {
			add_finding(&a->w->lasting, "", "it was asked too often what to read next");
			break;
		}
		ATHAR_TRY(depth == ATHAR_WORTH_TABLES ? ask_tables(a, *asks, err)
		                                      : ask_volumes(a, depth, *asks, err));
		more = a->wanted.count > 0;
		ATHAR_TRY(want(a, err));
		athar_taken_clear(&a->wanted);
	}
	return ATHAR_OK;
}

athar_status athar_worth_ask(athar_worth_answer *out, athar_worth *worth, const athar_runs *lacking,
                             athar_worth_depth depth, const athar_watcher *watcher,
                             athar_error *err)
{
	ATHAR_AUTO(asking) asking a = {.w = worth, .out = out, .watcher = watcher, .where = ""};

	athar_worth_answer_clear(out);
	if (athar_watch_cancelled(watcher))
		return athar_fail(err, ATHAR_ECANCELED, "stopped on request");
	ATHAR_TRY(athar_worth_give_up(&a.lacking, lacking, &worth->asked, err));
	if (!worth->tables)
		ATHAR_TRY(ask_depth(&a, ATHAR_WORTH_TABLES, err));
	if (depth != ATHAR_WORTH_TABLES && out->wanted.count == 0)
		ATHAR_TRY(ask_depth(&a, depth, err));
	return answer(&a, err);
}
