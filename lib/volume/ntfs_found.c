/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/ntfs_found.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "base/sort.h"
#include "volume/layout_ntfs.h"
#include "volume/ntfs_free.h"
#include "volume/ntfs_index.h"

#define RECORDS_MOST ((size_t)2000000)
#define INDEXES_MOST ((size_t)1000000)
#define SECTOR 512u

typedef struct search {
	athar_ntfs_found *out;
	athar_walk *w;
	athar_ntfs_present *present;
} search;

void athar_ntfs_found_clear(athar_ntfs_found *found)
{
	free(found->record);
	free(found->part);
	free(found->index);
	athar_ntfs_folders_clear(&found->folders);
	athar_seen_clear(&found->uses);
	athar_seen_clear(&found->shifts);
}

bool athar_ntfs_found_read(athar_ntfs_record *out, uint8_t bytes[ATHAR_NTFS_RECORD_MOST],
                           athar_tsk_image *image, uint64_t at)
{
	uint32_t size;

	if (!athar_tsk_image_get(image, bytes, SECTOR, at))
		return false;
	size = athar_ntfs_record_size(bytes);
	return size != 0 && athar_tsk_image_get(image, bytes, size, at) &&
	       athar_ntfs_record_parse(out, bytes, size);
}

/* ---- whose they are ---- */

static uint64_t shift_of(uint64_t at, uint64_t number, uint32_t record_size)
{
	return at - number * record_size;
}

bool athar_ntfs_found_anchored(const athar_ntfs_found *found, const athar_ntfs_lost_record *lost,
                               uint32_t record_size)
{
	return lost->numbered &&
	       athar_seen_has(&found->shifts, shift_of(lost->at, lost->key >> 16, record_size));
}

static athar_status anchor_boot(search *s, uint64_t at, athar_error *err)
{
	uint8_t boot[ATHAR_NTFS_BOOT];
	athar_ntfs_layout layout;
	bool fresh;

	if (!athar_tsk_image_get(s->w->volume->image, boot, sizeof boot, at) ||
	    !athar_ntfs_layout_read(&layout, boot))
		return ATHAR_OK;
	return athar_seen_add(&s->out->shifts, s->w->volume->base + layout.mft, &fresh, err);
}

/* A table that began where the present one begins, or where the copy of the boot sector says. */
static athar_status anchor_boots(search *s, athar_error *err)
{
	const athar_volume_info *info = &s->w->volume->info;

	ATHAR_TRY(anchor_boot(s, info->offset, err));
	return info->length < SECTOR ? ATHAR_OK
	                             : anchor_boot(s, info->offset + info->length - SECTOR, err);
}

static unsigned log2_of(uint64_t value)
{
	return value == 0 ? 0 : 63u - (unsigned)__builtin_clzll(value);
}

athar_ntfs_ground athar_ntfs_found_ground(const athar_ntfs_found *found, const athar_volume *volume,
                                          bool former, uint64_t cluster)
{
	athar_ntfs_ground ground = {.base = volume->base, .cluster = cluster};

	if (cluster == 0) {
		ground.cluster = volume->fs->block_size;
		for (unsigned i = 0, most = 0; former && i < ATHAR_COUNT(found->votes); i++) {
			if (found->votes[i] <= most)
				continue;
			most = found->votes[i];
			ground.cluster = UINT64_C(1) << i;
		}
	}
	ground.clusters = volume->info.length / ground.cluster;
	ground.end = (uint64_t)volume->image->tsk.size;
	return ground;
}

/* The folder's first block lies where the record says, and says that it is this folder's. */
static bool leads_to_index(const search *s, const athar_ntfs_record *r, const athar_ntfs_attr *attr,
                           bool former)
{
	const athar_volume *volume = s->w->volume;
	const athar_ntfs_ground ground =
		athar_ntfs_found_ground(s->out, volume, former, athar_ntfs_attr_cluster(attr));
	ATHAR_AUTO(ntfs_stream) athar_ntfs_stream stream = {.count = 0};
	athar_error err = ATHAR_ERROR_INIT;
	uint8_t block[SECTOR];
	athar_ntfs_ref parent;
	bool good;

	return athar_ntfs_stream_part(&stream, attr, &ground, &good, &err) == ATHAR_OK && good &&
	       stream.count > 0 && stream.run[0].kind == ATHAR_EXTENT_DATA &&
	       athar_tsk_image_get(volume->image, block, sizeof block,
	                           ground.base + stream.run[0].cluster * ground.cluster) &&
	       athar_ntfs_index_owner(&parent, block, sizeof block) &&
	       athar_ntfs_ref_key(parent) == athar_ntfs_ref_key(r->ref);
}

