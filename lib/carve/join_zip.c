/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ZIP: the directory names the place of every member in the file, and each member repeats its CRC
 * and its name in front of its data. So a directory that lists the first member as this file has it
 * says which members found elsewhere are this file's, and where their pieces belong.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "base/sort.h"
#include "carve/join_marks.h"
#include "carve/joiners.h"
#include "format/zip.h"
#include "inflate/inflate.h"

/* Directories that may be the file's, and members of one. */
#define DIRECTORIES 16u
#define ENTRIES 65536u
/* Members in the whole space that are compared. */
#define LOCALS (1u << 20)
/* Places of members that are told for one block. */
#define TELL 16u
/* Members behind a block that are asked for it. */
#define ASK 64u

static bool is_local(const uint8_t *b, size_t len)
{
	return len >= 30 && b[4] <= 90 && zip_is_method(athar_le16(b + 8)) &&
	       athar_le16(b + 26) <= 1024;
}

static bool is_central(const uint8_t *b, size_t len)
{
	return len >= 46 && b[6] <= 90 && zip_is_method(athar_le16(b + 10)) &&
	       athar_le16(b + 28) <= 1024;
}

static const athar_spot_kind member = {.pattern = {'P', 'K', 3, 4}, .len = 4, .holds = is_local};
static const athar_spot_kind entry = {.pattern = {'P', 'K', 1, 2}, .len = 4, .holds = is_central};
static const athar_spot_kind *const kinds[] = {&member, &entry, NULL};

/* A member that is found, and the place that it has in a file. */
typedef struct found {
	uint32_t name, crc;
	uint64_t at; /* in the source */
} found;

typedef struct anchor {
	uint64_t mark, place; /* in the file, in the source */
} anchor;

typedef struct guide {
	athar_joining *j;
	join_marks marks;
	const athar_validator *v;
	uint64_t near;
	found *local;
	size_t locals, local_capacity;
	anchor *anchor;
	size_t anchors, anchor_capacity;
} guide;

/* ---- members ---- */

/* The local header at `at`. False: it is cut off. */
static athar_status read_local(bool *whole, zip_member *m, athar_joining *j, uint64_t at,
                               athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_joining_read(&b, j, at, 30 + 1024, err));
	*whole = b.len >= 30 && b.len >= 30u + athar_le16(b.ptr + 26);
	if (!*whole)
		return ATHAR_OK;
	*m = (zip_member){.flags = athar_le16(b.ptr + 6),
	                  .method = athar_le16(b.ptr + 8),
	                  .crc = athar_le32(b.ptr + 14),
	                  .name = athar_crc32(0, b.ptr + 30, athar_le16(b.ptr + 26))};
	return ATHAR_OK;
}

static int by_name(const void *a, const void *b, const void *user)
{
	const found *x = a, *y = b;

	(void)user;
	if (x->name != y->name)
		return x->name < y->name ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

static athar_status find_locals(guide *g, athar_error *err)
{
	const athar_spots *spots;
	bool whole;
	zip_member m;

	ATHAR_TRY(athar_joining_spots(&spots, g->j, &member, err));
	for (size_t i = 0; i < spots->count && i < LOCALS; i++) {
		ATHAR_TRY(athar_joining_spend(g->j, ATHAR_JOIN_TRY, err));
		ATHAR_TRY(read_local(&whole, &m, g->j, spots->at[i], err));
		if (!whole)
			continue;
		ATHAR_TRY(athar_grow(&g->local, &g->local_capacity, g->locals + 1, sizeof *g->local,
		                     err));
		/* where the CRC comes behind the data, it is not in the header */
		g->local[g->locals++] = (found){m.name, m.flags & 8 ? 0 : m.crc, spots->at[i]};
	}
	athar_sort(g->local, g->locals, sizeof *g->local, by_name, NULL);
	return ATHAR_OK;
}

/* ---- directories ---- */

/* The entry at `at`; *len: 0 where none is. */
static athar_status read_entry(zip_member *m, size_t *len, athar_joining *j, uint64_t at,
                               athar_error *err)
{
	athar_bytes b;

	*len = 0;
	ATHAR_TRY(athar_joining_read(&b, j, at, 46 + 2048, err));
	if (b.len < 46 || athar_le32(b.ptr) != ZIP_CENTRAL || !is_central(b.ptr, b.len))
		return ATHAR_OK;
	const size_t name = athar_le16(b.ptr + 28), extra = athar_le16(b.ptr + 30);

	if (b.len < 46 + name + athar_min(extra, 512))
		return ATHAR_OK;
	*m = (zip_member){.method = athar_le16(b.ptr + 10),
	                  .crc = athar_le32(b.ptr + 16),
	                  .packed = athar_le32(b.ptr + 20),
	                  .size = athar_le32(b.ptr + 24),
	                  .at = athar_le32(b.ptr + 42),
	                  .name = athar_crc32(0, b.ptr + 46, name)};
	zip_member_widen((uint64_t *const[]){&m->size, &m->packed, &m->at}, 3, b.ptr + 46 + name,
	                 (size_t)athar_min(extra, 512));
	*len = 46 + name + extra + athar_le16(b.ptr + 32);
	return ATHAR_OK;
}

static athar_status add_anchor(guide *g, uint64_t mark, uint64_t place, athar_error *err)
{
	const athar_space *space = athar_joining_space(g->j);
	uint64_t out;

	if (!join_place(&out, space, athar_round_down(mark, space->block), mark, place))
		return ATHAR_OK;
	ATHAR_TRY(athar_grow(&g->anchor, &g->anchor_capacity, g->anchors + 1, sizeof *g->anchor,
	                     err));
	g->anchor[g->anchors++] = (anchor){mark, place};
	return ATHAR_OK;
}

/* The members in the space that may be this one. */
static athar_status anchor_member(guide *g, const zip_member *m, athar_error *err)
{
	size_t low = 0, high = g->locals;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (g->local[middle].name < m->name)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < g->locals && g->local[low].name == m->name; low++)
		if (g->local[low].crc == 0 || g->local[low].crc == m->crc) {
			ATHAR_TRY(athar_joining_spend(g->j, 16, err));
			ATHAR_TRY(add_anchor(g, m->at, g->local[low].at, err));
		}
	return ATHAR_OK;
}

