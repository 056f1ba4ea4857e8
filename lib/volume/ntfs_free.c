/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/ntfs_free.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "volume/ntfs_stream.h"

#define PIECE ((size_t)1 << 20)
#define SECTOR 512u

typedef struct search {
	const athar_ntfs_free *to;
	athar_walk *w;
	uint8_t *piece; /* PIECE and ATHAR_NTFS_AHEAD */
} search;

/* One comparison of four bytes a sector: this is gone over at the speed of the medium. */
static athar_status take_piece(const search *s, uint64_t at, size_t len, size_t got,
                               athar_error *err)
{
	const athar_ntfs_free *to = s->to;

	for (size_t i = 0; i < len && i + SECTOR <= got; i += SECTOR) {
		uint8_t *bytes = s->piece + i;

		if (memcmp(bytes, "FILE", 4) == 0 || memcmp(bytes, "BAAD", 4) == 0)
			ATHAR_TRY(to->record(to->user, at + i, bytes, got - i, err));
		else if (memcmp(bytes, "INDX", 4) == 0)
			ATHAR_TRY(to->index(to->user, at + i, bytes, got - i, err));
	}
	return ATHAR_OK;
}

static athar_status take_range(const search *s, uint64_t at, uint64_t end, athar_error *err)
{
	for (uint64_t len; at < end; at += len) {
		size_t got = 0;

		len = athar_min(PIECE, end - at);
		ATHAR_TRY(athar_walk_read(s->w, s->w->volume->image->source, s->piece,
		                          (size_t)len + ATHAR_NTFS_AHEAD, at, &got, err));
		ATHAR_TRY(take_piece(s, at, (size_t)len, got, err));
		ATHAR_TRY(athar_walk_beat(s->w, err));
	}
	return ATHAR_OK;
}

static athar_status take_free(const search *s, const athar_runs *allocated, athar_error *err)
{
	const athar_volume_info *info = &s->w->volume->info;
	const uint64_t end = info->offset + info->length;
	uint64_t at = info->offset;

	for (size_t i = athar_runs_find(allocated, at); i < allocated->count && at < end; i++) {
		const athar_run *run = &allocated->run[i];

		if (run->offset > at)
			ATHAR_TRY(take_range(s, at, athar_min(run->offset, end), err));
		at = athar_max(at, run->offset + run->length);
	}
	return take_range(s, at, end, err);
}

/* The table's clusters behind its last record. */
static athar_status table_extents(athar_extents *out, athar_walk *w, athar_error *err)
{
	const athar_volume *v = w->volume;
	const athar_ntfs_ground ground = {v->base, v->fs->block_size,
	                                  v->info.length / v->fs->block_size,
	                                  (uint64_t)v->image->tsk.size};
	ATHAR_AUTO(ntfs_stream) athar_ntfs_stream s = {.count = 0};
	uint8_t bytes[ATHAR_NTFS_RECORD_MOST];
	athar_ntfs_record r;
	athar_ntfs_attr attr;
	bool good = true;

	if (v->mft.extents.count == 0 || v->mft.extents.extent[0].kind != ATHAR_EXTENT_DATA ||
	    !athar_tsk_image_get(v->image, bytes, v->mft.record, v->mft.extents.extent[0].image) ||
	    athar_ntfs_record_size(bytes) != v->mft.record ||
	    !athar_ntfs_record_parse(&r, bytes, v->mft.record))
		return ATHAR_OK;
	for (uint32_t at = 0; good && athar_ntfs_attr_next(&attr, &r, &at);) {
		if (attr.type == ATHAR_NTFS_TYPE_DATA && attr.name_len == 0 && !attr.resident)
			ATHAR_TRY(athar_ntfs_stream_part(&s, &attr, &ground, &good, err));
	}
	s.size = s.initialized = s.clusters * ground.cluster;
	return athar_ntfs_stream_extents(out, &s, &ground, err);
}

static athar_status take_reserve(const search *s, athar_error *err)
{
	const uint64_t known = athar_extents_size(&s->w->volume->mft.extents);
	ATHAR_AUTO(extents) athar_extents all = ATHAR_EXTENTS_INIT;
	uint64_t left = s->w->volume->info.length;

	ATHAR_TRY(table_extents(&all, s->w, err));
	for (size_t i = 0; i < all.count; i++) {
		const athar_extent *x = &all.extent[i];
		const uint64_t skip =
			known > x->logical ? athar_min(known - x->logical, x->length) : 0;

		if (x->kind != ATHAR_EXTENT_DATA || x->length - skip > left)
			continue;
		left -= x->length - skip;
		ATHAR_TRY(take_range(s, x->image + skip, x->image + x->length, err));
	}
	return ATHAR_OK;
}

athar_status athar_ntfs_free_search(const athar_ntfs_free *to, athar_walk *w, athar_error *err)
{
	const athar_runs *allocated = athar_volume_allocated_runs(w->volume);
	ATHAR_AUTO(free) uint8_t *piece = NULL;
	search s = {to, w, NULL};

	if (allocated == NULL)
		return athar_fail(err, ATHAR_EFORMAT, "which clusters are free is not known");
	piece = athar_alloc(PIECE + ATHAR_NTFS_AHEAD, err);
	if (piece == NULL)
		return err->status;
	s.piece = piece;
	ATHAR_TRY(take_free(&s, allocated, err));
	return take_reserve(&s, err);
}
