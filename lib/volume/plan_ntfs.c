/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * NTFS: $MFT's own record says where all records are, and they say where folders and all else of
 * the system lies. $Bitmap, record 6, says what is in use.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "image/lacking.h"
#include "volume/layout_ntfs.h"
#include "volume/plan.h"

#define BITMAP_RECORD 6u
#define SYSTEM_RECORDS 16u /* what the system keeps for itself, together at the beginning */
#define MIRROR_RECORDS 4u
#define RECORD_MOST 4096u
#define LIST_MOST (256u << 10) /* NTFS's own bound */

typedef struct ntfs {
	athar_plan *plan;
	athar_ntfs_layout layout;
	athar_extents mft;
	uint8_t record[RECORD_MOST], other[RECORD_MOST];
	athar_plan_pile *pile; /* for pieces */
} ntfs;

static void ntfs_end(ntfs *n)
{
	athar_extents_clear(&n->mft);
}
ATHAR_DEFINE_AUTO_VALUE(ntfs, ntfs, ntfs_end)

static athar_status add_piece(void *user, uint64_t offset, uint64_t length, athar_error *err)
{
	const ntfs *n = user;

	return athar_plan_add(n->plan, n->pile, offset, length, err);
}

typedef struct part {
	ntfs *n;
	athar_extents *out;
} part;

static athar_status extend(void *user, uint64_t offset, uint64_t length, athar_error *err)
{
	const part *p = user;

	return athar_plan_extend(p->n->plan, p->out, offset, length, err);
}

/* Where in the volume a record lies in one piece; ATHAR_NOWHERE: nowhere yet. */
static uint64_t place_of(const ntfs *n, uint64_t number)
{
	uint64_t at;

	if (!athar_mul(number, n->layout.record, &at))
		return ATHAR_NOWHERE;
	for (size_t i = 0; i < n->mft.count; i++) {
		const athar_extent *x = &n->mft.extent[i];

		if (at < x->logical || at - x->logical >= x->length)
			continue;
		if (x->kind != ATHAR_EXTENT_DATA ||
		    x->length - (at - x->logical) < n->layout.record)
			return ATHAR_NOWHERE;
		return x->image + (at - x->logical) - n->plan->info->offset;
	}
	return ATHAR_NOWHERE;
}

static athar_status get_record(ntfs *n, bool *there, uint64_t place, uint8_t *record,
                               athar_error *err)
{
	*there = false;
	if (place != ATHAR_NOWHERE)
		ATHAR_TRY(athar_plan_get(n->plan, &n->plan->maps, there, place, record,
		                         n->layout.record, err));
	*there = *there && athar_ntfs_record_open(record, n->layout.record);
	n->plan->whole = n->plan->whole && *there;
	return ATHAR_OK;
}

/* What of the content without a name the record describes. */
static athar_status take_data(ntfs *n, athar_extents *out, const uint8_t *record, bool later,
                              athar_error *err)
{
	part p = {n, out};
	athar_ntfs_attribute a;

	for (uint32_t at = 0; athar_ntfs_attribute_next(&a, record, n->layout.record, &at);) {
		if (a.type == ATHAR_NTFS_DATA && !a.named && !a.resident && (a.first != 0) == later)
			ATHAR_TRY(
				athar_ntfs_runs_each(&n->layout, a.bytes, a.len, extend, &p, err));
	}
	return ATHAR_OK;
}

/* The parts that stand in other records, in the order of the list, which is theirs. */
static athar_status take_listed(ntfs *n, athar_extents *out, uint64_t number, const uint8_t *list,
                                size_t len, athar_error *err)
{
	uint64_t other;
	bool there;

	for (size_t at = 0; athar_ntfs_list_next(&other, list, len, ATHAR_NTFS_DATA, &at);) {
		if (other == 0 || other == number)
			continue;
		ATHAR_TRY(get_record(n, &there, place_of(n, other), n->other, err));
		if (there)
			ATHAR_TRY(take_data(n, out, n->other, true, err));
	}
	return ATHAR_OK;
}

/* A list too long for its record. */
static athar_status take_list(ntfs *n, athar_extents *out, uint64_t number,
                              const athar_ntfs_attribute *a, athar_error *err)
{
	ATHAR_AUTO(extents) athar_extents places = ATHAR_EXTENTS_INIT;
	ATHAR_AUTO(source) athar_source *content = NULL;
	ATHAR_AUTO(free) uint8_t *list = NULL;
	const size_t len = (size_t)athar_min(a->size, LIST_MOST);
	part p = {n, &places};
	bool there;

	if (a->resident)
		return take_listed(n, out, number, a->bytes, a->len, err);
	n->pile = &n->plan->maps;
	ATHAR_TRY(athar_ntfs_runs_each(&n->layout, a->bytes, a->len, add_piece, n, err));
	ATHAR_TRY(athar_plan_settle(n->plan, &there, err));
	if (!there)
		return ATHAR_OK;
	ATHAR_TRY(athar_ntfs_runs_each(&n->layout, a->bytes, a->len, extend, &p, err));
	list = athar_alloc(len, err);
	if (list == NULL)
		return ATHAR_ENOMEM;
	ATHAR_TRY(athar_source_extents(&content, n->plan->source, &places, err));
	ATHAR_TRY(athar_plan_read(n->plan, content, 0, list, len, err));
	return take_listed(n, out, number, list, len, err);
}

