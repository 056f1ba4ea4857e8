/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/regions.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"

#define SECTOR 512u
/* Of what no file system is known of. */
#define BLOCK_MOST 65536u
/* Beginnings that are kept: more of them tell nothing new. */
#define STARTS_MOST 65536u
/* So few of them may lie together by chance. */
#define STARTS_LEAST 8u

void athar_regions_clear(athar_regions *regions)
{
	for (size_t i = 0; i < regions->count; i++) {
		athar_runs_clear(&regions->region[i].free);
		free(regions->region[i].start);
	}
	free(regions->region);
	*regions = (athar_regions){.count = 0};
}

/* ---- sharing out ---- */

static bool is_power(uint32_t n)
{
	return n >= SECTOR && (n & (n - 1)) == 0;
}

static void add_volume(athar_regions *out, const athar_volume_info *v)
{
	for (size_t i = 0; i < out->count; i++)
		if (v->offset < out->region[i].offset + out->region[i].length &&
		    out->region[i].offset < v->offset + v->length)
			return;
	out->region[out->count++] =
		(athar_region){.offset = v->offset,
	                       .length = v->length,
	                       .most = is_power(v->block_size) ? v->block_size : SECTOR};
}

/* The part of the free space that lies in the region, out of `rest`. */
static athar_status cut_out(athar_region *r, athar_runs *rest, athar_error *err)
{
	const uint64_t end = r->offset + r->length;

	for (size_t i = athar_runs_find(rest, r->offset); i < rest->count; i++) {
		const uint64_t from = athar_max(rest->run[i].offset, r->offset);
		const uint64_t to = athar_min(rest->run[i].offset + rest->run[i].length, end);

		if (from >= end)
			break;
		ATHAR_TRY(athar_runs_add(&r->free, from, to - from, ATHAR_RUN_DATA, err));
	}
	return athar_runs_remove(rest, r->offset, r->length, err);
}

static athar_status copy(athar_runs *out, const athar_runs *runs, athar_error *err)
{
	for (size_t i = 0; i < runs->count; i++)
		ATHAR_TRY(athar_runs_add(out, runs->run[i].offset, runs->run[i].length,
		                         ATHAR_RUN_DATA, err));
	return ATHAR_OK;
}

athar_status athar_regions_make(athar_regions *out, const athar_survey *survey, const bool *mapped,
                                const athar_runs *free, athar_error *err)
{
	ATHAR_AUTO(runs) athar_runs rest = ATHAR_RUNS_INIT;
	athar_region *outside;

	out->region = athar_alloc_array(survey->count + 1, sizeof *out->region, err);
	if (out->region == NULL)
		return ATHAR_ENOMEM;
	for (size_t i = 0; i < survey->count; i++)
		if (mapped[i] && survey->volume[i].file_system)
			add_volume(out, &survey->volume[i]);
	ATHAR_TRY(copy(&rest, free, err));
	for (size_t i = 0; i < out->count; i++)
		ATHAR_TRY(cut_out(&out->region[i], &rest, err));
	outside = &out->region[out->count++];
	*outside = (athar_region){.length = survey->size, .most = BLOCK_MOST, .free = rest};
	rest = (athar_runs)ATHAR_RUNS_INIT;
	for (size_t i = 0; i < out->count; i++)
		out->region[i].generation = ++out->generation;
	return ATHAR_OK;
}

athar_region *athar_regions_at(athar_regions *regions, uint64_t offset)
{
	for (size_t i = 0; i + 1 < regions->count; i++)
		if (offset >= regions->region[i].offset &&
		    offset - regions->region[i].offset < regions->region[i].length)
			return &regions->region[i];
	return &regions->region[regions->count - 1];
}

/* ---- how large its blocks are ---- */

athar_status athar_region_start(athar_region *r, uint64_t offset, athar_error *err)
{
	if (r->starts == STARTS_MOST)
		return ATHAR_OK;
	ATHAR_TRY(athar_grow(&r->start, &r->capacity, r->starts + 1, sizeof *r->start, err));
	r->start[r->starts++] = offset;
	return ATHAR_OK;
}

/* Beginnings that would be borders if one were at `base`. */
static size_t votes(const athar_region *r, uint32_t block, uint64_t base)
{
	size_t n = 0;

	for (size_t i = 0; i < r->starts; i++)
		n += r->start[i] % block == base % block;
	return n;
}

/* What most beginnings have in common: Boyer and Moore's majority, then counted. */
static uint64_t favourite(const athar_region *r, uint32_t block)
{
	uint64_t best = 0;
	size_t lead = 0;

	for (size_t i = 0; i < r->starts; i++) {
		if (lead == 0)
			best = r->start[i] % block;
		lead += r->start[i] % block == best ? 1 : (size_t)-1;
	}
	return best;
}

/* A few do not count: what lies inside files that are gone begins anywhere. */
static bool agree(const athar_region *r, uint32_t block, uint64_t base)
{
	return votes(r, block, base) * 20 >= r->starts * 19;
}

void athar_region_settle(athar_region *r)
{
	r->block = SECTOR;
	r->base = 0;
	for (uint32_t block = r->most; block > SECTOR; block /= 2) {
		const uint64_t base = favourite(r, block);

		if (r->starts >= STARTS_LEAST && agree(r, block, base)) {
			r->block = block;
			r->base = base;
			return;
		}
	}
}

/* ---- what is left ---- */

athar_status athar_region_take(athar_regions *regions, uint64_t offset, uint64_t length,
                               athar_error *err)
{
	athar_region *r = athar_regions_at(regions, offset);
	const uint64_t in_block = r->block == 0 ? 0 : (offset - r->base % r->block) % r->block;
	uint64_t end = 0;

	if (r->block != 0 && athar_add(length, in_block, &end))
		length = athar_round_up(end, r->block) - in_block;
	return athar_runs_remove(&r->free, offset, length, err);
}
