/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/fat_orphans.h"

#include "base/alloc.h"
#include "base/check.h"
#include "volume/fat_folder.h"

#define PIECE ((uint64_t)1 << 20)
#define ORPHANS_MOST ((size_t)4000000)
#define FOLDER 0x10

/* One go over the free clusters. */
typedef struct search {
	athar_fat_orphans *out;
	const athar_fat *fat;
	athar_tsk_image *image;
	athar_status (*beat)(void *user, athar_error *err);
	void *user;
	uint8_t *piece;
} search;

static athar_status found(search *s, uint64_t at, uint64_t folder, athar_error *err)
{
	athar_fat_orphans *out = s->out;
	const athar_fat *fat = s->fat;

	if (out->count >= ORPHANS_MOST)
		return athar_fail(err, ATHAR_ELIMIT, "there are more than %zu orphaned entries",
		                  ORPHANS_MOST);
	ATHAR_TRY(
		athar_grow(&out->orphan, &out->capacity, out->count + 1, sizeof *out->orphan, err));
	out->orphan[out->count++] = (athar_fat_orphan){
		.address = athar_fat_address(fat, at),
		.cluster = (at - fat->data) / fat->cluster + 2,
		.folder = folder,
	};
	return ATHAR_OK;
}

static athar_status take_directory(search *s, const uint8_t *cluster, uint64_t at, athar_error *err)
{
	const size_t count = athar_fat_entries(s->fat, cluster);

	for (size_t i = 0; i < count; i++) {
		const uint8_t *e = cluster + i * ATHAR_FAT_ENTRY;
		bool doubtful;

		if (e[0] == '.' || athar_fat_name_piece(e) || !athar_fat_entry_likely(s->fat, e))
			continue;
		ATHAR_TRY(found(s, at + i * ATHAR_FAT_ENTRY,
		                (e[11] & FOLDER) != 0 ? athar_fat_first(s->fat, e, &doubtful) : 0,
		                err));
	}
	return ATHAR_OK;
}

static athar_status take_sets(search *s, const uint8_t *cluster, uint64_t at, athar_error *err)
{
	const uint32_t size = s->fat->cluster;

	for (uint32_t i = 0; i + 3 * ATHAR_FAT_ENTRY <= size; i += ATHAR_FAT_ENTRY) {
		athar_exfat_set set;

		if ((cluster[i] & 0x7F) != 5 || (cluster[i + ATHAR_FAT_ENTRY] & 0x7F) != 0x40 ||
		    !athar_exfat_set_parse(&set, cluster + i, size - i) || !set.proven)
			continue;
		ATHAR_TRY(found(s, at + i, set.folder ? set.first : 0, err));
	}
	return ATHAR_OK;
}

static athar_status take_piece(search *s, uint64_t at, size_t len, athar_error *err)
{
	for (size_t i = 0; i + s->fat->cluster <= len; i += s->fat->cluster) {
		const uint8_t *cluster = s->piece + i;

		if (s->fat->exfat)
			ATHAR_TRY(take_sets(s, cluster, at + i, err));
		else if (cluster[0] != 0)
			ATHAR_TRY(take_directory(s, cluster, at + i, err));
	}
	return ATHAR_OK;
}

/* Whole clusters of [at, end), all free. */
static athar_status take_free(search *s, uint64_t at, uint64_t end, athar_error *err)
{
	const uint64_t most = athar_max(PIECE, s->fat->cluster);

	for (uint64_t len; at < end; at += len) {
		ATHAR_AUTO(runs) athar_runs bad = ATHAR_RUNS_INIT;
		size_t got;

		len = athar_min(most, end - at);
		ATHAR_TRY(athar_source_read(s->image->source, s->piece, (size_t)len, at, &got, &bad,
		                            err));
		if (bad.count > 0)
			s->image->failed++;
		ATHAR_TRY(take_piece(s, at, got, err));
		ATHAR_TRY(s->beat(s->user, err));
	}
	return ATHAR_OK;
}

athar_status athar_fat_orphans_find(athar_fat_orphans *out, const athar_fat *fat,
                                    athar_tsk_image *image, const athar_runs *allocated,
                                    athar_status (*beat)(void *user, athar_error *err), void *user,
                                    athar_error *err)
{
	const uint64_t end = fat->data + fat->clusters * fat->cluster;
	ATHAR_AUTO(free) uint8_t *piece = athar_alloc((size_t)athar_max(PIECE, fat->cluster), err);
	search s = {out, fat, image, beat, user, piece};
	uint64_t at = fat->data;

	if (piece == NULL)
		return err->status;
	for (size_t i = athar_runs_find(allocated, at); i < allocated->count && at < end; i++) {
		const athar_run *run = &allocated->run[i];

		if (run->offset > at)
			ATHAR_TRY(take_free(&s, at, athar_min(run->offset, end), err));
		at = athar_max(at, run->offset + run->length);
	}
	return at < end ? take_free(&s, at, end, err) : ATHAR_OK;
}

void athar_fat_orphans_clear(athar_fat_orphans *orphans)
{
	free(orphans->orphan);
	*orphans = (athar_fat_orphans){NULL, 0, 0};
}
