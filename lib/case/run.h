/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One carve run: its folder being written, gone on with, and being read again. Everything is built
 * in SLUG/carve-NNN.partial and renamed by commit.
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
/* A .partial with at least one item stays, to be gone on with; another one is removed. */
void athar_run_close(athar_run_writer *w);
ATHAR_DEFINE_AUTO(run_writer, athar_run_writer *, athar_run_close)

/* What an interrupted run has already: an item, or one more place of it (with the item's number,
 * and the grade and type of the find there). *stands false: it ends before this item. Any failure
 * ends the reading, and nothing was changed. */
typedef struct athar_run_visit {
	athar_status (*item)(void *user, bool *stands, const athar_item *item, athar_error *err);
	athar_status (*place)(void *user, const athar_item *place, athar_error *err);
	void *user;
} athar_run_visit;

/*
 * Opens the .partial of a run again, where it was interrupted, to go on in the same folder. Items
 * stand as far as each line is whole and the file that it names has its size and its SHA-256; what
 * follows the first that does not is cut off, with a finding of the kind "resume" that says so, and
 * comes again. Recovered files without a line are removed. A finding that was made before and is
 * made again is not written again.
 *
 * ATHAR_EREFUSED when another process works on it.
 */
athar_status athar_run_reopen(athar_run_writer **out, athar_case *c, const char *slug,
                              const char *run, const athar_run_visit *visit, athar_error *err);

/* In a .partial only: what was asked for, so that it can be gone on with; which pieces were tried
 * and joined. Removed by commit. */
#define ATHAR_RUN_ASKED "asked.json"
#define ATHAR_RUN_JOINS "joins.jsonl"
athar_status athar_run_save_asked(athar_run_writer *w, const athar_json *asked, athar_error *err);
/* asked.json of a .partial, or the run.json that its commit left; ATHAR_EOF when it has neither, so
 * that there is nothing to go on with. */
athar_status athar_run_load_asked(athar_json **out, const athar_case *c, const char *slug,
                                  const char *run, athar_error *err);
/* Calls for each .partial of an exhibit in order: the name of its run, "carve-001". */
athar_status athar_runs_interrupted(const athar_case *c, const char *slug,
                                    athar_status (*run)(void *user, const char *name,
                                                        athar_error *err),
                                    void *user, athar_error *err);
/* Would close leave it to be gone on with? */
bool athar_run_is_left(const athar_run_writer *w);
/* Of the .partial; borrowed. */
const char *athar_run_folder(const athar_run_writer *w);
/* Items that it has by now, and findings of what could not be examined: those of earlier sessions
 * too. */
uint64_t athar_run_count(const athar_run_writer *w);
uint64_t athar_run_finding_count(const athar_run_writer *w);
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
 * "worker", "limit", "type", or ATHAR_RUN_RESUME. */
#define ATHAR_RUN_RESUME "resume" /* what an interruption tore: nothing is missing for it */
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
/* False for what an interruption tore and a later session made good. */
bool athar_run_finding_is_gap(const athar_json *finding);
/* volumes.json. */
athar_status athar_run_load_volumes(athar_json **out, const athar_case *c, const char *slug,
                                    const char *run, athar_error *err);
/* Item `number` of a run; ATHAR_EUSAGE when there is none. */
athar_status athar_run_find_item(athar_item *out, const athar_case *c, const char *slug,
                                 const char *run, uint64_t number, athar_error *err);

#endif
