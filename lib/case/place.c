/* SPDX-License-Identifier: BSD-2-Clause */
#include "case/place.h"

#include <limits.h>
#include <string.h>

#include "athar/text.h"
#include "base/alloc.h"
#include "base/idiom.h"
#include "case/value.h"
#include "case/via.h"

/* ---- writing ---- */

static athar_json *extent_to_json(const athar_extent *e)
{
	athar_json *object = athar_json_object();

	if (e->image != ATHAR_NOWHERE)
		athar_json_set_number(object, "at", e->image);
	athar_json_set_text(object, "kind", athar_extent_kind_name(e->kind));
	athar_json_set_number(object, "len", e->length);
	athar_json_set_number(object, "off", e->logical);
	if (e->kind == ATHAR_EXTENT_DERIVED) {
		athar_json_set_number(object, "stored", e->stored);
		athar_json_set_text(object, "transform", athar_transform_name(e->transform));
	}
	return object;
}

athar_json *athar_place_extents(const athar_extents *x)
{
	athar_json *array = athar_json_array();

	for (size_t i = 0; i < x->count; i++)
		athar_json_append(array, extent_to_json(&x->extent[i]));
	return array;
}

/* `time` is for people: without a Z where nobody recorded the zone. */
static athar_json *time_to_json(const athar_item_time *t)
{
	athar_json *object = athar_json_object();
	char text[40];
	size_t len;

	athar_text_time(text, sizeof text, t->seconds);
	len = strlen(text);
	if (strcmp(t->zone, "utc") != 0 && len > 0 && text[len - 1] == 'Z')
		text[len - 1] = '\0';
	athar_json_set_text(object, "meaning", t->meaning);
	athar_json_set_number(object, "ns", t->nanoseconds);
	athar_json_set_text(object, "source", t->source);
	athar_json_set_text(object, "time", text);
	athar_json_set_signed(object, "unix", t->seconds);
	athar_json_set_text(object, "zone", t->zone);
	return object;
}

/* Most file systems record only some of these: what is not there is left out. */
static void set_recorded(athar_json *object, const char *key, const char *text)
{
	if (text[0] != '\0')
		athar_json_set_text(object, key, text);
}

void athar_place_set(athar_json *object, const athar_item *item)
{
	athar_json *times = athar_json_array();

	for (size_t i = 0; i < item->time_count && i < ATHAR_ITEM_TIMES; i++)
		athar_json_append(times, time_to_json(&item->times[i]));
	athar_json_set_text(object, "address", item->address[0] == '\0' ? NULL : item->address);
	athar_json_set(object, "extents", athar_place_extents(&item->extents));
	athar_json_set_text(object, "method", athar_method_name(item->method));
	if (item->path == NULL)
		athar_json_set_null(object, "path");
	else
		athar_json_set_bytes(object, "path", item->path, item->path_len);
	athar_json_set_text(object, "state", athar_state_name(item->state));
	athar_json_set(object, "times", times);
	if (item->via_count != 0)
		athar_via_set(object, item);
	set_recorded(object, "owner", item->owner);
	set_recorded(object, "group", item->group);
	set_recorded(object, "mode", item->mode);
	if (item->volume < 0)
		athar_json_set_null(object, "volume");
	else
		athar_json_set_signed(object, "volume", item->volume);
}

/* ---- reading ---- */

athar_status athar_place_missing(const char *key, athar_error *err)
{
	return athar_fail(err, ATHAR_EFORMAT, "an item's \"%s\" is missing or of no form we know",
	                  key);
}

static bool is_null(const athar_json *object, const char *key)
{
	return athar_value_kind(athar_json_get(object, key)) == ATHAR_KIND_NULL;
}

athar_status athar_place_text(char *out, size_t size, const athar_json *object, const char *key,
                              athar_error *err)
{
	ATHAR_AUTO(free) uint8_t *bytes = NULL;
	size_t len = 0;

	out[0] = '\0';
	if (athar_json_get(object, key) == NULL)
		return athar_place_missing(key, err);
	if (is_null(object, key))
		return ATHAR_OK;
	ATHAR_TRY(athar_json_get_bytes(&bytes, &len, object, key, err));
	if (len >= size || memchr(bytes, '\0', len) != NULL)
		return athar_place_missing(key, err);
	memcpy(out, bytes, len);
	out[len] = '\0';
	return ATHAR_OK;
}

static athar_status get_recorded(char *out, size_t size, const athar_json *object, const char *key,
                                 athar_error *err)
{
	out[0] = '\0';
	return athar_json_get(object, key) == NULL ? ATHAR_OK
	                                           : athar_place_text(out, size, object, key, err);
}

