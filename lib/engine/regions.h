/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The stretches of an image in which the pieces of one file may lie: each file system, and what
 * lies outside of all. Each has its own blocks.
 */
#ifndef ATHAR_ENGINE_REGIONS_H
#define ATHAR_ENGINE_REGIONS_H

#include "engine/survey.h"

typedef struct athar_region {
	uint64_t offset, length; /* in the image */
	uint32_t most;           /* its blocks are not larger */
	uint32_t block;
	uint64_t base; /* the border of a block */
	athar_runs free;
	uint64_t generation; /* of the free runs */
	/* where files begin in it, by the largest block that they could be the border of */
	uint64_t *start;
	size_t starts, capacity;
} athar_region;

typedef struct athar_regions {
	athar_region *region; /* the last is what lies outside of all */
	size_t count;
	uint64_t generation; /* the last one given */
} athar_regions;

/* The free space of the image, shared out among its file systems. mapped: those whose blocks in use
 * are known. */
athar_status athar_regions_make(athar_regions *out, const athar_survey *survey, const bool *mapped,
                                const athar_runs *free, athar_error *err);
void athar_regions_clear(athar_regions *regions);
ATHAR_DEFINE_AUTO_VALUE(regions, athar_regions, athar_regions_clear)

/* The one that holds this offset. */
athar_region *athar_regions_at(athar_regions *regions, uint64_t offset);
/* A file begins there: its block does, too. */
athar_status athar_region_start(athar_region *region, uint64_t offset, athar_error *err);
/* Once all beginnings are told: how large the blocks are, and where their borders lie. FAT counts
 * its clusters from where its data begin, and of what lies outside nobody says anything: where
 * files begin tells both. */
void athar_region_settle(athar_region *region);
/* Nobody's any more: this content is somebody's. The rest of its last block is, too. */
athar_status athar_region_take(athar_regions *regions, uint64_t offset, uint64_t length,
                               athar_error *err);

#endif
