/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files in pieces: beginnings that lead nowhere, joined with what is left of the free space.
 * Formats with checksums come first; what they prove to be theirs is no longer there for the
 * others. Joins are asked for in rounds: in each, all are looked for in the space as it was when it
 * began, so that the outcome does not depend on the number of workers.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "carve/join.h"
#include "engine/carving.h"
#include "engine/join_log.h"
#include "engine/regions.h"

/* Beginnings that are looked at; those beyond are told of. */
#define OPENINGS_MOST (1u << 20)

typedef struct opening {
	uint64_t offset;
	const athar_format *format;
	bool joined;
	bool given_up; /* its last try used up its work */
	bool again;    /* in the next round: somebody else was given blocks that it claimed */
} opening;

typedef struct join {
	athar_carving *k;
	athar_regions regions;
	opening *opening;
	size_t count, capacity;
	uint64_t dropped;
	athar_spool *joined;
	uint64_t wanted;
	athar_runs taken; /* by all joins */
	/* Of a round: */
	size_t *turn; /* openings, by task */
	size_t turns, given;
	size_t base; /* turns that an interrupted run has had: the first task is the next one */
	unsigned round;
	athar_runs used; /* by the joins of this round */
	athar_find found;
	bool has_found, garbled;
	athar_wire request;
	athar_join_log log;
} join;

static void clear(join *x)
{
	athar_regions_clear(&x->regions);
	athar_runs_clear(&x->taken);
	athar_runs_clear(&x->used);
	athar_find_clear(&x->found);
	athar_wire_clear(&x->request);
	athar_join_log_close(&x->log);
	free(x->opening);
	free(x->turn);
}

ATHAR_DEFINE_AUTO_VALUE(join, join, clear)

/* ---- beginnings ---- */

static athar_status add_opening(join *x, uint64_t offset, const athar_format *format,
                                athar_error *err)
{
	if (x->count == OPENINGS_MOST) {
		x->dropped++;
		return ATHAR_OK;
	}
	ATHAR_TRY(athar_grow(&x->opening, &x->capacity, x->count + 1, sizeof *x->opening, err));
	x->opening[x->count++] = (opening){.offset = offset, .format = format};
	return ATHAR_OK;
}

static athar_grade grade_of(const athar_find *f)
{
	char why[160];

	return athar_find_grade(why, f, f->bad);
}

/* A whole file takes its blocks off the table; any other of a format that can be joined is a
 * beginning. All tell where files begin. */
static athar_status take_hit(join *x, const athar_find *f, athar_error *err)
{
	const uint64_t offset = f->extents.extent[0].image;
	const bool whole = grade_of(f) >= ATHAR_GRADE_COMPLETE;
	const athar_joiner *joiner = athar_joiner_find(f->format);

	if (!whole && joiner == NULL)
		return ATHAR_OK;
	ATHAR_TRY(athar_region_start(athar_regions_at(&x->regions, offset), offset, err));
	return whole ? ATHAR_OK : add_opening(x, offset, athar_format_find(f->format), err);
}

static athar_status each_hit(join *x, athar_spool *hits,
                             athar_status (*take)(join *x, const athar_find *f, athar_error *err),
                             athar_error *err)
{
	bool end = false;

	ATHAR_TRY(athar_spool_rewind(hits, err));
	for (;;) {
		ATHAR_AUTO(find) athar_find f = ATHAR_FIND_INIT;
		athar_bytes record;

		ATHAR_TRY(athar_spool_next(hits, &record, &end, err));
		if (end)
			return ATHAR_OK;
		ATHAR_TRY(athar_find_unwire(&f, record, err));
		ATHAR_TRY(take(x, &f, err));
	}
}

static athar_status take_whole(join *x, const athar_find *f, athar_error *err)
{
	if (grade_of(f) < ATHAR_GRADE_COMPLETE)
		return ATHAR_OK;
	return athar_region_take(&x->regions, f->extents.extent[0].image, f->size, err);
}

static athar_status prepare(join *x, athar_spool *beginnings, const athar_runs *open_space,
                            athar_error *err)
{
	ATHAR_TRY(athar_regions_make(&x->regions, &x->k->survey, x->k->mapped, open_space, err));
	ATHAR_TRY(each_hit(x, beginnings, take_hit, err));
	for (size_t i = 0; i < x->regions.count; i++)
		athar_region_settle(&x->regions.region[i]);
	ATHAR_TRY(each_hit(x, beginnings, take_whole, err));
	x->turn = athar_alloc_array(x->count + 1, sizeof *x->turn, err);
	if (x->turn == NULL)
		return ATHAR_ENOMEM;
	return athar_join_log_open(&x->log, athar_run_folder(x->k->run), err);
}

