/* SPDX-License-Identifier: BSD-2-Clause */
#include "rescue/rescue.h"

#include "base/alloc.h"
#include "base/check.h"
#include "rescue/rescuer.h"

enum { CLUSTER = 64 * 1024, SAVE_MIB = 256, SAVE_SECONDS = 30 };

#define SECOND INT64_C(1000000000)
#define TICK (SECOND / 10)

static void rescuer_free(athar_rescuer *r)
{
	athar_runs_clear(&r->domain);
	athar_streak_clear(&r->streak);
	free(r->buffer);
}
ATHAR_DEFINE_AUTO_VALUE(rescuer, athar_rescuer, rescuer_free)

void athar_rescuer_stop(athar_rescuer *r, athar_rescue_end end, uint64_t where)
{
	r->over = true;
	r->out.end = end;
	r->out.last_bad = where;
}

void athar_rescuer_enter(athar_rescuer *r, athar_map_phase phase, unsigned pass)
{
	const bool even =
		(phase == ATHAR_MAP_COPYING || phase == ATHAR_MAP_RETRYING) && pass % 2 == 0;

	r->map->phase = phase;
	r->map->pass = pass;
	r->backwards = even != r->spec->reverse;
	r->map->position = r->backwards ? r->map->size : 0;
}

static athar_status save(athar_rescuer *r, athar_error *err)
{
	ATHAR_TRY(r->spec->save(r->spec->user, r->map, err));
	r->saved = r->spec->now(r->spec->user);
	r->unsaved = 0;
	return ATHAR_OK;
}

static bool is_save_due(const athar_rescuer *r, int64_t now)
{
	const athar_rescue_spec *spec = r->spec;
	const uint64_t bytes = spec->save_bytes != 0 ? spec->save_bytes : (uint64_t)SAVE_MIB << 20;
	const int64_t seconds = spec->save_seconds != 0 ? spec->save_seconds : SAVE_SECONDS;

	return r->unsaved >= bytes || now - r->saved >= seconds * SECOND;
}

static bool is_cancelled(athar_rescuer *r, int64_t now)
{
	const athar_rescue_spec *spec = r->spec;

	if (spec->tick == NULL || now - r->ticked < TICK)
		return false;
	r->ticked = now;
	r->progress.phase = r->map->phase;
	r->progress.pass = r->map->pass;
	return spec->tick(spec->user, &r->progress);
}

athar_status athar_rescuer_pause(athar_rescuer *r, athar_error *err)
{
	const athar_rescue_spec *spec = r->spec;
	const int64_t now = spec->now(spec->user);

	if (is_cancelled(r, now))
		athar_rescuer_stop(r, ATHAR_RESCUE_CANCELLED, ATHAR_NOWHERE);
	else if (spec->stop_after != 0 && now - r->started >= spec->stop_after * SECOND)
		athar_rescuer_stop(r, ATHAR_RESCUE_TIME, ATHAR_NOWHERE);
	else if (r->progress.bad > spec->max_bad)
		athar_rescuer_stop(r, ATHAR_RESCUE_MAX_BAD, r->last_failure);
	else if (is_save_due(r, now))
		return save(r, err);
	return ATHAR_OK;
}

/* A phase is the map's when the map was in it and nothing has to be done before it; else it is
 * entered anew. */
static void begin_phase(athar_rescuer *r, athar_map_phase phase)
{
	const uint64_t position = r->map->position;
	const unsigned pass = r->map->pass;

	if (r->map->phase != phase) {
		athar_rescuer_enter(r, phase, 1);
		return;
	}
	athar_rescuer_enter(r, phase, pass);
	r->map->position = athar_min(position, r->map->size);
}

static athar_status run_phase(athar_rescuer *r, athar_map_phase phase, athar_map_state state,
                              athar_status (*run)(athar_rescuer *r, athar_error *err),
                              athar_error *err)
{
	if (r->over || !athar_piece_any(r, state))
		return ATHAR_OK;
	begin_phase(r, phase);
	return run(r, err);
}

static athar_status run_copying(athar_rescuer *r, athar_error *err)
{
	const bool any = athar_piece_any(r, ATHAR_MAP_NONTRIED);

	ATHAR_TRY(run_phase(r, ATHAR_MAP_COPYING, ATHAR_MAP_NONTRIED, athar_rescuer_copy, err));
	ATHAR_TRY(athar_rescuer_settle(r, err));
	/* The next domain begins with the first pass. */
	if (any && !r->over)
		athar_rescuer_enter(r, ATHAR_MAP_COPYING, 1);
	return ATHAR_OK;
}

