/* SPDX-License-Identifier: BSD-2-Clause */
#include "case/via.h"

#include <string.h>

#include "base/idiom.h"
#include "case/place.h"
#include "case/value.h"

/* ---- writing ---- */

static athar_json *layer_to_json(const athar_layer *l)
{
	athar_json *o = athar_json_object();

	athar_json_set_text(o, "container", l->container);
	if (l->item != 0)
		athar_json_set_number(o, "item", l->item);
	athar_json_set_bytes(o, "name", l->name, l->name_len);
	athar_json_set_number(o, "off", l->offset);
	athar_json_set_number(o, "size", l->size);
	athar_json_set_number(o, "stored", l->stored);
	athar_json_set_text(o, "transform", athar_transform_name(l->transform));
	return o;
}

void athar_via_set(athar_json *object, const athar_item *item)
{
	athar_json *list = athar_json_array();

	for (size_t i = 0; i < item->via_count && i < ATHAR_ITEM_DEPTH; i++) {
		athar_json *o = layer_to_json(&item->via[i]);

		if (i == 0 && item->packed.count != 0)
			athar_json_set(o, "extents", athar_place_extents(&item->packed));
		athar_json_append(list, o);
	}
	athar_json_set(object, "via", list);
}

/* ---- reading ---- */

static athar_status get_name(athar_layer *l, const athar_json *o, athar_error *err)
{
	ATHAR_AUTO(free) uint8_t *bytes = NULL;
	size_t len = 0;

	ATHAR_TRY(athar_json_get_bytes(&bytes, &len, o, "name", err));
	if (len > sizeof l->name)
		return athar_place_missing("via", err);
	if (len != 0)
		memcpy(l->name, bytes, len);
	l->name_len = len;
	return ATHAR_OK;
}

static athar_status get_layer(athar_layer *l, const athar_json *o, athar_error *err)
{
	ATHAR_TRY(athar_place_text(l->container, sizeof l->container, o, "container", err));
	ATHAR_TRY(get_name(l, o, err));
	if (athar_json_get(o, "item") != NULL && !athar_json_get_number(o, "item", &l->item))
		return athar_place_missing("via", err);
	if (!athar_json_get_number(o, "off", &l->offset) ||
	    !athar_json_get_number(o, "size", &l->size) ||
	    !athar_json_get_number(o, "stored", &l->stored) ||
	    !athar_transform_parse(&l->transform, athar_json_get_text(o, "transform")))
		return athar_place_missing("via", err);
	return ATHAR_OK;
}

athar_status athar_via_get(athar_item *item, const athar_json *object, athar_error *err)
{
	const athar_json *list = athar_json_get(object, "via");

	if (list == NULL)
		return ATHAR_OK;
	if (athar_value_kind(list) != ATHAR_KIND_ARRAY || athar_json_count(list) > ATHAR_ITEM_DEPTH)
		return athar_place_missing("via", err);
	for (size_t i = 0; i < athar_json_count(list); i++, item->via_count++)
		ATHAR_TRY(get_layer(&item->via[i], athar_json_at(list, i), err));
	if (item->via_count == 0 || athar_json_get(athar_json_at(list, 0), "extents") == NULL)
		return ATHAR_OK;
	return athar_place_extents_get(&item->packed, athar_json_at(list, 0), err);
}
