/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ranges of an image that are not as they should be, in groups: rows for the first of each, with
 * the files that lie there, and a count of the rest.
 */
#ifndef ATHAR_ENGINE_JUDGE_RANGES_H
#define ATHAR_ENGINE_JUDGE_RANGES_H

#include "engine/judge.h"
#include "engine/pass.h"

/* Rows of ranges of a group shown one by one. */
#define ATHAR_RANGES_SHOWN ATHAR_PASS_WHYS
#define ATHAR_RANGE_GROUPS 40u

typedef struct athar_range_group {
	athar_verify_kind kind;
	const char *what;  /* "image chunks"; borrowed */
	const char *why;   /* behind each range; "" */
	char (*whys)[120]; /* instead, of the first ATHAR_RANGES_SHOWN; NULL: none */
	athar_check check;
	athar_twin twin;
	const athar_runs *runs; /* borrowed */
	bool there;             /* in the other image only: nothing of it lies here */
	size_t first;           /* of its ranges among those located; SIZE_MAX: none is */
} athar_range_group;

typedef struct athar_ranges {
	athar_judge *judge;
	athar_source *image, *other;
	athar_range_group group[ATHAR_RANGE_GROUPS];
	size_t groups;
	athar_located located;
	bool asked; /* located is filled */
} athar_ranges;

/* Empty groups are passed over. */
void athar_ranges_add(athar_ranges *ranges, athar_range_group group);
/* After the last one: what lies there, asked of the image's worker when there is anything to ask.
 * `path` as the verifier knows it. The union of them goes to the result's `bad`. */
athar_status athar_ranges_locate(athar_ranges *ranges, const char *path, athar_error *err);
/* The rows of all groups of a kind. */
void athar_ranges_rows(athar_ranges *ranges, athar_verify_kind kind);
/* A row when what lies there could not all be told. */
void athar_ranges_doubt(athar_ranges *ranges, const char *what);
void athar_ranges_clear(athar_ranges *ranges);
ATHAR_DEFINE_AUTO_VALUE(ranges, athar_ranges, athar_ranges_clear)

#endif