/* ---- a round ---- */

static athar_status next(void *user, athar_bytes *request, bool *end, athar_error *err)
{
	join *x = user;

	*end = x->given == x->turns;
	if (*end)
		return ATHAR_OK;
	const opening *o = &x->opening[x->turn[x->given++]];
	const athar_region *r = athar_regions_at(&x->regions, o->offset);

	x->request.len = 0;
	athar_request_join(&x->request,
	                   &(athar_join_request){.generation = r->generation,
	                                         .block = r->block,
	                                         .base = r->base,
	                                         .free = &r->free,
	                                         .start = o->offset,
	                                         .work = x->k->options->effort * ATHAR_JOIN_SECOND,
	                                         .format = o->format->name});
	ATHAR_TRY(athar_wire_check(&x->request, err));
	*request = (athar_bytes){.ptr = x->request.bytes, .len = x->request.len};
	return ATHAR_OK;
}

static opening *opening_of(const join *x, uint64_t task)
{
	return &x->opening[x->turn[x->base + task]];
}

/* Free blocks of its region, none twice. */
static athar_status free_places(bool *free, const join *x, const opening *o, const athar_find *f,
                                athar_error *err)
{
	ATHAR_AUTO(runs) athar_runs own = ATHAR_RUNS_INIT;
	const athar_region *r = athar_regions_at((athar_regions *)&x->regions, o->offset);

	*free = false;
	for (size_t i = 0; i < f->extents.count; i++) {
		const athar_extent *e = &f->extents.extent[i];

		if (e->kind != ATHAR_EXTENT_DATA ||
		    athar_runs_overlap(&r->free, e->image, e->length) != e->length ||
		    athar_runs_overlap(&own, e->image, e->length) != 0)
			return ATHAR_OK;
		ATHAR_TRY(athar_runs_add(&own, e->image, e->length, ATHAR_RUN_DATA, err));
	}
	*free = true;
	return ATHAR_OK;
}

static athar_status senseless(athar_error *err)
{
	return athar_fail(err, ATHAR_EFORMAT, "a worker's message makes no sense");
}

static athar_status take_join(join *x, const opening *o, athar_bytes payload, athar_error *err)
{
	athar_find *f = &x->found;
	bool free = false;

	if (x->has_found)
		return senseless(err);
	ATHAR_TRY(athar_find_unwire(f, payload, err));
	if (f->method != ATHAR_METHOD_FRAGMENTS || f->path != NULL || f->extents.count == 0 ||
	    f->extents.extent[0].image != o->offset || f->size != athar_extents_size(&f->extents) ||
	    strcmp(f->format, o->format->name) != 0 || grade_of(f) < ATHAR_GRADE_COMPLETE)
		return senseless(err);
	ATHAR_TRY(free_places(&free, x, o, f, err));
	if (!free)
		return senseless(err);
	x->has_found = true;
	return ATHAR_OK;
}

static athar_status message(void *user, uint64_t task, uint32_t type, athar_bytes payload,
                            athar_error *err)
{
	join *x = user;
	opening *o = opening_of(x, task);
	athar_status status = ATHAR_EFORMAT;

	if (x->garbled)
		return ATHAR_OK;
	if (type == ATHAR_MESSAGE_FIND)
		status = take_join(x, o, payload, err);
	else if (type == ATHAR_MESSAGE_GIVEN_UP)
		status = ATHAR_OK;
	o->given_up = type == ATHAR_MESSAGE_GIVEN_UP;
	x->garbled = status == ATHAR_EFORMAT;
	return x->garbled ? ATHAR_OK : status;
}

static bool is_contested(const join *x, const athar_find *f)
{
	for (size_t i = 0; i < f->extents.count; i++)
		if (athar_runs_overlap(&x->used, f->extents.extent[i].image,
		                       f->extents.extent[i].length) != 0)
			return true;
	return false;
}

