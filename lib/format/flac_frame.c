/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One frame: a header under a CRC-8, a subframe for each channel, a CRC-16 over all. Nothing tells
 * how long it is, so the codes are followed one by one; the sound itself is not put together.
 */
#include "format/flac.h"

#include <string.h>

#define FRAME_MOST (1u << 24)

/* ---- bits ---- */

void flac_bits_init(flac_bits *b)
{
	*b = (flac_bits){.have = 0};
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t c = i << 8;

		for (int bit = 0; bit < 8; bit++)
			c = c << 1 ^ (c & 0x8000 ? 0x8005 : 0);
		b->table[i] = (uint16_t)c;
	}
}

static uint8_t crc_8(uint8_t crc, uint8_t byte)
{
	crc ^= byte;
	for (int bit = 0; bit < 8; bit++)
		crc = (uint8_t)(crc << 1 ^ (crc & 0x80 ? 0x07 : 0));
	return crc;
}

/* One byte more; never one that the frame does not need. */
static athar_status fetch(flac_bits *b, athar_error *err)
{
	uint8_t byte;

	if (b->len == FRAME_MOST)
		return ATHAR_EFORMAT;
	if (b->s.next == b->s.end && b->s.in == NULL)
		return ATHAR_EFORMAT;
	ATHAR_TRY(athar_stream_byte(&byte, &b->s, err));
	b->hold = b->hold << 8 | byte;
	b->have += 8;
	b->len++;
	b->crc = (uint16_t)(b->crc << 8 ^ b->table[b->crc >> 8 ^ byte]);
	return ATHAR_OK;
}

/* At most 32 bits. */
static athar_status take(uint32_t *out, flac_bits *b, unsigned count, athar_error *err)
{
	while (b->have < count)
		ATHAR_TRY(fetch(b, err));
	b->have -= count;
	*out = (uint32_t)(b->hold >> b->have & ((UINT64_C(1) << count) - 1));
	return ATHAR_OK;
}

static athar_status skip(flac_bits *b, uint64_t count, athar_error *err)
{
	uint32_t bits;

	for (; count > 32; count -= 32)
		ATHAR_TRY(take(&bits, b, 32, err));
	return take(&bits, b, (unsigned)count, err);
}

/* How many zeros stand before the next one. */
static athar_status unary(uint32_t *out, flac_bits *b, athar_error *err)
{
	*out = 0;
	for (;;) {
		const uint64_t rest = b->hold & ((UINT64_C(1) << b->have) - 1);

		if (rest != 0) {
			const unsigned left = 63u - (unsigned)__builtin_clzll(rest);

			*out += b->have - 1 - left;
			b->have = left;
			return ATHAR_OK;
		}
		*out += b->have;
		b->have = 0;
		ATHAR_TRY(fetch(b, err));
	}
}

/* ---- the header ---- */

static athar_status header_byte(uint8_t *out, flac_bits *b, athar_error *err)
{
	uint32_t bits;

	ATHAR_TRY(take(&bits, b, 8, err));
	*out = (uint8_t)bits;
	b->crc_8 = crc_8(b->crc_8, *out);
	return ATHAR_OK;
}

static athar_status header_number(uint32_t *out, flac_bits *b, unsigned bytes, athar_error *err)
{
	uint8_t byte;

	*out = 0;
	for (; bytes != 0; bytes--) {
		ATHAR_TRY(header_byte(&byte, b, err));
		*out = *out << 8 | byte;
	}
	return ATHAR_OK;
}

/* Coded as UTF-8 codes characters, with up to 36 bits. */
static athar_status coded_number(uint64_t *out, flac_bits *b, athar_error *err)
{
	uint8_t byte;
	unsigned more = 0;

	ATHAR_TRY(header_byte(&byte, b, err));
	while (more < 8 && (byte << more & 0x80) != 0)
		more++;
	if (more == 1 || more == 8)
		return ATHAR_EFORMAT;
	*out = byte & (0x7Fu >> more);
	for (; more > 1; more--) {
		ATHAR_TRY(header_byte(&byte, b, err));
		if (byte >> 6 != 2)
			return ATHAR_EFORMAT;
		*out = *out << 6 | (byte & 0x3F);
	}
	return ATHAR_OK;
}

