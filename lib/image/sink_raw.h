/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of the raw sink share.
 */
#ifndef ATHAR_IMAGE_SINK_RAW_H
#define ATHAR_IMAGE_SINK_RAW_H

#include "image/output.h"
#include "image/sink.h"

#define ATHAR_RAW_PARTS_MAX 999u /* .001 ... .999: what every tool can follow */

typedef struct athar_raw_sink {
	athar_output out; /* its file is the part being written */
	uint64_t total;   /* bytes put, of whole chunks */
	size_t begun;     /* bytes of the chunk after them that are in the files already */
	bool put;         /* in order, as against write_at */
	bool whole;       /* all parts are there in full size, for write_at */
	int fd;           /* for write_at, of part `at`; -1: none */
	size_t at;
	bool dirty[ATHAR_RAW_PARTS_MAX + 1]; /* written to since it was synced last */
} athar_raw_sink;

/* "img.dd", or of parts of `part` bytes the one that is number `number` (from 1), malloc'd. */
char *athar_raw_sink_name(const char *name, uint64_t part, size_t number, athar_error *err);
/* Of part `number`, in bytes; the size of the medium is known. */
uint64_t athar_raw_sink_part(const athar_sink_spec *spec, size_t number);
size_t athar_raw_sink_parts(const athar_sink_spec *spec);

athar_status athar_raw_sink_write_at(athar_sink *sink, const void *bytes, size_t len,
                                     uint64_t offset, athar_error *err);
/* The parts that were written to are on the disk. */
athar_status athar_raw_sink_sync(athar_sink *sink, athar_error *err);
/* The same; and each part has its size. */
athar_status athar_raw_sink_check(athar_sink *sink, athar_error *err);

#endif
