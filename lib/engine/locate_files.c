/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * In the worker: the files of a volume held against ranges of the image. Live files come first, and
 * what they own is remembered, so that a deleted file is not said to lie where another one does
 * now, and what is left of the blocks in use is the file system's own.
 */
#include <string.h>

#include "base/check.h"
#include "engine/locate.h"

/* Findings sent; the rest is counted by the walk. */
#define FINDINGS_MOST 20u
/* Pieces of live files in the ranges that are remembered. */
#define OWNED_MOST 1000000u

typedef struct locate {
	const athar_locate_request *request;
	athar_jail_reply *reply;
	athar_runs shown; /* as a set */
	athar_runs owned; /* by live files, within the ranges shown, with the rest of their last
	                     blocks */
	athar_runs allocated;
	uint64_t named[ATHAR_LOCATE_RANGES], more[ATHAR_LOCATE_RANGES];
	uint64_t files, deleted;
	unsigned findings;
	bool mapped;
	bool unsure; /* not all that files own is known */
} locate;

static void locate_clear(locate *l)
{
	athar_runs_clear(&l->shown);
	athar_runs_clear(&l->owned);
	athar_runs_clear(&l->allocated);
}

ATHAR_DEFINE_AUTO_VALUE(locate, locate, locate_clear)

static athar_status send(const locate *l, uint32_t type, const athar_wire *message,
                         athar_error *err)
{
	ATHAR_TRY(athar_wire_check(message, err));
	return athar_jail_send(l->reply, type, message->bytes, message->len, err);
}

static athar_status send_place(const locate *l, size_t range, const athar_place *place,
                               athar_error *err)
{
	ATHAR_AUTO(wire) athar_wire message = ATHAR_WIRE_INIT;

	athar_place_wire(&message, range, place);
	return send(l, ATHAR_MESSAGE_PLACE, &message, err);
}

/* ---- files ---- */

/* Where in the image an extent lies; false: nowhere. */
static bool lies(athar_run *out, const athar_extent *e)
{
	uint64_t end;

	if (e->image == ATHAR_NOWHERE || e->kind == ATHAR_EXTENT_HOLE ||
	    e->kind == ATHAR_EXTENT_MISSING)
		return false;
	*out = (athar_run){e->image, e->kind == ATHAR_EXTENT_DATA ? e->length : e->stored,
	                   ATHAR_RUN_DATA};
	return athar_add(out->offset, out->length, &end) && end <= INT64_MAX;
}

/* The part of `a` that lies in `b`; false: none. */
static bool meet(athar_run *out, const athar_run *a, const athar_run *b)
{
	const uint64_t from = athar_max(a->offset, b->offset);
	const uint64_t to = athar_min(a->offset + a->length, b->offset + b->length);

	*out = (athar_run){from, to - from, ATHAR_RUN_DATA};
	return from < to;
}

/* The rest of the block that a file's last byte is in. */
static athar_run slack_of(const locate *l, const athar_volume_file *file, const athar_run *last)
{
	const athar_volume_info *v = &l->request->volume;
	const uint64_t end = last->offset + last->length;
	const uint64_t into = v->block_size == 0 ? 0 : (end - v->offset) % v->block_size;

	if (file->state != ATHAR_STATE_LIVE || into == 0 || end < v->offset)
		return (athar_run){end, 0, ATHAR_RUN_DATA};
	return (athar_run){end, v->block_size - into, ATHAR_RUN_DATA};
}

static athar_status own(locate *l, const athar_run *part, athar_error *err)
{
	if (l->owned.count >= OWNED_MOST) {
		l->unsure = true;
		return ATHAR_OK;
	}
	return athar_runs_add(&l->owned, part->offset, part->length, ATHAR_RUN_DATA, err);
}

/* Adds the part of a deleted or live file's extent in a range to what is said of it. A deleted file
 * has no claim on what is a live one's now. */
static athar_status add_part(locate *l, athar_place *place, const athar_volume_file *file,
                             const athar_extent *e, const athar_run *part, athar_error *err)
{
	const bool live = file->state == ATHAR_STATE_LIVE;
	const uint64_t taken = live ? 0 : athar_runs_overlap(&l->owned, part->offset, part->length);

	if (taken == part->length)
		return ATHAR_OK;
	if (place->bytes == 0) {
		place->offset = part->offset;
		place->from = e->kind == ATHAR_EXTENT_DATA ? e->logical + (part->offset - e->image)
		                                           : e->logical;
	}
	place->bytes += part->length - taken;
	return live ? own(l, part, err) : ATHAR_OK;
}

