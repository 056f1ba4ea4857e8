/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gzip (RFC 1952): members one behind the other, each a header, a deflate stream, the CRC-32 of
 * what it unpacks to, and its size. Most files have one.
 */
#include <string.h>

#include "athar/text.h"
#include "base/endian.h"
#include "format/list.h"
#include "format/unpack.h"
#include "format/walk.h"

#define HEAD 10u
#define HEADER_CRC 2u
#define EXTRA 4u
#define NAME 8u
#define COMMENT 16u
#define TEXT_MOST 65536u
#define TEXT_KEPT 96u
#define SECTOR 512u

/* What a header tells of the file that was packed. */
typedef struct told {
	char name[TEXT_KEPT], comment[TEXT_KEPT];
	uint32_t modified; /* seconds since 1970; 0: not stated */
} told;

typedef struct gzip {
	athar_walk *w;
	athar_unpacker unpacker;
} gzip;

static bool is_member(const uint8_t *head)
{
	return head[0] == 0x1F && head[1] == 0x8B && head[2] == 8 && (head[3] & 0xE0) == 0 &&
	       (head[8] == 0 || head[8] == 2 || head[8] == 4) && (head[9] <= 13 || head[9] == 255);
}

/* A text of the header, up to its 0, which `at` then lies behind. */
static athar_status text(char out[TEXT_KEPT], uint64_t *at, athar_walk *w, athar_error *err)
{
	const uint64_t begin = *at;
	size_t kept = 0;
	athar_stream s;
	uint8_t c;

	athar_stream_seek(&s, w->in, begin);
	do {
		ATHAR_TRY(athar_stream_byte(&c, &s, err));
		if ((c < 0x20 && c != 0 && c != '\n' && c != '\t') || c == 0x7F ||
		    athar_stream_at(&s) - begin > TEXT_MOST)
			return athar_walk_stop(w, "a name in the header is no text");
		if (kept + 1 < TEXT_KEPT)
			out[kept++] = (char)c;
	} while (c != 0);
	out[kept] = '\0';
	*at = athar_stream_at(&s);
	return ATHAR_OK;
}

/* The header of a member at *at, which then lies behind it. */
static athar_status header(told *out, uint64_t *at, athar_walk *w, athar_error *err)
{
	const uint64_t begin = *at;
	athar_bytes b;
	uint32_t crc;

	ATHAR_TRY(athar_reader_get(&b, w->in, begin, HEAD, err));
	const uint8_t flags = b.ptr[3];

	*out = (told){.modified = athar_le32(b.ptr + 4)};
	if (!is_member(b.ptr))
		return athar_walk_stop(w, "it does not begin with a member");
	*at += HEAD;
	if (flags & EXTRA) {
		ATHAR_TRY(athar_reader_get(&b, w->in, *at, 2, err));
		*at += 2u + athar_le16(b.ptr);
	}
	if (flags & NAME)
		ATHAR_TRY(text(out->name, at, w, err));
	if (flags & COMMENT)
		ATHAR_TRY(text(out->comment, at, w, err));
	if (!(flags & HEADER_CRC))
		return ATHAR_OK;
	ATHAR_TRY(athar_walk_crc(&crc, w->in, begin, *at - begin, err));
	ATHAR_TRY(athar_reader_get(&b, w->in, *at, 2, err));
	*at += 2;
	if (athar_le16(b.ptr) != (crc & 0xFFFF))
		return athar_walk_stop(w, "the CRC of a header does not hold");
	return ATHAR_OK;
}

/* The stream at *at and the sums behind it. */
static athar_status content(uint64_t *at, gzip *g, athar_error *err)
{
	const uint64_t begin = *at;
	athar_inflated sum;
	athar_bytes b;
	bool dear = false;
	const athar_status status = athar_unpacker_run(&sum, &dear, &g->unpacker, g->w->in, begin,
	                                               UINT64_MAX - begin, err);

	athar_walk_reach(g->w, begin + sum.consumed);
	if (status == ATHAR_EFORMAT)
		return athar_walk_stop(g->w, "the packed data are damaged before %llu",
		                       (unsigned long long)(begin + sum.consumed));
	ATHAR_TRY(status);
	if (dear)
		return athar_walk_stop(g->w, "it unpacks to more than was worth following");
	*at = begin + sum.consumed;
	ATHAR_TRY(athar_reader_get(&b, g->w->in, *at, 8, err));
	if (athar_le32(b.ptr) != sum.crc32 || athar_le32(b.ptr + 4) != (uint32_t)sum.produced)
		return athar_walk_stop(g->w, "the CRC of what it unpacks to does not hold");
	*at += 8;
	athar_walk_prove(g->w, *at);
	return ATHAR_OK;
}

/* Does another member follow? Where a sector begins, it is another file rather. */
static athar_status goes_on(bool *out, athar_walk *w, uint64_t at, athar_error *err)
{
	athar_bytes b;

	*out = false;
	if (at % SECTOR == 0 || at >= athar_reader_size(w->in))
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_some(&b, w->in, at, HEAD, err));
	*out = b.len == HEAD && is_member(b.ptr);
	return ATHAR_OK;
}

static void note(athar_walk *w, const told *t)
{
	char modified[32];

	athar_walk_field_bytes(w, "name", (const uint8_t *)t->name, strlen(t->name));
	athar_walk_field_bytes(w, "comment", (const uint8_t *)t->comment, strlen(t->comment));
	if (t->modified != 0)
		athar_walk_field(w, "modified", "%s",
		                 athar_text_time(modified, sizeof modified, t->modified));
}

static athar_status walk(gzip *g, athar_error *err)
{
	uint64_t at = 0;
	bool more = true;
	told t;

	ATHAR_TRY(header(&t, &at, g->w, err));
	athar_walk_begin(g->w, at);
	note(g->w, &t);
	ATHAR_TRY(content(&at, g, err));
	for (;;) {
		ATHAR_TRY(goes_on(&more, g->w, at, err));
		if (!more)
			break;
		ATHAR_TRY(header(&t, &at, g->w, err));
		ATHAR_TRY(content(&at, g, err));
	}
	athar_walk_close(g->w, ATHAR_GRADE_INTACT, at, "it unpacks, and its CRC and size hold");
	return ATHAR_OK;
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;
	gzip g = {.w = &w};

	athar_walk_init(&w, out, in);
	ATHAR_TRY(athar_unpacker_init(&g.unpacker, err));
	const athar_status status = walk(&g, err);

	athar_unpacker_clear(&g.unpacker);
	return athar_walk_settle(&w, status, err);
}

static const athar_magic magic[] = {{0, 3, {0x1F, 0x8B, 8}}, {0, 0, {0}}};

const athar_format athar_format_gzip = {
	.name = "gzip",
	.extension = "gz",
	.mime = "application/gzip",
	.summary = "files packed by gzip",
	.end = "the CRC and the size of what each member unpacks to",
	.best = ATHAR_GRADE_INTACT,
	.magic = magic,
	.measure = measure,
};
