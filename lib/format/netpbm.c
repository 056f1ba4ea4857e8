/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PBM, PGM, PPM and PAM (pbm(5), pgm(5), ppm(5), pam(5) of Netpbm): "P" and a digit, the size and
 * the greatest sample as text, then the samples, as bytes or as text. The size says where it ends.
 * There is no checksum, and where all values are allowed any byte is a sample; so foreign bytes are
 * seen only where a sample is greater than it may be, is no number, or where noise breaks into a
 * picture that is none.
 */
#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "format/list.h"
#include "format/noise.h"
#include "format/walk.h"

#define HEADER_MOST 65536u
#define SIDE_MOST 1000000u
#define PIXELS_MOST (UINT64_C(1) << 30)
#define DEPTH_MOST 256u
#define PIECE (1u << 16) /* a multiple of ATHAR_NOISE_BLOCK */

typedef struct picture {
	athar_walk *w;
	athar_stream s;
	uint8_t kind; /* '1' to '7' */
	uint32_t width, height, depth, greatest;
	uint64_t blocks, noisy; /* of the samples; those that look like noise */
	uint64_t first_noisy;   /* its offset */
} picture;

static bool is_space(uint8_t c)
{
	return c == ' ' || (c >= 9 && c <= 13);
}

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool is_text(uint8_t c)
{
	return (c >= 0x20 && c != 0x7F) || c == '\t';
}

/* The byte that comes next, not taken. */
static athar_status peek(uint8_t *out, picture *p, athar_error *err)
{
	if (p->s.next == p->s.end)
		ATHAR_TRY(athar_stream_fill(&p->s, err));
	*out = *p->s.next;
	return ATHAR_OK;
}

/* Behind a number sign, up to the end of the line. False: it is no text. */
static athar_status comment(bool *good, picture *p, athar_error *err)
{
	uint8_t c;

	*good = true;
	do {
		ATHAR_TRY(athar_stream_byte(&c, &p->s, err));
		*good = is_text(c) || c == '\n' || c == '\r';
	} while (*good && c != '\n' && c != '\r');
	return ATHAR_OK;
}

/* White space and comments before a token; *more: there was some, and no foreign byte in it. */
static athar_status space(bool *more, picture *p, athar_error *err)
{
	bool good = true;
	uint8_t c;

	*more = false;
	for (;;) {
		ATHAR_TRY(peek(&c, p, err));
		if (!is_space(c) && c != '#')
			return ATHAR_OK;
		p->s.next++;
		if (c == '#')
			ATHAR_TRY(comment(&good, p, err));
		*more = good;
		if (!good)
			return ATHAR_OK;
	}
}

/* Digits up to the first byte that is none. *good: there are some, and the number is not above
 * most. */
static athar_status number(uint32_t *out, bool *good, picture *p, uint32_t most, athar_error *err)
{
	uint64_t value = 0;
	unsigned digits = 0;
	uint8_t c;

	*good = false;
	for (; digits <= 10; digits++) {
		ATHAR_TRY(peek(&c, p, err));
		if (!is_digit(c))
			break;
		value = 10 * value + (uint64_t)(c - '0');
		p->s.next++;
	}
	*out = (uint32_t)athar_min(value, UINT32_MAX);
	*good = digits != 0 && digits <= 10 && value <= most;
	return ATHAR_OK;
}

/* A number of the header, which is never 0. */
static athar_status field(uint32_t *out, picture *p, uint32_t most, athar_error *err)
{
	bool good = false;

	ATHAR_TRY(space(&good, p, err));
	if (good)
		ATHAR_TRY(number(out, &good, p, most, err));
	if (!good || *out == 0 || athar_stream_at(&p->s) > HEADER_MOST)
		return athar_walk_stop(p->w, "the header has no plausible numbers");
	return ATHAR_OK;
}

/* P1 to P6: width, height and, but for bitmaps, the greatest sample; one white space. */
static athar_status plain_header(picture *p, athar_error *err)
{
	uint8_t c;

	ATHAR_TRY(field(&p->width, p, SIDE_MOST, err));
	ATHAR_TRY(field(&p->height, p, SIDE_MOST, err));
	p->depth = p->kind == '3' || p->kind == '6' ? 3 : 1;
	p->greatest = 1;
	if (p->kind != '1' && p->kind != '4')
		ATHAR_TRY(field(&p->greatest, p, UINT16_MAX, err));
	ATHAR_TRY(athar_stream_byte(&c, &p->s, err));
	if (!is_space(c))
		return athar_walk_stop(p->w, "the header has no end");
	return ATHAR_OK;
}

/* A line of the header of a PAM, without its end. */
static athar_status line(char *out, size_t size, picture *p, athar_error *err)
{
	size_t len = 0;
	uint8_t c;

	for (;;) {
		ATHAR_TRY(athar_stream_byte(&c, &p->s, err));
		if (c == '\n')
			break;
		if (!is_text(c) || athar_stream_at(&p->s) > HEADER_MOST)
			return athar_walk_stop(p->w, "a line of the header is no text");
		if (len + 1 < size)
			out[len++] = (char)c;
	}
	out[len] = '\0';
	return ATHAR_OK;
}

