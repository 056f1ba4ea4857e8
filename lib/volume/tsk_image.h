/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What libtsk takes for a disk image: our source. It is the only way by which libtsk sees a byte.
 *
 * libtsk's return codes prove nothing (a failed read can come back as success with what happened to
 * be in memory), so the reads are watched here: what could not be had is given as zeros and
 * counted, and a bound on the bytes read in all ends loops that never would.
 */
#ifndef ATHAR_VOLUME_TSK_IMAGE_H
#define ATHAR_VOLUME_TSK_IMAGE_H

#include <tsk/libtsk.h>

#include "base/idiom.h"

typedef struct athar_tsk_image {
	TSK_IMG_INFO tsk; /* first: libtsk hands out pointers to it */
	athar_source *source;
	uint64_t failed; /* reads that met a range which could not be had */
	athar_runs bad;  /* those ranges: libtsk reads ahead and keeps what it read */
	uint64_t left;   /* bytes that may still be read */
	bool exhausted;  /* the bound was reached */
	/* Told of reads while libtsk works on its own for long; may be NULL. */
	athar_status (*beat)(void *user, athar_error *err);
	void *user;
	athar_status stopped; /* what beat said when it did not say ATHAR_OK */
	athar_error error;
} athar_tsk_image;

athar_status athar_tsk_image_open(athar_tsk_image **out, athar_source *source, athar_error *err);
void athar_tsk_image_close(athar_tsk_image *image);
ATHAR_DEFINE_AUTO(tsk_image, athar_tsk_image *, athar_tsk_image_close)

/* How much libtsk may read from here on, for work over `length` bytes. */
void athar_tsk_image_bound(athar_tsk_image *image, uint64_t length);

/* libtsk's last error in one line, never NULL; forgets it. */
const char *athar_tsk_error(char *buf, size_t len);

/* len bytes at offset, without libtsk: false where they end before or could not be had. */
bool athar_tsk_image_get(athar_tsk_image *image, void *buf, size_t len, uint64_t offset);

#endif
