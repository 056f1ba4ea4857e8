/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PNG (ISO/IEC 15948): a signature of 8 bytes, then chunks: length 4, type 4, data, CRC-32 of type
 * and data 4. IHDR comes first, IEND last. Every byte behind the signature is under a CRC.
 */
#include <string.h>

#include "base/endian.h"
#include "format/exif.h"
#include "format/list.h"
#include "format/walk.h"

#define SIGNATURE 8u
#define FRAME 12u /* length, type and CRC */

typedef struct chunk {
	uint32_t len;
	char type[5];
} chunk;

static bool is_letter(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* The chunk at `at`, its data and its CRC. */
static athar_status check_chunk(chunk *out, athar_walk *w, uint64_t at, athar_error *err)
{
	athar_bytes b;
	uint32_t crc;

	ATHAR_TRY(athar_reader_get(&b, w->in, at, 8, err));
	*out = (chunk){.len = athar_be32(b.ptr)};
	memcpy(out->type, b.ptr + 4, 4);
	for (int i = 0; i < 4; i++) {
		if (!is_letter(b.ptr[4 + i]))
			return athar_walk_stop(w, "what follows the last good chunk is no chunk");
	}
	if (out->len > INT32_MAX)
		return athar_walk_stop(w, "chunk %s claims an impossible length", out->type);
	ATHAR_TRY(athar_walk_crc(&crc, w->in, at + 4, out->len + UINT64_C(4), err));
	ATHAR_TRY(athar_reader_get(&b, w->in, at + 8 + out->len, 4, err));
	if (crc != athar_be32(b.ptr))
		return athar_walk_stop(w, "the CRC of a chunk %s does not hold", out->type);
	return ATHAR_OK;
}

/* Table 11.1 of the standard: the bit depths that each colour type may have. */
static bool depth_fits(uint8_t depth, uint8_t colour)
{
	static const uint32_t allowed[7] = {
		[0] = 1u << 1 | 1u << 2 | 1u << 4 | 1u << 8 | 1u << 16,
		[2] = 1u << 8 | 1u << 16,
		[3] = 1u << 1 | 1u << 2 | 1u << 4 | 1u << 8,
		[4] = 1u << 8 | 1u << 16,
		[6] = 1u << 8 | 1u << 16,
	};

	return colour < ATHAR_COUNT(allowed) && depth <= 16 && (allowed[colour] >> depth & 1) != 0;
}

static athar_status check_header(athar_walk *w, athar_error *err)
{
	athar_bytes b;
	chunk ihdr;

	ATHAR_TRY(athar_reader_get(&b, w->in, SIGNATURE, 21, err));
	const uint32_t width = athar_be32(b.ptr + 8), height = athar_be32(b.ptr + 12);

	if (memcmp(b.ptr, "\0\0\0\x0dIHDR", 8) != 0 || !depth_fits(b.ptr[16], b.ptr[17]))
		return athar_walk_stop(w, "the signature is not followed by a header chunk");
	if (width == 0 || width > INT32_MAX || height == 0 || height > INT32_MAX)
		return athar_walk_stop(w, "the picture has no size");
	return check_chunk(&ihdr, w, SIGNATURE, err);
}

static athar_status note_size(athar_walk *w, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, w->in, SIGNATURE + 8, 8, err));
	athar_walk_field(w, "width", "%u", athar_be32(b.ptr));
	athar_walk_field(w, "height", "%u", athar_be32(b.ptr + 4));
	return ATHAR_OK;
}

static athar_status walk(athar_walk *w, athar_error *err)
{
	uint64_t at = SIGNATURE + FRAME + 13;
	bool data = false;
	chunk c;

	ATHAR_TRY(check_header(w, err));
	athar_walk_begin(w, at);
	ATHAR_TRY(note_size(w, err));
	do {
		ATHAR_TRY(check_chunk(&c, w, at, err));
		if (strcmp(c.type, "IHDR") == 0)
			return athar_walk_stop(w, "another picture begins before this one ends");
		if (strcmp(c.type, "eXIf") == 0)
			ATHAR_TRY(athar_exif_fields(w, at + 8, c.len, err));
		at += FRAME + c.len;
		athar_walk_prove(w, at);
		data = data || strcmp(c.type, "IDAT") == 0;
	} while (strcmp(c.type, "IEND") != 0);
	if (!data)
		return athar_walk_stop(w, "it ends without picture data");
	athar_walk_close(w, ATHAR_GRADE_INTACT, at, "the CRC of every chunk holds, IEND closes it");
	return ATHAR_OK;
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;

	athar_walk_init(&w, out, in);
	return athar_walk_settle(&w, walk(&w, err), err);
}

static const athar_magic magic[] = {{0, 8, {0x89, 'P', 'N', 'G', 13, 10, 26, 10}}, {0, 0, {0}}};

const athar_format athar_format_png = {
	.name = "png",
	.extension = "png",
	.mime = "image/png",
	.summary = "Portable Network Graphics",
	.end = "the CRC of every chunk up to IEND",
	.best = ATHAR_GRADE_INTACT,
	.magic = magic,
	.measure = measure,
};
