/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Standard MIDI files (MIDI Manufacturers Association, "Standard MIDI Files 1.0", 1988): a header
 * that says how many tracks follow, and tracks of events, each of which is followed to the one that
 * ends the track.
 */
#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "format/list.h"
#include "format/walk.h"

#define HEAD 14u
#define TRACK_HEAD 8u
#define NAME_MOST 200u
#define META 0xFFu
#define END_OF_TRACK 0x2Fu
#define NAME 0x03u

typedef struct track {
	athar_walk *w;
	athar_stream s;
	uint64_t end;
	uint8_t status; /* the last one, which is not repeated; 0: none */
	bool ended, name;
	uint64_t name_at, name_len;
} track;

static athar_status byte(uint8_t *out, track *t, athar_error *err)
{
	if (athar_stream_at(&t->s) >= t->end)
		return athar_walk_stop(t->w, "an event is longer than its track");
	return athar_stream_byte(out, &t->s, err);
}

/* 7 bits a byte, at most four of them. */
static athar_status length(uint32_t *out, track *t, athar_error *err)
{
	uint8_t b = 0x80;

	*out = 0;
	for (int i = 0; i < 4 && (b & 0x80) != 0; i++) {
		ATHAR_TRY(byte(&b, t, err));
		*out = *out << 7 | (b & 0x7Fu);
	}
	return (b & 0x80) == 0 ? ATHAR_OK
	                       : athar_walk_stop(t->w, "a length has more than four bytes");
}

static athar_status skip(track *t, uint32_t len)
{
	if (!athar_inside(athar_stream_at(&t->s), len, t->end))
		return athar_walk_stop(t->w, "an event is longer than its track");
	athar_stream_skip(&t->s, len);
	return ATHAR_OK;
}

static athar_status meta(track *t, athar_error *err)
{
	uint32_t len;
	uint8_t kind;

	ATHAR_TRY(byte(&kind, t, err));
	ATHAR_TRY(length(&len, t, err));
	if (kind > 0x7F || (kind == END_OF_TRACK && len != 0))
		return athar_walk_stop(t->w, "an event is none");
	t->ended = kind == END_OF_TRACK;
	if (kind == NAME && !t->name) {
		t->name = true;
		t->name_at = athar_stream_at(&t->s);
		t->name_len = len;
	}
	return skip(t, len);
}

/* Events of a channel have one or two bytes of 7 bits. */
static athar_status channel(track *t, uint8_t first, athar_error *err)
{
	uint8_t data = first;

	if (first >= 0x80) {
		t->status = first;
		ATHAR_TRY(byte(&data, t, err));
	}
	if (t->status == 0 || data >= 0x80)
		return athar_walk_stop(t->w, "an event is none");
	if (t->status >> 4 == 0xC || t->status >> 4 == 0xD)
		return ATHAR_OK;
	ATHAR_TRY(byte(&data, t, err));
	return data < 0x80 ? ATHAR_OK : athar_walk_stop(t->w, "an event is none");
}

static athar_status event(track *t, athar_error *err)
{
	uint32_t len;
	uint8_t first;

	ATHAR_TRY(length(&len, t, err)); /* the time since the last one */
	ATHAR_TRY(byte(&first, t, err));
	if (first < 0xF0)
		return channel(t, first, err);
	t->status = 0;
	if (first == META)
		return meta(t, err);
	if (first != 0xF0 && first != 0xF7)
		return athar_walk_stop(t->w, "an event is none");
	ATHAR_TRY(length(&len, t, err));
	return skip(t, len);
}

/* The track at *at, which ends just where its last event does. */
static athar_status one_track(uint64_t *at, athar_walk *w, athar_error *err)
{
	athar_bytes b;
	track t = {.w = w};

	ATHAR_TRY(athar_reader_get(&b, w->in, *at, TRACK_HEAD, err));
	if (memcmp(b.ptr, "MTrk", 4) != 0)
		return athar_walk_stop(w, "what follows the last good track is none");
	t.end = *at + TRACK_HEAD + athar_be32(b.ptr + 4);
	athar_stream_seek(&t.s, w->in, *at + TRACK_HEAD);
	while (!t.ended) {
		athar_walk_prove(w, athar_stream_at(&t.s));
		ATHAR_TRY(event(&t, err));
	}
	if (athar_stream_at(&t.s) != t.end)
		return athar_walk_stop(w, "a track ends before its end");
	*at = t.end;
	athar_walk_prove(w, *at);
	if (!t.name || t.name_len == 0)
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, w->in, t.name_at, (size_t)athar_min(t.name_len, NAME_MOST),
	                           err));
	athar_walk_field_bytes(w, "title", b.ptr, b.len);
	return ATHAR_OK;
}

static athar_status walk(athar_walk *w, athar_error *err)
{
	uint64_t at = HEAD;
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, w->in, 0, HEAD, err));
	const uint16_t form = athar_be16(b.ptr + 8), tracks = athar_be16(b.ptr + 10);

	if (form > 2 || tracks == 0 || (form == 0 && tracks != 1) || athar_be16(b.ptr + 12) == 0)
		return athar_walk_stop(w, "its header makes no sense");
	ATHAR_TRY(athar_reader_get(&b, w->in, at, 4, err));
	if (memcmp(b.ptr, "MTrk", 4) != 0)
		return athar_walk_stop(w, "no track follows the header");
	athar_walk_begin(w, HEAD);
	for (uint32_t i = 0; i < tracks; i++)
		ATHAR_TRY(one_track(&at, w, err));
	athar_walk_close(w, ATHAR_GRADE_COMPLETE, at,
	                 "the events of all tracks follow one another to their ends");
	return ATHAR_OK;
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;

	athar_walk_init(&w, out, in);
	return athar_walk_settle(&w, walk(&w, err), err);
}

static const athar_magic magic[] = {{0, 8, {'M', 'T', 'h', 'd', 0, 0, 0, 6}}, {0, 0, {0}}};

const athar_format athar_format_midi = {
	.name = "midi",
	.extension = "mid",
	.mime = "audio/midi",
	.summary = "Standard MIDI file",
	.end = "events that follow one another to the end of each track, as many as it says",
	.best = ATHAR_GRADE_COMPLETE,
	.magic = magic,
	.measure = measure,
};
