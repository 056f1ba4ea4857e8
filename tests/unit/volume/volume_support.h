/* SPDX-License-Identifier: BSD-2-Clause */
/* What a walk gave, kept; images made by other tools; those tools' answers. */
#ifndef ATHAR_VOLUME_SUPPORT_H
#define ATHAR_VOLUME_SUPPORT_H

#include "athar_test.h"

#include "athar/digest.h"
#include "base/idiom.h"
#include "image/driver.h"
#include "volume/volume.h"

typedef struct kept_file {
	char path[1024];
	athar_volume_file file; /* its path is not to be used; its extents are a copy */
} kept_file;

typedef struct kept {
	athar_source *source;
	athar_volume_info info[64];
	size_t volumes;
	char table[32];
	athar_volume *volume; /* the one opened */
	kept_file *files;
	size_t count, capacity;
	char findings[4096];
	uint64_t beats;
	athar_volume_counts counts;
} kept;

/* Opens an image and lists its volumes; fails the test where that fails. */
void keep_open(kept *k, const char *image);
void keep_source(kept *k, athar_source *source);
void keep_close(kept *k);
/* Opens volume n and walks it. */
void keep_walk(kept *k, size_t n);

const kept_file *kept_find(const kept *k, const char *path, athar_state state);
size_t kept_count(const kept *k, athar_state state, bool folders);

/* The content by the extents, from the image: derived ones through athar_volume_read. malloc'd. */
uint8_t *kept_content(kept *k, const kept_file *f);
void content_sha256(kept *k, const kept_file *f, char hex[65]);
void file_sha256(const char *path, char hex[65]);

/* A shell command; its output, malloc'd, NUL-terminated; *exit is its exit status. */
char *run(int *exit, const char *format, ...) ATHAR_PRINTF(2, 3);
/* The same, and the test is skipped where a program is missing, failed where the command fails. */
char *run_or_skip(const char *program, const char *format, ...) ATHAR_PRINTF(2, 3);

#define SAMPLES "/usr/share/forensics-samples"
/* Unpacks SAMPLES/fs.NAME.xz into folder, unless it is there; skips the test where it is missing.
 */
void unpack_sample(char image[4096], const char *folder, const char *name);

/* The file at `path` in the volume is readable and has the bytes of `name` in the folder. */
const kept_file *kept_same(kept *k, const char *path, athar_state state, const char *folder,
                           const char *name);

#endif
