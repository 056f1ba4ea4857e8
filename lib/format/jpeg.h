/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A JPEG inside another file.
 */
#ifndef ATHAR_FORMAT_JPEG_H
#define ATHAR_FORMAT_JPEG_H

#include "format/walk.h"

typedef struct jpeg_verdict {
	bool good;    /* it decodes to its end, or is of a kind that is not decoded here */
	uint64_t end; /* behind its end marker; 0: none was found */
} jpeg_verdict;

/* ATHAR_EOF where the range ends in it. */
athar_status jpeg_check(jpeg_verdict *out, athar_reader *in, uint64_t at, athar_error *err);

#endif
