/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Adopt: an image that another tool made becomes an exhibit of a case. What its container and the
 * tool's logs say of it is kept beside what is seen when it is read, and what differs is named.
 */
#ifndef ATHAR_ADOPT_H
#define ATHAR_ADOPT_H

#include "athar/case.h"
#include "athar/digest.h"

ATHAR_BEGIN

typedef struct athar_adopt_options {
	const char *image;       /* its first file */
	const char *exhibit;     /* the id as on the label, any script */
	const char *const *logs; /* of the tool that made it */
	size_t log_count;        /* at most 8; 64 MiB together */
	bool copy;               /* copy the image into the case; else it stays where it is */
	unsigned hashes;         /* mask; those that were said of it are added */
	/* An examiner's words; NULL where not stated. Never filled by the tool. */
	const char *description, *notes, *seal, *condition, *write_blocker;
} athar_adopt_options;

#define ATHAR_ADOPT_OPTIONS_INIT \
	{ \
		.hashes = ATHAR_MD5 | ATHAR_SHA1 | ATHAR_SHA256 \
	}

typedef struct athar_adopt_result {
	uint64_t size; /* bytes of the medium */
	athar_digests hashes;
	uint64_t bad_bytes; /* of them somebody says that they could not be read */
	uint64_t compared;  /* hashes that were said and could be checked */
	uint64_t differs;   /* of all that was said: hashes, sizes, the container's own checks */
	athar_json *differences; /* [{by,said,seen,what}, ...], the first 1000 */
	athar_json *notes;       /* ["...", ...]: what could not be compared, and why */
	char *made_by;           /* the tool, as the logs or the container name it; or NULL */
	char *slug, *image;      /* exhibit folder; path of the image's first file */
	size_t segments;
	uint64_t image_bytes; /* of all image files */
	char custody_head[65];
} athar_adopt_result;

ATHAR_API void athar_adopt_result_clear(athar_adopt_result *result);

/*
 * Refuses (ATHAR_EREFUSED) when the exhibit exists, the image is a device, or there is not enough
 * room for a copy. Everything is built in SLUG.partial and renamed at the end. With ATHAR_EMISMATCH
 * (something differs) and ATHAR_EINCOMPLETE (no hash to compare with, or a log of which nothing is
 * understood) the exhibit stands, out is filled, and the record says so.
 *
 * The process gives up root for the owner of the case folder and confines itself before the image
 * is opened; logs are read by a confined worker. Call it once in a process, before any other thread
 * exists.
 */
ATHAR_API ATHAR_MUST athar_status athar_adopt(athar_adopt_result *out, athar_case *c,
                                              const athar_adopt_options *options,
                                              const athar_watcher *watcher, athar_error *err);

ATHAR_END

#endif
