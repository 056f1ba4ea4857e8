/* SPDX-License-Identifier: BSD-2-Clause */
/* An item as a line of items.jsonl, and back. */
#include <string.h>

#include "base/idiom.h"
#include "case/place.h"
#include "case/private.h"
#include "case/value.h"

static athar_json *pieces_to_json(const athar_runs *runs)
{
	athar_json *list = athar_json_array();

	for (size_t i = 0; i < runs->count; i++) {
		athar_json *piece = athar_json_object();

		athar_json_set_number(piece, "off", runs->run[i].offset);
		athar_json_set_number(piece, "len", runs->run[i].length);
		athar_json_append(list, piece);
	}
	return list;
}

static athar_json *quality_to_json(const athar_item *item)
{
	athar_json *quality = athar_json_object();

	athar_json_set_number(quality, "bad", item->bytes_bad);
	athar_json_set_number(quality, "reused", item->bytes_reused);
	if (item->reused_at.count != 0)
		athar_json_set(quality, "reused_at", pieces_to_json(&item->reused_at));
	return quality;
}

static void set_word(athar_json *object, const char *key, const char *word)
{
	athar_json_set_text(object, key, word[0] == '\0' ? NULL : word);
}

static athar_json *fields_to_json(const athar_item *item)
{
	athar_json *fields = athar_json_object();

	for (size_t i = 0; i < item->field_count; i++)
		athar_json_set_text(fields, item->field[i].key, item->field[i].value);
	return fields;
}

athar_json *athar_item_to_json(const athar_item *item, const char *run, const char *exhibit)
{
	athar_json *object = athar_json_object();

	athar_json_set_number(object, "v", ATHAR_CASE_VERSION);
	athar_json_set_number(object, "item", item->number);
	athar_json_set_text(object, "run", run);
	athar_json_set_text(object, "exhibit", exhibit);
	athar_place_set(object, item);
	athar_json_set_text(object, "grade", athar_grade_name(item->grade));
	athar_json_set_text(object, "why", item->why);
	set_word(object, "file", item->file);
	athar_json_set_number(object, "size", item->size);
	set_word(object, "type", item->type);
	set_word(object, "subtype", item->subtype);
	athar_json_set(object, "fields", fields_to_json(item));
	athar_json_set(object, "hashes", athar_digests_to_json(&item->hashes));
	athar_json_set(object, "quality", quality_to_json(item));
	athar_json_set(object, "also",
	               item->also == NULL ? athar_json_array() : athar_json_copy(item->also));
	if (item->known != NULL)
		athar_json_set(object, "known", athar_json_copy(item->known));
	return object;
}

/* "recovered/000/000001.jpg": never a path that leads out of the run's folder. */
static bool file_form(const char *file)
{
	if (file[0] == '\0')
		return true;
	return strncmp(file, "recovered/", 10) == 0 && strstr(file, "..") == NULL &&
	       strspn(file, "abcdefghijklmnopqrstuvwxyz0123456789/.") == strlen(file);
}

/* Older items do not have it. */
static athar_status get_pieces(athar_runs *out, const athar_json *quality, athar_error *err)
{
	const athar_json *list = athar_json_get(quality, "reused_at");
	uint64_t offset = 0, length = 0;

	if (list != NULL && athar_value_kind(list) != ATHAR_KIND_ARRAY)
		return athar_place_missing("reused_at", err);
	for (size_t i = 0; list != NULL && i < athar_json_count(list); i++) {
		if (!athar_json_get_number(athar_json_at(list, i), "off", &offset) ||
		    !athar_json_get_number(athar_json_at(list, i), "len", &length))
			return athar_place_missing("reused_at", err);
		ATHAR_TRY(athar_runs_add(out, offset, length, ATHAR_RUN_DATA, err));
	}
	return ATHAR_OK;
}

static athar_status get_numbers(athar_item *item, const athar_json *json, athar_error *err)
{
	const athar_json *quality = athar_json_get(json, "quality");

	if (!athar_json_get_number(json, "item", &item->number) || item->number == 0)
		return athar_place_missing("item", err);
	if (!athar_json_get_number(json, "size", &item->size))
		return athar_place_missing("size", err);
	if (!athar_json_get_number(quality, "bad", &item->bytes_bad) ||
	    !athar_json_get_number(quality, "reused", &item->bytes_reused))
		return athar_place_missing("quality", err);
	return get_pieces(&item->reused_at, quality, err);
}

