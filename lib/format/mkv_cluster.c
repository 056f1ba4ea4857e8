/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The clusters of a Matroska file: a time, then blocks. Each block names its track and, where it
 * holds several frames, says how long they are.
 */
#include "base/check.h"
#include "base/endian.h"
#include "format/mkv.h"

#define TIMESTAMP 0xE7u
#define POSITION 0xA7u
#define PREVIOUS 0xABu
#define SIMPLE 0xA3u
#define GROUP 0xA0u
#define BLOCK 0xA1u
#define SILENT 0x5854u
#define ENCRYPTED 0xAFu

static bool is_inside(uint32_t id)
{
	return id == TIMESTAMP || id == POSITION || id == PREVIOUS || id == SIMPLE || id == GROUP ||
	       id == SILENT || id == ENCRYPTED || id == MKV_VOID || id == MKV_CRC;
}

static bool is_track(const mkv *m, uint64_t number)
{
	for (size_t i = 0; i < m->tracks; i++) {
		if (m->track[i].number == number)
			return true;
	}
	return false;
}

/* A size as Xiph has it: bytes of 255 and one below. */
static athar_status xiph_size(uint64_t *out, athar_stream *s, athar_error *err)
{
	uint8_t byte;

	*out = 0;
	do {
		ATHAR_TRY(athar_stream_byte(&byte, s, err));
		*out += byte;
	} while (byte == 255);
	return ATHAR_OK;
}

/* As EBML has it: the first one as it is, the others as what they differ from the one before. */
static athar_status ebml_size(uint64_t *out, bool first, athar_stream *s, athar_error *err)
{
	uint8_t b[8];
	unsigned len = 0, have = 0;
	uint64_t value = 0;

	while (len == 0 && have < 8) {
		ATHAR_TRY(athar_stream_byte(&b[have], s, err));
		have++;
		value = mkv_vint(&len, b, have);
	}
	if (len == 0)
		*out = UINT64_MAX;
	else if (first)
		*out = value;
	else
		*out += value - ((UINT64_C(1) << (7 * len - 1)) - 1);
	return ATHAR_OK;
}

/* Several frames in one block: `kind` says how their sizes are coded. The last one has the rest. */
static athar_status check_lace(mkv *m, uint64_t at, uint64_t end, unsigned kind, athar_error *err)
{
	uint64_t sum = 0, size = 0;
	athar_stream s;
	uint8_t more;

	athar_stream_seek(&s, m->w->in, at);
	ATHAR_TRY(athar_stream_byte(&more, &s, err));
	if (kind == 2)
		return (end - at - 1) % (more + 1u) == 0
		               ? ATHAR_OK
		               : athar_walk_stop(m->w, "a block is not made of equal frames");
	for (unsigned i = 0; i < more; i++) {
		ATHAR_TRY(kind == 1 ? xiph_size(&size, &s, err)
		                    : ebml_size(&size, i == 0, &s, err));
		if (size > end - at || (sum += size) > end - at)
			return athar_walk_stop(m->w, "the frames of a block are longer than it is");
	}
	if (!athar_inside(athar_stream_at(&s), sum, end))
		return athar_walk_stop(m->w, "the frames of a block are longer than it is");
	return ATHAR_OK;
}

/* Track, time, flags; `spare`: flags that have no meaning here. */
static athar_status check_block(mkv *m, const mkv_element *e, uint8_t spare, athar_error *err)
{
	athar_bytes b;
	unsigned len;

	ATHAR_TRY(athar_reader_some(&b, m->w->in, e->payload, 11, err));
	const uint64_t track = mkv_vint(&len, b.ptr, b.len);

	if (len == 0 || len + 3 > b.len)
		return b.len < 11 ? ATHAR_EOF : athar_walk_stop(m->w, "a block has no track");
	const uint8_t flags = b.ptr[len + 2];
	const uint64_t data = e->payload + len + 3;

	if (!is_track(m, track) || (flags & spare) != 0)
		return athar_walk_stop(m->w, "a block is of a track that is not described");
	if (data > e->end || (data == e->end && (flags & 6) != 0))
		return athar_walk_stop(m->w, "a block is too short");
	m->last = data;
	return (flags & 6) == 0 ? ATHAR_OK : check_lace(m, data, e->end, flags >> 1 & 3, err);
}

static athar_status in_group(mkv *m, const mkv_element *e, athar_error *err)
{
	return e->id == BLOCK ? check_block(m, e, 0xF0, err) : ATHAR_OK;
}

/* Where it is, and how long the one before was: what does not agree comes from another file. */
static athar_status check_place(mkv *m, const mkv_element *cluster, const mkv_element *e,
                                athar_error *err)
{
	const bool position = e->id == POSITION;
	uint64_t told;

	ATHAR_TRY(mkv_number(&told, m, e, err));
	if (told == 0) /* live */
		return ATHAR_OK;
	if (position && told != cluster->at - m->segment.payload)
		athar_walk_flaw(m->w, "the cluster at %llu says that it lies elsewhere",
		                (unsigned long long)cluster->at);
	if (!position && m->previous != 0 && told != m->previous)
		athar_walk_flaw(m->w, "the cluster at %llu follows one of another length",
		                (unsigned long long)cluster->at);
	return ATHAR_OK;
}

static athar_status take(mkv *m, const mkv_element *cluster, const mkv_element *e, athar_error *err)
{
	uint64_t time;

	if (e->id == SIMPLE)
		return check_block(m, e, 0x70, err);
	if (e->id == GROUP)
		return mkv_children(m, e, in_group, err);
	if (e->id == TIMESTAMP)
		return mkv_number(&time, m, e, err);
	if (e->id == POSITION || e->id == PREVIOUS)
		return check_place(m, cluster, e, err);
	return ATHAR_OK;
}

/* In a cluster of unknown size: does an element of its follow? */
static athar_status goes_on(bool *more, mkv *m, uint64_t at, athar_error *err)
{
	athar_bytes b;

	*more = false;
	if (at >= athar_reader_size(m->w->in))
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_some(&b, m->w->in, at, 2, err));
	*more = is_inside(b.ptr[0]) || (b.len == 2 && athar_be16(b.ptr) == SILENT);
	return ATHAR_OK;
}

/* One element of it; one that is no block is believed only when something good follows. */
static athar_status step(uint64_t *at, mkv *m, const mkv_element *cluster, athar_error *err)
{
	const uint64_t size = athar_reader_size(m->w->in);
	mkv_element e;

	ATHAR_TRY(mkv_read(&e, m, *at, cluster->end, err));
	if (e.open || !is_inside(e.id))
		return athar_walk_stop(m->w, "what follows the last good block is none");
	ATHAR_TRY(take(m, cluster, &e, err));
	athar_walk_prove(m->w, e.at);
	*at = e.end;
	if (e.id == SIMPLE || e.id == GROUP)
		athar_walk_reach(m->w, e.end);
	return e.end > size ? ATHAR_EOF : ATHAR_OK;
}

athar_status mkv_cluster(uint64_t *end, mkv *m, const mkv_element *cluster, athar_error *err)
{
	uint64_t at = cluster->payload;
	bool more = true;

	while (at < cluster->end) {
		if (cluster->open)
			ATHAR_TRY(goes_on(&more, m, at, err));
		if (!more)
			break;
		const athar_status status = step(&at, m, cluster, err);

		if (status == ATHAR_EFORMAT && m->segment.open)
			return mkv_unclosed(m);
		ATHAR_TRY(status);
	}
	m->clusters++;
	m->previous = at - cluster->at;
	*end = at;
	return ATHAR_OK;
}
