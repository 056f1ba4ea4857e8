/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * MPEG program streams: ISO/IEC 11172-1 (MPEG-1, Video CD) and 13818-1 (MPEG-2, DVD). Packs begin
 * with the system clock, packets of the streams follow by their length, and an end code closes it,
 * which many programs leave out. Any pack could be taken for a beginning; a file's first one has a
 * system header and a clock that begins with it.
 */
#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "format/list.h"
#include "format/walk.h"

#define PACK 0xBAu
#define SYSTEM 0xBBu
#define END 0xB9u
#define VIDEO 0xE0u
#define VIDEO_LAST 0xEFu
#define UNITS_LEAST 4u               /* packs and packets: chance does not chain so many */
#define CLOCK 90000u                 /* a second */
#define CLOCK_FIRST (CLOCK * 7 / 10) /* packs follow within 0.7 s: 13818-1, 2.7.1 */
#define CLOCK_GAP (CLOCK * 10)       /* programs keep less well to it than that */
#define CLOCK_MASK ((UINT64_C(1) << 33) - 1)

typedef struct stream {
	athar_walk *w;
	uint64_t at, clock;
	uint64_t sound; /* up to here nothing was wrong */
	uint64_t packs, units;
	bool second; /* MPEG-2 */
	bool sized;  /* its pictures' size was met */
} stream;

/* A field of 33 bits with a marker behind the 3rd, the 18th and the last bit, of 36 in all. */
static bool read_clock(uint64_t *out, uint64_t field)
{
	*out = (field >> 33 & 7) << 30 | (field >> 17 & 0x7FFF) << 15 | (field >> 1 & 0x7FFF);
	return (field & 1) != 0 && (field >> 16 & 1) != 0 && (field >> 32 & 1) != 0;
}

/* A pack header behind its start code: its clock, its length. */
static bool read_pack(uint64_t *clock, uint32_t *len, const uint8_t *b, bool second)
{
	const uint64_t six = athar_be64(b) >> 16;

	if (!second) {
		*len = 12;
		return b[0] >> 4 == 2 && read_clock(clock, athar_be64(b) >> 24 & 0xFFFFFFFFF) &&
		       (b[5] & 0x80) != 0 && (b[7] & 1) != 0;
	}
	/* The clock has 9 bits more here, for 300 parts of each tick. */
	*len = 14 + (b[9] & 7u);
	return b[0] >> 6 == 1 && read_clock(clock, six >> 10 & 0xFFFFFFFFF) && (b[5] & 1) != 0 &&
	       (b[8] & 3) == 3;
}

/* Does what stands here say that another stream begins? */
static athar_status is_beginning(bool *out, stream *s, uint64_t at, uint64_t clock,
                                 athar_error *err)
{
	athar_bytes b;

	*out = false;
	if (clock > CLOCK_FIRST || !athar_inside(at, 4, athar_reader_size(s->w->in)))
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, s->w->in, at, 4, err));
	*out = athar_be32(b.ptr) == (0x100 | SYSTEM);
	return ATHAR_OK;
}

static athar_status broken(stream *s)
{
	s->w->claim->open = true;
	return athar_walk_stop(s->w, "neither an end code nor another packet follows the last one");
}

static athar_status pack(stream *s, athar_error *err)
{
	athar_bytes b;
	uint64_t clock;
	uint32_t len;
	bool beginning;

	ATHAR_TRY(athar_reader_get(&b, s->w->in, s->at + 4, 10, err));
	if (s->packs == 0)
		s->second = b.ptr[0] >> 6 == 1;
	if (!read_pack(&clock, &len, b.ptr, s->second))
		return broken(s);
	ATHAR_TRY(is_beginning(&beginning, s, s->at + len, clock, err));
	if (s->packs == 0 && !beginning)
		return athar_walk_stop(s->w, "no stream begins here");
	if (s->packs != 0 && ((clock - s->clock) & CLOCK_MASK) > CLOCK_GAP) {
		if (beginning)
			return athar_walk_stop(s->w, "another stream begins before an end code");
		athar_walk_flaw(s->w, "the clock of the packs jumps");
	}
	s->clock = clock;
	s->packs++;
	s->at += len;
	return ATHAR_OK;
}

/* Program stream map, padding, private stream 2, ECM, EMM, DSM-CC, H.222.1 type E, directory. */
static bool is_bare(uint32_t code)
{
	return code == 0xBC || code == 0xBE || code == 0xBF || (code >= 0xF0 && code <= 0xF2) ||
	       code == 0xF8 || code == 0xFF;
}

