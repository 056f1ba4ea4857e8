/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a source into a sink in one pass: hashes, block hashes, chunks packed by the workers,
 * written in order.
 */
#ifndef ATHAR_ENGINE_IMAGING_H
#define ATHAR_ENGINE_IMAGING_H

#include "athar/watcher.h"
#include "base/idiom.h"
#include "image/sink.h"

typedef struct athar_imaging_spec {
	athar_source *source;
	athar_sink *sink;
	unsigned hashes;
	unsigned threads;
	FILE *blocks; /* one line a block: athar-case(5), NAME.sha256 */
	const athar_watcher *watcher;
} athar_imaging_spec;

typedef struct athar_imaging {
	athar_digests hashes; /* of the true bytes; what could not be read as zeros */
	athar_digests padded; /* of the media as the container has it, where it was padded */
	athar_runs bad;
} athar_imaging;

/* Commits the sink at the end. */
athar_status athar_imaging_run(athar_imaging *out, const athar_imaging_spec *spec,
                               athar_error *err);
void athar_imaging_clear(athar_imaging *imaging);
ATHAR_DEFINE_AUTO_VALUE(imaging, athar_imaging, athar_imaging_clear)

#endif
