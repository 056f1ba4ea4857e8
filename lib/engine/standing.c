/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/standing.h"

#include <string.h>

#include "base/alloc.h"
#include "digest/digest.h"

/* ---- the key ---- */

static void wire_extent(athar_wire *w, const athar_extent *e)
{
	const bool placed = e->kind == ATHAR_EXTENT_DATA || e->kind == ATHAR_EXTENT_DERIVED;

	athar_wire_number(w, e->kind);
	athar_wire_number(w, placed ? e->image : 0);
	athar_wire_number(w, e->length);
	athar_wire_number(w, e->kind == ATHAR_EXTENT_DERIVED ? e->stored : 0);
	athar_wire_number(w, e->transform);
}

typedef struct whereabouts {
	athar_method method;
	int volume;
	const char *address;
	const uint8_t *path;
	size_t path_len;
	const athar_extents *extents;
} whereabouts;

static athar_status make_key(uint8_t key[16], const whereabouts *at, athar_error *err)
{
	ATHAR_AUTO(wire) athar_wire w = ATHAR_WIRE_INIT;
	uint8_t hash[32];

	athar_wire_number(&w, at->method);
	athar_wire_number(&w, (uint64_t)(at->volume + 1));
	athar_wire_bytes(&w, at->address, strlen(at->address));
	athar_wire_number(&w, at->path != NULL);
	athar_wire_bytes(&w, at->path, at->path == NULL ? 0 : at->path_len);
	athar_wire_number(&w, at->extents->count);
	for (size_t i = 0; i < at->extents->count; i++)
		wire_extent(&w, &at->extents->extent[i]);
	ATHAR_TRY(athar_wire_check(&w, err));
	ATHAR_TRY(athar_digest_sha256_raw(hash, w.bytes, w.len, err));
	memcpy(key, hash, 16);
	return ATHAR_OK;
}

/* ---- adding ---- */

/* As athar_find_proven has it: a format that can close speaks for its bytes. */
static bool is_proven(const athar_item *item)
{
	const athar_format *format = athar_format_find(item->type);

	return item->type[0] != '\0' && item->grade >= ATHAR_GRADE_COMPLETE &&
	       (format == NULL || format->best >= ATHAR_GRADE_COMPLETE);
}

athar_status athar_standing_add(athar_standing *s, const athar_item *item, bool stored,
                                athar_error *err)
{
	athar_stand stand = {.order = (uint32_t)s->count,
	                     .grade = (uint8_t)item->grade,
	                     .proven = is_proven(item),
	                     .stored = stored};

	if (s->count >= UINT32_MAX)
		return athar_fail(err, ATHAR_ELIMIT,
		                  "a run with more than 2^32 places cannot be "
		                  "gone on with");
	ATHAR_TRY(make_key(stand.key,
	                   &(whereabouts){item->method, item->volume, item->address, item->path,
	                                  item->path_len, &item->extents},
	                   err));
	ATHAR_TRY(athar_grow(&s->stand, &s->capacity, s->count + 1, sizeof *s->stand, err));
	s->stand[s->count++] = stand;
	s->sorted = false;
	return ATHAR_OK;
}

void athar_standing_own(athar_standing *s, const athar_item *item, uint64_t number)
{
	athar_stand *last = &s->stand[s->count - 1];

	last->number = number;
	(void)snprintf(last->type, sizeof last->type, "%s", item->type);
	(void)snprintf(last->subtype, sizeof last->subtype, "%s", item->subtype);
}

/* ---- taking ---- */

static int by_key(const void *a, const void *b)
{
	const athar_stand *x = a, *y = b;
	const int order = memcmp(x->key, y->key, sizeof x->key);

	if (order != 0)
		return order;
	return x->order < y->order ? -1 : x->order > y->order;
}

static size_t first_of(const athar_standing *s, const uint8_t key[16])
{
	size_t low = 0, high = s->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (memcmp(s->stand[middle].key, key, 16) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

athar_status athar_standing_take(const athar_stand **out, athar_standing *s, const athar_find *f,
                                 athar_error *err)
{
	uint8_t key[16];

	*out = NULL;
	if (s->count == 0)
		return ATHAR_OK;
	ATHAR_TRY(make_key(
		key,
		&(whereabouts){f->method, f->volume, f->address, f->path, f->path_len, &f->extents},
		err));
	if (!s->sorted)
		qsort(s->stand, s->count, sizeof *s->stand, by_key);
	s->sorted = true;
	const size_t first = first_of(s, key);
	if (first == s->count)
		return ATHAR_OK;
	const size_t next = first + s->stand[first].came;
	if (next >= s->count || memcmp(s->stand[next].key, key, sizeof key) != 0)
		return ATHAR_OK;
	s->stand[first].came++;
	*out = &s->stand[next];
	return ATHAR_OK;
}

void athar_standing_clear(athar_standing *s)
{
	free(s->stand);
	*s = (athar_standing){NULL, 0, 0, false};
}
