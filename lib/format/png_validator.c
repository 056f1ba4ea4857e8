/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PNG (ISO/IEC 15948) in pieces. The CRC of a chunk proves it; long before, the picture itself
 * shows what is foreign: the data are one zlib stream, and each row of what it unpacks to begins
 * with the number of a filter, 0 to 4. Together they are as many bytes as the picture has, to the
 * byte.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "format/feeding.h"
#include "format/validators.h"

/* Of a chunk that is no picture data: more is no chunk. */
#define ASIDE_MOST (UINT32_C(16) << 20)

typedef enum part { PART_SIGNATURE, PART_HEAD, PART_DATA, PART_SUM } part;

/* Where the unpacked bytes are in the picture. */
typedef struct rows {
	uint32_t width, height;
	uint32_t bits; /* of a pixel */
	bool interlaced;
	unsigned pass; /* of Adam7; the only one is 0 */
	uint64_t left; /* bytes of the row; 0: a filter comes */
	uint64_t more; /* rows of the pass, this one among them; 0: the picture is whole */
} rows;

typedef struct png {
	athar_fed fed;
	part part;
	athar_held held;
	uint32_t type, len, left, crc;
	bool header, data, unpacked; /* met so far; unpacked: with its Adler-32 */
	uint8_t head[13];            /* of the picture */
	uint8_t frame[4];            /* of the zlib stream: its head, then its sum */
	size_t frame_count;
	rows rows;
	athar_fed_deflate deflate;
} png;

#define TYPE(a, b, c, d) \
	((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))
#define IHDR TYPE('I', 'H', 'D', 'R')
#define PLTE TYPE('P', 'L', 'T', 'E')
#define IDAT TYPE('I', 'D', 'A', 'T')
#define IEND TYPE('I', 'E', 'N', 'D')

/* ---- rows ---- */

static uint32_t steps(uint32_t size, uint32_t from, uint32_t step)
{
	return size <= from ? 0 : (size - from + step - 1) / step;
}

static uint32_t pass_width(const rows *r)
{
	static const uint8_t from[] = {0, 4, 0, 2, 0, 1, 0}, step[] = {8, 8, 4, 4, 2, 2, 1};

	return r->interlaced ? steps(r->width, from[r->pass], step[r->pass]) : r->width;
}

static uint32_t pass_height(const rows *r)
{
	static const uint8_t from[] = {0, 0, 4, 0, 2, 0, 1}, step[] = {8, 8, 8, 4, 4, 2, 2};

	return r->interlaced ? steps(r->height, from[r->pass], step[r->pass]) : r->height;
}

/* To the first row of this pass, or of the next that has any. */
static void enter_pass(rows *r)
{
	const unsigned passes = r->interlaced ? 7 : 1;

	r->more = 0;
	for (; r->pass < passes; r->pass++) {
		if (pass_width(r) == 0 || pass_height(r) == 0)
			continue;
		r->more = pass_height(r);
		return;
	}
}

static bool take_rows(void *user, const uint8_t *bytes, size_t len)
{
	rows *r = user;

	while (len > 0) {
		size_t n = 1;

		if (r->more == 0)
			return false;
		if (r->left == 0) {
			if (*bytes > 4)
				return false;
			r->left = ((uint64_t)pass_width(r) * r->bits + 7) / 8;
		} else {
			n = (size_t)athar_min(len, r->left);
			r->left -= n;
			r->more -= r->left == 0;
			if (r->more == 0) {
				r->pass++;
				enter_pass(r);
			}
		}
		bytes += n;
		len -= n;
	}
	return true;
}

static bool begin_rows(png *p)
{
	static const uint8_t channels[7] = {1, 0, 3, 1, 2, 0, 4};
	const uint8_t depth = p->head[8], colour = p->head[9];

	if (colour >= sizeof channels || channels[colour] == 0 || depth == 0 || depth > 16 ||
	    p->head[12] > 1)
		return false;
	p->rows = (rows){.width = athar_be32(p->head),
	                 .height = athar_be32(p->head + 4),
	                 .bits = (uint32_t)depth * channels[colour],
	                 .interlaced = p->head[12] == 1};
	if (p->rows.width == 0 || p->rows.height == 0 || p->rows.width > INT32_MAX ||
	    p->rows.height > INT32_MAX)
		return false;
	enter_pass(&p->rows);
	return true;
}

