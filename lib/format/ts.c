/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * MPEG transport streams (ISO/IEC 13818-1): packets of 188 bytes, with a time of 4 bytes before
 * each in cameras and on Blu-ray. Each stream in it counts its packets up to 15, tables under a CRC
 * say what the streams are, and a clock goes with them. Nothing says which packet is the last.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/endian.h"
#include "format/list.h"
#include "format/walk.h"

#define PACKET 188u
#define TIME 4u
#define PIDS 8192u
#define EMPTY 0x1FFFu
#define PROGRAMS_MOST 64u
#define PACKETS_LEAST 8u  /* with a table under a CRC: chance does not chain so many */
#define PACKETS_FIRST 64u /* of them, the first one of each stream must begin it */
#define CLOCK_GAP (UINT64_C(90000) * 10)
#define CLOCK_MASK ((UINT64_C(1) << 33) - 1)
#define UNMET 0xFFu
#define TWICE 0x10u /* in a count: the last packet came a second time */

typedef struct packet {
	const uint8_t *b;
	uint32_t pid, payload; /* where it begins; PACKET: there is none */
	bool starts;           /* something begins in it */
	bool breaks;           /* it says that counts and clock do not go on */
	bool clocked;
	uint64_t clock;
} packet;

typedef struct stream {
	athar_walk *w;
	uint64_t at, end; /* end: of the last packet of a stream that was met before */
	uint64_t packets, clock;
	uint64_t beginning, since; /* the last packet like the first one; packets since then */
	uint32_t skip;             /* bytes of the time before a packet */
	uint32_t first_pid, clock_pid;
	uint8_t first_count;
	bool tables; /* one with programs was met, and its CRC holds */
	bool inside; /* it began before this; doubt: it may have, unless this is no packet */
	bool doubt;
	uint32_t programs[PROGRAMS_MOST];
	size_t program_count;
	uint32_t crc[256];
	uint8_t count[PIDS];
} stream;

/* ---- packets ---- */

/* False: this is no packet. */
static bool read_packet(packet *p, const uint8_t *b)
{
	const unsigned kind = b[3] >> 4 & 3;
	const uint32_t extra = (kind & 2) != 0 ? b[4] + 1u : 0;

	*p = (packet){.b = b, .pid = athar_be16(b + 1) & 0x1FFF, .payload = 4 + extra};
	if (b[0] != 0x47 || (b[1] & 0x80) != 0 || kind == 0 ||
	    (kind == 2 ? p->payload != PACKET : p->payload >= PACKET))
		return false;
	p->starts = (b[1] & 0x40) != 0 && kind != 2;
	p->breaks = extra > 1 && (b[5] & 0x80) != 0;
	p->clocked = extra > 6 && (b[5] & 0x10) != 0;
	if (p->clocked)
		p->clock = (uint64_t)athar_be32(b + 6) << 1 | b[10] >> 7;
	return true;
}

/* Does the count go on? A packet may come twice, and one without payload does not count. */
static bool counts_on(stream *s, const packet *p)
{
	uint8_t *count = &s->count[p->pid];
	const uint8_t before = *count, was = before & 15, now = p->b[3] & 15;
	const bool counted = p->payload != PACKET;

	*count = now;
	if (before == UNMET || p->breaks || p->pid == EMPTY || !counted || now == (was + 1) % 16)
		return true;
	*count |= TWICE;
	return now == was && (before & TWICE) == 0;
}

static bool clock_goes_on(stream *s, const packet *p)
{
	const uint64_t before = s->clock;

	if (!p->clocked || (s->clock_pid != EMPTY && p->pid != s->clock_pid))
		return true;
	const bool first = s->clock_pid == EMPTY;

	s->clock = p->clock;
	s->clock_pid = p->pid;
	return first || p->breaks || ((p->clock - before) & CLOCK_MASK) <= CLOCK_GAP;
}

/* ---- tables ---- */

