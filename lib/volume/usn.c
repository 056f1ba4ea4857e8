/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/usn.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "base/sort.h"
#include "image/driver.h"
#include "volume/content.h"
#include "volume/walk.h"

#define EXTEND_NUMBER 11u
#define PIECE ((size_t)1 << 20)
#define RECORD_MOST ((size_t)640) /* a name of 255 characters and what stands before it */
#define DELETIONS_MOST ((size_t)2000000)
#define NAMES_MOST ((size_t)256 << 20)
#define FOLDER 0x10u
/* Fields of both versions: what stands before the reason, and all before the name. */
#define HEADER_2 60u
#define HEADER_3 76u

/* ---- records ---- */

static bool read_record(athar_usn_record *out, const uint8_t *r, size_t len)
{
	const uint32_t size = len < HEADER_2 ? 0 : athar_le32(r);
	const uint32_t major = len < HEADER_2 ? 0 : athar_le16(r + 4);
	const uint32_t header = major == 3 ? HEADER_3 : HEADER_2;
	const size_t wide = major == 3 ? 16 : 8; /* bytes of a reference */
	const uint8_t *rest = r + 8 + 2 * wide;
	uint32_t name_at;

	if ((major != 2 && major != 3) || athar_le16(r + 6) != 0 || size % 8 != 0 ||
	    size < header || size > RECORD_MOST || size > len)
		return false;
	*out = (athar_usn_record){
		.file = athar_ntfs_ref_read(r + 8),
		.parent = athar_ntfs_ref_read(r + 8 + wide),
		.time = athar_le64(rest + 8),
		.reason = athar_le32(rest + 16),
		.folder = (athar_le32(rest + 28) & FOLDER) != 0,
		.name_len = athar_le16(rest + 32) / 2u,
	};
	name_at = athar_le16(rest + 34);
	if (name_at < header || !athar_inside(name_at, 2 * out->name_len, size) ||
	    out->name_len == 0 || out->name_len > 255 || out->file.sequence == 0)
		return false;
	out->name = r + name_at;
	return true;
}

bool athar_usn_next(athar_usn_record *out, const uint8_t *bytes, size_t len, size_t *at)
{
	for (; *at + HEADER_2 <= len; *at += 8) {
		if (!read_record(out, bytes + *at, len - *at))
			continue;
		*at += athar_le32(bytes + *at);
		return true;
	}
	return false;
}

/* ---- deletions ---- */

static athar_status keep(athar_usn *u, const athar_usn_record *r, athar_error *err)
{
	athar_usn_deletion d = {.key = athar_ntfs_ref_key(r->file),
	                        .parent = athar_ntfs_ref_key(r->parent),
	                        .time = r->time,
	                        .name = (uint32_t)u->names_len,
	                        .folder = r->folder};

	if (u->count >= DELETIONS_MOST || u->names_len >= NAMES_MOST) {
		u->full = true;
		return ATHAR_OK;
	}
	ATHAR_TRY(athar_grow(&u->names, &u->names_capacity, u->names_len + ATHAR_NTFS_TEXT_MOST, 1,
	                     err));
	ATHAR_TRY(athar_grow(&u->deletion, &u->capacity, u->count + 1, sizeof *u->deletion, err));
	d.name_len = (uint16_t)athar_ntfs_text(u->names + d.name, r->name, r->name_len);
	u->names_len += d.name_len;
	u->deletion[u->count++] = d;
	return ATHAR_OK;
}

/* Records that begin in [*from, whole); *from becomes where the next piece, which begins at
 * `whole`, goes on. */
static athar_status take_piece(athar_usn *u, const uint8_t *piece, size_t len, size_t whole,
                               size_t *from, athar_error *err)
{
	size_t done = *from;
	size_t at = *from;
	athar_usn_record r;

	while (at < whole && athar_usn_next(&r, piece, len, &at)) {
		done = at;
		if ((r.reason & ATHAR_USN_DELETED) == ATHAR_USN_DELETED)
			ATHAR_TRY(keep(u, &r, err));
	}
	*from = done > whole ? done - whole : 0;
	return ATHAR_OK;
}