static athar_status read_samples(flac_frame *f, flac_bits *b, unsigned code, athar_error *err)
{
	if (code == 6 || code == 7) {
		ATHAR_TRY(header_number(&f->samples, b, code - 5, err));
		f->samples++;
	} else {
		f->samples = code == 1 ? 192 : code < 6 ? 576u << (code - 2) : 256u << (code - 8);
	}
	return ATHAR_OK;
}

static athar_status read_rate(flac_frame *f, flac_bits *b, unsigned code, athar_error *err)
{
	static const uint32_t rates[12] = {0,     88200, 176400, 192000, 8000,  16000,
	                                   22050, 24000, 32000,  44100,  48000, 96000};

	if (code < 12) {
		f->rate = rates[code];
		return ATHAR_OK;
	}
	ATHAR_TRY(header_number(&f->rate, b, code == 12 ? 1 : 2, err));
	f->rate *= code == 12 ? 1000 : code == 14 ? 10 : 1;
	return ATHAR_OK;
}

static void read_channels(flac_frame *f, unsigned code)
{
	f->channels = code < 8 ? code + 1 : 2;
	f->side[0] = code == 9;
	f->side[1] = code == 8 || code == 10;
}

static athar_status read_header(flac_frame *f, flac_bits *b, athar_error *err)
{
	static const uint32_t widths[8] = {0, 8, 12, 0, 16, 20, 24, 32};
	uint8_t h[4], crc;

	for (size_t i = 0; i < 4; i++)
		ATHAR_TRY(header_byte(&h[i], b, err));
	const unsigned samples = h[2] >> 4, rate = h[2] & 15, channels = h[3] >> 4;

	if (h[0] != 0xFF || h[1] >> 1 != 0x7C || samples == 0 || rate == 15 || channels > 10 ||
	    (h[3] & 1) != 0 || (h[3] >> 1 & 7) == 3)
		return ATHAR_EFORMAT;
	f->by_sample = (h[1] & 1) != 0;
	f->bits = widths[h[3] >> 1 & 7];
	read_channels(f, channels);
	ATHAR_TRY(coded_number(&f->number, b, err));
	ATHAR_TRY(read_samples(f, b, samples, err));
	ATHAR_TRY(read_rate(f, b, rate, err));
	ATHAR_TRY(header_byte(&crc, b, err));
	return b->crc_8 == 0 ? ATHAR_OK : ATHAR_EFORMAT;
}

static bool is_of(const flac_frame *f, const flac_info *info)
{
	return f->channels == info->channels && f->samples <= info->most &&
	       (f->rate == 0 || f->rate == info->rate) && (f->bits == 0 || f->bits == info->bits);
}

/* ---- subframes ---- */

/* The residual of one partition: each in so many bits, or in a unary part and so many bits. */
static athar_status partition(flac_bits *b, uint32_t count, unsigned width, athar_error *err)
{
	uint32_t value;

	ATHAR_TRY(take(&value, b, width, err));
	const unsigned bits = value;

	if (bits == (1u << width) - 1) {
		ATHAR_TRY(take(&value, b, 5, err));
		return skip(b, (uint64_t)value * count, err);
	}
	for (; count != 0; count--) {
		ATHAR_TRY(unary(&value, b, err));
		ATHAR_TRY(take(&value, b, bits, err));
	}
	return ATHAR_OK;
}

