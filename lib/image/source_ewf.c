/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * E01 images as a source: chunks are unpacked as they are asked for, a few are kept.
 */
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/check.h"
#include "image/driver.h"
#include "image/ewf.h"
#include "image/faults.h"
#include "image/source_new.h"

#define SLACK 4096       /* a packed chunk may be larger than its media by this */
#define CACHE (2u << 20) /* bytes of chunks that are kept */
#define SLOTS_MAX 32

struct slot {
	uint8_t *media;
	uint64_t index; /* of the chunk, or ATHAR_NOWHERE */
	uint64_t used;  /* when it was asked for last */
	bool damaged;
};

struct ewf {
	athar_ewf_set set;
	athar_chunk chunk; /* as fetched last */
	struct slot slot[SLOTS_MAX];
	size_t slots;
	uint64_t clock;
};

struct kind {
	uint8_t magic[8];
	size_t len;
	const char *refusal; /* NULL: it can be read */
};

static const struct kind kinds[] = {
	{{'E', 'V', 'F', 0x09, 0x0D, 0x0A, 0xFF, 0x00}, 8, NULL},
	{{'L', 'V', 'F', 0x09, 0x0D, 0x0A, 0xFF, 0x00},
         8,
         "holds chosen files (L01), not a medium: export them with the tool that made it"},
	{{'E', 'V', 'F', '2', 0x0D, 0x0A, 0x81, 0x00},
         8,
         "is an Ex01: athar reads E01 only; acquire it again to E01 or raw with the tool that "
         "made it"},
	{{'L', 'E', 'F', '2', 0x0D, 0x0A, 0x81, 0x00},
         8,
         "holds chosen files (Lx01), not a medium: export them with the tool that made it"},
	{{'A', 'D', 'C', 'R', 'Y', 'P', 'T', 0},
         8,
         "is encrypted by FTK Imager (AD encryption): decrypt it there first"},
};

static const struct kind *find_kind(athar_bytes head)
{
	for (size_t i = 0; i < ATHAR_COUNT(kinds); i++)
		if (head.len >= kinds[i].len && memcmp(head.ptr, kinds[i].magic, kinds[i].len) == 0)
			return &kinds[i];
	return NULL;
}

static bool named_e01(const char *path)
{
	const size_t len = strlen(path);

	return len > 4 && (strcasecmp(path + len - 4, ".e01") == 0 ||
	                   strcasecmp(path + len - 5, ".ex01") == 0);
}

/* Also bids for what only has the name: taken for raw, its packed bytes would pass for a disk. */
static int ewf_bid(athar_bytes head, const char *path, unsigned mode)
{
	if (!S_ISREG(mode))
		return 0;
	if (find_kind(head) != NULL)
		return 64;
	return named_e01(path) ? 16 : 0;
}

static athar_status check_kind(const char *path, athar_error *err)
{
	ATHAR_AUTO(media) athar_media m = ATHAR_MEDIA_INIT;
	ATHAR_AUTO(runs) athar_runs bad = ATHAR_RUNS_INIT;
	const struct kind *kind;
	uint8_t head[8] = {0};
	uint64_t size;

	ATHAR_TRY(athar_media_open(&m, path, err));
	ATHAR_TRY(athar_media_size(&size, &m, err));
	ATHAR_TRY(
		athar_media_read(&m, head, (size_t)athar_min(size, sizeof head), 0, 0, &bad, err));
	kind = find_kind((athar_bytes){head, sizeof head, 0});
	if (kind == NULL)
		return athar_fail(
			err, ATHAR_EFORMAT,
			"%s is named like an E01 and does not begin like one: it is damaged; "
			"if it is a raw image, give it another name",
			path);
	if (kind->refusal != NULL)
		return athar_fail(err, ATHAR_EFORMAT, "%s %s", path, kind->refusal);
	return ATHAR_OK;
}

static void describe(athar_source *source, const athar_ewf_set *set)
{
	athar_source_info *info = &source->info;

	info->size = set->media_size;
	info->sector_size = info->physical_sector_size = set->sector_size;
	info->chunk_size = set->chunk_size;
	info->segments = set->segments;
	info->stored = set->stored;
	info->fields = (athar_source_fields){
		.case_number = set->field[ATHAR_EWF_CASE],
		.evidence_number = set->field[ATHAR_EWF_EVIDENCE],
		.description = set->field[ATHAR_EWF_DESCRIPTION],
		.examiner = set->field[ATHAR_EWF_EXAMINER],
		.notes = set->field[ATHAR_EWF_NOTES],
		.acquired = set->field[ATHAR_EWF_ACQUIRED],
		.system_date = set->field[ATHAR_EWF_SYSTEM],
		.software = set->field[ATHAR_EWF_SOFTWARE],
	};
}

/* Damage to a table shows only when its chunks are asked for. */
static void tell(athar_source *source, const athar_ewf_set *set)
{
	if (set->finding[0] != '\0')
		source->info.finding = set->finding;
}

static athar_status make_room(struct ewf *e, athar_error *err)
{
	e->chunk.capacity = (size_t)e->set.chunk_size + SLACK;
	e->chunk.data = athar_alloc(e->chunk.capacity, err);
	if (e->chunk.data == NULL)
		return err->status;
	e->slots = (size_t)athar_min(SLOTS_MAX, athar_max(2, CACHE / e->set.chunk_size));
	for (size_t i = 0; i < e->slots; i++)
		e->slot[i].index = ATHAR_NOWHERE;
	return ATHAR_OK;
}

