/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The Compound File Binary Format ([MS-CFB]): DOC, XLS, PPT, MSG and others. A header of 512 bytes,
 * then sectors. The FAT chains sectors to streams; its own sectors are listed in the header and in
 * the chain of the DIFAT. Streams below a limit lie in sectors of 64 bytes of one stream, with a
 * FAT of their own. The directory names the streams. Nothing has a checksum; what proves such a
 * file is that all chains have just the length of their streams, and no sector is in two.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "format/list.h"
#include "format/ole_info.h"
#include "format/walk.h"

#define HEADER 512u
#define LISTED 109u /* sectors of the FAT in the header */
#define SECTORS (1u << 23)
#define ENTRY 128u
#define MINI 64u
#define MINI_MOST (1u << 20) /* of them are passed to find the summary */

#define FREE UINT32_C(0xFFFFFFFF)
#define END UINT32_C(0xFFFFFFFE)
#define OF_FAT UINT32_C(0xFFFFFFFD)
#define OF_DIFAT UINT32_C(0xFFFFFFFC)

typedef enum kind { UNUSED = 0, STORAGE = 1, STREAM = 2, ROOT = 5 } kind;

/* A table of chains, and what of it has been met. */
typedef struct table {
	uint32_t *next;
	uint8_t *met; /* a bit each */
	uint32_t count;
} table;

typedef struct entry {
	kind kind;
	uint32_t left, right, child, start;
	uint64_t size;
	bool met;
} entry;

typedef struct ole {
	athar_walk *w;
	unsigned shift; /* of a sector's size */
	uint32_t size, cutoff;
	uint32_t fat_sectors, difat_sectors, first_difat;
	uint32_t first_directory, first_mini, mini_sectors;
	uint32_t *list; /* the sectors of the FAT */
	table fat, mini;
	entry *entries;
	size_t count, capacity;
	size_t summary; /* the entry of the summary information; 0: none */
	uint64_t end;
} ole;

static uint64_t place(const ole *o, uint32_t sector)
{
	return ((uint64_t)sector + 1) << o->shift;
}

/* False: it has been met already, or is none. */
static bool meet(table *t, uint32_t index)
{
	if (index >= t->count || (t->met[index / 8] >> index % 8 & 1) != 0)
		return false;
	t->met[index / 8] = (uint8_t)(t->met[index / 8] | 1u << index % 8);
	return true;
}

static athar_status table_init(table *t, uint32_t count, athar_error *err)
{
	t->count = count;
	t->next = athar_alloc_array((size_t)count + 1, sizeof *t->next, err);
	t->met = athar_alloc((size_t)count / 8 + 1, err);
	return t->next == NULL || t->met == NULL ? err->status : ATHAR_OK;
}

/* ---- the header ---- */

static bool header_fits(const uint8_t *h)
{
	const uint16_t version = athar_le16(h + 26), shift = athar_le16(h + 30);

	return ((version == 3 && shift == 9) || (version == 4 && shift == 12)) &&
	       athar_le16(h + 28) == 0xFFFE && athar_le16(h + 32) == 6 &&
	       memcmp(h + 34, "\0\0\0\0\0\0", 6) == 0 && athar_le32(h + 56) == 4096;
}

static athar_status header(ole *o, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, o->w->in, 0, HEADER, err));
	const uint8_t *h = b.ptr;

	if (!header_fits(h))
		return athar_walk_stop(o->w, "its header is none");
	o->shift = athar_le16(h + 30);
	o->size = 1u << o->shift;
	o->fat_sectors = athar_le32(h + 44);
	o->first_directory = athar_le32(h + 48);
	o->cutoff = athar_le32(h + 56);
	o->first_mini = athar_le32(h + 60);
	o->mini_sectors = athar_le32(h + 64);
	o->first_difat = athar_le32(h + 68);
	o->difat_sectors = athar_le32(h + 72);
	const uint64_t room = athar_reader_size(o->w->in) >> o->shift;

	if (o->fat_sectors == 0 || o->fat_sectors > SECTORS >> (o->shift - 2) ||
	    o->fat_sectors > room || o->difat_sectors > o->fat_sectors)
		return athar_walk_stop(o->w, "its header counts what cannot be");
	athar_walk_begin(o->w, HEADER);
	return ATHAR_OK;
}

/* ---- the FAT ---- */

static athar_status sector(athar_bytes *out, ole *o, uint32_t index, athar_error *err)
{
	return athar_reader_get(out, o->w->in, place(o, index), o->size, err);
}

/* The list of the FAT's sectors goes on in the DIFAT, the last number of each of whose sectors
 * leads to the next. */
