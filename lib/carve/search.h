/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Patterns, made ready once for all windows of an image, and the search through one window.
 *
 * A hit is the longest match at the first place where one begins; the next one of the same pattern
 * in the same encoding begins behind it. Hits of different patterns may overlap. One that two
 * encodings read alike is given once, in the first of them.
 */
#ifndef ATHAR_CARVE_SEARCH_H
#define ATHAR_CARVE_SEARCH_H

#include "athar/search.h"
#include "base/idiom.h"

typedef struct athar_patterns athar_patterns;

/* ATHAR_EUSAGE names the pattern and what is wrong with it. The texts are not kept. */
athar_status athar_patterns_new(athar_patterns **out, const athar_search_options *options,
                                athar_error *err);
void athar_patterns_free(athar_patterns *patterns);
ATHAR_DEFINE_AUTO(patterns, athar_patterns *, athar_patterns_free)

/* Several searchers may share patterns, which they borrow. */
typedef struct athar_searcher athar_searcher;

athar_status athar_searcher_new(athar_searcher **out, const athar_patterns *patterns,
                                athar_error *err);
void athar_searcher_free(athar_searcher *searcher);
ATHAR_DEFINE_AUTO(searcher, athar_searcher *, athar_searcher_free)

/* Hits of one pattern that are kept of one window; with many patterns each has its share of ten
 * times as many, and at least a hundred. */
#define ATHAR_WINDOW_HITS 10000u
/* What a window needs to have of the image before and behind it. */
#define ATHAR_WINDOW_BEFORE 2048u
#define ATHAR_WINDOW_BEHIND 2048u

typedef struct athar_spot {
	size_t at, length; /* in the bytes of the window */
	uint32_t pattern;
	athar_search_encoding encoding;
} athar_spot;

typedef struct athar_window {
	athar_bytes bytes;
	size_t from, to; /* hits that begin here are wanted: bytes around it are there where the
	                    image has them */
} athar_window;

/* A pattern that was given up within the window: the others were not. */
typedef struct athar_search_cut {
	uint32_t pattern;
	size_t at; /* hits that begin here or later may lack */
	bool full; /* because of the number of its hits; else, because of their cost */
} athar_search_cut;

typedef struct athar_spots_found {
	const athar_spot *spot; /* sorted by place; borrowed until the next search */
	size_t count;
	const athar_search_cut *cut; /* in the order in which they were given up */
	size_t cuts;
} athar_spots_found;

/* beat, may be NULL, is called every MiB. */
athar_status athar_searcher_run(athar_spots_found *out, athar_searcher *searcher,
                                const athar_window *window,
                                athar_status (*beat)(void *user, uint64_t done, athar_error *err),
                                void *user, athar_error *err);

/* ---- text around a hit ---- */

/* Characters as UTF-8, at most `most` of them, up to a control character or what is no text: those
 * that end at `end` (back) or begin at `at`. Yours to free. */
athar_status athar_spot_text(char **out, size_t *len, const athar_window *window,
                             athar_search_encoding encoding, size_t at, size_t length,
                             athar_error *err);
athar_status athar_spot_before(char **out, size_t *len, const athar_window *window,
                               const athar_spot *spot, unsigned most, athar_error *err);
athar_status athar_spot_after(char **out, size_t *len, const athar_window *window,
                              const athar_spot *spot, unsigned most, athar_error *err);

#endif
