/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One search: its folder being written. Everything is built in SLUG/search-NNN.partial and renamed
 * by commit.
 *
 *     search.json      what was asked for, what came of it, versions, confinement
 *     hits.jsonl       one line a hit
 *     findings.jsonl   what could not be searched: place, reason
 *     manifest.sha256  of all of these, as sha256sum -c reads it
 */
#ifndef ATHAR_CASE_SEARCH_RUN_H
#define ATHAR_CASE_SEARCH_RUN_H

#include "athar/case.h"
#include "base/idiom.h"

typedef struct athar_search_writer athar_search_writer;

/* The next free number; ATHAR_EREFUSED after 999. */
athar_status athar_search_run_new(athar_search_writer **out, athar_case *c, const char *slug,
                                  athar_error *err);
/* Removes the .partial unless committed. */
void athar_search_run_close(athar_search_writer *w);
ATHAR_DEFINE_AUTO(search_writer, athar_search_writer *, athar_search_run_close)
const char *athar_search_run_name(const athar_search_writer *w); /* "search-001" */

/* One line of hits.jsonl; gets the member v. */
athar_status athar_search_run_hit(athar_search_writer *w, athar_json *hit, athar_error *err);
/* One line of findings.jsonl, as athar_run_finding writes it. */
athar_status athar_search_run_finding(athar_search_writer *w, const char *kind, const char *where,
                                      uint64_t offset, uint64_t length, const char *text,
                                      athar_error *err);
/* Writes search.json (taken over; gets v, run and exhibit) and the manifest, syncs, renames.
 * *files: for the custody line, names from the case folder on. */
athar_status athar_search_run_commit(athar_json **files, athar_search_writer *w, athar_json *search,
                                     athar_error *err);

#endif