static athar_status list_fat(ole *o, athar_error *err)
{
	const uint32_t each = o->size / 4 - 1;
	uint32_t have = (uint32_t)athar_min(o->fat_sectors, LISTED), next = o->first_difat;
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, o->w->in, 76, LISTED * 4, err));
	for (uint32_t i = 0; i < have; i++)
		o->list[i] = athar_le32(b.ptr + 4 * i);
	for (uint32_t n = 0; have < o->fat_sectors; n++) {
		if (n == o->difat_sectors || next >= SECTORS)
			return athar_walk_stop(o->w, "the list of its FAT breaks off");
		ATHAR_TRY(sector(&b, o, next, err));
		for (uint32_t i = 0; i < each && have < o->fat_sectors; i++)
			o->list[have++] = athar_le32(b.ptr + 4 * i);
		next = athar_le32(b.ptr + 4 * each);
	}
	return ATHAR_OK;
}

static bool may_follow(uint32_t value, uint32_t count)
{
	return value < count || value >= OF_DIFAT;
}

static athar_status read_fat(ole *o, athar_error *err)
{
	const uint32_t each = o->size / 4;

	for (uint32_t i = 0; i < o->fat_sectors; i++) {
		athar_bytes b;

		if (o->list[i] >= o->fat.count)
			return athar_walk_stop(o->w, "its FAT lies where no sector can be");
		ATHAR_TRY(sector(&b, o, o->list[i], err));
		for (uint32_t k = 0; k < each; k++) {
			const uint32_t value = athar_le32(b.ptr + 4 * k);

			o->fat.next[i * each + k] = value;
			if (!may_follow(value, o->fat.count))
				return athar_walk_stop(o->w, "at %llu its FAT is damaged",
				                       (unsigned long long)b.origin);
		}
	}
	return ATHAR_OK;
}

/* The sectors of the FAT are marked as such in it; those of the DIFAT likewise. */
static athar_status check_own(ole *o, athar_error *err)
{
	uint32_t next = o->first_difat;

	for (uint32_t i = 0; i < o->fat_sectors; i++) {
		if (!meet(&o->fat, o->list[i]) || o->fat.next[o->list[i]] != OF_FAT)
			return athar_walk_stop(o->w, "its FAT does not know its own sectors");
	}
	for (uint32_t i = 0; i < o->difat_sectors; i++) {
		athar_bytes b;

		if (!meet(&o->fat, next) || o->fat.next[next] != OF_DIFAT)
			return athar_walk_stop(o->w,
			                       "its FAT does not know the list of its sectors");
		ATHAR_TRY(sector(&b, o, next, err));
		next = athar_le32(b.ptr + o->size - 4);
	}
	return ATHAR_OK;
}

static athar_status load_fat(ole *o, athar_error *err)
{
	uint32_t last = 0;

	o->list = athar_alloc_array(o->fat_sectors, sizeof *o->list, err);
	if (o->list == NULL)
		return err->status;
	ATHAR_TRY(list_fat(o, err));
	ATHAR_TRY(table_init(&o->fat, o->fat_sectors * (o->size / 4), err));
	ATHAR_TRY(read_fat(o, err));
	ATHAR_TRY(check_own(o, err));
	for (uint32_t i = 0; i < o->fat.count; i++) {
		if (o->fat.next[i] != FREE)
			last = i;
	}
	o->end = place(o, last + 1);
	return ATHAR_OK;
}

/* ---- chains ---- */

/* A chain from `start` on, which must have `want` sectors at least: some writers keep a few more.
 */
static athar_status chain(uint64_t *count, table *t, ole *o, uint32_t start, uint64_t want)
{
	*count = 0;
	for (uint32_t at = start; at != END; at = t->next[at], ++*count) {
		if (!meet(t, at))
			return athar_walk_stop(o->w, "chains cross, or lead nowhere");
	}
	return *count >= want ? ATHAR_OK
	                      : athar_walk_stop(o->w, "a chain is shorter than its stream");
}

/* The sectors of the small FAT, one behind the other, and as many entries as the stream of small
 * sectors has. */
static athar_status load_mini(ole *o, uint64_t stream, athar_error *err)
{
	const uint32_t each = o->size / 4;
	uint64_t count = 0;
	uint32_t at = o->first_mini;

	ATHAR_TRY(chain(&count, &o->fat, o, at, o->mini_sectors));
	const uint64_t most = athar_min(count * each, (stream + MINI - 1) / MINI);

	ATHAR_TRY(table_init(&o->mini, (uint32_t)most, err));
	for (uint32_t i = 0; i < most; at = o->fat.next[at], i += each) {
		athar_bytes b;

		ATHAR_TRY(sector(&b, o, at, err));
		for (uint32_t k = 0; k < each && i + k < most; k++)
			o->mini.next[i + k] = athar_le32(b.ptr + 4 * k);
	}
	return ATHAR_OK;
}

