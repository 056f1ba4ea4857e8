/* SPDX-License-Identifier: BSD-2-Clause */
/* A hit as it is written down. */
#include "athar/search.h"
#include "base/idiom.h"

static athar_json *owner_json(const athar_search_hit *hit)
{
	const athar_place *p = hit->owner;
	athar_json *o = athar_json_object();

	athar_json_set_text(o, "kind", athar_place_kind_name(p->kind));
	if (p->volume >= 0)
		athar_json_set_number(o, "volume", (uint64_t)p->volume);
	if (p->file_system[0] != '\0')
		athar_json_set_text(o, "file_system", p->file_system);
	if (p->kind != ATHAR_PLACE_FILE && p->kind != ATHAR_PLACE_SLACK)
		return o;
	if (p->path != NULL)
		athar_json_set_bytes(o, "path", p->path, p->path_len);
	athar_json_set_text(o, "state", athar_state_name(p->state));
	athar_json_set_text(o, "address", p->address);
	athar_json_set_number(o, "from", p->from);
	athar_json_set_number(o, "size", p->size);
	if (hit->owners != 0)
		athar_json_set_number(o, "more_files", hit->owners);
	return o;
}

athar_json *athar_search_hit_to_json(const athar_search_hit *hit,
                                     const athar_search_options *options)
{
	const athar_search_pattern *pattern = &options->pattern[hit->pattern];
	athar_json *o = athar_json_object();

	athar_json_set_number(o, "hit", hit->number);
	athar_json_set_text(o, "kind", athar_search_kind_name(pattern->kind));
	if (pattern->text != NULL)
		athar_json_set_text(o, "pattern", pattern->text);
	athar_json_set_text(o, "encoding", athar_search_encoding_name(hit->encoding));
	athar_json_set_number(o, "offset", hit->offset);
	athar_json_set_number(o, "length", hit->length);
	athar_json_set_bytes(o, "before", hit->before.ptr, hit->before.len);
	athar_json_set_bytes(o, "text", hit->text.ptr, hit->text.len);
	athar_json_set_bytes(o, "after", hit->after.ptr, hit->after.len);
	if (hit->owner != NULL)
		athar_json_set(o, "owner", owner_json(hit));
	else
		athar_json_set_null(o, "owner");
	return o;
}
