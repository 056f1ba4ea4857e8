/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mach-O (<mach-o/loader.h>, <mach-o/fat.h>): programs, libraries and objects of macOS and iOS. A
 * header is followed by commands, which place segments, symbols and other parts in the file. Fat
 * files have several such, one for each processor, behind a table. Nothing has a checksum outside
 * of signatures.
 */
#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "format/list.h"
#include "format/walk.h"

#define FAT 0xCAFEBABEu
#define FAT_WIDE 0xCAFEBABFu
#define FAT_MOST 30u /* a class of Java begins so too, and has 45 or more here */
#define COMMANDS_MOST (1u << 20)
#define WIDE_CPU 0x01000000u
#define LAST_KIND 12u

#define SEGMENT 0x01u
#define SYMBOLS 0x02u
#define DYNAMIC_SYMBOLS 0x0Bu
#define SEGMENT_WIDE 0x19u
#define INFO 0x22u
#define INFO_ONLY 0x80000022u

typedef struct macho {
	athar_walk *w;
	bool big, wide;
	uint64_t start; /* of this part in a fat file */
	uint32_t cpu, kind, count, size;
	uint64_t end; /* from its start */
	uint64_t tables;
} macho;

static uint32_t get32(const macho *m, const uint8_t *p)
{
	return m->big ? athar_be32(p) : athar_le32(p);
}

static uint64_t get64(const macho *m, const uint8_t *p)
{
	return m->big ? athar_be64(p) : athar_le64(p);
}

static const char *machine_name(uint32_t cpu)
{
	switch (cpu) {
	case 7:
		return "i386";
	case 7 | WIDE_CPU:
		return "x86-64";
	case 12:
		return "arm";
	case 12 | WIDE_CPU:
		return "arm64";
	case 12 | WIDE_CPU << 1:
		return "arm64_32";
	case 18:
		return "powerpc";
	case 18 | WIDE_CPU:
		return "powerpc64";
	default:
		return NULL;
	}
}

/* ---- commands ---- */

static athar_status extend(macho *m, uint64_t at, uint64_t len)
{
	uint64_t end;

	if (len == 0)
		return ATHAR_OK;
	if (!athar_add(at, len, &end) || end > INT64_MAX)
		return athar_walk_stop(m->w, "a part of it lies where none can");
	m->end = athar_max(m->end, end);
	return ATHAR_OK;
}

/* The sections of an object have relocations behind them, which are in no segment. */
static athar_status take_sections(macho *m, const uint8_t *c, uint32_t size, uint32_t head)
{
	const uint32_t each = m->wide ? 80 : 68, at = m->wide ? 56 : 48;
	const uint64_t count = get32(m, c + head - 8);

	if (count * each > size - head)
		return athar_walk_stop(m->w, "a segment has more sections than there is room for");
	for (uint64_t i = 0; i < count; i++) {
		const uint8_t *s = c + head + i * each;

		ATHAR_TRY(extend(m, get32(m, s + at), (uint64_t)get32(m, s + at + 4) * 8));
	}
	return ATHAR_OK;
}

static athar_status take_segment(macho *m, const uint8_t *c, uint32_t size)
{
	const uint32_t head = m->wide ? 72 : 56;

	if (size < head)
		return athar_walk_stop(m->w, "a command is shorter than what it tells");
	ATHAR_TRY(extend(m, m->wide ? get64(m, c + 40) : get32(m, c + 32),
	                 m->wide ? get64(m, c + 48) : get32(m, c + 36)));
	return take_sections(m, c, size, head);
}

static athar_status take_symbols(macho *m, const uint8_t *c, uint32_t size)
{
	if (size < 24)
		return athar_walk_stop(m->w, "a command is shorter than what it tells");
	ATHAR_TRY(extend(m, get32(m, c + 8), (uint64_t)get32(m, c + 12) * (m->wide ? 16 : 12)));
	return extend(m, get32(m, c + 16), get32(m, c + 20));
}

static athar_status take_dynamic(macho *m, const uint8_t *c, uint32_t size)
{
	/* Where the place of each of six tables is in the command, and the size of an entry. */
	static const uint8_t tables[6][2] = {{32, 8}, {40, 56}, {48, 4}, {56, 4}, {64, 8}, {72, 8}};

	if (size < 80)
		return athar_walk_stop(m->w, "a command is shorter than what it tells");
	for (size_t i = 0; i < 6; i++)
		ATHAR_TRY(extend(m, get32(m, c + tables[i][0]),
		                 (uint64_t)get32(m, c + tables[i][0] + 4) * tables[i][1]));
	return ATHAR_OK;
}

