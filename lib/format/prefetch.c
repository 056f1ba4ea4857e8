/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prefetch files of Windows (libscca: "Windows Prefetch File format"): what a program loads when it
 * starts, and when it did. A header and four sections, one behind the other: files, pages, the
 * names of the files, volumes. Since Windows 10 all that is packed by XPRESS, as one stream whose
 * end only unpacking tells.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "format/list.h"
#include "format/windows.h"
#include "inflate/unpack.h"

#define HEADER 84u
#define INFO_MOST 308u
#define PACKED_HEAD 8u
#define PACKED_MOST (1u << 20) /* what a reader hands out at once */
#define SIZE_MOST (8u << 20)
#define PIECE 65536u
#define PAD 16u /* what may lie between two sections */

typedef struct kind {
	uint32_t version, info;      /* where the first section begins */
	uint32_t file, page, volume; /* bytes of one entry */
	uint32_t last_run, runs;
} kind;

static const kind kinds[] = {
	{17, 152, 20, 12, 40, 120, 144},                                  /* Windows XP */
	{23, 240, 32, 12, 104, 128, 152},                                 /* Vista, 7 */
	{26, 304, 32, 12, 104, 128, 208},                                 /* 8.1 */
	{30, 304, 32, 8, 96, 128, 208},                                   /* 10 */
	{30, 296, 32, 8, 96, 128, 200},   {31, 296, 32, 8, 96, 128, 200}, /* 10, 11 */
};

typedef struct section {
	uint32_t at, len;
} section;

typedef struct prefetch {
	athar_walk *w;
	const kind *kind;
	const uint8_t *bytes; /* all of it, unpacked */
	uint32_t size;
	section files, pages, names, volumes;
	uint32_t file_count, volume_count;
} prefetch;

static const kind *find_kind(const uint8_t *head)
{
	for (size_t i = 0; i < ATHAR_COUNT(kinds); i++)
		if (kinds[i].version == athar_le32(head) &&
		    kinds[i].info == athar_le32(head + HEADER))
			return &kinds[i];
	return NULL;
}

/* Its version, its mark, and a first section that begins where the version has it. */
static bool is_header(const uint8_t *head)
{
	const uint32_t size = athar_le32(head + 12);

	return memcmp(head + 4, "SCCA", 4) == 0 && size > INFO_MOST && size <= SIZE_MOST &&
	       find_kind(head) != NULL;
}

/* ---- the sections ---- */

static bool read_section(section *out, const uint8_t *at, uint64_t entry)
{
	const uint64_t len = athar_le32(at + 4) * entry;

	*out = (section){athar_le32(at), (uint32_t)len};
	return len <= SIZE_MOST;
}

/* Does one end where the other begins, but for a few bytes? */
static bool follows(const section *first, uint64_t at)
{
	const uint64_t end = (uint64_t)first->at + first->len;

	return end <= at && at - end < PAD;
}

static bool sections_fill_it(prefetch *p)
{
	const uint8_t *info = p->bytes + HEADER;

	p->file_count = athar_le32(info + 4);
	p->volume_count = athar_le32(info + 28);
	p->volumes = (section){athar_le32(info + 24), athar_le32(info + 32)};
	return read_section(&p->files, info, p->kind->file) &&
	       read_section(&p->pages, info + 8, p->kind->page) &&
	       read_section(&p->names, info + 16, 1) && follows(&p->files, p->pages.at) &&
	       follows(&p->pages, p->names.at) && follows(&p->names, p->volumes.at) &&
	       follows(&p->volumes, p->size);
}

/* Is there text of `len` characters at `at` of the section, and its NUL? */
static bool has_text(const prefetch *p, const section *s, uint64_t at, uint64_t len)
{
	return at <= s->len && len < s->len / 2 && athar_inside(at, 2 * len + 2, s->len) &&
	       athar_le16(p->bytes + s->at + at + 2 * len) == 0;
}

static bool names_fit(const prefetch *p)
{
	const uint32_t place = p->kind->version == 17 ? 8 : 12;

	for (uint32_t i = 0; i < p->file_count; i++) {
		const uint8_t *file = p->bytes + p->files.at + (size_t)i * p->kind->file;

		if (!has_text(p, &p->names, athar_le32(file + place), athar_le32(file + place + 4)))
			return false;
	}
	return true;
}

static bool volumes_fit(const prefetch *p)
{
	if ((uint64_t)p->volume_count * p->kind->volume > p->volumes.len)
		return false;
	for (uint32_t i = 0; i < p->volume_count; i++) {
		const uint8_t *v = p->bytes + p->volumes.at + (size_t)i * p->kind->volume;

		if (!has_text(p, &p->volumes, athar_le32(v), athar_le32(v + 4)) ||
		    !athar_inside(athar_le32(v + 20), athar_le32(v + 24), p->volumes.len))
			return false;
	}
	return true;
}

/* ---- the whole ---- */

