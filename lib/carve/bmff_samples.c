/* SPDX-License-Identifier: BSD-2-Clause */
#include "carve/bmff_samples.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "base/sort.h"

#define SAMPLES (1u << 20)
#define DEPTH 6u

/* A box's payload. */
typedef struct span {
	const uint8_t *p;
	size_t len;
} span;

typedef struct track {
	span stsd, stsz, stsc, stco, co64;
} track;

/* The next box of *in; false: there is none. */
static bool next_box(span *box, const uint8_t **type, span *in)
{
	if (in->len < 8)
		return false;
	const uint64_t size = athar_be32(in->p);

	if (size < 8 || size > in->len)
		return false;
	*type = in->p + 4;
	*box = (span){in->p + 8, (size_t)size - 8};
	in->p += size;
	in->len -= (size_t)size;
	return true;
}

static bool is(const uint8_t *type, const char *name)
{
	return memcmp(type, name, 4) == 0;
}

static void find_leaves(track *t, span in, unsigned depth)
{
	const uint8_t *type;
	span box;

	while (next_box(&box, &type, &in)) {
		if (depth < DEPTH && (is(type, "mdia") || is(type, "minf") || is(type, "stbl")))
			find_leaves(t, box, depth + 1);
		else if (is(type, "stsd"))
			t->stsd = box;
		else if (is(type, "stsz"))
			t->stsz = box;
		else if (is(type, "stsc"))
			t->stsc = box;
		else if (is(type, "stco"))
			t->stco = box;
		else if (is(type, "co64"))
			t->co64 = box;
	}
}

/* The one description of AVC or HEVC says how long a unit's length is; else 0. */
static uint8_t prefix_of(span stsd)
{
	const uint8_t *type;
	span row;

	if (stsd.len < 8 || athar_be32(stsd.p + 4) != 1)
		return 0;
	span rows = {stsd.p + 8, stsd.len - 8};

	if (!next_box(&row, &type, &rows) || row.len < 78)
		return 0;
	const bool avc = is(type, "avc1") || is(type, "avc3");
	const bool hevc = is(type, "hvc1") || is(type, "hev1");
	span in = {row.p + 78, row.len - 78}, box;

	while ((avc || hevc) && next_box(&box, &type, &in)) {
		if (avc && is(type, "avcC") && box.len > 4)
			return (uint8_t)((box.p[4] & 3) + 1);
		if (hevc && is(type, "hvcC") && box.len > 21)
			return (uint8_t)((box.p[21] & 3) + 1);
	}
	return 0;
}

/* Chunks of a track one after the other. */
typedef struct chunks {
	const track *t;
	uint32_t count, samples, rows, row; /* of stsc */
	uint32_t same;
} chunks;

static bool open_chunks(chunks *c, const track *t)
{
	const span place = t->stco.p != NULL ? t->stco : t->co64;
	const unsigned width = t->stco.p != NULL ? 4 : 8;

	*c = (chunks){.t = t};
	if (place.len < 8 || t->stsz.len < 12 || t->stsc.len < 8)
		return false;
	c->count = athar_be32(place.p + 4);
	c->same = athar_be32(t->stsz.p + 4);
	c->samples = athar_be32(t->stsz.p + 8);
	c->rows = athar_be32(t->stsc.p + 4);
	return c->count <= (place.len - 8) / width && c->rows <= (t->stsc.len - 8) / 12 &&
	       c->samples <= SAMPLES && (c->same != 0 || c->samples <= (t->stsz.len - 12) / 4);
}

static uint64_t place_of(const chunks *c, uint32_t chunk)
{
	return c->t->stco.p != NULL ? athar_be32(c->t->stco.p + 8 + (size_t)4 * chunk)
	                            : athar_be64(c->t->co64.p + 8 + (size_t)8 * chunk);
}

/* How many samples chunk number `chunk` (from 0) has. */
static uint32_t samples_in(chunks *c, uint32_t chunk)
{
	while (c->row + 1 < c->rows &&
	       athar_be32(c->t->stsc.p + 8 + (size_t)12 * (c->row + 1)) <= chunk + 1)
		c->row++;
	return c->rows == 0 ? 0 : athar_be32(c->t->stsc.p + 8 + (size_t)12 * c->row + 4);
}

static athar_status add(athar_bmff_samples *out, athar_bmff_sample s, athar_error *err)
{
	ATHAR_TRY(
		athar_grow(&out->sample, &out->capacity, out->count + 1, sizeof *out->sample, err));
	out->sample[out->count++] = s;
	return ATHAR_OK;
}

static athar_status take_track(athar_bmff_samples *out, bool *good, const track *t,
                               athar_error *err)
{
	const uint8_t prefix = prefix_of(t->stsd);
	uint32_t done = 0;
	chunks c;

	*good = *good && open_chunks(&c, t);
	for (uint32_t i = 0; *good && i < c.count; i++) {
		const uint32_t samples = samples_in(&c, i);
		uint64_t at = place_of(&c, i);

		*good = samples <= c.samples - done && at < UINT64_C(1) << 48;
		for (uint32_t k = 0; *good && k < samples; k++, done++) {
			const uint32_t size =
				c.same != 0 ? c.same
					    : athar_be32(t->stsz.p + 12 + (size_t)4 * done);

			out->first = athar_min(out->first, at);
			if (prefix != 0 && size != 0)
				ATHAR_TRY(add(out, (athar_bmff_sample){at, size, prefix}, err));
			at += size;
			out->end = athar_max(out->end, at);
		}
	}
	*good = *good && done == c.samples;
	return ATHAR_OK;
}

static int by_file(const void *a, const void *b, const void *user)
{
	const athar_bmff_sample *x = a, *y = b;

	(void)user;
	return (x->file > y->file) - (x->file < y->file);
}

athar_status athar_bmff_samples_read(athar_bmff_samples *out, bool *good, const uint8_t *moov,
                                     size_t len, athar_error *err)
{
	span in = {moov, len}, box;
	const uint8_t *type;

	*out = (athar_bmff_samples){.first = UINT64_MAX};
	*good = true;
	while (*good && next_box(&box, &type, &in)) {
		track t = {.stsd = {NULL, 0}};

		if (!is(type, "trak"))
			continue;
		find_leaves(&t, box, 0);
		ATHAR_TRY(take_track(out, good, &t, err));
	}
	*good = *good && in.len < 8 && out->count != 0;
	athar_sort(out->sample, out->count, sizeof *out->sample, by_file, NULL);
	return ATHAR_OK;
}

void athar_bmff_samples_clear(athar_bmff_samples *s)
{
	free(s->sample);
	*s = (athar_bmff_samples){.count = 0};
}
