/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AVI: films in RIFF chunks, with an index; OpenDML ("AVI File Format Extensions 1.02", 1996) puts
 * what does not fit into 32 bits into further segments behind the first. No chunk carries a
 * checksum: what proves such a file is that its chunks follow one another to the end of each list,
 * and that the index lists just them. Headers are read, data are not.
 */
#include "format/avi.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "format/list.h"

#define RIFF ATHAR_RIFF('R', 'I', 'F', 'F')
#define LIST ATHAR_RIFF('L', 'I', 'S', 'T')
#define AVI ATHAR_RIFF('A', 'V', 'I', ' ')
#define AVIX ATHAR_RIFF('A', 'V', 'I', 'X')
#define HDRL ATHAR_RIFF('h', 'd', 'r', 'l')
#define AVIH ATHAR_RIFF('a', 'v', 'i', 'h')
#define STRL ATHAR_RIFF('s', 't', 'r', 'l')
#define STRH ATHAR_RIFF('s', 't', 'r', 'h')
#define VIDS ATHAR_RIFF('v', 'i', 'd', 's')
#define INDX ATHAR_RIFF('i', 'n', 'd', 'x')
#define MOVI ATHAR_RIFF('m', 'o', 'v', 'i')
#define REC ATHAR_RIFF('r', 'e', 'c', ' ')
#define IDX1 ATHAR_RIFF('i', 'd', 'x', '1')
#define JUNK ATHAR_RIFF('J', 'U', 'N', 'K')

#define STREAMS_MOST 100u /* two digits number them */
#define SEGMENTS_MOST 4096u
#define INDEXED 0x10u    /* in the header's flags */
#define BEFORE_INDEX 16u /* chunks between the streams' and idx1 */

typedef struct film {
	athar_walk *w;
	uint32_t streams; /* announced */
	uint32_t met;     /* of them, in the header */
	bool announced;   /* an index is */
	bool indexed;     /* one was there */
	uint64_t parts;   /* that the indexes of indexes list, */
	uint64_t parts_met;
	uint64_t chunks;   /* of all streams */
	uint32_t segments; /* behind the first */
	avi_index index;
} film;

/* The word behind a list's size, which says what is in it. */
static athar_status list_kind(uint32_t *kind, film *f, const athar_chunk *c, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_riff_get(&b, f->w, c, 4, err));
	*kind = athar_be32(b.ptr);
	return ATHAR_OK;
}

/* ---- the header ---- */

static athar_status read_main(film *f, const athar_chunk *c, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_riff_get(&b, f->w, c, 40, err));
	f->announced = (athar_le32(b.ptr + 12) & INDEXED) != 0;
	f->streams = athar_le32(b.ptr + 24);
	if (f->streams == 0 || f->streams > STREAMS_MOST)
		return athar_walk_stop(f->w, "it has an impossible number of streams");
	athar_walk_begin(f->w, c->payload + 40);
	athar_walk_field(f->w, "width", "%u", athar_le32(b.ptr + 32));
	athar_walk_field(f->w, "height", "%u", athar_le32(b.ptr + 36));
	return ATHAR_OK;
}

/* How long the pictures last, and their coding. */
static athar_status note_stream(film *f, const athar_chunk *c, athar_error *err)
{
	athar_bytes b;

	if (c->end - c->payload < 36)
		return ATHAR_OK;
	ATHAR_TRY(athar_riff_get(&b, f->w, c, 36, err));
	const uint64_t scale = athar_le32(b.ptr + 20), length = athar_le32(b.ptr + 32);
	const uint32_t rate = athar_le32(b.ptr + 24);

	if (athar_be32(b.ptr) != VIDS)
		return ATHAR_OK;
	athar_walk_field_bytes(f->w, "codec", b.ptr + 4, 4);
	if (rate != 0 && scale != 0 && scale < UINT32_MAX / 1000 && length != 0)
		athar_walk_field(f->w, "duration_ms", "%llu",
		                 (unsigned long long)(length * scale * 1000 / rate));
	return ATHAR_OK;
}

/* An index of indexes: where it is used, each part of it is a chunk among those of its streams. */
static athar_status read_super(film *f, const athar_chunk *c, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_riff_get(&b, f->w, c, 24, err));
	const uint32_t used = athar_le32(b.ptr + 4);

	if (b.ptr[3] != 0) /* else it is the index itself */
		return ATHAR_OK;
	if (used > (c->end - c->payload - 24) / 16)
		return athar_walk_stop(f->w, "an index of indexes is longer than its chunk");
	f->parts += used;
	return ATHAR_OK;
}

