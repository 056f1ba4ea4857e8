/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The index of a film. Its boxes nest; the innermost are tables that give every sample (a picture,
 * a piece of sound) its size, put samples into chunks and say where in the file each chunk lies.
 * Tables that agree with one another and point into media boxes have not been overwritten. Samples
 * of AVC and HEVC are further made of units with a length before each, so that for those tracks the
 * media themselves are looked at.
 */
#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "format/bmff.h"

#define DEPTH 12u
#define FOURCC ATHAR_BMFF
#define MOOV FOURCC('m', 'o', 'o', 'v')
#define MOOF FOURCC('m', 'o', 'o', 'f')
#define TRAK FOURCC('t', 'r', 'a', 'k')
#define TRAF FOURCC('t', 'r', 'a', 'f')

enum leaf { STSD, STTS, CTTS, STSS, STSC, STSZ, STZ2, STCO, CO64, DREF, TFHD, LEAVES };

static const char leaf_names[LEAVES][5] = {"stsd", "stts", "ctts", "stss", "stsc", "stsz",
                                           "stz2", "stco", "co64", "dref", "tfhd"};

typedef struct track {
	athar_box leaf[LEAVES]; /* of type 0: not there */
	uint64_t moof;          /* where the fragment begins */
	unsigned prefix;        /* bytes of a unit's length; 0: its samples have no units */
} track;

/* The rows of a table, fetched a few at a time. */
typedef struct table {
	athar_bmff *b;
	uint64_t at;
	uint32_t left; /* rows not fetched yet */
	unsigned width;
	unsigned next, have; /* bytes */
	uint8_t rows[768];
} table;

static athar_status open_table(table *t, athar_bmff *b, const athar_box *box, uint64_t skip,
                               uint32_t count, unsigned width)
{
	if (!athar_inside(skip, (uint64_t)count * width, box->end - box->payload))
		return athar_walk_stop(b->w, "a table of the index is longer than its box");
	t->b = b;
	t->at = box->payload + skip;
	t->left = count;
	t->width = width;
	t->next = t->have = 0;
	return ATHAR_OK;
}

/* The usual kind: version and flags, the number of rows, the rows. */
static athar_status open_rows(table *t, athar_bmff *b, const athar_box *box, unsigned width,
                              athar_error *err)
{
	athar_bytes f;

	ATHAR_TRY(athar_bmff_get(&f, b, box, 0, 8, err));
	return open_table(t, b, box, 8, athar_be32(f.ptr + 4), width);
}

/* NULL: there are no more. */
static athar_status next_row(const uint8_t **row, table *t, athar_error *err)
{
	*row = NULL;
	if (t->next == t->have) {
		const uint32_t rows = (uint32_t)athar_min(t->left, sizeof t->rows / t->width);
		athar_bytes f;

		if (rows == 0)
			return ATHAR_OK;
		ATHAR_TRY(athar_reader_get(&f, t->b->w->in, t->at, rows * t->width, err));
		memcpy(t->rows, f.ptr, f.len);
		t->at += f.len;
		t->left -= rows;
		t->next = 0;
		t->have = (unsigned)f.len;
	}
	*row = t->rows + t->next;
	t->next += t->width;
	return ATHAR_OK;
}

/* Sizes of the samples: one for all, or a table of 8, 16 or 32 bits each. */
typedef struct sizes {
	table rows;
	uint32_t same, left;
} sizes;

static athar_status open_sizes(sizes *s, athar_bmff *b, const track *t, athar_error *err)
{
	const bool compact = t->leaf[STSZ].type == 0;
	const athar_box *box = &t->leaf[compact ? STZ2 : STSZ];
	athar_bytes f;

	if (box->type == 0)
		return athar_walk_stop(b->w, "a track does not say how large its samples are");
	ATHAR_TRY(athar_bmff_get(&f, b, box, 0, 12, err));
	s->same = compact ? 0 : athar_be32(f.ptr + 4);
	s->left = athar_be32(f.ptr + 8);
	if (compact && f.ptr[7] != 8 && f.ptr[7] != 16)
		return athar_walk_stop(b->w, "a track gives sizes of %u bits", f.ptr[7]);
	return open_table(&s->rows, b, box, 12, s->same != 0 ? 0 : s->left,
	                  compact ? f.ptr[7] / 8 : 4);
}

