/* SPDX-License-Identifier: BSD-2-Clause */
/* From finds to items: content comes out of the workers and goes into the run. */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "engine/carving.h"

/* A find whose task is under way. */
typedef struct pending {
	athar_find find;
	struct pending *next;
} pending;

typedef struct extraction {
	athar_carving *k;
	athar_spool *finds;
	const char *phase;
	uint64_t total, done;
	athar_wire request;
	pending *first, *last; /* in the order of the tasks */
	bool open;             /* content of the first one is being written */
	bool garbled;
	uint64_t written, bad;
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
}

ATHAR_DEFINE_AUTO_VALUE(extraction, extraction, clear)

static const athar_volume_info *volume_of(const extraction *x, const athar_find *f)
{
	for (size_t i = 0; i < f->extents.count; i++)
		if (f->extents.extent[i].kind == ATHAR_EXTENT_DERIVED && f->volume >= 0)
			return athar_survey_volume(&x->k->survey, (unsigned)f->volume);
	return NULL;
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
	if (x->last == NULL || x->first == NULL)
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

	ATHAR_TRY(take_next(&p, x, end, err));
	if (*end)
		return ATHAR_OK;
	x->request.len = 0;
	athar_request_extract(&x->request, &p->find, volume_of(x, &p->find));
	ATHAR_TRY(athar_wire_check(&x->request, err));
	*request = (athar_bytes){.ptr = x->request.bytes, .len = x->request.len};
	return ATHAR_OK;
}

/* A worker that sends more than the file has is not to be believed. */
static athar_status take_data(extraction *x, athar_bytes payload, athar_error *err)
{
	if (payload.len > x->first->find.size - athar_min(x->written, x->first->find.size)) {
		x->garbled = true;
		return ATHAR_OK;
	}
	if (!x->open)
		ATHAR_TRY(athar_run_content_begin(x->k->run, err));
	x->open = true;
	x->written += payload.len;
	return athar_run_content_write(x->k->run, payload.ptr, payload.len, err);
}

static athar_status message(void *user, uint64_t task, uint32_t type, athar_bytes payload,
                            athar_error *err)
{
	extraction *x = user;
	athar_unwire u = athar_unwire_begin(payload);

	(void)task;
	if (x->garbled)
		return ATHAR_OK;
	if (type == ATHAR_MESSAGE_DATA)
		return take_data(x, payload, err);
	x->bad = athar_unwire_number(&u);
	x->garbled = type != ATHAR_MESSAGE_BAD || u.failed || u.left != 0;
	return ATHAR_OK;
}

/* ---- the item ---- */

static void count(athar_carve_result *out, const athar_item *item)
{
	out->items++;
	out->by_grade[item->grade]++;
	out->by_method[item->method]++;
	if (item->file[0] != '\0')
		out->bytes_recovered += item->size;
}

/* Remembers where it begins, so that the search for content does not give a lesser copy of it. */
static athar_status note_start(athar_carving *k, const athar_find *f, athar_grade grade,
                               athar_error *err)
{
	ATHAR_AUTO(wire) athar_wire w = ATHAR_WIRE_INIT;

	if (k->starts == NULL || f->extents.count == 0 ||
	    f->extents.extent[0].kind != ATHAR_EXTENT_DATA)
		return ATHAR_OK;
	athar_wire_number(&w, f->extents.extent[0].image);
	athar_wire_number(&w, grade);
	ATHAR_TRY(athar_wire_check(&w, err));
	return athar_spool_add(k->starts, (athar_bytes){.ptr = w.bytes, .len = w.len}, err);
}

static athar_status add_item(extraction *x, athar_item *item, athar_error *err)
{
	athar_carving *k = x->k;
	char extension[8];
	bool is_new = false;

	athar_find_extension(extension, &x->first->find);
	ATHAR_TRY(athar_run_add(k->run, item, extension, &is_new, err));
	x->open = false;
	if (!is_new)
		return ATHAR_OK;
	count(k->out, item);
	if (k->item != NULL)
		k->item(k->user, item);
	return ATHAR_OK;
}

/* Fewer bytes than the file has: what is there is kept, and said to be a part. */
static void mark_short(athar_item *item, const extraction *x)
{
	if (x->first->find.readable && x->written < x->first->find.size) {
		item->grade = ATHAR_GRADE_PARTIAL;
		(void)snprintf(
			item->why, sizeof item->why, "only %llu of its %llu bytes could be had",
			(unsigned long long)x->written, (unsigned long long)x->first->find.size);
	}
}

static athar_status finish_good(extraction *x, athar_error *err)
{
	ATHAR_AUTO(item) athar_item item = ATHAR_ITEM_INIT;
	const athar_find *f = &x->first->find;

	ATHAR_TRY(athar_find_item(&item, f, x->bad, err));
	if (!x->k->options->list_only)
		mark_short(&item, x);
	ATHAR_TRY(note_start(x->k, f, item.grade, err));
	return add_item(x, &item, err);
}

/* The worker did not survive it: the item is listed, its content is not handed out. */
static athar_status finish_lost(extraction *x, const char *text, athar_error *err)
{
	ATHAR_AUTO(item) athar_item item = ATHAR_ITEM_INIT;
	const athar_find *f = &x->first->find;
	uint64_t at = f->extents.count == 0 ? ATHAR_NOWHERE : f->extents.extent[0].image;

	athar_run_content_drop(x->k->run);
	x->open = false;
	ATHAR_TRY(athar_carving_finding(x->k, "worker", f->address, at, f->size, text, err));
	ATHAR_TRY(athar_find_item(&item, f, 0, err));
	item.grade = ATHAR_GRADE_HEADER;
	(void)snprintf(item.why, sizeof item.why, "its content could not be taken out: %.110s",
	               text);
	return add_item(x, &item, err);
}

static void drop_first(extraction *x)
{
	pending *p = x->first;

	x->done += p->find.size;
	x->first = p->next;
	athar_find_clear(&p->find);
	free(p);
	x->written = x->bad = 0;
	x->garbled = false;
}

static athar_status ended(void *user, uint64_t task, const athar_jail_end *end, athar_error *err)
{
	extraction *x = user;

	(void)task;
	if (end->kind == ATHAR_JAIL_DONE && !x->garbled)
		ATHAR_TRY(finish_good(x, err));
	else
		ATHAR_TRY(finish_lost(
			x, x->garbled ? "a worker's messages made no sense" : end->error.text,
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

/* Nothing to take out: the finds become items as they are. */
static athar_status list(extraction *x, athar_error *err)
{
	pending *p = NULL;
	bool end = false;

	for (;;) {
		ATHAR_TRY(take_next(&p, x, &end, err));
		if (end)
			return ATHAR_OK;
		x->bad = p->find.bad;
		ATHAR_TRY(finish_good(x, err));
		drop_first(x);
	}
}

athar_status athar_carving_extract(athar_carving *k, athar_spool *finds, const char *phase,
                                   uint64_t total, athar_error *err)
{
	ATHAR_AUTO(extraction)
	extraction x = {.k = k, .finds = finds, .phase = phase, .total = total};
	athar_jail_run run = {
		.next = next, .message = message, .ended = ended, .tick = tick, .user = &x};

	ATHAR_TRY(athar_spool_rewind(finds, err));
	if (k->options->list_only)
		return list(&x, err);
	return athar_jail_serve(k->jail, &run, err);
}
