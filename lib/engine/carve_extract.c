/* SPDX-License-Identifier: BSD-2-Clause */
/* From finds to items: content comes out of the workers and goes into the run. */
#include <string.h>

#include "athar/text.h"
#include "base/alloc.h"
#include "base/check.h"
#include "engine/extraction.h"
#include "engine/target.h"

/* Room left free beside the recovered files, for the lists. */
#define RESERVE (64u << 20)
const char athar_extraction_interrupted[] =
	"the run was interrupted before its content was looked at";
const char athar_extraction_untaken[] = "its content could not be taken out: ";

static void free_pending(athar_pending *p)
{
	if (p != NULL)
		athar_find_clear(&p->find);
	free(p);
}

static void clear(athar_extraction *x)
{
	while (x->first != NULL) {
		athar_pending *p = x->first;

		x->first = p->next;
		free_pending(p);
	}
	free_pending(x->ahead);
	athar_wire_clear(&x->request);
	athar_wire_clear(&x->part);
	athar_spool_free(x->again);
	athar_spool_free(x->apart);
}

ATHAR_DEFINE_AUTO_VALUE(extraction, athar_extraction, clear)

/* ---- what they say ---- */

static athar_status senseless(athar_error *err)
{
	return athar_fail(err, ATHAR_EFORMAT, "a worker's message makes no sense");
}

static athar_status take_claim(athar_extraction *x, athar_bytes payload, athar_error *err)
{
	if (!x->identify || x->claimed || x->open || x->told)
		return senseless(err);
	x->claimed = true;
	return athar_find_claim_unwire(&x->first->find, payload, err);
}

/* A worker that sends more than the file has is not to be believed. */
static athar_status take_data(athar_extraction *x, athar_bytes payload, athar_error *err)
{
	const athar_pending *p = x->first;

	if (!p->content || x->told || payload.len > p->find.size - x->written)
		return senseless(err);
	if (!x->open)
		ATHAR_TRY(athar_run_content_begin(x->k->run, err));
	x->open = true;
	x->written += payload.len;
	return athar_run_content_write(x->k->run, payload.ptr, payload.len, err);
}

static athar_status take_bad(athar_extraction *x, athar_bytes payload, athar_error *err)
{
	athar_unwire u = athar_unwire_begin(payload);

	if (x->told)
		return senseless(err);
	x->told = true;
	x->bad = athar_unwire_number(&u);
	return athar_unwire_end(&u, err);
}

static athar_status dispatch(athar_extraction *x, uint32_t type, athar_bytes payload,
                             athar_error *err)
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

/* ---- the item ---- */

void athar_carving_count(athar_carving *k, const athar_item *item)
{
	athar_carve_result *out = k->out;

	out->items++;
	out->by_grade[item->grade]++;
	out->by_method[item->method]++;
	out->by_state[item->state]++;
	if (item->file[0] != '\0')
		out->bytes_recovered += item->size;
}

/* Nothing is looked for after it where it lies, or the search is over. */
static bool is_by_content(const athar_find *f)
{
	return f->method == ATHAR_METHOD_CONTENT || f->method == ATHAR_METHOD_EMBEDDED;
}

/* Remembers where it begins, so that the search for content does not give a lesser copy of it. */
static athar_status note_start(athar_carving *k, const athar_find *f, athar_grade grade,
                               athar_error *err)
{
	ATHAR_AUTO(wire) athar_wire w = ATHAR_WIRE_INIT;

	if (is_by_content(f) || f->extents.count == 0 ||
	    f->extents.extent[0].kind != ATHAR_EXTENT_DATA)
		return ATHAR_OK;
	athar_wire_number(&w, f->extents.extent[0].image);
	athar_wire_number(&w, grade);
	athar_wire_number(&w, f->extents.count == 1 ? f->size : 0);
	ATHAR_TRY(athar_wire_check(&w, err));
	return athar_spool_add(k->starts, (athar_bytes){.ptr = w.bytes, .len = w.len}, err);
}

static athar_status take_extents(athar_carving *k, const athar_find *f, athar_error *err)
{
	for (size_t i = 0; i < f->extents.count; i++) {
		const athar_extent *e = &f->extents.extent[i];

		if (e->kind == ATHAR_EXTENT_DATA &&
		    athar_inside(e->image, e->length, k->survey.size))
			ATHAR_TRY(athar_taken_add(&k->taken, e->image, e->length, err));
	}
	return ATHAR_OK;
}

