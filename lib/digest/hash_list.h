/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lists of known files as laboratories have them, read from end to end with little memory:
 *
 *   sums    md5sum, sha1sum, sha256sum in both of their forms, md5deep, hashes alone; the text
 *           databases of The Sleuth Kit
 *   csv     hashdeep, NSRL RDS 2 (NSRLFile.txt), other tables whose first line names MD5, SHA-1 or
 *           SHA-256
 *   vics    Project VIC 1 and 2: JSON, the objects of "Media" or "value" or of a bare array
 *   sqlite  NSRL RDS 3 (table FILE), The Sleuth Kit's .kdb (table hashes)
 *
 * They are the laboratory's files, not evidence; a broken line is counted all the same, and never
 * more than that. What is built of one piece, as JSON is, and is broken or cut off, is refused: the
 * half that is missing could not be told.
 */
#ifndef ATHAR_DIGEST_HASH_LIST_H
#define ATHAR_DIGEST_HASH_LIST_H

#include "digest/hash_set.h"

/* One entry of a list. */
typedef struct athar_listed {
	unsigned algorithms;                /* those it gives */
	uint8_t hash[ATHAR_HASH_PARTS][32]; /* index: the number of the algorithm's bit */
	uint8_t category;
} athar_listed;

#define ATHAR_LISTED_INIT \
	{ \
		.category = ATHAR_HASH_NO_CATEGORY \
	}

typedef struct athar_list_facts {
	const char *format;    /* "sums", "csv", "vics", "sqlite" */
	uint64_t entries;      /* that were understood */
	uint64_t unread;       /* lines, or records, that were not */
	unsigned algorithms;   /* that were taken */
	uint64_t first_unread; /* number of that line or record, from 1; 0: none */
	char sha256[65];
} athar_list_facts;

/* Where entries go, and what counts them. */
typedef struct athar_list_sink {
	athar_status (*entry)(void *user, const athar_listed *entry, athar_error *err);
	void *user;
	const athar_watcher *watcher;
	athar_list_facts facts;
} athar_list_sink;

/* The strongest that an entry has: of several one is enough. */
unsigned athar_listed_best(const athar_listed *entry);

/* Reads all of a list; its facts are in the sink. ATHAR_EFORMAT where nothing in it is a hash. */
athar_status athar_list_read(athar_list_sink *sink, const char *path, athar_error *err);
/* "3.40.1" */
const char *athar_list_engine(void);

/* ---- between the readers, one file each ---- */

/* Hands an entry on, or counts what is none; `at` is its number. */
athar_status athar_list_take(athar_list_sink *sink, const athar_listed *entry, uint64_t at,
                             athar_error *err);
/* Hex of the algorithm's length, of either case; false for anything else. */
bool athar_listed_set(athar_listed *entry, unsigned algorithm, const char *hex, size_t len);
/* The algorithm whose hex has this length: md5, sha1, sha256; 0: none. */
unsigned athar_listed_by_length(size_t len);
/* "SHA-256", "sha2_256", "MD5" to an algorithm; 0: none. */
unsigned athar_listed_by_name(const char *name, size_t len);
/* 0 to 254; false for anything else. */
bool athar_listed_category(athar_listed *entry, const char *text, size_t len);

typedef struct athar_list_text athar_list_text;

athar_status athar_list_text_new(athar_list_text **out, athar_list_sink *sink, athar_error *err);
athar_status athar_list_text_feed(athar_list_text *t, const uint8_t *bytes, size_t len,
                                  athar_error *err);
athar_status athar_list_text_end(athar_list_text *t, athar_error *err);
void athar_list_text_free(athar_list_text *t);
ATHAR_DEFINE_AUTO(list_text, athar_list_text *, athar_list_text_free)

typedef struct athar_list_vics athar_list_vics;

athar_status athar_list_vics_new(athar_list_vics **out, athar_list_sink *sink, athar_error *err);
athar_status athar_list_vics_feed(athar_list_vics *v, const uint8_t *bytes, size_t len,
                                  athar_error *err);
athar_status athar_list_vics_end(athar_list_vics *v, athar_error *err);
void athar_list_vics_free(athar_list_vics *v);
ATHAR_DEFINE_AUTO(list_vics, athar_list_vics *, athar_list_vics_free)

athar_status athar_list_sqlite_read(athar_list_sink *sink, const char *path, athar_error *err);

#endif
