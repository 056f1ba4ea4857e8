/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "format/mp3.h"
#include "format/utf16.h"

#define PIECE (1u << 16)
#define TEXT_MOST 256u
#define APE_MOST (16u << 20)
#define ID3V1 128u
#define ID3V1_MORE 227u
#define LYRICS_MOST 5120u /* of the first version, which does not tell its length */
#define LYRICS_FIELDS 1000u

/* ---- before ---- */

/* 7 bits a byte; false: an eighth is set. */
static bool synchsafe(uint32_t *out, const uint8_t *b)
{
	const uint32_t v = athar_be32(b);

	*out = (v >> 24 & 0x7F) << 21 | (v >> 16 & 0x7F) << 14 | (v >> 8 & 0x7F) << 7 | (v & 0x7F);
	return (v & 0x80808080) == 0;
}

static bool is_name(const uint8_t *b, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		const bool good = (b[i] >= 'A' && b[i] <= 'Z') || (b[i] >= '0' && b[i] <= '9');

		/* Names of 2.2 in a later tag have three characters. */
		if (!good && !(i == 3 && (b[i] == ' ' || b[i] == 0)))
			return false;
	}
	return true;
}

/* The frames of one tag. */
typedef struct frames {
	athar_walk *w;
	uint64_t at, end;
	uint8_t version;
	bool plain; /* sizes of 8 bits a byte where the version has 7, as iTunes wrote them */
	bool told;  /* they follow one another, and what they say is noted */
} frames;

static athar_status all_zeros(bool *out, const frames *f, uint64_t at, athar_error *err)
{
	athar_bytes b;

	*out = true;
	while (*out && at < f->end) {
		const size_t some = (size_t)athar_min(f->end - at, PIECE);

		ATHAR_TRY(athar_reader_get(&b, f->w->in, at, some, err));
		*out = b.ptr[0] == 0 && memcmp(b.ptr, b.ptr + 1, some - 1) == 0;
		at += some;
	}
	return ATHAR_OK;
}

/* ---- what the frames say ---- */

static const struct {
	char name[5];
	const char *key;
} notes[] = {
	{"TT2", "title"},   {"TIT2", "title"},         {"TP1", "author"},
	{"TPE1", "author"}, {{'T', 'Y', 'E'}, "date"}, {"TYER", "date"},
	{"TDRC", "date"},   {"TSS", "software"},       {"TSSE", "software"},
};

/* A byte that says the coding, then the text: Latin-1, UTF-16 with its mark or without, UTF-8. */
static void note_text(athar_walk *w, const char *key, const uint8_t *b, size_t len)
{
	const bool marked = b[0] == 1 && len >= 3;
	const bool high_first = b[0] == 2 || (marked && b[1] == 0xFE);

	if (b[0] == 0 || b[0] == 3)
		athar_walk_field_bytes(w, key, b + 1, len - 1);
	else if (marked)
		athar_walk_field_utf16(w, key, b + 3, len - 3, high_first);
	else if (b[0] == 2)
		athar_walk_field_utf16(w, key, b + 1, len - 1, high_first);
}

static athar_status note_frame(const frames *f, uint64_t at, uint64_t size, athar_error *err)
{
	const size_t head = f->version == 2 ? 6 : 10, some = (size_t)athar_min(size, TEXT_MOST);
	athar_bytes b;

	if (some < 2)
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, f->w->in, at, head + some, err));
	/* Not where flags say that it is packed or locked. */
	if (f->version != 2 && b.ptr[9] != 0)
		return ATHAR_OK;
	for (size_t i = 0; i < ATHAR_COUNT(notes); i++) {
		const size_t len = strlen(notes[i].name);

		if (len == (f->version == 2 ? 3 : 4) && memcmp(b.ptr, notes[i].name, len) == 0)
			note_text(f->w, notes[i].key, b.ptr + head, some);
	}
	return ATHAR_OK;
}

/* ---- the frames ---- */

