/* SPDX-License-Identifier: BSD-2-Clause */
/* What the file systems still know: a walk a volume, then the content of what it found. */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "engine/carving.h"
#include "engine/contest.h"

/* Bytes that the walk of one volume may give: ten million files and their places. */
#define WALK_MOST (UINT64_C(32) << 30)

/* A walk tells of each folder and each piece that it reads: silence means that it hangs. A day is
 * what the largest disks need, many times over. */
#define WALK_SECONDS (24u * 3600)
#define WALK_SILENCE 120u

typedef struct undelete {
	athar_carving *k;
	athar_spool *finds; /* NULL: only which blocks are in use is asked for */
	athar_wire request;
	size_t given; /* volumes handed out */
	bool garbled;
	uint64_t heard;  /* bytes of the messages of this walk */
	uint64_t wanted; /* bytes of the finds' content */
} undelete;

static const athar_volume_info *next_volume(undelete *u)
{
	const athar_survey *s = &u->k->survey;

	while (u->given < s->count) {
		const athar_volume_info *v = &s->volume[u->given++];

		if (v->file_system)
			return v;
	}
	return NULL;
}

/* Tasks are numbered 0, 1, ... in the order of next(); volumes without a file system get none. */
static size_t volume_of_task(const undelete *u, uint64_t task)
{
	const athar_survey *s = &u->k->survey;

	for (size_t i = 0; i < s->count; i++)
		if (s->volume[i].file_system && task-- == 0)
			return i;
	return 0;
}

static athar_walk_depth depth(const undelete *u)
{
	if (u->finds == NULL)
		return ATHAR_WALK_MAP;
	return u->k->options->allocated ? ATHAR_WALK_ALL : ATHAR_WALK_DELETED;
}

static athar_status next(void *user, athar_bytes *request, bool *end, athar_error *err)
{
	undelete *u = user;
	const athar_volume_info *v = next_volume(u);

	*end = v == NULL;
	if (*end)
		return ATHAR_OK;
	u->request.len = 0;
	athar_request_walk(&u->request, v, depth(u));
	ATHAR_TRY(athar_wire_check(&u->request, err));
	*request = (athar_bytes){.ptr = u->request.bytes, .len = u->request.len};
	return ATHAR_OK;
}

static athar_status take_allocated(undelete *u, athar_bytes payload, athar_error *err)
{
	athar_unwire w = athar_unwire_begin(payload);

	while (w.left != 0 && !w.failed) {
		uint64_t offset = athar_unwire_number(&w);
		uint64_t length = athar_unwire_number(&w);

		if (w.failed || !athar_inside(offset, length, u->k->survey.size))
			continue;
		ATHAR_TRY(athar_taken_add(&u->k->taken, offset, length, err));
		if (u->k->options->whole)
			ATHAR_TRY(athar_taken_add(&u->k->live, offset, length, err));
	}
	return athar_unwire_end(&w, err);
}

/* Whose it is and how it was found is not the worker's to say. */
static athar_status take_find(undelete *u, size_t volume, athar_bytes payload, athar_error *err)
{
	ATHAR_AUTO(find) athar_find f = ATHAR_FIND_INIT;
	uint64_t sum = 0;

	ATHAR_TRY(athar_find_unwire(&f, payload, err));
	if (u->finds == NULL || f.method == ATHAR_METHOD_CONTENT || f.format[0] != '\0' ||
	    f.volume != (int)u->k->survey.volume[volume].number)
		return athar_fail(err, ATHAR_EFORMAT, "a worker's message makes no sense");
	if (f.readable && athar_add(u->wanted, f.size, &sum))
		u->wanted = sum;
	return athar_spool_add(u->finds, payload, err);
}

static athar_status take_finding(undelete *u, size_t volume, athar_bytes payload, athar_error *err)
{
	char where[32], text[700];

	(void)snprintf(where, sizeof where, "volume %u", u->k->survey.volume[volume].number);
	athar_unwire_calm(text, sizeof text, payload);
	return athar_carving_finding(u->k, "volume", where, ATHAR_NOWHERE, 0, text, err);
}