/* ---- the directory ---- */

static const struct known {
	const char *name, *subtype;
} known[] = {
	{"WordDocument", "doc"},
	{"Workbook", "xls"},
	{"Book", "xls"},
	{"PowerPoint Document", "ppt"},
	{"__properties_version1.0", "msg"},
	{"VisioDocument", "vsd"},
};

/* Names are UTF-16; those that tell are ASCII. */
static bool is_named(const char *ascii, const uint8_t *name, size_t units)
{
	const size_t len = strlen(ascii);
	size_t k = 0;

	while (k < len && units == len && athar_le16(name + 2 * k) == (uint8_t)ascii[k])
		k++;
	return k == len;
}

static void name_kind(athar_claim *claim, const uint8_t *name, size_t units)
{
	for (size_t i = 0; i < ATHAR_COUNT(known); i++) {
		if (!is_named(known[i].name, name, units))
			continue;
		(void)snprintf(claim->subtype, sizeof claim->subtype, "%s", known[i].subtype);
		(void)snprintf(claim->extension, sizeof claim->extension, "%s", known[i].subtype);
	}
}

static bool read_entry(entry *e, ole *o, const uint8_t *p)
{
	const uint16_t len = athar_le16(p + 64);

	*e = (entry){.kind = (kind)p[66], .left = athar_le32(p + 68)};
	e->right = athar_le32(p + 72);
	e->child = athar_le32(p + 76);
	e->start = athar_le32(p + 116);
	e->size = o->shift == 9 ? athar_le32(p + 120) : athar_le64(p + 120);
	if (e->kind == UNUSED)
		return true;
	if (e->kind != STORAGE && e->kind != STREAM && e->kind != ROOT)
		return false;
	if (p[67] > 1 || len < 2 || len > 64 || len % 2 != 0 || athar_le16(p + len - 2) != 0)
		return false;
	name_kind(o->w->claim, p, len / 2u - 1);
	if (o->summary == 0 && is_named("\5SummaryInformation", p, len / 2u - 1))
		o->summary = o->count;
	return true;
}

static athar_status read_directory(ole *o, athar_error *err)
{
	const uint32_t each = o->size / ENTRY;
	uint32_t at = o->first_directory;
	uint64_t sectors = 0;

	ATHAR_TRY(chain(&sectors, &o->fat, o, at, 1));
	for (; sectors != 0; sectors--, at = o->fat.next[at]) {
		athar_bytes b;

		ATHAR_TRY(sector(&b, o, at, err));
		ATHAR_TRY(athar_grow(&o->entries, &o->capacity, o->count + each, sizeof *o->entries,
		                     err));
		for (uint32_t i = 0; i < each; i++, o->count++) {
			if (!read_entry(&o->entries[o->count], o, b.ptr + (size_t)ENTRY * i))
				return athar_walk_stop(
					o->w, "at %llu its directory is damaged",
					(unsigned long long)(place(o, at) + ENTRY * i));
		}
	}
	return o->entries[0].kind == ROOT ? ATHAR_OK
	                                  : athar_walk_stop(o->w, "its directory has no root");
}

/* Notes one more entry of the tree. False: it is in the tree already, or is none. */
static bool push(ole *o, uint32_t *stack, size_t *depth, uint32_t index)
{
	if (index == FREE)
		return true;
	if (index >= o->count || o->entries[index].met || o->entries[index].kind == UNUSED)
		return false;
	o->entries[index].met = true;
	stack[(*depth)++] = index;
	return true;
}

/* The tree leads to each entry in use once. */
static athar_status check_tree(ole *o, athar_error *err)
{
	ATHAR_AUTO(free) uint32_t *stack = athar_alloc_array(o->count, sizeof *stack, err);
	size_t depth = 0;

	if (stack == NULL)
		return err->status;
	bool good = push(o, stack, &depth, 0);

	while (depth != 0 && good) {
		const entry *e = &o->entries[stack[--depth]];

		good = push(o, stack, &depth, e->left) && push(o, stack, &depth, e->right) &&
		       push(o, stack, &depth, e->child);
	}
	for (size_t i = 0; i < o->count; i++)
		good = good && (o->entries[i].kind == UNUSED || o->entries[i].met);
	return good ? ATHAR_OK : athar_walk_stop(o->w, "the tree of its directory does not hold");
}