static void crc_table(uint32_t table[256])
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t c = i << 24;

		for (int bit = 0; bit < 8; bit++)
			c = c << 1 ^ (c >> 31 != 0 ? UINT32_C(0x04C11DB7) : 0);
		table[i] = c;
	}
}

/* The section that begins in this packet, if it is of this table and all of it is there. */
static const uint8_t *section(uint32_t *len, const packet *p, uint8_t table)
{
	const uint32_t at = p->payload + 1 + (p->starts ? p->b[p->payload] : PACKET);

	if (at + 3 > PACKET || p->b[at] != table || p->b[3] >> 6 != 0)
		return NULL;
	*len = 3 + (athar_be16(p->b + at + 1) & 0xFFFu);
	return *len < 16 || at + *len > PACKET ? NULL : p->b + at;
}

static bool crc_holds(stream *s, const uint8_t *b, uint32_t len)
{
	uint32_t crc = UINT32_MAX;

	for (uint32_t i = 0; i < len; i++)
		crc = crc << 8 ^ s->crc[(crc >> 24 ^ b[i]) & 0xFF];
	if (crc != 0)
		athar_walk_flaw(s->w, "the CRC of a table does not hold");
	return crc == 0;
}

static void note_codec(stream *s, uint8_t kind)
{
	static const struct {
		uint8_t kind;
		char name[8];
	} films[] = {{0x01, "MPEG-1"}, {0x02, "MPEG-2"}, {0x10, "MPEG-4"},
	             {0x1B, "AVC"},    {0x24, "HEVC"},   {0xEA, "VC-1"}};

	for (size_t i = 0; i < ATHAR_COUNT(films); i++) {
		if (films[i].kind == kind)
			athar_walk_field(s->w, "codec", "%s", films[i].name);
	}
}

static bool is_program(const stream *s, uint32_t pid)
{
	for (size_t i = 0; i < s->program_count; i++) {
		if (s->programs[i] == pid)
			return true;
	}
	return false;
}

/* Where the table of each program is. */
static void read_programs(stream *s, const uint8_t *b, uint32_t len)
{
	s->tables = true;
	for (uint32_t i = 8; i + 8 <= len; i += 4) {
		const uint32_t pid = athar_be16(b + i + 2) & 0x1FFFu;

		if (athar_be16(b + i) != 0 && !is_program(s, pid) &&
		    s->program_count < PROGRAMS_MOST)
			s->programs[s->program_count++] = pid;
	}
}

static void read_tables(stream *s, const packet *p)
{
	uint32_t len = 0;
	const uint8_t *b = NULL;

	if (p->pid == 0) {
		b = section(&len, p, 0);
		if (b != NULL && crc_holds(s, b, len))
			read_programs(s, b, len);
	} else if (p->starts && is_program(s, p->pid)) {
		b = section(&len, p, 2);
		if (b == NULL || !crc_holds(s, b, len))
			return;
		/* Its streams, behind what is said of the program. */
		for (uint32_t i = 12 + (athar_be16(b + 10) & 0xFFFu); i + 9 <= len;
		     i += 5 + (athar_be16(b + i + 3) & 0xFFFu))
			note_codec(s, b[i]);
	}
}

/* ---- the walk ---- */

/* Another stream begins with the same packet as this one. */
static void watch_beginning(stream *s, const packet *p)
{
	const uint8_t count = p->b[3] & 15;

	if (s->packets == 0) {
		s->first_pid = p->pid;
		s->first_count = count;
	}
	s->since++;
	if (p->starts && p->pid == s->first_pid && count == s->first_count) {
		s->beginning = s->at;
		s->since = 0;
	}
}

