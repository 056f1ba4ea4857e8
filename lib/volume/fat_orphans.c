/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/fat_orphans.h"

#include <ctype.h>
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"

#define PIECE ((uint64_t)1 << 20)
#define ORPHANS_MOST ((size_t)4000000)
#define FREED 0xE5
#define LABEL 0x08
#define FOLDER 0x10
#define LONG_NAME 0x0F

/* One go over the free clusters. */
typedef struct search {
	athar_fat_orphans *out;
	const athar_fat *fat;
	athar_tsk_image *image;
	athar_status (*beat)(void *user, athar_error *err);
	void *user;
	uint8_t *piece;
} search;

static bool is_zero(const uint8_t *p, size_t len)
{
	return len == 0 || (p[0] == 0 && memcmp(p, p + 1, len - 1) == 0);
}

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

static bool date_valid(unsigned date)
{
	const unsigned month = date >> 5 & 15;

	return month >= 1 && month <= 12 && (date & 31) >= 1;
}

static bool time_valid(unsigned time)
{
	return time >> 11 < 24 && (time >> 5 & 63) < 60 && (time & 31) < 30;
}

/* Short names are of upper case letters, digits and a few signs; bytes from 0x80 on are of a code
 * page. */
static bool name_valid(const uint8_t *e)
{
	if (e[0] == ' ' || (e[0] == FREED && e[1] == ' ' && e[2] != ' '))
		return false;
	for (size_t i = e[0] == FREED || e[0] == 5 ? 1 : 0; i < 11; i++) {
		if (e[i] < ' ' || islower(e[i]) || strchr("\"*+,./:;<=>?[\\]|\x7f", e[i]) != NULL)
			return false;
	}
	return true;
}

static bool is_dot(const uint8_t *e)
{
	return memcmp(e, ".          ", 11) == 0 || memcmp(e, "..         ", 11) == 0;
}

static bool is_long_name(const uint8_t *e)
{
	return e[11] == LONG_NAME && e[12] == 0 && athar_le16(e + 26) == 0 &&
	       (e[0] == FREED || ((e[0] & 0x3F) >= 1 && (e[0] & 0x3F) <= 20));
}

/* A file or folder that could be one of this volume. */
static bool is_file(const athar_fat *fat, const uint8_t *e)
{
	const uint32_t size = athar_le32(e + 28);
	bool doubtful;
	const uint64_t first = athar_fat_first(fat, e, &doubtful);

	if (!name_valid(e) || (e[11] & 0xC0) != 0 || (e[11] & LABEL) != 0 ||
	    !date_valid(athar_le16(e + 24)) || !time_valid(athar_le16(e + 22)))
		return false;
	if ((e[11] & FOLDER) != 0)
		return size == 0 && athar_fat_place(fat, first) != ATHAR_NOWHERE;
	if (size == 0)
		return first == 0;
	return athar_fat_place(fat, first) != ATHAR_NOWHERE && size <= fat->clusters * fat->cluster;
}

/* How many entries a cluster begins with; 0: it is no piece of a directory. */
static size_t directory_entries(const athar_fat *fat, const uint8_t *cluster)
{
	const size_t slots = fat->cluster / ATHAR_FAT_ENTRY;
	size_t i = 0;

	for (; i < slots && cluster[i * ATHAR_FAT_ENTRY] != 0; i++) {
		const uint8_t *e = cluster + i * ATHAR_FAT_ENTRY;

		if (!is_dot(e) && !is_long_name(e) && !is_file(fat, e) && (e[11] & 0x3F) != LABEL)
			return 0;
	}
	/* One entry alone is only believed with nothing behind it. */
	if (i < 2 && !is_zero(cluster + i * ATHAR_FAT_ENTRY, (slots - i) * ATHAR_FAT_ENTRY))
		return 0;
	return i;
}

static athar_status take_directory(search *s, const uint8_t *cluster, uint64_t at, athar_error *err)
{
	const size_t count = directory_entries(s->fat, cluster);

	for (size_t i = 0; i < count; i++) {
		const uint8_t *e = cluster + i * ATHAR_FAT_ENTRY;
		bool doubtful;

		if (is_dot(e) || is_long_name(e) || !is_file(s->fat, e))
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
