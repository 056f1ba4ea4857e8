/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * FAT and exFAT: the boot sector says where the table is, the table where folders go on, and only
 * folders where other folders are: they are taken level by level.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "image/lacking.h"
#include "volume/layout_fat.h"
#include "volume/plan.h"
#include "volume/seen.h"

#define FOLDER_MOST ((uint64_t)16 << 20) /* bytes of one that are looked at */
#define FOLDERS_MOST 1000000u

typedef struct fat {
	athar_plan *plan;
	athar_fat_layout layout;
	athar_fat_child *queue;
	size_t count, capacity;
	athar_seen seen;
} fat;

static void fat_end(fat *f)
{
	free(f->queue);
	athar_seen_clear(&f->seen);
}
ATHAR_DEFINE_AUTO_VALUE(fat, fat, fat_end)

static athar_status enqueue(void *user, const athar_fat_child *c, athar_error *err)
{
	fat *f = user;
	bool fresh;

	ATHAR_TRY(athar_seen_add(&f->seen, c->cluster, &fresh, err));
	if (!fresh)
		return ATHAR_OK;
	if (f->count >= FOLDERS_MOST)
		return athar_fail(err, ATHAR_ELIMIT, "more than %u folders", FOLDERS_MOST);
	ATHAR_TRY(athar_grow(&f->queue, &f->capacity, f->count + 1, sizeof *f->queue, err));
	f->queue[f->count++] = *c;
	return ATHAR_OK;
}

/* False where the chain ends. */
static athar_status next(const fat *f, uint64_t *cluster, bool *more, athar_error *err)
{
	const size_t width = f->layout.bits == 32 ? 4 : 2;
	const uint64_t at = athar_fat_layout_entry(&f->layout, *cluster);
	uint8_t entry[4];

	*more = false;
	if (!athar_inside(at, width, f->layout.table) ||
	    !athar_inside(f->layout.reserved + at, width, f->plan->info->length))
		return ATHAR_OK;
	ATHAR_TRY(athar_plan_read(f->plan, f->plan->source,
	                          f->plan->info->offset + f->layout.reserved + at, entry, width,
	                          err));
	*more = athar_fat_layout_next(cluster, &f->layout, entry, *cluster);
	return ATHAR_OK;
}

/* Of what is deleted the table has forgotten all but the beginning. */
static athar_status places_of(const fat *f, athar_extents *out, const athar_fat_child *c,
                              athar_error *err)
{
	const uint64_t size = f->layout.cluster;
	const uint64_t most = c->length == 0 ? FOLDER_MOST : athar_min(c->length, FOLDER_MOST);
	uint64_t cluster = c->cluster;
	bool more = true;

	for (uint64_t done = 0; more && done < most; done += size) {
		ATHAR_TRY(athar_plan_extend(f->plan, out, f->layout.data + (cluster - 2) * size,
		                            size, err));
		if (c->contiguous)
			more = ++cluster - 2 < f->layout.clusters;
		else if (c->deleted)
			more = false;
		else
			ATHAR_TRY(next(f, &cluster, &more, err));
	}
	return ATHAR_OK;
}

/* A folder below another begins with itself on FAT, with a file on exFAT: else the place was given
 * to something else. */
static bool believable(const fat *f, const athar_fat_child *c, const uint8_t *bytes, size_t len)
{
	if (c->cluster == f->layout.root_cluster)
		return true;
	if (f->layout.exfat)
		return !c->deleted || bytes[0] == 0x85 || bytes[0] == 0x05;
	return len >= 32 && memcmp(bytes, ".          ", 11) == 0 && (bytes[11] & 0x10) != 0;
}

static athar_status read_folder(fat *f, const athar_fat_child *c, const athar_extents *x,
                                athar_error *err)
{
	ATHAR_AUTO(source) athar_source *content = NULL;
	const size_t len = (size_t)athar_extents_size(x);
	ATHAR_AUTO(free) uint8_t *bytes = athar_alloc(len, err);

	if (bytes == NULL)
		return ATHAR_ENOMEM;
	ATHAR_TRY(athar_source_extents(&content, f->plan->source, x, err));
	ATHAR_TRY(athar_plan_read(f->plan, content, 0, bytes, len, err));
	if (!believable(f, c, bytes, len))
		return ATHAR_OK;
	return athar_fat_layout_children(&f->layout, bytes, len, enqueue, f, err);
}

