/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * In the worker: the files of a volume held against places of the image.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "engine/owners.h"

/* Findings sent; the rest is counted by the walk. */
#define FINDINGS_MOST 20u

/* What a place is known to be; the greater wins. Small files of NTFS lie inside of records, which
 * are a live file themselves: the small one says more. */
enum { RANK_NONE, RANK_DELETED, RANK_SLACK, RANK_LIVE, RANK_RECORD_DELETED, RANK_RECORD_LIVE };

typedef struct search {
	const athar_owners_request *request;
	athar_jail_reply *reply;
	uint8_t *rank;    /* of each offset */
	uint32_t *others; /* deleted files besides the first */
	uint64_t *spot;   /* pairs of the file at hand */
	size_t spots, capacity;
	athar_runs allocated;
	unsigned findings;
	bool mapped;
	bool unsure; /* not all that files own is known */
} search;

static void search_clear(search *s)
{
	free(s->rank);
	free(s->others);
	free(s->spot);
	athar_runs_clear(&s->allocated);
}

ATHAR_DEFINE_AUTO_VALUE(search, search, search_clear)

static athar_status add_spot(search *s, size_t index, uint64_t from, athar_error *err)
{
	ATHAR_TRY(athar_grow(&s->spot, &s->capacity, 2 * (s->spots + 1), sizeof *s->spot, err));
	s->spot[2 * s->spots] = index;
	s->spot[2 * s->spots + 1] = from;
	s->spots++;
	return ATHAR_OK;
}

static athar_status send_owner(search *s, athar_place place, athar_error *err)
{
	ATHAR_AUTO(wire) athar_wire message = ATHAR_WIRE_INIT;
	const athar_owner owner = {.place = place, .spot = s->spot, .spots = s->spots};

	if (s->spots == 0)
		return ATHAR_OK;
	s->spots = 0;
	athar_owner_wire(&message, &owner);
	ATHAR_TRY(athar_wire_check(&message, err));
	return athar_jail_send(s->reply, ATHAR_MESSAGE_OWNER, message.bytes, message.len, err);
}

/* ---- files ---- */

