/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Cat: the exact bytes of a range of an image, or of an item.
 */
#ifndef ATHAR_CAT_H
#define ATHAR_CAT_H

#include <stdio.h>

#include "athar/context.h"
#include "athar/watcher.h"

ATHAR_BEGIN

typedef struct athar_cat_options {
	const char *path;      /* image or case folder */
	const char *exhibit;   /* in a case; NULL where it has just one */
	const char *run;       /* "carve-001"; NULL: the last */
	uint64_t item;         /* 0: a range */
	uint64_t offset, size; /* size UINT64_MAX: to the end */
} athar_cat_options;

#define ATHAR_CAT_OPTIONS_INIT \
	{ \
		.size = UINT64_MAX \
	}

/* Writes to `to`. Bytes that cannot be read are written as zeros, and then ATHAR_EINCOMPLETE with
 * the first place is returned. */
ATHAR_API ATHAR_MUST athar_status athar_cat(FILE *to, const athar_cat_options *options,
                                            const athar_context *context,
                                            const athar_watcher *watcher, athar_error *err);

ATHAR_END

#endif
