/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Strips and tiles of TIFF: LZW (TIFF 6.0, section 13), PackBits (section 9), deflate, and JPEG.
 */
#include "format/tiff.h"

#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "format/jpeg.h"

#define LZW 5u
#define OLD_JPEG 6u
#define JPEG 7u
#define DEFLATE 8u
#define OLD_DEFLATE 32946u
#define PACKBITS 32773u
#define DNG_JPEG 34892u

#define YCBCR 6u
#define IMAGE_MOST (UINT64_C(1) << 40)

#define CODES 4096u
#define CLEAR 256u
#define END 257u
#define NONE UINT32_MAX
#define SLACK 8u       /* bytes that may follow the last code */
#define SEGMENTS 1000u /* of a JPEG, before its frame */

/* ---- sizes ---- */

static uint64_t divide_up(uint64_t a, uint64_t b)
{
	return a / b + (a % b != 0);
}

static uint64_t planes(const tiff_image *m)
{
	return m->planar == 2 ? m->samples : 1;
}

uint64_t tiff_strips_needed(const tiff_image *m)
{
	uint64_t n;

	if (m->tiled) {
		if (m->tile_width == 0 || m->tile_height == 0)
			return 0;
		n = divide_up(m->width, m->tile_width) * divide_up(m->height, m->tile_height);
	} else {
		n = m->rows == 0 ? 0 : divide_up(m->height, m->rows);
	}
	return athar_mul(n, planes(m), &n) ? n : 0;
}

uint64_t tiff_strip_bytes(const tiff_image *m, uint64_t i)
{
	const uint64_t samples = m->planar == 2 ? 1 : m->samples;
	const uint64_t wide = m->tiled ? m->tile_width : m->width;
	uint64_t high = m->tiled ? m->tile_height : athar_min(m->rows, m->height);
	uint64_t row, all;

	if (m->photometric == YCBCR || m->photometric == TIFF_FILTER_ARRAY ||
	    m->photometric == TIFF_LINEAR_RAW || m->bits == 0 || m->bits > 64 || samples > 64)
		return 0;
	if (!m->tiled && m->rows < m->height) {
		const uint64_t per_plane = divide_up(m->height, m->rows);

		high = athar_min(high, m->height - i % per_plane * m->rows);
	}
	row = divide_up(wide * samples * m->bits, 8);
	return athar_mul(row, high, &all) && all <= IMAGE_MOST ? all : 0;
}

/* ---- LZW ---- */

/* Codes from the highest bit on, one bit wider already before the last code of a width is used;
 * the length of every string is kept, the string is not. */
typedef struct lzw {
	uint32_t length[CODES];
	uint32_t next, previous, width;
	uint32_t bits, held;
	uint64_t produced;
	bool ended, broken;
} lzw;

static void lzw_clear(lzw *d)
{
	d->next = END + 1;
	d->previous = NONE;
	d->width = 9;
}

static void lzw_code(lzw *d, uint32_t code)
{
	if (code == END) {
		d->ended = true;
		return;
	}
	if (code == CLEAR) {
		lzw_clear(d);
		return;
	}
	if (code > d->next || (d->previous == NONE && code >= CLEAR) ||
	    (code == d->next && d->next == CODES)) {
		d->broken = true;
		return;
	}
	if (d->previous != NONE && d->next < CODES) {
		d->length[d->next++] = d->length[d->previous] + 1;
		if (d->next + 1 == 1u << d->width && d->width < 12)
			d->width++;
	}
	d->produced += d->length[code];
	d->previous = code;
}

static void lzw_feed(lzw *d, uint8_t byte)
{
	d->bits = d->bits << 8 | byte;
	d->held += 8;
	while (d->held >= d->width && !d->ended && !d->broken) {
		d->held -= d->width;
		lzw_code(d, d->bits >> d->held & ((1u << d->width) - 1));
	}
}

static athar_status check_lzw(tiff_verdict *out, const tiff_strip *s, athar_reader *in,
                              athar_error *err)
{
	lzw d = {.ended = false};
	athar_stream stream;
	uint8_t byte;

	for (uint32_t i = 0; i < CLEAR; i++)
		d.length[i] = 1;
	lzw_clear(&d);
	athar_stream_seek(&stream, in, s->at);
	while (!d.ended && !d.broken && athar_stream_at(&stream) < s->end) {
		ATHAR_TRY(athar_stream_byte(&byte, &stream, err));
		if (d.produced == 0 && athar_stream_at(&stream) == s->at + 1 && byte == 0)
			return ATHAR_OK; /* codes from the lowest bit on, as before TIFF 5 */
		lzw_feed(&d, byte);
	}
	*out = !d.broken && s->end - athar_stream_at(&stream) <= SLACK &&
	                       (d.ended || d.produced >= s->bytes) &&
	                       (s->bytes == 0 || d.produced == s->bytes)
	               ? TIFF_GOOD
	               : TIFF_BAD;
	return ATHAR_OK;
}

