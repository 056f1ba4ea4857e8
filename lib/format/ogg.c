/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ogg (RFC 3533): pages of at most 65,307 bytes, each with the serial number of its logical stream,
 * its number in that stream and a CRC-32 over all of it. The first page of a stream says that it is
 * the first, the last one that it is the last. Streams that run side by side begin together; more
 * of them may follow once all have ended (a chain).
 */
#include <string.h>

#include "base/alloc.h"
#include "base/endian.h"
#include "format/list.h"
#include "format/vorbis.h"
#include "format/walk.h"

#define HEAD 27u
#define FIRST 2u
#define LAST 4u
#define STREAMS 1024u /* of all links together */
#define SECTOR 512u
#define FOREIGN (UINT64_C(256) << 10) /* bytes that are searched for the next page */
/* Bytes gone through on such searches: for free, and for each byte of the file. */
#define SEARCH_FREE (UINT64_C(4) << 20)
#define SEARCH_A_BYTE 4u
#define PIECE (1u << 15)

typedef struct stream {
	uint32_t serial, next; /* the number that its next page must have */
	bool ended;
	uint32_t rate, before; /* samples a second, 0: not told; before the sound begins */
	uint64_t samples;      /* up to the last page */
} stream;

typedef struct page {
	uint64_t at, end;
	uint32_t serial, number;
	uint8_t flags;
	bool sound; /* its CRC holds */
	uint64_t granule;
} page;

typedef struct ogg {
	athar_walk *w;
	uint32_t crc[256];
	stream *streams;
	size_t count, link; /* how many; the first of the link that runs */
	size_t open;        /* of the link: those that have not ended */
	bool begun;         /* a page that is no first one has come in this link */
	uint64_t searched;  /* bytes gone through in search of pages behind foreign ones */
	const char *subtype;
} ogg;

/* CRC-32 with the polynomial 0x04C11DB7, highest bit first, begun with 0 and not inverted. */
static void crc_table(uint32_t table[256])
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t c = i << 24;

		for (int bit = 0; bit < 8; bit++)
			c = c << 1 ^ (c >> 31 != 0 ? UINT32_C(0x04C11DB7) : 0);
		table[i] = c;
	}
}

/* The page's own CRC counts as zeros. */
static uint32_t crc_page(const uint32_t table[256], const uint8_t *bytes, size_t len)
{
	uint32_t crc = 0;

	for (size_t i = 0; i < len; i++) {
		const uint8_t byte = i >= 22 && i < 26 ? 0 : bytes[i];

		crc = crc << 8 ^ table[(crc >> 24 ^ byte) & 0xFF];
	}
	return crc;
}

static bool is_page(const uint8_t *head)
{
	return memcmp(head, "OggS\0", 5) == 0 && head[5] < 8;
}

/* The page at `at`. *there: something that looks like one is. */
static athar_status read_page(page *out, athar_bytes *bytes, bool *there, const ogg *o, uint64_t at,
                              athar_error *err)
{
	athar_bytes b;
	size_t len = 0;

	*there = false;
	ATHAR_TRY(athar_reader_some(&b, o->w->in, at, HEAD + 255, err));
	if (b.len < 6 || !is_page(b.ptr))
		return ATHAR_OK;
	if (b.len < HEAD || b.len < HEAD + (size_t)b.ptr[26])
		return ATHAR_EOF;
	*there = true;
	len = HEAD + b.ptr[26];
	for (size_t i = 0; i < b.ptr[26]; i++)
		len += b.ptr[HEAD + i];
	ATHAR_TRY(athar_reader_get(bytes, o->w->in, at, len, err));
	const uint8_t *p = bytes->ptr;

	*out = (page){.at = at, .end = at + len, .flags = p[5], .granule = athar_le64(p + 6)};
	out->serial = athar_le32(p + 14);
	out->number = athar_le32(p + 18);
	out->sound = crc_page(o->crc, p, len) == athar_le32(p + 22);
	return ATHAR_OK;
}

