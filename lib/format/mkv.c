/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The parts of a Matroska file, from its header to the end of its segment. Recordings that were
 * never closed have a segment of unknown size, and such files have no end that could be proven.
 */
#include "format/mkv.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "format/list.h"

#define EBML 0x1A45DFA3u
#define DOCTYPE 0x4282u
#define HEADER_MOST 4096u
#define TOP_MOST (1u << 20)
#define PIECE (1u << 16)

/* ---- elements ---- */

uint64_t mkv_vint(unsigned *len, const uint8_t *b, size_t have)
{
	unsigned n = 1;
	uint64_t value;

	*len = 0;
	if (have == 0 || b[0] == 0)
		return 0;
	while ((b[0] >> (8 - n) & 1) == 0)
		n++;
	if (n > have)
		return 0;
	value = b[0] & ((1u << (8 - n)) - 1);
	for (unsigned i = 1; i < n; i++)
		value = value << 8 | b[i];
	*len = n;
	return value;
}

static uint64_t all_ones(unsigned len)
{
	return (UINT64_C(1) << (7 * len)) - 1;
}

/* An identifier keeps the bits that tell its length; none has only zeros or ones behind them. */
static uint32_t read_id(unsigned *len, const uint8_t *b, size_t have)
{
	const uint64_t value = mkv_vint(len, b, have);
	uint32_t id = 0;

	if (*len > 4 || value == 0 || (*len != 0 && value == all_ones(*len)))
		*len = 0;
	for (unsigned i = 0; i < *len; i++)
		id = id << 8 | b[i];
	return id;
}

athar_status mkv_read(mkv_element *out, mkv *m, uint64_t at, uint64_t end, athar_error *err)
{
	unsigned id_len, size_len;
	athar_bytes b;

	ATHAR_TRY(athar_reader_some(&b, m->w->in, at, 12, err));
	*out = (mkv_element){.at = at, .id = read_id(&id_len, b.ptr, b.len)};
	if (id_len == 0)
		return athar_walk_stop(m->w, "what follows the last good element is none");
	const uint64_t size = mkv_vint(&size_len, b.ptr + id_len, b.len - id_len);

	if (size_len == 0)
		return b.len < 12 ? ATHAR_EOF
		                  : athar_walk_stop(m->w, "an element has an impossible size");
	out->payload = at + id_len + size_len;
	out->open = size == all_ones(size_len);
	out->end = out->open ? end : out->payload + size;
	if (out->payload > end || out->end > end)
		return athar_walk_stop(m->w, "an element is longer than what holds it");
	return ATHAR_OK;
}

athar_status mkv_number(uint64_t *out, mkv *m, const mkv_element *e, athar_error *err)
{
	const uint64_t len = e->end - e->payload;
	athar_bytes b;

	*out = 0;
	if (len > 8)
		return athar_walk_stop(m->w, "a number has more than 8 bytes");
	if (len == 0)
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, m->w->in, e->payload, (size_t)len, err));
	for (size_t i = 0; i < len; i++)
		*out = *out << 8 | b.ptr[i];
	return ATHAR_OK;
}

athar_status mkv_children(mkv *m, const mkv_element *parent, mkv_visit *visit, athar_error *err)
{
	uint64_t at = parent->payload;

	while (at < parent->end) {
		mkv_element e;

		ATHAR_TRY(mkv_read(&e, m, at, parent->end, err));
		if (e.open)
			return athar_walk_stop(m->w, "an element inside a part has no size");
		if (e.id != MKV_VOID && e.id != MKV_CRC)
			ATHAR_TRY(visit(m, &e, err));
		at = e.end;
	}
	return ATHAR_OK;
}

/* ---- the parts ---- */

bool mkv_is_top(uint32_t id)
{
	static const uint32_t known[] = {MKV_SEEKHEAD, MKV_INFO,        MKV_TRACKS,   MKV_CLUSTER,
	                                 MKV_CUES,     MKV_ATTACHMENTS, MKV_CHAPTERS, MKV_TAGS,
	                                 MKV_VOID,     MKV_CRC};

	for (size_t i = 0; i < ATHAR_COUNT(known); i++) {
		if (known[i] == id)
			return true;
	}
	return false;
}

bool mkv_has(const mkv *m, uint64_t at, uint32_t id)
{
	size_t low = 0, high = m->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (m->top[middle].at < at)
			low = middle + 1;
		else
			high = middle;
	}
	return low < m->count && m->top[low].at == at && m->top[low].id == id;
}

