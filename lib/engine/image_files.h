/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The files that an image is made of: listed, and copied under the exhibit's name.
 */
#ifndef ATHAR_ENGINE_IMAGE_FILES_H
#define ATHAR_ENGINE_IMAGE_FILES_H

#include "athar/watcher.h"
#include "base/idiom.h"

typedef struct athar_image_file {
	char *path;       /* where it lay when the image was opened */
	const char *name; /* the end of it */
	char *copy;       /* its name in the exhibit's folder, once copied */
	uint64_t size;
	char sha256[65];   /* "" until it was copied */
	athar_digests had; /* hashes of the file that were asked for */
} athar_image_file;

typedef struct athar_image_files {
	athar_image_file *file;
	size_t count, capacity;
	uint64_t bytes;     /* of all */
	const char *driver; /* of the source that was listed; static */
} athar_image_files;

/* In their order. The source is one over files, and open. */
athar_status athar_image_files_list(athar_image_files *out, athar_source *source, athar_error *err);
/* As SLUG.E01, SLUG.001, SLUG.dd ... into `folder`; each is synced, read again and compared.
 * ATHAR_EREFUSED where there is not enough room. What is made so far stays: the folder is one that
 * is removed when this fails. */
athar_status athar_image_files_copy(athar_image_files *files, const char *folder, const char *slug,
                                    const athar_watcher *watcher, athar_error *err);
/* Adds hashes of the file itself to file->had, in one pass that can be watched and stopped. */
athar_status athar_image_file_hash(athar_image_file *file, unsigned algorithms,
                                   const athar_watcher *watcher, athar_error *err);
/* The file with this name; NULL: there is none. */
athar_image_file *athar_image_files_find(const athar_image_files *files, const char *name);
void athar_image_files_clear(athar_image_files *files);
ATHAR_DEFINE_AUTO_VALUE(image_files, athar_image_files, athar_image_files_clear)

#endif
