/* SPDX-License-Identifier: BSD-2-Clause */
/* Formats in what no live file and no proven item holds: windows in parallel, hits in order. */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "carve/join.h"
#include "engine/carving.h"

#define WINDOW (16u << 20)
/* A part of a file with fewer proven bytes is no more than a beginning. */
#define PARTIAL_LEAST 512u

typedef struct start {
	uint64_t offset;
	athar_grade grade;
	uint64_t size; /* 0: it is in pieces */
} start;

/* A place in the open space, and a window of it. */
typedef struct cursor {
	size_t run;
	uint64_t at;
} cursor;

typedef struct window {
	uint64_t start, length, limit;
} window;

typedef struct search {
	athar_carving *k;
	athar_spool *hits;
	athar_spool *beginnings; /* whole hits, and what may be joined */
	athar_runs open_space;   /* where it looks */
	cursor given, ended;     /* windows handed out, windows done */
	uint64_t total, done;
	athar_wire request;
	start *starts; /* sorted; of items from metadata */
	size_t start_count;
	uint64_t told;      /* no hit may begin before: the last one's place, and one */
	uint64_t whole_end; /* end of the last whole hit: what begins before it is inside it */
	uint64_t inner_end; /* so far reaches what is proven of beginnings: it is their own */
	uint64_t chain_end; /* end of the last part of a chained format: where its members end */
	uint64_t wanted;
	bool garbled;
} search;

static void clear(search *s)
{
	athar_spool_free(s->hits);
	athar_spool_free(s->beginnings);
	athar_runs_clear(&s->open_space);
	athar_wire_clear(&s->request);
	free(s->starts);
}

ATHAR_DEFINE_AUTO_VALUE(search, search, clear)

/* ---- what metadata gave already ---- */

static int by_offset(const void *a, const void *b)
{
	const start *x = a, *y = b;

	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	return (int)x->grade - (int)y->grade;
}

static athar_status load_starts(search *s, athar_error *err)
{
	athar_spool *spool = s->k->starts;
	size_t count = (size_t)athar_spool_count(spool);
	athar_bytes record;
	bool end = false;

	s->starts = athar_alloc_array(count + 1, sizeof *s->starts, err);
	if (s->starts == NULL)
		return ATHAR_ENOMEM;
	ATHAR_TRY(athar_spool_rewind(spool, err));
	for (;;) {
		ATHAR_TRY(athar_spool_next(spool, &record, &end, err));
		if (end)
			break;
		s->starts[s->start_count++] =
			(start){athar_le64(record.ptr), (athar_grade)athar_le64(record.ptr + 8),
		                athar_le64(record.ptr + 16)};
	}
	qsort(s->starts, s->start_count, sizeof *s->starts, by_offset);
	return ATHAR_OK;
}

/* Is there an item from metadata that begins here and is at least as good, or just the same bytes?
 * Of those, more was known when they were graded. size 0: it does not count. */
static bool given_already(const search *s, uint64_t offset, uint64_t size, athar_grade grade)
{
	size_t low = 0, high = s->start_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->starts[middle].offset < offset)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < s->start_count && s->starts[low].offset == offset; low++)
		if (s->starts[low].grade >= grade || (size != 0 && s->starts[low].size == size))
			return true;
	return false;
}

/* ---- windows ---- */

/* Walks the open space window by window. False: there are no more. */
static bool step(const athar_runs *space, cursor *c, window *out)
{
	if (c->run < space->count && c->at >= space->run[c->run].offset + space->run[c->run].length)
		c->run++;
	if (c->run >= space->count)
		return false;
	const athar_run *r = &space->run[c->run];
	out->start = athar_max(c->at, r->offset);
	out->limit = r->offset + r->length;
	out->length = athar_min(WINDOW, out->limit - out->start);
	c->at = out->start + out->length;
	return true;
}

static athar_status next(void *user, athar_bytes *request, bool *end, athar_error *err)
{
	search *s = user;
	window w;

	*end = !step(&s->open_space, &s->given, &w);
	if (*end)
		return ATHAR_OK;
	s->request.len = 0;
	athar_request_scan(&s->request, w.start, w.length, w.limit);
	ATHAR_TRY(athar_wire_check(&s->request, err));
	*request = (athar_bytes){.ptr = s->request.bytes, .len = s->request.len};
	return ATHAR_OK;
}

/* ---- hits ---- */

/* A piece that is too small to be of use; a format that never reaches more has no such pieces. */
static bool is_crumb(const athar_find *f, athar_grade grade)
{
	const athar_format *format = athar_format_find(f->format);

	return grade == ATHAR_GRADE_PARTIAL && f->size < PARTIAL_LEAST &&
	       (format == NULL || format->best > ATHAR_GRADE_PARTIAL);
}