/* Index of the first offset from `at` on. */
static size_t first_from(const search *s, uint64_t at)
{
	size_t low = 0, high = s->request->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (s->request->offset[middle] < at)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* All offsets in a range that nothing of this rank or a higher one owns yet. from: in the file, of
 * the range's first byte; `steady`: of all its bytes. */
static athar_status claim(search *s, const athar_run *range, uint8_t rank, uint64_t from,
                          bool steady, athar_error *err)
{
	for (size_t i = first_from(s, range->offset); i < s->request->count; i++) {
		const uint64_t into = s->request->offset[i] - range->offset;

		if (into >= range->length)
			break;
		if (s->rank[i] == rank && (rank == RANK_DELETED || rank == RANK_RECORD_DELETED))
			s->others[i]++;
		if (s->rank[i] >= rank)
			continue;
		s->rank[i] = rank;
		ATHAR_TRY(add_spot(s, i, steady ? from : from + into, err));
	}
	return ATHAR_OK;
}

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

/* Are there blocks of its that are not listed? Those of compressed units; in NTFS, room kept behind
 * what was written. */
static bool has_hidden(const search *s, const athar_volume_file *file)
{
	const bool ntfs = strcmp(s->request->volume.kind, "ntfs") == 0;

	for (size_t i = 0; i < file->extents.count; i++) {
		const athar_extent *e = &file->extents.extent[i];

		if (e->kind == ATHAR_EXTENT_MISSING || (ntfs && e->kind == ATHAR_EXTENT_HOLE) ||
		    (e->kind == ATHAR_EXTENT_DERIVED && e->transform != ATHAR_TRANSFORM_FIXUP))
			return true;
	}
	return false;
}

static athar_place place_of(const athar_volume_file *file, athar_place_kind kind)
{
	athar_place place = {
		.kind = kind, .state = file->state, .size = file->size, .path_len = file->path_len};

	if (file->path_len != 0)
		place.path = (uint8_t *)(uintptr_t)file->path; /* borrowed for the message */
	memcpy(place.address, file->address, sizeof place.address);
	return place;
}

/* Only such content begins within a block. */
static bool in_record(const search *s, const athar_extent *e)
{
	const athar_volume_info *v = &s->request->volume;

	return strcmp(v->kind, "ntfs") == 0 && v->block_size != 0 && e->image >= v->offset &&
	       (e->image - v->offset) % v->block_size != 0;
}

static uint8_t rank_of(const search *s, const athar_extent *e, bool live)
{
	if (in_record(s, e))
		return live ? RANK_RECORD_LIVE : RANK_RECORD_DELETED;
	return live ? RANK_LIVE : RANK_DELETED;
}

static athar_status take_content(search *s, const athar_volume_file *file, bool live,
                                 athar_error *err)
{
	athar_run here;

	for (size_t i = 0; i < file->extents.count; i++) {
		const athar_extent *e = &file->extents.extent[i];

		if (lies(&here, e))
			ATHAR_TRY(claim(s, &here, rank_of(s, e, live), e->logical,
			                e->stored != e->length, err));
	}
	return send_owner(s, place_of(file, ATHAR_PLACE_FILE), err);
}

/* The rest of the block that its last byte is in. */
static athar_status take_slack(search *s, const athar_volume_file *file, athar_error *err)
{
	const athar_volume_info *v = &s->request->volume;
	const size_t count = file->extents.count;
	const athar_extent *e = count == 0 ? NULL : &file->extents.extent[count - 1];
	athar_run last;

	if (e == NULL || e->kind != ATHAR_EXTENT_DATA || !lies(&last, e) || v->block_size == 0 ||
	    last.offset < v->offset)
		return ATHAR_OK;
	const uint64_t end = last.offset + last.length;
	const uint64_t into = (end - v->offset) % v->block_size;
	const athar_run slack = {end, into == 0 ? 0 : v->block_size - into, ATHAR_RUN_DATA};
	ATHAR_TRY(claim(s, &slack, RANK_SLACK, file->size, false, err));
	return send_owner(s, place_of(file, ATHAR_PLACE_SLACK), err);
}

static athar_status take_file(void *user, const athar_volume_file *file, athar_error *err)
{
	search *s = user;
	const bool live = file->state == ATHAR_STATE_LIVE || file->state == ATHAR_STATE_TRASH;

	if (file->folder || !file->readable)
		return ATHAR_OK;
	if (live && has_hidden(s, file))
		s->unsure = true;
	ATHAR_TRY(take_content(s, file, live, err));
	return live ? take_slack(s, file, err) : ATHAR_OK;
}

/* ---- what is in no file ---- */

static athar_place_kind kind_at(const search *s, uint64_t offset)
{
	if (!s->mapped)
		return ATHAR_PLACE_UNMAPPED;
	if (athar_runs_overlap(&s->allocated, offset, 1) == 0)
		return ATHAR_PLACE_UNALLOCATED;
	return s->unsure ? ATHAR_PLACE_IN_USE : ATHAR_PLACE_METADATA;
}

static athar_status send_rest(search *s, athar_place_kind kind, athar_error *err)
{
	for (size_t i = 0; i < s->request->count; i++)
		if (s->rank[i] == RANK_NONE && kind_at(s, s->request->offset[i]) == kind)
			ATHAR_TRY(add_spot(s, i, 0, err));
	return send_owner(s, (athar_place){.kind = kind}, err);
}

static athar_status send_others(search *s, athar_error *err)
{
	ATHAR_AUTO(wire) athar_wire message = ATHAR_WIRE_INIT;

	for (size_t i = 0; i < s->request->count; i++)
		if (s->others[i] != 0 &&
		    (s->rank[i] == RANK_DELETED || s->rank[i] == RANK_RECORD_DELETED)) {
			athar_wire_number(&message, i);
			athar_wire_number(&message, s->others[i]);
		}
	ATHAR_TRY(athar_wire_check(&message, err));
	return athar_jail_send(s->reply, ATHAR_MESSAGE_OTHERS, message.bytes, message.len, err);
}

/* ---- the task ---- */

static athar_status send_finding(void *user, const char *text, athar_error *err)
{
	search *s = user;

	s->unsure = true;
	if (s->findings++ >= FINDINGS_MOST)
		return ATHAR_OK;
	return athar_jail_send(s->reply, ATHAR_MESSAGE_FINDING, text, strlen(text), err);
}

static athar_status beat(void *user, uint64_t done, athar_error *err)
{
	const search *s = user;

	return athar_jail_beat(s->reply, done, err);
}

static athar_status load_map(search *s, athar_volume *volume, athar_error *err)
{
	athar_error why = ATHAR_ERROR_INIT;
	const athar_status status = athar_volume_allocated(&s->allocated, volume, &why);

	if (status == ATHAR_ENOMEM) {
		*err = why;
		return status;
	}
	s->mapped = status == ATHAR_OK;
	if (s->mapped)
		return ATHAR_OK;
	(void)athar_within(&why, "which blocks are in use is not known");
	return send_finding(s, why.text, err);
}

athar_status athar_owners_in(athar_volume *volume, const athar_owners_request *request,
                             athar_jail_reply *reply, athar_error *err)
{
	ATHAR_AUTO(search) search s = {.request = request, .reply = reply};
	athar_volume_counts counts = {0};
	const athar_volume_walk calls = {
		.file = take_file, .finding = send_finding, .beat = beat, .user = &s};

	s.rank = athar_alloc(request->count, err);
	s.others = athar_alloc_array(request->count, sizeof *s.others, err);
	if (s.rank == NULL || s.others == NULL)
		return ATHAR_ENOMEM;
	ATHAR_TRY(load_map(&s, volume, err));
	ATHAR_TRY(athar_volume_walk_files(&counts, volume, &calls, err));
	s.unsure = s.unsure || counts.partial || counts.errors != 0;
	for (unsigned kind = ATHAR_PLACE_METADATA; kind <= ATHAR_PLACE_UNMAPPED; kind++)
		ATHAR_TRY(send_rest(&s, (athar_place_kind)kind, err));
	return send_others(&s, err);
}
