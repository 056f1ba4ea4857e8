/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ELF ("Tool Interface Standard: Executable and Linking Format" and its form of 64 bits): programs,
 * libraries, objects and core dumps of Unix. A header leads to a table of segments and one of
 * sections, and these to all the rest. Nothing has a checksum; that the names of all sections are
 * where one of them says proves that both ends of the file are of one.
 */
#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "format/list.h"
#include "format/walk.h"

#define IDENT 16u
#define HEAD_MOST 64u
#define OBJECT 1u
#define SHARED 3u
#define CORE 4u
#define INTERPRETER 3u /* a kind of segment */
#define NAMES 3u       /* kinds of sections: texts, and what takes no room */
#define NO_BITS 8u
#define EXTENDED 0xFFFFu
#define ENTRIES (1u << 20)
#define PIECE 512u /* entries read at once */

typedef struct table {
	uint64_t at;
	uint32_t size, count;
} table;

typedef struct elf {
	athar_walk *w;
	bool big, wide;
	uint16_t type, machine;
	uint32_t head, names; /* the header's size, the section that has the names */
	table segments, sections;
	uint32_t last_name;
	bool has_interpreter;
	uint64_t end;
} elf;

static uint32_t get16(const elf *e, const uint8_t *p)
{
	return e->big ? athar_be16(p) : athar_le16(p);
}

static uint32_t get32(const elf *e, const uint8_t *p)
{
	return e->big ? athar_be32(p) : athar_le32(p);
}

static uint64_t get64(const elf *e, const uint8_t *p)
{
	return e->big ? athar_be64(p) : athar_le64(p);
}

/* A place or a size, which has the width of the form. */
static uint64_t get_wide(const elf *e, const uint8_t *p)
{
	return e->wide ? get64(e, p) : get32(e, p);
}

static const char *machine_name(uint16_t machine)
{
	static const struct {
		uint16_t number;
		const char *name;
	} known[] = {
		{2, "sparc"},      {3, "i386"},    {8, "mips"},    {20, "powerpc"},
		{21, "powerpc64"}, {22, "s390"},   {40, "arm"},    {42, "superh"},
		{43, "sparc64"},   {50, "ia64"},   {62, "x86-64"}, {83, "avr"},
		{183, "arm64"},    {243, "riscv"}, {247, "bpf"},   {258, "loongarch"},
	};

	for (size_t i = 0; i < ATHAR_COUNT(known); i++)
		if (known[i].number == machine)
			return known[i].name;
	return "";
}

/* ---- the header ---- */

static bool is_ident(const uint8_t *h)
{
	return (h[4] == 1 || h[4] == 2) && (h[5] == 1 || h[5] == 2) && h[6] == 1 &&
	       memcmp(h + 9, "\0\0\0\0\0\0\0", 7) == 0;
}

/* What stands behind the fields whose width differs. */
static bool read_counts(elf *e, const uint8_t *c)
{
	e->head = get16(e, c);
	e->segments.size = get16(e, c + 2);
	e->segments.count = get16(e, c + 4);
	e->sections.size = get16(e, c + 6);
	e->sections.count = get16(e, c + 8);
	e->names = get16(e, c + 10);
	return e->head == (e->wide ? 64u : 52u) &&
	       (e->segments.count == 0 || e->segments.size == (e->wide ? 56u : 32u)) &&
	       (e->sections.at == 0 || e->sections.size == (e->wide ? 64u : 40u)) &&
	       (e->segments.count == 0) == (e->segments.at == 0);
}

static athar_status check_header(elf *e, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, e->w->in, 0, HEAD_MOST, err));
	const uint8_t *h = b.ptr;

	if (!is_ident(h))
		return athar_walk_stop(e->w, "its header is none");
	e->wide = h[4] == 2;
	e->big = h[5] == 2;
	e->type = (uint16_t)get16(e, h + 16);
	e->machine = (uint16_t)get16(e, h + 18);
	e->segments.at = get_wide(e, h + (e->wide ? 32 : 28));
	e->sections.at = get_wide(e, h + (e->wide ? 40 : 32));
	if (e->type < OBJECT || e->type > CORE || e->machine == 0 || get32(e, h + 20) != 1 ||
	    !read_counts(e, h + (e->wide ? 52 : 40)))
		return athar_walk_stop(e->w, "its header is none");
	e->end = e->head;
	athar_walk_begin(e->w, e->head);
	athar_walk_field(e->w, "machine", "%s", machine_name(e->machine));
	return ATHAR_OK;
}

/* ---- the tables ---- */

/* The file reaches behind this. */
static athar_status extend(elf *e, uint64_t at, uint64_t len)
{
	uint64_t end;

	if (!athar_add(at, len, &end) || end > INT64_MAX)
		return athar_walk_stop(e->w, "a part of it lies where none can");
	e->end = athar_max(e->end, end);
	return ATHAR_OK;
}

static athar_status take_segment(elf *e, const uint8_t *s)
{
	e->has_interpreter = e->has_interpreter || get32(e, s) == INTERPRETER;
	return extend(e, get_wide(e, s + (e->wide ? 8 : 4)), get_wide(e, s + (e->wide ? 32 : 16)));
}

static athar_status take_section(elf *e, const uint8_t *s)
{
	e->last_name = (uint32_t)athar_max(e->last_name, get32(e, s));
	if (get32(e, s + 4) == NO_BITS || get32(e, s + 4) == 0)
		return ATHAR_OK;
	return extend(e, get_wide(e, s + (e->wide ? 24 : 16)),
	              get_wide(e, s + (e->wide ? 32 : 20)));
}

