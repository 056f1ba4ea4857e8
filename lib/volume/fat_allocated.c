/* SPDX-License-Identifier: BSD-2-Clause */
/* The allocation table of FAT and the bitmap of exFAT, read as bytes: a call of libtsk for each
 * sector would take minutes on a large card. */
#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "volume/fat.h"

#define PIECE ((size_t)3 << 18) /* a multiple of 3 bytes, so that 12-bit entries come whole */
#define BITMAP_ENTRY 0x81
#define ROOT_MOST 4096 /* clusters of the exFAT root directory that are searched */

/* Joins neighbours before they reach the runs. */
typedef struct stretch {
	athar_runs *out;
	uint64_t offset, length;
	bool bad; /* of clusters marked as bad, not of those in use */
} stretch;

static athar_status stretch_end(stretch *s, athar_error *err)
{
	const uint64_t length = s->length;

	s->length = 0;
	return athar_runs_add(s->out, s->offset, length, ATHAR_RUN_DATA, err);
}

static athar_status stretch_add(stretch *s, uint64_t offset, uint64_t length, athar_error *err)
{
	if (s->length > 0 && s->offset + s->length == offset) {
		s->length += length;
		return ATHAR_OK;
	}
	ATHAR_TRY(stretch_end(s, err));
	s->offset = offset;
	s->length = length;
	return ATHAR_OK;
}

static uint32_t table_entry(const uint8_t *table, unsigned bits, size_t index)
{
	const uint8_t *p = table + index / 2 * 3;

	if (bits == 32)
		return athar_le32(table + index * 4) & 0x0FFFFFFF;
	if (bits == 16)
		return athar_le16(table + index * 2);
	return index % 2 == 0 ? (p[0] | (p[1] & 0x0FU) << 8)
	                      : ((uint32_t)p[1] >> 4 | (uint32_t)p[2] << 4);
}

static athar_status scan_table(stretch *s, const athar_fat *fat, const uint8_t *table,
                               uint64_t first, size_t count, athar_error *err)
{
	const uint32_t bad = fat->bits == 32 ? 0x0FFFFFF7 : fat->bits == 16 ? 0xFFF7 : 0xFF7;

	for (size_t i = 0; i < count; i++) {
		const uint32_t entry = table_entry(table, fat->bits, i);
		const uint64_t place = athar_fat_place(fat, first + i);

		if (entry != 0 && (entry == bad) == s->bad && place != ATHAR_NOWHERE)
			ATHAR_TRY(stretch_add(s, place, fat->cluster, err));
	}
	return ATHAR_OK;
}

static athar_status scan_bitmap(stretch *s, const athar_fat *fat, const uint8_t *bitmap,
                                uint64_t first, size_t bytes, athar_error *err)
{
	for (size_t i = 0; i < bytes; i++) {
		for (unsigned bit = 0; bitmap[i] != 0 && bit < 8; bit++) {
			const uint64_t place = athar_fat_place(fat, first + i * 8 + bit);

			if ((bitmap[i] >> bit & 1) != 0 && place != ATHAR_NOWHERE)
				ATHAR_TRY(stretch_add(s, place, fat->cluster, err));
		}
	}
	return ATHAR_OK;
}

/* Place and length of the allocation bitmap, from the root directory. */
static bool find_bitmap(const athar_fat *fat, athar_tsk_image *image, uint64_t *at,
                        uint64_t *length)
{
	uint64_t cluster = fat->root;

	for (unsigned n = 0; n < ROOT_MOST; n++) {
		const uint64_t place = athar_fat_place(fat, cluster);

		for (uint32_t i = 0; place != ATHAR_NOWHERE && i < fat->cluster;
		     i += ATHAR_FAT_ENTRY) {
			uint8_t entry[ATHAR_FAT_ENTRY];

			if (!athar_tsk_image_get(image, entry, sizeof entry, place + i) ||
			    entry[0] == 0)
				return false;
			if (entry[0] == BITMAP_ENTRY) {
				*at = athar_fat_place(fat, athar_le32(entry + 20));
				*length =
					athar_min(athar_le64(entry + 24), (fat->clusters + 7) / 8);
				return *at != ATHAR_NOWHERE;
			}
		}
		if (place == ATHAR_NOWHERE || !athar_fat_next(fat, image, cluster, &cluster))
			return false;
	}
	return false;
}

/* Reads [at, at + length) in pieces; bits: of one entry there. */
static athar_status scan(stretch *s, const athar_fat *fat, athar_tsk_image *image, uint64_t at,
                         uint64_t length, athar_error *err)
{
	ATHAR_AUTO(free) uint8_t *piece = athar_alloc(PIECE, err);
	const bool bitmap = fat->exfat && !s->bad;
	const unsigned bits = bitmap ? 1 : fat->bits;

	if (piece == NULL)
		return err->status;
	for (uint64_t done = 0; done < length; done += PIECE) {
		const size_t want = (size_t)athar_min(PIECE, length - done);
		const uint64_t first = done * 8 / bits;
		ATHAR_AUTO(runs) athar_runs bad = ATHAR_RUNS_INIT;
		size_t got;

		ATHAR_TRY(
			athar_source_read(image->source, piece, want, at + done, &got, &bad, err));
		if (image->beat != NULL)
			ATHAR_TRY(image->beat(image->user, err));
		if (bad.count > 0)
			image->failed++;
		if (bitmap)
			ATHAR_TRY(scan_bitmap(s, fat, piece, first + 2, got, err));
		else
			ATHAR_TRY(scan_table(s, fat, piece, first, got * 8 / bits, err));
		if (got < want)
			break;
	}
	return stretch_end(s, err);
}

/* Bytes of the table that say something of clusters. */
static uint64_t table_used(const athar_fat *fat)
{
	return athar_min(fat->table_length, (fat->clusters + 2) * fat->bits / 8 + 2);
}

athar_status athar_fat_allocated(athar_runs *out, const athar_fat *fat, athar_tsk_image *image,
                                 uint64_t base, athar_error *err)
{
	stretch s = {.out = out, .offset = base, .length = fat->data - base};
	uint64_t at = fat->table;
	uint64_t length = table_used(fat);

	if (fat->exfat && !find_bitmap(fat, image, &at, &length))
		return athar_fail(err, ATHAR_EFORMAT, "the allocation bitmap was not found");
	return scan(&s, fat, image, at, length, err);
}

athar_status athar_fat_bad(athar_runs *out, const athar_fat *fat, athar_tsk_image *image,
                           athar_error *err)
{
	stretch s = {.out = out, .bad = true};

	return scan(&s, fat, image, fat->table, table_used(fat), err);
}