static athar_status next_size(uint32_t *out, sizes *s, athar_error *err)
{
	const uint8_t *row;

	s->left--;
	*out = s->same;
	if (s->same != 0)
		return ATHAR_OK;
	ATHAR_TRY(next_row(&row, &s->rows, err));
	*out = 0;
	for (unsigned i = 0; row != NULL && i < s->rows.width; i++)
		*out = *out << 8 | row[i];
	return ATHAR_OK;
}

/* stsc: from chunk `first` on, each chunk has so many samples, until the next row. */
typedef struct runs {
	table rows;
	uint32_t samples, next_first, next_samples;
} runs;

static athar_status fetch_run(runs *r, athar_error *err)
{
	const uint32_t before = r->next_first;
	const uint8_t *row;

	r->samples = r->next_samples;
	ATHAR_TRY(next_row(&row, &r->rows, err));
	r->next_first = row == NULL ? 0 : athar_be32(row);
	r->next_samples = row == NULL ? 0 : athar_be32(row + 4);
	if (row != NULL && (r->next_first <= before || r->next_samples == 0))
		return athar_walk_stop(r->rows.b->w, "the chunks of a track are out of order");
	return ATHAR_OK;
}

static athar_status samples_of(uint32_t *out, runs *r, uint32_t chunk, athar_error *err)
{
	if (r->next_first == chunk)
		ATHAR_TRY(fetch_run(r, err));
	*out = r->samples;
	return ATHAR_OK;
}

/* Rows of a count and a value, as stts and ctts have them: how many samples are they about? */
static athar_status sum_counts(uint64_t *sum, athar_bmff *b, const athar_box *box, athar_error *err)
{
	const uint8_t *row;
	table t;

	*sum = 0;
	ATHAR_TRY(open_rows(&t, b, box, 8, err));
	for (;;) {
		ATHAR_TRY(next_row(&row, &t, err));
		if (row == NULL)
			return ATHAR_OK;
		*sum += athar_be32(row);
	}
}

static athar_status check_times(athar_bmff *b, const track *t, uint32_t samples, athar_error *err)
{
	uint64_t sum;

	if (t->leaf[STTS].type == 0)
		return athar_walk_stop(b->w, "a track does not say when its samples come");
	ATHAR_TRY(sum_counts(&sum, b, &t->leaf[STTS], err));
	if (sum != samples)
		return athar_walk_stop(b->w, "the tables of a track count different samples");
	if (t->leaf[CTTS].type == 0)
		return ATHAR_OK;
	ATHAR_TRY(sum_counts(&sum, b, &t->leaf[CTTS], err));
	if (sum > samples)
		return athar_walk_stop(b->w, "the tables of a track count different samples");
	return ATHAR_OK;
}

/* Samples to begin at: in order, and there. */
static athar_status check_sync(athar_bmff *b, const track *t, uint32_t samples, athar_error *err)
{
	uint32_t last = 0;
	const uint8_t *row;
	table rows;

	if (t->leaf[STSS].type == 0)
		return ATHAR_OK;
	ATHAR_TRY(open_rows(&rows, b, &t->leaf[STSS], 4, err));
	for (;;) {
		ATHAR_TRY(next_row(&row, &rows, err));
		if (row == NULL)
			return ATHAR_OK;
		if (athar_be32(row) <= last || athar_be32(row) > samples)
			return athar_walk_stop(b->w, "the samples to begin at are out of order");
		last = athar_be32(row);
	}
}

static athar_status check_sample(athar_bmff *b, const track *t, uint64_t at, uint32_t size,
                                 athar_error *err)
{
	bool fill;

	if (!athar_bmff_holds(b, at, size))
		return athar_walk_stop(b->w, "the index points to %llu, where no media are",
		                       (unsigned long long)at);
	if (t->prefix == 0)
		return ATHAR_OK;
	ATHAR_TRY(athar_bmff_units(&fill, b, at, size, t->prefix, err));
	if (!fill)
		return athar_walk_stop(b->w, "the picture at %llu is not made of whole units",
		                       (unsigned long long)at);
	return ATHAR_OK;
}