/* One frame; *more false at the padding or at what is no frame. */
static athar_status one_frame(bool *more, frames *f, athar_error *err)
{
	const size_t head = f->version == 2 ? 6 : 10, name = f->version == 2 ? 3 : 4;
	athar_bytes b;
	uint32_t size;

	*more = false;
	if (f->end - f->at < head)
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, f->w->in, f->at, head, err));
	size = f->version == 2 ? athar_be24(b.ptr + 3) : athar_be32(b.ptr + 4);
	if (f->version == 4 && !f->plain && !synchsafe(&size, b.ptr + 4))
		return ATHAR_OK;
	*more = is_name(b.ptr, name) && size <= f->end - f->at - head;
	if (*more && f->told)
		ATHAR_TRY(note_frame(f, f->at, size, err));
	if (*more)
		f->at += head + size;
	return ATHAR_OK;
}

/* Do frames follow one another to the end, or to the zeros before it? */
static athar_status follow(bool *out, frames f, athar_error *err)
{
	bool more = true;

	while (more && f.at < f.end)
		ATHAR_TRY(one_frame(&more, &f, err));
	return all_zeros(out, &f, f.at, err);
}

/* The extended header; its size counts itself in 2.4 only. */
static athar_status skip_extended(bool *out, frames *f, athar_error *err)
{
	athar_bytes b;
	uint32_t size;

	ATHAR_TRY(athar_reader_get(&b, f->w->in, f->at, 4, err));
	*out = synchsafe(&size, b.ptr);
	if (f->version == 3)
		size += 4;
	*out = *out && size >= 6 && size <= f->end - f->at;
	if (*out)
		f->at += size;
	return ATHAR_OK;
}

static athar_status check_frames(bool *sound, frames f, uint8_t flags, athar_error *err)
{
	*sound = true;
	/* Sizes in an unsynchronised or packed tag are not those of the bytes here. */
	if ((flags & 0x80) != 0 || (f.version == 2 && (flags & 0x40) != 0))
		return ATHAR_OK;
	if ((flags & 0x40) != 0)
		ATHAR_TRY(skip_extended(sound, &f, err));
	if (!*sound)
		return ATHAR_OK;
	ATHAR_TRY(follow(sound, f, err));
	f.plain = true;
	if (!*sound && f.version == 4)
		ATHAR_TRY(follow(sound, f, err));
	else
		f.plain = false;
	f.told = true;
	return *sound ? follow(sound, f, err) : ATHAR_OK;
}

athar_status mp3_tag_before(uint64_t *len, bool *sound, athar_walk *w, uint64_t at,
                            athar_error *err)
{
	athar_bytes b;
	uint32_t size;

	*len = 0;
	*sound = true;
	ATHAR_TRY(athar_reader_some(&b, w->in, at, 10, err));
	if (b.len < 10 || memcmp(b.ptr, "ID3", 3) != 0)
		return ATHAR_OK;
	const uint8_t version = b.ptr[3], flags = b.ptr[5];
	const uint8_t spare = version == 2 ? 0x3F : version == 3 ? 0x1F : 0x0F;

	if (version < 2 || version > 4 || b.ptr[4] == 0xFF || (flags & spare) != 0 ||
	    !synchsafe(&size, b.ptr + 6))
		return ATHAR_OK;
	const frames f = {.w = w, .at = at + 10, .end = at + 10 + size, .version = version};

	if (f.end > athar_reader_size(w->in))
		return ATHAR_EOF;
	ATHAR_TRY(check_frames(sound, f, flags, err));
	*len = 10 + (uint64_t)size + (version == 4 && (flags & 0x10) != 0 ? 10 : 0);
	return ATHAR_OK;
}

/* ---- behind ---- */

/* Do these characters stand there? Not when the range ends before. */
static athar_status stands(bool *out, athar_walk *w, uint64_t at, const char *text,
                           athar_error *err)
{
	const size_t len = strlen(text);
	athar_bytes b;

	*out = false;
	if (!athar_inside(at, len, athar_reader_size(w->in)))
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, w->in, at, len, err));
	*out = memcmp(b.ptr, text, len) == 0;
	return ATHAR_OK;
}

/* Version 2 with its header; the size counts the footer, which repeats the header. */
static athar_status ape(uint64_t *len, athar_walk *w, uint64_t at, athar_error *err)
{
	athar_bytes b;
	bool closed;

	ATHAR_TRY(athar_reader_get(&b, w->in, at, 32, err));
	const uint32_t size = athar_le32(b.ptr + 12);

	if (size < 32 || size > APE_MOST)
		return athar_walk_stop(w, "the APE tag has an impossible size");
	if (!athar_inside(at, 32 + (uint64_t)size, athar_reader_size(w->in)))
		return ATHAR_EOF;
	ATHAR_TRY(stands(&closed, w, at + size, "APETAGEX", err));
	if (!closed)
		return athar_walk_stop(w, "the APE tag does not close");
	*len = 32 + (uint64_t)size;
	return ATHAR_OK;
}

