/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pages of Ogg streams (RFC 3533) for the joiner: their heads, their CRC, and the CRC backwards,
 * with which the middle of a page is found whose both ends are known.
 */
#ifndef ATHAR_CARVE_OGG_PAGES_H
#define ATHAR_CARVE_OGG_PAGES_H

#include "carve/trail.h"

#define ATHAR_OGG_HEAD 27u
#define ATHAR_OGG_MOST 65307u /* bytes of a page */
#define ATHAR_OGG_FIRST 2u
#define ATHAR_OGG_LAST 4u

typedef struct athar_ogg_page {
	uint64_t at; /* in the source */
	uint32_t len, serial, number, crc;
	uint8_t flags;
} athar_ogg_page;

typedef struct athar_ogg_crc {
	uint32_t ahead[256];
	uint8_t back[256]; /* by the highest byte of a table's entry: which one it is */
} athar_ogg_crc;

/* In the order of the source; the CRC of each holds. */
typedef struct athar_ogg_pages {
	athar_ogg_page *page;
	size_t count, capacity;
} athar_ogg_pages;

extern const athar_spot_kind athar_ogg_spot;

/* How much of a head is there, as far as it can be one: 0 where it cannot. */
size_t athar_ogg_looks(const uint8_t *bytes, size_t len);
/* Of a head that is there with all lengths of its segments; `at` is not set. */
bool athar_ogg_head(athar_ogg_page *out, const uint8_t *bytes, size_t len);

void athar_ogg_crc_make(athar_ogg_crc *t);
uint32_t athar_ogg_crc_ahead(const athar_ogg_crc *t, uint32_t crc, const uint8_t *bytes,
                             size_t len);
/* What it was before these bytes. */
uint32_t athar_ogg_crc_back(const athar_ogg_crc *t, uint32_t crc, const uint8_t *bytes, size_t len);
/* Of a whole page, whose own CRC counts as zeros. */
uint32_t athar_ogg_crc_page(const athar_ogg_crc *t, const uint8_t *bytes, size_t len);

/* All sound pages of a stream near the beginning of the file. */
athar_status athar_ogg_pages_find(athar_ogg_pages *out, athar_joining *j, const athar_ogg_crc *t,
                                  athar_error *err);
void athar_ogg_pages_clear(athar_ogg_pages *pages);
ATHAR_DEFINE_AUTO_VALUE(ogg_pages, athar_ogg_pages, athar_ogg_pages_clear)

#endif
