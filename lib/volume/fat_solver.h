/* SPDX-License-Identifier: BSD-2-Clause */
/* The search for the clusters of deleted files, as its files share it. */
#ifndef ATHAR_VOLUME_FAT_SOLVER_H
#define ATHAR_VOLUME_FAT_SOLVER_H

#include "format/format.h"
#include "volume/fat_held.h"
#include "volume/fat_map.h"
#include "volume/order.h"

/* Which clusters a file is not to be given, beside those that are busy. */
enum {
	ATHAR_FAT_SKIP_KEPT = 1,
	ATHAR_FAT_SKIP_BEGUN = 2,
	ATHAR_FAT_SKIP_RANGES = 4, /* all that follow where another begins, as many as it has */
	ATHAR_FAT_IN_ONE = 8       /* none may be skipped */
};

#define ATHAR_FAT_GAPS 8

/* A way to lay a file over the clusters. */
typedef struct athar_fat_plan {
	uint64_t first;
	unsigned skip;
	struct {
		uint64_t keep; /* clusters of the file before it */
		uint64_t drop; /* clusters that could be the file's and are not */
	} gap[ATHAR_FAT_GAPS];
	unsigned gaps;
} athar_fat_plan;

typedef struct athar_fat_solver {
	athar_walk *w;
	const athar_fat *fat;
	athar_fat_holding *holding;
	athar_fat_map map;
	athar_keyed *by_first; /* the open ones, by their first cluster */
	size_t open;
	uint64_t work;    /* bytes that may still be looked at */
	uint64_t extents; /* pieces kept in all */
	uint64_t steps;   /* since the last beat */
} athar_fat_solver;

/* *whole: there were clusters enough. */
athar_status athar_fat_lay(athar_extents *out, bool *whole, athar_fat_solver *s,
                           const athar_fat_held *h, const athar_fat_plan *plan, athar_error *err);
/* What its format says of the content in these places. False in *proven, too, where no format does,
 * or there is no more work to be spent. */
athar_status athar_fat_ask(bool *proven, athar_claim *claim, athar_fat_solver *s, uint64_t size,
                           const athar_extents *extents, athar_error *err);
/* The format proved it. Takes the extents. */
void athar_fat_take(athar_fat_solver *s, athar_fat_held *h, athar_extents *extents);
/* Lays it so, asks and takes it, unless that was tried before. */
athar_status athar_fat_try(bool *proven, athar_claim *claim, athar_fat_solver *s, athar_fat_held *h,
                           const athar_fat_plan *plan, athar_error *err);
/* Tries to leave out clusters from where the format no longer holds on. */
athar_status athar_fat_bridge(bool *proven, athar_fat_solver *s, athar_fat_held *h,
                              athar_error *err);
/* What stands behind its end in the sector is not the zeros that it was written with: its last
 * cluster may have been used again since. */
bool athar_fat_overwritten(const athar_fat_solver *s, const athar_fat_held *h);
/* One cluster, and the zeros stand where they should. */
bool athar_fat_ended(const athar_fat_solver *s, const athar_fat_held *h);
/* Places for all that nothing proves. */
athar_status athar_fat_guess_all(athar_fat_solver *s, athar_error *err);
/* The places of one that was guessed, as they were found then. */
athar_status athar_fat_guess(athar_extents *out, bool *whole, athar_fat_solver *s,
                             const athar_fat_held *h, athar_error *err);
/* Shows now and then that it goes on. */
athar_status athar_fat_step(athar_fat_solver *s, uint64_t work, athar_error *err);

#endif
