/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/worker.h"

#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/check.h"
#include "carve/scan.h"
#include "engine/drivers.h"
#include "engine/identify.h"
#include "engine/inside_task.h"
#include "engine/inside_worker.h"
#include "engine/locate.h"
#include "engine/owners.h"
#include "engine/search_task.h"

#define DATA_SIZE (256u << 10)
/* Derived content (compressed, inside metadata) up to this size is asked for its format. */
#define DERIVED_LIMIT (16u << 20)
/* What is told of a plain content up to this size goes in one piece: most deleted files are small,
 * and each piece costs a turn of both processes. */
#define HELD_LIMIT DATA_SIZE
/* Pairs of allocated ranges to a message. */
#define PAIRS 2048u

typedef struct worker {
	athar_source *source;
	athar_scanner *scanner;
	const athar_worker_spec *spec;
	athar_volume *volume; /* the one last used */
	unsigned volume_number;
	uint8_t *data;
	athar_join_task join;
	athar_search_task search;
	athar_jail_reply *reply; /* of the task under way */
} worker;

athar_status athar_worker_setup(void **state, void *user, athar_error *err)
{
	const athar_worker_spec *spec = user;
	worker *w = athar_alloc(sizeof *w, err);

	/* Whatever fails here ends the process: nothing is released one by one. */
	if (w == NULL)
		return ATHAR_ENOMEM;
	w->spec = spec;
	w->data = athar_alloc(DATA_SIZE, err);
	if (w->data == NULL)
		return ATHAR_ENOMEM;
	/* libtsk takes the recorded times of FAT for local ones. In UTC they stay what they are; no
	 * zone's file is looked for behind the closed door, and no machine's zone gets into a
	 * result. */
	if (setenv("TZ", "UTC0", 1) != 0)
		return athar_fail_errno(err, "cannot set the time zone");
	tzset();
	/* The first JSON object of a process asks /dev/urandom for a seed. */
	athar_json_free(athar_json_object());
	ATHAR_TRY(athar_source_open(&w->source, spec->image, err));
	if (spec->known_bad != NULL)
		ATHAR_TRY(athar_source_mark(w->source, spec->known_bad, err));
	ATHAR_TRY(athar_scanner_new(&w->scanner, spec->formats, spec->step, err));
	ATHAR_TRY(athar_search_task_open(&w->search, spec->search, err));
	*state = w;
	return ATHAR_OK;
}

static athar_status send(const worker *w, uint32_t type, const athar_wire *message,
                         athar_error *err)
{
	ATHAR_TRY(athar_wire_check(message, err));
	return athar_jail_send(w->reply, type, message->bytes, message->len, err);
}

static athar_status open_volume(worker *w, const athar_volume_info *info, athar_error *err)
{
	if (w->volume != NULL && w->volume_number == info->number)
		return ATHAR_OK;
	athar_volume_close(w->volume);
	w->volume = NULL;
	w->volume_number = info->number;
	return athar_volume_open(&w->volume, w->source, info, err);
}

/* ---- survey ---- */

/* A superblock that cannot be read any more says nothing; that it is bad comes up elsewhere. */
static athar_status send_last_use(const worker *w, const athar_volume_info *info, athar_error *err)
{
	ATHAR_AUTO(wire) athar_wire message = ATHAR_WIRE_INIT;
	athar_error mine = ATHAR_ERROR_INIT;
	athar_last_use use;

	if (athar_volume_last_use(&use, w->source, info, &mine) != ATHAR_OK ||
	    use.source[0] == '\0')
		return ATHAR_OK;
	athar_last_use_wire(&message, &use);
	return send(w, ATHAR_MESSAGE_LAST_USE, &message, err);
}

static athar_status send_volume(void *user, const athar_volume_info *info, athar_error *err)
{
	ATHAR_AUTO(wire) athar_wire message = ATHAR_WIRE_INIT;

	athar_volume_wire(&message, info);
	ATHAR_TRY(send(user, ATHAR_MESSAGE_VOLUME, &message, err));
	return send_last_use(user, info, err);
}

