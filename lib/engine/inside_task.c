/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/inside_task.h"

#include <string.h>

#include "base/check.h"
#include "carve/inside.h"
#include "engine/identify.h"
#include "image/driver.h"

/* An unpacked file is held in memory, and so are those around it: each level halves it. */
#define HELD_MOST ((size_t)64 << 20)
/* Bytes unpacked for one container. */
#define UNPACKED_MOST (UINT64_C(4) << 30)

typedef struct look {
	const athar_inside_task *task;
	uint64_t left, unpacked;
	uint64_t large, deep;
	bool full, fatal;
	athar_layer via[ATHAR_ITEM_DEPTH];
	athar_extents packed; /* of the first transform under way */
} look;

/* A container that is gone through. */
typedef struct level {
	look *x;
	unsigned depth;
	athar_source *source;
	uint64_t size;
	const athar_extents *places; /* in the image; NULL: it was unpacked ... */
	const uint8_t *bytes;        /* ... to here */
} level;

static void clear(look *x)
{
	athar_extents_clear(&x->packed);
}

ATHAR_DEFINE_AUTO_VALUE(look, look, clear)

/* ---- an entry ---- */

/* What of a file's extents is [offset, offset + length) of it. */
static athar_status cut(athar_extents *out, const athar_extents *x, uint64_t offset,
                        uint64_t length, athar_error *err)
{
	const uint64_t end = offset + length;

	for (size_t i = 0; i < x->count; i++) {
		athar_extent e = x->extent[i];
		const uint64_t from = athar_max(offset, e.logical);
		const uint64_t to = athar_min(end, e.logical + e.length);

		if (from >= to)
			continue;
		if (e.kind == ATHAR_EXTENT_DATA)
			e.image += from - e.logical;
		e.length = to - from;
		ATHAR_TRY(athar_extents_add(out, e, err));
	}
	return ATHAR_OK;
}

static athar_status derive(athar_find *f, const look *x, athar_error *err)
{
	const athar_extents *p = &x->packed;
	athar_extent e = {.kind = ATHAR_EXTENT_DERIVED, .length = f->size};

	if (p->count == 0 || p->extent[0].kind != ATHAR_EXTENT_DATA)
		return athar_fail(err, ATHAR_EFORMAT, "its packed bytes have no place");
	e.image = p->extent[0].image;
	for (size_t i = f->via_count; i-- > 0;)
		if (f->via[i].transform != ATHAR_TRANSFORM_NONE) {
			e.stored = f->via[i].stored;
			e.transform = f->via[i].transform;
		}
	ATHAR_TRY(athar_extents_copy(&f->packed, p, err));
	return athar_extents_add(&f->extents, e, err);
}

static athar_status go_in(const level *v, const athar_find *f, athar_error *err);

static athar_status tell(const level *v, athar_find *f, athar_error *err)
{
	look *x = v->x;

	f->method = ATHAR_METHOD_EMBEDDED;
	f->via_count = v->depth;
	memcpy(f->via, x->via, sizeof f->via);
	if (v->places != NULL)
		ATHAR_TRY(athar_extents_copy(&f->extents, v->places, err));
	else if (derive(f, x, err) != ATHAR_OK)
		return err->status == ATHAR_ENOMEM ? ATHAR_ENOMEM : ATHAR_OK;
	const athar_status status = x->task->found(x->task->user, f, err);

	x->fatal = status != ATHAR_OK;
	return status;
}

/* What a content is; that it cannot be read says it is nothing. */
static athar_status judge(const level *v, athar_error *err)
{
	ATHAR_AUTO(find) athar_find f = ATHAR_FIND_INIT;
	athar_error mine = ATHAR_ERROR_INIT;

	f.size = v->size;
	const athar_status status = athar_identify(&f, v->source, &mine);

	if (status == ATHAR_ENOMEM)
		*err = mine;
	if (status != ATHAR_OK)
		return status == ATHAR_ENOMEM ? status : ATHAR_OK;
	if (f.format[0] == '\0' || f.claim_grade < ATHAR_GRADE_COMPLETE || f.bad != 0)
		return ATHAR_OK;
	ATHAR_TRY(tell(v, &f, err));
	if (athar_container_find(f.format) == NULL)
		return ATHAR_OK;
	if (v->depth < ATHAR_ITEM_DEPTH)
		return go_in(v, &f, err);
	v->x->deep++;
	return ATHAR_OK;
}

