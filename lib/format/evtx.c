/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Event logs of Windows since Vista (libevtx: "Windows XML Event Log (EVTX) format"): a block of
 * 4 KiB with the header, then chunks of 64 KiB. Header and chunks are under CRCs, but for what is
 * free at the end of a chunk. Windows makes such a file one chunk long and lets it grow by sixteen
 * at a time, up to the size that the log may have.
 */
#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "format/list.h"
#include "format/windows.h"
#include "inflate/inflate.h"

#define BLOCK 4096u
#define CHUNK 65536u
#define HEADER 128u
#define SUMMED 120u  /* bytes of a header that its CRC is of */
#define RECORDS 512u /* of a chunk, where they begin */
#define RECORD 24u
#define GROWTH 16u /* chunks */
#define DIRTY 1u
#define FULL 2u

typedef struct evtx {
	athar_walk *w;
	uint32_t chunks; /* those that are good */
	uint32_t stated;
	bool dirty, full;
	bool unclosed; /* the last chunk was being written to */
	uint32_t breaks;
	uint64_t expected; /* number of the next record; 0: any */
	uint64_t count, slack;
	uint64_t first, last, from, to; /* numbers of records, and their times */
} evtx;

static athar_status check_header(evtx *e, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, e->w->in, 0, HEADER, err));
	if (athar_le32(b.ptr + 32) != HEADER || athar_le16(b.ptr + 40) != BLOCK ||
	    athar_le32(b.ptr + 124) != athar_crc32(0, b.ptr, SUMMED))
		return athar_walk_stop(e->w, "the CRC of its header does not hold");
	if (athar_le16(b.ptr + 38) != 3)
		return athar_walk_stop(e->w, "its version is not known");
	e->stated = athar_le16(b.ptr + 42);
	e->dirty = (athar_le32(b.ptr + 120) & DIRTY) != 0;
	e->full = (athar_le32(b.ptr + 120) & FULL) != 0;
	athar_walk_begin(e->w, HEADER);
	athar_walk_field(e->w, "version", "%u.%u", athar_le16(b.ptr + 38), athar_le16(b.ptr + 36));
	ATHAR_TRY(athar_reader_get(&b, e->w->in, 0, BLOCK, err));
	if (b.ptr[HEADER] != 0 ||
	    memcmp(b.ptr + HEADER, b.ptr + HEADER + 1, BLOCK - HEADER - 1) != 0)
		athar_walk_flaw(e->w, "what follows its header is not empty");
	athar_walk_prove(e->w, BLOCK);
	return ATHAR_OK;
}

/* The size of the record at `at` of the chunk; 0: there is none. */
static uint32_t record_size(const uint8_t *chunk, uint32_t at)
{
	if (CHUNK - at < RECORD + 4 || memcmp(chunk + at, "**\0\0", 4) != 0)
		return 0;
	const uint32_t size = athar_le32(chunk + at + 4);

	return size >= RECORD + 4 && size <= CHUNK - at && athar_le32(chunk + at + size - 4) == size
	               ? size
	               : 0;
}

static void note_record(evtx *e, const uint8_t *record)
{
	const uint64_t number = athar_le64(record + 8), time = athar_le64(record + 16);

	if (e->count == 0 || number < e->first) {
		e->first = number;
		e->from = time;
	}
	if (e->count == 0 || number > e->last) {
		e->last = number;
		e->to = time;
	}
	e->count++;
}

/* Its records, up to `end`; where the last one ends. */
static uint32_t read_records(evtx *e, const uint8_t *chunk, uint32_t end)
{
	uint32_t at = RECORDS, size;

	while (at < end && (size = record_size(chunk, at)) != 0 && size <= end - at) {
		note_record(e, chunk + at);
		at += size;
	}
	return at;
}

static bool header_holds(const uint8_t *chunk)
{
	const uint32_t head = athar_crc32(0, chunk, SUMMED);

	return athar_le32(chunk + 40) == HEADER &&
	       athar_le32(chunk + 124) == athar_crc32(head, chunk + HEADER, RECORDS - HEADER);
}

static bool records_hold(const uint8_t *chunk)
{
	const uint32_t end = athar_le32(chunk + 48);

	return end >= RECORDS && end <= CHUNK &&
	       athar_le32(chunk + 52) == athar_crc32(0, chunk + RECORDS, end - RECORDS);
}

/* The first record should follow the last one of the chunk before. In a log that has gone round
 * there is one place where it does not. */
static void note_order(evtx *e, const uint8_t *chunk)
{
	const uint64_t first = athar_le64(chunk + 8), last = athar_le64(chunk + 16);

	if (athar_le32(chunk + 48) == RECORDS)
		return;
	if (e->expected != 0 && first != e->expected)
		e->breaks++;
	e->expected = last + 1;
}

/* While a log is open, the header of its last chunk lags behind the records in it. */
static bool being_written(evtx *e, const uint8_t *chunk)
{
	const uint64_t before = e->count;

	e->slack = CHUNK - read_records(e, chunk, CHUNK);
	return e->count != before;
}

