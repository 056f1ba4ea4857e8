/* SPDX-License-Identifier: BSD-2-Clause */
/* What the file systems still know: a walk a volume, then the content of what it found. */
#include "base/alloc.h"
#include "base/check.h"
#include "engine/carving.h"
#include "engine/target.h"

/* Room kept free beside the recovered files, for the lists. */
#define RESERVE (64u << 20)

typedef struct undelete {
	athar_carving *k;
	athar_spool *finds;
	athar_wire request;
	size_t given; /* volumes handed out */
	bool garbled;
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

static athar_status next(void *user, athar_bytes *request, bool *end, athar_error *err)
{
	undelete *u = user;
	const athar_volume_info *v = next_volume(u);

	*end = v == NULL;
	if (*end)
		return ATHAR_OK;
	u->request.len = 0;
	athar_request_walk(&u->request, v, u->k->options->allocated);
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

		if (!w.failed && athar_inside(offset, length, u->k->survey.size))
			ATHAR_TRY(
				athar_runs_add(&u->k->taken, offset, length, ATHAR_RUN_DATA, err));
	}
	return athar_unwire_end(&w, err);
}

/* The blocks of a file whose content is proven to be its own; its last block whole. */
static athar_status take_blocks(athar_carving *k, const athar_find *f, athar_error *err)
{
	for (size_t i = 0; i < f->extents.count; i++) {
		const athar_extent *e = &f->extents.extent[i];
		uint64_t length =
			f->block_size == 0 ? e->length : athar_round_up(e->length, f->block_size);

		if (e->kind == ATHAR_EXTENT_DATA && athar_inside(e->image, length, k->survey.size))
			ATHAR_TRY(athar_runs_add(&k->taken, e->image, length, ATHAR_RUN_DATA, err));
	}
	return ATHAR_OK;
}

static athar_status take_find(undelete *u, athar_bytes payload, athar_error *err)
{
	ATHAR_AUTO(find) athar_find f = ATHAR_FIND_INIT;
	uint64_t sum = 0;

	ATHAR_TRY(athar_find_unwire(&f, payload, err));
	if (!athar_carving_wants(u->k, &f))
		return ATHAR_OK;
	if (athar_find_proven(&f))
		ATHAR_TRY(take_blocks(u->k, &f, err));
	if (f.readable && athar_add(u->wanted, f.size, &sum))
		u->wanted = sum;
	return athar_spool_add(u->finds, payload, err);
}

static athar_status take_finding(undelete *u, size_t volume, athar_bytes payload, athar_error *err)
{
	char where[32], text[400];

	(void)snprintf(where, sizeof where, "volume %u", u->k->survey.volume[volume].number);
	(void)snprintf(text, sizeof text, "%.*s", (int)athar_min(payload.len, 399),
	               (const char *)payload.ptr);
	return athar_carving_finding(u->k, "volume", where, ATHAR_NOWHERE, 0, text, err);
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
		return take_find(u, payload, err);
	case ATHAR_MESSAGE_FINDING:
		return take_finding(u, volume, payload, err);
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
	athar_status status = dispatch(u, volume_of_task(u, task), type, payload, err);
	if (status != ATHAR_EFORMAT)
		return status;
	u->garbled = true;
	return ATHAR_OK;
}

static athar_status note_counts(undelete *u, const athar_volume_info *v,
                                const athar_volume_counts *c, athar_error *err)
{
	char where[32], text[200];

	if (c->failed_reads == 0 && c->errors == 0 && !c->partial)
		return ATHAR_OK;
	(void)snprintf(where, sizeof where, "volume %u", v->number);
	(void)snprintf(text, sizeof text,
	               "%s: %llu reads failed and %llu structures made no sense%s", v->kind,
	               (unsigned long long)c->failed_reads, (unsigned long long)c->errors,
	               c->partial ? "; the walk did not reach its end" : "");
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

	u->k->walked[i] = good;
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
	athar_progress progress = {.phase = "undelete", .items = athar_spool_count(u->finds)};

	progress.done = done;
	athar_watch_progress(u->k->watcher, &progress);
	return athar_watch_cancelled(u->k->watcher);
}

static athar_status walk_all(undelete *u, athar_error *err)
{
	athar_jail_run run = {
		.next = next, .message = message, .ended = ended, .tick = tick, .user = u};
	athar_status status = athar_jail_serve(u->k->jail, &run, err);

	athar_wire_clear(&u->request);
	return status;
}

athar_status athar_carving_undelete(athar_carving *k, athar_error *err)
{
	ATHAR_AUTO(spool) athar_spool *finds = NULL;
	const char *folder = athar_case_folder(k->c);
	undelete u = {.k = k};
	uint64_t room = 0;

	ATHAR_TRY(athar_spool_new(&finds, folder, err));
	u.finds = finds;
	ATHAR_TRY(walk_all(&u, err));
	if (!athar_add(u.wanted, RESERVE, &room))
		room = UINT64_MAX;
	if (!k->options->list_only)
		ATHAR_TRY(athar_target_room(folder, room, err));
	return athar_carving_extract(k, finds, "recover", u.wanted, err);
}
