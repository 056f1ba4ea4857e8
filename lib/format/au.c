/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sun's sound files (au(5) of SunOS): a header that says how long the sound is and how it is coded,
 * a note, the sound. There is nothing in the sound that could be checked.
 */
#include "base/check.h"
#include "base/endian.h"
#include "format/list.h"
#include "format/walk.h"

#define HEAD 24u
#define NOTE_MOST 65536u
#define UNKNOWN UINT32_MAX
#define CHANNELS_MOST 32u
#define RATE_MOST 768000u

/* Bits of a sample by the number of the coding; 0: none, or not the same for all. */
static const uint8_t bits[28] = {[1] = 8,  [2] = 8,  [3] = 16, [4] = 24, [5] = 32, [6] = 32,
                                 [7] = 64, [23] = 4, [24] = 4, [25] = 3, [26] = 5, [27] = 8};

static athar_status walk(athar_walk *w, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, w->in, 0, HEAD, err));
	const uint32_t note = athar_be32(b.ptr + 4), len = athar_be32(b.ptr + 8);
	const uint32_t coding = athar_be32(b.ptr + 12), rate = athar_be32(b.ptr + 16);
	const uint32_t channels = athar_be32(b.ptr + 20);

	if (note < HEAD || note > NOTE_MOST || coding >= ATHAR_COUNT(bits) || bits[coding] == 0 ||
	    rate < 1000 || rate > RATE_MOST || channels == 0 || channels > CHANNELS_MOST)
		return athar_walk_stop(w, "its header makes no sense");
	const uint64_t frame = (uint64_t)bits[coding] * channels, end = note + (uint64_t)len;

	athar_walk_begin(w, note);
	if (len == UNKNOWN || len == 0)
		return athar_walk_stop(w, "it does not say how long its sound is");
	athar_walk_field(w, "duration_ms", "%llu",
	                 (unsigned long long)(len * UINT64_C(8) / frame * 1000 / rate));
	if (note > HEAD && note <= athar_reader_size(w->in)) {
		ATHAR_TRY(athar_reader_get(&b, w->in, HEAD, note - HEAD, err));
		athar_walk_field_bytes(w, "comment", b.ptr, b.len);
	}
	athar_walk_reach(w, end);
	if (end > athar_reader_size(w->in))
		return ATHAR_EOF;
	if (len * UINT64_C(8) % frame != 0 && bits[coding] % 8 == 0)
		athar_walk_flaw(w, "the sound ends inside a sample");
	athar_walk_close(w, ATHAR_GRADE_COMPLETE, end,
	                 "it is as long as its header says; nothing of its sound can be checked");
	w->claim->alike = true;
	w->claim->unseen = len;
	return ATHAR_OK;
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;

	athar_walk_init(&w, out, in);
	return athar_walk_settle(&w, walk(&w, err), err);
}

static const athar_magic magic[] = {{0, 6, {'.', 's', 'n', 'd', 0, 0}}, {0, 0, {0}}};

const athar_format athar_format_au = {
	.name = "au",
	.extension = "au",
	.mime = "audio/basic",
	.summary = "sound of Sun and NeXT",
	.end = "the length that the header says",
	.best = ATHAR_GRADE_COMPLETE,
	.magic = magic,
	.measure = measure,
};