/* QuickTime counts 1 for each sample of sound, whatever the coding makes of it: then only the place
 * of the chunk is known. */
static athar_status check_chunk(athar_bmff *b, const track *t, sizes *s, uint64_t at,
                                uint32_t samples, athar_error *err)
{
	if (samples > s->left)
		return athar_walk_stop(b->w, "the chunks of a track hold more samples than it has");
	if (s->same != 0 && (t->prefix == 0 || b->budget == 0)) {
		const uint64_t len = s->same == 1 ? 1 : (uint64_t)s->same * samples;

		s->left -= samples;
		if (!athar_bmff_holds(b, at, len))
			return athar_walk_stop(b->w, "the index points to %llu, where no media are",
			                       (unsigned long long)at);
		return ATHAR_OK;
	}
	for (uint32_t i = 0; i < samples; i++) {
		uint32_t size;

		ATHAR_TRY(next_size(&size, s, err));
		ATHAR_TRY(check_sample(b, t, at, size, err));
		at += size;
	}
	return ATHAR_OK;
}

static athar_status check_chunks(athar_bmff *b, const track *t, sizes *s, athar_error *err)
{
	const bool wide = t->leaf[STCO].type == 0;
	const athar_box *box = &t->leaf[wide ? CO64 : STCO];
	runs r = {.next_first = 0};
	table places;

	if (box->type == 0 || t->leaf[STSC].type == 0)
		return athar_walk_stop(b->w, "a track does not say where its chunks are");
	ATHAR_TRY(open_rows(&places, b, box, wide ? 8 : 4, err));
	ATHAR_TRY(open_rows(&r.rows, b, &t->leaf[STSC], 12, err));
	ATHAR_TRY(fetch_run(&r, err));
	for (uint32_t chunk = 1;; chunk++) {
		const uint8_t *row;
		uint32_t samples;

		ATHAR_TRY(next_row(&row, &places, err));
		if (row == NULL)
			break;
		const uint64_t at = wide ? athar_be64(row) : athar_be32(row);

		ATHAR_TRY(samples_of(&samples, &r, chunk, err));
		ATHAR_TRY(check_chunk(b, t, s, at, samples, err));
	}
	if (s->left != 0)
		return athar_walk_stop(b->w,
		                       "the chunks of a track hold fewer samples than it has");
	return ATHAR_OK;
}

/* Are the media in this file? A row of dref has flag 1 when they are. */
static athar_status check_sources(bool *here, athar_bmff *b, const track *t, athar_error *err)
{
	const athar_box *dref = &t->leaf[DREF];

	*here = true;
	if (dref->type == 0)
		return ATHAR_OK;
	for (uint64_t at = dref->payload + 8; at < dref->end;) {
		athar_bytes f;
		athar_box row;

		ATHAR_TRY(athar_bmff_child(&row, b, at, dref->end, err));
		ATHAR_TRY(athar_bmff_get(&f, b, &row, 0, 4, err));
		*here = *here && (f.ptr[3] & 1) != 0;
		at = row.end;
	}
	return ATHAR_OK;
}

/* The configuration inside a description of AVC or HEVC says how long a unit's length is. */
static athar_status find_prefix(track *t, athar_bmff *b, const athar_box *row, athar_error *err)
{
	const bool avc =
		row->type == FOURCC('a', 'v', 'c', '1') || row->type == FOURCC('a', 'v', 'c', '3');
	const bool hevc =
		row->type == FOURCC('h', 'v', 'c', '1') || row->type == FOURCC('h', 'e', 'v', '1');
	uint64_t at = row->payload + 78;

	if (!avc && !hevc)
		return ATHAR_OK;
	while (at <= row->end && row->end - at >= 8) {
		athar_box c;
		athar_bytes f;

		ATHAR_TRY(athar_bmff_child(&c, b, at, row->end, err));
		at = c.end;
		if (c.type != (avc ? FOURCC('a', 'v', 'c', 'C') : FOURCC('h', 'v', 'c', 'C')))
			continue;
		ATHAR_TRY(athar_bmff_get(&f, b, &c, avc ? 4 : 21, 1, err));
		t->prefix = (f.ptr[0] & 3u) + 1;
	}
	return ATHAR_OK;
}