static athar_status ewf_open(athar_source *source, const char *path, athar_error *err)
{
	struct ewf *e;

	ATHAR_TRY(check_kind(path, err));
	source->state = e = athar_alloc(sizeof *e, err);
	if (e == NULL)
		return err->status;
	ATHAR_TRY(athar_ewf_open(&e->set, path, err));
	ATHAR_TRY(make_room(e, err));
	describe(source, &e->set);
	tell(source, &e->set);
	return athar_source_mark(source, &e->set.errors, err);
}

static void ewf_close(athar_source *source)
{
	struct ewf *e = source->state;

	if (e == NULL)
		return;
	for (size_t i = 0; i < SLOTS_MAX; i++)
		free(e->slot[i].media);
	free(e->chunk.data);
	athar_ewf_close(&e->set);
	free(e);
}

/* Unpacks chunk `index` into out; false in *given when it is damaged. */
static athar_status unpack(struct ewf *e, uint8_t *out, uint64_t index, bool *given,
                           athar_error *err)
{
	char why[120];

	ATHAR_TRY(athar_ewf_fetch(&e->set, index, &e->chunk, err));
	*given = athar_chunk_unpack(out, &e->chunk, why);
	if (!*given)
		memset(out, 0, e->chunk.media);
	return ATHAR_OK;
}

/* The chunk out of the cache, or into it in place of the one not used for longest. */
static athar_status look_up(struct slot **out, struct ewf *e, uint64_t index, athar_error *err)
{
	struct slot *oldest = &e->slot[0];
	bool given;

	for (size_t i = 0; i < e->slots; i++) {
		struct slot *s = &e->slot[i];

		if (s->media != NULL && s->index == index) {
			s->used = ++e->clock;
			*out = s;
			return ATHAR_OK;
		}
		if (s->used < oldest->used)
			oldest = s;
	}
	if (oldest->media == NULL)
		oldest->media = athar_alloc(e->set.chunk_size, err);
	if (oldest->media == NULL)
		return err->status;
	oldest->index = ATHAR_NOWHERE;
	ATHAR_TRY(unpack(e, oldest->media, index, &given, err));
	*oldest = (struct slot){oldest->media, index, ++e->clock, !given};
	*out = oldest;
	return ATHAR_OK;
}

/* len bytes from `skip` bytes into the chunk. Whole chunks go past the cache: who reads in large
 * pieces does not come back for them. */
static athar_status read_chunk(struct ewf *e, uint8_t *out, uint64_t index, size_t skip, size_t len,
                               bool *given, athar_error *err)
{
	struct slot *s = NULL;

	if (len == e->set.chunk_size)
		return unpack(e, out, index, given, err);
	ATHAR_TRY(look_up(&s, e, index, err));
	memcpy(out, s->media + skip, len);
	*given = !s->damaged;
	return ATHAR_OK;
}

static athar_status ewf_read(athar_source *source, void *buf, size_t len, uint64_t offset,
                             athar_runs *bad, athar_error *err)
{
	struct ewf *e = source->state;
	const uint32_t size = e->set.chunk_size;

	for (size_t done = 0; done < len;) {
		const uint64_t at = offset + done;
		const size_t skip = (size_t)(at % size);
		const size_t piece = (size_t)athar_min(len - done, size - skip);
		bool given;

		ATHAR_TRY(
			read_chunk(e, (uint8_t *)buf + done, at / size, skip, piece, &given, err));
		if (!given)
			ATHAR_TRY(athar_runs_add(bad, at, piece, ATHAR_RUN_BAD, err));
		done += piece;
	}
	tell(source, &e->set);
	return ATHAR_OK;
}

static const char *ewf_segment(athar_source *source, uint64_t offset)
{
	const struct ewf *e = source->state;
	const size_t table = athar_ewf_table_of(&e->set, offset / e->set.chunk_size);

	return e->set.segment[e->set.table[table].segment].media.path;
}

static athar_status ewf_fetch(athar_source *source, uint64_t index, athar_chunk *chunk,
                              athar_error *err)
{
	struct ewf *e = source->state;

	if (index >=
	    source->info.size / e->set.chunk_size + (source->info.size % e->set.chunk_size != 0))
		return athar_fail(err, ATHAR_EOF, "%s has no chunk %llu", source->info.path,
		                  (unsigned long long)index);
	ATHAR_TRY(athar_ewf_fetch(&e->set, index, chunk, err));
	tell(source, &e->set);
	return ATHAR_OK;
}

const athar_source_driver athar_source_ewf = {
	.name = "ewf",
	.summary = "Expert Witness (E01, s01), as EnCase, FTK Imager, linen and libewf write it",
	.bid = ewf_bid,
	.open = ewf_open,
	.read = ewf_read,
	.close = ewf_close,
	.segment = ewf_segment,
	.fetch = ewf_fetch,
	.faults = athar_ewf_faults,
};

static athar_status open_standing(athar_source *source, const char *path, athar_error *err)
{
	struct ewf *e = athar_alloc(sizeof *e, err);

	if (e == NULL)
		return err->status;
	source->state = e;
	ATHAR_TRY(athar_ewf_open_standing(&e->set, path, err));
	if (e->set.media_size == 0)
		return ATHAR_OK;
	ATHAR_TRY(make_room(e, err));
	describe(source, &e->set);
	return ATHAR_OK;
}

athar_status athar_source_ewf_standing(athar_source **out, const char *path, athar_error *err)
{
	ATHAR_AUTO(source) athar_source *s = NULL;

	ATHAR_TRY(athar_source_new(&s, &athar_source_ewf, path, err));
	ATHAR_TRY(open_standing(s, path, err));
	*out = ATHAR_GIVE(s);
	return ATHAR_OK;
}