/* The chunk at `at`; *more says whether there is one. */
static athar_status check_chunk(bool *more, evtx *e, uint64_t at, athar_error *err)
{
	athar_bytes b;

	*more = false;
	ATHAR_TRY(athar_reader_get(&b, e->w->in, at, CHUNK, err));
	if (memcmp(b.ptr, "ElfChnk", 8) != 0)
		return ATHAR_OK;
	*more = true;
	if (header_holds(b.ptr) && records_hold(b.ptr)) {
		const uint32_t end = athar_le32(b.ptr + 48);

		(void)read_records(e, b.ptr, end);
		note_order(e, b.ptr);
		e->slack = CHUNK - end;
	} else if (e->dirty && e->chunks + 1 >= e->stated && being_written(e, b.ptr)) {
		e->unclosed = true;
		athar_walk_flaw(e->w,
		                "it was not closed, and the CRC of its last chunk is of before");
	} else {
		athar_walk_flaw(e->w, "the CRC of chunk %u does not hold", e->chunks);
		e->chunks++;
		return ATHAR_OK;
	}
	e->chunks++;
	athar_walk_prove(e->w, at + CHUNK);
	return ATHAR_OK;
}

/* A log that was not closed may have more chunks than its header knows of. Another log's do not go
 * on where these end. */
static athar_status goes_on(bool *out, evtx *e, uint64_t at, athar_error *err)
{
	athar_bytes b;

	*out = e->chunks < e->stated;
	if (*out || !e->dirty || e->unclosed ||
	    !athar_inside(at, CHUNK, athar_reader_size(e->w->in)))
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, e->w->in, at, RECORDS, err));
	*out = memcmp(b.ptr, "ElfChnk", 8) == 0 && e->expected != 0 &&
	       athar_le64(b.ptr + 8) == e->expected;
	return ATHAR_OK;
}

static athar_status read_chunks(evtx *e, athar_error *err)
{
	bool more = false;

	for (uint64_t at = BLOCK;; at += CHUNK) {
		ATHAR_TRY(goes_on(&more, e, at, err));
		if (!more)
			return ATHAR_OK;
		ATHAR_TRY(check_chunk(&more, e, at, err));
		if (!more)
			return athar_walk_stop(e->w, "chunk %u of %u is missing", e->chunks,
			                       e->stated);
	}
}

static void note_fields(evtx *e)
{
	if (e->count == 0)
		return;
	athar_walk_field(e->w, "count", "%llu", (unsigned long long)e->count);
	athar_windows_time(e->w, "from", e->from);
	athar_windows_time(e->w, "to", e->to);
}

/* Where the file ends: behind its chunks, or where it would have grown to, if all there is empty.
 */
static athar_status close_log(evtx *e, athar_error *err)
{
	const uint32_t reserved = e->full ? 0 : (GROWTH - (e->chunks - 1) % GROWTH) % GROWTH;
	const uint64_t end = BLOCK + (uint64_t)CHUNK * e->chunks;
	const uint64_t grown = end + (uint64_t)CHUNK * reserved;
	bool empty = false;

	if (reserved != 0)
		ATHAR_TRY(athar_windows_zeros(&empty, e->w, end, grown, err));
	e->w->claim->unseen = e->slack + (empty ? grown - end : 0);
	e->w->claim->alike = e->breaks > 1;
	if (e->dirty || e->breaks > 1)
		athar_walk_close(e->w, ATHAR_GRADE_COMPLETE, empty ? grown : end,
		                 e->dirty ? "it was not closed; the CRCs of its %u chunks hold"
		                          : "the CRCs of its %u chunks hold, but their records do "
		                            "not follow one another",
		                 e->chunks);
	else if (reserved != 0)
		athar_walk_close(
			e->w, ATHAR_GRADE_COMPLETE, empty ? grown : end,
			"the CRCs of its %u chunks hold; what was reserved behind has none",
			e->chunks);
	else
		athar_walk_close(e->w, ATHAR_GRADE_INTACT, end,
		                 "the CRCs of the header and of its %u chunks hold", e->chunks);
	return ATHAR_OK;
}

static athar_status walk(evtx *e, athar_error *err)
{
	ATHAR_TRY(check_header(e, err));
	const athar_status status = read_chunks(e, err);

	note_fields(e);
	ATHAR_TRY(status);
	if (e->chunks == 0)
		return athar_walk_stop(e->w, "it has no chunks");
	return close_log(e, err);
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;
	evtx e = {.w = &w};

	athar_walk_init(&w, out, in);
	return athar_walk_settle(&w, walk(&e, err), err);
}

static const athar_magic magic[] = {{0, 8, {'E', 'l', 'f', 'F', 'i', 'l', 'e', 0}}, {0, 0, {0}}};

const athar_format athar_format_evtx = {
	.name = "evtx",
	.extension = "evtx",
	.mime = "application/x-ms-evtx",
	.summary = "event logs of Windows",
	.end = "the CRCs of as many chunks as the header counts",
	.best = ATHAR_GRADE_INTACT,
	.magic = magic,
	.measure = measure,
};
