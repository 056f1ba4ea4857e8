/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * WAVE: sound in RIFF chunks; with 64-bit sizes RF64 (EBU Tech 3306) and BW64 (ITU-R BS.2088). No
 * chunk carries a checksum: what proves such a file is that its chunks end just where it says. What
 * is packed or encrypted, and lies where sound should, can be told from sound all the same.
 */
#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "format/list.h"
#include "format/riff.h"

#define FMT ATHAR_RIFF('f', 'm', 't', ' ')
#define DATA ATHAR_RIFF('d', 'a', 't', 'a')
#define LIST ATHAR_RIFF('L', 'I', 'S', 'T')
#define BEXT ATHAR_RIFF('b', 'e', 'x', 't')
#define DS64 ATHAR_RIFF('d', 's', '6', '4')
#define ELSEWHERE UINT32_MAX /* a size of 32 bits that says: see ds64 */
#define EXTENSIBLE 0xFFFEu
#define BLOCK 4096u
#define SAMPLES_LEAST 1000u /* of a block, to tell anything of them */
#define CHANNELS_MOST 256u
#define RATE_MOST 3072000u /* samples a second */

typedef struct sound {
	athar_walk *w;
	uint64_t at, end;
	uint64_t data_size; /* as ds64 says it; 0: there is none */
	uint32_t align;     /* bytes of one sample of all channels; 0: fmt was not met */
	uint32_t channels, rate;
	bool linear, data; /* samples of one size; the data chunk was met */
} sound;

/* WAVEFORMAT. For samples of one size the fields say the same thing twice. */
static bool makes_sense(const uint8_t *f, bool linear)
{
	const uint32_t channels = athar_le16(f + 2), rate = athar_le32(f + 4);
	const uint32_t bytes = athar_le32(f + 8), align = athar_le16(f + 12);
	const uint32_t bits = athar_le16(f + 14);

	if (channels == 0 || channels > CHANNELS_MOST || rate == 0 || rate > RATE_MOST ||
	    align == 0)
		return false;
	return !linear || (bits != 0 && bits <= 64 && align == channels * ((bits + 7) / 8) &&
	                   bytes == (uint64_t)rate * align);
}

static athar_status read_format(sound *s, const athar_chunk *c, athar_error *err)
{
	athar_bytes f;

	ATHAR_TRY(athar_riff_get(&f, s->w, c, 16, err));
	uint16_t coding = athar_le16(f.ptr);

	if (coding == EXTENSIBLE) {
		ATHAR_TRY(athar_riff_get(&f, s->w, c, 40, err));
		coding = athar_le16(f.ptr + 24);
	}
	s->linear = coding == 1 || coding == 3;
	if (s->align != 0 || !makes_sense(f.ptr, s->linear))
		return athar_walk_stop(s->w, "its format makes no sense");
	s->channels = athar_le16(f.ptr + 2);
	s->rate = athar_le32(f.ptr + 4);
	s->align = athar_le16(f.ptr + 12);
	athar_walk_begin(s->w, c->payload + 16);
	return ATHAR_OK;
}

/*
 * Are the highest bytes of the samples spread evenly, and has none to do with the one before it on
 * its channel? That is white noise as loud as can be, or what is packed. `skew`: bytes of the first
 * sample that lie before b.
 */
static bool is_packed(const sound *s, const uint8_t *b, uint32_t skew)
{
	const uint32_t unit = s->align / s->channels, lag = s->align;
	uint32_t count[256] = {0}, n = 0;
	uint64_t squares = 0;
	int64_t with = 0, power = 0;

	for (size_t i = unit - 1 - skew; i + lag < BLOCK; i += unit, n++) {
		/* Eight bits count from 0, more are signed. */
		const int flip = unit == 1 ? 0x80 : 0;
		const int one = (int8_t)(b[i] ^ flip), next = (int8_t)(b[i + lag] ^ flip);

		count[b[i]]++;
		with += one * next;
		power += one * one;
	}
	for (size_t i = 0; i < ATHAR_COUNT(count); i++)
		squares += (uint64_t)count[i] * count[i];
	/* Chi squared, by 256 of n each, is 255 for even noise; loud music has thousands. */
	const uint64_t limit = (uint64_t)n * n + UINT64_C(255) * n + (uint64_t)n * n / 5;

	return n >= SAMPLES_LEAST && 256 * squares < limit && with < power / 4 && -with < power / 4;
}

/* Blocks of it that are no sound. They begin where clusters of the file do. */
static athar_status listen(sound *s, const athar_chunk *c, athar_error *err)
{
	const uint64_t end = athar_min(c->end, athar_reader_size(s->w->in));
	const uint32_t unit = s->align / s->channels;
	uint64_t packed = 0, first = 0;
	athar_bytes b;

	for (uint64_t at = athar_round_up(c->payload, BLOCK); athar_inside(at, BLOCK, end);
	     at += BLOCK) {
		ATHAR_TRY(athar_reader_get(&b, s->w->in, at, BLOCK, err));
		if (!is_packed(s, b.ptr, (uint32_t)((at - c->payload) % unit)))
			continue;
		first = packed == 0 ? at : first;
		packed++;
	}
	if (packed != 0)
		athar_walk_flaw(s->w,
		                "%llu blocks are like packed data, not sound, the first at %llu",
		                (unsigned long long)packed, (unsigned long long)first);
	return ATHAR_OK;
}

