/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One carve run: its folder being written, and being read again. Everything is built in
 * SLUG/carve-NNN.partial and renamed by commit.
 *
 *     run.json         what was asked for, what came of it, versions, limits, confinement
 *     volumes.json     the volumes found
 *     items.jsonl      one line an item
 *     findings.jsonl   what could not be examined: place, reason
 *     recovered/000/000001.jpg ...
 *     tree/volume-0/PATH   links to them, when asked for
 *     manifest.sha256  of all of these, as sha256sum -c reads it
 */
#ifndef ATHAR_CASE_RUN_H
#define ATHAR_CASE_RUN_H

#include "athar/case.h"
#include "athar/item.h"
#include "base/idiom.h"
#include "case/known.h"

typedef struct athar_run_writer athar_run_writer;

/* The next free number; ATHAR_EREFUSED at 999. A .partial of an interrupted run keeps its number.
 */
athar_status athar_run_new(athar_run_writer **out, athar_case *c, const char *slug,
                           athar_error *err);
/* Removes the .partial unless committed. */
void athar_run_close(athar_run_writer *w);
ATHAR_DEFINE_AUTO(run_writer, athar_run_writer *, athar_run_close)
const char *athar_run_name(const athar_run_writer *w); /* "carve-001" */

/* How recovered files lie there beside being numbered. */
typedef struct athar_run_layout {
	bool tree;  /* also as links under their paths */
	bool times; /* with the time of their last change */
} athar_run_layout;
void athar_run_lay_out(athar_run_writer *w, athar_run_layout layout);

/* Contents are looked up in these lists, which stay the caller's, as soon as their hashes are
 * complete; before the first item. */
void athar_run_recognise(athar_run_writer *w, athar_known *known);

/* Content of the next item, as it comes; hashed on the way (MD5 and SHA-256; SHA-1 where a list
 * needs it). */
athar_status athar_run_content_begin(athar_run_writer *w, athar_error *err);
athar_status athar_run_content_write(athar_run_writer *w, const void *bytes, size_t len,
                                     athar_error *err);
/* Throws what came of it away. */
void athar_run_content_drop(athar_run_writer *w);

/*
 * Adds an item. With content open it is finished: item->hashes and item->size are set, and a new
 * content goes to recovered/ with the extension; a content that is there already (same SHA-256 and
 * size) becomes one more place in the older item's `also`, and *is_new is false. Sets item->number
 * (the older one's for a second place) and item->file. Empty content (size 0) is never a second
 * place.
 *
 * ATHAR_ELIMIT when the item is in so many pieces that its line could not be read again: it is not
 * added, its content is dropped, the run goes on; the caller records a finding.
 */
athar_status athar_run_add(athar_run_writer *w, athar_item *item, const char *extension,
                           bool *is_new, athar_error *err);
/* One line of findings.jsonl; where: NULL or a place like "volume 1"; kind: "volume", "read",
 * "worker", "limit", "type". */
athar_status athar_run_finding(athar_run_writer *w, const char *kind, const char *where,
                               uint64_t offset, uint64_t length, const char *text,
                               athar_error *err);
athar_status athar_run_volumes(athar_run_writer *w, const athar_json *volumes, athar_error *err);

/* Writes run.json (taken over) and manifest.sha256, merges further places into items.jsonl, syncs,
 * renames. *files: array of {name,sha256,size} for the custody line: findings.jsonl, items.jsonl,
 * run.json, volumes.json, manifest.sha256 (which covers the recovered files); names from the case
 * folder on ("3-1/carve-001/run.json"). run.json gets the members v, run and exhibit. */
athar_status athar_run_commit(athar_json **files, athar_run_writer *w, athar_json *run,
                              athar_error *err);

/* ---- reading ---- */

/* Calls for each committed run of an exhibit in order: its name and the content of run.json. */
athar_status athar_runs_of_exhibit(const athar_case *c, const char *slug,
                                   athar_status (*run)(void *user, const char *name,
                                                       const athar_json *fields, athar_error *err),
                                   void *user, athar_error *err);
/* Each item in order of number. Lines over 16 MiB are ATHAR_ELIMIT. */
athar_status athar_run_each_item(const athar_case *c, const char *slug, const char *run,
                                 athar_status (*item)(void *user, const athar_item *item,
                                                      athar_error *err),
                                 void *user, athar_error *err);
/* Each line of findings.jsonl. */
athar_status athar_run_each_finding(const athar_case *c, const char *slug, const char *run,
                                    athar_status (*finding)(void *user, const athar_json *finding,
                                                            athar_error *err),
                                    void *user, athar_error *err);
/* volumes.json. */
athar_status athar_run_load_volumes(athar_json **out, const athar_case *c, const char *slug,
                                    const char *run, athar_error *err);
/* Item `number` of a run; ATHAR_EUSAGE when there is none. */
athar_status athar_run_find_item(athar_item *out, const athar_case *c, const char *slug,
                                 const char *run, uint64_t number, athar_error *err);

#endif
