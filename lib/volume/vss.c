/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/vss.h"

#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "volume/ntfs_record.h"

#define BLOCKS_MOST 64 /* of the catalog: 4 have room for all that Windows keeps */
#define ENTRY 128u
#define TYPE_HEADER 1u
#define TYPE_CATALOG 2u
#define ENTRY_COPY 2u

/* 3808876b-c176-4e48-b7ae-04046e6cc752 */
static const uint8_t identifier[16] = {0x6B, 0x87, 0x08, 0x38, 0x76, 0xC1, 0x48, 0x4E,
                                       0xB7, 0xAE, 0x04, 0x04, 0x6E, 0x6C, 0xC7, 0x52};

static bool is_record(const uint8_t *bytes, uint32_t type)
{
	const uint32_t version = athar_le32(bytes + 16);

	return memcmp(bytes, identifier, sizeof identifier) == 0 && version >= 1 && version <= 2 &&
	       athar_le32(bytes + 20) == type;
}

uint64_t athar_vss_header_read(const uint8_t header[ATHAR_VSS_HEADER])
{
	return is_record(header, TYPE_HEADER) ? athar_le64(header + 48) : 0;
}

static void take_copy(athar_vss *vss, const uint8_t *entry)
{
	const uint64_t created = athar_le64(entry + 48);

	vss->count++;
	if (created == 0)
		return;
	vss->first = vss->first == 0 ? created : athar_min(vss->first, created);
	vss->last = athar_max(vss->last, created);
}

bool athar_vss_catalog_read(athar_vss *vss, uint64_t *next, const uint8_t block[ATHAR_VSS_CATALOG])
{
	*next = 0;
	if (!is_record(block, TYPE_CATALOG))
		return false;
	*next = athar_le64(block + 40);
	for (size_t at = ENTRY; at + ENTRY <= ATHAR_VSS_CATALOG; at += ENTRY) {
		if (athar_le64(block + at) == ENTRY_COPY)
			take_copy(vss, block + at);
	}
	return true;
}

/* Its blocks come in order of place: one that leads back ends it. */
static void read_catalog(athar_vss *vss, athar_walk *w, uint64_t at)
{
	const athar_volume_info *info = &w->volume->info;
	uint8_t block[ATHAR_VSS_CATALOG];
	uint64_t next;

	for (int i = 0; i < BLOCKS_MOST && at != 0; i++, at = next) {
		if (!athar_inside(at, sizeof block, info->length) ||
		    !athar_tsk_image_get(w->volume->image, block, sizeof block,
		                         info->offset + at) ||
		    !athar_vss_catalog_read(vss, &next, block) || next == at)
			return;
	}
}

static void say_date(char out[40], uint64_t filetime)
{
	int64_t seconds = 0;
	uint32_t rest;
	int64_t day, era, year, month;

	(void)athar_filetime(&seconds, &rest, filetime);
	/* Days since 1 March of year 0, of which the last day of a year is the leap day. */
	day = (seconds - (seconds < 0 ? 86399 : 0)) / 86400 + 719468;
	era = day / 146097;
	day %= 146097;
	year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	day -= 365 * year + year / 4 - year / 100;
	month = (5 * day + 2) / 153;
	year += era * 400 + (month >= 10 ? 1 : 0);
	snprintf(out, 40, "%04d-%02d-%02d", (int)year, (int)(month < 10 ? month + 3 : month - 9),
	         (int)(day - (153 * month + 2) / 5 + 1));
}

athar_status athar_vss_tell(athar_walk *w, athar_error *err)
{
	const athar_volume_info *info = &w->volume->info;
	uint8_t header[ATHAR_VSS_HEADER];
	athar_vss vss = {.count = 0};
	char first[40], last[40], text[200];

	if (info->length < ATHAR_VSS_HEADER_AT + sizeof header ||
	    !athar_tsk_image_get(w->volume->image, header, sizeof header,
	                         info->offset + ATHAR_VSS_HEADER_AT))
		return ATHAR_OK;
	read_catalog(&vss, w, athar_vss_header_read(header));
	if (vss.count == 0)
		return ATHAR_OK;
	say_date(first, vss.first);
	say_date(last, vss.last);
	snprintf(text, sizeof text,
	         "%u volume shadow copies are there (first %s, last %s): their contents are not "
	         "examined",
	         vss.count, first, last);
	return athar_walk_note(w, text, err);
}
