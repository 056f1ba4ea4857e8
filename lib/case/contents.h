/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The contents that a run has stored, found again by SHA-256 and size: 64 bytes each and a slot.
 */
#ifndef ATHAR_CASE_CONTENTS_H
#define ATHAR_CASE_CONTENTS_H

#include "base/idiom.h"

typedef struct athar_content {
	uint8_t sha256[32];
	uint64_t size, number; /* number of the item that has it */
	char extension[8];
	bool absent;     /* known, and so not written */
	uint32_t places; /* bytes of the further places that its item has by now */
} athar_content;

typedef struct athar_contents {
	athar_content *content; /* in order of number */
	size_t count, capacity;
	uint32_t *slot; /* index + 1 into content, 0: free; a power of two of them */
	size_t slots;
} athar_contents;

/* NULL: not there. Valid until the next is added. */
athar_content *athar_contents_find(const athar_contents *t, const uint8_t sha256[32],
                                   uint64_t size);
/* `again`: may be found again; takes the place of an older one of the same content. */
athar_status athar_contents_add(athar_contents *t, const athar_content *content, bool again,
                                athar_error *err);
void athar_contents_clear(athar_contents *t);

/* The SHA-256 from 64 hex digits, and back. */
void athar_content_set_hex(athar_content *content, const char *hex);
void athar_content_get_hex(char hex[65], const athar_content *content);

#endif
