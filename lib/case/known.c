/* SPDX-License-Identifier: BSD-2-Clause */
#include "case/known.h"

#include <string.h>

void athar_known_clear(athar_known *known)
{
	for (size_t i = 0; i < known->count; i++) {
		free(known->list[i].name);
		free(known->list[i].format);
		athar_hash_set_close(known->list[i].set);
	}
	free(known->list);
	*known = (athar_known){.list = NULL};
}

unsigned athar_known_algorithms(const athar_known *known)
{
	unsigned mask = 0;

	for (size_t i = 0; i < known->count; i++)
		mask |= athar_hash_set_algorithms(known->list[i].set);
	return mask;
}

static athar_json *match_json(const athar_known_list *list, uint8_t category)
{
	athar_json *o = athar_json_object();

	athar_json_set_text(o, "list", list->name);
	if (category == ATHAR_HASH_NO_CATEGORY)
		athar_json_set_null(o, "category");
	else
		athar_json_set_number(o, "category", category);
	return o;
}

athar_status athar_known_look_up(athar_json **out, athar_known *known, const athar_digests *hashes,
                                 athar_error *err)
{
	*out = NULL;
	for (size_t i = 0; i < known->count; i++) {
		athar_known_list *list = &known->list[i];
		uint8_t category = ATHAR_HASH_NO_CATEGORY;

		list->hit = athar_hash_set_find(&category, list->set, hashes);
		if (!list->hit)
			continue;
		if (*out == NULL && (*out = athar_json_array()) == NULL)
			return athar_fail(err, ATHAR_ENOMEM, "memory ran out at an item");
		athar_json_append(*out, match_json(list, category));
	}
	return ATHAR_OK;
}

void athar_known_count(athar_known *known)
{
	bool any = false;

	for (size_t i = 0; i < known->count; i++) {
		known->list[i].matches += known->list[i].hit;
		any = any || known->list[i].hit;
	}
	known->compared++;
	known->matched += any;
}

/* ---- run.json ---- */

static athar_json *algorithms_json(unsigned mask)
{
	athar_json *names = athar_json_array();

	for (unsigned bit = 0; bit < ATHAR_DIGEST_COUNT; bit++)
		if (mask & 1u << bit)
			athar_json_append_text(names, athar_digest_name(1u << bit));
	return names;
}

static athar_json *origin_json(const athar_hash_origin *origin)
{
	athar_json *o = athar_json_object();

	athar_json_set_bytes(o, "name", origin->name, strlen(origin->name));
	athar_json_set_text(o, "sha256", origin->sha256);
	athar_json_set_number(o, "entries", origin->entries);
	athar_json_set_number(o, "unread", origin->unread);
	athar_json_set_signed(o, "date", origin->date);
	return o;
}

static athar_json *list_json(const athar_known_list *list)
{
	athar_json *o = origin_json(&list->origin);
	athar_json *origins = athar_json_array();

	athar_json_set_text(o, "name", list->name);
	athar_json_set_text(o, "format", list->format);
	athar_json_set(o, "algorithms", algorithms_json(athar_hash_set_algorithms(list->set)));
	athar_json_set_number(o, "hashes", athar_hash_set_count(list->set, ATHAR_DIGEST_ALL));
	athar_json_set_number(o, "matches", list->matches);
	for (size_t i = 0; i < athar_hash_set_origins(list->set); i++) {
		const athar_hash_origin origin = athar_hash_set_origin(list->set, i);

		athar_json_append(origins, origin_json(&origin));
	}
	athar_json_set(o, "of", origins);
	return o;
}

athar_json *athar_known_to_json(const athar_known *known)
{
	athar_json *o = athar_json_object();
	athar_json *lists = athar_json_array();

	for (size_t i = 0; i < known->count; i++)
		athar_json_append(lists, list_json(&known->list[i]));
	athar_json_set(o, "lists", lists);
	athar_json_set_bool(o, "skip", known->skip);
	athar_json_set_number(o, "compared", known->compared);
	athar_json_set_number(o, "matched", known->matched);
	athar_json_set_number(o, "not_compared", known->not_compared);
	return o;
}
