/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end of a folder that was built beside its final name: the hashes of its files for the
 * manifest and for the custody line, and all of it on the disk.
 */
#ifndef ATHAR_CASE_MANIFEST_H
#define ATHAR_CASE_MANIFEST_H

#include <stdio.h>

#include "base/idiom.h"

/* Borrowed. */
typedef struct athar_manifest_place {
	const char *folder; /* where the files are now */
	const char *slug, *run;
} athar_manifest_place;

/* Hashes FOLDER/NAME: a line of the manifest (NULL: none), and {name,sha256,size} at the end of
 * `files`, under the name that it has in the case: SLUG/RUN/NAME. */
athar_status athar_manifest_add(FILE *manifest, athar_json *files, const athar_manifest_place *in,
                                const char *name, athar_error *err);
/* All that was written below it, to the disk. */
athar_status athar_folder_sync_all(const char *folder, athar_error *err);

#endif
