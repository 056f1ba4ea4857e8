/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * MP3: frames of MPEG audio layer III (ISO/IEC 11172-3, 13818-3), tags before and behind them. The
 * first frame may hold no sound but say how many frames and bytes there are (Xing, VBRI), and
 * LAME's has a CRC over all of the sound besides. Any frame could be taken for a beginning; a
 * file's first one follows a tag or has such counts.
 */
#include "format/mp3.h"

#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "format/list.h"

#define FRAMES_LEAST 3u /* behind a tag or with counts: chance does not chain so many */
#define TAGS_MOST 16u
#define VBRI_AT 36u
#define LAME_LEN 36u

typedef struct header {
	uint8_t version, rate, mode; /* as coded */
	uint32_t len;                /* of the frame */
	uint32_t side;               /* of the side information, which Xing stands behind */
	uint32_t hertz;
} header;

/* What the first frame says of all. */
typedef struct counts {
	bool there, frames_told, bytes_told, crc_told;
	bool sealed; /* this frame's own CRC holds */
	uint32_t frames, bytes;
	uint16_t crc;
} counts;

typedef struct file {
	athar_walk *w;
	uint64_t at, start; /* start: of the first frame */
	uint64_t frames;    /* all, also the one that counts */
	header first;
	counts counts;
	uint16_t crc; /* over the sound so far */
	bool tagged, tag_sound;
} file;

/* ---- frames ---- */

static bool read_header(header *out, const uint8_t *b)
{
	static const uint16_t rates[3] = {44100, 48000, 32000};
	static const uint16_t first[16] = {0,   32,  40,  48,  56,  64,  80, 96,
	                                   112, 128, 160, 192, 224, 256, 320};
	static const uint16_t second[16] = {0,  8,  16, 24,  32,  40,  48, 56,
	                                    64, 80, 96, 112, 128, 144, 160};
	const uint8_t version = b[1] >> 3 & 3, rate = b[2] >> 2 & 3;
	const uint32_t kbits = (version == 3 ? first : second)[b[2] >> 4];

	if (b[0] != 0xFF || b[1] >> 5 != 7 || version == 1 || (b[1] >> 1 & 3) != 1 || rate == 3 ||
	    kbits == 0 || (b[3] & 3) == 2)
		return false;
	const uint32_t hertz = rates[rate] >> (version == 3 ? 0 : version == 2 ? 1 : 2);
	const bool mono = b[3] >> 6 == 3;

	*out = (header){.version = version, .rate = rate, .mode = b[3] >> 6};
	out->len = (version == 3 ? 144 : 72) * kbits * 1000 / hertz + (b[2] >> 1 & 1);
	out->hertz = hertz;
	out->side = version == 3 ? (mono ? 17 : 32) : (mono ? 9 : 17);
	return out->len > 4 + out->side;
}

static bool alike(const header *a, const header *b)
{
	return a->version == b->version && a->rate == b->rate && (a->mode == 3) == (b->mode == 3);
}

/* CRC-16 of ANSI, the low bit first, as LAME has it. */
static uint16_t crc16(uint16_t crc, const uint8_t *b, size_t len)
{
	static const uint16_t nibble[16] = {0x0000, 0xCC01, 0xD801, 0x1400, 0xF001, 0x3C00,
	                                    0x2800, 0xE401, 0xA001, 0x6C00, 0x7800, 0xB401,
	                                    0x5000, 0x9C01, 0x8801, 0x4400};

	for (size_t i = 0; i < len; i++) {
		crc = (uint16_t)(crc >> 4 ^ nibble[(crc ^ b[i]) & 15]);
		crc = (uint16_t)(crc >> 4 ^ nibble[(crc ^ b[i] >> 4) & 15]);
	}
	return crc;
}

/* ---- what the first frame counts ---- */

/* LAME's part ends with how long all is, a CRC of the sound and one of the frame up to there.
 * FFmpeg takes the last one over other bytes; then the length must vouch for what stands there. */
