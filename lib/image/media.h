/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A file or a block device that is read and never written. Where a read fails it is tried again in
 * ever smaller pieces, so that a bad sector costs that sector and none of its neighbours.
 */
#ifndef ATHAR_IMAGE_MEDIA_H
#define ATHAR_IMAGE_MEDIA_H

#include "athar/bytes.h"
#include "base/idiom.h"

typedef struct athar_media {
	int fd;          /* through the page cache; -1 is none */
	int direct;      /* past it, for the places that fail; -1 where the system has none */
	bool bulk;       /* large aligned reads go past the cache, too: of devices */
	uint32_t sector; /* the smallest piece that can fail alone */
	char *path;      /* for messages */
} athar_media;

#define ATHAR_MEDIA_INIT \
	{ \
		-1, -1, false, 512, NULL \
	}

/* Read-only, and without touching the access time where that is allowed. */
athar_status athar_media_open(athar_media *m, const char *path, athar_error *err);
/* A second descriptor that bypasses the page cache: the cache reads whole pages, and one bad sector
 * then takes good ones with it. No failure where the system has no such thing. */
void athar_media_open_direct(athar_media *m);
/* Size of a regular file. */
athar_status athar_media_size(uint64_t *size, const athar_media *m, athar_error *err);

/* All len bytes at `at`. What cannot be read becomes zeros and is added to *bad, which counts from
 * another beginning: byte `at` of this file is byte `origin` there. A file that has become shorter
 * and a device that has gone are failures. */
athar_status athar_media_read(const athar_media *m, void *buf, size_t len, uint64_t at,
                              uint64_t origin, athar_runs *bad, athar_error *err);
void athar_media_close(athar_media *m);
ATHAR_DEFINE_AUTO_VALUE(media, athar_media, athar_media_close)

#endif