/* Of the link that runs, unless of = 0. */
static stream *find_stream(const ogg *o, uint32_t serial, size_t of)
{
	for (size_t i = o->count; i > of; i--) {
		if (o->streams[i - 1].serial == serial)
			return &o->streams[i - 1];
	}
	return NULL;
}

/* What the first packet of a stream begins with. A film's name goes before that of its sound. */
static const struct codec {
	uint8_t len;
	char begins[9];
	char subtype[7], extension[5];
} codecs[] = {
	{7, "\x80theora", "theora", "ogv"},
	{8, "OpusHead", "opus", "opus"},
	{7, "\1vorbis", "vorbis", "ogg"},
	{5,
         "\x7F"
         "FLAC",
         "flac", "oga"},
	{8, "Speex   ", "speex", "spx"},
};

static void name_codec(ogg *o, const athar_bytes *bytes)
{
	athar_claim *claim = o->w->claim;
	const uint8_t *packet = bytes->ptr + HEAD + bytes->ptr[26];
	const size_t len = bytes->len - HEAD - bytes->ptr[26];

	for (size_t i = 0; i < ATHAR_COUNT(codecs); i++) {
		const struct codec *c = &codecs[i];

		if (len < c->len || memcmp(packet, c->begins, c->len) != 0)
			continue;
		if (o->subtype != NULL && i != 0)
			return;
		o->subtype = c->subtype;
		(void)snprintf(claim->subtype, sizeof claim->subtype, "%s", c->subtype);
		(void)snprintf(claim->extension, sizeof claim->extension, "%s", c->extension);
		return;
	}
}

/* How many samples a second has, and for films how large they are; the codings have that in their
 * first packets in places of their own. */
static void describe(ogg *o, stream *s, const athar_bytes *bytes)
{
	const uint8_t *packet = bytes->ptr + HEAD + bytes->ptr[26];
	const size_t len = bytes->len - HEAD - bytes->ptr[26];

	if (len >= 16 && memcmp(packet, "\1vorbis", 7) == 0) {
		s->rate = athar_le32(packet + 12);
	} else if (len >= 12 && memcmp(packet, "OpusHead", 8) == 0) {
		s->rate = 48000;
		s->before = athar_le16(packet + 10);
	} else if (len >= 40 && memcmp(packet, "Speex   ", 8) == 0) {
		s->rate = athar_le32(packet + 36);
	} else if (len >= 30 && memcmp(packet,
	                               "\x7F"
	                               "FLAC",
	                               5) == 0) {
		s->rate = athar_be24(packet + 27) >> 4;
	} else if (len >= 20 && memcmp(packet, "\x80theora", 7) == 0) {
		athar_walk_field(o->w, "width", "%u", athar_be24(packet + 14));
		athar_walk_field(o->w, "height", "%u", athar_be24(packet + 17));
	}
}

/* The second packet has the comments, behind a few bytes that say so. */
static athar_status note_comments(ogg *o, const page *p, const athar_bytes *bytes, athar_error *err)
{
	static const struct {
		uint8_t len;
		char begins[9];
	} kinds[] = {{7, "\3vorbis"}, {8, "OpusTags"}, {7, "\x81theora"}};
	const uint64_t at = p->at + HEAD + bytes->ptr[26];
	const uint8_t *packet = bytes->ptr + HEAD + bytes->ptr[26];
	const size_t len = bytes->len - HEAD - bytes->ptr[26];
	uint64_t skip = UINT64_MAX, behind;

	for (size_t i = 0; i < ATHAR_COUNT(kinds); i++) {
		if (len >= kinds[i].len && memcmp(packet, kinds[i].begins, kinds[i].len) == 0)
			skip = kinds[i].len;
	}
	if (o->subtype != NULL && strcmp(o->subtype, "speex") == 0)
		skip = 0;
	else if (len >= 4 && (packet[0] & 0x7F) == 4 && strcmp(o->w->claim->subtype, "flac") == 0)
		skip = 4;
	return skip == UINT64_MAX ? ATHAR_OK
	                          : athar_vorbis_comments(&behind, o->w, at + skip, p->end, err);
}