/* What the attributes tell of the volume that the record is of. */
static athar_status take_evidence(search *s, const athar_ntfs_record *r,
                                  const athar_ntfs_lost_record *lost, athar_error *err)
{
	athar_ntfs_attr attr;
	bool fresh;

	for (uint32_t at = 0; athar_ntfs_attr_next(&attr, r, &at);) {
		const uint64_t cluster = athar_ntfs_attr_cluster(&attr);

		if (lost->former && cluster != 0)
			s->out->votes[log2_of(cluster)]++;
		if (attr.type != ATHAR_NTFS_TYPE_ALLOCATION || attr.first != 0 || attr.resident ||
		    !r->folder || athar_ntfs_found_anchored(s->out, lost, r->size) ||
		    !lost->numbered || !leads_to_index(s, r, &attr, lost->former))
			continue;
		ATHAR_TRY(athar_seen_add(&s->out->shifts,
		                         shift_of(lost->at, r->ref.number, r->size), &fresh, err));
	}
	return ATHAR_OK;
}

/* ---- the search ---- */

static bool is_former(const search *s, const athar_ntfs_record *r)
{
	athar_ntfs_standard standard;

	return s->present->formatted != 0 && athar_ntfs_record_standard(&standard, r) &&
	       standard.changed != 0 && standard.changed < s->present->formatted;
}

static athar_status keep(search *s, uint64_t at, const athar_ntfs_record *r, athar_error *err)
{
	athar_ntfs_found *out = s->out;
	const athar_ntfs_lost_record lost = {
		.at = at,
		.key = athar_ntfs_ref_key(r->ref),
		.base = r->base.number == 0 ? 0 : athar_ntfs_ref_key(r->base),
		.in_use = r->in_use,
		.numbered = r->numbered,
		.former = is_former(s, r),
	};
	athar_ntfs_name name;
	bool fresh;

	if (out->count >= RECORDS_MOST) {
		out->full = true;
		return ATHAR_OK;
	}
	ATHAR_TRY(
		athar_grow(&out->record, &out->capacity, out->count + 1, sizeof *out->record, err));
	out->record[out->count++] = lost;
	if (r->numbered)
		ATHAR_TRY(athar_seen_add(&out->uses, lost.key, &fresh, err));
	if (r->folder && r->numbered && lost.base == 0 && athar_ntfs_record_name(&name, r))
		ATHAR_TRY(athar_ntfs_folders_add(&out->folders, r->ref, &name, err));
	ATHAR_TRY(athar_ntfs_claims_add(&s->present->claims, r, &s->present->ground, err));
	return take_evidence(s, r, &lost, err);
}

static athar_status on_record(void *user, uint64_t at, uint8_t *bytes, size_t len, athar_error *err)
{
	search *s = user;
	const uint32_t size = len < SECTOR ? 0 : athar_ntfs_record_size(bytes);
	athar_ntfs_record r;

	if (size == 0 || size > len)
		return ATHAR_OK;
	if (athar_ntfs_record_parse(&r, bytes, size))
		return keep(s, at, &r, err);
	s->out->torn++;
	return ATHAR_OK;
}

static athar_status on_index(void *user, uint64_t at, uint8_t *bytes, size_t len, athar_error *err)
{
	athar_ntfs_found *out = ((search *)user)->out;

	if (athar_ntfs_index_size(bytes, len) == 0)
		return ATHAR_OK;
	if (out->index_count >= INDEXES_MOST) {
		out->full = true;
		return ATHAR_OK;
	}
	ATHAR_TRY(athar_grow(&out->index, &out->index_capacity, out->index_count + 1,
	                     sizeof *out->index, err));
	out->index[out->index_count++] = at;
	return ATHAR_OK;
}

/* ---- continuations ---- */

static int by_base(const void *a, const void *b, const void *user)
{
	const athar_ntfs_found *found = user;
	const size_t x = *(const size_t *)a;
	const size_t y = *(const size_t *)b;

	if (found->record[x].base != found->record[y].base)
		return found->record[x].base < found->record[y].base ? -1 : 1;
	return x < y ? -1 : x > y;
}

static athar_status sort_parts(athar_ntfs_found *found, athar_error *err)
{
	found->part = athar_alloc_array(found->count, sizeof *found->part, err);
	if (found->part == NULL)
		return err->status;
	for (size_t i = 0; i < found->count; i++) {
		if (found->record[i].base != 0)
			found->part[found->part_count++] = i;
	}
	athar_sort(found->part, found->part_count, sizeof *found->part, by_base, found);
	return ATHAR_OK;
}

/* Index of the first continuation of this base or a later one. */
static size_t first_part(const athar_ntfs_found *found, uint64_t base)
{
	size_t from = 0;
	size_t to = found->part_count;

	while (from < to) {
		const size_t middle = from + (to - from) / 2;

		if (found->record[found->part[middle]].base < base)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

size_t athar_ntfs_found_parts(size_t *first, const athar_ntfs_found *found, uint64_t key)
{
	*first = first_part(found, key);
	return key == UINT64_MAX ? found->part_count : first_part(found, key + 1);
}

athar_status athar_ntfs_found_search(athar_ntfs_found *out, athar_walk *w,
                                     athar_ntfs_present *present, athar_error *err)
{
	search s = {out, w, present};
	const athar_ntfs_free to = {on_record, on_index, &s};

	ATHAR_TRY(anchor_boots(&s, err));
	ATHAR_TRY(athar_ntfs_free_search(&to, w, err));
	athar_ntfs_folders_sort(&out->folders);
	return sort_parts(out, err);
}
