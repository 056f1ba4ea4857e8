/* SPDX-License-Identifier: BSD-2-Clause */
/* From finds to items: content comes out of the workers and goes into the run. */
#include <string.h>

#include "athar/text.h"
#include "base/alloc.h"
#include "base/check.h"
#include "engine/carving.h"
#include "engine/target.h"

/* Room left free beside the recovered files, for the lists. */
#define RESERVE (64u << 20)
/* Files above this size that are this many times larger than what the medium holds of them are
 * listed only: sixteen terabytes of zeros are no evidence. */
#define HOLLOW_LEAST (64u << 20)
#define HOLLOW_TIMES 64u

static const char interrupted[] = "the run was interrupted before its content was looked at";

/* A find whose task is under way. */
typedef struct pending {
	athar_find find;
	bool content; /* its bytes are asked for */
	struct pending *next;
} pending;

typedef struct extraction {
	athar_carving *k;
	athar_spool *finds, *again; /* again: those whose check did a worker in */
	const char *phase;
	bool identify;
	uint64_t total, done;
	athar_wire request;
	pending *first, *last; /* in the order of the tasks */
	/* Of the first one: */
	bool claimed, open, told, stored, garbled;
	uint64_t written, bad;
	/* Of all: */
	uint64_t room; /* bytes that may still be written */
	uint64_t crowded, crowded_bytes, hollow;
} extraction;

static void clear(extraction *x)
{
	while (x->first != NULL) {
		pending *p = x->first;

		x->first = p->next;
		athar_find_clear(&p->find);
		free(p);
	}
	athar_wire_clear(&x->request);
	athar_spool_free(x->again);
}

ATHAR_DEFINE_AUTO_VALUE(extraction, extraction, clear)

/* ---- what is asked of the workers ---- */

static const athar_volume_info *volume_of(const extraction *x, const athar_find *f)
{
	for (size_t i = 0; i < f->extents.count; i++)
		if (f->extents.extent[i].kind == ATHAR_EXTENT_DERIVED && f->volume >= 0)
			return athar_survey_volume(&x->k->survey, (unsigned)f->volume);
	return NULL;
}

static bool is_hollow(const athar_find *f)
{
	uint64_t held = 0;

	if (f->size < HOLLOW_LEAST)
		return false;
	for (size_t i = 0; i < f->extents.count; i++)
		if (!athar_add(held, f->extents.extent[i].stored, &held))
			return true;
	return held < f->size / HOLLOW_TIMES;
}

/* Are its bytes to be taken out? Those for which there is no room stay where they are. */
static bool takes_content(extraction *x, const athar_find *f)
{
	if (x->k->options->list_only || !f->readable)
		return false;
	if (is_hollow(f)) {
		x->hollow++;
		return false;
	}
	if (f->size > x->room) {
		x->crowded++;
		x->crowded_bytes += athar_min(f->size, UINT64_MAX - x->crowded_bytes);
		return false;
	}
	x->room -= f->size;
	return true;
}

static athar_status take_next(pending **out, extraction *x, bool *end, athar_error *err)
{
	athar_bytes record;

	ATHAR_TRY(athar_spool_next(x->finds, &record, end, err));
	if (*end)
		return ATHAR_OK;
	pending *p = athar_alloc(sizeof *p, err);
	if (p == NULL)
		return ATHAR_ENOMEM;
	if (x->first == NULL)
		x->first = p;
	else
		x->last->next = p;
	x->last = p;
	*out = p;
	return athar_find_unwire(&p->find, record, err);
}

static athar_status next(void *user, athar_bytes *request, bool *end, athar_error *err)
{
	extraction *x = user;
	pending *p = NULL;
	unsigned what = x->identify ? ATHAR_EXTRACT_IDENTIFY : 0u;

	ATHAR_TRY(take_next(&p, x, end, err));
	if (*end)
		return ATHAR_OK;
	p->content = takes_content(x, &p->find);
	what |= p->content ? ATHAR_EXTRACT_CONTENT : 0u;
	x->request.len = 0;
	athar_request_extract(&x->request, &p->find, volume_of(x, &p->find), what);
	ATHAR_TRY(athar_wire_check(&x->request, err));
	*request = (athar_bytes){.ptr = x->request.bytes, .len = x->request.len};
	return ATHAR_OK;
}

/* ---- what they say ---- */

static athar_status senseless(athar_error *err)
{
	return athar_fail(err, ATHAR_EFORMAT, "a worker's message makes no sense");
}

