/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files inside of files: each whole one that may hold others is looked through in a worker, and
 * what is found there becomes an item like any other.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "carve/inside.h"
#include "engine/carving.h"
#include "engine/inside_task.h"

/* A file whose task is under way. */
typedef struct holder {
	athar_find find;
	uint64_t number; /* of its item; 0: it is none */
	athar_runs places;
	struct holder *next;
} holder;

typedef struct search {
	athar_carving *k;
	athar_spool *hits;
	holder *first, *last;
	uint64_t asked, count, total;
	uint64_t told; /* by the first one */
	athar_wire request;
	bool garbled;
} search;

static void free_holder(holder *h)
{
	if (h == NULL)
		return;
	athar_find_clear(&h->find);
	athar_runs_clear(&h->places);
	free(h);
}

static void drop_first(search *s)
{
	holder *h = s->first;

	s->first = h->next;
	s->told = 0;
	s->garbled = false;
	free_holder(h);
}

static void clear(search *s)
{
	while (s->first != NULL)
		drop_first(s);
	athar_spool_free(s->hits);
	athar_wire_clear(&s->request);
}

ATHAR_DEFINE_AUTO_VALUE(search, search, clear)

/* ---- who may hold others ---- */

static bool is_plain(const athar_find *f)
{
	for (size_t i = 0; i < f->extents.count; i++)
		if (f->extents.extent[i].kind == ATHAR_EXTENT_DERIVED ||
		    f->extents.extent[i].kind == ATHAR_EXTENT_MISSING)
			return false;
	return f->extents.count != 0;
}

athar_status athar_carving_note_holder(athar_carving *k, const athar_find *f, uint64_t number,
                                       athar_error *err)
{
	ATHAR_AUTO(wire) athar_wire w = ATHAR_WIRE_INIT;
	char why[160];

	if (!(k->options->methods & ATHAR_CARVE_EMBEDDED) || k->options->extract != NULL ||
	    f->method == ATHAR_METHOD_EMBEDDED || athar_container_find(f->format) == NULL ||
	    athar_find_grade(why, f, f->bad) < ATHAR_GRADE_COMPLETE)
		return ATHAR_OK;
	if (!is_plain(f)) {
		k->closed_holders++;
		return ATHAR_OK;
	}
	athar_wire_number(&w, number);
	athar_find_wire(&w, f);
	ATHAR_TRY(athar_wire_check(&w, err));
	return athar_spool_add(k->holders, (athar_bytes){.ptr = w.bytes, .len = w.len}, err);
}

/* ---- tasks ---- */

static athar_status line_up(search *s, athar_bytes record, athar_error *err)
{
	athar_unwire u = athar_unwire_begin(record);
	holder *h = athar_alloc(sizeof *h, err);

	if (h == NULL)
		return ATHAR_ENOMEM;
	if (s->first == NULL)
		s->first = h;
	else
		s->last->next = h;
	s->last = h;
	h->number = athar_unwire_number(&u);
	ATHAR_TRY(athar_find_unwire(&h->find, (athar_bytes){.ptr = u.at, .len = u.left}, err));
	for (size_t i = 0; i < h->find.extents.count; i++) {
		const athar_extent *e = &h->find.extents.extent[i];

		if (e->kind == ATHAR_EXTENT_DATA)
			ATHAR_TRY(athar_runs_add(&h->places, e->image, e->length, ATHAR_RUN_DATA,
			                         err));
	}
	return ATHAR_OK;
}

static athar_status next(void *user, athar_bytes *request, bool *end, athar_error *err)
{
	search *s = user;
	athar_bytes record;

	ATHAR_TRY(athar_spool_next(s->k->holders, &record, end, err));
	if (*end)
		return ATHAR_OK;
	ATHAR_TRY(line_up(s, record, err));
	s->request.len = 0;
	athar_wire_number(&s->request, ATHAR_TASK_INSIDE);
	athar_find_wire(&s->request, &s->last->find);
	ATHAR_TRY(athar_wire_check(&s->request, err));
	*request = (athar_bytes){.ptr = s->request.bytes, .len = s->request.len};
	return ATHAR_OK;
}

/* ---- what is found ---- */

/* All of it lies where its outermost container does. */
static bool lies_inside(const holder *h, const athar_extents *x)
{
	for (size_t i = 0; i < x->count; i++) {
		const athar_extent *e = &x->extent[i];

		if (e->kind == ATHAR_EXTENT_DATA &&
		    athar_runs_overlap(&h->places, e->image, e->length) != e->length)
			return false;
	}
	return true;
}

static bool plausible(search *s, const athar_find *f)
{
	const holder *h = s->first;

	return ++s->told <= ATHAR_INSIDE_MOST && f->method == ATHAR_METHOD_EMBEDDED &&
	       f->via_count != 0 && f->path == NULL && f->format[0] != '\0' && f->size != 0 &&
	       f->claim_grade >= ATHAR_GRADE_COMPLETE && !f->settled &&
	       athar_extents_size(&f->extents) == f->size &&
	       athar_find_wrapped(f) == (f->packed.count != 0) &&
	       athar_extents_plain(&f->extents) != athar_find_wrapped(f) &&
	       lies_inside(h, &f->extents) && lies_inside(h, &f->packed);
}