/* Room that was left free says nothing; where it holds something, that has no check. */
static athar_status check_void(mkv *m, const mkv_element *e, athar_error *err)
{
	athar_bytes b;

	for (uint64_t at = e->payload; at < e->end && m->sealed; at += b.len) {
		ATHAR_TRY(athar_reader_get(&b, m->w->in, at, (size_t)athar_min(e->end - at, PIECE),
		                           err));
		m->sealed = b.ptr[0] == 0 && memcmp(b.ptr, b.ptr + 1, b.len - 1) == 0;
	}
	return ATHAR_OK;
}

/* The CRC of a part, if it has one and all of it is there. */
static athar_status check_seal(bool *holds, mkv *m, const mkv_element *e, athar_error *err)
{
	athar_bytes b;
	uint32_t crc;

	*holds = false;
	if (e->open || e->end - e->payload < 6 || e->end > athar_reader_size(m->w->in))
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, m->w->in, e->payload, 6, err));
	const uint32_t told = athar_le32(b.ptr + 2);

	if (b.ptr[0] != MKV_CRC || b.ptr[1] != 0x84)
		return ATHAR_OK;
	ATHAR_TRY(athar_walk_crc(&crc, m->w->in, e->payload + 6, e->end - e->payload - 6, err));
	*holds = crc == told;
	if (!*holds)
		athar_walk_flaw(m->w, "the CRC of the part at %llu does not hold",
		                (unsigned long long)e->at);
	return ATHAR_OK;
}

/* What stands inside a part; where its size is told, the walk goes on behind it all the same. */
static athar_status take_part(uint64_t *next, mkv *m, const mkv_element *e, athar_error *err)
{
	athar_status status;

	*next = e->end;
	if (e->id == MKV_CLUSTER)
		status = mkv_cluster(next, m, e, err);
	else if (e->open)
		return athar_walk_stop(m->w, "a part that is no cluster has no size");
	else if (e->end > athar_reader_size(m->w->in))
		return ATHAR_EOF;
	else
		status = e->id == MKV_VOID ? check_void(m, e, err) : mkv_describe(m, e, err);
	if (status != ATHAR_EFORMAT || e->open)
		return status;
	m->w->flawed = true; /* the stop has said why */
	return ATHAR_OK;
}

static athar_status add_top(mkv *m, const mkv_element *e, athar_error *err)
{
	if (m->count == TOP_MOST)
		return athar_walk_stop(m->w, "it has more than %u parts", TOP_MOST);
	ATHAR_TRY(athar_grow(&m->top, &m->capacity, m->count + 1, sizeof *m->top, err));
	m->top[m->count++] = *e;
	return ATHAR_OK;
}

static athar_status part(uint64_t *at, mkv *m, athar_error *err)
{
	mkv_element e;
	bool holds;

	ATHAR_TRY(mkv_read(&e, m, *at, m->segment.end, err));
	if (!mkv_is_top(e.id))
		return athar_walk_stop(m->w, "what follows the last good part is none");
	if (m->w->claim->ours)
		athar_walk_prove(m->w, e.at);
	else
		athar_walk_begin(m->w, e.payload);
	ATHAR_TRY(add_top(m, &e, err));
	ATHAR_TRY(check_seal(&holds, m, &e, err));
	m->sealed = m->sealed && (holds || e.id == MKV_VOID);
	ATHAR_TRY(take_part(at, m, &e, err));
	if (holds)
		athar_walk_prove(m->w, *at);
	else if (!e.open)
		athar_walk_reach(m->w, *at);
	return *at > athar_reader_size(m->w->in) ? ATHAR_EOF : ATHAR_OK;
}

athar_status mkv_unclosed(mkv *m)
{
	m->w->claim->open = m->last != 0;
	athar_walk_prove(m->w, m->w->claim->length);
	return athar_walk_stop(m->w, "its parts end, and it does not say how long it is");
}

/* Does another part follow in a segment that does not say where it ends? */
static athar_status goes_on(mkv *m, uint64_t at, athar_error *err)
{
	const bool more = at < athar_reader_size(m->w->in);
	athar_bytes b = {.len = 0};
	unsigned len = 0;

	if (more)
		ATHAR_TRY(athar_reader_some(&b, m->w->in, at, 4, err));
	if (more && mkv_is_top(read_id(&len, b.ptr, b.len)))
		return ATHAR_OK;
	return mkv_unclosed(m);
}

/* ---- the file ---- */