/* Its size first: if the search for volumes should kill the worker, that much is known. */
static athar_status send_image(worker *w, athar_error *err)
{
	ATHAR_AUTO(wire) athar_wire message = ATHAR_WIRE_INIT;
	const athar_source_info *info = athar_source_describe(w->source);

	athar_wire_number(&message, info->size);
	athar_wire_number(&message, info->sector_size);
	athar_wire_number(&message, athar_runs_total(athar_source_known_bad(w->source)));
	return send(w, ATHAR_MESSAGE_IMAGE, &message, err);
}

static athar_json *fields_json(const athar_source_fields *f)
{
	athar_json *o = athar_json_object();

	athar_json_set_text(o, "case_number", f->case_number);
	athar_json_set_text(o, "evidence_number", f->evidence_number);
	athar_json_set_text(o, "description", f->description);
	athar_json_set_text(o, "examiner", f->examiner);
	athar_json_set_text(o, "notes", f->notes);
	athar_json_set_text(o, "acquired", f->acquired);
	athar_json_set_text(o, "system_date", f->system_date);
	athar_json_set_text(o, "software", f->software);
	return o;
}

static athar_json *container_json(const athar_source *source)
{
	const athar_source_info *info = athar_source_describe(source);
	athar_json *o = athar_json_object();

	athar_json_set_text(o, "driver", info->driver);
	athar_json_set_text(o, "path", info->path);
	athar_json_set_number(o, "size", info->size);
	athar_json_set_number(o, "sector_size", info->sector_size);
	athar_json_set_number(o, "chunk_size", info->chunk_size);
	athar_json_set_number(o, "segments", info->segments);
	athar_json_set(o, "hashes", athar_digests_to_json(&info->stored));
	athar_json_set_number(o, "bad_bytes", athar_runs_total(athar_source_known_bad(source)));
	athar_json_set_text(o, "finding", info->finding);
	athar_json_set(o, "fields", fields_json(&info->fields));
	return o;
}

static athar_status send_container(worker *w, athar_error *err)
{
	ATHAR_AUTO(json) athar_json *o = container_json(w->source);
	ATHAR_AUTO(free) char *line = NULL;

	ATHAR_TRY(athar_json_line(&line, o, err));
	return athar_jail_send(w->reply, ATHAR_MESSAGE_CONTAINER, line, strlen(line), err);
}

static athar_status survey(worker *w, athar_error *err)
{
	ATHAR_AUTO(wire) athar_wire message = ATHAR_WIRE_INIT;
	char table[32] = "";

	ATHAR_TRY(send_image(w, err));
	ATHAR_TRY(athar_volumes_each(w->source, table, send_volume, w, err));
	athar_wire_text(&message, table);
	return send(w, ATHAR_MESSAGE_TABLE, &message, err);
}

/* ---- what a format says of a content ---- */

static bool derived(const athar_find *f)
{
	for (size_t i = 0; i < f->extents.count; i++)
		if (f->extents.extent[i].kind == ATHAR_EXTENT_DERIVED)
			return true;
	return false;
}

/* The volume is open. */
static athar_status identify_derived(worker *w, athar_find *f, athar_error *err)
{
	ATHAR_AUTO(source) athar_source *content = NULL;
	ATHAR_AUTO(free) uint8_t *bytes = NULL;
	size_t got = 0;

	if (f->size > DERIVED_LIMIT)
		return athar_identify_not(f, "a compressed content of its size was not checked");
	bytes = athar_alloc((size_t)f->size, err);
	if (bytes == NULL)
		return ATHAR_ENOMEM;
	ATHAR_TRY(athar_volume_read(&got, w->volume, f->meta, f->type, f->id, bytes,
	                            (size_t)f->size, 0, err));
	ATHAR_TRY(athar_source_memory(&content, bytes, got, err));
	return athar_identify(f, content, err);
}

