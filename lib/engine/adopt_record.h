/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The acquisition record of an image that was made elsewhere: said and seen, side by side.
 */
#ifndef ATHAR_ENGINE_ADOPT_RECORD_H
#define ATHAR_ENGINE_ADOPT_RECORD_H

#include "athar/adopt.h"
#include "engine/compare.h"

typedef struct athar_adopt_record {
	const athar_adopt_options *options;
	const athar_context *context;
	const athar_source_info *image; /* as it was read */
	const char *path;               /* where it lay, absolute */
	const char *slug;
	const athar_image_files *files;
	const athar_logs *logs;
	const athar_reading *seen;
	const athar_comparison *comparison;
	const char *confinement;
	int64_t started, ended;
} athar_adopt_record;

athar_json *athar_adopt_record_json(const athar_adopt_record *record);
/* [{from,name,sha256,size}, ...] of the logs. */
athar_json *athar_adopt_logs_json(const athar_logs *logs);
/* The tool that made it, as the first log that names one has it, or the container; NULL: neither
 * does. Yours to free. */
athar_status athar_adopt_maker(char **out, const athar_logs *logs, const athar_source_info *image,
                               athar_error *err);

#endif