/* The number behind a keyword; 0: it is not this keyword, or its number is no good. */
static uint32_t keyword(const char *text, const char *word, uint32_t most)
{
	const size_t len = strlen(word);
	uint64_t value = 0;

	if (strncmp(text, word, len) != 0 || text[len] != ' ')
		return 0;
	for (text += len; *text == ' '; text++)
		continue;
	for (; is_digit((uint8_t)*text) && value <= most; text++)
		value = 10 * value + (uint64_t)(*text - '0');
	return *text == '\0' && value <= most ? (uint32_t)value : 0;
}

/* A line with one of the numbers, each of which comes once. */
static bool pam_number(picture *p, const char *text)
{
	const struct {
		const char *word;
		uint32_t *out, most;
	} known[] = {{"WIDTH", &p->width, SIDE_MOST},
	             {"HEIGHT", &p->height, SIDE_MOST},
	             {"DEPTH", &p->depth, DEPTH_MOST},
	             {"MAXVAL", &p->greatest, UINT16_MAX}};

	for (size_t i = 0; i < ATHAR_COUNT(known); i++) {
		const uint32_t value = keyword(text, known[i].word, known[i].most);

		if (value != 0 && *known[i].out == 0) {
			*known[i].out = value;
			return true;
		}
	}
	return false;
}

/* P7: lines of a keyword and a value, ENDHDR the last. */
static athar_status pam_header(picture *p, athar_error *err)
{
	char text[64];

	for (;;) {
		ATHAR_TRY(line(text, sizeof text, p, err));
		if (strcmp(text, "ENDHDR") == 0)
			break;
		if (text[0] != '#' && strncmp(text, "TUPLTYPE ", 9) != 0 && !pam_number(p, text))
			return athar_walk_stop(p->w, "a line of the header is not known");
	}
	if (p->width == 0 || p->height == 0 || p->depth == 0 || p->greatest == 0)
		return athar_walk_stop(p->w, "the header has no plausible numbers");
	return ATHAR_OK;
}

static athar_status header(picture *p, athar_error *err)
{
	static const char names[][4] = {"pbm", "pgm", "ppm", "pbm", "pgm", "ppm", "pam"};
	athar_claim *claim = p->w->claim;
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, p->w->in, 0, 3, err));
	p->kind = b.ptr[1];
	if (b.ptr[0] != 'P' || p->kind < '1' || p->kind > '7' || !is_space(b.ptr[2]) ||
	    (p->kind == '7' && b.ptr[2] != '\n'))
		return athar_walk_stop(p->w, "it does not begin with a magic number");
	athar_stream_seek(&p->s, p->w->in, p->kind == '7' ? 3 : 2);
	ATHAR_TRY(p->kind == '7' ? pam_header(p, err) : plain_header(p, err));
	if ((uint64_t)p->width * p->height > PIXELS_MOST)
		return athar_walk_stop(p->w, "the header has no plausible size");
	athar_walk_begin(p->w, athar_stream_at(&p->s));
	(void)snprintf(claim->subtype, sizeof claim->subtype, "%s", names[p->kind - '1']);
	(void)snprintf(claim->extension, sizeof claim->extension, "%s", names[p->kind - '1']);
	athar_walk_field(p->w, "width", "%u", p->width);
	athar_walk_field(p->w, "height", "%u", p->height);
	return ATHAR_OK;
}

/* ---- samples as bytes ---- */

static void note_noise(picture *p, const athar_bytes *b, uint64_t at)
{
	for (size_t i = 0; i + ATHAR_NOISE_BLOCK <= b->len; i += ATHAR_NOISE_BLOCK) {
		p->blocks++;
		if (!athar_noise_is(b->ptr + i, p->depth))
			continue;
		if (p->noisy++ == 0)
			p->first_noisy = at + i;
	}
}

/* Where all values are allowed, bytes that cannot be samples are unknown. */
static bool is_bounded(const picture *p)
{
	return p->kind != '4' && p->greatest != UINT8_MAX && p->greatest != UINT16_MAX;
}

/* The first sample that is too great; len: there is none. */
static size_t first_wrong(const picture *p, const athar_bytes *b)
{
	size_t i = 0;

	if (p->greatest <= UINT8_MAX) {
		while (i < b->len && b->ptr[i] <= p->greatest)
			i++;
		return i;
	}
	while (i + 2 <= b->len && athar_be16(b->ptr + i) <= p->greatest)
		i += 2;
	return i + 2 > b->len ? b->len : i;
}

static void check_bounds(picture *p, const athar_bytes *b, uint64_t at)
{
	const size_t good = first_wrong(p, b);

	athar_walk_prove(p->w, at + good);
	if (good < b->len)
		athar_walk_flaw(p->w, "at %llu a sample is greater than the greatest",
		                (unsigned long long)(at + good));
}