static athar_status take_note(undelete *u, size_t volume, athar_bytes payload)
{
	char *all = u->k->note[volume];
	const size_t said = strlen(all);
	char note[200];

	athar_unwire_calm(note, sizeof note, payload);
	(void)snprintf(all + said, sizeof u->k->note[volume] - said, "%s%s", said > 0 ? "; " : "",
	               note);
	athar_watch_notice(u->k->watcher, "volume %u: %s", u->k->survey.volume[volume].number,
	                   note);
	return ATHAR_OK;
}

static athar_status take_counts(undelete *u, size_t volume, athar_bytes payload, athar_error *err)
{
	athar_unwire w = athar_unwire_begin(payload);

	athar_counts_unwire(&u->k->counts[volume], &w);
	return athar_unwire_end(&w, err);
}

static athar_status dispatch(undelete *u, size_t volume, uint32_t type, athar_bytes payload,
                             athar_error *err)
{
	switch (type) {
	case ATHAR_MESSAGE_ALLOCATED:
		return take_allocated(u, payload, err);
	case ATHAR_MESSAGE_FIND:
		return take_find(u, volume, payload, err);
	case ATHAR_MESSAGE_FINDING:
		return take_finding(u, volume, payload, err);
	case ATHAR_MESSAGE_MAPPED:
		u->k->mapped[volume] = true;
		return ATHAR_OK;
	case ATHAR_MESSAGE_NOTE:
		return take_note(u, volume, payload);
	case ATHAR_MESSAGE_COUNTS:
		return take_counts(u, volume, payload, err);
	default:
		return athar_fail(err, ATHAR_EFORMAT, "a worker's message makes no sense");
	}
}

static athar_status message(void *user, uint64_t task, uint32_t type, athar_bytes payload,
                            athar_error *err)
{
	undelete *u = user;

	if (u->garbled)
		return ATHAR_OK;
	u->heard += payload.len;
	athar_status status = dispatch(u, volume_of_task(u, task), type, payload, err);
	if (status == ATHAR_OK && u->heard > WALK_MOST)
		status = ATHAR_EFORMAT;
	if (status != ATHAR_EFORMAT && status != ATHAR_ELIMIT)
		return status;
	u->garbled = true;
	return ATHAR_OK;
}

/* What else went wrong the walk has told itself. */
static athar_status note_counts(undelete *u, const athar_volume_info *v,
                                const athar_volume_counts *c, athar_error *err)
{
	char where[32], text[200];

	if (c->errors == 0)
		return ATHAR_OK;
	(void)snprintf(where, sizeof where, "volume %u", v->number);
	(void)snprintf(text, sizeof text, "%s: %llu structures made no sense", v->kind,
	               (unsigned long long)c->errors);
	return athar_carving_finding(u->k, "volume", where, v->offset, v->length, text, err);
}

/* What a walk gave before it broke off is kept; that it broke off is a finding. */
static athar_status ended(void *user, uint64_t task, const athar_jail_end *end, athar_error *err)
{
	undelete *u = user;
	size_t i = volume_of_task(u, task);
	const athar_volume_info *v = &u->k->survey.volume[i];
	bool good = end->kind == ATHAR_JAIL_DONE && !u->garbled;
	char where[32], text[600];

	u->heard = 0;
	u->k->walked[i] = good && u->finds != NULL;
	if (good)
		return note_counts(u, v, &u->k->counts[i], err);
	(void)snprintf(where, sizeof where, "volume %u", v->number);
	(void)snprintf(text, sizeof text, "the %s file system could not be walked to its end: %s",
	               v->kind, u->garbled ? "a worker's messages made no sense" : end->error.text);
	u->garbled = false;
	return athar_carving_finding(u->k, "volume", where, v->offset, v->length, text, err);
}

static bool tick(void *user, uint64_t done)
{
	const undelete *u = user;
	athar_progress progress = {.phase = "undelete"};

	if (u->finds != NULL)
		progress.items = athar_spool_count(u->finds);

	progress.done = done;
	athar_watch_progress(u->k->watcher, &progress);
	return athar_watch_cancelled(u->k->watcher);
}