static athar_status identify(worker *w, athar_find *f, athar_error *err)
{
	ATHAR_AUTO(source) athar_source *content = NULL;
	athar_error mine = ATHAR_ERROR_INIT;
	athar_status status;

	if (f->size == 0)
		return ATHAR_OK;
	if (derived(f)) {
		status = identify_derived(w, f, &mine);
	} else {
		ATHAR_TRY(athar_source_extents(&content, w->source, &f->extents, err));
		status = athar_identify(f, content, &mine);
	}
	if (status == ATHAR_OK || status == ATHAR_ENOMEM)
		return status;
	f->readable = false;
	(void)snprintf(f->why, sizeof f->why, "its content could not be read: %.110s", mine.text);
	return ATHAR_OK;
}

/* Bytes of the image behind these extents that are known to be bad or were never read. */
static uint64_t known_bad(const worker *w, const athar_extents *x)
{
	const athar_runs *known = athar_source_known_bad(w->source);
	uint64_t total = 0;

	for (size_t i = 0; i < x->count; i++)
		if (x->extent[i].kind == ATHAR_EXTENT_DATA)
			total += athar_runs_overlap(known, x->extent[i].image, x->extent[i].length);
	return total;
}

/* ---- walk ---- */

typedef struct walk {
	worker *w;
	const athar_volume_info *info;
	athar_walk_depth depth;
	bool mapped; /* which blocks are in use is known */
} walk;

static void fill_find(athar_find *f, const walk *x, const athar_volume_file *file)
{
	*f = (athar_find)ATHAR_FIND_INIT;
	f->method = file->method;
	f->state = file->state;
	if (file->path_len != 0)
		f->path = (uint8_t *)(uintptr_t)file->path; /* borrowed for the message */
	f->path_len = file->path_len;
	f->size = file->size;
	f->extents = file->extents;
	f->volume = (int)x->info->number;
	(void)snprintf(f->address, sizeof f->address, "%s", file->address);
	f->meta = file->meta;
	f->type = file->type;
	f->id = file->id;
	f->block_size = x->info->block_size;
	f->readable = file->readable;
	f->assumed = file->assumed;
	(void)snprintf(f->why, sizeof f->why, "%s", file->why);
	memcpy(f->times, file->times, sizeof f->times);
	f->time_count = file->time_count;
	memcpy(f->owner, file->owner, sizeof f->owner);
	memcpy(f->group, file->group, sizeof f->group);
	memcpy(f->mode, file->mode, sizeof f->mode);
	f->reused = file->reused;
	f->reused_at = file->reused_at; /* borrowed, as the extents are */
	f->unmapped = !x->mapped;
	f->bad = known_bad(x->w, &f->extents);
}

/* Its message would be refused. */
static void forget_places(athar_find *f)
{
	f->extents = (athar_extents)ATHAR_EXTENTS_INIT;
	f->readable = false;
	(void)snprintf(f->why, sizeof f->why, "it lies in more than %u pieces: they are not listed",
	               ATHAR_WIRE_EXTENTS);
}

static athar_status send_file(void *user, const athar_volume_file *file, athar_error *err)
{
	ATHAR_AUTO(wire) athar_wire message = ATHAR_WIRE_INIT;
	walk *x = user;
	athar_find f;

	if (file->folder || (file->state == ATHAR_STATE_LIVE && x->depth != ATHAR_WALK_ALL))
		return ATHAR_OK;
	fill_find(&f, x, file);
	if (f.extents.count > ATHAR_WIRE_EXTENTS)
		forget_places(&f);
	athar_find_wire(&message, &f);
	return send(x->w, ATHAR_MESSAGE_FIND, &message, err);
}

static athar_status send_finding(void *user, const char *text, athar_error *err)
{
	const walk *x = user;

	return athar_jail_send(x->w->reply, ATHAR_MESSAGE_FINDING, text, strlen(text), err);
}

static athar_status send_note(void *user, const char *text, athar_error *err)
{
	const walk *x = user;

	return athar_jail_send(x->w->reply, ATHAR_MESSAGE_NOTE, text, strlen(text), err);
}