static void note_fields(prefetch *p)
{
	const uint8_t *b = p->bytes;

	athar_windows_text(p->w, "name", b + 16, 60);
	athar_walk_field(p->w, "version", "%u", p->kind->version);
	athar_walk_field(p->w, "count", "%u", athar_le32(b + p->kind->runs));
	athar_windows_time(p->w, "modified", athar_le64(b + p->kind->last_run));
}

static void judge(prefetch *p, uint64_t length, const char *how)
{
	athar_walk_reach(p->w, length);
	if (!sections_fill_it(p)) {
		athar_walk_flaw(p->w, "its sections do not follow one another to its end");
	} else if (!names_fit(p) || !volumes_fit(p)) {
		athar_walk_flaw(p->w, "what it says of files and volumes does not fit their names");
	} else {
		p->w->claim->unseen = athar_min(length, (uint64_t)p->pages.len + p->volumes.len);
		if (p->volume_count != 0)
			athar_walk_field(p->w, "serial", "%08x",
			                 athar_le32(p->bytes + p->volumes.at + 16));
	}
	athar_walk_close(p->w, ATHAR_GRADE_COMPLETE, length, "%s", how);
}

static athar_status load(uint8_t *out, athar_walk *w, uint32_t size, athar_error *err)
{
	for (uint32_t at = 0; at < size;) {
		athar_bytes b;

		ATHAR_TRY(athar_reader_some(&b, w->in, at, athar_min(size - at, PIECE), err));
		memcpy(out + at, b.ptr, b.len);
		at += (uint32_t)b.len;
		athar_walk_reach(w, at);
	}
	return ATHAR_OK;
}

static athar_status plain(prefetch *p, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, p->w->in, 0, INFO_MOST, err));
	if (!is_header(b.ptr))
		return athar_walk_stop(p->w, "its header is none");
	p->kind = find_kind(b.ptr);
	p->size = athar_le32(b.ptr + 12);
	p->bytes = b.ptr;
	athar_walk_begin(p->w, HEADER);
	note_fields(p);
	ATHAR_AUTO(free) uint8_t *all = athar_alloc(p->size, err);
	if (all == NULL)
		return err->status;
	ATHAR_TRY(load(all, p->w, p->size, err));
	p->bytes = all;
	judge(p, p->size, "its sections fill its size, and its names lie where its files say");
	return ATHAR_OK;
}

/* What cannot be unpacked to its end may still begin as such a file. */
static athar_status refuse(prefetch *p, athar_status status, athar_error *err)
{
	if (status != ATHAR_EFORMAT)
		return status;
	*err = (athar_error)ATHAR_ERROR_INIT;
	if (!is_header(p->bytes))
		return athar_walk_stop(p->w, "no prefetch file comes out");
	p->kind = find_kind(p->bytes);
	athar_walk_begin(p->w, PACKED_HEAD);
	note_fields(p);
	return athar_walk_stop(p->w, "it does not unpack to its end");
}

static athar_status packed(prefetch *p, athar_error *err)
{
	size_t used = 0;
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, p->w->in, 0, PACKED_HEAD, err));
	p->size = athar_le32(b.ptr + 4);
	if (p->size <= INFO_MOST || p->size > SIZE_MOST)
		return athar_walk_stop(p->w, "it unpacks to an impossible size");
	ATHAR_AUTO(free) uint8_t *all = athar_alloc(p->size, err);
	if (all == NULL)
		return err->status;
	p->bytes = all;
	ATHAR_TRY(athar_reader_some(&b, p->w->in, PACKED_HEAD, PACKED_MOST, err));
	const athar_status status = athar_xpress_stream(&used, all, p->size, b.ptr, b.len, err);

	if (status != ATHAR_OK)
		return refuse(p, status, err);
	if (!is_header(all) || athar_le32(all + 12) != p->size)
		return athar_walk_stop(p->w, "no prefetch file comes out");
	p->kind = find_kind(all);
	athar_walk_begin(p->w, PACKED_HEAD);
	note_fields(p);
	judge(p, PACKED_HEAD + used,
	      "it unpacks to sections that fill its size and to names where its files say");
	return ATHAR_OK;
}

static athar_status walk(prefetch *p, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, p->w->in, 0, 8, err));
	return memcmp(b.ptr, "MAM", 3) == 0 ? packed(p, err) : plain(p, err);
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;
	prefetch p = {.w = &w};

	athar_walk_init(&w, out, in);
	return athar_walk_settle(&w, walk(&p, err), err);
}

static const athar_magic magic[] = {
	{4, 4, {'S', 'C', 'C', 'A'}},
	{0, 4, {'M', 'A', 'M', 4}},
	{0, 0, {0}},
};

const athar_format athar_format_prefetch = {
	.name = "prefetch",
	.extension = "pf",
	.mime = "application/x-ms-prefetch",
	.summary = "prefetch files of Windows, packed or not",
	.end = "sections that fill its size, unpacked where it is packed",
	.best = ATHAR_GRADE_COMPLETE,
	.magic = magic,
	.measure = measure,
};
