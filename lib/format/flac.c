/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/flac.h"

#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "format/list.h"
#include "format/vorbis.h"

#define BLOCKS_MOST 1000u
#define PIECE (1u << 16)
#define UNUSED_POINT UINT64_MAX

enum block { STREAMINFO, PADDING, APPLICATION, SEEKTABLE, COMMENT, CUESHEET, PICTURE };

typedef struct sound {
	athar_walk *w;
	flac_info info;
	uint64_t at;
	uint64_t frames, samples; /* so far */
	bool by_sample;           /* frames are numbered by their samples */
	bool unchecked;           /* a block holds what nothing checks */
	flac_bits bits;
} sound;

/* ---- blocks ---- */

bool flac_info_read(flac_info *out, const uint8_t bytes[FLAC_INFO_LEN])
{
	const uint64_t packed = athar_be64(bytes + 18);

	*out = (flac_info){.least = athar_be16(bytes + 8), .most = athar_be16(bytes + 10)};
	out->shortest = athar_be24(bytes + 12);
	out->longest = athar_be24(bytes + 15);
	out->rate = (uint32_t)(packed >> 44);
	out->channels = (uint32_t)(packed >> 41 & 7) + 1;
	out->bits = (uint32_t)(packed >> 36 & 31) + 1;
	out->total = packed & ((UINT64_C(1) << 36) - 1);
	return out->least >= 16 && out->most >= out->least && out->rate != 0 && out->bits >= 4;
}

static athar_status read_info(sound *s, athar_error *err)
{
	flac_info *info = &s->info;
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, s->w->in, 0, FLAC_INFO_LEN, err));
	if ((b.ptr[4] & 0x7F) != STREAMINFO || athar_be24(b.ptr + 5) != 34)
		return athar_walk_stop(s->w, "it does not begin with what describes the sound");
	if (!flac_info_read(info, b.ptr))
		return athar_walk_stop(s->w, "what describes the sound makes no sense");
	athar_walk_begin(s->w, FLAC_INFO_LEN);
	if (info->total != 0)
		athar_walk_field(s->w, "duration_ms", "%llu",
		                 (unsigned long long)(info->total * 1000 / info->rate));
	return ATHAR_OK;
}

static athar_status check_padding(sound *s, uint64_t at, uint64_t end, athar_error *err)
{
	athar_bytes b;

	for (; at < end && !s->unchecked; at += b.len) {
		ATHAR_TRY(athar_reader_get(&b, s->w->in, at, (size_t)athar_min(end - at, PIECE),
		                           err));
		s->unchecked = b.ptr[0] != 0 || memcmp(b.ptr, b.ptr + 1, b.len - 1) != 0;
	}
	return ATHAR_OK;
}

/* Points in order of their samples; those that are not used come last. */
static athar_status check_points(sound *s, uint64_t at, uint64_t end, athar_error *err)
{
	uint64_t last = 0;
	athar_bytes b;

	for (bool first = true; end - at >= 18; at += 18, first = false) {
		ATHAR_TRY(athar_reader_get(&b, s->w->in, at, 18, err));
		const uint64_t sample = athar_be64(b.ptr);

		if ((!first && sample <= last && last != UNUSED_POINT) ||
		    (sample != UNUSED_POINT && s->info.total != 0 && sample >= s->info.total))
			athar_walk_flaw(s->w, "the table of places makes no sense");
		last = sample;
	}
	if (at != end)
		athar_walk_flaw(s->w, "the table of places makes no sense");
	return ATHAR_OK;
}

static athar_status check_comments(sound *s, uint64_t at, uint64_t end, athar_error *err)
{
	uint64_t behind;

	ATHAR_TRY(athar_vorbis_comments(&behind, s->w, at, end, err));
	if (behind != end)
		athar_walk_flaw(s->w, "the comments do not fill their block");
	return ATHAR_OK;
}

static athar_status check_block(sound *s, unsigned kind, uint64_t at, uint64_t end,
                                athar_error *err)
{
	switch (kind) {
	case PADDING:
		return check_padding(s, at, end, err);
	case SEEKTABLE:
		return check_points(s, at, end, err);
	case COMMENT:
		return check_comments(s, at, end, err);
	default:
		s->unchecked = true;
		return ATHAR_OK;
	}
}