static athar_status take_doctype(mkv *m, const mkv_element *e, athar_error *err)
{
	athar_claim *claim = m->w->claim;
	athar_bytes b;

	if (e->id != DOCTYPE)
		return ATHAR_OK;
	const size_t len = (size_t)athar_min(e->end - e->payload, 8);

	ATHAR_TRY(athar_reader_get(&b, m->w->in, e->payload, len, err));
	if (len == 8 && memcmp(b.ptr, "matroska", 8) == 0) {
		(void)snprintf(claim->subtype, sizeof claim->subtype, "mkv");
	} else if (len >= 4 && memcmp(b.ptr, "webm", 4) == 0) {
		(void)snprintf(claim->subtype, sizeof claim->subtype, "webm");
		(void)snprintf(claim->extension, sizeof claim->extension, "webm");
	}
	return ATHAR_OK;
}

static athar_status header(mkv *m, athar_error *err)
{
	mkv_element ebml;

	ATHAR_TRY(mkv_read(&ebml, m, 0, HEADER_MOST, err));
	if (ebml.id != EBML || ebml.open)
		return athar_walk_stop(m->w, "it does not begin with a header");
	ATHAR_TRY(mkv_children(m, &ebml, take_doctype, err));
	if (m->w->claim->subtype[0] == '\0')
		return athar_walk_stop(m->w, "its header is of another kind of file");
	ATHAR_TRY(mkv_read(&m->segment, m, ebml.end, UINT64_MAX, err));
	if (m->segment.id != MKV_SEGMENT || m->segment.end > INT64_MAX)
		return m->segment.id == MKV_SEGMENT && m->segment.open
		               ? ATHAR_OK
		               : athar_walk_stop(m->w, "no segment follows the header");
	return ATHAR_OK;
}

static bool has_film(const mkv *m)
{
	for (size_t i = 0; i < m->tracks; i++) {
		if (m->track[i].kind != 2)
			return true;
	}
	return m->tracks == 0;
}

static athar_status judge(mkv *m, athar_error *err)
{
	athar_walk *w = m->w;

	for (size_t i = 0; i < m->count; i++)
		ATHAR_TRY(mkv_check_index(m, &m->top[i], err));
	if (m->tracks == 0 || m->clusters == 0)
		return athar_walk_stop(w, "it was closed without any picture or sound");
	if (m->sealed)
		athar_walk_close(w, ATHAR_GRADE_INTACT, m->segment.end,
		                 "the CRC of every part holds, and they close");
	else
		athar_walk_close(w, ATHAR_GRADE_COMPLETE, m->segment.end,
		                 m->cued ? "its parts close, the index points to clusters only"
		                         : "its parts close; no index lists its clusters");
	w->claim->alike = !m->sealed && !m->cued;
	if (!m->sealed && m->top[m->count - 1].id == MKV_CLUSTER)
		w->claim->unseen = m->segment.end - m->last;
	return ATHAR_OK;
}

static athar_status parts(mkv *m, athar_error *err)
{
	uint64_t at = m->segment.payload;

	while (at < m->segment.end) {
		if (m->segment.open)
			ATHAR_TRY(goes_on(m, at, err));
		ATHAR_TRY(part(&at, m, err));
	}
	return judge(m, err);
}

static athar_status walk(mkv *m, athar_error *err)
{
	athar_claim *claim = m->w->claim;

	ATHAR_TRY(header(m, err));
	const athar_status status = parts(m, err);

	if (!has_film(m) && claim->extension[0] == '\0')
		(void)snprintf(claim->extension, sizeof claim->extension, "mka");
	return status;
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;
	mkv *m = athar_alloc(sizeof *m, err);

	athar_walk_init(&w, out, in);
	if (m == NULL)
		return ATHAR_ENOMEM;
	m->w = &w;
	m->sealed = true;
	m->scale = 1000000;
	const athar_status status = walk(m, err);

	free(m->top);
	free(m);
	return athar_walk_settle(&w, status, err);
}

static const athar_magic magic[] = {{0, 4, {0x1A, 0x45, 0xDF, 0xA3}}, {0, 0, {0}}};

const athar_format athar_format_mkv = {
	.name = "mkv",
	.extension = "mkv",
	.mime = "video/x-matroska",
	.summary = "Matroska and WebM",
	.end = "parts that follow one another to the end of the segment, CRCs where there are",
	.best = ATHAR_GRADE_INTACT,
	.magic = magic,
	.measure = measure,
};