static athar_status walk_all(undelete *u, athar_error *err)
{
	athar_jail_run run = {.next = next,
	                      .message = message,
	                      .ended = ended,
	                      .tick = tick,
	                      .user = u,
	                      .seconds = WALK_SECONDS,
	                      .idle_seconds = WALK_SILENCE};
	athar_status status = athar_jail_serve(u->k->jail, &run, err);

	athar_wire_clear(&u->request);
	return status;
}

athar_status athar_carving_map(athar_carving *k, athar_error *err)
{
	undelete u = {.k = k};

	return walk_all(&u, err);
}

static const char uncompared[] =
	"too many pieces of deleted files to compare all: some are partial only for that";

/* Stopped in the middle, what the walks gave so far is kept. */
static athar_status keep_found(athar_carving *k, athar_spool *finds, athar_error *err)
{
	const athar_error stopped = *err;

	ATHAR_TRY(athar_carving_list(k, finds, err));
	*err = stopped;
	return ATHAR_ECANCELED;
}

static void note_contest(athar_find *f, const athar_contest *contest, size_t index)
{
	f->contested = athar_contest_lost(contest, index);
	if (athar_contest_headless(contest, index))
		f->reused = athar_max(f->reused, athar_min(f->contested, f->size));
}

/* The finds whose blocks nobody else claims (doubtful: the others) with what the contest says. */
static athar_status pass_on(athar_spool *to, athar_carving *k, athar_spool *finds,
                            const athar_contest *contest, bool doubtful, athar_error *err)
{
	bool end = false;

	ATHAR_TRY(athar_spool_rewind(finds, err));
	for (size_t index = 0;;) {
		ATHAR_AUTO(find) athar_find f = ATHAR_FIND_INIT;
		ATHAR_AUTO(wire) athar_wire w = ATHAR_WIRE_INIT;
		athar_bytes record;

		ATHAR_TRY(athar_spool_next(finds, &record, &end, err));
		if (end)
			return ATHAR_OK;
		ATHAR_TRY(athar_find_unwire(&f, record, err));
		if (athar_contest_concerns(&f))
			note_contest(&f, contest, index++);
		if ((f.reused != 0 || f.contested != 0) != doubtful ||
		    !athar_scope_holds(&k->scope, &f))
			continue;
		athar_find_wire(&w, &f);
		ATHAR_TRY(athar_wire_check(&w, err));
		ATHAR_TRY(athar_spool_add(to, (athar_bytes){.ptr = w.bytes, .len = w.len}, err));
	}
}

/* One content is one item, under the name of whoever comes first: who has the better claim. */
static athar_status put_in_order(athar_spool **finds, athar_carving *k, athar_error *err)
{
	ATHAR_AUTO(contest) athar_contest contest = {.count = 0};
	ATHAR_AUTO(spool) athar_spool *ordered = NULL;

	ATHAR_TRY(athar_contest_judge(&contest, *finds, err));
	if (contest.full)
		ATHAR_TRY(
			athar_carving_finding(k, "limit", NULL, ATHAR_NOWHERE, 0, uncompared, err));
	ATHAR_TRY(athar_spool_new(&ordered, athar_case_folder(k->c), err));
	ATHAR_TRY(pass_on(ordered, k, *finds, &contest, false, err));
	ATHAR_TRY(pass_on(ordered, k, *finds, &contest, true, err));
	athar_spool_free(*finds);
	*finds = ATHAR_GIVE(ordered);
	return ATHAR_OK;
}

athar_status athar_carving_undelete(athar_carving *k, athar_error *err)
{
	ATHAR_AUTO(spool) athar_spool *finds = NULL;
	undelete u = {.k = k};
	athar_extract_plan plan = {.phase = "recover", .identify = true};

	ATHAR_TRY(athar_spool_new(&finds, athar_case_folder(k->c), err));
	u.finds = finds;
	athar_status status = walk_all(&u, err);
	if (status == ATHAR_ECANCELED)
		return keep_found(k, finds, err);
	ATHAR_TRY(status);
	ATHAR_TRY(put_in_order(&finds, k, err));
	plan.total = u.wanted;
	return athar_carving_extract(k, finds, &plan, err);
}