static athar_status blocks(sound *s, athar_error *err)
{
	athar_bytes b;
	bool last;

	ATHAR_TRY(athar_reader_get(&b, s->w->in, 4, 1, err));
	last = (b.ptr[0] & 0x80) != 0;
	s->at = FLAC_INFO_LEN;
	for (uint32_t n = 0; !last; n++) {
		ATHAR_TRY(athar_reader_get(&b, s->w->in, s->at, 4, err));
		const unsigned kind = b.ptr[0] & 0x7F;
		const uint64_t payload = s->at + 4, end = payload + athar_be24(b.ptr + 1);

		last = (b.ptr[0] & 0x80) != 0;
		if (kind == STREAMINFO || kind > PICTURE || n == BLOCKS_MOST)
			return athar_walk_stop(s->w, "what follows the last good block is none");
		if (end > athar_reader_size(s->w->in))
			return ATHAR_EOF;
		ATHAR_TRY(check_block(s, kind, payload, end, err));
		athar_walk_prove(s->w, end);
		s->at = end;
	}
	return ATHAR_OK;
}

/* ---- frames ---- */

/* Its number, and how many samples it has, in its place. */
static bool fits(sound *s, const flac_frame *f)
{
	const flac_info *info = &s->info;
	const uint64_t behind = s->samples + f->samples;

	if (s->frames == 0)
		s->by_sample = f->by_sample;
	if (f->by_sample != s->by_sample || f->number != (s->by_sample ? s->samples : s->frames))
		return false;
	return info->total == 0 || behind == info->total ||
	       (behind < info->total && f->samples >= info->least);
}

/* *more: a frame was there. */
static athar_status frame(bool *more, sound *s, athar_error *err)
{
	flac_frame f;

	ATHAR_TRY(flac_frame_read(&f, more, &s->bits, &s->info, err));
	*more = *more && fits(s, &f);
	if (!*more)
		return ATHAR_OK;
	s->frames++;
	s->samples += f.samples;
	s->at = athar_stream_at(&s->bits.s);
	athar_walk_prove(s->w, s->at);
	return ATHAR_OK;
}

static athar_status frames(sound *s, athar_error *err)
{
	const uint64_t total = s->info.total, size = athar_reader_size(s->w->in);
	bool more = true;

	flac_bits_init(&s->bits);
	athar_stream_seek(&s->bits.s, s->w->in, s->at);
	while (more && (total == 0 || s->samples < total) && (total != 0 || s->at < size))
		ATHAR_TRY(frame(&more, s, err));
	return ATHAR_OK;
}

static athar_status judge(sound *s)
{
	athar_walk *w = s->w;

	if (s->info.total == 0) {
		w->claim->open = s->frames != 0;
		return athar_walk_stop(w,
		                       "its frames hold, and it does not say how many there are");
	}
	if (s->samples != s->info.total)
		return athar_walk_stop(w, "frame %llu does not hold, and %llu of %llu samples came",
		                       (unsigned long long)s->frames,
		                       (unsigned long long)s->samples,
		                       (unsigned long long)s->info.total);
	if (s->unchecked)
		athar_walk_close(w, ATHAR_GRADE_COMPLETE, s->at,
		                 "the CRCs of all frames hold, a picture or other data before them "
		                 "have none");
	else
		athar_walk_close(w, ATHAR_GRADE_INTACT, s->at,
		                 "the CRCs of all frames hold, and give all samples that it says");
	return ATHAR_OK;
}

static athar_status walk(sound *s, athar_error *err)
{
	ATHAR_TRY(read_info(s, err));
	ATHAR_TRY(blocks(s, err));
	ATHAR_TRY(frames(s, err));
	return judge(s);
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;
	sound s = {.w = &w};

	athar_walk_init(&w, out, in);
	return athar_walk_settle(&w, walk(&s, err), err);
}

static const athar_magic magic[] = {
	{0, 5, {'f', 'L', 'a', 'C', 0x00}}, {0, 5, {'f', 'L', 'a', 'C', 0x80}}, {0, 0, {0}}};

const athar_format athar_format_flac = {
	.name = "flac",
	.extension = "flac",
	.mime = "audio/flac",
	.summary = "Free Lossless Audio Codec",
	.end = "the CRCs of as many frames as give the samples that it says",
	.best = ATHAR_GRADE_INTACT,
	.magic = magic,
	.measure = measure,
};