/* A member of a part that an earlier window has told. */
static bool is_told(search *s, const athar_find *f, athar_grade grade)
{
	const athar_format *format = athar_format_find(f->format);
	const uint64_t end = f->extents.extent[0].image + f->size;
	const bool told = end == s->chain_end;

	if (format == NULL || !format->chained || grade != ATHAR_GRADE_PARTIAL)
		return false;
	s->chain_end = end;
	return told;
}

static bool keep(search *s, const athar_find *f, athar_grade grade)
{
	if (grade == ATHAR_GRADE_HEADER ||
	    given_already(s, f->extents.extent[0].image, f->size, grade))
		return false;
	return !is_crumb(f, grade) && !is_told(s, f, grade);
}

/* Is it whole, or may the rest of it be looked for? */
static bool is_beginning(const search *s, const athar_find *f, athar_grade grade)
{
	return grade >= ATHAR_GRADE_COMPLETE ||
	       (athar_joiner_find(f->format) != NULL &&
	        !given_already(s, f->extents.extent[0].image, 0, ATHAR_GRADE_COMPLETE));
}

static bool holds(const athar_volume_info *v, uint64_t offset)
{
	return offset >= v->offset && offset - v->offset < v->length;
}

int athar_carving_volume_at(const athar_carving *k, uint64_t offset)
{
	for (size_t i = 0; i < k->survey.count; i++)
		if (holds(&k->survey.volume[i], offset))
			return (int)k->survey.volume[i].number;
	return -1;
}

athar_state athar_carving_state_at(const athar_carving *k, uint64_t offset)
{
	for (size_t i = 0; i < k->survey.count; i++)
		if (holds(&k->survey.volume[i], offset) && !k->mapped[i])
			return ATHAR_STATE_UNKNOWN;
	if (k->survey.count == 0)
		return ATHAR_STATE_UNKNOWN;
	return k->options->whole && athar_runs_overlap(&k->not_live, offset, 1) == 0
	               ? ATHAR_STATE_LIVE
	               : ATHAR_STATE_UNALLOCATED;
}

/* The window that the messages are about. */
static window current(const search *s)
{
	cursor c = s->ended;
	window w = {0, 0, 0};

	(void)step(&s->open_space, &c, &w);
	return w;
}

/* In its window, in order, inside its free range: what else a worker says is not a hit. */
static bool plausible(search *s, const athar_find *f)
{
	const window w = current(s);
	const athar_extent *e = f->extents.extent;

	if (f->extents.count != 1 || f->size == 0 || e->kind != ATHAR_EXTENT_DATA ||
	    e->length != f->size || f->method != ATHAR_METHOD_CONTENT || f->path != NULL ||
	    f->format[0] == '\0')
		return false;
	if (e->image < w.start || e->image - w.start >= w.length || e->image < s->told ||
	    f->size > w.limit - e->image)
		return false;
	s->told = e->image + 1;
	return true;
}

static athar_status note(athar_spool *spool, const athar_find *f, athar_error *err)
{
	ATHAR_AUTO(wire) athar_wire w = ATHAR_WIRE_INIT;

	athar_find_wire(&w, f);
	ATHAR_TRY(athar_wire_check(&w, err));
	return athar_spool_add(spool, (athar_bytes){.ptr = w.bytes, .len = w.len}, err);
}

/* A whole file that is known already still covers what begins inside it. What lies in the proven
 * part of a beginning (the thumbnail in a header) is a file, but its blocks are the beginning's:
 * they may be joined with the rest of it. */
static athar_status file_hit(search *s, athar_find *f, athar_error *err)
{
	const uint64_t offset = f->extents.extent[0].image;
	char why[160];
	const athar_grade grade = athar_find_grade(why, f, f->bad);
	uint64_t sum = 0;

	if (offset < s->whole_end)
		return ATHAR_OK;
	if (grade >= ATHAR_GRADE_COMPLETE)
		s->whole_end = offset + f->size;
	if (is_beginning(s, f, grade) && offset + f->size > s->inner_end)
		ATHAR_TRY(note(s->beginnings, f, err));
	if (grade < ATHAR_GRADE_COMPLETE)
		s->inner_end = athar_max(s->inner_end, offset + f->claim_proven);
	if (!keep(s, f, grade))
		return ATHAR_OK;
	f->volume = athar_carving_volume_at(s->k, offset);
	f->state = athar_carving_state_at(s->k, offset);
	if (athar_add(s->wanted, f->size, &sum))
		s->wanted = sum;
	return note(s->hits, f, err);
}

static athar_status take_hit(search *s, athar_bytes payload, athar_error *err)
{
	ATHAR_AUTO(find) athar_find f = ATHAR_FIND_INIT;

	ATHAR_TRY(athar_find_unwire(&f, payload, err));
	if (!plausible(s, &f))
		return athar_fail(err, ATHAR_EFORMAT, "a worker's message makes no sense");
	return file_hit(s, &f, err);
}