/* ---- the stream ---- */

/* Bytes of its head or its sum, up to `want` of them: true when there. */
static bool fill_frame(png *p, athar_feeding *in, size_t want, uint64_t most)
{
	while (p->frame_count < want && most-- > 0 && in->left > 0) {
		p->frame[p->frame_count++] = *in->next;
		(void)athar_feeding_take(in, 1);
	}
	return p->frame_count == want;
}

static bool is_zlib(const uint8_t *head)
{
	return (head[0] & 15) == 8 && head[0] >> 4 <= 7 && (head[1] & 32) == 0 &&
	       (head[0] << 8 | head[1]) % 31 == 0;
}

static athar_status begin_stream(png *p, bool *wrong, athar_feeding *in, uint64_t most,
                                 athar_error *err)
{
	if (!fill_frame(p, in, 2, most))
		return ATHAR_OK;
	*wrong = !is_zlib(p->frame);
	p->frame_count = 0;
	return *wrong ? ATHAR_OK : athar_fed_deflate_begin(&p->deflate, err);
}

static void end_stream(png *p, bool *wrong, athar_feeding *in, uint64_t most)
{
	if (!fill_frame(p, in, 4, most))
		return;
	*wrong = athar_be32(p->frame) != p->deflate.sum.adler32;
	p->unpacked = true;
}

/* A part of the picture data, `most` bytes of them at most. */
static athar_status stream(png *p, bool *wrong, athar_feeding *in, uint64_t most, athar_error *err)
{
	if (p->unpacked)
		(void)athar_feeding_take(in, most);
	else if (p->deflate.inflater == NULL)
		return begin_stream(p, wrong, in, most, err);
	else if (p->deflate.sum.ended)
		end_stream(p, wrong, in, most);
	else {
		ATHAR_TRY(athar_fed_deflate_feed(&p->deflate, wrong, in, most, take_rows, &p->rows,
		                                 err));
		*wrong = *wrong || (p->deflate.sum.ended && p->rows.more != 0);
	}
	return ATHAR_OK;
}

/* ---- chunks ---- */

static bool is_type(const uint8_t *t)
{
	for (int i = 0; i < 4; i++)
		if (!((t[i] >= 'A' && t[i] <= 'Z') || (t[i] >= 'a' && t[i] <= 'z')))
			return false;
	/* the third is reserved, and a capital */
	return t[2] <= 'Z';
}

static bool chunk_fits(const png *p)
{
	switch (p->type) {
	case IHDR:
		return !p->header && p->len == 13;
	case PLTE:
		return p->header && p->len <= 768 && p->len % 3 == 0;
	case IDAT:
		return p->header && p->len <= INT32_MAX;
	case IEND:
		return p->unpacked && p->len == 0;
	default:
		return p->header && p->len <= ASIDE_MOST && (p->type >> 24 & 32) != 0;
	}
}

static bool begin_chunk(png *p)
{
	p->len = p->left = athar_be32(p->held.bytes);
	p->type = athar_be32(p->held.bytes + 4);
	p->crc = athar_crc32(0, p->held.bytes + 4, 4);
	p->held.count = 0;
	p->part = p->len == 0 ? PART_SUM : PART_DATA;
	p->data = p->data || p->type == IDAT;
	return is_type(p->held.bytes + 4) && chunk_fits(p);
}

static bool end_chunk(png *p, uint64_t at)
{
	const uint32_t said = athar_be32(p->held.bytes);

	p->held.count = 0;
	p->part = PART_HEAD;
	if (said != p->crc)
		return false;
	if (p->type == IHDR && !begin_rows(p))
		return false;
	p->header = true;
	p->fed.proven = at;
	if (p->type == IEND) {
		p->fed.verdict = ATHAR_VERDICT_END;
		p->fed.end = at;
	}
	return true;
}