static athar_status take_claim(extraction *x, athar_bytes payload, athar_error *err)
{
	if (!x->identify || x->claimed || x->open || x->told)
		return senseless(err);
	x->claimed = true;
	return athar_find_claim_unwire(&x->first->find, payload, err);
}

/* A worker that sends more than the file has is not to be believed. */
static athar_status take_data(extraction *x, athar_bytes payload, athar_error *err)
{
	const pending *p = x->first;

	if (!p->content || x->told || payload.len > p->find.size - x->written)
		return senseless(err);
	if (!x->open)
		ATHAR_TRY(athar_run_content_begin(x->k->run, err));
	x->open = true;
	x->written += payload.len;
	return athar_run_content_write(x->k->run, payload.ptr, payload.len, err);
}

static athar_status take_bad(extraction *x, athar_bytes payload, athar_error *err)
{
	athar_unwire u = athar_unwire_begin(payload);

	if (x->told)
		return senseless(err);
	x->told = true;
	x->bad = athar_unwire_number(&u);
	return athar_unwire_end(&u, err);
}

static athar_status dispatch(extraction *x, uint32_t type, athar_bytes payload, athar_error *err)
{
	switch (type) {
	case ATHAR_MESSAGE_CLAIM:
		return take_claim(x, payload, err);
	case ATHAR_MESSAGE_DATA:
		return take_data(x, payload, err);
	case ATHAR_MESSAGE_BAD:
		return take_bad(x, payload, err);
	default:
		return senseless(err);
	}
}

static athar_status message(void *user, uint64_t task, uint32_t type, athar_bytes payload,
                            athar_error *err)
{
	extraction *x = user;

	(void)task;
	if (x->garbled)
		return ATHAR_OK;
	athar_status status = dispatch(x, type, payload, err);
	if (status != ATHAR_EFORMAT)
		return status;
	x->garbled = true;
	return ATHAR_OK;
}

/* ---- the item ---- */

static void count(athar_carve_result *out, const athar_item *item)
{
	out->items++;
	out->by_grade[item->grade]++;
	out->by_method[item->method]++;
	out->by_state[item->state]++;
	if (item->file[0] != '\0')
		out->bytes_recovered += item->size;
}

/* Remembers where it begins, so that the search for content does not give a lesser copy of it. */
static athar_status note_start(athar_carving *k, const athar_find *f, athar_grade grade,
                               athar_error *err)
{
	ATHAR_AUTO(wire) athar_wire w = ATHAR_WIRE_INIT;

	if (f->method == ATHAR_METHOD_CONTENT || f->extents.count == 0 ||
	    f->extents.extent[0].kind != ATHAR_EXTENT_DATA)
		return ATHAR_OK;
	athar_wire_number(&w, f->extents.extent[0].image);
	athar_wire_number(&w, grade);
	ATHAR_TRY(athar_wire_check(&w, err));
	return athar_spool_add(k->starts, (athar_bytes){.ptr = w.bytes, .len = w.len}, err);
}

/* A file whose content is proven to be its own: nothing else need be looked for there. What its
 * last block holds behind it is older, and is looked at. */
static athar_status take_blocks(athar_carving *k, const athar_find *f, uint64_t bad,
                                athar_error *err)
{
	if (f->method == ATHAR_METHOD_CONTENT || bad != 0 || !athar_find_proven(f))
		return ATHAR_OK;
	for (size_t i = 0; i < f->extents.count; i++) {
		const athar_extent *e = &f->extents.extent[i];

		if (e->kind == ATHAR_EXTENT_DATA &&
		    athar_inside(e->image, e->length, k->survey.size))
			ATHAR_TRY(athar_taken_add(&k->taken, e->image, e->length, err));
	}
	return ATHAR_OK;
}

/* One that is in too many pieces to be listed is named at least. */
static athar_status name_only(athar_carving *k, const athar_item *item, const char *text,
                              athar_error *err)
{
	uint64_t at = item->extents.count == 0 ? ATHAR_NOWHERE : item->extents.extent[0].image;

	return athar_carving_finding(k, "limit", item->address, at, item->size, text, err);
}

static athar_status add_item(extraction *x, athar_item *item, athar_error *err)
{
	athar_carving *k = x->k;
	char extension[8];
	bool is_new = false;

	athar_find_extension(extension, &x->first->find);
	athar_status status = athar_run_add(k->run, item, extension, &is_new, err);
	x->open = false;
	if (status == ATHAR_ELIMIT) {
		const athar_error why = *err;

		return name_only(k, item, why.text, err);
	}
	if (status != ATHAR_OK || !is_new)
		return status;
	x->stored = item->file[0] != '\0';
	count(k->out, item);
	if (k->item != NULL)
		k->item(k->user, item);
	return ATHAR_OK;
}

