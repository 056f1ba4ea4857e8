/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A layout being worked out. Pieces pile up in the order in which they are come upon; now and then
 * they are settled: put in order, and what is not there yet is wanted.
 */
#ifndef ATHAR_VOLUME_PLAN_H
#define ATHAR_VOLUME_PLAN_H

#include "volume/layout.h"

/* Pieces of one kind before they are put in order; more end the plan. */
#define ATHAR_PLAN_PIECES 4000000u
#define ATHAR_PLAN_BUFFER ((size_t)1 << 20)

typedef struct athar_plan_pile {
	athar_run *piece; /* of the volume */
	size_t count, capacity;
} athar_plan_pile;

typedef struct athar_plan {
	athar_source *source;
	const athar_volume_info *info;
	bool maps_only;
	athar_status (*beat)(void *user, athar_error *err);
	void *user;

	athar_plan_pile maps, rest;
	uint8_t *buffer; /* ATHAR_PLAN_BUFFER bytes */
	bool whole;
	bool full;    /* a bound was reached: nothing is added any more */
	uint64_t met; /* since the last beat */
} athar_plan;

/* What of [offset, offset + length) lies in the volume. */
athar_status athar_plan_add(athar_plan *p, athar_plan_pile *pile, uint64_t offset, uint64_t length,
                            athar_error *err);
/* *there: nothing of all that was added is unread; the rest is wanted. */
athar_status athar_plan_settle(athar_plan *p, bool *there, athar_error *err);
/* Adds the piece, and reads it. *there: it was read, and none of it is bad. */
athar_status athar_plan_get(athar_plan *p, athar_plan_pile *pile, bool *there, uint64_t offset,
                            void *buf, size_t len, athar_error *err);
/* Reads what was settled. What is bad is zeros, and the plan not whole. */
athar_status athar_plan_read(athar_plan *p, athar_source *source, uint64_t offset, void *buf,
                             size_t len, athar_error *err);
/* A range of the volume as the next part of a file; what does not lie in it is missing. */
athar_status athar_plan_extend(const athar_plan *p, athar_extents *x, uint64_t offset,
                               uint64_t length, athar_error *err);
/* Once in a while, that there is life. */
athar_status athar_plan_beat(athar_plan *p, athar_error *err);

athar_status athar_plan_ntfs(athar_plan *p, athar_error *err);
athar_status athar_plan_ext(athar_plan *p, athar_error *err);
athar_status athar_plan_fat(athar_plan *p, bool exfat, athar_error *err);

#endif
