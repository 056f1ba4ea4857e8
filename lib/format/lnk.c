/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Shell links, the shortcuts of Windows ([MS-SHLLINK]): a header, a list of items that lead to the
 * target, a structure with its path and drive, strings, and blocks of more data up to one that is
 * too short to be one. Each says how long it is; flags of the header say which are there.
 */
#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "format/list.h"
#include "format/windows.h"

#define HEADER 76u
#define INFO_HEAD 28u
#define INFO_HEAD_WIDE 36u
#define INFO_MOST 65536u
#define EXTRA_MOST 65536u
#define EXTRAS 32u
#define PATH_MOST 1024u
#define SECTOR 512u

#define HAS_LIST (UINT32_C(1) << 0)
#define HAS_INFO (UINT32_C(1) << 1)
#define HAS_NAME 2u /* the first of five bits for strings */
#define STRINGS 5u
#define IS_WIDE (UINT32_C(1) << 7)
#define NO_FLAGS UINT32_C(0xF8000000)

#define ENVIRONMENT 0xA0000001u
#define TRACKER 0xA0000003u

typedef struct shortcut {
	athar_walk *w;
	uint64_t at;
	uint32_t flags;
} shortcut;

/* The next part ends at `end`. A foreign sector shows in it only when it is shorter than one. */
static void pass(shortcut *k, uint64_t end)
{
	if (end - k->at > SECTOR)
		k->w->claim->unseen += end - k->at;
	k->at = end;
	athar_walk_prove(k->w, end);
}

static athar_status check_header(shortcut *k, athar_error *err)
{
	static const uint8_t none[10];
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, k->w->in, 0, HEADER, err));
	k->flags = athar_le32(b.ptr + 20);
	if (memcmp(b.ptr + 66, none, sizeof none) != 0 || (k->flags & NO_FLAGS) != 0)
		return athar_walk_stop(k->w, "its header is none");
	k->at = HEADER;
	athar_walk_begin(k->w, HEADER);
	athar_windows_time(k->w, "created", athar_le64(b.ptr + 28));
	athar_windows_time(k->w, "modified", athar_le64(b.ptr + 44));
	return ATHAR_OK;
}

/* Items of a list, each with its size; an empty one ends it where its size says. */
static athar_status check_list(shortcut *k, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, k->w->in, k->at, 2, err));
	const uint32_t len = athar_le16(b.ptr);
	uint32_t at = 0, size = 0;

	ATHAR_TRY(athar_reader_get(&b, k->w->in, k->at + 2, len, err));
	do {
		if (len - at < 2)
			return athar_walk_stop(k->w, "the items of its target have no end");
		size = athar_le16(b.ptr + at);
		if (size == 1 || size > len - at)
			return athar_walk_stop(k->w,
			                       "an item of its target has an impossible size");
		at += size == 0 ? 2 : size;
	} while (size != 0);
	if (at != len)
		return athar_walk_stop(k->w, "the items of its target end before their list");
	pass(k, k->at + 2 + len);
	return ATHAR_OK;
}

/* ---- the path of the target ---- */

typedef struct path {
	uint8_t bytes[PATH_MOST];
	size_t len;
} path;

/* Appends the text at `at` of the structure, up to its NUL or the end; wide ones have 2 bytes a
 * character. */
static void append(path *p, const athar_bytes *info, uint32_t at, bool wide)
{
	const size_t unit = wide ? 2 : 1;

	for (uint64_t i = at; i + unit <= info->len && p->len + unit <= PATH_MOST; i += unit) {
		if (info->ptr[i] == 0 && (!wide || info->ptr[i + 1] == 0))
			return;
		memcpy(p->bytes + p->len, info->ptr + i, unit);
		p->len += unit;
	}
}

static void note_path(shortcut *k, const path *p, bool wide)
{
	if (wide)
		athar_windows_text(k->w, "path", p->bytes, p->len);
	else
		athar_walk_field_bytes(k->w, "path", p->bytes, p->len);
}

static void note_local(shortcut *k, const athar_bytes *info)
{
	const bool wide = athar_le32(info->ptr + 4) >= INFO_HEAD_WIDE;
	const uint8_t *places = info->ptr + (wide ? 28 : 16);
	const uint32_t suffix = athar_le32(info->ptr + (wide ? 32 : 24));
	const uint32_t volume = athar_le32(info->ptr + 12);
	path p = {.len = 0};

	append(&p, info, athar_le32(places), wide);
	append(&p, info, suffix, wide);
	note_path(k, &p, wide);
	if (athar_inside(volume, 16, info->len))
		athar_walk_field(k->w, "serial", "%08x", athar_le32(info->ptr + volume + 8));
}