static athar_status run_all(athar_rescuer *r, athar_error *err)
{
	ATHAR_TRY(run_phase(r, ATHAR_MAP_COPYING, ATHAR_MAP_NONTRIED, athar_rescuer_copy, err));
	ATHAR_TRY(run_phase(r, ATHAR_MAP_TRIMMING, ATHAR_MAP_NONTRIMMED, athar_rescuer_trim, err));
	ATHAR_TRY(
		run_phase(r, ATHAR_MAP_SCRAPING, ATHAR_MAP_NONSCRAPED, athar_rescuer_scrape, err));
	ATHAR_TRY(run_phase(r, ATHAR_MAP_RETRYING, ATHAR_MAP_BAD, athar_rescuer_retry, err));
	ATHAR_TRY(athar_rescuer_settle(r, err));
	if (!r->over)
		athar_rescuer_enter(r, ATHAR_MAP_DONE, 1);
	return ATHAR_OK;
}

static athar_status check_spec(const athar_map *map, const athar_rescue_spec *spec,
                               athar_error *err)
{
	if (spec->sector == 0 || spec->cluster % spec->sector != 0)
		return athar_fail(err, ATHAR_EUSAGE,
		                  "reads of %u bytes are not whole sectors of %u bytes",
		                  spec->cluster, spec->sector);
	if (map->size != spec->size)
		return athar_fail(err, ATHAR_EUSAGE,
		                  "the map is of %llu bytes, the medium of %llu bytes",
		                  (unsigned long long)map->size, (unsigned long long)spec->size);
	return ATHAR_OK;
}

/* The domain in whole sectors; the last one may be cut by the end of the medium. */
static athar_status widen_domain(athar_rescuer *r, athar_error *err)
{
	const athar_rescue_spec *spec = r->spec;
	const athar_run all = {0, spec->size, ATHAR_RUN_DATA};
	const athar_run *run = spec->domain != NULL ? spec->domain->run : &all;
	const size_t count = spec->domain != NULL ? spec->domain->count : 1;

	for (size_t i = 0; i < count && run[i].offset < spec->size; i++) {
		const uint64_t from = athar_round_down(run[i].offset, spec->sector);
		const uint64_t to = athar_round_up(run[i].offset + run[i].length, spec->sector);

		ATHAR_TRY(athar_runs_add(&r->domain, from, athar_min(to, spec->size) - from,
		                         ATHAR_RUN_DATA, err));
	}
	return ATHAR_OK;
}

static void count_domain(athar_rescuer *r)
{
	for (size_t i = 0; i < r->map->count; i++) {
		const athar_map_block b = athar_map_at(r->map, i);
		const uint64_t bytes = athar_runs_overlap(&r->domain, b.offset, b.length);

		if (b.state == ATHAR_MAP_FINISHED)
			r->progress.read += bytes;
		else if (b.state == ATHAR_MAP_BAD)
			r->progress.bad += bytes;
		else
			r->progress.left += bytes;
	}
}

static athar_status rescuer_init(athar_rescuer *r, athar_map *map, const athar_rescue_spec *spec,
                                 athar_error *err)
{
	const uint64_t cluster = athar_round_up(CLUSTER, spec->sector);

	*r = (athar_rescuer){.spec = spec, .map = map, .last_failure = ATHAR_NOWHERE};
	r->out.last_bad = ATHAR_NOWHERE;
	r->cluster = spec->cluster != 0 ? spec->cluster : (uint32_t)athar_min(cluster, UINT32_MAX);
	r->strides = spec->strides == 0 ? 1 : spec->strides;
	r->stride = 1;
	r->buffer = athar_alloc_pages((size_t)r->cluster * r->strides, err);
	if (r->buffer == NULL)
		return ATHAR_ENOMEM;
	ATHAR_TRY(widen_domain(r, err));
	count_domain(r);
	r->started = spec->now(spec->user);
	r->saved = r->started;
	r->ticked = r->started - TICK;
	return ATHAR_OK;
}

athar_status athar_rescue_run(athar_rescue *out, athar_map *map, const athar_rescue_spec *spec,
                              athar_error *err)
{
	ATHAR_AUTO(rescuer) athar_rescuer r = {0};
	athar_error late = ATHAR_ERROR_INIT;
	athar_status status = ATHAR_OK;
	athar_status saved = ATHAR_OK;

	ATHAR_TRY(check_spec(map, spec, err));
	ATHAR_TRY(rescuer_init(&r, map, spec, err));
	status = spec->copy_only ? run_copying(&r, err) : run_all(&r, err);
	saved = save(&r, &late);
	r.out.reads = r.progress.reads;
	r.out.failures = r.progress.failures;
	*out = r.out;
	if (status != ATHAR_OK || saved == ATHAR_OK)
		return status;
	*err = late;
	(void)save(&r, &late);
	return saved;
}

const char *athar_rescue_end_name(athar_rescue_end end)
{
	switch (end) {
	case ATHAR_RESCUE_DONE:
		return "done";
	case ATHAR_RESCUE_CANCELLED:
		return "cancelled";
	case ATHAR_RESCUE_TIME:
		return "time";
	case ATHAR_RESCUE_MAX_BAD:
		return "max-bad";
	case ATHAR_RESCUE_DYING:
		return "dying";
	case ATHAR_RESCUE_GONE:
		return "gone";
	case ATHAR_RESCUE_HUNG:
		return "hung";
	}
	return "unknown";
}
