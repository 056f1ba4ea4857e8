/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Verify: does an image, or a whole case, still say what it said?
 */
#ifndef ATHAR_VERIFY_H
#define ATHAR_VERIFY_H

#include "athar/bytes.h"
#include "athar/case.h"
#include "athar/digest.h"
#include "athar/source.h"

ATHAR_BEGIN

typedef enum athar_check {
	ATHAR_CHECK_SAME,
	ATHAR_CHECK_DIFFERS,
	ATHAR_CHECK_NOTHING, /* nothing on record to compare with */
	ATHAR_CHECK_FAILED   /* could not be looked at */
} athar_check;

/* "same", "DIFFERS", "nothing to compare with", "could not be checked". */
ATHAR_API const char *athar_check_name(athar_check check);

typedef struct athar_verify_options {
	const char *path;    /* image, or case folder */
	const char *against; /* a hash, a sha256sum/hashdeep list, or another image; or NULL */
	unsigned hashes;     /* to compute; those on record are added */
	bool confined;       /* athar_verify_confine has been called */
} athar_verify_options;

#define ATHAR_VERIFY_OPTIONS_INIT \
	{ \
		.hashes = ATHAR_SHA256 \
	}

typedef struct athar_verify_sink {
	/* One thing checked: "image md5", "custody chain", "blocks", "recovered/000/000001.jpg".
	 * `detail` says what is wrong and where (sectors, segment file); NULL when nothing is to
	 * say. */
	void (*row)(void *user, athar_check check, const char *what, const char *detail);
	void *user;
} athar_verify_sink;

typedef struct athar_verify_result {
	uint64_t same, differs, nothing, failed; /* rows */
	uint64_t bytes;
	athar_digests hashes; /* of the image; none when a case held several */
	athar_runs bad;       /* ranges of it that are damaged or differ; likewise */
	bool logged;          /* a custody line was written (cases only) */
} athar_verify_result;

ATHAR_API void athar_verify_result_clear(athar_verify_result *result);

/* Before the first of several athar_verify in one process: confines it, for good, to reading these
 * images and cases and what they are compared with (NULL-terminated), and to adding to the cases'
 * logs. Each athar_verify then has options->confined; one without it confines the process to its
 * own path alone. What is not there is passed over. Before any other thread exists. */
ATHAR_API ATHAR_MUST athar_status athar_verify_confine(const char *const *paths,
                                                       const athar_context *context,
                                                       athar_error *err);

/* ATHAR_OK: all same. ATHAR_EMISMATCH: something differs. ATHAR_EINCOMPLETE: nothing differs, but
 * something could not be checked or had nothing to compare with. Rows come in a fixed order. */
ATHAR_API ATHAR_MUST athar_status athar_verify(athar_verify_result *out,
                                               const athar_verify_options *options,
                                               const athar_context *context,
                                               const athar_verify_sink *sink,
                                               const athar_watcher *watcher, athar_error *err);

ATHAR_END

#endif