/* How the samples are coded. Where there are several ways, nothing is said about units. */
static athar_status check_descriptions(track *t, athar_bmff *b, athar_error *err)
{
	const athar_box *stsd = &t->leaf[STSD];
	uint32_t count = 0;
	athar_bytes f;

	if (stsd->type == 0)
		return athar_walk_stop(b->w, "a track does not say how it is coded");
	ATHAR_TRY(athar_bmff_get(&f, b, stsd, 0, 8, err));
	const uint32_t claimed = athar_be32(f.ptr + 4);

	for (uint64_t at = stsd->payload + 8; stsd->end - at >= 8; count++) {
		athar_box row;

		ATHAR_TRY(athar_bmff_child(&row, b, at, stsd->end, err));
		ATHAR_TRY(find_prefix(t, b, &row, err));
		at = row.end;
	}
	if (count != claimed || count == 0)
		return athar_walk_stop(b->w, "the codings of a track are not as many as it says");
	if (count > 1)
		t->prefix = 0;
	return ATHAR_OK;
}

static athar_status check_track(athar_bmff *b, track *t, athar_error *err)
{
	sizes s;
	bool here;

	ATHAR_TRY(check_descriptions(t, b, err));
	ATHAR_TRY(open_sizes(&s, b, t, err));
	ATHAR_TRY(check_times(b, t, s.left, err));
	ATHAR_TRY(check_sync(b, t, s.left, err));
	ATHAR_TRY(check_sources(&here, b, t, err));
	if (!here) {
		athar_walk_flaw(b->w, "the media of a track lie in another file");
		return ATHAR_OK;
	}
	return check_chunks(b, t, &s, err);
}

/* Where the data of a run in a fragment begin; false: it goes on where another one ended. */
static athar_status run_start(uint64_t *at, bool *told, athar_bmff *b, const track *t,
                              const uint8_t *trun, athar_error *err)
{
	const int64_t offset = (int32_t)athar_be32(trun + 8);
	athar_bytes f;

	*told = (trun[3] & 1) != 0;
	if (t->leaf[TFHD].type == 0)
		return athar_walk_stop(b->w, "a fragment does not say which track it is of");
	ATHAR_TRY(athar_bmff_get(&f, b, &t->leaf[TFHD], 0, 8, err));
	*at = t->moof;
	if ((f.ptr[3] & 1) != 0) {
		ATHAR_TRY(athar_bmff_get(&f, b, &t->leaf[TFHD], 8, 8, err));
		*at = athar_be64(f.ptr);
	}
	*at += (uint64_t)offset;
	return ATHAR_OK;
}

/* trun: version, flags, the number of samples, the place of the first, and what the flags say of
 * each sample. */
static athar_status check_run(athar_bmff *b, const track *t, const athar_box *trun,
                              athar_error *err)
{
	uint8_t head[12] = {0};
	uint64_t at, len = 0;
	const uint8_t *row;
	athar_bytes f;
	bool told;
	table rows;

	ATHAR_TRY(athar_bmff_get(&f, b, trun, 0, 8, err));
	memcpy(head, f.ptr, 8);
	const unsigned each = head[2] & 15u, sized = each >> 1 & 1;
	const unsigned width = 4 * ((each & 1) + sized + (each >> 2 & 1) + (each >> 3));
	const unsigned skip = 8 + 4 * (head[3] & 1u) + 4 * (head[3] >> 2 & 1u);

	if ((head[3] & 1) != 0) {
		ATHAR_TRY(athar_bmff_get(&f, b, trun, 8, 4, err));
		memcpy(head + 8, f.ptr, 4);
	}
	ATHAR_TRY(run_start(&at, &told, b, t, head, err));
	if (width != 0)
		ATHAR_TRY(open_table(&rows, b, trun, skip, athar_be32(head + 4), width));
	while (sized) {
		ATHAR_TRY(next_row(&row, &rows, err));
		if (row == NULL)
			break;
		len += athar_be32(row + 4 * (each & 1));
	}
	if (told && !athar_bmff_holds(b, at, len == 0 ? 1 : len))
		return athar_walk_stop(b->w, "a fragment points to %llu, where no media are",
		                       (unsigned long long)at);
	return ATHAR_OK;
}