/* Pieces overlap by a record: one that is cut by the end is met whole in the next. */
static athar_status read_range(athar_usn *u, athar_walk *w, uint64_t at, uint64_t end,
                               uint8_t *piece, athar_error *err)
{
	athar_source *source = w->volume->image->source;
	size_t from = 0;

	while (at < end) {
		const size_t len = (size_t)athar_min(PIECE, end - at);
		const size_t whole = len == PIECE ? PIECE - RECORD_MOST : len;
		size_t got = 0;

		ATHAR_TRY(athar_walk_beat(w, err));
		ATHAR_TRY(athar_walk_read(w, source, piece, len, at, &got, err));
		ATHAR_TRY(take_piece(u, piece, got, whole, &from, err));
		at += whole;
	}
	return ATHAR_OK;
}

static int by_key(const void *a, const void *b, const void *user)
{
	const athar_usn_deletion *x = a;
	const athar_usn_deletion *y = b;

	(void)user;
	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->time < y->time ? -1 : x->time > y->time;
}

/* Sparse at its beginning, which may be 2^40 bytes. */
static athar_status read_journal(athar_usn *u, athar_walk *w, const TSK_FS_ATTR *attr,
                                 athar_error *err)
{
	ATHAR_AUTO(extents) athar_extents extents = ATHAR_EXTENTS_INIT;
	ATHAR_AUTO(free) uint8_t *piece = athar_alloc(PIECE, err);
	uint64_t left = w->volume->info.length;

	if (piece == NULL)
		return err->status;
	ATHAR_TRY(athar_attr_extents(&extents, w->volume, attr, err));
	for (size_t i = 0; i < extents.count; i++) {
		const athar_extent *x = &extents.extent[i];

		if (x->kind != ATHAR_EXTENT_DATA || x->length > left)
			continue;
		left -= x->length;
		ATHAR_TRY(read_range(u, w, x->image, x->image + x->length, piece, err));
	}
	athar_sort(u->deletion, u->count, sizeof *u->deletion, by_key, NULL);
	return ATHAR_OK;
}

/* ---- where it is ---- */

static uint64_t journal_address(const athar_walk *w)
{
	TSK_FS_DIR *dir = tsk_fs_dir_open_meta(w->volume->fs, EXTEND_NUMBER);
	uint64_t address = 0;

	for (size_t i = 0; dir != NULL && i < tsk_fs_dir_getsize(dir); i++) {
		const TSK_FS_NAME *name = tsk_fs_dir_get_name(dir, i);

		if (name != NULL && name->name != NULL && strcmp(name->name, "$UsnJrnl") == 0 &&
		    (name->flags & TSK_FS_NAME_FLAG_ALLOC) != 0)
			address = name->meta_addr;
	}
	if (dir != NULL)
		tsk_fs_dir_close(dir);
	return address;
}

athar_status athar_usn_load(athar_usn *out, athar_walk *w, athar_error *err)
{
	ATHAR_AUTO_TSK_FILE TSK_FS_FILE *tsk = NULL;
	const uint64_t address = journal_address(w);
	athar_status status = ATHAR_OK;

	if (address != 0)
		tsk = tsk_fs_file_open_meta(w->volume->fs, NULL, address);
	for (int i = 0; tsk != NULL && i < tsk_fs_file_attr_getsize(tsk); i++) {
		const TSK_FS_ATTR *attr = tsk_fs_file_attr_get_idx(tsk, i);

		if (attr != NULL && attr->type == TSK_FS_ATTR_TYPE_NTFS_DATA &&
		    attr->name != NULL && strcmp(attr->name, "$J") == 0 &&
		    (attr->flags & TSK_FS_ATTR_NONRES) != 0 && status == ATHAR_OK)
			status = read_journal(out, w, attr, err);
	}
	tsk_error_reset();
	return status;
}

const athar_usn_deletion *athar_usn_find(const athar_usn *usn, athar_ntfs_ref file)
{
	const uint64_t key = athar_ntfs_ref_key(file);
	size_t from = 0;
	size_t to = usn->count;

	while (from < to) {
		const size_t middle = from + (to - from) / 2;

		if (usn->deletion[middle].key <= key)
			from = middle + 1;
		else
			to = middle;
	}
	return from > 0 && usn->deletion[from - 1].key == key ? &usn->deletion[from - 1] : NULL;
}

void athar_usn_clear(athar_usn *usn)
{
	free(usn->deletion);
	free(usn->names);
}
