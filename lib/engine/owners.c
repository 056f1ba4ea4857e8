/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/owners.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"

/* Of paths, in all; files beyond them are told by their addresses. */
#define PATHS_MOST ((size_t)256 << 20)
/* A volume's messages cannot be more: each file is told of once at most for its content and once
 * for its last block, and each place only gets a better owner. */
#define OWNERS_FACTOR 5u

void athar_owners_clear(athar_owners *owners)
{
	for (size_t i = 0; i < owners->count; i++)
		free(owners->place[i].path);
	free(owners->place);
	free(owners->of);
	*owners = (athar_owners){.place = NULL};
}

typedef struct question {
	athar_owners *out;
	const uint64_t *offset; /* of the volume */
	size_t first, count;    /* in out->of */
	const athar_volume_info *volume;
	const athar_owners_calls *calls;
	size_t told; /* owners of this volume */
} question;

static athar_status nonsense(athar_error *err)
{
	return athar_fail(err, ATHAR_EFORMAT, "a worker's message makes no sense");
}

/* Takes the path over. */
static athar_status add_place(uint32_t *out, athar_owners *o, athar_place place, athar_error *err)
{
	athar_status status =
		athar_grow(&o->place, &o->capacity, o->count + 1, sizeof *o->place, err);

	if (status != ATHAR_OK || o->path_bytes + place.path_len > PATHS_MOST) {
		free(place.path);
		place.path = NULL;
		place.path_len = 0;
	}
	if (status != ATHAR_OK)
		return status;
	o->path_bytes += place.path_len;
	*out = (uint32_t)o->count;
	o->place[o->count++] = place;
	return ATHAR_OK;
}

static athar_place in_volume(const athar_volume_info *v, athar_place place)
{
	place.volume = (int)v->number;
	(void)snprintf(place.file_system, sizeof place.file_system, "%s", v->kind);
	return place;
}

/* Where volumes overlap, the first one has it. */
static bool may_own(const question *q, size_t index)
{
	const uint32_t place = q->out->of[q->first + index].place;

	return place == ATHAR_OWNER_NONE || q->out->place[place].volume == (int)q->volume->number;
}

static athar_status take_owner(question *q, athar_bytes payload, athar_error *err)
{
	athar_owner owner = {.spots = 0};
	athar_unwire u;
	uint32_t place = 0;

	ATHAR_TRY(athar_owner_unwire(&owner, &u, payload, err));
	ATHAR_TRY(add_place(&place, q->out, in_volume(q->volume, owner.place), err));
	if (++q->told > OWNERS_FACTOR * q->count + 8)
		return nonsense(err);
	for (size_t i = 0; i < owner.spots; i++) {
		const size_t index = (size_t)athar_unwire_below(&u, q->count);
		const uint64_t from = athar_unwire_number(&u);

		if (u.failed)
			return nonsense(err);
		if (may_own(q, index))
			q->out->of[q->first + index] =
				(athar_owner_of){.place = place, .from = from};
	}
	return athar_unwire_end(&u, err);
}

static athar_status take_others(question *q, athar_bytes payload, athar_error *err)
{
	athar_unwire u = athar_unwire_begin(payload);

	while (u.left != 0 && !u.failed) {
		const size_t index = (size_t)athar_unwire_below(&u, q->count);
		const uint64_t more = athar_unwire_number(&u);

		if (!u.failed && may_own(q, index))
			q->out->of[q->first + index].more = more;
	}
	return athar_unwire_end(&u, err);
}

static athar_status take(void *user, uint32_t type, athar_bytes payload, athar_error *err)
{
	question *q = user;
	char text[600];

	switch (type) {
	case ATHAR_MESSAGE_OWNER:
		return take_owner(q, payload, err);
	case ATHAR_MESSAGE_OTHERS:
		return take_others(q, payload, err);
	case ATHAR_MESSAGE_FINDING:
		athar_unwire_calm(text, sizeof text, payload);
		return q->calls->finding(q->calls->user, q->volume, text, err);
	default:
		return nonsense(err);
	}
}

static bool tick(void *user, uint64_t done)
{
	const question *q = user;

	return q->calls->tick != NULL && q->calls->tick(q->calls->user, done);
}

/* All of the volume's places that nothing has been said of. */
static athar_status name_rest(question *q, athar_place_kind kind, athar_error *err)
{
	uint32_t place;

	ATHAR_TRY(
		add_place(&place, q->out, in_volume(q->volume, (athar_place){.kind = kind}), err));
	for (size_t i = 0; i < q->count; i++)
		if (q->out->of[q->first + i].place == ATHAR_OWNER_NONE)
			q->out->of[q->first + i].place = place;
	return ATHAR_OK;
}

static athar_status ask(question *q, athar_jail *jail, athar_error *err)
{
	ATHAR_AUTO(wire) athar_wire request = ATHAR_WIRE_INIT;
	const athar_single calls = {.message = take, .tick = tick, .user = q};
	athar_jail_end end = {.kind = ATHAR_JAIL_DONE};

	athar_owners_wire(&request, q->volume, q->offset, q->count);
	ATHAR_TRY(athar_serve_single(&end, jail, &request, &calls, err));
	if (end.kind != ATHAR_JAIL_DONE)
		ATHAR_TRY(q->calls->finding(q->calls->user, q->volume, end.error.text, err));
	return name_rest(q, ATHAR_PLACE_UNMAPPED, err);
}

/* The offsets in the volume: they are sorted. */
static void choose(question *q, const uint64_t *offset, size_t count)
{
	const uint64_t from = q->volume->offset;

	q->first = 0;
	while (q->first < count && offset[q->first] < from)
		q->first++;
	q->offset = offset + q->first;
	q->count = 0;
	while (q->first + q->count < count && q->offset[q->count] - from < q->volume->length)
		q->count++;
	q->told = 0;
}

static athar_status ask_volume(question *q, athar_jail *jail, const uint64_t *offset, size_t count,
                               athar_error *err)
{
	if (q->volume->offset > INT64_MAX || q->volume->length > INT64_MAX)
		return ATHAR_OK;
	choose(q, offset, count);
	if (q->count == 0)
		return ATHAR_OK;
	if (q->volume->finding[0] != '\0')
		ATHAR_TRY(q->calls->finding(q->calls->user, q->volume, q->volume->finding, err));
	if (q->volume->file_system)
		return ask(q, jail, err);
	return name_rest(q, ATHAR_PLACE_PARTITION, err);
}

static athar_status name_outside(athar_owners *out, athar_error *err)
{
	uint32_t place;

	ATHAR_TRY(add_place(&place, out, (athar_place){.kind = ATHAR_PLACE_OUTSIDE, .volume = -1},
	                    err));
	for (size_t i = 0; i < out->asked; i++)
		if (out->of[i].place == ATHAR_OWNER_NONE)
			out->of[i].place = place;
	return ATHAR_OK;
}

athar_status athar_owners_find(athar_owners *out, athar_jail *jail, const athar_survey *survey,
                               const uint64_t *offset, size_t count,
                               const athar_owners_calls *calls, athar_error *err)
{
	question q = {.out = out, .calls = calls};

	*out = (athar_owners){.asked = count};
	out->of = athar_alloc_array(count + 1, sizeof *out->of, err);
	if (out->of == NULL)
		return ATHAR_ENOMEM;
	for (size_t i = 0; i < count; i++)
		out->of[i].place = ATHAR_OWNER_NONE;
	for (size_t i = 0; i < survey->count; i++) {
		q.volume = &survey->volume[i];
		ATHAR_TRY(ask_volume(&q, jail, offset, count, err));
	}
	return name_outside(out, err);
}
