/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An exhibit being made: SLUG.partial, filled by the imager, then renamed. While it is open the
 * folder is locked, so that no second process goes on with it.
 */
#ifndef ATHAR_CASE_EXHIBIT_H
#define ATHAR_CASE_EXHIBIT_H

#include "athar/case.h"
#include "base/idiom.h"

/* What the case was opened with; NULL when it was opened for reading. */
const athar_context *athar_case_context(const athar_case *c);

typedef struct athar_exhibit athar_exhibit;

/* Makes SLUG.partial. ATHAR_EREFUSED where SLUG or SLUG.partial exists, or another id has this
 * slug. */
athar_status athar_exhibit_new(athar_exhibit **out, athar_case *c, const char *id,
                               athar_error *err);
/* The SLUG.partial that an interrupted run left. ATHAR_EREFUSED where there is none, where SLUG
 * stands already, or where another process works on it. */
athar_status athar_exhibit_resume(athar_exhibit **out, athar_case *c, const char *id,
                                  athar_error *err);
/* From now on close leaves the .partial for athar_exhibit_resume. */
void athar_exhibit_keep(athar_exhibit *x);
const char *athar_exhibit_name(const athar_exhibit *x);   /* the slug */
const char *athar_exhibit_folder(const athar_exhibit *x); /* CASE/SLUG.partial, later CASE/SLUG */
/* A small text file of it: exhibit.json, acquisition.json, SLUG.map, SLUG.sha256. */
athar_status athar_exhibit_save(athar_exhibit *x, const char *name, const void *bytes, size_t len,
                                athar_error *err);
/* The same, or a file that only the making needs: takes the place of what has its name, at once and
 * durably. */
athar_status athar_exhibit_replace(athar_exhibit *x, const char *name, const void *bytes,
                                   size_t len, athar_error *err);
/* Takes such a file away, and what a process that was killed left of writing it. */
athar_status athar_exhibit_drop(athar_exhibit *x, const char *name, athar_error *err);
/* The same as the last act of a commit, when all else has its final name: who is killed before that
 * can go on by what stands there. It is not among the files listed. */
athar_status athar_exhibit_drop_last(athar_exhibit *x, const char *name, athar_error *err);
/* Syncs, renames, and gives the array of {name,sha256,size} of every file in it, sorted, names from
 * the case folder on ("3-1/3-1.E01"). Image files are not read again: `known` (object: name in the
 * exhibit's folder -> sha256 text, borrowed, may be NULL) brings their hashes; those that are not
 * in it have size only. Block hashes (*.sha256) are read again and hashed here. */
athar_status athar_exhibit_commit(athar_json **files, athar_exhibit *x, const athar_json *known,
                                  athar_error *err);
/* Removes the .partial unless committed or kept. */
void athar_exhibit_close(athar_exhibit *x);
ATHAR_DEFINE_AUTO(exhibit, athar_exhibit *, athar_exhibit_close)

#endif