/* Five pairs of place and size. */
static athar_status take_info(macho *m, const uint8_t *c, uint32_t size)
{
	if (size < 48)
		return athar_walk_stop(m->w, "a command is shorter than what it tells");
	for (size_t i = 8; i < 48; i += 8)
		ATHAR_TRY(extend(m, get32(m, c + i), get32(m, c + i + 4)));
	return ATHAR_OK;
}

/* Commands that only place something among what links use; signatures are one of them. */
static bool places_data(uint32_t command)
{
	switch (command) {
	case 0x1D:
	case 0x1E:
	case 0x26:
	case 0x29:
	case 0x2B:
	case 0x2E:
	case 0x80000033:
	case 0x80000034:
		return true;
	default:
		return false;
	}
}

static athar_status take_command(macho *m, const uint8_t *c, uint32_t size)
{
	const uint32_t command = get32(m, c);

	if (command == (m->wide ? SEGMENT_WIDE : SEGMENT))
		return take_segment(m, c, size);
	if (command == SYMBOLS)
		return take_symbols(m, c, size);
	if (command == DYNAMIC_SYMBOLS)
		return take_dynamic(m, c, size);
	if (command == INFO || command == INFO_ONLY)
		return take_info(m, c, size);
	if (places_data(command) && size >= 16)
		return extend(m, get32(m, c + 8), get32(m, c + 12));
	return ATHAR_OK;
}

static athar_status walk_commands(macho *m, athar_error *err)
{
	const uint32_t head = m->wide ? 32 : 28;
	uint32_t at = 0, n = 0;
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, m->w->in, m->start + head, m->size, err));
	for (; n < m->count && m->size - at >= 8; n++) {
		const uint32_t size = get32(m, b.ptr + at + 4);

		if (size < 8 || size % 4 != 0 || size > m->size - at)
			break;
		ATHAR_TRY(take_command(m, b.ptr + at, size));
		at += size;
	}
	if (n != m->count || at != m->size)
		return athar_walk_stop(m->w, "its commands do not fill their room");
	ATHAR_TRY(extend(m, 0, (uint64_t)head + m->size));
	m->tables += (uint64_t)head + m->size;
	return ATHAR_OK;
}

/* ---- one part ---- */

static bool read_magic(macho *m, const uint8_t *h)
{
	const uint32_t magic = athar_be32(h);

	m->big = magic == 0xFEEDFACE || magic == 0xFEEDFACF;
	m->wide = magic == 0xFEEDFACF || magic == 0xCFFAEDFE;
	return m->big || magic == 0xCEFAEDFE || magic == 0xCFFAEDFE;
}

/* The header at the start of this part. False in *good: it is none. */
static athar_status read_header(bool *good, macho *m, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, m->w->in, m->start, 28, err));
	*good = read_magic(m, b.ptr);
	m->cpu = get32(m, b.ptr + 4);
	m->kind = get32(m, b.ptr + 12);
	m->count = get32(m, b.ptr + 16);
	m->size = get32(m, b.ptr + 20);
	m->end = 0;
	*good = *good && machine_name(m->cpu) != NULL && m->kind != 0 && m->kind <= LAST_KIND &&
	        m->size >= 8 && m->size <= COMMANDS_MOST && m->count != 0 &&
	        m->count <= m->size / 8;
	return ATHAR_OK;
}

static void set_kind(macho *m)
{
	const bool library = m->kind == 6, object = m->kind == 1, bundle = m->kind == 8;

	(void)snprintf(m->w->claim->subtype, sizeof m->w->claim->subtype, "%s",
	               library  ? "library"
	               : object ? "object"
	               : bundle ? "bundle"
	                        : "program");
	(void)snprintf(m->w->claim->extension, sizeof m->w->claim->extension, "%s",
	               library  ? "dylib"
	               : object ? "o"
	                        : "macho");
}

static athar_status close_at(macho *m, uint64_t end, athar_error *err)
{
	athar_bytes b;

	athar_walk_reach(m->w, end);
	ATHAR_TRY(athar_reader_get(&b, m->w->in, end - 1, 1, err));
	m->w->claim->unseen = end - athar_min(m->tables, end);
	athar_walk_close(m->w, ATHAR_GRADE_COMPLETE, end,
	                 "its commands fill their room, and all they place in the file is there");
	return ATHAR_OK;
}