/* Extents are added in file order, so that `off` is known before it is read: it has to agree. */
static athar_status extent_get(athar_extents *x, const athar_json *object, athar_error *err)
{
	athar_extent e = {.image = ATHAR_NOWHERE};
	const bool placed = athar_json_get_number(object, "at", &e.image);
	uint64_t off = 0;

	if (!athar_extent_kind_parse(&e.kind, athar_json_get_text(object, "kind")) ||
	    !athar_json_get_number(object, "len", &e.length) ||
	    !athar_json_get_number(object, "off", &off) || off != athar_extents_size(x))
		return athar_place_missing("extents", err);
	if (placed != (e.kind == ATHAR_EXTENT_DATA || e.kind == ATHAR_EXTENT_DERIVED))
		return athar_place_missing("extents", err);
	if (e.kind == ATHAR_EXTENT_DATA)
		e.stored = e.length;
	if (e.kind == ATHAR_EXTENT_DERIVED &&
	    (!athar_json_get_number(object, "stored", &e.stored) ||
	     !athar_transform_parse(&e.transform, athar_json_get_text(object, "transform"))))
		return athar_place_missing("extents", err);
	return athar_extents_add(x, e, err);
}

athar_status athar_place_extents_get(athar_extents *x, const athar_json *object, athar_error *err)
{
	const athar_json *array = athar_json_get(object, "extents");

	if (athar_value_kind(array) != ATHAR_KIND_ARRAY)
		return athar_place_missing("extents", err);
	for (size_t i = 0; i < athar_json_count(array); i++)
		ATHAR_TRY(extent_get(x, athar_json_at(array, i), err));
	return ATHAR_OK;
}

static athar_status time_get(athar_item_time *t, const athar_json *object, athar_error *err)
{
	uint64_t ns = 0;

	ATHAR_TRY(athar_place_text(t->meaning, sizeof t->meaning, object, "meaning", err));
	ATHAR_TRY(athar_place_text(t->source, sizeof t->source, object, "source", err));
	ATHAR_TRY(athar_place_text(t->zone, sizeof t->zone, object, "zone", err));
	if (!athar_json_get_signed(object, "unix", &t->seconds) ||
	    !athar_json_get_number(object, "ns", &ns) || ns > 999999999)
		return athar_place_missing("times", err);
	t->nanoseconds = (uint32_t)ns;
	return ATHAR_OK;
}

static athar_status times_get(athar_item *item, const athar_json *object, athar_error *err)
{
	const athar_json *array = athar_json_get(object, "times");

	if (athar_value_kind(array) != ATHAR_KIND_ARRAY ||
	    athar_json_count(array) > ATHAR_ITEM_TIMES)
		return athar_place_missing("times", err);
	for (size_t i = 0; i < athar_json_count(array); i++)
		ATHAR_TRY(time_get(&item->times[i], athar_json_at(array, i), err));
	item->time_count = athar_json_count(array);
	return ATHAR_OK;
}

static athar_status volume_get(athar_item *item, const athar_json *object, athar_error *err)
{
	uint64_t volume = 0;

	item->volume = -1;
	if (is_null(object, "volume"))
		return ATHAR_OK;
	if (!athar_json_get_number(object, "volume", &volume) || volume > INT_MAX)
		return athar_place_missing("volume", err);
	item->volume = (int)volume;
	return ATHAR_OK;
}

athar_status athar_place_get(athar_item *item, const athar_json *object, athar_error *err)
{
	if (!athar_method_parse(&item->method, athar_json_get_text(object, "method")))
		return athar_place_missing("method", err);
	if (!athar_state_parse(&item->state, athar_json_get_text(object, "state")))
		return athar_place_missing("state", err);
	ATHAR_TRY(athar_place_text(item->address, sizeof item->address, object, "address", err));
	if (athar_json_get(object, "path") == NULL)
		return athar_place_missing("path", err);
	if (!is_null(object, "path"))
		ATHAR_TRY(athar_json_get_bytes(&item->path, &item->path_len, object, "path", err));
	ATHAR_TRY(get_recorded(item->owner, sizeof item->owner, object, "owner", err));
	ATHAR_TRY(get_recorded(item->group, sizeof item->group, object, "group", err));
	ATHAR_TRY(get_recorded(item->mode, sizeof item->mode, object, "mode", err));
	ATHAR_TRY(athar_place_extents_get(&item->extents, object, err));
	ATHAR_TRY(athar_via_get(item, object, err));
	ATHAR_TRY(times_get(item, object, err));
	return volume_get(item, object, err);
}