/* Of the first stream that tells its rate; links of a chain begin anew. */
static void note_length(const ogg *o)
{
	for (size_t i = 0; i < o->count && o->link == 0; i++) {
		const stream *s = &o->streams[i];

		if (s->rate != 0 && s->samples > s->before && s->samples < UINT64_C(1) << 50)
			athar_walk_field(
				o->w, "duration_ms", "%llu",
				(unsigned long long)((s->samples - s->before) * 1000 / s->rate));
	}
}

static athar_status begin_stream(ogg *o, const page *p, const athar_bytes *bytes)
{
	if (o->open == 0) {
		o->link = o->count;
		o->begun = false;
	}
	if (o->count == STREAMS)
		return athar_walk_stop(o->w, "it has more than %u streams", STREAMS);
	if (o->begun || find_stream(o, p->serial, 0) != NULL)
		return athar_walk_stop(o->w, "another stream begins before this one ends");
	o->streams[o->count++] = (stream){.serial = p->serial, .next = p->number + 1};
	o->open++;
	name_codec(o, bytes);
	describe(o, &o->streams[o->count - 1], bytes);
	return ATHAR_OK;
}

/* A page whose CRC holds, in its place among the others. */
static athar_status take_page(ogg *o, const page *p, const athar_bytes *bytes, athar_error *err)
{
	if (p->flags & FIRST)
		ATHAR_TRY(begin_stream(o, p, bytes));
	stream *s = find_stream(o, p->serial, o->link);

	if (s == NULL || s->ended)
		return athar_walk_stop(o->w, "a page of a stream that is not open follows");
	if (!(p->flags & FIRST)) {
		o->begun = true;
		if (p->number != s->next)
			athar_walk_flaw(o->w, "page %u of a stream follows where %u should",
			                p->number, s->next);
		s->next = p->number + 1;
	}
	if (p->granule != UINT64_MAX) /* no packet ends in it */
		s->samples = p->granule;
	if (p->flags & LAST) {
		s->ended = true;
		o->open--;
	}
	athar_walk_prove(o->w, p->end);
	return p->number == 1 ? note_comments(o, p, bytes, err) : ATHAR_OK;
}

/* A page that may go on where foreign bytes broke in: of a stream that is open, its number no
 * lower than the one expected, and no higher than the bytes between have room for. */
static bool goes_on(const ogg *o, const uint8_t *head, uint64_t gap)
{
	const stream *s = NULL;

	if (!is_page(head) || (head[5] & FIRST))
		return false;
	s = find_stream(o, athar_le32(head + 14), o->link);
	return s != NULL && !s->ended && athar_le32(head + 18) - s->next <= gap / HEAD + 1;
}

/* A sound page at `at` that goes on; *bytes is valid when there is one. */
static athar_status try_page(bool *found, page *p, athar_bytes *bytes, ogg *o, uint64_t at,
                             athar_error *err)
{
	bool there = false;
	const athar_status status = read_page(p, bytes, &there, o, at, err);

	*found = false;
	if (status == ATHAR_EOF) {
		*err = (athar_error)ATHAR_ERROR_INIT;
		return ATHAR_OK;
	}
	ATHAR_TRY(status);
	if (there)
		o->searched += p->end - p->at;
	*found = there && p->sound;
	return ATHAR_OK;
}

/* The first place in a piece from *from on where a page may go on; false: none. */
static bool candidate(size_t *from, const ogg *o, const athar_bytes *b, uint64_t gap)
{
	for (size_t i = *from; i + HEAD <= b->len; i++) {
		if (b->ptr[i] == 'O' && goes_on(o, b->ptr + i, gap + i)) {
			*from = i;
			return true;
		}
	}
	return false;
}

