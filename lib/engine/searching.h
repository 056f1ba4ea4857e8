/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One search under way: what its steps share.
 */
#ifndef ATHAR_ENGINE_SEARCHING_H
#define ATHAR_ENGINE_SEARCHING_H

#include "athar/search.h"
#include "case/search_run.h"
#include "engine/owners.h"
#include "engine/search_task.h"
#include "engine/survey.h"

/* A hit that waits for its owner. */
typedef struct athar_kept_hit {
	uint64_t offset, length;
	size_t pattern;
	athar_search_encoding encoding;
	uint8_t *bytes; /* before, text and after, one behind the other */
	size_t before, text, after;
} athar_kept_hit;

typedef struct athar_searching {
	const athar_search_options *options;
	const athar_context *context;
	const athar_search_sink *sink;
	const athar_watcher *watcher;
	athar_search_result *out;
	athar_search_writer *run; /* NULL: of a bare image nothing is kept */
	athar_jail *jail;
	athar_survey survey;
	athar_kept_hit *hit; /* in order of offset */
	size_t count, capacity, bytes;
	uint64_t *more; /* by pattern: hits that are not listed */
	athar_runs unread;
} athar_searching;

void athar_searching_clear(athar_searching *s);
ATHAR_DEFINE_AUTO_VALUE(searching, athar_searching, athar_searching_clear)

/* Window by window through the image: fills hit and unread. */
athar_status athar_searching_pass(athar_searching *s, athar_error *err);
/* Something could not be examined. where: NULL, or a place like "volume 1". */
athar_status athar_searching_finding(athar_searching *s, const char *kind, const char *where,
                                     uint64_t offset, uint64_t length, const char *text,
                                     athar_error *err);

#endif