static athar_status keep_join(join *x, opening *o, athar_error *err)
{
	ATHAR_AUTO(wire) athar_wire w = ATHAR_WIRE_INIT;
	const athar_find *f = &x->found;
	uint64_t sum = 0;

	for (size_t i = 0; i < f->extents.count; i++)
		ATHAR_TRY(athar_runs_add(&x->used, f->extents.extent[i].image,
		                         f->extents.extent[i].length, ATHAR_RUN_DATA, err));
	o->joined = true;
	if (athar_add(x->wanted, f->size, &sum))
		x->wanted = sum;
	athar_find_wire(&w, f);
	ATHAR_TRY(athar_wire_check(&w, err));
	return athar_spool_add(x->joined, (athar_bytes){.ptr = w.bytes, .len = w.len}, err);
}

/* Where it was found is the supervisor's to say. */
static athar_status settle_join(join *x, opening *o, athar_error *err)
{
	if (is_contested(x, &x->found)) {
		o->again = true;
		return ATHAR_OK;
	}
	x->found.volume = athar_carving_volume_at(x->k, o->offset);
	x->found.state = athar_carving_state_at(x->k, o->offset);
	return keep_join(x, o, err);
}

static athar_join_try try_of(const join *x, const opening *o)
{
	return (athar_join_try){.round = x->round, .offset = o->offset, .format = o->format->name};
}

static athar_status end_turn(join *x, opening *o, athar_error *err)
{
	const athar_status status = x->has_found ? settle_join(x, o, err) : ATHAR_OK;

	athar_find_clear(&x->found);
	x->found = (athar_find)ATHAR_FIND_INIT;
	x->has_found = x->garbled = false;
	return status;
}

static athar_status ended(void *user, uint64_t task, const athar_jail_end *end, athar_error *err)
{
	join *x = user;
	opening *o = opening_of(x, task);
	const bool good = end->kind == ATHAR_JAIL_DONE && !x->garbled;
	const athar_join_try which = try_of(x, o);

	if (!good)
		ATHAR_TRY(athar_carving_finding(
			x->k, "worker", "join", o->offset, 0,
			x->garbled ? "a worker's messages made no sense" : end->error.text, err));
	x->has_found = x->has_found && good;
	ATHAR_TRY(athar_join_log_add(&x->log, &which, o->given_up, x->has_found ? &x->found : NULL,
	                             err));
	return end_turn(x, o, err);
}

/* What the log knows of this turn, as if the worker said it now. */
static athar_status replay_turn(bool *known, join *x, opening *o, athar_error *err)
{
	const athar_join_try which = try_of(x, o);
	athar_join_outcome outcome;

	ATHAR_TRY(athar_join_log_next(&outcome, known, &x->log, &which, err));
	ATHAR_AUTO(free) uint8_t *message = outcome.message;
	if (!*known)
		return ATHAR_OK;
	o->given_up = outcome.given_up;
	if (outcome.joined)
		ATHAR_TRY(take_join(x, o, (athar_bytes){.ptr = message, .len = outcome.message_len},
		                    err));
	return end_turn(x, o, err);
}

/* The first turns of a round, as far as an interrupted run came. */
static athar_status replay(join *x, athar_error *err)
{
	bool known = true;

	for (x->base = 0; x->base < x->turns; x->base++) {
		ATHAR_TRY(replay_turn(&known, x, &x->opening[x->turn[x->base]], err));
		if (!known)
			break;
	}
	x->given = x->base;
	return ATHAR_OK;
}

static bool tick(void *user, uint64_t done)
{
	const join *x = user;
	athar_progress progress = {.phase = "join", .total = x->turns, .done = x->given};

	(void)done;
	progress.items = x->k->out->items + athar_spool_count(x->joined);
	athar_watch_progress(x->k->watcher, &progress);
	return athar_watch_cancelled(x->k->watcher);
}

/* What this round has joined is no longer free in the next. */
static athar_status end_round(join *x, athar_error *err)
{
	for (size_t i = 0; i < x->used.count; i++) {
		const athar_run *r = &x->used.run[i];

		ATHAR_TRY(athar_region_take(&x->regions, r->offset, r->length, err));
		ATHAR_TRY(athar_runs_add(&x->taken, r->offset, r->length, ATHAR_RUN_DATA, err));
		athar_regions_at(&x->regions, r->offset)->generation = ++x->regions.generation;
	}
	athar_runs_clear(&x->used);
	return ATHAR_OK;
}