static athar_status residual(flac_bits *b, uint32_t samples, uint32_t order, athar_error *err)
{
	uint32_t method, parts;

	ATHAR_TRY(take(&method, b, 2, err));
	ATHAR_TRY(take(&parts, b, 4, err));
	const uint32_t each = samples >> parts;

	if (method > 1 || each << parts != samples || each < order)
		return ATHAR_EFORMAT;
	for (uint32_t i = 0; i < 1u << parts; i++)
		ATHAR_TRY(partition(b, i == 0 ? each - order : each, method == 0 ? 4 : 5, err));
	return ATHAR_OK;
}

/* Predicted from the samples before: `order` of them come first as they are. */
static athar_status predicted(flac_bits *b, uint32_t samples, uint32_t order, unsigned bits,
                              bool linear, athar_error *err)
{
	uint32_t precision;

	if (order > samples)
		return ATHAR_EFORMAT;
	ATHAR_TRY(skip(b, (uint64_t)order * bits, err));
	if (linear) {
		ATHAR_TRY(take(&precision, b, 4, err));
		if (precision == 15)
			return ATHAR_EFORMAT;
		ATHAR_TRY(skip(b, 5 + (uint64_t)order * (precision + 1), err));
	}
	return residual(b, samples, order, err);
}

static athar_status subframe(flac_bits *b, uint32_t samples, unsigned bits, athar_error *err)
{
	uint32_t kind, wasted = 0;

	ATHAR_TRY(take(&kind, b, 8, err));
	if ((kind & 1) != 0) {
		ATHAR_TRY(unary(&wasted, b, err));
		wasted++;
	}
	if (kind >> 7 != 0 || wasted >= bits)
		return ATHAR_EFORMAT;
	bits -= wasted;
	kind >>= 1;
	if (kind == 0)
		return skip(b, bits, err);
	if (kind == 1)
		return skip(b, (uint64_t)bits * samples, err);
	if (kind >= 8 && kind <= 12)
		return predicted(b, samples, kind - 8, bits, false, err);
	return kind >= 32 ? predicted(b, samples, kind - 31, bits, true, err) : ATHAR_EFORMAT;
}

static athar_status read_frame(flac_frame *f, flac_bits *b, const flac_info *info, athar_error *err)
{
	uint32_t crc;

	ATHAR_TRY(read_header(f, b, err));
	if (!is_of(f, info))
		return ATHAR_EFORMAT;
	for (uint32_t i = 0; i < f->channels; i++)
		ATHAR_TRY(subframe(b, f->samples, info->bits + f->side[i], err));
	b->have = 0; /* zeros up to the next byte */
	ATHAR_TRY(take(&crc, b, 16, err));
	return b->crc == 0 ? ATHAR_OK : ATHAR_EFORMAT;
}

athar_status flac_frame_read(flac_frame *out, bool *good, flac_bits *b, const flac_info *info,
                             athar_error *err)
{
	*out = (flac_frame){.number = 0};
	b->have = b->len = b->crc = b->crc_8 = 0;
	const athar_status status = read_frame(out, b, info, err);

	*good = status == ATHAR_OK;
	return status == ATHAR_EFORMAT ? ATHAR_OK : status;
}

/* ---- in memory ---- */

static void begin_in(flac_bits *b, const uint8_t *bytes, size_t size)
{
	b->s = (athar_stream){.next = bytes, .end = bytes + size};
	b->have = b->len = b->crc = b->crc_8 = 0;
}

bool flac_frame_in(flac_frame *out, size_t *len, flac_bits *b, const flac_info *info,
                   const uint8_t *bytes, size_t size)
{
	*out = (flac_frame){.number = 0};
	begin_in(b, bytes, size);
	const bool good = read_frame(out, b, info, NULL) == ATHAR_OK;

	*len = b->len;
	return good;
}

bool flac_header_in(flac_frame *out, size_t *len, const flac_info *info, const uint8_t *bytes,
                    size_t size)
{
	flac_bits b = {.have = 0};

	*out = (flac_frame){.number = 0};
	begin_in(&b, bytes, size);
	const bool good = read_header(out, &b, NULL) == ATHAR_OK;

	*len = b.len;
	return good && (info == NULL || is_of(out, info));
}
