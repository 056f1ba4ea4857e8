/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Items that an earlier run has listed, taken out now: what it knew of them stands, and so do their
 * grades. A run is never edited: they go into a new one.
 */
#include <string.h>

#include "base/alloc.h"
#include "engine/carving.h"
#include "engine/numbers.h"

typedef struct again {
	athar_carving *k;
	athar_numbers wanted;
	athar_spool *finds;
	uint64_t total;
} again;

static void clear(again *a)
{
	athar_numbers_clear(&a->wanted);
	athar_spool_free(a->finds);
}

ATHAR_DEFINE_AUTO_VALUE(again, again, clear)

/* By its file system: what a container has packed says itself how it is had. */
static bool is_derived(const athar_item *item)
{
	for (size_t i = 0; i < item->extents.count && item->via_count == 0; i++)
		if (item->extents.extent[i].kind == ATHAR_EXTENT_DERIVED)
			return true;
	return false;
}

static bool has_places(const athar_item *item)
{
	for (size_t i = 0; i < item->extents.count; i++)
		if (item->extents.extent[i].kind != ATHAR_EXTENT_MISSING)
			return true;
	return false;
}

static void copy_texts(athar_find *f, const athar_item *item)
{
	const athar_format *format = athar_format_find(item->type);

	(void)snprintf(f->address, sizeof f->address, "%s", item->address);
	(void)snprintf(f->why, sizeof f->why, "%s", item->why);
	(void)snprintf(f->format, sizeof f->format, "%s", item->type);
	(void)snprintf(f->subtype, sizeof f->subtype, "%s", item->subtype);
	(void)snprintf(f->extension, sizeof f->extension, "%s",
	               format == NULL ? "" : format->extension);
	memcpy(f->owner, item->owner, sizeof f->owner);
	memcpy(f->group, item->group, sizeof f->group);
	memcpy(f->mode, item->mode, sizeof f->mode);
	memcpy(f->times, item->times, sizeof f->times);
	f->time_count = item->time_count;
	memcpy(f->field, item->field, sizeof f->field);
	f->field_count = item->field_count;
}

/* The item's own, but for the path and the places, which are borrowed. */
static void fill_find(athar_find *f, const athar_item *item)
{
	*f = (athar_find)ATHAR_FIND_INIT;
	f->method = item->method;
	f->state = item->state;
	f->path = item->path;
	f->path_len = item->path_len;
	f->size = item->size;
	f->extents = item->extents;
	memcpy(f->via, item->via, sizeof f->via);
	f->via_count = item->via_count;
	f->packed = item->packed;
	f->volume = item->volume;
	f->settled = true;
	f->grade = item->grade;
	f->reused = item->bytes_reused;
	f->reused_at = item->reused_at;
	f->bad = item->bytes_bad;
	copy_texts(f, item);
}

static athar_status take_item(void *user, const athar_item *item, athar_error *err)
{
	ATHAR_AUTO(wire) athar_wire w = ATHAR_WIRE_INIT;
	again *a = user;
	athar_find f;

	if (!athar_numbers_have(&a->wanted, item->number))
		return ATHAR_OK;
	fill_find(&f, item);
	f.readable = item->size == 0 || has_places(item);
	if (is_derived(item) && !athar_find_parse_address(&f, item->address))
		return athar_fail(err, ATHAR_EFORMAT, "item %llu: its address makes no sense",
		                  (unsigned long long)item->number);
	a->total += item->size;
	athar_find_wire(&w, &f);
	ATHAR_TRY(athar_wire_check(&w, err));
	return athar_spool_add(a->finds, (athar_bytes){.ptr = w.bytes, .len = w.len}, err);
}

static athar_status last_run(void *user, const char *name, const athar_json *fields,
                             athar_error *err)
{
	char **last = user;

	(void)fields;
	free(*last);
	*last = athar_copy_text(name, err);
	return *last == NULL ? ATHAR_ENOMEM : ATHAR_OK;
}

athar_status athar_carving_earlier(athar_carving *k, athar_error *err)
{
	if (k->options->of_run != NULL) {
		k->earlier = athar_copy_text(k->options->of_run, err);
		return k->earlier == NULL ? ATHAR_ENOMEM : ATHAR_OK;
	}
	ATHAR_TRY(athar_runs_of_exhibit(k->c, k->out->slug, last_run, &k->earlier, err));
	return k->earlier != NULL
	               ? ATHAR_OK
	               : athar_fail(err, ATHAR_EUSAGE, "exhibit %s has no carve run", k->out->slug);
}

athar_status athar_carving_again(athar_carving *k, athar_error *err)
{
	ATHAR_AUTO(again) again a = {.k = k};
	const athar_extract_plan all = {.phase = "recover"};
	athar_extract_plan plan = all;

	ATHAR_TRY(athar_numbers_parse(&a.wanted, k->options->extract, err));
	ATHAR_TRY(athar_spool_new(&a.finds, athar_case_folder(k->c), err));
	ATHAR_TRY(athar_run_each_item(k->c, k->out->slug, k->earlier, take_item, &a, err));
	if (athar_spool_count(a.finds) != athar_numbers_count(&a.wanted))
		return athar_fail(err, ATHAR_EUSAGE,
		                  "%s has not all of these items: %llu of %llu are there",
		                  k->earlier, (unsigned long long)athar_spool_count(a.finds),
		                  (unsigned long long)athar_numbers_count(&a.wanted));
	plan.total = a.total;
	return athar_carving_extract(k, a.finds, &plan, err);
}
