/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an image is found to be, read once from end to end.
 */
#ifndef ATHAR_ENGINE_READING_H
#define ATHAR_ENGINE_READING_H

#include "engine/logs.h"
#include "engine/pass.h"
#include "engine/pieces.h"

typedef struct athar_reading {
	athar_pass pass;
	athar_runs bad; /* zeros that somebody says could not be read, or the container does */
	uint64_t bad_with_data; /* bytes said to be unreadable that are no zeros here */
	athar_pieces pieces[ATHAR_LOGS_MOST]; /* of each log */
} athar_reading;

typedef struct athar_reading_spec {
	athar_source *source;
	const athar_logs *logs;
	unsigned hashes; /* beside those that were said */
	FILE *blocks;    /* one line a block: athar-case(5), NAME.sha256 */
	const athar_context *context;
	const athar_watcher *watcher;
} athar_reading_spec;

athar_status athar_reading_run(athar_reading *out, const athar_reading_spec *spec,
                               athar_error *err);
void athar_reading_clear(athar_reading *seen);
ATHAR_DEFINE_AUTO_VALUE(reading, athar_reading, athar_reading_clear)

#endif
