/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The first sector of volumes encrypted with BitLocker (libbde's documentation of the format): it
 * says where the three copies of the metadata lie. What else is of the volume has no mark.
 */
#include <string.h>

#include "base/endian.h"
#include "format/list.h"
#include "format/walk.h"

#define SECTOR 512u

static athar_status metadata(athar_walk *w, const uint64_t at[3], athar_error *err)
{
	unsigned found = 0;
	athar_bytes b;

	for (size_t i = 0; i < 3; i++) {
		if (at[i] > athar_reader_size(w->in) || at[i] + 8 > athar_reader_size(w->in))
			continue;
		ATHAR_TRY(athar_reader_get(&b, w->in, at[i], 8, err));
		found += memcmp(b.ptr, "-FVE-FS-", 8) == 0;
	}
	return athar_walk_stop(w,
	                       "the first sector of a volume; %u of 3 copies of its metadata are "
	                       "where it says",
	                       found);
}

static athar_status walk(athar_walk *w, athar_error *err)
{
	static const uint8_t id[] = {0x3B, 0xD6, 0x67, 0x49, 0x29, 0x2E, 0xD8, 0x4A,
	                             0x83, 0x99, 0xF6, 0xA3, 0x39, 0xE3, 0xD0, 0x01};
	athar_bytes b;
	uint64_t at[3];

	ATHAR_TRY(athar_reader_get(&b, w->in, 0, SECTOR, err));
	const uint16_t sector = athar_le16(b.ptr + 11);

	if (memcmp(b.ptr + 3, "-FVE-FS-", 8) != 0 || memcmp(b.ptr + 160, id, sizeof id) != 0 ||
	    (sector != 512 && sector != 4096) || athar_le16(b.ptr + 510) != 0xAA55)
		return athar_walk_stop(w, "it is no first sector of a volume");
	for (size_t i = 0; i < 3; i++) {
		at[i] = athar_le64(b.ptr + 176 + 8 * i);
		if (at[i] == 0 || at[i] % SECTOR != 0 || at[i] > UINT64_C(1) << 50)
			return athar_walk_stop(w, "its metadata lie nowhere");
	}
	athar_walk_begin(w, SECTOR);
	athar_walk_field(w, "encrypted", "yes");
	return metadata(w, at, err);
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;

	athar_walk_init(&w, out, in);
	return athar_walk_settle(&w, walk(&w, err), err);
}

static const athar_magic magic[] = {{3, 8, {'-', 'F', 'V', 'E', '-', 'F', 'S', '-'}}, {0, 0, {0}}};

const athar_format athar_format_bitlocker = {
	.name = "bitlocker",
	.extension = "bde",
	.mime = "application/octet-stream",
	.summary = "first sectors of volumes encrypted with BitLocker",
	.end = "it is one sector; the volume has no end that shows",
	.best = ATHAR_GRADE_PARTIAL,
	.magic = magic,
	.measure = measure,
};
