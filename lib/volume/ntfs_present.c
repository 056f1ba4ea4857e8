/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/ntfs_present.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "image/driver.h"

#define PIECE ((size_t)1 << 20)
#define RECORDS_MOST ((uint64_t)1 << 26)
#define IN_USE (UINT32_C(1) << 16)

/* $MFT was created with the volume. Some systems leave one of its times out. */
static uint64_t formatted(const athar_ntfs_record *r)
{
	athar_ntfs_standard standard = {.created = 0};
	athar_ntfs_name name = {.created = 0};

	(void)athar_ntfs_record_standard(&standard, r);
	(void)athar_ntfs_record_name(&name, r);
	return athar_max(standard.created, name.created);
}

static bool has_index(const athar_ntfs_record *r)
{
	athar_ntfs_attr attr;

	for (uint32_t at = 0; athar_ntfs_attr_next(&attr, r, &at);) {
		if (attr.type == ATHAR_NTFS_TYPE_ALLOCATION)
			return true;
	}
	return r->folder;
}

static athar_status note_index(athar_ntfs_present *p, const athar_ntfs_record *r, athar_error *err)
{
	if (!has_index(r))
		return ATHAR_OK;
	ATHAR_TRY(athar_grow(&p->indexed, &p->indexed_capacity, p->indexed_count + 1,
	                     sizeof *p->indexed, err));
	p->indexed[p->indexed_count++] = (uint32_t)r->ref.number;
	return ATHAR_OK;
}

static athar_status take_record(athar_ntfs_present *p, uint64_t number, uint8_t *bytes,
                                athar_error *err)
{
	athar_ntfs_record r;
	athar_ntfs_name name;

	if (athar_ntfs_record_size(bytes) != p->record ||
	    !athar_ntfs_record_parse(&r, bytes, p->record))
		return ATHAR_OK;
	p->use[number] = r.ref.sequence | (r.in_use ? IN_USE : 0);
	if (number == 0)
		p->formatted = formatted(&r);
	r.ref.number = number;
	ATHAR_TRY(note_index(p, &r, err));
	if (!r.in_use)
		ATHAR_TRY(athar_ntfs_claims_add(&p->claims, &r, &p->ground, err));
	if (r.folder && r.base.number == 0 && athar_ntfs_record_name(&name, &r))
		return athar_ntfs_folders_add(&p->folders, r.ref, &name, err);
	return ATHAR_OK;
}

/* The records of one piece; what the image does not have reads as zeros and is none. */
static athar_status take_piece(athar_ntfs_present *p, uint8_t *piece, uint64_t at, size_t len,
                               athar_error *err)
{
	for (size_t i = 0; i + p->record <= len; i += p->record) {
		const uint64_t number = (at + i) / p->record;

		if (number < p->count)
			ATHAR_TRY(take_record(p, number, piece + i, err));
	}
	return ATHAR_OK;
}

static athar_status read_extent(athar_ntfs_present *p, athar_walk *w, const athar_extent *x,
                                uint8_t *piece, athar_error *err)
{
	uint64_t at = athar_round_down(x->logical, p->record);
	const uint64_t end = x->logical + x->length;

	for (size_t got = 1; at < end && got > 0; at += got) {
		ATHAR_TRY(athar_walk_beat(w, err));
		ATHAR_TRY(athar_walk_read(w, p->mft, piece, (size_t)athar_min(PIECE, end - at), at,
		                          &got, err));
		ATHAR_TRY(take_piece(p, piece, at, got, err));
		got = (size_t)athar_round_down(got, p->record);
	}
	return ATHAR_OK;
}

/* Runs that lead over the same clusters again and again are not followed for ever. */
static athar_status read_table(athar_ntfs_present *p, athar_walk *w, athar_error *err)
{
	const athar_extents *extents = &w->volume->mft.extents;
	ATHAR_AUTO(free) uint8_t *piece = athar_alloc(PIECE, err);
	uint64_t left = w->volume->info.length;

	if (piece == NULL)
		return err->status;
	for (size_t i = 0; i < extents->count && extents->extent[i].length <= left; i++) {
		if (extents->extent[i].kind != ATHAR_EXTENT_DATA)
			continue;
		left -= extents->extent[i].length;
		ATHAR_TRY(read_extent(p, w, &extents->extent[i], piece, err));
	}
	athar_ntfs_folders_sort(&p->folders);
	return ATHAR_OK;
}

static athar_status place_table(athar_ntfs_present *p, athar_walk *w, athar_error *err)
{
	const athar_volume *v = w->volume;
	uint64_t count = athar_extents_size(&v->mft.extents) / v->mft.record;

	p->record = v->mft.record;
	p->ground =
		(athar_ntfs_ground){v->base, v->fs->block_size, v->info.length / v->fs->block_size,
	                            (uint64_t)v->image->tsk.size};
	count = athar_min(count, athar_min(RECORDS_MOST, v->info.length / v->mft.record));
	ATHAR_TRY(athar_source_extents(&p->mft, v->image->source, &v->mft.extents, err));
	p->use = athar_alloc_array((size_t)count, sizeof *p->use, err);
	if (p->use == NULL)
		return err->status;
	p->count = (size_t)count;
	return read_table(p, w, err);
}

athar_status athar_ntfs_present_load(athar_ntfs_present **out, athar_walk *w, athar_error *err)
{
	const athar_mft *mft = &w->volume->mft;
	ATHAR_AUTO(ntfs_present) athar_ntfs_present *p = athar_alloc(sizeof *p, err);

	if (p == NULL)
		return err->status;
	if (mft->record >= ATHAR_NTFS_RECORD_LEAST && mft->extents.count > 0)
		ATHAR_TRY(place_table(p, w, err));
	ATHAR_TRY(athar_ntfs_claims_settle(&p->claims, err));
	*out = ATHAR_GIVE(p);
	return ATHAR_OK;
}

void athar_ntfs_present_free(athar_ntfs_present *present)
{
	if (present == NULL)
		return;
	athar_source_close(present->mft);
	free(present->use);
	free(present->indexed);
	athar_ntfs_folders_clear(&present->folders);
	athar_ntfs_claims_clear(&present->claims);
	free(present);
}

bool athar_ntfs_present_has(const athar_ntfs_present *present, athar_ntfs_ref ref)
{
	return ref.number < present->count && present->use[ref.number] == (ref.sequence | IN_USE);
}

bool athar_ntfs_present_record(athar_ntfs_record *out, uint8_t bytes[ATHAR_NTFS_RECORD_MOST],
                               const athar_ntfs_present *present, uint64_t number)
{
	athar_error err = ATHAR_ERROR_INIT;
	size_t got = 0;

	return number < present->count &&
	       athar_source_read(present->mft, bytes, present->record, number * present->record,
	                         &got, NULL, &err) == ATHAR_OK &&
	       got == present->record && athar_ntfs_record_size(bytes) == present->record &&
	       athar_ntfs_record_parse(out, bytes, present->record);
}