static athar_status thin(macho *m, athar_error *err)
{
	bool good = false;

	ATHAR_TRY(read_header(&good, m, err));
	if (!good)
		return athar_walk_stop(m->w, "its header is none");
	athar_walk_begin(m->w, m->wide ? 32 : 28);
	set_kind(m);
	athar_walk_field(m->w, "machine", "%s", machine_name(m->cpu));
	ATHAR_TRY(walk_commands(m, err));
	return close_at(m, m->end, err);
}

/* ---- fat files ---- */

typedef struct slice {
	uint32_t cpu;
	uint64_t at, len;
} slice;

static slice read_slice(const uint8_t *p, bool wide)
{
	return (slice){athar_be32(p), wide ? athar_be64(p + 8) : athar_be32(p + 8),
	               wide ? athar_be64(p + 16) : athar_be32(p + 12)};
}

/* A part: its own header, for the same processor, and nothing of it outside of its room. */
static athar_status check_slice(macho *m, const slice *s, athar_error *err)
{
	bool good = false;

	m->start = s->at;
	ATHAR_TRY(read_header(&good, m, err));
	if (!good || m->cpu != s->cpu)
		return athar_walk_stop(m->w, "where its table has a part, none begins");
	ATHAR_TRY(walk_commands(m, err));
	if (m->end > s->len)
		return athar_walk_stop(m->w, "a part is larger than its table says");
	return ATHAR_OK;
}

/* Its parts, which lie one behind the other; the names of their processors. */
static athar_status fat(macho *m, bool wide, athar_error *err)
{
	const uint32_t each = wide ? 32 : 20;
	char names[80] = "";
	athar_bytes b;
	slice s[FAT_MOST];

	ATHAR_TRY(athar_reader_get(&b, m->w->in, 4, 4, err));
	const uint32_t count = athar_be32(b.ptr);
	uint64_t end = 8 + (uint64_t)count * each;

	if (count == 0 || count > FAT_MOST)
		return athar_walk_stop(m->w, "it has an impossible number of parts");
	ATHAR_TRY(athar_reader_get(&b, m->w->in, 8, (size_t)count * each, err));
	for (uint32_t i = 0; i < count; i++) {
		s[i] = read_slice(b.ptr + (size_t)i * each, wide);
		if (machine_name(s[i].cpu) == NULL || s[i].at < end || s[i].len < 28 ||
		    s[i].at > INT64_MAX / 2 || s[i].len > INT64_MAX / 2)
			return athar_walk_stop(m->w, "its table makes no sense");
		end = s[i].at + s[i].len;
		(void)snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s",
		               i == 0 ? "" : " ", machine_name(s[i].cpu));
	}
	m->tables = 8 + (uint64_t)count * each;
	athar_walk_begin(m->w, m->tables);
	athar_walk_field(m->w, "machine", "%s", names);
	for (uint32_t i = 0; i < count; i++)
		ATHAR_TRY(check_slice(m, &s[i], err));
	set_kind(m);
	return close_at(m, end, err);
}

static athar_status walk(macho *m, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, m->w->in, 0, 4, err));
	const uint32_t magic = athar_be32(b.ptr);

	return magic == FAT || magic == FAT_WIDE ? fat(m, magic == FAT_WIDE, err) : thin(m, err);
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;
	macho m = {.w = &w};

	athar_walk_init(&w, out, in);
	return athar_walk_settle(&w, walk(&m, err), err);
}

/* The first byte of a fat file's table follows: there are few parts. */
static const athar_magic magic[] = {
	{0, 4, {0xFE, 0xED, 0xFA, 0xCE}},
	{0, 4, {0xFE, 0xED, 0xFA, 0xCF}},
	{0, 4, {0xCE, 0xFA, 0xED, 0xFE}},
	{0, 4, {0xCF, 0xFA, 0xED, 0xFE}},
	{0, 7, {0xCA, 0xFE, 0xBA, 0xBE, 0, 0, 0}},
	{0, 7, {0xCA, 0xFE, 0xBA, 0xBF, 0, 0, 0}},
	{0, 0, {0}},
};

const athar_format athar_format_macho = {
	.name = "macho",
	.extension = "macho",
	.mime = "application/x-mach-binary",
	.summary = "programs, libraries and objects of macOS and iOS",
	.end = "the last part that its commands place in it",
	.best = ATHAR_GRADE_COMPLETE,
	.magic = magic,
	.measure = measure,
};