static athar_status beat(void *user, uint64_t done, athar_error *err)
{
	const walk *x = user;

	return athar_jail_beat(x->w->reply, done, err);
}

static athar_status send_runs(worker *w, const athar_runs *runs, athar_error *err)
{
	for (size_t i = 0; i < runs->count; i += PAIRS) {
		ATHAR_AUTO(wire) athar_wire message = ATHAR_WIRE_INIT;

		for (size_t k = i; k < runs->count && k < i + PAIRS; k++) {
			athar_wire_number(&message, runs->run[k].offset);
			athar_wire_number(&message, runs->run[k].length);
		}
		ATHAR_TRY(send(w, ATHAR_MESSAGE_ALLOCATED, &message, err));
	}
	return ATHAR_OK;
}

/* Without it the walk goes on: what is deleted can still be told, though not what has been reused.
 */
static athar_status send_map(walk *x, athar_error *err)
{
	ATHAR_AUTO(runs) athar_runs allocated = ATHAR_RUNS_INIT;
	athar_error mine = ATHAR_ERROR_INIT;

	athar_volume_watch(x->w->volume, beat, x);
	athar_status status = athar_volume_allocated(&allocated, x->w->volume, &mine);
	athar_volume_watch(x->w->volume, NULL, NULL);

	if (status == ATHAR_ENOMEM) {
		*err = mine;
		return status;
	}
	ATHAR_TRY(send_runs(x->w, &allocated, err));
	if (status != ATHAR_OK) {
		(void)athar_within(&mine, "which blocks are in use is not known");
		return send_finding(x, mine.text, err);
	}
	x->mapped = true;
	return athar_jail_send(x->w->reply, ATHAR_MESSAGE_MAPPED, NULL, 0, err);
}

static athar_status walk_volume(worker *w, athar_unwire *u, athar_error *err)
{
	ATHAR_AUTO(wire) athar_wire message = ATHAR_WIRE_INIT;
	athar_volume_info info;
	athar_volume_counts counts = {0};

	athar_volume_unwire(&info, u);
	walk x = {.w = w, .info = &info};
	x.depth = (athar_walk_depth)athar_unwire_below(u, ATHAR_WALK_ALL + 1);
	ATHAR_TRY(athar_unwire_end(u, err));
	ATHAR_TRY(open_volume(w, &info, err));
	ATHAR_TRY(send_map(&x, err));
	athar_volume_walk calls = {.file = send_file,
	                           .finding = send_finding,
	                           .note = send_note,
	                           .beat = beat,
	                           .user = &x};
	if (x.depth == ATHAR_WALK_MAP)
		return ATHAR_OK;
	ATHAR_TRY(athar_volume_walk_files(&counts, w->volume, &calls, err));
	athar_counts_wire(&message, &counts);
	return send(w, ATHAR_MESSAGE_COUNTS, &message, err);
}

/* ---- scan ---- */

static athar_status send_given_up(const worker *w, const athar_scan_hit *hit, athar_error *err)
{
	ATHAR_AUTO(wire) athar_wire message = ATHAR_WIRE_INIT;

	athar_wire_number(&message, hit->offset);
	athar_wire_text(&message, hit->format->name);
	return send(w, ATHAR_MESSAGE_GIVEN_UP, &message, err);
}

/* A beginning of which nothing is proven is no find. */
static athar_status send_hit(void *user, const athar_scan_hit *hit, athar_error *err)
{
	ATHAR_AUTO(wire) athar_wire message = ATHAR_WIRE_INIT;
	ATHAR_AUTO(find) athar_find f = ATHAR_FIND_INIT;
	const worker *w = user;

	if (hit->given_up)
		return send_given_up(w, hit, err);
	if (hit->claim.length == 0)
		return ATHAR_OK;
	f.method = ATHAR_METHOD_CONTENT;
	f.state = ATHAR_STATE_UNALLOCATED;
	f.size = hit->claim.length;
	ATHAR_TRY(athar_extents_add_data(&f.extents, hit->offset, hit->claim.length, err));
	athar_identify_note(&f, hit->format, &hit->claim, hit->bad);
	athar_find_wire(&message, &f);
	return send(w, ATHAR_MESSAGE_FIND, &message, err);
}