/* A file whose content is proven to be its own: nothing else need be looked for there. What its
 * last block holds behind it is older, and is looked at. */
static athar_status take_blocks(athar_carving *k, const athar_find *f, uint64_t bad,
                                athar_error *err)
{
	if (is_by_content(f) || bad != 0 || !athar_find_proven(f))
		return ATHAR_OK;
	return take_extents(k, f, err);
}

/* Why it has no file is told of at the end, as it was or would have been. */
static void note_left(athar_extraction *x, const athar_find *f, const athar_stand *stand)
{
	if (x->k->options->list_only || !f->readable || stand->stored)
		return;
	if (athar_extraction_is_hollow(f)) {
		x->hollow++;
	} else if (stand->grade >= athar_carving_least(x->k)) {
		x->crowded++;
		x->crowded_bytes += athar_min(f->size, UINT64_MAX - x->crowded_bytes);
	}
}

/* What is inside of a file that an earlier session took out is looked for as it was then. */
static athar_status note_standing(athar_carving *k, athar_find *f, const athar_stand *stand,
                                  athar_error *err)
{
	if (stand->type[0] == '\0')
		return ATHAR_OK;
	(void)snprintf(f->format, sizeof f->format, "%s", stand->type);
	(void)snprintf(f->subtype, sizeof f->subtype, "%s", stand->subtype);
	f->settled = true;
	f->grade = (athar_grade)stand->grade;
	return athar_carving_note_holder(k, f, stand->number, err);
}

athar_status athar_extraction_stands(bool *stands, athar_extraction *x, athar_find *f,
                                     athar_error *err)
{
	const athar_stand *stand = NULL;

	ATHAR_TRY(athar_resumed_take(&stand, x->k, f, err));
	*stands = stand != NULL;
	if (stand == NULL)
		return ATHAR_OK;
	note_left(x, f, stand);
	ATHAR_TRY(note_start(x->k, f, (athar_grade)stand->grade, err));
	ATHAR_TRY(note_standing(x->k, f, stand, err));
	return stand->proven && !is_by_content(f) ? take_extents(x->k, f, err) : ATHAR_OK;
}

/* One that is in too many pieces to be listed is named at least. */
static athar_status name_only(athar_carving *k, const athar_item *item, const char *text,
                              athar_error *err)
{
	uint64_t at = item->extents.count == 0 ? ATHAR_NOWHERE : item->extents.extent[0].image;

	return athar_carving_finding(k, "limit", item->address, at, item->size, text, err);
}

static athar_status add_item(athar_extraction *x, athar_item *item, athar_error *err)
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
	x->number = item->number;
	x->stored = item->file[0] != '\0';
	athar_carving_count(k, item);
	if (k->item != NULL)
		k->item(k->user, item);
	return ATHAR_OK;
}

/* Fewer bytes than the file has: what is there is kept, and said to be a part. */
static void mark_short(athar_item *item, const athar_extraction *x)
{
	const athar_pending *p = x->first;

	if (!p->content || !p->find.readable || x->written >= p->find.size ||
	    !athar_carving_writes(x->k, &p->find))
		return;
	item->grade = ATHAR_GRADE_PARTIAL;
	(void)snprintf(item->why, sizeof item->why, "only %llu of its %llu bytes could be had",
	               (unsigned long long)x->written, (unsigned long long)p->find.size);
}

static athar_status finish_good(athar_extraction *x, athar_error *err)
{
	ATHAR_AUTO(item) athar_item item = ATHAR_ITEM_INIT;
	const athar_pending *p = x->first;
	const athar_find *f = &p->find;
	uint64_t bad = x->told ? x->bad : f->bad;

	if (!athar_carving_wants(x->k, f)) {
		ATHAR_TRY(athar_carving_note_holder(x->k, f, 0, err));
		return take_blocks(x->k, f, bad, err);
	}
	/* A file of no bytes is one all the same. */
	if (p->content && f->readable && !x->open && athar_carving_writes(x->k, f))
		ATHAR_TRY(athar_run_content_begin(x->k->run, err));
	ATHAR_TRY(athar_find_item(&item, f, bad, err));
	mark_short(&item, x);
	ATHAR_TRY(note_start(x->k, f, item.grade, err));
	if (item.grade >= ATHAR_GRADE_COMPLETE)
		ATHAR_TRY(take_blocks(x->k, f, bad, err));
	x->number = 0;
	ATHAR_TRY(add_item(x, &item, err));
	return x->number == 0 || item.grade < ATHAR_GRADE_COMPLETE
	               ? ATHAR_OK
	               : athar_carving_note_holder(x->k, f, x->number, err);
}

