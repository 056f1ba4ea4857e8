/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What describes the media of a Matroska file, and what indexes its parts.
 */
#include <math.h>
#include <string.h>

#include "athar/text.h"
#include "base/check.h"
#include "format/mkv.h"

#define SCALE 0x2AD7B1u
#define DURATION 0x4489u
#define DATE 0x4461u
#define TITLE 0x7BA9u
#define WRITER 0x5741u
#define ENTRY 0xAEu
#define NUMBER 0xD7u
#define KIND 0x83u
#define CODEC 0x86u
#define VIDEO 0xE0u
#define WIDTH 0xB0u
#define HEIGHT 0xBAu
#define ENCODINGS 0x6D80u
#define ENCODING 0x6240u
#define ENCRYPTION 0x5035u
#define SEEK 0x4DBBu
#define SEEK_ID 0x53ABu
#define SEEK_AT 0x53ACu
#define POINT 0xBBu
#define POSITIONS 0xB7u
#define CLUSTER_AT 0xF1u

#define EPOCH 978307200 /* 2001-01-01 in seconds since 1970 */
#define TEXT_MOST 200u

/* ---- info ---- */

static athar_status note_text(mkv *m, const char *key, const mkv_element *e, athar_error *err)
{
	const size_t len = (size_t)athar_min(e->end - e->payload, TEXT_MOST);
	athar_bytes b;

	if (len == 0)
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, m->w->in, e->payload, len, err));
	athar_walk_field_bytes(m->w, key, b.ptr, len);
	return ATHAR_OK;
}

/* Nanoseconds since the beginning of 2001, in UTC. */
static athar_status note_date(mkv *m, const mkv_element *e, athar_error *err)
{
	uint64_t value;
	char text[32];

	ATHAR_TRY(mkv_number(&value, m, e, err));
	if (e->end - e->payload == 8)
		athar_walk_field(
			m->w, "created", "%s",
			athar_text_time(text, sizeof text, (int64_t)value / 1000000000 + EPOCH));
	return ATHAR_OK;
}

/* In ticks, as a floating number of 4 or 8 bytes. */
static athar_status note_duration(mkv *m, const mkv_element *e, athar_error *err)
{
	const uint64_t len = e->end - e->payload;
	double ticks = 0;
	uint64_t bits;

	ATHAR_TRY(mkv_number(&bits, m, e, err));
	if (len == 8) {
		memcpy(&ticks, &bits, sizeof ticks);
	} else if (len == 4) {
		const uint32_t half = (uint32_t)bits;
		float some;

		memcpy(&some, &half, sizeof some);
		ticks = (double)some;
	}
	const double ms = ticks * (double)m->scale / 1e6;

	if (isfinite(ms) && ms > 0 && ms < 1e15)
		athar_walk_field(m->w, "duration_ms", "%.0f", ms);
	return ATHAR_OK;
}

static athar_status find_scale(mkv *m, const mkv_element *e, athar_error *err)
{
	return e->id == SCALE ? mkv_number(&m->scale, m, e, err) : ATHAR_OK;
}

static athar_status in_info(mkv *m, const mkv_element *e, athar_error *err)
{
	switch (e->id) {
	case DURATION:
		return note_duration(m, e, err);
	case DATE:
		return note_date(m, e, err);
	case TITLE:
		return note_text(m, "title", e, err);
	case WRITER:
		return note_text(m, "software", e, err);
	default:
		return ATHAR_OK;
	}
}

/* ---- tracks ---- */

static athar_status in_encoding(mkv *m, const mkv_element *e, athar_error *err)
{
	mkv_track *t = &m->track[m->tracks];

	(void)err;
	t->encrypted = t->encrypted || e->id == ENCRYPTION;
	return ATHAR_OK;
}

static athar_status in_encodings(mkv *m, const mkv_element *e, athar_error *err)
{
	return e->id == ENCODING ? mkv_children(m, e, in_encoding, err) : ATHAR_OK;
}

static athar_status in_video(mkv *m, const mkv_element *e, athar_error *err)
{
	mkv_track *t = &m->track[m->tracks];

	if (e->id == WIDTH)
		return mkv_number(&t->width, m, e, err);
	return e->id == HEIGHT ? mkv_number(&t->height, m, e, err) : ATHAR_OK;
}

static athar_status take_codec(mkv_track *t, mkv *m, const mkv_element *e, athar_error *err)
{
	athar_bytes b;

	t->codec_len = (size_t)athar_min(e->end - e->payload, sizeof t->codec);
	if (t->codec_len == 0)
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, m->w->in, e->payload, t->codec_len, err));
	memcpy(t->codec, b.ptr, t->codec_len);
	return ATHAR_OK;
}

