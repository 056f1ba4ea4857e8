/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where formats may begin: one pass over ranges of a source, by the first two bytes of their
 * magics.
 */
#ifndef ATHAR_CARVE_SCAN_H
#define ATHAR_CARVE_SCAN_H

#include "format/format.h"

typedef struct athar_scan_hit {
	uint64_t offset; /* in the source */
	const athar_format *format;
	athar_claim claim;
	uint64_t bad;  /* bytes of it that are known to be bad or unread */
	bool given_up; /* measuring took more work than it may: nothing else is known of it */
} athar_scan_hit;

typedef struct athar_scanner athar_scanner;

/* formats: NULL-terminated, borrowed. step: 512 for sectors, 1 for every byte. */
athar_status athar_scanner_new(athar_scanner **out, const athar_format *const *formats,
                               uint32_t step, athar_error *err);
void athar_scanner_free(athar_scanner *s);
ATHAR_DEFINE_AUTO(scanner, athar_scanner *, athar_scanner_free)

/* Looks for beginnings in [start, start + length); a file may go on to `limit` (the end of the free
 * range it lies in), never past it. Hits come in order of offset. Those inside other hits too:
 * which of them are parts of a whole file only who knows what came before this range can tell. Only
 * the members of a file whose format is chained are not told again. */
athar_status athar_scanner_run(athar_scanner *s, athar_source *source, uint64_t start,
                               uint64_t length, uint64_t limit,
                               athar_status (*hit)(void *user, const athar_scan_hit *hit,
                                                   athar_error *err),
                               void *user, athar_error *err);

#endif