static athar_status add_slack(locate *l, athar_place *place, const athar_volume_file *file,
                              const athar_run *last, const athar_run *range, athar_error *err)
{
	const athar_run slack = slack_of(l, file, last);
	athar_run part;

	if (last->length == 0 || !meet(&part, &slack, range))
		return ATHAR_OK;
	if (place->bytes == 0) {
		place->kind = ATHAR_PLACE_SLACK;
		place->offset = part.offset;
		place->from = file->size;
		place->bytes = part.length;
	}
	return own(l, &part, err);
}

static athar_status look_in_range(locate *l, athar_place *place, const athar_volume_file *file,
                                  const athar_run *range, athar_error *err)
{
	athar_run here = {0, 0, ATHAR_RUN_DATA}, part;

	for (size_t i = 0; i < file->extents.count; i++) {
		const athar_extent *e = &file->extents.extent[i];

		if (!lies(&here, e))
			continue;
		if (meet(&part, &here, range))
			ATHAR_TRY(add_part(l, place, file, e, &part, err));
	}
	return file->extents.count == 0 || file->extents.extent[file->extents.count - 1].kind !=
	                                           ATHAR_EXTENT_DATA
	               ? ATHAR_OK
	               : add_slack(l, place, file, &here, range, err);
}

static athar_place place_of(const athar_volume_file *file)
{
	athar_place place = {.kind = ATHAR_PLACE_FILE,
	                     .state = file->state,
	                     .size = file->size,
	                     .path_len = file->path_len};

	if (file->path_len != 0)
		place.path = (uint8_t *)(uintptr_t)file->path; /* borrowed for the message */
	memcpy(place.address, file->address, sizeof place.address);
	return place;
}

static athar_status name_file(locate *l, const athar_volume_file *file, athar_error *err)
{
	for (size_t r = 0; r < l->request->count; r++) {
		athar_place place = place_of(file);

		ATHAR_TRY(look_in_range(l, &place, file, &l->request->shown[r], err));
		if (place.bytes == 0)
			continue;
		if (l->named[r] < ATHAR_LOCATE_FILES)
			ATHAR_TRY(send_place(l, r, &place, err));
		else
			l->more[r]++;
		l->named[r]++;
	}
	return ATHAR_OK;
}

/* Does any of it, with `more` bytes behind each piece, lie in one of the ranges? */
static bool touches(const athar_runs *ranges, const athar_volume_file *file, uint32_t more)
{
	athar_run here;

	for (size_t i = 0; i < file->extents.count; i++)
		if (lies(&here, &file->extents.extent[i]) &&
		    athar_runs_overlap(ranges, here.offset, here.length + more) != 0)
			return true;
	return false;
}

/* Are there blocks of its that are not listed? Those of compressed units; in NTFS, room kept behind
 * what was written. */
static bool has_hidden(const locate *l, const athar_volume_file *file)
{
	const bool ntfs = strcmp(l->request->volume.kind, "ntfs") == 0;

	for (size_t i = 0; i < file->extents.count; i++) {
		const athar_extent *e = &file->extents.extent[i];

		if (e->kind == ATHAR_EXTENT_MISSING || (ntfs && e->kind == ATHAR_EXTENT_HOLE) ||
		    (e->kind == ATHAR_EXTENT_DERIVED && e->transform != ATHAR_TRANSFORM_FIXUP))
			return true;
	}
	return false;
}

static athar_status take_file(void *user, const athar_volume_file *file, athar_error *err)
{
	locate *l = user;

	if (file->folder || !file->readable)
		return ATHAR_OK;
	if (file->state == ATHAR_STATE_LIVE && has_hidden(l, file))
		l->unsure = true;
	if (touches(&l->request->all, file, 0))
		(*(file->state == ATHAR_STATE_LIVE ? &l->files : &l->deleted))++;
	return touches(&l->shown, file, l->request->volume.block_size) ? name_file(l, file, err)
	                                                               : ATHAR_OK;
}

/* ---- what is in no file ---- */