/* `count` digits; UINT32_MAX: something else. */
static uint32_t number(const uint8_t *b, size_t count)
{
	uint32_t v = 0;

	for (size_t i = 0; i < count; i++) {
		if (b[i] < '0' || b[i] > '9')
			return UINT32_MAX;
		v = v * 10 + (b[i] - '0');
	}
	return v;
}

/* The first version: text up to its end mark. */
static athar_status lyrics_first(uint64_t *len, athar_walk *w, uint64_t at, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_some(&b, w->in, at, LYRICS_MOST, err));
	const uint8_t *mark = memmem(b.ptr, b.len, "LYRICSEND", 9);

	if (mark == NULL)
		return athar_walk_stop(w, "the lyrics do not close");
	*len = (uint64_t)(mark - b.ptr) + 9;
	return ATHAR_OK;
}

/* The second: fields with their lengths, then how long they are together. */
static athar_status lyrics(uint64_t *len, athar_walk *w, uint64_t at, athar_error *err)
{
	uint64_t to = at + 11;
	athar_bytes b;

	for (uint32_t n = 0; n < LYRICS_FIELDS; n++) {
		ATHAR_TRY(athar_reader_get(&b, w->in, to, 15, err));
		if (memcmp(b.ptr + 6, "LYRICS200", 9) == 0) {
			*len = to + 15 - at;
			return number(b.ptr, 6) == to - at
			               ? ATHAR_OK
			               : athar_walk_stop(w, "the lyrics have a wrong length");
		}
		const uint32_t size = number(b.ptr + 3, 5);

		if (!is_name(b.ptr, 3) || size == UINT32_MAX)
			break;
		to += 8 + (uint64_t)size;
	}
	return lyrics_first(len, w, at, err);
}

/* ID3v1, with or without the part that some programs put before it. */
static athar_status first_id3(uint64_t *len, athar_walk *w, uint64_t at, athar_error *err)
{
	athar_bytes b;
	bool more, tag = true;

	*len = ID3V1;
	ATHAR_TRY(stands(&more, w, at, "TAG+", err));
	if (more)
		ATHAR_TRY(stands(&tag, w, at + ID3V1_MORE, "TAG", err));
	if (more && tag)
		*len += ID3V1_MORE;
	ATHAR_TRY(athar_reader_get(&b, w->in, at, (size_t)*len, err));
	const uint8_t *first = b.ptr + *len - ID3V1;

	athar_walk_field_bytes(w, "title", first + 3, 30);
	athar_walk_field_bytes(w, "author", first + 33, 30);
	athar_walk_field_bytes(w, "date", first + 93, 4);
	return ATHAR_OK;
}

/* ID3v2.4 behind the frames has a footer. */
static athar_status appended(uint64_t *len, athar_walk *w, uint64_t at, athar_error *err)
{
	bool sound, closed = false;

	ATHAR_TRY(mp3_tag_before(len, &sound, w, at, err));
	if (*len != 0)
		ATHAR_TRY(stands(&closed, w, at + *len - 10, "3DI", err));
	if (!closed)
		*len = 0;
	else if (!sound)
		return athar_walk_stop(w, "the frames of the tag behind do not follow one another");
	return ATHAR_OK;
}

athar_status mp3_tag_behind(uint64_t *len, bool *last, athar_walk *w, uint64_t at, athar_error *err)
{
	static const struct {
		const char *mark;
		athar_status (*read)(uint64_t *len, athar_walk *w, uint64_t at, athar_error *err);
	} kinds[] = {{"TAG", first_id3},
	             {"APETAGEX", ape},
	             {"LYRICSBEGIN", lyrics},
	             {"ID3\4", appended}};
	bool there = false;

	*len = 0;
	*last = false;
	for (size_t i = 0; i < ATHAR_COUNT(kinds); i++) {
		ATHAR_TRY(stands(&there, w, at, kinds[i].mark, err));
		if (!there)
			continue;
		*last = i == 0;
		return kinds[i].read(len, w, at, err);
	}
	return ATHAR_OK;
}
