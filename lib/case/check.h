/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Are the files of a case still what was recorded of them? Names are given from the case folder on;
 * the order is that of the records, then what is there and nowhere recorded, by name.
 */
#ifndef ATHAR_CASE_CHECK_H
#define ATHAR_CASE_CHECK_H

#include "athar/case.h"

typedef enum athar_file_check {
	ATHAR_FILE_SAME,
	ATHAR_FILE_DIFFERS,
	ATHAR_FILE_MISSING,
	ATHAR_FILE_EXTRA,     /* there, but no record tells of it */
	ATHAR_FILE_SIZE_ONLY, /* of the recorded size; no hash is on record */
	ATHAR_FILE_FAILED     /* could not be read, or its record cannot be understood */
} athar_file_check;

typedef struct athar_file_checks {
	/* One file; detail: what is wrong, NULL when nothing is to say. Ends the check by failing.
	 */
	athar_status (*file)(void *user, const char *name, athar_file_check check,
	                     const char *detail, athar_error *err);
	/* False: this one is not to be read (image files that are read anyway). NULL: all are. */
	bool (*wanted)(void *user, const char *name);
	void *user;
} athar_file_checks;

/* All files of a run: those of its manifest, and what lies beside them. */
athar_status athar_run_check(const athar_case *c, const char *slug, const char *run,
                             const athar_file_checks *checks, athar_error *err);

/* The files that custody lines tell of (data.files; the last word on a name counts), case.json by
 * the last line that made or changed it, and what lies in the folders of exhibits without a record.
 * Lines that are no records are not followed: check the chain first. A name outside the case folder
 * is passed over. slug: of one exhibit, or NULL for the whole case. */
athar_status athar_exhibit_check(const athar_case *c, const char *slug,
                                 const athar_file_checks *checks, athar_error *err);

#endif