static uint64_t raster_size(const picture *p)
{
	if (p->kind == '4')
		return (uint64_t)((p->width + 7) / 8) * p->height;
	return (uint64_t)p->width * p->height * p->depth * (p->greatest > UINT8_MAX ? 2 : 1);
}

static athar_status raster(picture *p, uint64_t end, athar_error *err)
{
	const bool bytes = p->kind != '4' && p->greatest == UINT8_MAX;

	for (uint64_t at = athar_stream_at(&p->s); at < end;) {
		athar_bytes b;

		ATHAR_TRY(athar_reader_some(&b, p->w->in, at, (size_t)athar_min(PIECE, end - at),
		                            err));
		if (bytes)
			note_noise(p, &b, at);
		if (is_bounded(p))
			check_bounds(p, &b, at);
		at += b.len;
		athar_walk_reach(p->w, at);
	}
	return ATHAR_OK;
}

static athar_status walk_raw(picture *p, athar_error *err)
{
	const uint64_t end = athar_stream_at(&p->s) + raster_size(p);

	ATHAR_TRY(raster(p, end, err));
	if (p->noisy != 0 && p->noisy * 2 < p->blocks)
		athar_walk_flaw(p->w, "at %llu is noise, which the rest of the picture is not",
		                (unsigned long long)p->first_noisy);
	athar_walk_close(p->w, ATHAR_GRADE_COMPLETE, end,
	                 is_bounded(p) ? "all samples that its size asks for, none too great"
	                               : "as long as its size asks for; the samples have no check");
	p->w->claim->alike = true;
	return ATHAR_OK;
}

/* ---- samples as text ---- */

/* One sample, and what must part it from the one before. */
static athar_status text_sample(bool *good, picture *p, bool first, athar_error *err)
{
	uint32_t value = 0;
	uint8_t c;

	ATHAR_TRY(space(good, p, err));
	ATHAR_TRY(peek(&c, p, err));
	*good = is_digit(c) && (*good || first || p->kind == '1');
	if (!*good)
		return ATHAR_OK;
	if (p->kind != '1')
		return number(&value, good, p, p->greatest, err);
	p->s.next++;
	*good = c <= '1';
	return ATHAR_OK;
}

/* The line end behind the last sample, with the blanks before it, if there is one. What follows
 * must be there to tell that the last number is whole. */
static athar_status last_line(uint64_t *end, picture *p, athar_error *err)
{
	uint8_t c;

	*end = athar_stream_at(&p->s);
	do {
		ATHAR_TRY(athar_stream_byte(&c, &p->s, err));
	} while (c == ' ' || c == '\t' || c == '\r');
	if (c == '\n')
		*end = athar_stream_at(&p->s);
	return ATHAR_OK;
}

static athar_status samples_as_text(picture *p, athar_error *err)
{
	const uint64_t samples = (uint64_t)p->width * p->height * p->depth;
	uint64_t end = 0;
	bool good = true;

	for (uint64_t i = 0; i < samples; i++) {
		ATHAR_TRY(text_sample(&good, p, i == 0, err));
		if (!good)
			return athar_walk_stop(p->w, "what follows sample %llu of %llu is none",
			                       (unsigned long long)i, (unsigned long long)samples);
		athar_walk_prove(p->w, athar_stream_at(&p->s));
	}
	ATHAR_TRY(last_line(&end, p, err));
	athar_walk_close(p->w, ATHAR_GRADE_COMPLETE, end,
	                 "all samples that its size asks for, none too great");
	p->w->claim->alike = true;
	return ATHAR_OK;
}

/* Where the range ends in them, all up to there is text of the picture. */
static athar_status walk_text(picture *p, athar_error *err)
{
	const athar_status status = samples_as_text(p, err);

	if (status == ATHAR_EOF)
		athar_walk_reach(p->w, athar_reader_size(p->w->in));
	return status;
}

static athar_status walk(picture *p, athar_error *err)
{
	ATHAR_TRY(header(p, err));
	return p->kind <= '3' ? walk_text(p, err) : walk_raw(p, err);
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;
	picture p = {.w = &w};

	athar_walk_init(&w, out, in);
	return athar_walk_settle(&w, walk(&p, err), err);
}

#define BEGINS(kind) \
	{0, 3, {'P', kind, '\n'}}, {0, 3, {'P', kind, ' '}}, {0, 3, {'P', kind, '\t'}}, \
	{ \
		0, 3, \
		{ \
			'P', kind, '\r' \
		} \
	}

static const athar_magic magic[] = {BEGINS('1'),
                                    BEGINS('2'),
                                    BEGINS('3'),
                                    BEGINS('4'),
                                    BEGINS('5'),
                                    BEGINS('6'),
                                    {0, 3, {'P', '7', '\n'}},
                                    {0, 0, {0}}};

const athar_format athar_format_netpbm = {
	.name = "netpbm",
	.extension = "pnm",
	.mime = "image/x-portable-anymap",
	.summary = "pictures of Netpbm: PBM, PGM, PPM, PAM",
	.end = "as many samples as the size in the header asks for",
	.best = ATHAR_GRADE_COMPLETE,
	.magic = magic,
	.measure = measure,
};