static athar_status add_places(const fat *f, athar_plan_pile *pile, const athar_extents *x,
                               athar_error *err)
{
	for (size_t i = 0; i < x->count; i++)
		if (x->extent[i].kind == ATHAR_EXTENT_DATA)
			ATHAR_TRY(athar_plan_add(f->plan, pile,
			                         x->extent[i].image - f->plan->info->offset,
			                         x->extent[i].length, err));
	return ATHAR_OK;
}

static bool is_there(const athar_plan *p, const athar_extents *x)
{
	for (size_t i = 0; i < x->count; i++)
		if (x->extent[i].kind == ATHAR_EXTENT_DATA &&
		    !athar_lacking_has(p->source, x->extent[i].image, x->extent[i].length))
			return false;
	return true;
}

/* The root of exFAT leads to its bitmap, which is needed for the maps. */
static athar_status take_child(fat *f, const athar_fat_child *c, athar_error *err)
{
	ATHAR_AUTO(extents) athar_extents x = ATHAR_EXTENTS_INIT;
	athar_plan *p = f->plan;
	const bool root = c->folder && c->cluster == f->layout.root_cluster;
	const bool map = f->layout.exfat && (c->map || root);
	bool there;

	if (p->maps_only && !map)
		return ATHAR_OK;
	ATHAR_TRY(places_of(f, &x, c, err));
	ATHAR_TRY(add_places(f, map ? &p->maps : &p->rest, &x, err));
	if (!c->folder)
		return ATHAR_OK;
	there = is_there(p, &x);
	p->whole = p->whole && there;
	return there ? read_folder(f, c, &x, err) : ATHAR_OK;
}

static athar_status take_fixed_root(fat *f, athar_error *err)
{
	ATHAR_AUTO(extents) athar_extents x = ATHAR_EXTENTS_INIT;
	const athar_fat_child root = {.folder = true, .cluster = f->layout.root_cluster};

	if (f->layout.root_length == 0 || f->plan->maps_only)
		return ATHAR_OK;
	ATHAR_TRY(athar_plan_extend(f->plan, &x, f->layout.root, f->layout.root_length, err));
	return is_there(f->plan, &x) ? read_folder(f, &root, &x, err) : ATHAR_OK;
}

static athar_status take_folders(fat *f, athar_error *err)
{
	const athar_fat_child root = {.folder = true, .cluster = f->layout.root_cluster};

	ATHAR_TRY(take_fixed_root(f, err));
	if (root.cluster >= 2 && root.cluster - 2 < f->layout.clusters)
		ATHAR_TRY(enqueue(f, &root, err));
	for (size_t i = 0; i < f->count && !f->plan->full; i++) {
		const athar_fat_child c = f->queue[i];

		ATHAR_TRY(take_child(f, &c, err));
	}
	return ATHAR_OK;
}

athar_status athar_plan_fat(athar_plan *p, bool exfat, athar_error *err)
{
	ATHAR_AUTO(fat) fat f = {.plan = p};
	uint8_t boot[ATHAR_FAT_BOOT];
	bool there;

	ATHAR_TRY(athar_plan_get(p, &p->maps, &there, 0, boot, sizeof boot, err));
	p->whole = p->whole && there && athar_fat_layout_read(&f.layout, boot, exfat);
	if (!p->whole)
		return ATHAR_OK;
	ATHAR_TRY(athar_plan_add(p, &p->maps, 0, f.layout.reserved, err));
	ATHAR_TRY(athar_plan_add(p, &p->maps, f.layout.reserved, f.layout.table, err));
	ATHAR_TRY(athar_plan_add(p, &p->rest, f.layout.reserved, f.layout.tables, err));
	ATHAR_TRY(athar_plan_add(p, &p->rest, f.layout.root, f.layout.root_length, err));
	ATHAR_TRY(athar_plan_settle(p, &there, err));
	return there ? take_folders(&f, err) : ATHAR_OK;
}