static athar_status scan(worker *w, athar_unwire *u, athar_error *err)
{
	uint64_t start = athar_unwire_number(u);
	uint64_t length = athar_unwire_number(u);
	uint64_t limit = athar_unwire_number(u);

	ATHAR_TRY(athar_unwire_end(u, err));
	return athar_scanner_run(w->scanner, w->source, start, length, limit, send_hit, w, err);
}

/* ---- join ---- */

static athar_status join(worker *w, athar_unwire *u, athar_error *err)
{
	ATHAR_AUTO(wire) athar_wire message = ATHAR_WIRE_INIT;
	ATHAR_AUTO(find) athar_find f = ATHAR_FIND_INIT;
	bool done, given_up;

	ATHAR_TRY(athar_join_task_run(&f, &done, &given_up, &w->join, w->source, u, err));
	if (given_up)
		return athar_jail_send(w->reply, ATHAR_MESSAGE_GIVEN_UP, NULL, 0, err);
	if (!done)
		return ATHAR_OK;
	f.bad = known_bad(w, &f.extents);
	athar_find_wire(&message, &f);
	return send(w, ATHAR_MESSAGE_FIND, &message, err);
}

/* ---- extract ---- */

static athar_status send_bad(const worker *w, uint64_t bad, athar_error *err)
{
	ATHAR_AUTO(wire) athar_wire message = ATHAR_WIRE_INIT;

	athar_wire_number(&message, bad);
	return send(w, ATHAR_MESSAGE_BAD, &message, err);
}

static athar_status extract_plain(worker *w, const athar_find *f, athar_error *err)
{
	ATHAR_AUTO(source) athar_source *content = NULL;
	ATHAR_AUTO(runs) athar_runs bad = ATHAR_RUNS_INIT;
	size_t got = 1;

	ATHAR_TRY(athar_source_extents(&content, w->source, &f->extents, err));
	for (uint64_t at = 0; at < f->size && got != 0; at += got) {
		ATHAR_TRY(athar_source_read(content, w->data,
		                            (size_t)athar_min(DATA_SIZE, f->size - at), at, &got,
		                            &bad, err));
		ATHAR_TRY(athar_jail_send(w->reply, ATHAR_MESSAGE_DATA, w->data, got, err));
	}
	return send_bad(w, athar_runs_total(&bad), err);
}

/* The volume is open. What it cannot read it refuses: nothing of it is zeros in silence. */
static athar_status extract_derived(worker *w, const athar_find *f, athar_error *err)
{
	size_t got = 1;

	for (uint64_t at = 0; at < f->size && got != 0; at += got) {
		ATHAR_TRY(athar_volume_read(&got, w->volume, f->meta, f->type, f->id, w->data,
		                            (size_t)athar_min(DATA_SIZE, f->size - at), at, err));
		ATHAR_TRY(athar_jail_send(w->reply, ATHAR_MESSAGE_DATA, w->data, got, err));
	}
	return send_bad(w, 0, err);
}

/* First what it is: where only some formats are asked for, the others' bytes stay where they are.
 */
static athar_status send_claim(worker *w, athar_find *f, athar_error *err)
{
	ATHAR_AUTO(wire) athar_wire message = ATHAR_WIRE_INIT;
	uint64_t known = f->bad;

	ATHAR_TRY(identify(w, f, err));
	f->bad = athar_max(f->bad, known);
	athar_find_claim_wire(&message, f);
	return send(w, ATHAR_MESSAGE_CLAIM, &message, err);
}

static bool wanted(const worker *w, const athar_find *f)
{
	char why[160];

	return athar_find_grade(why, f, f->bad) >= w->spec->least &&
	       athar_inside_chosen(w->spec, f);
}