/* Where the content of a file of the system lies. */
static athar_status find_file(ntfs *n, athar_extents *out, uint64_t number, uint64_t place,
                              athar_error *err)
{
	athar_ntfs_attribute a;
	bool there;

	ATHAR_TRY(get_record(n, &there, place, n->record, err));
	if (!there)
		return ATHAR_OK;
	ATHAR_TRY(take_data(n, out, n->record, false, err));
	for (uint32_t at = 0; athar_ntfs_attribute_next(&a, n->record, n->layout.record, &at);) {
		if (a.type == ATHAR_NTFS_LIST)
			ATHAR_TRY(take_list(n, out, number, &a, err));
	}
	return ATHAR_OK;
}

static athar_status add_file(ntfs *n, athar_plan_pile *pile, const athar_extents *x,
                             athar_error *err)
{
	for (size_t i = 0; i < x->count; i++)
		if (x->extent[i].kind == ATHAR_EXTENT_DATA)
			ATHAR_TRY(athar_plan_add(n->plan, pile,
			                         x->extent[i].image - n->plan->info->offset,
			                         x->extent[i].length, err));
	return ATHAR_OK;
}

static athar_status find_maps(ntfs *n, athar_error *err)
{
	ATHAR_AUTO(extents) athar_extents bitmap = ATHAR_EXTENTS_INIT;
	athar_plan *p = n->plan;
	const uint64_t record = n->layout.record;

	ATHAR_TRY(athar_plan_add(p, &p->maps, n->layout.mft, SYSTEM_RECORDS * record, err));
	ATHAR_TRY(athar_plan_add(p, &p->rest, n->layout.mirror, MIRROR_RECORDS * record, err));
	ATHAR_TRY(find_file(n, &n->mft, 0, n->layout.mft, err));
	ATHAR_TRY(find_file(n, &bitmap, BITMAP_RECORD, place_of(n, BITMAP_RECORD), err));
	return add_file(n, &p->maps, &bitmap, err);
}

/* The log and the list of bad clusters are files like others; $MFT and its mirror are known. */
static bool of_system(uint64_t number)
{
	return (number == 3 || number == 4) || (number >= 9 && number < SYSTEM_RECORDS);
}

/* All but content: folders, lists of attributes, rights, keys. */
static athar_status take_record(ntfs *n, uint64_t number, uint8_t *record, athar_error *err)
{
	athar_ntfs_attribute a;

	if (!athar_ntfs_record_open(record, n->layout.record))
		return ATHAR_OK;
	for (uint32_t at = 0; athar_ntfs_attribute_next(&a, record, n->layout.record, &at);) {
		if (!a.resident && (a.type != ATHAR_NTFS_DATA || of_system(number)))
			ATHAR_TRY(athar_ntfs_runs_each(&n->layout, a.bytes, a.len, add_piece, n,
			                               err));
	}
	return ATHAR_OK;
}

static athar_status take_records(ntfs *n, athar_error *err)
{
	ATHAR_AUTO(source) athar_source *mft = NULL;
	athar_plan *p = n->plan;
	const uint64_t size = athar_min(athar_extents_size(&n->mft), p->info->length);
	const size_t record = n->layout.record;

	n->pile = &p->rest;
	ATHAR_TRY(athar_source_extents(&mft, p->source, &n->mft, err));
	for (uint64_t at = 0; at < size && !p->full; at += ATHAR_PLAN_BUFFER) {
		const size_t len = (size_t)athar_min(ATHAR_PLAN_BUFFER, size - at);

		ATHAR_TRY(athar_plan_read(p, mft, at, p->buffer, len, err));
		for (size_t i = 0; len - i >= record; i += record)
			ATHAR_TRY(take_record(n, (at + i) / record, p->buffer + i, err));
	}
	return ATHAR_OK;
}

athar_status athar_plan_ntfs(athar_plan *p, athar_error *err)
{
	ATHAR_AUTO(ntfs) ntfs n = {.plan = p};
	uint8_t boot[ATHAR_NTFS_BOOT];
	bool there;

	ATHAR_TRY(athar_plan_get(p, &p->maps, &there, 0, boot, sizeof boot, err));
	p->whole = p->whole && there && athar_ntfs_layout_read(&n.layout, boot);
	if (!p->whole)
		return ATHAR_OK;
	ATHAR_TRY(find_maps(&n, err));
	if (p->maps_only)
		return ATHAR_OK;
	ATHAR_TRY(add_file(&n, &p->rest, &n.mft, err));
	ATHAR_TRY(athar_plan_settle(p, &there, err));
	return there ? take_records(&n, err) : ATHAR_OK;
}
