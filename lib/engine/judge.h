/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Verify's rows: counted, and handed on.
 */
#ifndef ATHAR_ENGINE_JUDGE_H
#define ATHAR_ENGINE_JUDGE_H

#include "engine/verifier.h"

typedef struct athar_judge {
	athar_verify_result *out;
	const athar_verify_sink *sink;
	const athar_context *context;
	const athar_watcher *watcher;
	const athar_verifier *verifier;
	uint64_t open; /* actions of the log that are its own doing and not over */
} athar_judge;

/* `format` NULL: nothing more to say. */
void athar_judge_row(athar_judge *judge, athar_check check, athar_verify_kind kind,
                     const char *what, const char *format, ...) ATHAR_PRINTF(5, 6);
/* The same for a row with a place in the image. */
void athar_judge_tell(athar_judge *judge, const athar_verify_row *row);

/* One row for each algorithm that both have: "image md5". *compared (may be NULL) counts them. */
void athar_judge_hashes(athar_judge *judge, const char *what, const athar_digests *recorded,
                        const athar_digests *computed, unsigned *compared);

/* Rows for what is wrong with the files of the image at `path`; *told counts them. Where the image
 * opens, files that cannot be looked at get a row too. */
athar_status athar_judge_faults(athar_judge *judge, const char *path, const char *what, bool opens,
                                uint64_t *told, athar_error *err);

/* What an image is compared with. Members may be NULL or empty. */
typedef struct athar_expected {
	const char *what;              /* "image", or "exhibit 3-1" */
	const athar_digests *recorded; /* of the media, from a record beside the image */
	const char *blocks;            /* path of the block hashes */
	uint64_t true_size;  /* of the source where the media is padded; 0: as the media */
	uint64_t media_size; /* on record; 0: none is */
	const char *against; /* what the user gave: hash, list or image */
	unsigned hashes;     /* to compute in any case */
} athar_expected;

/* Reads the image once and gives its rows. Only what keeps it from being opened or read at all is a
 * failure. */
athar_status athar_judge_image(athar_judge *judge, const char *path, const athar_expected *expected,
                               athar_error *err);
/* All of a case: custody, exhibits, recovered files. */
athar_status athar_judge_case(athar_judge *judge, const athar_case *c, unsigned hashes,
                              athar_error *err);

#endif
