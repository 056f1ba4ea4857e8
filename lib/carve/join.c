/* SPDX-License-Identifier: BSD-2-Clause */
#include "carve/join.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "carve/joiners.h"
#include "image/driver.h"

/* Bytes kept of the source around the last read. */
#define CACHE (256u << 10)
/* Kinds of landmarks that are kept. */
#define KINDS 32u

typedef struct kept {
	const athar_spot_kind *kind;
	athar_spots spots;
} kept;

struct athar_joining {
	athar_source *source;
	const athar_space *space;
	const athar_format *format;
	uint64_t start, work;
	kept kept[KINDS];
	size_t kept_count;
	athar_blocks blocks;
	uint8_t *cache;
	uint64_t cache_at;
	size_t cache_len;
};

static const athar_joiner jpeg = {.format = "jpeg", .join = athar_join_jpeg};
static const athar_joiner gzip = {.format = "gzip", .join = athar_join_in_order};

static const athar_joiner *const joiners[] = {&athar_joiner_bmff,
                                              &athar_joiner_flac,
                                              &gzip,
                                              &jpeg,
                                              &athar_joiner_ogg,
                                              &athar_joiner_pdf,
                                              &athar_joiner_png,
                                              &athar_joiner_sqlite,
                                              &athar_joiner_zip,
                                              NULL};

const athar_joiner *athar_joiner_find(const char *format)
{
	for (size_t i = 0; joiners[i] != NULL; i++)
		if (strcmp(joiners[i]->format, format) == 0)
			return joiners[i];
	return NULL;
}

void athar_joined_clear(athar_joined *joined)
{
	athar_extents_clear(&joined->extents);
	*joined = (athar_joined){.extents = ATHAR_EXTENTS_INIT};
}

athar_status athar_joining_new(athar_joining **out, athar_source *source, const athar_space *space,
                               athar_error *err)
{
	ATHAR_AUTO(joining) athar_joining *j = athar_alloc(sizeof *j, err);

	if (j == NULL)
		return ATHAR_ENOMEM;
	j->source = source;
	j->space = space;
	j->cache = athar_alloc(CACHE, err);
	if (j->cache == NULL)
		return ATHAR_ENOMEM;
	*out = ATHAR_GIVE(j);
	return ATHAR_OK;
}

void athar_joining_free(athar_joining *j)
{
	if (j == NULL)
		return;
	for (size_t i = 0; i < j->kept_count; i++)
		athar_spots_clear(&j->kept[i].spots);
	athar_blocks_clear(&j->blocks);
	free(j->cache);
	free(j);
}

athar_source *athar_joining_source(const athar_joining *j)
{
	return j->source;
}

const athar_space *athar_joining_space(const athar_joining *j)
{
	return j->space;
}

const athar_format *athar_joining_format(const athar_joining *j)
{
	return j->format;
}

uint64_t athar_joining_start(const athar_joining *j)
{
	return j->start;
}

athar_status athar_joining_spend(athar_joining *j, uint64_t work, athar_error *err)
{
	if (work > j->work) {
		j->work = 0;
		return athar_fail(err, ATHAR_ELIMIT, "its pieces were too much work to look for");
	}
	j->work -= work;
	return ATHAR_OK;
}

uint64_t athar_joining_left(const athar_joining *j)
{
	return j->work;
}

athar_status athar_joining_block(uint8_t *out, athar_joining *j, uint64_t index, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_blocks_get(out, &j->blocks, athar_space_count(j->space), index, err));
	if (*out != 0)
		return ATHAR_OK;
	ATHAR_TRY(
		athar_joining_read(&b, j, athar_space_at(j->space, index), ATHAR_BLOCK_LOOK, err));
	*out = athar_block_look(b.ptr, athar_min(b.len, j->space->block));
	athar_blocks_put(&j->blocks, index, *out);
	return ATHAR_OK;
}

athar_status athar_joining_spots(const athar_spots **out, athar_joining *j,
                                 const athar_spot_kind *kind, athar_error *err)
{
	kept *k;

	for (size_t i = 0; i < j->kept_count; i++) {
		*out = &j->kept[i].spots;
		if (j->kept[i].kind == kind)
			return ATHAR_OK;
	}
	if (j->kept_count == KINDS)
		return athar_fail(err, ATHAR_EUSAGE, "there are more kinds of landmarks than kept");
	k = &j->kept[j->kept_count++];
	k->kind = kind;
	*out = &k->spots;
	return athar_spots_find(&k->spots, j->source, j->space, kind, err);
}

athar_status athar_joining_measure(athar_claim *out, athar_joining *j, const athar_extents *x,
                                   athar_error *err)
{
	ATHAR_AUTO(source) athar_source *file = NULL;
	ATHAR_AUTO(reader) athar_reader *reader = NULL;
	const uint64_t size = athar_extents_size(x);

	ATHAR_TRY(athar_joining_spend(j, size, err));
	ATHAR_TRY(athar_source_extents(&file, j->source, x, err));
	ATHAR_TRY(athar_reader_new(&reader, file, 0, size, 0, err));
	return j->format->measure(out, reader, err);
}

static athar_status load(athar_joining *j, uint64_t offset, size_t len, athar_error *err)
{
	ATHAR_AUTO(runs) athar_runs bad = ATHAR_RUNS_INIT;
	/* most look a little back as well as ahead */
	const uint64_t from = offset - athar_min(offset, (CACHE - len) / 4);

	j->cache_len = 0;
	j->cache_at = from;
	return athar_source_read(j->source, j->cache, CACHE, from, &j->cache_len, &bad, err);
}

athar_status athar_joining_read(athar_bytes *out, athar_joining *j, uint64_t offset, size_t len,
                                athar_error *err)
{
	len = (size_t)athar_min(athar_min(len, CACHE), athar_space_left(j->space, offset));
	if (offset < j->cache_at || !athar_inside(offset - j->cache_at, len, j->cache_len))
		ATHAR_TRY(load(j, offset, len, err));
	const size_t skip = (size_t)athar_min(offset - j->cache_at, j->cache_len);

	*out = (athar_bytes){.ptr = j->cache + skip,
	                     .len = (size_t)athar_min(len, j->cache_len - skip),
	                     .origin = offset};
	return ATHAR_OK;
}

athar_status athar_join_file(athar_joined *out, bool *done, athar_joining *j,
                             const athar_format *format, uint64_t start, uint64_t work,
                             athar_error *err)
{
	const athar_joiner *joiner = athar_joiner_find(format->name);

	*done = false;
	*out = (athar_joined){.extents = ATHAR_EXTENTS_INIT};
	if (joiner == NULL)
		return ATHAR_OK;
	j->format = format;
	j->start = start;
	j->work = work;
	ATHAR_TRY(joiner->join(out, done, j, err));
	if (!*done)
		return ATHAR_OK;
	/* the judge's work is not the joiner's */
	j->work = UINT64_MAX;
	ATHAR_TRY(athar_joining_measure(&out->claim, j, &out->extents, err));
	*done = out->claim.ours && out->claim.grade >= ATHAR_GRADE_COMPLETE &&
	        (!out->claim.alike || joiner->tells_apart) &&
	        out->claim.length == athar_extents_size(&out->extents);
	return ATHAR_OK;
}