static athar_status data(png *p, bool *wrong, athar_feeding *in, athar_error *err)
{
	const uint8_t *from = in->next;

	if (p->type == IDAT)
		ATHAR_TRY(stream(p, wrong, in, p->left, err));
	else
		(void)athar_feeding_take(in, p->left);
	const size_t len = (size_t)(in->next - from);

	if (p->type == IHDR)
		memcpy(p->head + 13 - p->left, from, len);
	p->crc = athar_crc32(p->crc, from, len);
	p->left -= (uint32_t)len;
	if (p->left == 0)
		p->part = PART_SUM;
	return ATHAR_OK;
}

static athar_status step(png *p, bool *wrong, athar_feeding *in, athar_error *err)
{
	static const uint8_t signature[] = {0x89, 'P', 'N', 'G', 13, 10, 26, 10};

	switch (p->part) {
	case PART_SIGNATURE:
		if (athar_held_fill(&p->held, in, 8)) {
			*wrong = memcmp(p->held.bytes, signature, 8) != 0;
			p->held.count = 0;
			p->part = PART_HEAD;
		}
		return ATHAR_OK;
	case PART_HEAD:
		if (athar_held_fill(&p->held, in, 8))
			*wrong = !begin_chunk(p);
		return ATHAR_OK;
	case PART_DATA:
		return data(p, wrong, in, err);
	default:
		if (athar_held_fill(&p->held, in, 4))
			*wrong = !end_chunk(p, in->at);
		return ATHAR_OK;
	}
}

/* ---- the validator ---- */

static athar_status feed(athar_fed *out, void *state, const uint8_t *bytes, size_t len,
                         athar_error *err)
{
	png *p = state;
	athar_feeding in = {.next = bytes, .left = len, .at = p->fed.followed};
	bool wrong = false;

	while (in.left > 0 && !wrong && p->fed.verdict == ATHAR_VERDICT_MORE)
		ATHAR_TRY(step(p, &wrong, &in, err));
	if (wrong)
		p->fed.verdict = ATHAR_VERDICT_WRONG;
	p->fed.followed = p->fed.need = in.at;
	if (p->part == PART_DATA && (p->type != IDAT || p->unpacked))
		p->fed.need = in.at + p->left + 4;
	p->fed.work = p->deflate.sum.produced / 4;
	*out = p->fed;
	return ATHAR_OK;
}

static bool next(uint64_t *at, const void *state)
{
	const png *p = state;

	*at = p->fed.followed;
	if (p->part == PART_SIGNATURE)
		return false;
	if (p->part == PART_HEAD)
		*at -= p->held.count;
	else
		*at += p->left + 4 - (p->part == PART_SUM ? p->held.count : 0);
	return p->part != PART_HEAD || p->held.count == 0;
}

static athar_status begin(void **state, athar_error *err)
{
	*state = athar_alloc(sizeof(png), err);
	return *state == NULL ? ATHAR_ENOMEM : ATHAR_OK;
}

static void release(void *state)
{
	png *p = state;

	if (p == NULL)
		return;
	athar_fed_deflate_clear(&p->deflate);
	free(p);
}

static athar_status copy(void **out, const void *state, athar_error *err)
{
	const png *p = state;
	ATHAR_AUTO(free) png *made = athar_alloc(sizeof *made, err);

	if (made == NULL)
		return ATHAR_ENOMEM;
	*made = *p;
	ATHAR_TRY(athar_fed_deflate_copy(&made->deflate, &p->deflate, err));
	*out = ATHAR_GIVE(made);
	return ATHAR_OK;
}

const athar_validator athar_validator_png = {
	.format = "png",
	.begin = begin,
	.copy = copy,
	.release = release,
	.feed = feed,
	.next = next,
};
