/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What was said of an image, held against what was seen.
 */
#ifndef ATHAR_ENGINE_COMPARE_H
#define ATHAR_ENGINE_COMPARE_H

#include "engine/image_files.h"
#include "engine/reading.h"

typedef struct athar_comparison {
	uint64_t hashes;         /* that could be compared, those of pieces too */
	uint64_t differs;        /* of everything that was compared */
	athar_json *differences; /* [{by,said,seen,what}, ...] */
	athar_json *notes;       /* ["...", ...]: what could not be compared, and why */
} athar_comparison;

/* Reads the image's files once more where somebody gave hashes of files. */
athar_status athar_compare(athar_comparison *out, const athar_logs *logs, const athar_reading *seen,
                           const athar_source_info *image, athar_image_files *files,
                           const athar_watcher *watcher, athar_error *err);
void athar_comparison_clear(athar_comparison *comparison);
ATHAR_DEFINE_AUTO_VALUE(comparison, athar_comparison, athar_comparison_clear)

#endif