/* MPEG-1: stuffing, the size of a buffer, then times or none. */
static bool header_first(const uint8_t *b, size_t len)
{
	size_t i = 0;

	while (i < len && i < 16 && b[i] == 0xFF)
		i++;
	if (i < len && b[i] >> 6 == 1)
		i += 2;
	if (i >= len)
		return false;
	return b[i] == 0x0F || ((b[i] >> 4 == 2 || b[i] >> 4 == 3) && (b[i] & 1) != 0);
}

/* The first bytes of a packet behind its length, at most 20 of `whole`. */
static bool header_fits(const stream *s, uint32_t code, const uint8_t *b, size_t len, size_t whole)
{
	if (code == SYSTEM)
		return whole >= 6 && whole % 3 == 0 && (b[0] & 0x80) != 0 && (b[2] & 1) != 0;
	if (s->second ? is_bare(code) : code == 0xBF)
		return true;
	if (!s->second)
		return header_first(b, len);
	return whole >= 3 && b[0] >> 6 == 2 && b[2] + 3u <= whole;
}

/* The first header of a sequence of pictures begins with their size, 12 bits each. */
static athar_status note_size(stream *s, uint64_t at, uint32_t len, athar_error *err)
{
	static const uint8_t start[] = {0, 0, 1, 0xB3};
	athar_bytes b;

	ATHAR_TRY(athar_reader_some(&b, s->w->in, at, len, err));
	const uint8_t *found = memmem(b.ptr, b.len, start, sizeof start);

	if (found == NULL || b.len - (size_t)(found - b.ptr) < 7)
		return ATHAR_OK;
	s->sized = true;
	athar_walk_field(s->w, "width", "%u", athar_be24(found + 4) >> 12);
	athar_walk_field(s->w, "height", "%u", athar_be24(found + 4) & 0xFFF);
	return ATHAR_OK;
}

static athar_status packet(stream *s, uint32_t code, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, s->w->in, s->at + 4, 2, err));
	const uint32_t len = athar_be16(b.ptr);

	if (code < SYSTEM || len == 0)
		return broken(s);
	const size_t some = (size_t)athar_min(len, 20);

	ATHAR_TRY(athar_reader_get(&b, s->w->in, s->at + 6, some, err));
	if (!header_fits(s, code, b.ptr, some, len))
		return broken(s);
	if (code >= VIDEO && code <= VIDEO_LAST && !s->sized)
		ATHAR_TRY(note_size(s, s->at + 6, len, err));
	s->at += 6 + (uint64_t)len;
	if (s->at > athar_reader_size(s->w->in)) {
		athar_walk_reach(s->w, s->at);
		return ATHAR_EOF;
	}
	return ATHAR_OK;
}

static void begin(stream *s)
{
	if (!s->w->claim->ours)
		athar_walk_begin(s->w, s->sound);
}

/* One unit more. */
static void follow(stream *s)
{
	if (!s->w->flawed)
		s->sound = s->at;
	if (++s->units < UNITS_LEAST)
		return;
	begin(s);
	athar_walk_prove(s->w, s->at);
}

static athar_status walk(athar_walk *w, athar_error *err)
{
	stream s = {.w = w};
	athar_bytes b;

	for (;;) {
		const uint64_t at = s.at;

		if (at == athar_reader_size(w->in))
			return broken(&s);
		ATHAR_TRY(athar_reader_get(&b, w->in, at, 4, err));
		const uint32_t code = athar_be32(b.ptr) & 0xFF;

		if (athar_be32(b.ptr) >> 8 != 1)
			return broken(&s);
		if (code == END)
			break;
		if (code == PACK)
			ATHAR_TRY(pack(&s, err));
		else
			ATHAR_TRY(packet(&s, code, err));
		follow(&s);
	}
	if (s.packs == 0)
		return ATHAR_EFORMAT;
	begin(&s);
	athar_walk_close(w, ATHAR_GRADE_COMPLETE, s.at + 4,
	                 "its packets follow one another to the end code");
	return ATHAR_OK;
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;

	athar_walk_init(&w, out, in);
	return athar_walk_settle(&w, walk(&w, err), err);
}

/* 00 00 01 BA, of which only the end is told: a magic of zeros would stop the scanner at each. */
static const athar_magic magic[] = {{2, 2, {0x01, PACK}}, {0, 0, {0}}};

const athar_format athar_format_mpeg = {
	.name = "mpeg",
	.extension = "mpg",
	.mime = "video/mpeg",
	.summary = "MPEG program stream: MPEG-1, MPEG-2, VOB",
	.end = "the end code behind packets that follow one another",
	.best = ATHAR_GRADE_COMPLETE,
	.magic = magic,
	.chained = true,
	.measure = measure,
};