/* All openings that `wanted` names. *any: something was joined. */
static athar_status play(bool *any, join *x, bool (*wanted)(const opening *o), athar_error *err)
{
	athar_jail_run run = {
		.next = next, .message = message, .ended = ended, .tick = tick, .user = x};

	x->round++;
	x->turns = 0;
	for (size_t i = 0; i < x->count; i++) {
		if (x->opening[i].joined || !wanted(&x->opening[i]))
			continue;
		x->opening[i].again = false;
		x->turn[x->turns++] = i;
	}
	if (x->turns == 0)
		return ATHAR_OK;
	ATHAR_TRY(replay(x, err));
	if (x->given < x->turns)
		ATHAR_TRY(athar_jail_serve(x->k->jail, &run, err));
	*any = *any || x->used.count != 0;
	return end_round(x, err);
}

static bool has_checksums(const opening *o)
{
	return o->format->best == ATHAR_GRADE_INTACT;
}

static bool has_none(const opening *o)
{
	return !has_checksums(o);
}

/* What it claimed was given to another. */
static bool was_outrun(const opening *o)
{
	return o->again;
}

static athar_status play_all(join *x, athar_error *err)
{
	bool any = false;

	ATHAR_TRY(play(&any, x, has_checksums, err));
	ATHAR_TRY(play(&any, x, has_none, err));
	return any ? play(&any, x, was_outrun, err) : ATHAR_OK;
}

/* ---- what becomes of the hits ---- */

typedef struct sieve {
	const join *x;
	athar_spool *to;
} sieve;

/* A part of what is whole now, or a file inside of it, is no item of its own. */
static bool is_joined(const join *x, const athar_find *f)
{
	const uint64_t at = f->extents.extent[0].image;

	return grade_of(f) < ATHAR_GRADE_COMPLETE
	               ? athar_runs_overlap(&x->taken, at, 1) != 0
	               : athar_runs_overlap(&x->taken, at, f->size) == f->size;
}

static athar_status sift(athar_spool **hits, const join *x, athar_error *err)
{
	ATHAR_AUTO(spool) athar_spool *left = NULL;
	bool end = false;

	ATHAR_TRY(athar_spool_new(&left, athar_case_folder(x->k->c), err));
	ATHAR_TRY(athar_spool_rewind(*hits, err));
	for (;;) {
		ATHAR_AUTO(find) athar_find f = ATHAR_FIND_INIT;
		athar_bytes record;

		ATHAR_TRY(athar_spool_next(*hits, &record, &end, err));
		if (end)
			break;
		ATHAR_TRY(athar_find_unwire(&f, record, err));
		if (!is_joined(x, &f))
			ATHAR_TRY(athar_spool_add(left, record, err));
	}
	athar_spool_free(*hits);
	*hits = ATHAR_GIVE(left);
	return ATHAR_OK;
}

static athar_status tell_dropped(const join *x, athar_error *err)
{
	char text[120];

	if (x->dropped == 0)
		return ATHAR_OK;
	(void)snprintf(text, sizeof text,
	               "%llu more beginnings of files were not looked for in pieces",
	               (unsigned long long)x->dropped);
	return athar_carving_finding(x->k, "limit", "join", ATHAR_NOWHERE, 0, text, err);
}

static void count_given_up(const join *x)
{
	for (size_t i = 0; i < x->count; i++)
		x->k->out->joins_given_up += !x->opening[i].joined && x->opening[i].given_up;
}

athar_status athar_carving_join(athar_spool **hits, athar_spool *joined, uint64_t *wanted,
                                athar_carving *k, athar_spool *beginnings,
                                const athar_runs *open_space, athar_error *err)
{
	ATHAR_AUTO(join) join x = {.k = k, .joined = joined, .found = ATHAR_FIND_INIT};

	ATHAR_TRY(prepare(&x, beginnings, open_space, err));
	athar_status status = play_all(&x, err);
	if (status != ATHAR_OK && status != ATHAR_ECANCELED)
		return status;
	const athar_error stopped = *err;

	if (status == ATHAR_ECANCELED)
		ATHAR_TRY(end_round(&x, err));
	ATHAR_TRY(sift(hits, &x, err));
	ATHAR_TRY(tell_dropped(&x, err));
	count_given_up(&x);
	*wanted += x.wanted;
	*err = stopped;
	return status;
}