/* Where the stream goes on behind foreign bytes, which begin at or behind `from`. */
static athar_status resume(bool *found, page *p, athar_bytes *bytes, ogg *o, uint64_t from,
                           athar_error *err)
{
	uint64_t at = from + 1;
	const uint64_t last = from + FOREIGN, size = athar_reader_size(o->w->in);

	*found = false;
	while (at < last && at + HEAD <= size && o->searched < SEARCH_FREE + SEARCH_A_BYTE * from) {
		size_t place = 0;
		athar_bytes b;

		ATHAR_TRY(athar_reader_some(&b, o->w->in, at, PIECE, err));
		o->searched += b.len;
		if (!candidate(&place, o, &b, at - from)) {
			at += b.len - HEAD + 1;
			continue;
		}
		at += place;
		ATHAR_TRY(try_page(found, p, bytes, o, at, err));
		if (*found)
			return ATHAR_OK;
		at++;
	}
	return ATHAR_OK;
}

/* No sound page is at `at`: `there`, one whose CRC does not hold. */
static athar_status pass_damage(page *p, athar_bytes *bytes, ogg *o, uint64_t at, bool there,
                                athar_error *err)
{
	bool found = false;

	if (there)
		athar_walk_flaw(o->w, "the CRC of page %u does not hold", p->number);
	else
		athar_walk_flaw(o->w, "the pages break off, and none said that it is the last");
	ATHAR_TRY(resume(&found, p, bytes, o, at, err));
	return found ? ATHAR_OK : athar_walk_stop(o->w, "no page follows");
}

/* All streams have ended at `at`. Does another link of a chain follow? Where a sector begins, it is
 * another file rather. */
static athar_status is_chained(bool *out, ogg *o, uint64_t at, athar_error *err)
{
	athar_bytes bytes;
	page p;

	*out = false;
	if (at % SECTOR == 0)
		return ATHAR_OK;
	ATHAR_TRY(try_page(out, &p, &bytes, o, at, err));
	*out = *out && (p.flags & FIRST) && find_stream(o, p.serial, 0) == NULL;
	return ATHAR_OK;
}

static athar_status header(ogg *o, uint64_t *at, athar_error *err)
{
	athar_bytes bytes;
	bool there = false;
	page p;

	ATHAR_TRY(read_page(&p, &bytes, &there, o, 0, err));
	if (!there || !p.sound || (p.flags & 3) != FIRST)
		return athar_walk_stop(o->w, "it does not begin with the first page of a stream");
	athar_walk_begin(o->w, p.end);
	*at = p.end;
	return take_page(o, &p, &bytes, err);
}

static athar_status walk(ogg *o, athar_error *err)
{
	uint64_t at = 0;
	bool more = true;

	ATHAR_TRY(header(o, &at, err));
	for (;;) {
		athar_bytes bytes;
		bool there = false;
		page p;

		if (o->open == 0)
			ATHAR_TRY(is_chained(&more, o, at, err));
		if (!more)
			break;
		ATHAR_TRY(read_page(&p, &bytes, &there, o, at, err));
		if (!there || !p.sound)
			ATHAR_TRY(pass_damage(&p, &bytes, o, at, there, err));
		ATHAR_TRY(take_page(o, &p, &bytes, err));
		at = p.end;
	}
	note_length(o);
	athar_walk_close(o->w, ATHAR_GRADE_INTACT, at,
	                 "the CRC of every page holds, none is missing, every stream says its end");
	return ATHAR_OK;
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;
	ogg o = {.w = &w};

	athar_walk_init(&w, out, in);
	crc_table(o.crc);
	o.streams = athar_alloc_array(STREAMS, sizeof *o.streams, err);
	if (o.streams == NULL)
		return ATHAR_ENOMEM;
	const athar_status status = walk(&o, err);

	free(o.streams);
	return athar_walk_settle(&w, status, err);
}

static const athar_magic magic[] = {{0, 5, {'O', 'g', 'g', 'S', 0}}, {0, 0, {0}}};

const athar_format athar_format_ogg = {
	.name = "ogg",
	.extension = "ogg",
	.mime = "application/ogg",
	.summary = "Ogg: Vorbis, Opus, FLAC and Speex sound, Theora films",
	.end = "the CRC and number of every page up to the last one of each stream",
	.best = ATHAR_GRADE_INTACT,
	.magic = magic,
	.measure = measure,
};
