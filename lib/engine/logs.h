/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The logs that came with an image: read into memory here, understood by a confined worker.
 */
#ifndef ATHAR_ENGINE_LOGS_H
#define ATHAR_ENGINE_LOGS_H

#include "athar/context.h"
#include "engine/said.h"

#define ATHAR_LOGS_MOST 8u
/* Of all of them together. */
#define ATHAR_LOGS_LIMIT (64u << 20)

typedef struct athar_log_file {
	const char *path; /* as given */
	char name[16];    /* in the exhibit's folder: "log-1.txt" */
	uint8_t *bytes;
	size_t len;
	char sha256[65];
	athar_said said;
	char failure[200]; /* why it was not understood to its end; "" */
} athar_log_file;

typedef struct athar_logs {
	athar_log_file file[ATHAR_LOGS_MOST];
	size_t count;
	char confinement[64]; /* of the worker that read them; "" */
} athar_logs;

/* ATHAR_EUSAGE for too many, ATHAR_EREFUSED for too large ones and for what is no file. Paths are
 * borrowed. */
athar_status athar_logs_load(athar_logs *out, const char *const *paths, size_t count,
                             athar_error *err);
/* Before any thread exists, and before the process confines itself. A worker that dies over a log
 * is that log's failure. */
athar_status athar_logs_read(athar_logs *logs, const athar_context *context, athar_error *err);
void athar_logs_clear(athar_logs *logs);
ATHAR_DEFINE_AUTO_VALUE(logs, athar_logs, athar_logs_clear)

#endif