/* Listed, but nothing of it is handed out. */
static athar_status finish_unread(athar_extraction *x, const char *format, const char *text,
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

static athar_status spool_find(athar_spool *spool, const athar_find *f, athar_error *err)
{
	ATHAR_AUTO(wire) athar_wire w = ATHAR_WIRE_INIT;

	athar_find_wire(&w, f);
	ATHAR_TRY(athar_wire_check(&w, err));
	return athar_spool_add(spool, (athar_bytes){.ptr = w.bytes, .len = w.len}, err);
}

/* It comes once more, without the check that the worker did not survive. */
static athar_status put_back(athar_extraction *x, athar_error *err)
{
	athar_find *f = &x->first->find;

	(void)snprintf(f->claim_why, sizeof f->claim_why,
	               "checking its content ended the worker that tried it");
	return spool_find(x->again, f, err);
}

/* The worker did not survive it. */
static athar_status finish_lost(athar_extraction *x, const char *text, athar_error *err)
{
	const athar_find *f = &x->first->find;
	uint64_t at = f->extents.count == 0 ? ATHAR_NOWHERE : f->extents.extent[0].image;

	ATHAR_TRY(athar_carving_finding(x->k, "worker", f->address[0] == '\0' ? NULL : f->address,
	                                at, f->size, text, err));
	if (x->identify && !x->claimed)
		return put_back(x, err);
	return finish_unread(x, athar_extraction_untaken, text, err);
}

static void drop_first(athar_extraction *x)
{
	athar_pending *p = x->first;

	x->done += p->find.size;
	if (p->content && !x->stored)
		x->room += p->find.size;
	x->first = p->next;
	free_pending(p);
	x->written = x->bad = 0;
	x->claimed = x->open = x->told = x->stored = x->garbled = false;
}

/* Did the worker say all that it was asked for? */
static bool said_all(const athar_extraction *x)
{
	const athar_pending *p = x->first;

	if (x->garbled || (x->identify && p->find.readable && !x->claimed))
		return false;
	return !p->content || !p->find.readable || x->told || !athar_carving_writes(x->k, &p->find);
}

/* Is anything of the task left to be said? */
static bool expects(const athar_extraction *x, uint64_t task)
{
	return x->first != NULL && x->first->task == task;
}

static athar_status take_one_of_many(athar_extraction *x, athar_error *err)
{
	if (!x->first->together || !said_all(x)) {
		x->garbled = true;
		return ATHAR_OK;
	}
	ATHAR_TRY(finish_good(x, err));
	drop_first(x);
	return ATHAR_OK;
}

static athar_status message(void *user, uint64_t task, uint32_t type, athar_bytes payload,
                            athar_error *err)
{
	athar_extraction *x = user;

	if (!expects(x, task) || x->garbled)
		return ATHAR_OK;
	if (type == ATHAR_MESSAGE_NEXT)
		return take_one_of_many(x, err);
	athar_status status = dispatch(x, type, payload, err);
	if (status != ATHAR_EFORMAT)
		return status;
	x->garbled = true;
	return ATHAR_OK;
}

/* Which of them was too much for the worker is not known: each gets a task of its own. */
static athar_status take_apart(athar_extraction *x, uint64_t task, athar_error *err)
{
	athar_run_content_drop(x->k->run);
	while (expects(x, task)) {
		ATHAR_TRY(spool_find(x->apart, &x->first->find, err));
		drop_first(x);
	}
	return ATHAR_OK;
}

static athar_status ended(void *user, uint64_t task, const athar_jail_end *end, athar_error *err)
{
	athar_extraction *x = user;
	bool good = end->kind == ATHAR_JAIL_DONE;

	if (!expects(x, task))
		return ATHAR_OK;
	if (x->first->together)
		return take_apart(x, task, err);
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
	const athar_extraction *x = user;
	athar_progress progress = {.phase = x->phase, .total = x->total, .items = x->k->out->items};

	(void)done;
	progress.done = x->done + x->written;
	athar_watch_progress(x->k->watcher, &progress);
	return athar_watch_cancelled(x->k->watcher);
}

/* ---- without workers ---- */

/* Nothing to take out and nothing to ask: the finds become items as they are. */
static athar_status list(athar_extraction *x, athar_error *err)
{
	bool end = false;

	for (;;) {
		ATHAR_TRY(athar_extraction_take(x, &end, err));
		if (end)
			return ATHAR_OK;
		(void)athar_extraction_line_up(x);
		ATHAR_TRY(finish_good(x, err));
		drop_first(x);
	}
}

/* Somebody is waiting for the end: what is left is written down as found, not as looked at. */
static athar_status list_rest(athar_extraction *x, athar_error *err)
{
	bool end = false;

	while (!end) {
		while (x->first != NULL) {
			ATHAR_TRY(finish_unread(x, "", athar_extraction_interrupted, err));
			drop_first(x);
		}
		ATHAR_TRY(athar_extraction_take(x, &end, err));
		if (!end)
			(void)athar_extraction_line_up(x);
	}
	return ATHAR_OK;
}

athar_status athar_carving_list(athar_carving *k, athar_spool *finds, athar_error *err)
{
	ATHAR_AUTO(extraction) athar_extraction x = {.k = k, .finds = finds};

	ATHAR_TRY(athar_spool_rewind(finds, err));
	return list_rest(&x, err);
}

/* ---- all of them ---- */

static athar_status tell_left(athar_extraction *x, athar_error *err)
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
	               "it in the case folder, or no more was asked for",
	               (unsigned long long)x->crowded,
	               athar_text_size(size, sizeof size, x->crowded_bytes));
	return athar_carving_finding(x->k, "limit", NULL, ATHAR_NOWHERE, 0, text, err);
}