static athar_status extract(worker *w, athar_unwire *u, athar_error *err)
{
	ATHAR_AUTO(find) athar_find f = ATHAR_FIND_INIT;
	athar_volume_info info = {.number = 0};
	uint64_t what = athar_unwire_number(u);
	bool by_volume = athar_unwire_below(u, 2) != 0;

	if (by_volume)
		athar_volume_unwire(&info, u);
	if (u->failed)
		return athar_fail(err, ATHAR_EFORMAT, "a request makes no sense");
	ATHAR_TRY(athar_find_unwire(&f, (athar_bytes){.ptr = u->at, .len = u->left}, err));
	if (!f.readable)
		return ATHAR_OK;
	if (by_volume)
		ATHAR_TRY(open_volume(w, &info, err));
	else if (f.size <= HELD_LIMIT)
		athar_jail_hold(w->reply);
	if ((what & ATHAR_EXTRACT_IDENTIFY) != 0)
		ATHAR_TRY(send_claim(w, &f, err));
	if ((what & ATHAR_EXTRACT_CONTENT) == 0 || !f.readable || !wanted(w, &f))
		return ATHAR_OK;
	if (athar_find_wrapped(&f))
		return athar_inside_send(w->source, &f, w->reply, err);
	return by_volume ? extract_derived(w, &f, err) : extract_plain(w, &f, err);
}

/* Each begins with its kind, as if it came alone. */
static athar_status extract_many(worker *w, athar_unwire *u, athar_error *err)
{
	while (u->left != 0) {
		athar_unwire one = athar_unwire_begin(athar_unwire_bytes(u));

		(void)athar_unwire_number(&one);
		ATHAR_TRY(extract(w, &one, err));
		ATHAR_TRY(athar_jail_send(w->reply, ATHAR_MESSAGE_NEXT, NULL, 0, err));
	}
	return athar_unwire_end(u, err);
}

/* ---- locate ---- */

static athar_status locate(worker *w, athar_unwire *u, athar_error *err)
{
	ATHAR_AUTO(locate_request) athar_locate_request request = {.count = 0};

	ATHAR_TRY(athar_locate_unwire(&request, u, err));
	ATHAR_TRY(open_volume(w, &request.volume, err));
	return athar_locate_in(w->volume, &request, w->reply, err);
}

/* ---- owners ---- */

static athar_status owners(worker *w, athar_unwire *u, athar_error *err)
{
	ATHAR_AUTO(owners_request) athar_owners_request request = {.count = 0};

	ATHAR_TRY(athar_owners_unwire(&request, u, err));
	ATHAR_TRY(open_volume(w, &request.volume, err));
	return athar_owners_in(w->volume, &request, w->reply, err);
}

athar_status athar_worker_task(void *state, athar_bytes request, athar_jail_reply *reply,
                               athar_error *err)
{
	worker *w = state;
	athar_unwire u = athar_unwire_begin(request);

	w->reply = reply;
	switch (athar_unwire_number(&u)) {
	case ATHAR_TASK_SURVEY:
		return survey(w, err);
	case ATHAR_TASK_IMAGE:
		return send_image(w, err);
	case ATHAR_TASK_CONTAINER:
		return send_container(w, err);
	case ATHAR_TASK_WALK:
		return walk_volume(w, &u, err);
	case ATHAR_TASK_SCAN:
		return scan(w, &u, err);
	case ATHAR_TASK_EXTRACT:
		return extract(w, &u, err);
	case ATHAR_TASK_EXTRACT_MANY:
		return extract_many(w, &u, err);
	case ATHAR_TASK_JOIN:
		return join(w, &u, err);
	case ATHAR_TASK_LOCATE:
		return locate(w, &u, err);
	case ATHAR_TASK_SEARCH:
		return athar_search_task_run(&w->search, w->source, &u, reply, err);
	case ATHAR_TASK_OWNERS:
		return owners(w, &u, err);
	case ATHAR_TASK_INSIDE:
		return athar_inside_answer(w->source, w->spec, &u, reply, err);
	default:
		return athar_fail(err, ATHAR_EFORMAT, "no such task");
	}
}