static athar_status get_texts(athar_item *item, const athar_json *json, athar_error *err)
{
	if (athar_json_get_text(json, "run") == NULL)
		return athar_place_missing("run", err);
	if (athar_json_get_text(json, "exhibit") == NULL)
		return athar_place_missing("exhibit", err);
	if (!athar_grade_parse(&item->grade, athar_json_get_text(json, "grade")))
		return athar_place_missing("grade", err);
	ATHAR_TRY(athar_place_text(item->why, sizeof item->why, json, "why", err));
	ATHAR_TRY(athar_place_text(item->file, sizeof item->file, json, "file", err));
	ATHAR_TRY(athar_place_text(item->type, sizeof item->type, json, "type", err));
	ATHAR_TRY(athar_place_text(item->subtype, sizeof item->subtype, json, "subtype", err));
	return file_form(item->file) ? ATHAR_OK : athar_place_missing("file", err);
}

/* Older items do not have them. */
static athar_status get_fields(athar_item *item, const athar_json *json, athar_error *err)
{
	const athar_json *fields = athar_json_get(json, "fields");

	if (fields == NULL)
		return ATHAR_OK;
	if (athar_value_kind(fields) != ATHAR_KIND_OBJECT ||
	    athar_json_count(fields) > ATHAR_ITEM_FIELDS)
		return athar_place_missing("fields", err);
	for (size_t i = 0; i < athar_json_count(fields); i++) {
		athar_item_field *f = &item->field[i];
		const char *key = athar_json_key(fields, i);

		if (strlen(key) >= sizeof f->key)
			return athar_place_missing("fields", err);
		ATHAR_TRY(athar_place_text(f->value, sizeof f->value, fields, key, err));
		(void)snprintf(f->key, sizeof f->key, "%s", key);
		item->field_count++;
	}
	return ATHAR_OK;
}

/* Only items that a list has have it. */
static athar_status get_known(athar_item *item, const athar_json *json, athar_error *err)
{
	const athar_json *known = athar_json_get(json, "known");

	if (known == NULL)
		return ATHAR_OK;
	if (athar_value_kind(known) != ATHAR_KIND_ARRAY)
		return athar_place_missing("known", err);
	item->known = athar_json_copy(known);
	return item->known != NULL ? ATHAR_OK
	                           : athar_fail(err, ATHAR_ENOMEM, "memory ran out at an item");
}

static athar_status get_all(athar_item *item, const athar_json *json, athar_error *err)
{
	const athar_json *hashes = athar_json_get(json, "hashes");
	const athar_json *also = athar_json_get(json, "also");

	ATHAR_TRY(get_numbers(item, json, err));
	ATHAR_TRY(get_texts(item, json, err));
	ATHAR_TRY(get_fields(item, json, err));
	ATHAR_TRY(get_known(item, json, err));
	ATHAR_TRY(athar_place_get(item, json, err));
	if (athar_value_kind(hashes) != ATHAR_KIND_OBJECT)
		return athar_place_missing("hashes", err);
	athar_digests_from_json(&item->hashes, hashes);
	if (athar_value_kind(also) != ATHAR_KIND_ARRAY)
		return athar_place_missing("also", err);
	if (athar_json_count(also) == 0)
		return ATHAR_OK;
	item->also = athar_json_copy(also);
	return item->also != NULL ? ATHAR_OK
	                          : athar_fail(err, ATHAR_ENOMEM, "memory ran out at an item");
}

athar_status athar_item_from_json(athar_item *out, const athar_json *json, athar_error *err)
{
	ATHAR_AUTO(item) athar_item item = ATHAR_ITEM_INIT;
	uint64_t version = 0;

	if (!athar_json_get_number(json, "v", &version) || version == 0)
		return athar_place_missing("v", err);
	if (version > ATHAR_CASE_VERSION)
		return athar_fail(err, ATHAR_EFORMAT,
		                  "an item is in form %llu, this athar knows up to %u: use a "
		                  "newer athar",
		                  (unsigned long long)version, ATHAR_CASE_VERSION);
	ATHAR_TRY(get_all(&item, json, err));
	*out = item;
	item = (athar_item)ATHAR_ITEM_INIT;
	return ATHAR_OK;
}
