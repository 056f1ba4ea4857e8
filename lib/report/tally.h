/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the items of a run add up to. Counted in one pass; the items themselves are not kept.
 */
#ifndef ATHAR_REPORT_TALLY_H
#define ATHAR_REPORT_TALLY_H

#include "athar/item.h"

#define ATHAR_METHODS 5
#define ATHAR_STATES 7
#define ATHAR_GRADES 4

typedef struct athar_tally_type {
	char name[16]; /* "" for items that no format claimed */
	uint64_t items, bytes;
	uint64_t by_grade[ATHAR_GRADES];
} athar_tally_type;

typedef struct athar_tally {
	uint64_t items, bytes;
	uint64_t by_method[ATHAR_METHODS];
	uint64_t by_state[ATHAR_STATES];
	uint64_t by_grade[ATHAR_GRADES];
	uint64_t listed;        /* without a recovered file */
	uint64_t over_bad;      /* with bytes that could not be read */
	uint64_t over_live;     /* with bytes that a live file owns now */
	uint64_t places;        /* further places of a content that is listed already */
	athar_tally_type *type; /* in name order */
	size_t type_count, type_capacity;
} athar_tally;

athar_status athar_tally_add(athar_tally *tally, const athar_item *item, athar_error *err);
void athar_tally_clear(athar_tally *tally);

#endif
