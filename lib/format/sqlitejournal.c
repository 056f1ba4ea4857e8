/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rollback journal of SQLite ("Database File Format", 3): segments of a header, padded to a
 * sector, and records of pages as they were, each with its number and a checksum: the header's own
 * number, and every 200th byte. The count of records, and the magic, are written when a segment is
 * safe on disk. When a transaction is over the journal is deleted, cut, or its header is zeroed.
 */
#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "format/list.h"
#include "format/walk.h"

#define HEADER 28u
#define SPACING 200u
#define SECTOR_LEAST 32u
#define AHEAD 64u /* sectors in which it may go on behind a gap */
#define UNKNOWN UINT32_MAX

static const uint8_t mark[8] = {0xD9, 0xD5, 0x05, 0xF9, 0x20, 0xA1, 0x63, 0xD7};

typedef struct segment {
	uint32_t count; /* of records; UNKNOWN */
	uint32_t nonce, pages, sector, size;
} segment;

typedef struct journal {
	athar_walk *w;
	segment segment;
	uint64_t at, records;
} journal;

static bool is_power(uint32_t v, uint32_t least, uint32_t most)
{
	return v >= least && v <= most && (v & (v - 1)) == 0;
}

static void read_segment(segment *out, const uint8_t *h)
{
	*out = (segment){athar_be32(h + 8), athar_be32(h + 12), athar_be32(h + 16),
	                 athar_be32(h + 20), athar_be32(h + 24)};
	if (out->count == 0)
		out->count = UNKNOWN;
}

static athar_status header(journal *j, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, j->w->in, 0, HEADER, err));
	read_segment(&j->segment, b.ptr);
	if (memcmp(b.ptr, mark, sizeof mark) != 0 ||
	    !is_power(j->segment.sector, SECTOR_LEAST, 65536) ||
	    !is_power(j->segment.size, 512, 65536))
		return athar_walk_stop(j->w, "the header is not of a journal");
	athar_walk_begin(j->w, HEADER);
	athar_walk_field(j->w, "pages", "%u", j->segment.pages);
	j->at = j->segment.sector;
	return ATHAR_OK;
}

static uint32_t checksum(const uint8_t *page, uint32_t size, uint32_t sum)
{
	for (uint32_t i = size - SPACING; i > 0 && i < size; i -= SPACING)
		sum += page[i];
	return sum;
}

/* Is there a record at j->at? */
static athar_status record(bool *out, journal *j, athar_error *err)
{
	const uint32_t size = j->segment.size;
	athar_bytes b;

	*out = false;
	if (j->at >= athar_reader_size(j->w->in))
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_some(&b, j->w->in, j->at, size + (size_t)8, err));
	*out = b.len == size + (size_t)8 && athar_be32(b.ptr) != 0 &&
	       checksum(b.ptr + 4, size, j->segment.nonce) == athar_be32(b.ptr + 4 + size);
	return ATHAR_OK;
}

static athar_status records(journal *j, athar_error *err)
{
	const bool counted = j->segment.count != UNKNOWN;
	bool good = true;

	for (uint32_t i = 0; i < j->segment.count; i++) {
		ATHAR_TRY(record(&good, j, err));
		if (!good && counted && j->at + j->segment.size + 8 > athar_reader_size(j->w->in))
			return ATHAR_EOF;
		if (!good && counted)
			return athar_walk_stop(j->w, "record %llu does not hold",
			                       (unsigned long long)j->records + 1);
		if (!good)
			break;
		j->records++;
		j->at += j->segment.size + 8u;
		athar_walk_prove(j->w, j->at);
	}
	return ATHAR_OK;
}

/* Is there another segment of this journal at `at`? It has no magic while it is being written. */
static athar_status find(segment *out, bool *is, journal *j, uint64_t at, athar_error *err)
{
	static const uint8_t none[12];
	athar_bytes b;

	*is = false;
	if (at >= athar_reader_size(j->w->in))
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_some(&b, j->w->in, at, HEADER, err));
	if (b.len < HEADER)
		return ATHAR_OK;
	read_segment(out, b.ptr);
	*is = (memcmp(b.ptr, mark, sizeof mark) == 0 || memcmp(b.ptr, none, sizeof none) == 0) &&
	      out->pages == j->segment.pages && out->sector == j->segment.sector &&
	      out->size == j->segment.size;
	return ATHAR_OK;
}

/* Where the next sector begins another segment may. One that comes only later was not the next:
 * something lies over that. */
static athar_status next(bool *out, journal *j, athar_error *err)
{
	uint64_t at = athar_round_up(j->at, j->segment.sector);
	segment s = {.count = 0};

	ATHAR_TRY(find(&s, out, j, at, err));
	if (*out) {
		j->segment = s;
		j->at = at + s.sector;
		athar_walk_prove(j->w, j->at);
		return j->at > athar_reader_size(j->w->in) ? ATHAR_EOF : ATHAR_OK;
	}
	for (unsigned i = 0; i < AHEAD && !*out; i++) {
		at += j->segment.sector;
		ATHAR_TRY(find(&s, out, j, at, err));
	}
	if (*out)
		return athar_walk_stop(j->w, "a part of it is gone, others follow it");
	return ATHAR_OK;
}

static athar_status walk(journal *j, athar_error *err)
{
	bool more = true;

	ATHAR_TRY(header(j, err));
	while (more) {
		ATHAR_TRY(records(j, err));
		ATHAR_TRY(next(&more, j, err));
	}
	athar_walk_field(j->w, "count", "%llu", (unsigned long long)j->records);
	j->w->claim->alike = true; /* the checksums see few bytes */
	if (j->segment.count == UNKNOWN) {
		j->w->claim->open = true;
		return athar_walk_stop(j->w, "its last part does not say how many pages it has");
	}
	athar_walk_close(j->w, ATHAR_GRADE_COMPLETE, j->at,
	                 "the %llu pages that it counts are there, with weak checksums that hold",
	                 (unsigned long long)j->records);
	return ATHAR_OK;
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;
	journal j = {.w = &w};

	athar_walk_init(&w, out, in);
	return athar_walk_settle(&w, walk(&j, err), err);
}

static const athar_magic magic[] = {
	{0, 8, {0xD9, 0xD5, 0x05, 0xF9, 0x20, 0xA1, 0x63, 0xD7}},
	{0, 0, {0}},
};

const athar_format athar_format_sqlitejournal = {
	.name = "sqlitejournal",
	.extension = "journal",
	.mime = "application/x-sqlite3-journal",
	.summary = "rollback journals of SQLite",
	.end = "the count of pages in each part, with a weak checksum each",
	.best = ATHAR_GRADE_COMPLETE,
	.magic = magic,
	.measure = measure,
};