static void read_lame(counts *c, const uint8_t *b, size_t at, size_t len)
{
	if (!athar_inside(at, LAME_LEN, len))
		return;
	const uint8_t *end = b + at + LAME_LEN;

	c->crc = athar_be16(end - 4);
	c->sealed = athar_be16(end - 2) == crc16(0, b, at + LAME_LEN - 2);
	c->crc_told =
		c->sealed || (c->crc != 0 && c->bytes_told && athar_be32(end - 8) == c->bytes);
}

static void read_xing(counts *c, const uint8_t *b, size_t at, size_t len)
{
	const uint32_t flags = athar_be32(b + at + 4);
	const size_t lame =
		at + 8 + 4 * (flags & 1) + 2 * (flags & 2) + 25 * (flags & 4) + (flags & 8) / 2;

	if (lame > len)
		return;
	at += 8;
	c->frames_told = (flags & 1) != 0;
	if (c->frames_told) {
		c->frames = athar_be32(b + at);
		at += 4;
	}
	c->bytes_told = (flags & 2) != 0;
	if (c->bytes_told)
		c->bytes = athar_be32(b + at);
	c->there = c->frames_told || c->bytes_told;
	read_lame(c, b, lame, len);
}

static counts read_counts(const header *h, const uint8_t *b)
{
	const size_t at = 4 + (size_t)h->side;
	counts c = {.there = false};

	if (athar_inside(at, 8, h->len) &&
	    (memcmp(b + at, "Xing", 4) == 0 || memcmp(b + at, "Info", 4) == 0)) {
		read_xing(&c, b, at, h->len);
	} else if (athar_inside(VBRI_AT, 26, h->len) && memcmp(b + VBRI_AT, "VBRI", 4) == 0) {
		c = (counts){.there = true, .frames_told = true, .bytes_told = true};
		c.bytes = athar_be32(b + VBRI_AT + 10);
		c.frames = athar_be32(b + VBRI_AT + 14);
	}
	return c;
}

/* Do the counts say that the frames end here? Programs differ in whether the first one counts. */
static bool counted(const file *f)
{
	const counts *c = &f->counts;
	const uint64_t bytes = f->at - f->start, sound = f->frames - 1;

	if (!c->there || f->frames == 0)
		return false;
	if (!c->bytes_told)
		return c->frames == sound;
	if (bytes == c->bytes)
		return !c->frames_told || c->frames == sound || c->frames == f->frames;
	return bytes - f->first.len == c->bytes && c->frames_told && c->frames == sound;
}

/* ---- the walk ---- */

static void begin(file *f)
{
	if (f->w->claim->ours)
		return;
	/* Nothing that a damaged tag is followed by proves it. */
	athar_walk_begin(f->w, f->tag_sound ? f->start : 10);
	if (!f->tag_sound)
		athar_walk_flaw(f->w, "the frames of its tag do not follow one another");
}

/* Takes the frame at f->at. *more: it was one of this file. */
static athar_status take(bool *more, file *f, athar_error *err)
{
	athar_bytes b;
	header h;

	ATHAR_TRY(athar_reader_some(&b, f->w->in, f->at, 4, err));
	*more = b.len == 4 && read_header(&h, b.ptr) && (f->frames == 0 || alike(&h, &f->first));
	if (!*more)
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, f->w->in, f->at, h.len, err));
	const counts c = read_counts(&h, b.ptr);

	if (f->frames == 0) {
		f->first = h;
		f->counts = c;
		*more = f->tagged || c.there;
	} else {
		*more = !c.there; /* else another file begins */
	}
	if (!*more)
		return ATHAR_OK;
	if (f->counts.crc_told && f->frames != 0)
		f->crc = crc16(f->crc, b.ptr, h.len);
	f->frames++;
	f->at += h.len;
	return ATHAR_OK;
}

static athar_status frames(file *f, athar_error *err)
{
	const uint64_t size = athar_reader_size(f->w->in);
	bool more = true;

	while (!counted(f) && f->at < size) {
		const athar_status status = take(&more, f, err);

		if (status == ATHAR_EOF && f->w->claim->ours)
			athar_walk_reach(f->w, size);
		if (status != ATHAR_OK)
			return status;
		if (!more)
			break;
		if (f->frames >= FRAMES_LEAST)
			begin(f);
		if (f->w->claim->ours)
			athar_walk_prove(f->w, f->at);
	}
	return ATHAR_OK;
}