/* tfra: where the fragments of a track begin. */
static athar_status check_entries(athar_bmff *b, const athar_box *tfra, athar_error *err)
{
	athar_bytes f;
	const uint8_t *row;
	table rows;

	ATHAR_TRY(athar_bmff_get(&f, b, tfra, 0, 16, err));
	const unsigned wide = f.ptr[0] != 0 ? 8 : 4, lens = f.ptr[11];
	const unsigned width = 2 * wide + 3 + (lens & 3) + (lens >> 2 & 3) + (lens >> 4 & 3);

	ATHAR_TRY(open_table(&rows, b, tfra, 16, athar_be32(f.ptr + 12), width));
	for (;;) {
		ATHAR_TRY(next_row(&row, &rows, err));
		if (row == NULL)
			return ATHAR_OK;
		const uint64_t at = wide == 8 ? athar_be64(row + 8) : athar_be32(row + 4);

		if (!athar_bmff_has(b, at, MOOF))
			return athar_walk_stop(b->w, "the index of fragments points to none");
	}
}

static athar_status check_mfro(athar_bmff *b, const athar_box *parent, const athar_box *mfro,
                               athar_error *err)
{
	athar_bytes f;

	ATHAR_TRY(athar_bmff_get(&f, b, mfro, 0, 8, err));
	if (athar_be32(f.ptr + 4) != parent->end - parent->at || mfro->end != parent->end)
		return athar_walk_stop(b->w, "the index of fragments does not close");
	return ATHAR_OK;
}

static bool is_container(uint32_t type)
{
	static const char names[][5] = {"trak", "mdia", "minf", "stbl",
	                                "dinf", "edts", "mvex", "traf"};

	for (size_t i = 0; i < ATHAR_COUNT(names); i++) {
		if (athar_be32((const uint8_t *)names[i]) == type)
			return true;
	}
	return false;
}

/* A box with no boxes inside, or none that is looked at. */
static athar_status take_leaf(athar_bmff *b, track *t, const athar_box *parent,
                              const athar_box *box, athar_error *err)
{
	for (size_t i = 0; i < LEAVES; i++) {
		if (athar_be32((const uint8_t *)leaf_names[i]) != box->type)
			continue;
		if (t->leaf[i].type != 0)
			return athar_walk_stop(b->w, "a track has two tables of one kind");
		t->leaf[i] = *box;
	}
	if (box->type == FOURCC('t', 'r', 'u', 'n'))
		return check_run(b, t, box, err);
	if (box->type == FOURCC('t', 'f', 'r', 'a'))
		return check_entries(b, box, err);
	if (box->type == FOURCC('m', 'f', 'r', 'o'))
		return check_mfro(b, parent, box, err);
	return ATHAR_OK;
}

static athar_status walk_inside(athar_bmff *b, track *t, const athar_box *parent, unsigned depth,
                                athar_error *err)
{
	uint64_t at = parent->payload;

	if (depth > DEPTH)
		return athar_walk_stop(b->w, "boxes are nested deeper than %u", DEPTH);
	/* Fewer than 8 bytes more are QuickTime's padding. */
	while (parent->end - at >= 8) {
		athar_box box;

		ATHAR_TRY(athar_bmff_child(&box, b, at, parent->end, err));
		at = box.end;
		if (box.type == TRAK || box.type == TRAF)
			*t = (track){.moof = t->moof};
		if (is_container(box.type))
			ATHAR_TRY(walk_inside(b, t, &box, depth + 1, err));
		else
			ATHAR_TRY(take_leaf(b, t, parent, &box, err));
		if (box.type == TRAK)
			ATHAR_TRY(check_track(b, t, err));
		b->fragments = b->fragments || box.type == FOURCC('m', 'v', 'e', 'x');
	}
	return ATHAR_OK;
}

athar_status athar_bmff_film(athar_bmff *b, const athar_box *box, athar_error *err)
{
	track t = {.moof = box->at};

	return walk_inside(b, &t, box, 1, err);
}
