/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The objects at the top of an ASF file: the header, the data, indexes. The header says how large
 * the file is; a stream that was recorded live says nothing, and has no end that could be proven.
 */
#include "format/asf.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "format/list.h"

#define DATA_HEAD 50u
#define INDEX_HEAD 56u
#define INDEXES_MOST 1000u
#define HEADER_MOST (UINT64_C(64) << 20)

static const uint8_t data_guid[16] = {0x36, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11,
                                      0xA6, 0xD9, 0x00, 0xAA, 0x00, 0x62, 0xCE, 0x6C};

/* What may follow the data; the first one is the simple index. */
static const uint8_t index_guids[4][16] = {
	{0x90, 0x08, 0x00, 0x33, 0xB1, 0xE5, 0xCF, 0x11, 0x89, 0xF4, 0x00, 0xA0, 0xC9, 0x03, 0x49,
         0xCB},
	{0xD3, 0x29, 0xE2, 0xD6, 0xDA, 0x35, 0xD1, 0x11, 0x90, 0x34, 0x00, 0xA0, 0xC9, 0x03, 0x49,
         0xBE},
	{0xF8, 0x03, 0xB1, 0xFE, 0xAD, 0x12, 0x64, 0x4C, 0x84, 0x0F, 0x2A, 0x1D, 0x2F, 0x7A, 0xD4,
         0x8C},
	{0xD0, 0x3F, 0xB7, 0x3C, 0x4A, 0x0C, 0x03, 0x48, 0x95, 0x3D, 0xED, 0xF7, 0xB6, 0x22, 0x8F,
         0x0C},
};

static athar_status header(uint64_t *end, asf *a, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, a->w->in, 0, 30, err));
	*end = athar_le64(b.ptr + 16);
	if (*end < 30 + 104 || *end > HEADER_MOST || b.ptr[28] != 1 || b.ptr[29] != 2)
		return athar_walk_stop(a->w, "it does not begin with a header");
	athar_walk_begin(a->w, 30);
	(void)snprintf(a->w->claim->subtype, sizeof a->w->claim->subtype, "wma");
	(void)snprintf(a->w->claim->extension, sizeof a->w->claim->extension, "wma");
	ATHAR_TRY(asf_header(a, 30, *end, athar_le32(b.ptr + 24), err));
	athar_walk_begin(a->w, *end);
	return ATHAR_OK;
}

/* The data object at `at`. *end: as its own size says; UINT64_MAX: it says nothing. */
static athar_status data_head(uint64_t *end, asf *a, uint64_t at, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, a->w->in, at, DATA_HEAD, err));
	const uint64_t size = athar_le64(b.ptr + 16), packets = athar_le64(b.ptr + 40);
	uint64_t media = 0;

	if (memcmp(b.ptr, data_guid, 16) != 0 || memcmp(b.ptr + 24, a->id, 16) != 0)
		return athar_walk_stop(a->w, "no data of this file follow the header");
	athar_walk_prove(a->w, at + DATA_HEAD);
	*end = UINT64_MAX;
	if (a->live || size == 0)
		return ATHAR_OK;
	if (packets != a->packets || !athar_mul(packets, a->packet_size, &media) ||
	    size - DATA_HEAD != media || !athar_add(at, size, end))
		return athar_walk_stop(a->w, "its data are not as many packets as it says");
	return ATHAR_OK;
}

/* Without a count, as many as hold. */
static athar_status packets(uint64_t *at, asf *a, uint64_t end, athar_error *err)
{
	const uint64_t size = athar_reader_size(a->w->in);
	const bool live = end == UINT64_MAX;
	bool fits = true;

	for (a->packets = live ? 0 : a->packets; *at < end; *at += a->packet_size) {
		if (live && !athar_inside(*at, a->packet_size, size))
			return ATHAR_OK;
		ATHAR_TRY(asf_packet(&fits, a, *at, err));
		if (!fits && live)
			return ATHAR_OK;
		if (!fits)
			return athar_walk_stop(a->w, "the packet at %llu does not hold",
			                       (unsigned long long)*at);
		a->packets += live;
		athar_walk_prove(a->w, *at + a->packet_size);
	}
	return ATHAR_OK;
}