static athar_status take_given_up(search *s, athar_bytes payload, athar_error *err)
{
	athar_unwire u = athar_unwire_begin(payload);
	uint64_t offset = athar_unwire_number(&u);
	char name[16], text[120];

	athar_unwire_text(&u, name, sizeof name);
	ATHAR_TRY(athar_unwire_end(&u, err));
	if (offset < s->whole_end)
		return ATHAR_OK;
	(void)snprintf(text, sizeof text,
	               "what begins here like %s was too much work to follow to its end", name);
	return athar_carving_finding(s->k, "limit", "search", offset, 0, text, err);
}

static athar_status dispatch(search *s, uint32_t type, athar_bytes payload, athar_error *err)
{
	switch (type) {
	case ATHAR_MESSAGE_FIND:
		return take_hit(s, payload, err);
	case ATHAR_MESSAGE_GIVEN_UP:
		return take_given_up(s, payload, err);
	default:
		return athar_fail(err, ATHAR_EFORMAT, "a worker's message makes no sense");
	}
}

static athar_status message(void *user, uint64_t task, uint32_t type, athar_bytes payload,
                            athar_error *err)
{
	search *s = user;

	(void)task;
	if (s->garbled)
		return ATHAR_OK;
	athar_status status = dispatch(s, type, payload, err);
	if (status != ATHAR_EFORMAT)
		return status;
	s->garbled = true;
	return ATHAR_OK;
}

static athar_status ended(void *user, uint64_t task, const athar_jail_end *end, athar_error *err)
{
	search *s = user;
	window w = {0, 0, 0};
	bool good = end->kind == ATHAR_JAIL_DONE && !s->garbled;
	const char *text = s->garbled ? "a worker's messages made no sense" : end->error.text;

	(void)task;
	(void)step(&s->open_space, &s->ended, &w);
	s->done += w.length;
	if (good) {
		s->k->out->searched += w.length;
		return ATHAR_OK;
	}
	s->garbled = false;
	return athar_carving_finding(s->k, "worker", "search", w.start, w.length, text, err);
}

static bool tick(void *user, uint64_t done)
{
	const search *s = user;
	athar_progress progress = {.phase = "search", .total = s->total, .done = s->done};

	(void)done;
	progress.items = s->k->out->items + athar_spool_count(s->hits);
	athar_watch_progress(s->k->watcher, &progress);
	return athar_watch_cancelled(s->k->watcher);
}

/* Where it looks: in what nobody owns, or everywhere. */
static athar_status open_up(search *s, athar_error *err)
{
	athar_carving *k = s->k;

	if (!k->options->whole)
		return athar_taken_rest(&s->open_space, &k->taken, k->survey.size, err);
	ATHAR_TRY(athar_taken_rest(&k->not_live, &k->live, k->survey.size, err));
	return athar_runs_add(&s->open_space, 0, k->survey.size, ATHAR_RUN_DATA, err);
}

static athar_status scan_all(search *s, athar_error *err)
{
	athar_jail_run run = {
		.next = next, .message = message, .ended = ended, .tick = tick, .user = s};

	ATHAR_TRY(open_up(s, err));
	s->total = athar_runs_total(&s->open_space);
	ATHAR_TRY(load_starts(s, err));
	return athar_jail_serve(s->k->jail, &run, err);
}

/* Stopped in the middle: what was found so far is listed. */
static athar_status list_found(search *s, athar_spool *joined, athar_error *err)
{
	const athar_error stopped = *err;

	ATHAR_TRY(athar_carving_list(s->k, s->hits, err));
	ATHAR_TRY(athar_carving_list(s->k, joined, err));
	*err = stopped;
	return ATHAR_ECANCELED;
}

static athar_status extract_all(search *s, athar_spool *joined, athar_error *err)
{
	const athar_extract_plan plan = {.phase = "recover", .total = s->wanted};
	athar_status status = athar_carving_extract(s->k, s->hits, &plan, err);

	if (status == ATHAR_OK)
		return athar_carving_extract(s->k, joined, &plan, err);
	if (status != ATHAR_ECANCELED)
		return status;
	const athar_error stopped = *err;

	ATHAR_TRY(athar_carving_list(s->k, joined, err));
	*err = stopped;
	return ATHAR_ECANCELED;
}

athar_status athar_carving_search(athar_carving *k, athar_error *err)
{
	ATHAR_AUTO(spool) athar_spool *joined = NULL;
	ATHAR_AUTO(search) search s = {.k = k};
	const char *folder = athar_case_folder(k->c);

	ATHAR_TRY(athar_spool_new(&s.hits, folder, err));
	ATHAR_TRY(athar_spool_new(&s.beginnings, folder, err));
	ATHAR_TRY(athar_spool_new(&joined, folder, err));
	athar_status status = scan_all(&s, err);
	if (status == ATHAR_OK && (k->options->methods & ATHAR_CARVE_FRAGMENTS))
		status = athar_carving_join(&s.hits, joined, &s.wanted, k, s.beginnings,
		                            &s.open_space, err);
	if (status == ATHAR_ECANCELED)
		return list_found(&s, joined, err);
	ATHAR_TRY(status);
	return extract_all(&s, joined, err);
}