static athar_status take_stored(const level *v, const athar_layer *l, athar_error *err)
{
	ATHAR_AUTO(source) athar_source *source = NULL;
	ATHAR_AUTO(extents) athar_extents places = ATHAR_EXTENTS_INIT;
	level in = {.x = v->x, .depth = v->depth + 1, .size = l->stored};

	if (v->places == NULL) {
		in.bytes = v->bytes + l->offset;
		ATHAR_TRY(athar_source_memory(&source, in.bytes, (size_t)l->stored, err));
	} else {
		ATHAR_TRY(cut(&places, v->places, l->offset, l->stored, err));
		ATHAR_TRY(athar_source_extents(&source, v->x->task->image, &places, err));
		in.places = &places;
	}
	in.source = source;
	return judge(&in, err);
}

/* The first transform's input has places in the image; those below it have none. */
static athar_status note_packed(const level *v, const athar_layer *l, athar_error *err)
{
	if (v->places == NULL)
		return ATHAR_OK;
	athar_extents_clear(&v->x->packed);
	return cut(&v->x->packed, v->places, l->offset, l->stored, err);
}

static athar_status take_packed(const level *v, athar_layer *l, athar_error *err)
{
	ATHAR_AUTO(source) athar_source *source = NULL;
	ATHAR_AUTO(free) uint8_t *bytes = NULL;
	athar_error mine = ATHAR_ERROR_INIT;
	look *x = v->x;

	if (x->unpacked > UNPACKED_MOST) {
		x->large++;
		return ATHAR_OK;
	}
	ATHAR_TRY(note_packed(v, l, err));
	const athar_status status =
		athar_layer_unpack(&bytes, l, v->source, HELD_MOST >> v->depth, &mine);

	x->large += status == ATHAR_ELIMIT;
	x->unpacked += status == ATHAR_OK ? l->size : HELD_MOST >> v->depth;
	if (status == ATHAR_ENOMEM)
		*err = mine;
	if (status != ATHAR_OK || l->size == 0)
		return status == ATHAR_ENOMEM ? status : ATHAR_OK;
	ATHAR_TRY(athar_source_memory(&source, bytes, (size_t)l->size, err));
	x->via[v->depth] = *l;
	const level in = {
		.x = x, .depth = v->depth + 1, .source = source, .size = l->size, .bytes = bytes};
	return judge(&in, err);
}

static athar_status take(void *user, const athar_layer *layer, athar_error *err)
{
	const level *v = user;
	athar_layer l = *layer;
	athar_status status = v->x->task->beat(v->x->task->user, err);

	v->x->fatal = v->x->fatal || status != ATHAR_OK;
	if (status != ATHAR_OK)
		return status;
	if (l.transform == ATHAR_TRANSFORM_NONE)
		l.size = l.stored;
	v->x->via[v->depth] = l;
	return l.transform == ATHAR_TRANSFORM_NONE ? take_stored(v, &l, err)
	                                           : take_packed(v, &l, err);
}

/* ---- a container ---- */

/* Bytes that its listing may read: small files in great numbers are looked at piece by piece. */
static uint64_t work_for(uint64_t size)
{
	return athar_min(size, UINT64_C(1) << 24) * 256 + athar_min(size, UINT64_C(1) << 40);
}

/* A container that cannot be read to its end, or makes no sense, has given what it could. */
static athar_status go_in(const level *v, const athar_find *f, athar_error *err)
{
	ATHAR_AUTO(reader) athar_reader *reader = NULL;
	athar_error mine = ATHAR_ERROR_INIT;
	look *x = v->x;
	athar_listing listing = {.size = v->size,
	                         .format = f->format,
	                         .subtype = f->subtype,
	                         .left = &x->left,
	                         .take = take,
	                         .user = (void *)(uintptr_t)v};

	ATHAR_TRY(athar_reader_new(&reader, v->source, 0, v->size, work_for(v->size), err));
	listing.in = reader;
	const athar_status status = athar_container_find(f->format)->list(&listing, &mine);

	if (status == ATHAR_ENOMEM || x->fatal) {
		*err = mine;
		return status;
	}
	x->full = x->full || status == ATHAR_ELIMIT;
	return ATHAR_OK;
}