/* ---- PackBits ---- */

static athar_status check_packbits(tiff_verdict *out, const tiff_strip *s, athar_reader *in,
                                   athar_error *err)
{
	uint64_t produced = 0;
	athar_stream stream;
	uint8_t byte;

	athar_stream_seek(&stream, in, s->at);
	while (athar_stream_at(&stream) < s->end && (s->bytes == 0 || produced < s->bytes)) {
		ATHAR_TRY(athar_stream_byte(&byte, &stream, err));
		if (byte == 128)
			continue;
		produced += byte < 128 ? byte + 1u : 257u - byte;
		athar_stream_skip(&stream, byte < 128 ? byte + 1u : 1u);
	}
	const uint64_t at = athar_stream_at(&stream);

	if (s->bytes != 0)
		*out = at <= s->end && s->end - at <= SLACK && produced == s->bytes ? TIFF_GOOD
		                                                                    : TIFF_BAD;
	return ATHAR_OK;
}

/* ---- deflate ---- */

static athar_status check_deflate(tiff_verdict *out, const tiff_strip *s, athar_unpacker *unpacker,
                                  athar_reader *in, athar_error *err)
{
	athar_inflated sum;
	bool dear = false;
	athar_bytes b;

	*out = TIFF_BAD;
	if (s->end - s->at < 7)
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, in, s->at, 2, err));
	if ((b.ptr[0] & 15) != 8 || athar_be16(b.ptr) % 31 != 0 || (b.ptr[1] & 0x20) != 0)
		return ATHAR_OK;
	const athar_status status =
		athar_unpacker_run(&sum, &dear, unpacker, in, s->at + 2, s->end - s->at - 2, err);

	if (status == ATHAR_EFORMAT) {
		*err = (athar_error)ATHAR_ERROR_INIT;
		return ATHAR_OK;
	}
	ATHAR_TRY(status);
	if (dear)
		*out = TIFF_UNKNOWN;
	if (dear || !sum.ended || s->end - s->at < 6 + sum.consumed)
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, in, s->at + 2 + sum.consumed, 4, err));
	if (athar_be32(b.ptr) == sum.adler32 && (s->bytes == 0 || sum.produced == s->bytes) &&
	    s->end - s->at - 6 - sum.consumed <= SLACK)
		*out = TIFF_GOOD;
	return ATHAR_OK;
}

/* ---- JPEG ---- */

/* The process of its frame, the n of SOFn; 0xFF: none was found, or it is no JPEG. */
static athar_status find_process(uint8_t *out, const tiff_strip *s, athar_reader *in,
                                 athar_error *err)
{
	uint64_t at = s->at + 2;
	athar_bytes b;

	*out = 0xFF;
	if (s->end - s->at < 4)
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, in, s->at, 2, err));
	if (memcmp(b.ptr, "\xFF\xD8", 2) != 0)
		return ATHAR_OK;
	for (unsigned n = 0; n < SEGMENTS && at + 4 <= s->end; n++) {
		ATHAR_TRY(athar_reader_get(&b, in, at, 4, err));
		const uint8_t marker = b.ptr[1];

		if (b.ptr[0] != 0xFF)
			return ATHAR_OK;
		if (marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 &&
		    marker != 0xCC) {
			*out = marker & 15;
			return ATHAR_OK;
		}
		at += 2u + athar_be16(b.ptr + 2);
	}
	return ATHAR_OK;
}

/* What is lossless, as in most RAW files, cannot be decoded here. */
static athar_status check_jpeg(tiff_verdict *out, const tiff_strip *s, athar_reader *in,
                               athar_error *err)
{
	jpeg_verdict v = {.good = false};
	uint8_t process;

	ATHAR_TRY(find_process(&process, s, in, err));
	if (process == 0xFF)
		*out = TIFF_BAD;
	if (process > 2)
		return ATHAR_OK;
	const athar_status status = jpeg_check(&v, in, s->at, err);

	if (status != ATHAR_EOF)
		ATHAR_TRY(status);
	*out = status == ATHAR_OK && v.good && v.end <= s->end ? TIFF_GOOD : TIFF_BAD;
	return ATHAR_OK;
}

athar_status tiff_strip_check(tiff_verdict *out, const tiff_strip *s, athar_unpacker *unpacker,
                              athar_reader *in, athar_error *err)
{
	*out = TIFF_UNKNOWN;
	if (s->coding.reversed)
		return ATHAR_OK;
	switch (s->coding.compression) {
	case LZW:
		return check_lzw(out, s, in, err);
	case PACKBITS:
		return check_packbits(out, s, in, err);
	case DEFLATE:
	case OLD_DEFLATE:
		return check_deflate(out, s, unpacker, in, err);
	case OLD_JPEG:
	case JPEG:
	case DNG_JPEG:
		return s->coding.tables ? ATHAR_OK : check_jpeg(out, s, in, err);
	default:
		return ATHAR_OK;
	}
}
