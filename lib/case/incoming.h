/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The content of one item as it comes in: hashed on the way, small ones held in memory, so that a
 * content that is there already costs no file.
 */
#ifndef ATHAR_CASE_INCOMING_H
#define ATHAR_CASE_INCOMING_H

#include "base/idiom.h"

typedef struct athar_incoming {
	athar_digester *digester; /* NULL: nothing is coming in */
	unsigned more;            /* algorithms beside MD5 and SHA-256 */
	uint64_t size;
	uint8_t *held; /* what is not in the file yet; kept from content to content */
	size_t held_len;
	int fd; /* -1 while all of it is held */
} athar_incoming;

#define ATHAR_INCOMING_INIT \
	{ \
		.fd = -1 \
	}

athar_status athar_incoming_begin(athar_incoming *in, athar_error *err);
/* `path`: where it goes when it grows too long to be held. */
athar_status athar_incoming_write(athar_incoming *in, const void *bytes, size_t len,
                                  const char *path, athar_error *err);
/* MD5, SHA-256 and what else is wanted. */
athar_status athar_incoming_finish(athar_digests *out, athar_incoming *in, athar_error *err);
/* Makes it the new file `to`. */
athar_status athar_incoming_store(athar_incoming *in, const char *path, const char *to,
                                  athar_error *err);
/* Throws it away. */
void athar_incoming_drop(athar_incoming *in, const char *path);
/* After a drop. */
void athar_incoming_clear(athar_incoming *in);

#endif
