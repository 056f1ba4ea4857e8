/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Small files of NTFS live in their record of the master file table. libtsk hands out their bytes
 * and not their place; it is worked out here from the runs of $MFT.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "volume/content.h"

#define MFT_ADDRESS 0
#define STRIDE 512 /* the last two bytes of each are replaced by the update sequence number */
#define RECORD_MOST 4096

void athar_mft_open(athar_mft *mft, athar_volume *volume)
{
	ATHAR_AUTO_TSK_FILE TSK_FS_FILE *file = NULL;
	const TSK_FS_ATTR *attr = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	uint8_t boot[512];
	int8_t clusters;
	uint64_t record;

	if (!athar_tsk_image_get(volume->image, boot, sizeof boot, volume->base))
		return;
	clusters = (int8_t)boot[64];
	if (clusters > 0)
		record = (uint64_t)clusters * volume->fs->block_size;
	else
		record = clusters > -31 ? UINT64_C(1) << -clusters : 0;
	file = tsk_fs_file_open_meta(volume->fs, NULL, MFT_ADDRESS);
	if (file != NULL)
		attr = tsk_fs_file_attr_get(file);
	if (attr == NULL || record < STRIDE || record > RECORD_MOST || record % STRIDE != 0)
		return;
	if (athar_attr_extents(&mft->extents, volume, attr, &err) == ATHAR_OK)
		mft->record = (uint32_t)record;
}

/* Image offset of a record that lies in one piece; ATHAR_NOWHERE otherwise. */
static uint64_t record_place(const athar_mft *mft, uint64_t meta)
{
	uint64_t at;

	if (mft->record == 0 || !athar_mul(meta, mft->record, &at))
		return ATHAR_NOWHERE;
	for (size_t i = 0; i < mft->extents.count; i++) {
		const athar_extent *x = &mft->extents.extent[i];

		if (at >= x->logical && at - x->logical < x->length) {
			if (x->kind != ATHAR_EXTENT_DATA ||
			    x->length - (at - x->logical) < mft->record)
				return ATHAR_NOWHERE;
			return x->image + (at - x->logical);
		}
	}
	return ATHAR_NOWHERE;
}

/* Where in the record the bytes of a resident attribute begin; 0: not in this record. */
static uint32_t find_resident(const uint8_t *record, uint32_t size, const TSK_FS_ATTR *attr)
{
	uint32_t at = athar_le16(record + 20);

	while (at >= 48 && at + 24 <= size) {
		const uint32_t type = athar_le32(record + at);
		const uint32_t length = athar_le32(record + at + 4);
		const uint32_t content = athar_le32(record + at + 16);
		const uint32_t from = athar_le16(record + at + 20);

		if (type == UINT32_MAX || length < 24 || length > size - at)
			break;
		if (type == (uint32_t)attr->type && record[at + 8] == 0 &&
		    athar_le16(record + at + 14) == attr->id && content == (uint64_t)attr->size &&
		    athar_inside(from, content, length))
			return at + from;
		at += length;
	}
	return 0;
}

uint32_t athar_mft_piece(const uint8_t *record, uint32_t at, uint32_t end, uint32_t *length)
{
	const uint32_t in_stride = at % STRIDE;

	if (in_stride < STRIDE - 2) {
		*length = (uint32_t)athar_min(end - at, STRIDE - 2 - in_stride);
		return at;
	}
	*length = (uint32_t)athar_min(end - at, STRIDE - in_stride);
	return athar_le16(record + 4) + 2 + at / STRIDE * 2 + (in_stride - (STRIDE - 2));
}

/* Goes over the pieces of the content; false where one does not lie in the record or differs from
 * what libtsk read. */
static bool walk_pieces(athar_extents *out, const uint8_t *record, uint32_t size, uint64_t place,
                        uint32_t from, const TSK_FS_ATTR *attr, athar_error *err)
{
	const uint32_t end = from + (uint32_t)attr->size;
	uint32_t length;

	for (uint32_t at = from; at < end; at += length) {
		const uint32_t stored = athar_mft_piece(record, at, end, &length);

		if (!athar_inside(stored, length, size) ||
		    memcmp(record + stored, attr->rd.buf + (at - from), length) != 0 ||
		    athar_extents_add_data(out, place + stored, length, err) != ATHAR_OK)
			return false;
	}
	return true;
}

bool athar_mft_resident(athar_extents *out, athar_volume *volume, uint64_t meta,
                        const TSK_FS_ATTR *attr, uint64_t *place, athar_error *err)
{
	const uint32_t size = volume->mft.record;
	uint8_t record[RECORD_MOST];
	uint32_t from;

	*place = record_place(&volume->mft, meta);
	if (*place == ATHAR_NOWHERE || !athar_tsk_image_get(volume->image, record, size, *place) ||
	    memcmp(record, "FILE", 4) != 0 || (uint64_t)attr->size > attr->rd.buf_size)
		return false;
	from = find_resident(record, size, attr);
	if (from == 0)
		return false;
	if (walk_pieces(out, record, size, *place, from, attr, err))
		return true;
	athar_extents_clear(out);
	return false;
}
