/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The index of the Multi-Picture Format (CIPA DC-007), and the trailer of Samsung's telephones (as
 * ExifTool reads it): blocks of data, "SEFH", a version, a count, for each block its type, how far
 * before "SEFH" it begins and its size, then the size of all that from "SEFH" on, and "SEFT".
 */
#include "format/jpeg_more.h"

#include <string.h>

#include "base/check.h"
#include "base/endian.h"

#define ENTRIES 0xB002u
#define FIELDS_MOST 64u

#define TRAILER_MOST (UINT64_C(64) << 20)
#define BLOCK_HEAD 8u
#define NAME_MOST 64u
#define BLOCKS_MOST 1000u

typedef struct number_reader {
	const uint8_t *tiff;
	size_t len;
	bool big;
} number_reader;

static uint32_t get32(const number_reader *r, size_t at)
{
	if (!athar_inside(at, 4, r->len))
		return 0;
	return r->big ? athar_be32(r->tiff + at) : athar_le32(r->tiff + at);
}

static uint16_t get16(const number_reader *r, size_t at)
{
	if (!athar_inside(at, 2, r->len))
		return 0;
	return r->big ? athar_be16(r->tiff + at) : athar_le16(r->tiff + at);
}

void jpeg_index_parse(jpeg_index *out, const uint8_t *b, size_t len, uint64_t at)
{
	const number_reader r = {b, len, len != 0 && b[0] == 'M'};
	const size_t ifd = get32(&r, 4), fields = get16(&r, ifd);

	out->count = 0;
	for (size_t i = 0; i < fields && i < FIELDS_MOST; i++) {
		const size_t field = ifd + 2 + 12 * i;
		const size_t bytes = get32(&r, field + 4), place = get32(&r, field + 8);

		if (get16(&r, field) != ENTRIES || !athar_inside(place, bytes, r.len))
			continue;
		for (size_t n = 0; n < bytes / 16 && n < JPEG_PICTURES; n++) {
			const uint32_t offset = get32(&r, place + 16 * n + 8);

			out->size[n] = get32(&r, place + 16 * n + 4);
			out->offset[n] = offset == 0 ? 0 : at + offset;
			out->count = n + 1;
		}
	}
}

/* A block: two zeros, its type, the length of its name, the name. */
static bool is_block(const uint8_t *b, size_t len)
{
	const uint32_t name = len < BLOCK_HEAD ? 0 : athar_le32(b + 4);

	if (name == 0 || name > NAME_MOST || len < BLOCK_HEAD + name || athar_le16(b) != 0)
		return false;
	for (uint32_t i = 0; i < name; i++)
		if (b[BLOCK_HEAD + i] < 0x21 || b[BLOCK_HEAD + i] > 0x7E)
			return false;
	return true;
}

/* The size of the directory at `at`, which must stand behind it; 0: none begins there. */
static athar_status directory_size(size_t *out, athar_walk *w, uint64_t at, athar_error *err)
{
	const uint64_t limit = athar_reader_size(w->in);
	athar_bytes b;

	*out = 0;
	if (!athar_inside(at, 12, limit))
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, w->in, at, 12, err));
	const uint32_t count = athar_le32(b.ptr + 8);
	const size_t size = 12 + 12 * (size_t)athar_min(count, BLOCKS_MOST);

	if (count == 0 || count > BLOCKS_MOST || !athar_inside(at, size + 8, limit))
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, w->in, at + size, 8, err));
	if (athar_le32(b.ptr) == size && memcmp(b.ptr + 4, "SEFT", 4) == 0)
		*out = size;
	return ATHAR_OK;
}

/* Does the directory at `at` lead back to `begin`, and close? *end: behind it. */
static athar_status check_directory(uint64_t *end, athar_walk *w, uint64_t begin, uint64_t at,
                                    athar_error *err)
{
	uint64_t first = 0;
	size_t size;
	athar_bytes b;

	ATHAR_TRY(directory_size(&size, w, at, err));
	if (size == 0)
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, w->in, at, size, err));
	for (size_t i = 12; i < size; i += 12) {
		const uint32_t before = athar_le32(b.ptr + i + 4);

		if (athar_le32(b.ptr + i + 8) > before)
			return ATHAR_OK;
		first = athar_max(first, before);
	}
	if (first == at - begin)
		*end = at + size + 8;
	return ATHAR_OK;
}

static athar_status find_directory(uint64_t *end, athar_walk *w, uint64_t begin, athar_error *err)
{
	uint32_t last = 0;
	athar_stream s;
	uint8_t byte;

	athar_stream_seek(&s, w->in, begin);
	while (*end == 0 && athar_stream_at(&s) - begin < TRAILER_MOST) {
		ATHAR_TRY(athar_stream_byte(&byte, &s, err));
		last = last << 8 | byte;
		if (last != UINT32_C(0x53454648)) /* "SEFH" */
			continue;
		const uint64_t at = athar_stream_at(&s);

		ATHAR_TRY(check_directory(end, w, begin, at - 4, err));
		athar_stream_seek(&s, w->in, at);
	}
	return ATHAR_OK;
}

athar_status jpeg_trailer(uint64_t *out, athar_walk *w, uint64_t at, athar_error *err)
{
	uint64_t end = 0;
	athar_bytes b;

	*out = 0;
	if (at >= athar_reader_size(w->in))
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_some(&b, w->in, at, BLOCK_HEAD + NAME_MOST, err));
	if (!is_block(b.ptr, b.len))
		return ATHAR_OK;
	const athar_status status = find_directory(&end, w, at, err);

	/* Where the range ends first, the picture is whole all the same. */
	if (status != ATHAR_OK && status != ATHAR_EOF)
		return status;
	*err = (athar_error)ATHAR_ERROR_INIT;
	*out = end == 0 ? 0 : end - at;
	return ATHAR_OK;
}
