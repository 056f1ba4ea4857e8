/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which files lie in ranges of an image? A confined worker, forked before the process that verifies
 * confines itself, knows the image and waits; it is asked only when something is wrong. What goes
 * wrong with it costs that answer and nothing else.
 */
#ifndef ATHAR_ENGINE_LOCATE_H
#define ATHAR_ENGINE_LOCATE_H

#include "athar/verify.h"
#include "engine/worker.h"

/* Ranges of which the files are named, and the files named of one range and volume. */
#define ATHAR_LOCATE_RANGES 128u
#define ATHAR_LOCATE_FILES 20u
/* Ranges of which the files are counted. */
#define ATHAR_LOCATE_COUNTED 100000u

typedef struct athar_locator athar_locator;

/* Forks it. An image that cannot be opened is no failure: what is asked later gets that answer. */
athar_status athar_locator_open(athar_locator **out, const char *image,
                                const athar_context *context, athar_error *err);
void athar_locator_close(athar_locator *locator);
ATHAR_DEFINE_AUTO(locator, athar_locator *, athar_locator_close)

const char *athar_locator_image(const athar_locator *locator);

/* What lies in one range. */
typedef struct athar_located_range {
	athar_place *place;
	size_t count, capacity;
	uint64_t more; /* files beyond those */
} athar_located_range;

typedef struct athar_located {
	athar_located_range *range; /* one for each that was asked */
	size_t ranges;
	uint64_t files, deleted; /* files of all ranges, each once */
	uint64_t left_out;       /* ranges beyond those that are counted */
	char finding[700];       /* the first thing that could not be told; "" */
	uint64_t findings;
} athar_located;

/* `shown`: at most ATHAR_LOCATE_RANGES ranges whose files are to be named; they may overlap. `all`:
 * those whose files are counted. Only a lack of memory and a stop on request are failures. */
athar_status athar_locator_ask(athar_located *out, athar_locator *locator, const athar_run *shown,
                               size_t count, const athar_runs *all, const athar_watcher *watcher,
                               athar_error *err);
void athar_located_clear(athar_located *located);
ATHAR_DEFINE_AUTO_VALUE(located, athar_located, athar_located_clear)

/* ---- the worker's part, and the messages between ---- */

typedef struct athar_locate_request {
	athar_volume_info volume;
	athar_run shown[ATHAR_LOCATE_RANGES];
	size_t count;
	athar_runs all;
} athar_locate_request;

void athar_locate_wire(athar_wire *w, const athar_volume_info *volume, const athar_run *shown,
                       size_t count, const athar_runs *all);
/* The task's number has been read. Sums of offset and length do not overflow. */
athar_status athar_locate_unwire(athar_locate_request *out, athar_unwire *u, athar_error *err);
void athar_locate_request_clear(athar_locate_request *request);
ATHAR_DEFINE_AUTO_VALUE(locate_request, athar_locate_request, athar_locate_request_clear)

void athar_place_wire(athar_wire *w, size_t range, const athar_place *place);
/* *range is below `ranges`. The path is yours. */
athar_status athar_place_unwire(athar_place *out, size_t *range, size_t ranges, athar_bytes message,
                                athar_error *err);

/* Walks the volume and answers: PLACE ..., FINDING ..., LOCATED. */
athar_status athar_locate_in(athar_volume *volume, const athar_locate_request *request,
                             athar_jail_reply *reply, athar_error *err);

#endif