static athar_status check_streams(ole *o)
{
	uint64_t count = 0;

	for (size_t i = 1; i < o->count; i++) {
		const entry *e = &o->entries[i];

		if (e->kind != STREAM || e->size == 0)
			continue;
		if (e->size >= o->cutoff)
			ATHAR_TRY(chain(&count, &o->fat, o, e->start,
			                (e->size + o->size - 1) >> o->shift));
		else
			ATHAR_TRY(
				chain(&count, &o->mini, o, e->start, (e->size + MINI - 1) / MINI));
	}
	return ATHAR_OK;
}

/* ---- what it says of itself ---- */

/* Where the piece of a stream in the mini sectors lies: inside the root's own stream. */
static uint64_t mini_place(const ole *o, uint32_t mini)
{
	const uint64_t at = (uint64_t)mini * MINI;
	uint32_t sector = o->entries[0].start;

	for (uint64_t n = at >> o->shift; n != 0 && sector < o->fat.count; n--)
		sector = o->fat.next[sector];
	return place(o, sector) + at % o->size;
}

/* The chains have been checked: none leads out of its table. */
static athar_status note_summary(ole *o, athar_error *err)
{
	const entry *e = &o->entries[o->summary];
	const bool small = e->size < o->cutoff;
	const table *t = small ? &o->mini : &o->fat;
	const size_t len = (size_t)athar_min(e->size, ATHAR_OLE_INFO);
	uint8_t bytes[ATHAR_OLE_INFO];
	uint32_t at = e->start;
	athar_bytes b;

	if (o->summary == 0 || e->kind != STREAM || (small && at > MINI_MOST))
		return ATHAR_OK;
	for (size_t n = 0; n < len && at < t->count && (!small || at <= MINI_MOST);
	     n += b.len, at = t->next[at]) {
		const size_t piece = (size_t)athar_min(small ? MINI : o->size, len - n);

		ATHAR_TRY(athar_reader_get(&b, o->w->in, small ? mini_place(o, at) : place(o, at),
		                           piece, err));
		memcpy(bytes + n, b.ptr, piece);
		if (n + piece == len)
			athar_ole_info(o->w, bytes, len);
	}
	return ATHAR_OK;
}

/* Where the range ends before a file whose FAT could reach past it, it is cut. */
static athar_status load_all(ole *o, athar_error *err)
{
	const uint64_t size = athar_reader_size(o->w->in);
	const athar_status status = load_fat(o, err);

	if (status == ATHAR_EOF && (uint64_t)o->fat_sectors * o->size / 4 << o->shift >= size)
		athar_walk_reach(o->w, size);
	ATHAR_TRY(status);
	athar_walk_reach(o->w, o->end);
	return ATHAR_OK;
}

static athar_status walk(ole *o, athar_error *err)
{
	uint64_t count = 0;

	ATHAR_TRY(header(o, err));
	ATHAR_TRY(load_all(o, err));
	ATHAR_TRY(read_directory(o, err));
	const entry *root = &o->entries[0];

	ATHAR_TRY(load_mini(o, root->size, err));
	if (root->size != 0)
		ATHAR_TRY(chain(&count, &o->fat, o, root->start,
		                (root->size + o->size - 1) >> o->shift));
	ATHAR_TRY(check_tree(o, err));
	ATHAR_TRY(check_streams(o));
	if (o->end > athar_reader_size(o->w->in))
		return ATHAR_EOF;
	ATHAR_TRY(note_summary(o, err));
	athar_walk_close(o->w, ATHAR_GRADE_COMPLETE, o->end,
	                 "all chains have the length of their streams, and none cross");
	o->w->claim->alike = true; /* what the streams hold is not looked at */
	return ATHAR_OK;
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;
	ole o = {.w = &w};

	athar_walk_init(&w, out, in);
	const athar_status status = walk(&o, err);

	free(o.list);
	free(o.fat.next);
	free(o.fat.met);
	free(o.mini.next);
	free(o.mini.met);
	free(o.entries);
	return athar_walk_settle(&w, status, err);
}

static const athar_magic magic[] = {{0, 8, {0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1}},
                                    {0, 0, {0}}};

const athar_format athar_format_ole = {
	.name = "ole",
	.extension = "ole",
	.mime = "application/x-ole-storage",
	.summary = "compound files: DOC, XLS, PPT, MSG",
	.end = "the last sector in use, with chains as long as their streams that never cross",
	.best = ATHAR_GRADE_COMPLETE,
	.magic = magic,
	.measure = measure,
};
