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

/* What is read first of a medium that may not live long: a mask. */
enum {
	ATHAR_FIRST_METADATA =
		1u << 0, /* partition tables and what file systems say of themselves */
	ATHAR_FIRST_ALLOCATED = 1u << 1 /* what files and folders hold now */
};

typedef struct athar_acquire_options {
	const char *source;  /* device or image; "-": standard input */
	const char *exhibit; /* the id as on the label, any script */
	const char *format;  /* "ewf" or "raw" */
	athar_compression compression;
	unsigned hashes;       /* mask; MD5 and SHA-1 also go into an E01 */
	uint64_t segment_size; /* of the files written; 0: 2047 MiB for ewf, one file for raw */
	bool no_verify;        /* leave the read-back out; recorded */
	const char *copy;      /* a folder for a second image of the same; NULL: none */
	const char *spill;     /* where further files go when the target is full; NULL: nowhere */
	/* An examiner's words; NULL where not stated. Never filled by the tool. */
	const char *description, *notes, *seal, *condition, *write_blocker;

	uint64_t offset, size; /* the part of the source to take, in bytes; size 0: to its end */
	bool resume;           /* go on with what an interrupted run left */
	bool as_is; /* with resume: read nothing more; what lacks is unread, and the exhibit is made
	             */
	const char *expect_serial;  /* ATHAR_EREFUSED for a device with another one; NULL: any */
	const char *force_own_disk; /* the node or serial of a disk that this system runs from */
	const char *seized;   /* date; file systems used after it are named. NULL: not stated */
	unsigned wait_device; /* seconds to wait for a device that went away */

	/* For media that fail. */
	bool rescue;       /* in rescue mode from the first byte, not from the first failure */
	unsigned retries;  /* passes over what is bad */
	unsigned timeout;  /* seconds after which a read is given up; 0: never */
	uint64_t max_bad;  /* bytes; more than that is too much: stop. UINT64_MAX: no bound */
	uint64_t min_rate; /* bytes a second; slower areas are left for later; 0: by the average */
	bool reverse;      /* from the end */
	unsigned stop_after; /* seconds; 0: no bound */
	unsigned first;      /* of ATHAR_FIRST_*; 0: in order of place */
	const char *domain;  /* a map: only what it calls finished is read; NULL: all */
	/* What somebody read before: a ddrescue map, and the image that it speaks of (NULL: it
	 * speaks of the source itself, which is an image, and nothing more is read). NULL: nothing.
	 */
	const char *from_map, *from_image;
} athar_acquire_options;

#define ATHAR_ACQUIRE_OPTIONS_INIT \
	{ \
		.format = "ewf", .compression = ATHAR_COMPRESSION_FAST, \
		.hashes = ATHAR_MD5 | ATHAR_SHA1 | ATHAR_SHA256, .retries = 3, \
		.max_bad = UINT64_MAX \
	}

typedef enum athar_read_back {
	ATHAR_READ_BACK_NOT_DONE,
	ATHAR_READ_BACK_SAME,
	ATHAR_READ_BACK_DIFFERS
} athar_read_back;

typedef struct athar_acquire_result {
	uint64_t size;         /* true bytes of the source */
	uint64_t bad_bytes;    /* of them unreadable, filled with zeros */
	uint64_t unread_bytes; /* of them never tried, or given up; zeros too */
	athar_digests hashes;  /* of the true bytes, bad ranges as zeros */
	athar_digests padded;  /* of the padded media; algorithms 0 when nothing was padded */
	athar_read_back read_back;
	char *slug, *image; /* exhibit folder; path of the first image file */
	size_t segments;
	uint64_t image_bytes; /* of all image files */
	bool resumable; /* no exhibit yet: what was read stands, and a run with resume goes on */
	uint64_t saved_bytes; /* then: how much of the source stands */
	char *copy;           /* path of the first file of the second image; NULL: there is none */
	char custody_head[65];
} athar_acquire_result;

ATHAR_API void athar_acquire_result_clear(athar_acquire_result *result);

/*
 * Refuses (ATHAR_EREFUSED) when the exhibit exists, the target lies on the source, the source is
 * mounted read-write, or there is not enough room. Everything is built in SLUG.partial and renamed
 * at the end. What ends in between (ATHAR_ECANCELED, ATHAR_EIO with out->resumable) leaves
 * SLUG.partial for a run with `resume`, which gives what an undisturbed run would have given.
 * ATHAR_EINCOMPLETE when areas could not be read (out is filled, the exhibit stands);
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