static athar_status walk_table(elf *e, const table *t,
                               athar_status (*take)(elf *e, const uint8_t *entry), athar_error *err)
{
	ATHAR_TRY(extend(e, t->at, (uint64_t)t->count * t->size));
	for (uint32_t i = 0; i < t->count; i += PIECE) {
		const uint32_t count = (uint32_t)athar_min(t->count - i, PIECE);
		athar_bytes b;

		ATHAR_TRY(athar_reader_get(&b, e->w->in, t->at + (uint64_t)i * t->size,
		                           (size_t)count * t->size, err));
		for (uint32_t k = 0; k < count; k++)
			ATHAR_TRY(take(e, b.ptr + (size_t)k * t->size));
	}
	athar_walk_reach(e->w, e->end);
	return ATHAR_OK;
}

/* Numbers that are too large for the header are in the first section, which is none. */
static athar_status read_first(elf *e, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, e->w->in, e->sections.at, e->sections.size, err));
	const uint64_t count = get_wide(e, b.ptr + (e->wide ? 32 : 20));

	if (get32(e, b.ptr) != 0 || get32(e, b.ptr + 4) != 0)
		return athar_walk_stop(e->w, "its sections are not where its header says");
	if (e->sections.count == 0)
		e->sections.count = (uint32_t)athar_min(count, UINT32_MAX);
	if (e->names == EXTENDED)
		e->names = get32(e, b.ptr + (e->wide ? 40 : 24));
	if (e->segments.count == EXTENDED)
		e->segments.count = get32(e, b.ptr + (e->wide ? 44 : 28));
	if (e->sections.count == 0 || e->sections.count > ENTRIES || e->segments.count > ENTRIES)
		return athar_walk_stop(e->w, "it has an impossible number of parts");
	return ATHAR_OK;
}

/* The texts of the names begin and end with a NUL, and reach to the last name. */
static athar_status check_names(elf *e, athar_error *err)
{
	athar_bytes b;

	if (e->names == 0)
		return ATHAR_OK;
	if (e->names >= e->sections.count)
		return athar_walk_stop(e->w, "the names of its sections are in none");
	ATHAR_TRY(athar_reader_get(&b, e->w->in,
	                           e->sections.at + (uint64_t)e->names * e->sections.size,
	                           e->sections.size, err));
	const uint64_t at = get_wide(e, b.ptr + (e->wide ? 24 : 16));
	const uint64_t len = get_wide(e, b.ptr + (e->wide ? 32 : 20));

	if (get32(e, b.ptr + 4) != NAMES || len <= e->last_name)
		return athar_walk_stop(e->w, "the names of its sections are not there");
	ATHAR_TRY(athar_reader_get(&b, e->w->in, at, 1, err));
	const uint8_t first = b.ptr[0];

	ATHAR_TRY(athar_reader_get(&b, e->w->in, at + len - 1, 1, err));
	if (first != 0 || b.ptr[0] != 0)
		return athar_walk_stop(e->w, "the names of its sections are no names");
	return ATHAR_OK;
}

/* ---- the whole ---- */

static void set_kind(elf *e)
{
	const char *kind = "program", *extension = "elf";

	if (e->type == OBJECT)
		kind = "object", extension = "o";
	else if (e->type == CORE)
		kind = "core", extension = "core";
	else if (e->type == SHARED && !e->has_interpreter)
		kind = "library", extension = "so";
	(void)snprintf(e->w->claim->subtype, sizeof e->w->claim->subtype, "%s", kind);
	(void)snprintf(e->w->claim->extension, sizeof e->w->claim->extension, "%s", extension);
}

static athar_status close_file(elf *e, athar_error *err)
{
	const uint64_t tables = e->head + (uint64_t)e->segments.count * e->segments.size +
	                        (uint64_t)e->sections.count * e->sections.size;
	athar_bytes b;

	if (e->segments.count == 0 && e->sections.count == 0)
		return athar_walk_stop(e->w, "it has no parts");
	ATHAR_TRY(athar_reader_get(&b, e->w->in, e->end - 1, 1, err));
	e->w->claim->unseen = e->end - athar_min(tables, e->end);
	if (e->sections.count == 0)
		athar_walk_close(e->w, ATHAR_GRADE_COMPLETE, e->end,
		                 "all its segments are there; it has no sections");
	else
		athar_walk_close(e->w, ATHAR_GRADE_COMPLETE, e->end,
		                 "all its segments and sections are there, and so are their names");
	return ATHAR_OK;
}

static athar_status walk(elf *e, athar_error *err)
{
	ATHAR_TRY(check_header(e, err));
	if (e->sections.at != 0)
		ATHAR_TRY(read_first(e, err));
	else
		e->sections.count = 0;
	ATHAR_TRY(walk_table(e, &e->segments, take_segment, err));
	set_kind(e);
	if (e->sections.count != 0) {
		ATHAR_TRY(walk_table(e, &e->sections, take_section, err));
		ATHAR_TRY(check_names(e, err));
	}
	return close_file(e, err);
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;
	elf e = {.w = &w};

	athar_walk_init(&w, out, in);
	return athar_walk_settle(&w, walk(&e, err), err);
}

static const athar_magic magic[] = {{0, 4, {0x7F, 'E', 'L', 'F'}}, {0, 0, {0}}};

const athar_format athar_format_elf = {
	.name = "elf",
	.extension = "elf",
	.mime = "application/x-elf",
	.summary = "programs, libraries, objects and core dumps of Unix",
	.end = "the last of its segments, sections and tables",
	.best = ATHAR_GRADE_COMPLETE,
	.magic = magic,
	.measure = measure,
};