static athar_status read_stream(film *f, const athar_chunk *list, athar_error *err)
{
	uint64_t at = list->payload + 4;
	bool header = false;
	athar_chunk c;

	for (uint32_t n = 0; at < list->end && n < ATHAR_RIFF_CHUNKS; n++, at = c.next) {
		ATHAR_TRY(athar_riff_chunk(&c, f->w, at, list->end, err));
		header = header || c.id == STRH;
		if (c.id == STRH)
			ATHAR_TRY(note_stream(f, &c, err));
		if (c.id == INDX)
			ATHAR_TRY(read_super(f, &c, err));
	}
	if (!header)
		return athar_walk_stop(f->w, "a stream lacks its header");
	f->met++;
	return ATHAR_OK;
}

static athar_status read_header(film *f, const athar_chunk *list, athar_error *err)
{
	uint64_t at = list->payload + 4;
	uint32_t kind;
	athar_chunk c;

	ATHAR_TRY(athar_riff_chunk(&c, f->w, at, list->end, err));
	if (c.id != AVIH)
		return athar_walk_stop(f->w, "its header does not begin as one");
	ATHAR_TRY(read_main(f, &c, err));
	for (at = c.next; at < list->end && f->met <= f->streams; at = c.next) {
		ATHAR_TRY(athar_riff_chunk(&c, f->w, at, list->end, err));
		if (c.id != LIST)
			continue;
		ATHAR_TRY(list_kind(&kind, f, &c, err));
		if (kind == STRL)
			ATHAR_TRY(read_stream(f, &c, err));
	}
	if (f->met != f->streams)
		return athar_walk_stop(f->w, "it announces other streams than it describes");
	if (list->next > athar_reader_size(f->w->in))
		return ATHAR_EOF;
	athar_walk_begin(f->w, list->next);
	return ATHAR_OK;
}

/* ---- the streams ---- */

static int digit(uint32_t c)
{
	return c >= '0' && c <= '9' ? (int)c - '0' : -100;
}

/* The number of a stream in two digits; as good as negative: none of these streams. */
static bool is_stream(const film *f, uint32_t high, uint32_t low)
{
	const int number = 10 * digit(high) + digit(low);

	return number >= 0 && (uint32_t)number < f->streams;
}

/* 00dc, 01wb: a stream and what it holds. */
static bool is_data(const film *f, uint32_t id)
{
	return is_stream(f, id >> 24, id >> 16 & 0xFF);
}

/* ix00: a part of an index. */
static bool is_part(const film *f, uint32_t id)
{
	return id >> 16 == ('i' << 8 | 'x') && is_stream(f, id >> 8 & 0xFF, id & 0xFF);
}

/* A list inside the list of streams groups what is read together; its chunks are walked as if it
 * were not there. */
static athar_status enter(athar_chunk *c, film *f, athar_error *err)
{
	uint32_t kind;

	ATHAR_TRY(list_kind(&kind, f, c, err));
	if (kind != REC)
		return athar_walk_stop(f->w, "a foreign list stands among the chunks");
	ATHAR_TRY(avi_index_match(&f->index, f->w, c, err));
	c->next = c->payload + 4;
	return ATHAR_OK;
}

static athar_status stream_chunk(athar_chunk *c, film *f, athar_error *err)
{
	if (c->id == LIST)
		return enter(c, f, err);
	if (is_part(f, c->id))
		f->parts_met++;
	else if (is_data(f, c->id))
		f->chunks++;
	else if (c->id != JUNK)
		return athar_walk_stop(f->w,
		                       "what follows the last good chunk is none of its streams");
	return is_data(f, c->id) ? avi_index_match(&f->index, f->w, c, err) : ATHAR_OK;
}

static athar_status read_streams(film *f, const athar_chunk *list, athar_error *err)
{
	uint64_t at = list->payload + 4;
	athar_chunk c;

	while (at < list->end) {
		ATHAR_TRY(athar_riff_chunk(&c, f->w, at, list->end, err));
		ATHAR_TRY(stream_chunk(&c, f, err));
		athar_walk_prove(f->w, at);
		at = c.next;
		athar_walk_reach(f->w, at);
	}
	avi_index_end(&f->index, f->w);
	return ATHAR_OK;
}

/* The index behind the list of streams, if the range reaches so far; what else stands there is the
 * business of who walks on. */
static athar_status find_index(athar_chunk *out, bool *found, film *f, uint64_t at, uint64_t end,
                               athar_error *err)
{
	const uint64_t size = athar_min(end, athar_reader_size(f->w->in));
	athar_bytes b;

	*found = false;
	for (uint32_t n = 0; n < BEFORE_INDEX && athar_inside(at, 8, size); n++) {
		ATHAR_TRY(athar_reader_get(&b, f->w->in, at, 8, err));
		const uint64_t len = athar_le32(b.ptr + 4);

		*out = (athar_chunk){.id = athar_be32(b.ptr), .at = at, .payload = at + 8};
		if (!athar_inside(out->payload, len, size))
			return ATHAR_OK;
		out->end = out->payload + len;
		*found = out->id == IDX1;
		if (*found)
			return ATHAR_OK;
		at = out->end + len % 2;
	}
	return ATHAR_OK;
}

