/* SPDX-License-Identifier: BSD-2-Clause */
#include "carve/ogg_pages.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"

static const uint8_t pattern[] = {'O', 'g', 'g', 'S', 0};

static bool holds(const uint8_t *bytes, size_t len)
{
	return len < 6 || bytes[5] < 8;
}

const athar_spot_kind athar_ogg_spot = {
	.pattern = {'O', 'g', 'g', 'S', 0}, .len = sizeof pattern, .holds = holds};

size_t athar_ogg_looks(const uint8_t *bytes, size_t len)
{
	if (memcmp(bytes, pattern, athar_min(len, sizeof pattern)) != 0 ||
	    (len > 5 && bytes[5] >= 8))
		return 0;
	return len;
}

bool athar_ogg_head(athar_ogg_page *out, const uint8_t *bytes, size_t len)
{
	if (len < ATHAR_OGG_HEAD || len < ATHAR_OGG_HEAD + (size_t)bytes[26] ||
	    athar_ogg_looks(bytes, len) == 0)
		return false;
	*out = (athar_ogg_page){.len = ATHAR_OGG_HEAD + bytes[26], .flags = bytes[5]};
	for (size_t i = 0; i < bytes[26]; i++)
		out->len += bytes[ATHAR_OGG_HEAD + i];
	out->serial = athar_le32(bytes + 14);
	out->number = athar_le32(bytes + 18);
	out->crc = athar_le32(bytes + 22);
	return true;
}

/* The polynomial 0x04C11DB7, highest bit first, begun with 0 and not inverted. */
void athar_ogg_crc_make(athar_ogg_crc *t)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t c = i << 24;

		for (int bit = 0; bit < 8; bit++)
			c = c << 1 ^ (c >> 31 != 0 ? UINT32_C(0x04C11DB7) : 0);
		t->ahead[i] = c;
		/* the lowest bytes are all different, since its lowest bit is set */
		t->back[c & 0xFF] = (uint8_t)i;
	}
}

uint32_t athar_ogg_crc_ahead(const athar_ogg_crc *t, uint32_t crc, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		crc = crc << 8 ^ t->ahead[(crc >> 24 ^ bytes[i]) & 0xFF];
	return crc;
}

uint32_t athar_ogg_crc_back(const athar_ogg_crc *t, uint32_t crc, const uint8_t *bytes, size_t len)
{
	for (size_t i = len; i > 0; i--) {
		const uint8_t which = t->back[crc & 0xFF];

		crc = (crc ^ t->ahead[which]) >> 8 | (uint32_t)(which ^ bytes[i - 1]) << 24;
	}
	return crc;
}

uint32_t athar_ogg_crc_page(const athar_ogg_crc *t, const uint8_t *bytes, size_t len)
{
	static const uint8_t none[4];
	uint32_t crc = athar_ogg_crc_ahead(t, 0, bytes, 22);

	crc = athar_ogg_crc_ahead(t, crc, none, sizeof none);
	return athar_ogg_crc_ahead(t, crc, bytes + 26, len - 26);
}

/* A page at `at` whose bytes lie there one after the other. */
static athar_status take(athar_ogg_pages *out, athar_joining *j, const athar_ogg_crc *t,
                         uint64_t at, athar_error *err)
{
	athar_ogg_page p;
	athar_bytes b;

	ATHAR_TRY(athar_joining_read(&b, j, at, ATHAR_OGG_HEAD + 255, err));
	if (!athar_ogg_head(&p, b.ptr, b.len))
		return ATHAR_OK;
	ATHAR_TRY(athar_joining_spend(j, p.len, err));
	ATHAR_TRY(athar_joining_read(&b, j, at, p.len, err));
	if (b.len < p.len || athar_ogg_crc_page(t, b.ptr, p.len) != p.crc)
		return ATHAR_OK;
	p.at = at;
	ATHAR_TRY(athar_grow(&out->page, &out->capacity, out->count + 1, sizeof *out->page, err));
	out->page[out->count++] = p;
	return ATHAR_OK;
}

athar_status athar_ogg_pages_find(athar_ogg_pages *out, athar_joining *j, const athar_ogg_crc *t,
                                  athar_error *err)
{
	const athar_spots *spots;
	size_t first, count;

	ATHAR_TRY(athar_joining_spots(&spots, j, &athar_ogg_spot, err));
	athar_trail_near(&first, &count, j, spots);
	for (size_t i = first; i < first + count; i++) {
		ATHAR_TRY(athar_joining_spend(j, athar_trail_cost(spots, i), err));
		ATHAR_TRY(take(out, j, t, spots->at[i], err));
	}
	return ATHAR_OK;
}

void athar_ogg_pages_clear(athar_ogg_pages *pages)
{
	free(pages->page);
	*pages = (athar_ogg_pages){.count = 0};
}