static athar_status read_data(sound *s, const athar_chunk *c, athar_error *err)
{
	const uint64_t size = c->end - c->payload;

	if (s->align == 0)
		return athar_walk_stop(s->w, "the sound begins before its format is told");
	athar_walk_prove(s->w, c->payload);
	if (size == 0 || s->data)
		return athar_walk_stop(s->w, s->data ? "a second sound follows"
		                                     : "it was closed without any sound");
	s->data = true;
	if (s->linear && size < ELSEWHERE * UINT64_C(1000))
		athar_walk_field(s->w, "duration_ms", "%llu",
		                 (unsigned long long)(size / s->align * 1000 / s->rate));
	if (s->linear && size % s->align != 0)
		athar_walk_flaw(s->w, "the sound ends inside a sample");
	return s->linear ? listen(s, c, err) : ATHAR_OK;
}

/* EBU Tech 3285: what it is, who made it, a reference, the date, the time of its recorder's clock.
 */
static athar_status read_broadcast(sound *s, const athar_chunk *c, athar_error *err)
{
	athar_bytes b;

	if (c->end - c->payload < 338 || c->end > athar_reader_size(s->w->in))
		return ATHAR_OK;
	ATHAR_TRY(athar_riff_get(&b, s->w, c, 338, err));
	const char *date = (const char *)b.ptr + 320;

	athar_walk_field_bytes(s->w, "comment", b.ptr, 256);
	athar_walk_field_bytes(s->w, "author", b.ptr + 256, 32);
	if (date[0] >= '0' && date[0] <= '9')
		athar_walk_field(s->w, "taken", "%.4s-%.2s-%.2s%c%.2s:%.2s:%.2s", date, date + 5,
		                 date + 8, 'T', date + 10, date + 13, date + 16);
	return ATHAR_OK;
}

/* Sizes that ds64 tells stand in for those of the data chunk. */
static athar_status next_chunk(athar_chunk *c, sound *s, athar_error *err)
{
	const uint64_t end = s->data_size == 0 ? s->end : UINT64_MAX;

	ATHAR_TRY(athar_riff_chunk(c, s->w, s->at, end, err));
	const bool elsewhere =
		s->data_size != 0 && c->id == DATA && c->end - c->payload == ELSEWHERE;

	return athar_riff_resize(c, s->w, elsewhere ? s->data_size : c->end - c->payload, s->end);
}

static athar_status chunks(sound *s, athar_error *err)
{
	athar_chunk c;

	for (uint32_t n = 0; s->at < s->end; n++) {
		if (n == ATHAR_RIFF_CHUNKS)
			return athar_walk_stop(s->w, "it has more than %u chunks", n);
		ATHAR_TRY(next_chunk(&c, s, err));
		/* That a chunk follows proves where the one before ends. */
		if (s->data)
			athar_walk_prove(s->w, s->at);
		if (c.id == FMT)
			ATHAR_TRY(read_format(s, &c, err));
		else if (c.id == DATA)
			ATHAR_TRY(read_data(s, &c, err));
		else if (c.id == LIST)
			ATHAR_TRY(athar_riff_note(s->w, &c, err));
		else if (c.id == BEXT)
			ATHAR_TRY(read_broadcast(s, &c, err));
		s->at = c.next;
		if (s->data)
			athar_walk_reach(s->w, s->at);
	}
	return ATHAR_OK;
}

/* The sizes of 64 bits, if the form has them. */
static athar_status read_sizes(sound *s, bool wide, athar_error *err)
{
	athar_bytes f;
	athar_chunk c;
	uint64_t size = s->end - 8;

	s->at = 12;
	if (wide) {
		ATHAR_TRY(athar_riff_chunk(&c, s->w, s->at, UINT64_MAX, err));
		if (c.id != DS64)
			return athar_walk_stop(s->w, "it lacks its sizes");
		ATHAR_TRY(athar_riff_get(&f, s->w, &c, 28, err));
		size = s->end - 8 == ELSEWHERE ? athar_le64(f.ptr) : size;
		s->data_size = athar_le64(f.ptr + 8);
		s->at = c.next;
	}
	if (size > INT64_MAX || size < s->at)
		return athar_walk_stop(s->w, "it has an impossible size");
	s->end = size + 8;
	return ATHAR_OK;
}

static athar_status walk(athar_walk *w, athar_error *err)
{
	sound s = {.w = w};
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, w->in, 0, 12, err));
	const bool wide = memcmp(b.ptr, "RF64", 4) == 0 || memcmp(b.ptr, "BW64", 4) == 0;

	if (memcmp(b.ptr + 8, "WAVE", 4) != 0 || (!wide && memcmp(b.ptr, "RIFF", 4) != 0))
		return athar_walk_stop(w, "it does not begin as RIFF");
	s.end = athar_le32(b.ptr + 4) + UINT64_C(8);
	ATHAR_TRY(read_sizes(&s, wide, err));
	ATHAR_TRY(chunks(&s, err));
	if (!s.data)
		return athar_walk_stop(w, "the chunks end without sound");
	if (s.end > athar_reader_size(w->in))
		return ATHAR_EOF;
	athar_walk_close(w, ATHAR_GRADE_COMPLETE, s.end,
	                 "its chunks end where its size says; sound has no checksum");
	w->claim->alike = true;
	return ATHAR_OK;
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;

	athar_walk_init(&w, out, in);
	return athar_walk_settle(&w, walk(&w, err), err);
}

static const athar_magic magic[] = {{8, 4, {'W', 'A', 'V', 'E'}}, {0, 0, {0}}};

const athar_format athar_format_wav = {
	.name = "wav",
	.extension = "wav",
	.mime = "audio/x-wav",
	.summary = "sound in RIFF: WAVE, Broadcast Wave, RF64",
	.end = "chunks that end just where the size of the whole says",
	.best = ATHAR_GRADE_COMPLETE,
	.magic = magic,
	.measure = measure,
};