/* Fewer bytes than the file has: what is there is kept, and said to be a part. */
static void mark_short(athar_item *item, const extraction *x)
{
	const pending *p = x->first;

	if (!p->content || !p->find.readable || x->written >= p->find.size)
		return;
	item->grade = ATHAR_GRADE_PARTIAL;
	(void)snprintf(item->why, sizeof item->why, "only %llu of its %llu bytes could be had",
	               (unsigned long long)x->written, (unsigned long long)p->find.size);
}

static athar_status finish_good(extraction *x, athar_error *err)
{
	ATHAR_AUTO(item) athar_item item = ATHAR_ITEM_INIT;
	const pending *p = x->first;
	const athar_find *f = &p->find;
	uint64_t bad = x->told ? x->bad : f->bad;

	if (!athar_carving_wants(x->k, f))
		return take_blocks(x->k, f, bad, err);
	/* A file of no bytes is one all the same. */
	if (p->content && f->readable && !x->open)
		ATHAR_TRY(athar_run_content_begin(x->k->run, err));
	ATHAR_TRY(athar_find_item(&item, f, bad, err));
	mark_short(&item, x);
	ATHAR_TRY(note_start(x->k, f, item.grade, err));
	if (item.grade >= ATHAR_GRADE_COMPLETE)
		ATHAR_TRY(take_blocks(x->k, f, bad, err));
	return add_item(x, &item, err);
}

/* Listed, but nothing of it is handed out. */
static athar_status finish_unread(extraction *x, const char *format, const char *text,
                                  athar_error *err)
{
	ATHAR_AUTO(item) athar_item item = ATHAR_ITEM_INIT;
	const athar_find *f = &x->first->find;

	athar_run_content_drop(x->k->run);
	x->open = false;
	if (!athar_carving_wants(x->k, f))
		return ATHAR_OK;
	ATHAR_TRY(athar_find_item(&item, f, f->bad, err));
	item.grade = ATHAR_GRADE_HEADER;
	(void)snprintf(item.why, sizeof item.why, "%s%.110s", format, text);
	return add_item(x, &item, err);
}

/* It comes once more, without the check that the worker did not survive. */
static athar_status put_back(extraction *x, athar_error *err)
{
	ATHAR_AUTO(wire) athar_wire w = ATHAR_WIRE_INIT;
	athar_find *f = &x->first->find;

	(void)snprintf(f->claim_why, sizeof f->claim_why,
	               "checking its content ended the worker that tried it");
	athar_find_wire(&w, f);
	ATHAR_TRY(athar_wire_check(&w, err));
	return athar_spool_add(x->again, (athar_bytes){.ptr = w.bytes, .len = w.len}, err);
}

/* The worker did not survive it. */
static athar_status finish_lost(extraction *x, const char *text, athar_error *err)
{
	const athar_find *f = &x->first->find;
	uint64_t at = f->extents.count == 0 ? ATHAR_NOWHERE : f->extents.extent[0].image;

	ATHAR_TRY(athar_carving_finding(x->k, "worker", f->address[0] == '\0' ? NULL : f->address,
	                                at, f->size, text, err));
	if (x->identify && !x->claimed)
		return put_back(x, err);
	return finish_unread(x, "its content could not be taken out: ", text, err);
}

static void drop_first(extraction *x)
{
	pending *p = x->first;

	x->done += p->find.size;
	if (p->content && !x->stored)
		x->room += p->find.size;
	x->first = p->next;
	athar_find_clear(&p->find);
	free(p);
	x->written = x->bad = 0;
	x->claimed = x->open = x->told = x->stored = x->garbled = false;
}

/* Did the worker say all that it was asked for? */
static bool said_all(const extraction *x)
{
	const pending *p = x->first;

	if (x->garbled || (x->identify && p->find.readable && !x->claimed))
		return false;
	return !p->content || !p->find.readable || x->told || !athar_carving_wants(x->k, &p->find);
}

static athar_status ended(void *user, uint64_t task, const athar_jail_end *end, athar_error *err)
{
	extraction *x = user;
	bool good = end->kind == ATHAR_JAIL_DONE;

	(void)task;
	if (good && said_all(x))
		ATHAR_TRY(finish_good(x, err));
	else
		ATHAR_TRY(finish_lost(x,
		                      good || x->garbled ? "a worker's messages made no sense"
		                                         : end->error.text,
		                      err));
	drop_first(x);
	return ATHAR_OK;
}

