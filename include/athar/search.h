/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Search: words, expressions and presets in all bytes of an image, each with its address and with
 * what lies there. Live, deleted, unallocated and slack alike: it is one pass over the image.
 */
#ifndef ATHAR_SEARCH_H
#define ATHAR_SEARCH_H

#include "athar/verify.h"

ATHAR_BEGIN

/* How text lies in the image. UTF-16LE is found at odd offsets as at even ones. */
typedef enum athar_search_encoding {
	ATHAR_SEARCH_UTF8,
	ATHAR_SEARCH_UTF16LE,
	ATHAR_SEARCH_CP1256 /* Windows, Arabic */
} athar_search_encoding;

#define ATHAR_SEARCH_ENCODINGS 3

/* "utf-8", "utf-16le", "windows-1256". */
ATHAR_API const char *athar_search_encoding_name(athar_search_encoding encoding);

typedef enum athar_search_kind {
	ATHAR_SEARCH_WORD,  /* as it stands, folded */
	ATHAR_SEARCH_REGEX, /* an expression: athar-search(1) has the grammar */
	ATHAR_SEARCH_PHONE, /* the presets have no text */
	ATHAR_SEARCH_EMAIL,
	ATHAR_SEARCH_URL
} athar_search_kind;

/* Borrowed. */
typedef struct athar_search_pattern {
	athar_search_kind kind;
	const char *text; /* UTF-8 */
} athar_search_pattern;

/* "word", "regex", "phone", "email", "url". */
ATHAR_API const char *athar_search_kind_name(athar_search_kind kind);

/* Bounds. A match that would be longer ends here. Of the hits that are listed each pattern has an
 * equal share; those beyond are counted. */
#define ATHAR_SEARCH_LONGEST 1024u
#define ATHAR_SEARCH_PATTERNS 1000u
#define ATHAR_SEARCH_CONTEXT 200u
#define ATHAR_SEARCH_HITS 100000u

typedef struct athar_search_options {
	const char *path;    /* image or case folder */
	const char *exhibit; /* in a case; NULL where it has just one */
	const athar_search_pattern *pattern;
	size_t patterns;
	unsigned encodings;  /* mask of 1u << athar_search_encoding */
	bool whole_words;    /* no letter or digit before and after */
	bool case_sensitive; /* of Latin letters; Arabic is folded all the same */
	unsigned context;    /* characters before and after a hit, as far as there is text */
} athar_search_options;

#define ATHAR_SEARCH_OPTIONS_INIT \
	{ \
		.encodings = (1u << ATHAR_SEARCH_ENCODINGS) - 1, .context = 24 \
	}

/* One hit. Borrowed for the call. Texts are UTF-8 where the image's bytes make characters; what
 * does not is as it lies there: use athar/text.h. */
typedef struct athar_search_hit {
	uint64_t number; /* from 1, in order of offset */
	size_t pattern;  /* index */
	athar_search_encoding encoding;
	uint64_t offset, length; /* in the image, bytes */
	athar_bytes before, text, after;
	const athar_place *owner; /* of its first byte; NULL: nobody has looked (interrupted) */
	uint64_t owners;          /* deleted files besides that describe this place */
} athar_search_hit;

/* As it stands in hits.jsonl; options are those of the search. NULL only when memory ran out. */
ATHAR_API athar_json *athar_search_hit_to_json(const athar_search_hit *hit,
                                               const athar_search_options *options);

typedef struct athar_search_result {
	char *run, *slug;    /* of a case, else NULL */
	uint64_t hits, more; /* listed; not listed */
	uint64_t by_encoding[ATHAR_SEARCH_ENCODINGS];
	uint64_t searched, total; /* bytes */
	uint64_t bad;             /* of them could not be read */
	uint64_t findings;        /* what could not be examined */
	uint64_t workers_lost;
	char custody_head[65];
} athar_search_result;

ATHAR_API void athar_search_result_clear(athar_search_result *result);

typedef struct athar_search_sink {
	void (*hit)(void *user, const athar_search_hit *hit);
	void *user;
} athar_search_sink;

/* In a case, also a run: SLUG/search-001/. Hits come in order of offset, the same for any number of
 * workers. ATHAR_EINCOMPLETE when something could not be searched: notices say what. Nothing found
 * is ATHAR_OK. ATHAR_EUSAGE for a pattern that cannot be understood. Call before any other thread
 * exists in the process. */
ATHAR_API ATHAR_MUST athar_status athar_search(athar_search_result *out,
                                               const athar_search_options *options,
                                               const athar_context *context,
                                               const athar_search_sink *sink,
                                               const athar_watcher *watcher, athar_error *err);

ATHAR_END

#endif
