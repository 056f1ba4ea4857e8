/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Acquire: a source becomes an exhibit of a case: image, map, block hashes, record.
 */
#ifndef ATHAR_ACQUIRE_H
#define ATHAR_ACQUIRE_H

#include "athar/bytes.h"
#include "athar/case.h"
#include "athar/digest.h"
#include "athar/source.h"

ATHAR_BEGIN

typedef enum athar_compression {
	ATHAR_COMPRESSION_NONE,
	ATHAR_COMPRESSION_FAST,
	ATHAR_COMPRESSION_BEST
} athar_compression;

typedef struct athar_acquire_options {
	const char *source;  /* device or image */
	const char *exhibit; /* the id as on the label, any script */
	const char *format;  /* "ewf" or "raw" */
	athar_compression compression;
	unsigned hashes;       /* mask; MD5 and SHA-1 also go into an E01 */
	uint64_t segment_size; /* of the files written; 0: 2047 MiB for ewf, one file for raw */
	bool no_verify;        /* leave the read-back out; recorded */
	/* An examiner's words; NULL where not stated. Never filled by the tool. */
	const char *description, *notes, *seal, *condition, *write_blocker;
} athar_acquire_options;

#define ATHAR_ACQUIRE_OPTIONS_INIT \
	{ \
		.format = "ewf", .compression = ATHAR_COMPRESSION_FAST, \
		.hashes = ATHAR_MD5 | ATHAR_SHA1 | ATHAR_SHA256 \
	}

typedef enum athar_read_back {
	ATHAR_READ_BACK_NOT_DONE,
	ATHAR_READ_BACK_SAME,
	ATHAR_READ_BACK_DIFFERS
} athar_read_back;

typedef struct athar_acquire_result {
	uint64_t size;        /* true bytes of the source */
	uint64_t bad_bytes;   /* of them unreadable, filled with zeros */
	athar_digests hashes; /* of the true bytes, bad ranges as zeros */
	athar_digests padded; /* of the padded media; algorithms 0 when nothing was padded */
	athar_read_back read_back;
	char *slug, *image; /* exhibit folder; path of the first image file */
	size_t segments;
	uint64_t image_bytes; /* of all image files */
	char custody_head[65];
} athar_acquire_result;

ATHAR_API void athar_acquire_result_clear(athar_acquire_result *result);

/*
 * Refuses (ATHAR_EREFUSED) when the exhibit exists, the target lies on the source, the source is
 * mounted read-write, or there is not enough room. Everything is built in SLUG.partial and renamed
 * at the end. ATHAR_EINCOMPLETE when areas could not be read (out is filled, the exhibit stands);
 * ATHAR_EMISMATCH when the read-back differs or fails (likewise, and the record says so);
 * ATHAR_ECANCELED with out->image set when only the read-back was interrupted: the exhibit stands.
 *
 * Once the source is open the process gives up root for the owner of the case folder and confines
 * itself: call it once in a process, before any other thread exists.
 */
ATHAR_API ATHAR_MUST athar_status athar_acquire(athar_acquire_result *out, athar_case *c,
                                                const athar_acquire_options *options,
                                                const athar_watcher *watcher, athar_error *err);

ATHAR_END

#endif