/* The container's path, and each name behind two slashes. */
static athar_status name_it(athar_find *f, const athar_find *parent, athar_error *err)
{
	size_t len = parent->path_len, at = parent->path_len;

	for (size_t i = 0; i < f->via_count; i++)
		len += 2 + f->via[i].name_len;
	f->path = athar_alloc(len + 1, err);
	if (f->path == NULL)
		return ATHAR_ENOMEM;
	if (parent->path_len != 0)
		memcpy(f->path, parent->path, parent->path_len);
	for (size_t i = 0; i < f->via_count; i++) {
		memcpy(f->path + at, "//", 2);
		memcpy(f->path + at + 2, f->via[i].name, f->via[i].name_len);
		at += 2 + f->via[i].name_len;
	}
	f->path_len = len;
	return ATHAR_OK;
}

/* Whose it is and what became of it is known of the container. */
static athar_status take_find(search *s, athar_bytes payload, athar_error *err)
{
	ATHAR_AUTO(find) athar_find f = ATHAR_FIND_INIT;
	ATHAR_AUTO(wire) athar_wire w = ATHAR_WIRE_INIT;
	const holder *h = s->first;

	ATHAR_TRY(athar_find_unwire(&f, payload, err));
	if (!plausible(s, &f))
		return athar_fail(err, ATHAR_EFORMAT, "a worker's message makes no sense");
	f.state = h->find.state;
	f.volume = h->find.volume;
	f.via[0].item = h->number;
	ATHAR_TRY(name_it(&f, &h->find, err));
	s->total += athar_min(f.size, UINT64_MAX - s->total);
	athar_find_wire(&w, &f);
	ATHAR_TRY(athar_wire_check(&w, err));
	return athar_spool_add(s->hits, (athar_bytes){.ptr = w.bytes, .len = w.len}, err);
}

static athar_status tell(search *s, const char *kind, const char *text, athar_error *err)
{
	const athar_find *f = &s->first->find;

	return athar_carving_finding(s->k, kind, f->address[0] == '\0' ? "inside" : f->address,
	                             f->extents.extent[0].image, f->size, text, err);
}

static athar_status take_limited(search *s, athar_bytes payload, athar_error *err)
{
	char text[240];

	athar_unwire_calm(text, sizeof text, payload);
	return tell(s, "limit", text, err);
}

static athar_status message(void *user, uint64_t task, uint32_t type, athar_bytes payload,
                            athar_error *err)
{
	search *s = user;
	athar_status status = ATHAR_EFORMAT;

	(void)task;
	if (s->garbled)
		return ATHAR_OK;
	if (type == ATHAR_MESSAGE_FIND)
		status = take_find(s, payload, err);
	else if (type == ATHAR_MESSAGE_FINDING)
		status = take_limited(s, payload, err);
	s->garbled = status == ATHAR_EFORMAT;
	return s->garbled ? ATHAR_OK : status;
}

static athar_status ended(void *user, uint64_t task, const athar_jail_end *end, athar_error *err)
{
	search *s = user;
	char text[200];

	(void)task;
	s->asked++;
	if (end->kind != ATHAR_JAIL_DONE || s->garbled) {
		(void)snprintf(text, sizeof text, "what is inside was not looked at: %.140s",
		               s->garbled ? "a worker's messages made no sense" : end->error.text);
		ATHAR_TRY(tell(s, "worker", text, err));
	}
	drop_first(s);
	return ATHAR_OK;
}

static bool tick(void *user, uint64_t done)
{
	const search *s = user;
	athar_progress progress = {.phase = "inside", .total = s->count, .done = s->asked};

	(void)done;
	progress.items = s->k->out->items + athar_spool_count(s->hits);
	athar_watch_progress(s->k->watcher, &progress);
	return athar_watch_cancelled(s->k->watcher);
}

/* ---- all of them ---- */

static athar_status tell_closed(athar_carving *k, athar_error *err)
{
	char text[160];

	if (k->closed_holders == 0)
		return ATHAR_OK;
	(void)snprintf(text, sizeof text,
	               "what is inside of %llu files was not looked at: their file system has "
	               "compressed them",
	               (unsigned long long)k->closed_holders);
	return athar_carving_finding(k, "limit", "inside", ATHAR_NOWHERE, 0, text, err);
}

athar_status athar_carving_inside(athar_carving *k, athar_error *err)
{
	ATHAR_AUTO(search) search s = {.k = k, .count = athar_spool_count(k->holders)};
	athar_jail_run run = {
		.next = next, .message = message, .ended = ended, .tick = tick, .user = &s};

	ATHAR_TRY(tell_closed(k, err));
	ATHAR_TRY(athar_spool_new(&s.hits, athar_case_folder(k->c), err));
	ATHAR_TRY(athar_spool_rewind(k->holders, err));
	const athar_status status = athar_jail_serve(k->jail, &run, err);

	if (status == ATHAR_ECANCELED) {
		const athar_error stopped = *err;

		ATHAR_TRY(athar_carving_list(k, s.hits, err));
		*err = stopped;
	}
	ATHAR_TRY(status);
	const athar_extract_plan plan = {.phase = "recover", .total = s.total};

	return athar_carving_extract(k, s.hits, &plan, err);
}