static athar_status in_track(mkv *m, const mkv_element *e, athar_error *err)
{
	mkv_track *t = &m->track[m->tracks];

	switch (e->id) {
	case NUMBER:
		return mkv_number(&t->number, m, e, err);
	case KIND:
		return mkv_number(&t->kind, m, e, err);
	case CODEC:
		return take_codec(t, m, e, err);
	case VIDEO:
		return mkv_children(m, e, in_video, err);
	case ENCODINGS:
		return mkv_children(m, e, in_encodings, err);
	default:
		return ATHAR_OK;
	}
}

static athar_status in_tracks(mkv *m, const mkv_element *e, athar_error *err)
{
	if (e->id != ENTRY)
		return ATHAR_OK;
	if (m->tracks == MKV_TRACKS_MOST)
		return athar_walk_stop(m->w, "it has more than %u tracks", MKV_TRACKS_MOST);
	m->track[m->tracks] = (mkv_track){.number = 0};
	ATHAR_TRY(mkv_children(m, e, in_track, err));
	if (m->track[m->tracks].number == 0)
		return athar_walk_stop(m->w, "a track has no number");
	m->tracks++;
	return ATHAR_OK;
}

/* Of the first film, or the first track. */
static void note_tracks(mkv *m)
{
	const mkv_track *t = &m->track[0];

	for (size_t i = 0; i < m->tracks && t->kind != 1; i++) {
		if (m->track[i].kind == 1)
			t = &m->track[i];
	}
	if (t->kind == 1 && t->width != 0 && t->height != 0) {
		athar_walk_field(m->w, "width", "%llu", (unsigned long long)t->width);
		athar_walk_field(m->w, "height", "%llu", (unsigned long long)t->height);
	}
	athar_walk_field_bytes(m->w, "codec", t->codec, t->codec_len);
	for (size_t i = 0; i < m->tracks; i++) {
		if (m->track[i].encrypted)
			athar_walk_field(m->w, "encrypted", "yes");
	}
}

static athar_status pass(mkv *m, const mkv_element *e, athar_error *err)
{
	(void)m;
	(void)e;
	(void)err;
	return ATHAR_OK;
}

athar_status mkv_describe(mkv *m, const mkv_element *part, athar_error *err)
{
	if (part->id == MKV_INFO) {
		ATHAR_TRY(mkv_children(m, part, find_scale, err));
		return mkv_children(m, part, in_info, err);
	}
	if (part->id == MKV_TRACKS && m->tracks != 0) /* a copy, as live streams repeat it */
		return mkv_children(m, part, pass, err);
	if (part->id != MKV_TRACKS)
		return part->id == MKV_CRC ? ATHAR_OK : mkv_children(m, part, pass, err);
	ATHAR_TRY(mkv_children(m, part, in_tracks, err));
	note_tracks(m);
	return ATHAR_OK;
}

/* ---- the indexes ---- */

static athar_status in_seek(mkv *m, const mkv_element *e, athar_error *err)
{
	uint64_t value;

	if (e->id != SEEK_ID && e->id != SEEK_AT)
		return ATHAR_OK;
	ATHAR_TRY(mkv_number(&value, m, e, err));
	if (e->id == SEEK_ID)
		m->seek_id = (uint32_t)value;
	else
		m->seek_at = value;
	return ATHAR_OK;
}

static athar_status in_seekhead(mkv *m, const mkv_element *e, athar_error *err)
{
	uint64_t at;

	if (e->id != SEEK)
		return ATHAR_OK;
	m->seek_id = 0;
	m->seek_at = 0;
	ATHAR_TRY(mkv_children(m, e, in_seek, err));
	if (!athar_add(m->segment.payload, m->seek_at, &at) || !mkv_has(m, at, m->seek_id))
		athar_walk_flaw(m->w, "the list of its parts points to where they are not");
	return ATHAR_OK;
}

static athar_status in_positions(mkv *m, const mkv_element *e, athar_error *err)
{
	uint64_t value, at;

	if (e->id != CLUSTER_AT)
		return ATHAR_OK;
	ATHAR_TRY(mkv_number(&value, m, e, err));
	if (!athar_add(m->segment.payload, value, &at) || !mkv_has(m, at, MKV_CLUSTER))
		athar_walk_flaw(m->w, "its index points to where no cluster begins");
	return ATHAR_OK;
}

static athar_status in_point(mkv *m, const mkv_element *e, athar_error *err)
{
	return e->id == POSITIONS ? mkv_children(m, e, in_positions, err) : ATHAR_OK;
}

static athar_status in_cues(mkv *m, const mkv_element *e, athar_error *err)
{
	return e->id == POINT ? mkv_children(m, e, in_point, err) : ATHAR_OK;
}

athar_status mkv_check_index(mkv *m, const mkv_element *part, athar_error *err)
{
	if (part->id == MKV_SEEKHEAD)
		return mkv_children(m, part, in_seekhead, err);
	if (part->id != MKV_CUES)
		return ATHAR_OK;
	m->cued = true;
	return mkv_children(m, part, in_cues, err);
}
