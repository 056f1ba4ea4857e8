/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Known files: lists of hashes (md5sum, sha1sum, sha256sum, hashdeep, NSRL, Project VIC, The Sleuth
 * Kit), compiled into one set that carving looks its items up in.
 */
#ifndef ATHAR_KNOWN_H
#define ATHAR_KNOWN_H

#include "athar/context.h"
#include "athar/digest.h"
#include "athar/error.h"
#include "athar/watcher.h"

ATHAR_BEGIN

/* What came of one list. Valid during the call. */
typedef struct athar_known_row {
	const char *path;
	const char *format;    /* "sums", "csv", "vics", "sqlite", "set" */
	uint64_t entries;      /* that were understood */
	uint64_t unread;       /* lines, or records, that were not */
	uint64_t first_unread; /* the number of the first of these, from 1; 0: none */
	unsigned algorithms;   /* mask: of an entry with several hashes the longest is taken */
	const char *sha256;    /* of the list; hex */
	int64_t date;          /* when its file was last changed */
} athar_known_row;

typedef struct athar_known_result {
	uint64_t hashes[3]; /* md5, sha1, sha256: without those that were there twice */
	uint64_t unread;    /* of all lists */
	uint64_t bytes;     /* of the set */
	char sha256[65];    /* of the set */
} athar_known_result;

/* Compiles lists, or sets, into a new set at `path`: never overwritten, and there only when it is
 * whole. ATHAR_EINCOMPLETE where lines were not understood: the set stands all the same. */
ATHAR_API ATHAR_MUST athar_status athar_known_compile(
	athar_known_result *out, const char *path, const char *const *lists, size_t count,
	const athar_context *context, void (*row)(void *user, const athar_known_row *row),
	void *user, const athar_watcher *watcher, athar_error *err);

ATHAR_END

#endif