/* The end record behind a directory tells where in the file it begins. */
static athar_status anchor_directory(guide *g, uint64_t begin, uint64_t at, athar_error *err)
{
	athar_bytes b;

	ATHAR_TRY(athar_joining_read(&b, g->j, at, 22, err));
	if (b.len < 22 || athar_le32(b.ptr) != ZIP_END || athar_le32(b.ptr + 16) == ZIP_HUGE32)
		return ATHAR_OK;
	return add_anchor(g, athar_le32(b.ptr + 16), begin, err);
}

static athar_status read_directory(guide *g, uint64_t begin, athar_error *err)
{
	uint64_t at = begin;
	zip_member m;
	size_t len = 1;

	for (size_t i = 0; i < ENTRIES && len != 0; i++, at += len) {
		ATHAR_TRY(athar_joining_spend(g->j, ATHAR_JOIN_TRY, err));
		ATHAR_TRY(read_entry(&m, &len, g->j, at, err));
		if (len != 0)
			ATHAR_TRY(anchor_member(g, &m, err));
	}
	return anchor_directory(g, begin, at, err);
}

/* Is it the directory of the file that begins with this member? */
static bool lists(const zip_member *m, const zip_member *first)
{
	return m->at == 0 && m->name == first->name && m->method == first->method &&
	       (m->crc == first->crc || (first->flags & 8) != 0);
}

static athar_status find_directories(guide *g, const zip_member *first, athar_error *err)
{
	const athar_spots *spots;
	unsigned met = 0;
	size_t len;
	zip_member m;

	ATHAR_TRY(athar_joining_spots(&spots, g->j, &entry, err));
	for (size_t i = 0; i < spots->count && met < DIRECTORIES; i++) {
		ATHAR_TRY(athar_joining_spend(g->j, 64, err));
		ATHAR_TRY(read_entry(&m, &len, g->j, spots->at[i], err));
		if (len == 0 || !lists(&m, first))
			continue;
		if (met++ == 0)
			ATHAR_TRY(find_locals(g, err));
		ATHAR_TRY(read_directory(g, spots->at[i], err));
	}
	return ATHAR_OK;
}

static int by_mark(const void *a, const void *b, const void *user)
{
	const anchor *x = a, *y = b;

	(void)user;
	if (x->mark != y->mark)
		return x->mark < y->mark ? -1 : 1;
	return x->place < y->place ? -1 : x->place > y->place;
}

static athar_status look_around(guide *g, athar_error *err)
{
	zip_member first;
	bool whole;

	ATHAR_TRY(read_local(&whole, &first, g->j, athar_joining_start(g->j), err));
	if (!whole)
		return ATHAR_OK;
	ATHAR_TRY(find_directories(g, &first, err));
	athar_sort(g->anchor, g->anchors, sizeof *g->anchor, by_mark, NULL);
	return ATHAR_OK;
}

/* ---- the guide ---- */

static void tell_anchors(uint64_t *out, size_t *count, const guide *g, uint64_t at)
{
	const athar_space *space = athar_joining_space(g->j);
	size_t low = 0, high = g->anchors;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (g->anchor[middle].mark < at)
			low = middle + 1;
		else
			high = middle;
	}
	for (size_t i = low; i < g->anchors && i < low + ASK && *count < TELL; i++) {
		uint64_t *place = &out[*count];
		size_t same = 0;

		if (!join_place(place, space, at, g->anchor[i].mark, g->anchor[i].place))
			continue;
		while (out[same] != *place)
			same++;
		*count += same == *count;
	}
}

static athar_status places(uint64_t *out, size_t *count, void *user, const void *state, uint64_t at,
                           athar_error *err)
{
	guide *g = user;
	uint64_t mark;

	*count = 0;
	tell_anchors(out, count, g, at);
	if (*count > 0 || !g->v->next(&mark, state) || mark < at)
		return ATHAR_OK;
	return join_marks_places(out, count, &g->marks, at, mark, g->near, err);
}

static athar_status join(athar_joined *out, bool *done, athar_joining *j, athar_error *err)
{
	guide g = {.j = j, .marks = {.j = j, .kinds = kinds}, .v = athar_validator_find("zip")};
	const athar_join_guide how = {.user = &g, .places = places};
	athar_status status;

	(void)athar_space_index(&g.near, athar_joining_space(j), athar_joining_start(j));
	status = look_around(&g, err);
	if (status == ATHAR_OK)
		status = athar_join_guided(
			out, done, j, g.v, &how,
			"the CRC of every member, and the directory lists them all", err);
	join_marks_clear(&g.marks);
	free(g.local);
	free(g.anchor);
	return status;
}

const athar_joiner athar_joiner_zip = {.format = "zip", .join = join};