static athar_status tell_limits(const look *x, athar_error *err)
{
	char text[200];
	size_t len = 0;

	if (!x->full && x->large == 0 && x->deep == 0)
		return ATHAR_OK;
	len += (size_t)snprintf(text, sizeof text, "not all that is inside was looked at:");
	if (x->full)
		len += (size_t)snprintf(text + len, sizeof text - len,
		                        " there is more than is worth its work;");
	if (x->large != 0)
		len += (size_t)snprintf(
			text + len, sizeof text - len,
			" %llu files are too large or packed too tightly to be unpacked;",
			(unsigned long long)x->large);
	if (x->deep != 0)
		len += (size_t)snprintf(text + len, sizeof text - len, " %llu lie too deep;",
		                        (unsigned long long)x->deep);
	text[len - 1] = '\0';
	return x->task->limited(x->task->user, text, err);
}

athar_status athar_inside_run(const athar_inside_task *task, const athar_find *parent,
                              athar_error *err)
{
	ATHAR_AUTO(source) athar_source *source = NULL;
	ATHAR_AUTO(look) look x = {.task = task, .left = ATHAR_INSIDE_MOST};

	if (athar_container_find(parent->format) == NULL)
		return athar_fail(err, ATHAR_EFORMAT, "%s holds no files", parent->format);
	ATHAR_TRY(athar_source_extents(&source, task->image, &parent->extents, err));
	const level top = {
		.x = &x, .source = source, .size = parent->size, .places = &parent->extents};

	ATHAR_TRY(go_in(&top, parent, err));
	return tell_limits(&x, err);
}

/* ---- the content of what was found ---- */

/* The first step that undoes something. */
static size_t first_transform(const athar_find *f)
{
	size_t i = 0;

	while (i < f->via_count && f->via[i].transform == ATHAR_TRANSFORM_NONE)
		i++;
	return i;
}

bool athar_find_wrapped(const athar_find *find)
{
	return first_transform(find) < find->via_count;
}

static athar_status unwrap_one(uint8_t **memory, const uint8_t **at, size_t *len,
                               const athar_layer *layer, athar_error *err)
{
	ATHAR_AUTO(source) athar_source *source = NULL;
	athar_layer l = *layer;
	uint8_t *next = NULL;

	if (!athar_inside(l.offset, l.stored, *len))
		return athar_fail(err, ATHAR_EFORMAT, "it is not inside its container");
	if (l.transform == ATHAR_TRANSFORM_NONE) {
		*at += l.offset;
		*len = (size_t)l.stored;
		return ATHAR_OK;
	}
	ATHAR_TRY(athar_source_memory(&source, *at, *len, err));
	ATHAR_TRY(athar_layer_unpack(&next, &l, source, HELD_MOST, err));
	free(*memory);
	*memory = next;
	*at = next;
	*len = (size_t)l.size;
	return ATHAR_OK;
}

athar_status athar_inside_unwrap(uint8_t **memory, const uint8_t **at, size_t *len,
                                 athar_source *image, const athar_find *find, athar_error *err)
{
	ATHAR_AUTO(source) athar_source *source = NULL;
	ATHAR_AUTO(free) uint8_t *bytes = NULL;
	size_t i = first_transform(find);

	if (i == find->via_count)
		return athar_fail(err, ATHAR_EFORMAT, "nothing of it is packed");
	athar_layer l = find->via[i];

	l.offset = 0;
	ATHAR_TRY(athar_source_extents(&source, image, &find->packed, err));
	ATHAR_TRY(athar_layer_unpack(&bytes, &l, source, HELD_MOST, err));
	*at = bytes;
	*len = (size_t)l.size;
	for (i++; i < find->via_count; i++)
		ATHAR_TRY(unwrap_one(&bytes, at, len, &find->via[i], err));
	if (*len != find->size)
		return athar_fail(err, ATHAR_EFORMAT, "it unpacks to another size than was found");
	*memory = ATHAR_GIVE(bytes);
	return ATHAR_OK;
}