/* A packet in its place. *more false: it is of another stream. */
static void take(bool *more, stream *s, const packet *p)
{
	const bool known = s->count[p->pid] != UNMET;

	/* Else each table of a film would be found as a film. */
	if (!known && s->packets < PACKETS_FIRST && p->payload != PACKET && p->pid != EMPTY)
		s->doubt = s->doubt || !p->starts || (p->b[3] & 15) != 0;
	watch_beginning(s, p);
	const bool counts = counts_on(s, p), clock = clock_goes_on(s, p);

	if ((!counts || !clock) && s->packets >= PACKETS_LEAST && s->since < PACKETS_LEAST) {
		s->end = s->beginning < s->end ? s->beginning : s->end;
		*more = false;
		return;
	}
	if (!counts)
		athar_walk_flaw(s->w, "packets of a stream are missing at %llu",
		                (unsigned long long)s->at);
	else if (!clock)
		athar_walk_flaw(s->w, "the clock jumps at %llu", (unsigned long long)s->at);
	if (p->b[3] >> 6 != 0)
		athar_walk_field(s->w, "encrypted", "yes");
	read_tables(s, p);
	s->packets++;
	s->at += s->skip + PACKET;
	if (!known)
		return;
	s->end = s->at;
	s->inside = s->inside || s->doubt;
}

static void begin(stream *s)
{
	if (!s->w->claim->ours && s->packets >= PACKETS_LEAST && s->tables && !s->inside)
		athar_walk_begin(s->w, s->skip + PACKET);
}

static athar_status step(bool *more, stream *s, athar_error *err)
{
	athar_bytes b;
	packet p;

	*more = false;
	if (s->at == athar_reader_size(s->w->in))
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, s->w->in, s->at, s->skip + PACKET, err));
	*more = read_packet(&p, b.ptr + s->skip);
	if (*more)
		take(more, s, &p);
	if (s->packets == PACKETS_LEAST && (!s->tables || s->w->flawed))
		s->inside = true;
	if (s->inside && !s->w->claim->ours)
		*more = false;
	if (s->packets == PACKETS_FIRST)
		begin(s);
	if (*more && s->w->claim->ours && s->since >= PACKETS_LEAST)
		athar_walk_prove(s->w, s->end);
	return ATHAR_OK;
}

static athar_status walk(stream *s, athar_error *err)
{
	athar_status status = ATHAR_OK;
	bool more = true;
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, s->w->in, 0, PACKET, err));
	s->skip = b.ptr[0] == 0x47 && b.ptr[1] == 0x40 ? 0 : TIME;
	while (more && status == ATHAR_OK)
		status = step(&more, s, err);
	begin(s);
	if (!s->w->claim->ours)
		return status == ATHAR_OK ? athar_walk_stop(s->w, "no stream begins here") : status;
	if (s->skip != 0) {
		(void)snprintf(s->w->claim->subtype, sizeof s->w->claim->subtype, "m2ts");
		(void)snprintf(s->w->claim->extension, sizeof s->w->claim->extension, "m2ts");
	}
	athar_walk_prove(s->w, s->end);
	ATHAR_TRY(status);
	s->w->claim->open = true;
	return athar_walk_stop(s->w, "its packets follow one another, nothing says which is last");
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;
	stream *s = athar_alloc(sizeof *s, err);

	athar_walk_init(&w, out, in);
	if (s == NULL)
		return ATHAR_ENOMEM;
	s->w = &w;
	s->clock_pid = EMPTY;
	memset(s->count, UNMET, sizeof s->count);
	crc_table(s->crc);
	const athar_status status = walk(s, err);

	free(s);
	return athar_walk_settle(&w, status, err);
}

/* The first packet begins a table. */
static const athar_magic magic[] = {{0, 2, {0x47, 0x40}}, {4, 2, {0x47, 0x40}}, {0, 0, {0}}};

const athar_format athar_format_ts = {
	.name = "ts",
	.extension = "ts",
	.mime = "video/mp2t",
	.summary = "MPEG transport stream",
	.end = "nothing: packets that follow one another, counted and under one clock",
	.best = ATHAR_GRADE_PARTIAL,
	.magic = magic,
	.measure = measure,
};