static athar_status tags_before(file *f, athar_error *err)
{
	uint64_t len = 1;

	f->tag_sound = true;
	for (uint32_t n = 0; n < TAGS_MOST && len != 0; n++) {
		bool sound;

		ATHAR_TRY(mp3_tag_before(&len, &sound, f->w, f->at, err));
		f->tagged = f->tagged || len != 0;
		f->tag_sound = f->tag_sound && sound;
		f->at += len;
	}
	f->start = f->at;
	return ATHAR_OK;
}

/* *closed: at least one is there. */
static athar_status tags_behind(bool *closed, file *f, athar_error *err)
{
	uint64_t len = 1;
	bool last = false;

	*closed = false;
	for (uint32_t n = 0; n < TAGS_MOST && len != 0 && !last; n++) {
		ATHAR_TRY(mp3_tag_behind(&len, &last, f->w, f->at, err));
		*closed = *closed || len != 0;
		f->at += len;
	}
	return ATHAR_OK;
}

/* As long as its frames last; the one that counts them has no sound. */
static void note_length(const file *f)
{
	const uint64_t sound = f->frames - (f->counts.there ? 1 : 0);
	const uint64_t samples = f->first.version == 3 ? 1152 : 576;

	athar_walk_field(f->w, "duration_ms", "%llu",
	                 (unsigned long long)(sound * samples * 1000 / f->first.hertz));
}

static athar_status judge(file *f, bool by_count, bool closed)
{
	athar_walk *w = f->w;
	const bool holds = f->counts.crc_told && f->crc == f->counts.crc;

	if (!by_count && f->counts.there)
		athar_walk_flaw(w, "its first frame counts other frames than there are");
	if (!by_count && !closed)
		return athar_walk_stop(w,
		                       "its frames follow one another, nothing says which is last");
	if (by_count && f->counts.crc_told && !holds)
		athar_walk_flaw(w, "the CRC of its sound does not hold");
	if (!by_count)
		athar_walk_close(w, ATHAR_GRADE_COMPLETE, f->at,
		                 "its frames follow one another to the tag that closes it");
	else if (!holds)
		athar_walk_close(w, ATHAR_GRADE_COMPLETE, f->at,
		                 "it has just the frames and bytes that its first frame counts");
	else if (f->tagged || closed || !f->counts.sealed)
		athar_walk_close(w, ATHAR_GRADE_COMPLETE, f->at,
		                 "the CRC of its sound holds, tags and counts have none");
	else
		athar_walk_close(w, ATHAR_GRADE_INTACT, f->at,
		                 "the CRC of its sound holds, and the counts of its first frame");
	return ATHAR_OK;
}

static athar_status walk(athar_walk *w, athar_error *err)
{
	file f = {.w = w};
	bool closed;

	ATHAR_TRY(tags_before(&f, err));
	ATHAR_TRY(frames(&f, err));
	const bool by_count = counted(&f);

	if (!by_count && f.frames < FRAMES_LEAST)
		return athar_walk_stop(w, "too few frames follow one another");
	begin(&f);
	note_length(&f);
	ATHAR_TRY(tags_behind(&closed, &f, err));
	return judge(&f, by_count, closed);
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;

	athar_walk_init(&w, out, in);
	return athar_walk_settle(&w, walk(&w, err), err);
}

static const athar_magic magic[] = {
	{0, 4, {'I', 'D', '3', 2}}, {0, 4, {'I', 'D', '3', 3}},
	{0, 4, {'I', 'D', '3', 4}}, {0, 2, {0xFF, 0xFB}},
	{0, 2, {0xFF, 0xFA}},       {0, 2, {0xFF, 0xF3}},
	{0, 2, {0xFF, 0xF2}},       {0, 2, {0xFF, 0xE3}},
	{0, 2, {0xFF, 0xE2}},       {0, 0, {0}},
};

const athar_format athar_format_mp3 = {
	.name = "mp3",
	.extension = "mp3",
	.mime = "audio/mpeg",
	.summary = "MPEG audio layer III with its tags",
	.end = "frames that follow one another, as many as the first one counts or up to a tag",
	.best = ATHAR_GRADE_INTACT,
	.magic = magic,
	.chained = true,
	.measure = measure,
};