static athar_status run_through(athar_extraction *x, athar_error *err)
{
	athar_jail_run run = {.next = athar_extraction_ask,
	                      .message = message,
	                      .ended = ended,
	                      .tick = tick,
	                      .user = x};

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
                            athar_error *err);

/* What the first pass could not finish; after a stop it is only listed. */
static athar_status extract_left(athar_carving *k, athar_spool *finds,
                                 const athar_extract_plan *plan, athar_status status,
                                 athar_error *err)
{
	const athar_error stopped = *err;

	if (athar_spool_count(finds) == 0 || (status != ATHAR_OK && status != ATHAR_ECANCELED))
		return status;
	if (status == ATHAR_OK)
		return extract(k, finds, plan, err);
	ATHAR_TRY(athar_carving_list(k, finds, err));
	*err = stopped;
	return status;
}

static athar_status extract(athar_carving *k, athar_spool *finds, const athar_extract_plan *plan,
                            athar_error *err)
{
	ATHAR_AUTO(extraction)
	athar_extraction x = {.k = k,
	                      .finds = finds,
	                      .phase = plan->phase,
	                      .total = plan->total,
	                      .identify = plan->identify,
	                      .alone = plan->alone};
	const char *folder = athar_case_folder(k->c);
	athar_extract_plan left = *plan;

	left.alone = true;
	x.room = athar_target_free(folder);
	x.room -= athar_min(x.room, RESERVE);
	x.room = athar_min(x.room, k->options->max_output - k->out->bytes_recovered);
	ATHAR_TRY(athar_spool_new(&x.again, folder, err));
	ATHAR_TRY(athar_spool_new(&x.apart, folder, err));
	athar_status status = run_through(&x, err);
	if (status != ATHAR_OK && status != ATHAR_ECANCELED)
		return status;
	athar_error stopped = *err;
	ATHAR_TRY(tell_left(&x, err));
	*err = stopped;
	status = extract_left(k, x.apart, &left, status, err);
	left.identify = false;
	return extract_left(k, x.again, &left, status, err);
}

athar_status athar_carving_extract(athar_carving *k, athar_spool *finds,
                                   const athar_extract_plan *plan, athar_error *err)
{
	return extract(k, finds, plan, err);
}