/* Pieces of [from, to) that lie in `in` (all of it for NULL) and not in `out`: first and sum. */
static athar_status rest_of(athar_place *place, const athar_run *range, const athar_runs *in,
                            const athar_runs *out, athar_error *err)
{
	ATHAR_AUTO(runs) athar_runs left = ATHAR_RUNS_INIT;

	if (in == NULL)
		ATHAR_TRY(athar_runs_add(&left, range->offset, range->length, ATHAR_RUN_DATA, err));
	for (size_t i = in == NULL ? 0 : athar_runs_find(in, range->offset);
	     in != NULL && i < in->count; i++) {
		athar_run part;

		if (!meet(&part, &in->run[i], range))
			break;
		ATHAR_TRY(athar_runs_add(&left, part.offset, part.length, ATHAR_RUN_DATA, err));
	}
	for (size_t i = athar_runs_find(out, range->offset); i < out->count; i++) {
		athar_run part;

		if (!meet(&part, &out->run[i], range))
			break;
		ATHAR_TRY(athar_runs_remove(&left, part.offset, part.length, err));
	}
	place->bytes = athar_runs_total(&left);
	place->offset = left.count == 0 ? 0 : left.run[0].offset;
	return ATHAR_OK;
}

static athar_status send_rest(const locate *l, size_t r, athar_place_kind kind,
                              const athar_runs *in, const athar_runs *out, athar_error *err)
{
	const athar_volume_info *v = &l->request->volume;
	const athar_run volume = {v->offset, v->length, ATHAR_RUN_DATA};
	athar_place place = {.kind = kind};
	athar_run range;

	if (!meet(&range, &l->request->shown[r], &volume))
		return ATHAR_OK;
	ATHAR_TRY(rest_of(&place, &range, in, out, err));
	return place.bytes == 0 ? ATHAR_OK : send_place(l, r, &place, err);
}

static athar_status send_rests(const locate *l, athar_error *err)
{
	const athar_place_kind in_use = l->unsure ? ATHAR_PLACE_IN_USE : ATHAR_PLACE_METADATA;

	for (size_t r = 0; r < l->request->count; r++) {
		if (!l->mapped) {
			ATHAR_TRY(send_rest(l, r, ATHAR_PLACE_UNMAPPED, NULL, &l->owned, err));
			continue;
		}
		ATHAR_TRY(send_rest(l, r, in_use, &l->allocated, &l->owned, err));
		ATHAR_TRY(send_rest(l, r, ATHAR_PLACE_UNALLOCATED, NULL, &l->allocated, err));
	}
	return ATHAR_OK;
}

static athar_status send_totals(const locate *l, athar_error *err)
{
	ATHAR_AUTO(wire) athar_wire message = ATHAR_WIRE_INIT;

	athar_wire_number(&message, l->files);
	athar_wire_number(&message, l->deleted);
	for (size_t r = 0; r < l->request->count; r++)
		athar_wire_number(&message, l->more[r]);
	return send(l, ATHAR_MESSAGE_LOCATED, &message, err);
}

/* ---- the task ---- */

static athar_status send_finding(void *user, const char *text, athar_error *err)
{
	locate *l = user;

	l->unsure = true;
	if (l->findings++ >= FINDINGS_MOST)
		return ATHAR_OK;
	return athar_jail_send(l->reply, ATHAR_MESSAGE_FINDING, text, strlen(text), err);
}

static athar_status beat(void *user, uint64_t done, athar_error *err)
{
	const locate *l = user;

	return athar_jail_beat(l->reply, done, err);
}

static athar_status load_map(locate *l, athar_volume *volume, athar_error *err)
{
	athar_error why = ATHAR_ERROR_INIT;
	const athar_status status = athar_volume_allocated(&l->allocated, volume, &why);

	if (status == ATHAR_ENOMEM) {
		*err = why;
		return status;
	}
	l->mapped = status == ATHAR_OK;
	if (l->mapped)
		return ATHAR_OK;
	(void)athar_within(&why, "which blocks are in use is not known");
	return send_finding(l, why.text, err);
}

athar_status athar_locate_in(athar_volume *volume, const athar_locate_request *request,
                             athar_jail_reply *reply, athar_error *err)
{
	ATHAR_AUTO(locate) locate l = {.request = request, .reply = reply};
	athar_volume_counts counts = {0};
	const athar_volume_walk calls = {
		.file = take_file, .finding = send_finding, .beat = beat, .user = &l};

	for (size_t i = 0; i < request->count; i++)
		ATHAR_TRY(athar_runs_add(&l.shown, request->shown[i].offset,
		                         request->shown[i].length, ATHAR_RUN_BAD, err));
	ATHAR_TRY(load_map(&l, volume, err));
	ATHAR_TRY(athar_volume_walk_files(&counts, volume, &calls, err));
	l.unsure = l.unsure || counts.partial || counts.errors != 0;
	ATHAR_TRY(send_rests(&l, err));
	return send_totals(&l, err);
}