/* Which packet each second begins with. */
static athar_status simple_index(asf *a, uint64_t at, uint64_t size, athar_error *err)
{
	athar_bytes b;

	if (size < INDEX_HEAD)
		return athar_walk_stop(a->w, "an index is too short");
	ATHAR_TRY(athar_reader_get(&b, a->w->in, at, INDEX_HEAD, err));
	const uint64_t count = athar_le32(b.ptr + 52);

	if (size != INDEX_HEAD + 6 * count)
		return athar_walk_stop(a->w, "an index is not as long as it says");
	for (uint64_t i = 0; i < count; i++) {
		ATHAR_TRY(athar_reader_get(&b, a->w->in, at + INDEX_HEAD + 6 * i, 6, err));
		if (athar_le32(b.ptr) > a->packets) {
			athar_walk_flaw(a->w, "an index points to a packet that is not there");
			return ATHAR_OK;
		}
	}
	return ATHAR_OK;
}

/* The index at `at`; *there: one is. */
static athar_status one_index(bool *there, uint64_t *at, asf *a, athar_error *err)
{
	size_t kind = 0;
	athar_bytes b;

	*there = false;
	ATHAR_TRY(athar_reader_some(&b, a->w->in, *at, 24, err));
	while (b.len == 24 && kind < 4 && memcmp(b.ptr, index_guids[kind], 16) != 0)
		kind++;
	if (b.len < 24 || kind == 4)
		return ATHAR_OK;
	const uint64_t size = athar_le64(b.ptr + 16);

	if (size < 24 || !athar_inside(*at, size, a->file_size))
		return athar_walk_stop(a->w, "an index has an impossible size");
	if (!athar_inside(*at, size, athar_reader_size(a->w->in)))
		return ATHAR_EOF;
	if (kind == 0)
		ATHAR_TRY(simple_index(a, *at, size, err));
	*there = true;
	*at += size;
	athar_walk_prove(a->w, *at);
	return ATHAR_OK;
}

static athar_status indexes(uint32_t *count, uint64_t *at, asf *a, athar_error *err)
{
	const uint64_t end = athar_min(a->file_size, athar_reader_size(a->w->in));
	bool there = true;

	for (*count = 0; there && *at < end; *count += there) {
		if (*count == INDEXES_MOST)
			return athar_walk_stop(a->w, "it has more than %u indexes", *count);
		ATHAR_TRY(one_index(&there, at, a, err));
	}
	return ATHAR_OK;
}

static athar_status judge(asf *a, uint64_t at, bool live, bool indexed)
{
	athar_walk *w = a->w;

	if (a->packets == 0)
		return athar_walk_stop(w, "it has no packets");
	if (live && !indexed) {
		w->claim->open = true;
		return athar_walk_stop(w,
		                       "its packets end, and it does not say how many there are");
	}
	if (!live && at < a->file_size)
		return at == athar_reader_size(w->in)
		               ? ATHAR_EOF
		               : athar_walk_stop(w, "what follows the data is no index of them");
	if (!live && at > a->file_size)
		athar_walk_flaw(w, "it is longer than it says");
	athar_walk_close(w, ATHAR_GRADE_COMPLETE, at,
	                 live ? "its packets hold, and an index follows them; it has no checksum"
	                      : "its packets hold, and it ends where it says; it has no checksum");
	w->claim->unseen = indexed ? 0 : at - a->last;
	return ATHAR_OK;
}

static athar_status walk(asf *a, athar_error *err)
{
	uint64_t at, data = 0;
	uint32_t count;

	ATHAR_TRY(header(&at, a, err));
	ATHAR_TRY(data_head(&data, a, at, err));
	const bool live = data == UINT64_MAX;

	if (live)
		a->file_size = UINT64_MAX;
	at += DATA_HEAD;
	ATHAR_TRY(packets(&at, a, data, err));
	ATHAR_TRY(indexes(&count, &at, a, err));
	return judge(a, at, live, count != 0);
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;
	asf *a = athar_alloc(sizeof *a, err);

	athar_walk_init(&w, out, in);
	if (a == NULL)
		return ATHAR_ENOMEM;
	a->w = &w;
	const athar_status status = walk(a, err);

	free(a);
	return athar_walk_settle(&w, status, err);
}

static const athar_magic magic[] = {{0,
                                     16,
                                     {0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11, 0xA6, 0xD9,
                                      0x00, 0xAA, 0x00, 0x62, 0xCE, 0x6C}},
                                    {0, 0, {0}}};

const athar_format athar_format_asf = {
	.name = "asf",
	.extension = "wmv",
	.mime = "video/x-ms-asf",
	.summary = "Advanced Systems Format: WMV films and WMA sound",
	.end = "packets that hold, as many as it says, and indexes up to the size that it says",
	.best = ATHAR_GRADE_COMPLETE,
	.magic = magic,
	.measure = measure,
};