static bool tick(void *user, uint64_t done)
{
	const extraction *x = user;
	athar_progress progress = {.phase = x->phase, .total = x->total, .items = x->k->out->items};

	(void)done;
	progress.done = x->done + x->written;
	athar_watch_progress(x->k->watcher, &progress);
	return athar_watch_cancelled(x->k->watcher);
}

/* ---- without workers ---- */

/* Nothing to take out and nothing to ask: the finds become items as they are. */
static athar_status list(extraction *x, athar_error *err)
{
	pending *p = NULL;
	bool end = false;

	for (;;) {
		ATHAR_TRY(take_next(&p, x, &end, err));
		if (end)
			return ATHAR_OK;
		ATHAR_TRY(finish_good(x, err));
		drop_first(x);
	}
}

/* Somebody is waiting for the end: what is left is written down as found, not as looked at. */
static athar_status list_rest(extraction *x, athar_error *err)
{
	pending *p = NULL;
	bool end = false;

	while (!end) {
		while (x->first != NULL) {
			ATHAR_TRY(finish_unread(x, "", interrupted, err));
			drop_first(x);
		}
		ATHAR_TRY(take_next(&p, x, &end, err));
	}
	return ATHAR_OK;
}

athar_status athar_carving_list(athar_carving *k, athar_spool *finds, athar_error *err)
{
	ATHAR_AUTO(extraction) extraction x = {.k = k, .finds = finds};

	ATHAR_TRY(athar_spool_rewind(finds, err));
	return list_rest(&x, err);
}

/* ---- all of them ---- */

static athar_status tell_left(extraction *x, athar_error *err)
{
	char text[200], size[32];

	if (x->hollow != 0) {
		(void)snprintf(text, sizeof text,
		               "%llu files are almost all holes: they are listed without their "
		               "content",
		               (unsigned long long)x->hollow);
		ATHAR_TRY(athar_carving_finding(x->k, "limit", NULL, ATHAR_NOWHERE, 0, text, err));
	}
	if (x->crowded == 0)
		return ATHAR_OK;
	(void)snprintf(text, sizeof text,
	               "%llu files (%s) are listed without their content: there was no room for "
	               "it in the case folder",
	               (unsigned long long)x->crowded,
	               athar_text_size(size, sizeof size, x->crowded_bytes));
	return athar_carving_finding(x->k, "limit", NULL, ATHAR_NOWHERE, 0, text, err);
}

static athar_status run_through(extraction *x, athar_error *err)
{
	athar_jail_run run = {
		.next = next, .message = message, .ended = ended, .tick = tick, .user = x};

	ATHAR_TRY(athar_spool_rewind(x->finds, err));
	if (x->k->options->list_only && !x->identify)
		return list(x, err);
	athar_status status = athar_jail_serve(x->k->jail, &run, err);
	if (status == ATHAR_ECANCELED) {
		athar_error stopped = *err;

		ATHAR_TRY(list_rest(x, err));
		*err = stopped;
	}
	return status;
}

static athar_status extract(athar_carving *k, athar_spool *finds, const athar_extract_plan *plan,
                            athar_error *err)
{
	ATHAR_AUTO(extraction)
	extraction x = {.k = k,
	                .finds = finds,
	                .phase = plan->phase,
	                .total = plan->total,
	                .identify = plan->identify};
	const char *folder = athar_case_folder(k->c);
	athar_extract_plan second = *plan;

	second.identify = false;
	x.room = athar_target_free(folder);
	x.room -= athar_min(x.room, RESERVE);
	ATHAR_TRY(athar_spool_new(&x.again, folder, err));
	athar_status status = run_through(&x, err);
	if (status != ATHAR_OK && status != ATHAR_ECANCELED)
		return status;
	athar_error stopped = *err;
	ATHAR_TRY(tell_left(&x, err));
	if (athar_spool_count(x.again) != 0)
		ATHAR_TRY(status == ATHAR_OK ? extract(k, x.again, &second, err)
		                             : athar_carving_list(k, x.again, err));
	if (status != ATHAR_OK)
		*err = stopped;
	return status;
}

athar_status athar_carving_extract(athar_carving *k, athar_spool *finds,
                                   const athar_extract_plan *plan, athar_error *err)
{
	return extract(k, finds, plan, err);
}
