/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pictures in a JPEG: the thumbnail of Exif (second directory of its TIFF), and those of the
 * multi-picture format (CIPA DC-007), which lie behind the first.
 */
#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "carve/inside.h"

#define SEGMENTS_MOST 256u
#define ENTRIES_MOST 512u
#define PICTURES_MOST 64u

/* A TIFF structure in a segment. */
typedef struct tiff {
	const uint8_t *bytes;
	size_t len;
	bool big;
} tiff;

static uint16_t get16(const tiff *t, size_t at)
{
	return t->big ? athar_be16(t->bytes + at) : athar_le16(t->bytes + at);
}

static uint32_t get32(const tiff *t, size_t at)
{
	return t->big ? athar_be32(t->bytes + at) : athar_le32(t->bytes + at);
}

/* *out: where its first directory begins. */
static bool open_tiff(tiff *t, size_t *out, const uint8_t *bytes, size_t len)
{
	*t = (tiff){.bytes = bytes, .len = len};
	if (len < 8 || (memcmp(bytes, "II*\0", 4) != 0 && memcmp(bytes, "MM\0*", 4) != 0))
		return false;
	t->big = bytes[0] == 'M';
	*out = get32(t, 4);
	return true;
}

/* Entries of the directory at `at`; 0: it is not there. */
static size_t entries(const tiff *t, size_t at)
{
	if (!athar_inside(at, 2, t->len))
		return 0;
	const size_t count = get16(t, at);

	return count <= ENTRIES_MOST && athar_inside(at, 2 + 12 * count + 4, t->len) ? count : 0;
}

/* Where the entry of a tag begins; 0: there is none. */
static size_t find_entry(const tiff *t, size_t at, uint16_t tag)
{
	const size_t count = entries(t, at);

	for (size_t i = 0; i < count; i++)
		if (get16(t, at + 2 + 12 * i) == tag)
			return at + 2 + 12 * i;
	return 0;
}

/* bytes: of the TIFF; base: where they lie in the file. */
static athar_status give_thumbnail(athar_listing *x, athar_bytes b, uint64_t base, athar_error *err)
{
	athar_layer l = {.offset = 0};
	size_t at = 0;
	tiff t;

	if (!open_tiff(&t, &at, b.ptr, b.len) || entries(&t, at) == 0)
		return ATHAR_OK;
	at = get32(&t, at + 2 + 12 * entries(&t, at));
	const size_t place = find_entry(&t, at, 0x201), length = find_entry(&t, at, 0x202);

	if (at == 0 || place == 0 || length == 0 ||
	    !athar_inside(get32(&t, place + 8), get32(&t, length + 8), t.len))
		return ATHAR_OK;
	l.offset = base + get32(&t, place + 8);
	l.stored = l.size = get32(&t, length + 8);
	athar_layer_name(&l, "exif thumbnail", 14);
	return athar_listing_give(x, &l, err);
}

/* Offsets of its pictures count from the TIFF's own beginning; the first picture is the file. */
static athar_status give_pictures(athar_listing *x, athar_bytes b, uint64_t base, athar_error *err)
{
	size_t at = 0;
	tiff t;

	if (!open_tiff(&t, &at, b.ptr, b.len))
		return ATHAR_OK;
	const size_t entry = find_entry(&t, at, 0xB002);
	const size_t count = entry == 0 ? 0 : get32(&t, entry + 4) / 16;
	const size_t table = entry == 0 ? 0 : get32(&t, entry + 8);
	uint8_t copy[16 * PICTURES_MOST];

	if (count > PICTURES_MOST || !athar_inside(table, 16 * count, t.len))
		return ATHAR_OK;
	memcpy(copy, t.bytes + table, 16 * count);
	t.bytes = copy;
	for (size_t i = 1; i < count; i++) {
		athar_layer l = {.offset = base + get32(&t, 16 * i + 8),
		                 .stored = get32(&t, 16 * i + 4),
		                 .size = get32(&t, 16 * i + 4)};
		char name[32];

		athar_layer_name(&l, name,
		                 (size_t)snprintf(name, sizeof name, "picture %zu", i + 1));
		ATHAR_TRY(athar_listing_give(x, &l, err));
	}
	return ATHAR_OK;
}

static athar_status read_segment(athar_listing *x, uint8_t marker, uint64_t at, size_t len,
                                 athar_error *err)
{
	athar_bytes b;

	if ((marker != 0xE1 && marker != 0xE2) || len < 14)
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, x->in, at, len, err));
	if (marker == 0xE1 && memcmp(b.ptr, "Exif\0", 5) == 0)
		return give_thumbnail(x, (athar_bytes){.ptr = b.ptr + 6, .len = len - 6}, at + 6,
		                      err);
	if (marker == 0xE2 && memcmp(b.ptr, "MPF", 4) == 0)
		return give_pictures(x, (athar_bytes){.ptr = b.ptr + 4, .len = len - 4}, at + 4,
		                     err);
	return ATHAR_OK;
}

static athar_status list(athar_listing *x, athar_error *err)
{
	uint64_t at = 2;
	athar_bytes b;

	for (unsigned i = 0; i < SEGMENTS_MOST && athar_inside(at, 4, x->size); i++) {
		ATHAR_TRY(athar_reader_get(&b, x->in, at, 4, err));
		const uint8_t marker = b.ptr[1];
		const size_t len = athar_be16(b.ptr + 2);

		if (b.ptr[0] != 0xFF || marker == 0xDA || len < 2 ||
		    !athar_inside(at + 2, len, x->size))
			return ATHAR_OK;
		ATHAR_TRY(read_segment(x, marker, at + 4, len - 2, err));
		at += 2 + len;
	}
	return ATHAR_OK;
}

const athar_container athar_container_jpeg = {.format = "jpeg", .list = list};