/* \\server\share and the rest behind it. */
static void note_network(shortcut *k, const athar_bytes *info)
{
	const uint32_t share = athar_le32(info->ptr + 20);
	path p = {.len = 0};

	if (!athar_inside(share, 20, info->len))
		return;
	const uint64_t name = (uint64_t)share + athar_le32(info->ptr + share + 8);

	append(&p, info, (uint32_t)athar_min(name, UINT32_MAX), false);
	if (p.len != 0 && p.len < PATH_MOST)
		p.bytes[p.len++] = '\\';
	append(&p, info, athar_le32(info->ptr + 24), false);
	note_path(k, &p, false);
}

static athar_status check_info(shortcut *k, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, k->w->in, k->at, 8, err));
	const uint32_t size = athar_le32(b.ptr), head = athar_le32(b.ptr + 4);

	if (size > INFO_MOST || head < INFO_HEAD || head > size ||
	    (head > INFO_HEAD && head < INFO_HEAD_WIDE))
		return athar_walk_stop(k->w, "what should tell of its target does not");
	ATHAR_TRY(athar_reader_get(&b, k->w->in, k->at, size, err));
	if (athar_le32(b.ptr + 8) > 3)
		return athar_walk_stop(k->w, "what should tell of its target does not");
	if ((athar_le32(b.ptr + 8) & 1) != 0)
		note_local(k, &b);
	else if ((athar_le32(b.ptr + 8) & 2) != 0)
		note_network(k, &b);
	pass(k, k->at + size);
	return ATHAR_OK;
}

/* ---- strings and blocks ---- */

/* The first of them describes the link. */
static athar_status check_string(shortcut *k, uint32_t which, athar_error *err)
{
	const bool wide = (k->flags & IS_WIDE) != 0;
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, k->w->in, k->at, 2, err));
	const size_t len = (size_t)athar_le16(b.ptr) * (wide ? 2 : 1);

	ATHAR_TRY(athar_reader_get(&b, k->w->in, k->at + 2, len, err));
	if (which == 0 && wide)
		athar_windows_text(k->w, "comment", b.ptr, len);
	else if (which == 0)
		athar_walk_field_bytes(k->w, "comment", b.ptr, len);
	pass(k, k->at + 2 + len);
	return ATHAR_OK;
}

static void note_block(shortcut *k, const athar_bytes *b)
{
	const uint32_t kind = athar_le32(b->ptr + 4);

	if (kind == TRACKER && b->len >= 32)
		athar_walk_field_bytes(k->w, "machine", b->ptr + 16, 16);
	else if (kind == ENVIRONMENT && b->len >= 788)
		athar_windows_text(k->w, "path", b->ptr + 268, 520);
}

static athar_status check_blocks(shortcut *k, athar_error *err)
{
	for (uint32_t n = 0; n < EXTRAS; n++) {
		athar_bytes b;

		ATHAR_TRY(athar_reader_get(&b, k->w->in, k->at, 4, err));
		const uint32_t size = athar_le32(b.ptr);

		if (size < 4) {
			athar_walk_close(k->w, ATHAR_GRADE_COMPLETE, k->at + 4,
			                 "all its parts are there, up to the block that ends it");
			return ATHAR_OK;
		}
		if (size < 8 || size > EXTRA_MOST)
			break;
		ATHAR_TRY(athar_reader_get(&b, k->w->in, k->at, size, err));
		if (athar_le32(b.ptr + 4) >> 8 != ENVIRONMENT >> 8)
			break;
		note_block(k, &b);
		pass(k, k->at + size);
	}
	return athar_walk_stop(k->w, "at %llu neither a block follows nor the end",
	                       (unsigned long long)k->at);
}

static athar_status walk(shortcut *k, athar_error *err)
{
	ATHAR_TRY(check_header(k, err));
	if ((k->flags & HAS_LIST) != 0)
		ATHAR_TRY(check_list(k, err));
	if ((k->flags & HAS_INFO) != 0)
		ATHAR_TRY(check_info(k, err));
	for (uint32_t i = 0; i < STRINGS; i++)
		if ((k->flags >> (HAS_NAME + i) & 1) != 0)
			ATHAR_TRY(check_string(k, i, err));
	return check_blocks(k, err);
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;
	shortcut k = {.w = &w};

	athar_walk_init(&w, out, in);
	return athar_walk_settle(&w, walk(&k, err), err);
}

/* The size of the header and the class identifier. */
static const athar_magic magic[] = {
	{0, 20, {0x4C, 0, 0, 0, 1, 0x14, 2, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46}},
	{0, 0, {0}},
};

const athar_format athar_format_lnk = {
	.name = "lnk",
	.extension = "lnk",
	.mime = "application/x-ms-shortcut",
	.summary = "shortcuts of Windows: shell links",
	.end = "the block that ends its data, behind all its parts",
	.best = ATHAR_GRADE_COMPLETE,
	.magic = magic,
	.measure = measure,
};