/* ---- the segments ---- */

static athar_status read_list(film *f, const athar_chunk *c, uint64_t end, athar_error *err)
{
	athar_chunk idx1;
	uint32_t kind;
	bool found;

	ATHAR_TRY(list_kind(&kind, f, c, err));
	if (kind == HDRL && f->streams == 0)
		return read_header(f, c, err);
	if (kind != MOVI)
		return athar_riff_note(f->w, c, err);
	ATHAR_TRY(find_index(&idx1, &found, f, c->next, end, err));
	f->indexed = f->indexed || found;
	avi_index_begin(&f->index, found ? &idx1 : NULL, c->payload);
	return read_streams(f, c, err);
}

/* The chunks of one segment, up to its end. */
static athar_status segment(film *f, const athar_chunk *riff, athar_error *err)
{
	uint64_t at = riff->payload + 4;
	athar_chunk c;

	for (uint32_t n = 0; at < riff->end; n++) {
		if (n == ATHAR_RIFF_CHUNKS)
			return athar_walk_stop(f->w, "it has more than %u chunks", n);
		ATHAR_TRY(athar_riff_chunk(&c, f->w, at, riff->end, err));
		if (f->chunks != 0)
			athar_walk_prove(f->w, at);
		if (c.id == LIST)
			ATHAR_TRY(read_list(f, &c, riff->end, err));
		if (f->streams == 0)
			return athar_walk_stop(f->w, "it does not begin with a header");
		at = c.next;
		if (f->chunks != 0)
			athar_walk_reach(f->w, at);
	}
	return riff->end > athar_reader_size(f->w->in) ? ATHAR_EOF : ATHAR_OK;
}

/* Does a segment of this kind begin at `at`? */
static athar_status begins(bool *out, film *f, uint64_t at, uint32_t kind, athar_error *err)
{
	athar_bytes b;

	*out = false;
	if (!athar_inside(at, 12, athar_reader_size(f->w->in)))
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, f->w->in, at, 12, err));
	*out = athar_be32(b.ptr) == RIFF && athar_be32(b.ptr + 8) == kind;
	return ATHAR_OK;
}

/* Further segments hold what the indexes of indexes list besides. */
static athar_status further(uint64_t *end, film *f, athar_error *err)
{
	athar_chunk riff;
	bool more;

	while (f->segments < SEGMENTS_MOST) {
		ATHAR_TRY(begins(&more, f, *end + *end % 2, AVIX, err));
		if (!more)
			break;
		ATHAR_TRY(athar_riff_chunk(&riff, f->w, *end + *end % 2, UINT64_MAX, err));
		ATHAR_TRY(segment(f, &riff, err));
		f->segments++;
		*end = riff.end;
	}
	return ATHAR_OK;
}

static athar_status judge(film *f, uint64_t end)
{
	athar_walk *w = f->w;

	if (f->chunks == 0)
		return athar_walk_stop(w, "it was closed without any picture or sound");
	if (f->parts_met < f->parts)
		athar_walk_flaw(w, "parts of its index are missing, and what they index");
	if (f->announced && !f->indexed && f->parts == 0)
		athar_walk_flaw(w, "the index that the header announces is missing");
	athar_walk_close(w, ATHAR_GRADE_COMPLETE, end,
	                 !f->indexed        ? "its chunks close; no index lists all of them"
	                 : f->segments == 0 ? "its chunks close, the index lists just them"
	                                    : "its chunks close, the index lists just those of the "
	                                      "first segment");
	w->claim->alike = !f->indexed;
	return ATHAR_OK;
}

static athar_status walk(film *f, athar_error *err)
{
	athar_chunk riff;
	bool ours;

	ATHAR_TRY(begins(&ours, f, 0, AVI, err));
	if (!ours)
		return athar_walk_stop(f->w, "it does not begin as RIFF");
	ATHAR_TRY(athar_riff_chunk(&riff, f->w, 0, UINT64_MAX, err));
	ATHAR_TRY(segment(f, &riff, err));
	ATHAR_TRY(further(&riff.end, f, err));
	return judge(f, riff.end);
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;
	film *f = athar_alloc(sizeof *f, err);

	athar_walk_init(&w, out, in);
	if (f == NULL)
		return ATHAR_ENOMEM;
	f->w = &w;
	const athar_status status = walk(f, err);

	free(f);
	return athar_walk_settle(&w, status, err);
}

static const athar_magic magic[] = {{8, 8, {'A', 'V', 'I', ' ', 'L', 'I', 'S', 'T'}}, {0, 0, {0}}};

const athar_format athar_format_avi = {
	.name = "avi",
	.extension = "avi",
	.mime = "video/x-msvideo",
	.summary = "Audio Video Interleave, also in several segments (OpenDML)",
	.end = "chunks that follow one another to the end of each list, and an index of just them",
	.best = ATHAR_GRADE_COMPLETE,
	.magic = magic,
	.measure = measure,
};
