/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/ntfs_names.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "image/driver.h"
#include "volume/content.h"
#include "volume/ntfs_index.h"
#include "volume/times.h"

#define NAMES_MOST UINT64_C(200000)
#define DOS 2u
#define LOG_NUMBER 2u /* $LogFile */
#define LOG_PAGE ((size_t)4096)
#define FORMER (UINT64_C(1) << 63) /* in keys of athar_ntfs_lost.named */

/* Where names are read from. */
typedef struct reading {
	athar_ntfs_lost *l;
	uint8_t *block;
	bool loose;      /* from free space: it may be of a volume that was formatted over */
	const char *why; /* of names of this volume */
} reading;

/* ---- one name ---- */

static bool is_former(const reading *r, const athar_ntfs_name *name)
{
	const uint64_t formatted = r->l->present->formatted;

	return r->loose && formatted != 0 && name->changed != 0 && name->changed < formatted;
}

/* Its file is there, or was given, or it cannot be of this volume. */
static bool is_known(const reading *r, athar_ntfs_ref file, bool former)
{
	const athar_ntfs_lost *l = r->l;
	const uint64_t key = athar_ntfs_ref_key(file);

	if (file.number < ATHAR_NTFS_FIRST_USER || athar_seen_has(&l->found.uses, key))
		return true;
	if (former)
		return false;
	return file.number >= l->present->count || athar_ntfs_present_has(l->present, file) ||
	       athar_seen_has(&l->w->uses, key);
}

static void set_times(athar_volume_file *file, const athar_ntfs_name *n)
{
	athar_times_add_filetime(file, false, "modified", "ntfs.indx", n->modified);
	athar_times_add_filetime(file, false, "accessed", "ntfs.indx", n->accessed);
	athar_times_add_filetime(file, false, "changed", "ntfs.indx", n->changed);
	athar_times_add_filetime(file, false, "created", "ntfs.indx", n->created);
}

static athar_status give_name(reading *r, athar_ntfs_ref file, const athar_ntfs_name *name,
                              bool former, athar_error *err)
{
	athar_volume_file f = {.state = ATHAR_STATE_DELETED,
	                       .method = ATHAR_METHOD_METADATA,
	                       .folder = name->folder,
	                       .meta = file.number,
	                       .size = name->folder ? 0 : name->size};
	uint8_t text[ATHAR_NTFS_TEXT_MOST];
	athar_walk *w = r->l->w;
	const athar_usn_deletion *deletion = former ? NULL : athar_usn_find(&w->usn, file);
	athar_status status;
	bool known;

	snprintf(f.address, sizeof f.address, "%llu", (unsigned long long)file.number);
	set_times(&f, name);
	if (deletion != NULL)
		athar_times_add_filetime(&f, true, "deleted", "ntfs.usn", deletion->time);
	ATHAR_TRY(athar_ntfs_lost_path(&known, r->l, name->parent, former, err));
	ATHAR_TRY(athar_walk_push(w, text, athar_ntfs_text(text, name->name, name->name_len), err));
	status = athar_content_lost(&f, err, "%s",
	                            former ? "only the name is left, in a folder of before the "
	                                     "volume was formatted"
	                                   : r->why);
	if (status == ATHAR_OK)
		status = athar_walk_hand_over(w, &f, err);
	athar_extents_clear(&f.extents);
	w->path_len = 0;
	return status;
}

/* Each use of a record once. A file that has a name of DOS has another too. */
static athar_status take_name(reading *r, athar_ntfs_ref file, const athar_ntfs_name *name,
                              athar_error *err)
{
	const bool former = is_former(r, name);
	bool fresh;

	if (name->space == DOS || is_known(r, file, former))
		return ATHAR_OK;
	if (r->l->names >= NAMES_MOST) {
		r->l->unnamed++;
		return ATHAR_OK;
	}
	ATHAR_TRY(athar_seen_add(&r->l->named, athar_ntfs_ref_key(file) | (former ? FORMER : 0),
	                         &fresh, err));
	if (!fresh)
		return ATHAR_OK;
	r->l->names++;
	return give_name(r, file, name, former, err);
}

static athar_status take_bytes(reading *r, const uint8_t *bytes, size_t len, athar_error *err)
{
	athar_ntfs_name name;
	athar_ntfs_ref file;

	for (size_t at = 0; athar_ntfs_index_next(&file, &name, bytes, len, &at);)
		ATHAR_TRY(take_name(r, file, &name, err));
	return ATHAR_OK;
}

/* ---- folders ---- */

/* Blocks one after the other; what is none is passed over, a sector at a time. */
static athar_status take_blocks(reading *r, size_t len, athar_error *err)
{
	for (size_t at = 0, step; at + ATHAR_NTFS_STRIDE <= len; at += step) {
		uint8_t *block = r->block + at;
		const size_t size = athar_ntfs_index_size(block, len - at);

		step = size == 0 ? ATHAR_NTFS_STRIDE : size;
		if (size != 0 && size <= len - at && athar_ntfs_index_open(block, size))
			ATHAR_TRY(take_bytes(r, block, size, err));
	}
	return ATHAR_OK;
}

/* Runs may lead to anywhere: no folder is gone over for more than the volume holds. */
static athar_status take_stream(reading *r, const athar_ntfs_stream *s,
                                const athar_ntfs_ground *ground, athar_error *err)
{
	const athar_source_info *info = athar_source_describe(r->l->w->volume->image->source);
	uint64_t left = ground->clusters;

	for (size_t i = 0; i < s->count; i++) {
		const athar_ntfs_run *run = &s->run[i];
		uint64_t at = ground->base + run->cluster * ground->cluster;
		size_t got = 1;

		if (run->kind != ATHAR_EXTENT_DATA || run->count > left || at >= info->size)
			continue;
		left -= run->count;
		for (uint64_t rest = run->count * ground->cluster; rest > 0 && got > 0;
		     rest -= got, at += got) {
			ATHAR_TRY(athar_walk_read(r->l->w, r->l->w->volume->image->source, r->block,
			                          (size_t)athar_min(rest, ATHAR_NTFS_INDEX_MOST),
			                          at, &got, err));
			ATHAR_TRY(take_blocks(r, got, err));
			ATHAR_TRY(athar_walk_beat(r->l->w, err));
		}
	}
	return ATHAR_OK;
}

static athar_status take_allocation(reading *r, const athar_ntfs_attr *attr, athar_error *err)
{
	const athar_volume *volume = r->l->w->volume;
	const athar_ntfs_ground ground = athar_ntfs_found_ground(&r->l->found, volume, false, 0);
	ATHAR_AUTO(ntfs_stream) athar_ntfs_stream s = {.count = 0};
	bool good;

	ATHAR_TRY(athar_ntfs_stream_part(&s, attr, &ground, &good, err));
	return good ? take_stream(r, &s, &ground, err) : ATHAR_OK;
}

/* Small folders are in their record; what is behind its end was once in it. */
static athar_status take_folder(reading *r, uint64_t number, athar_error *err)
{
	uint8_t bytes[ATHAR_NTFS_RECORD_MOST];
	athar_ntfs_record record;
	athar_ntfs_attr attr;

	if (!athar_ntfs_present_record(&record, bytes, r->l->present, number))
		return ATHAR_OK;
	ATHAR_TRY(take_bytes(r, bytes, record.size, err));
	for (uint32_t at = 0; athar_ntfs_attr_next(&attr, &record, &at);) {
		if (attr.type == ATHAR_NTFS_TYPE_ALLOCATION && !attr.resident)
			ATHAR_TRY(take_allocation(r, &attr, err));
	}
	return ATHAR_OK;
}

static athar_status take_loose(reading *r, uint64_t at, uint64_t *left, athar_error *err)
{
	size_t size, got = 0;

	ATHAR_TRY(athar_walk_read(r->l->w, r->l->w->volume->image->source, r->block,
	                          ATHAR_NTFS_INDEX_MOST, at, &got, err));
	size = (size_t)athar_min(got, athar_ntfs_index_size(r->block, got));
	if (size == 0 || size > *left)
		return ATHAR_OK;
	*left -= size;
	return take_blocks(r, size, err);
}

/* Blocks that claim to lie over each other are not gone over again and again. */
static athar_status take_all_loose(reading *r, athar_error *err)
{
	const athar_ntfs_found *found = &r->l->found;
	uint64_t left = r->l->w->volume->info.length;

	r->loose = true;
	for (size_t i = 0; i < found->index_count && !r->l->w->full; i++) {
		ATHAR_TRY(take_loose(r, found->index[i], &left, err));
		if (i % 256 == 0)
			ATHAR_TRY(athar_walk_beat(r->l->w, err));
	}
	return ATHAR_OK;
}

/* ---- the log ---- */

/* The pages of the log hold what was to be done to folders, entries in whole among it. */
static athar_status take_pages(reading *r, uint64_t at, uint64_t end, athar_error *err)
{
	athar_source *source = r->l->w->volume->image->source;

	for (size_t got = 1; at < end && got > 0; at += got) {
		ATHAR_TRY(athar_walk_read(r->l->w, source, r->block,
		                          (size_t)athar_min(ATHAR_NTFS_INDEX_MOST, end - at), at,
		                          &got, err));
		ATHAR_TRY(athar_walk_beat(r->l->w, err));
		for (size_t i = 0; i + LOG_PAGE <= got; i += LOG_PAGE) {
			uint8_t *page = r->block + i;

			if (memcmp(page, "RCRD", 4) == 0 && athar_ntfs_index_open(page, LOG_PAGE))
				ATHAR_TRY(take_bytes(r, page, LOG_PAGE, err));
		}
	}
	return ATHAR_OK;
}

static athar_status take_log(reading *r, athar_error *err)
{
	const athar_volume *volume = r->l->w->volume;
	ATHAR_AUTO_TSK_FILE TSK_FS_FILE *tsk = tsk_fs_file_open_meta(volume->fs, NULL, LOG_NUMBER);
	const TSK_FS_ATTR *attr = tsk == NULL ? NULL : tsk_fs_file_attr_get(tsk);
	ATHAR_AUTO(extents) athar_extents extents = ATHAR_EXTENTS_INIT;
	uint64_t left = volume->info.length;

	tsk_error_reset();
	if (attr == NULL || (attr->flags & TSK_FS_ATTR_NONRES) == 0)
		return ATHAR_OK;
	ATHAR_TRY(athar_attr_extents(&extents, volume, attr, err));
	for (size_t i = 0; i < extents.count && extents.extent[i].length <= left; i++) {
		const athar_extent *x = &extents.extent[i];

		left -= x->length;
		if (x->kind == ATHAR_EXTENT_DATA)
			ATHAR_TRY(take_pages(r, x->image, x->image + x->length, err));
	}
	return ATHAR_OK;
}

/* ---- the journal of changes ---- */

static athar_status give_deletion(athar_ntfs_lost *l, const athar_usn_deletion *d, athar_error *err)
{
	const athar_ntfs_ref folder = {d->parent >> 16, (uint16_t)d->parent};
	athar_volume_file f = {.state = ATHAR_STATE_DELETED,
	                       .method = ATHAR_METHOD_JOURNAL,
	                       .folder = d->folder,
	                       .meta = d->key >> 16};
	bool known;

	snprintf(f.address, sizeof f.address, "%llu", (unsigned long long)f.meta);
	snprintf(f.why, sizeof f.why, "only the name is left, in the journal of changes");
	athar_times_add_filetime(&f, false, "deleted", "ntfs.usn", d->time);
	ATHAR_TRY(athar_ntfs_lost_path(&known, l, folder, false, err));
	ATHAR_TRY(athar_walk_push(l->w, l->w->usn.names + d->name, d->name_len, err));
	ATHAR_TRY(athar_walk_hand_over(l->w, &f, err));
	l->w->path_len = 0;
	return ATHAR_OK;
}

static athar_status take_deletions(reading *r, athar_error *err)
{
	const athar_usn *usn = &r->l->w->usn;
	bool fresh;

	for (size_t i = 0; i < usn->count && !r->l->w->full; i++) {
		const athar_usn_deletion *d = &usn->deletion[i];
		const athar_ntfs_ref file = {d->key >> 16, (uint16_t)d->key};

		if (i % 256 == 0)
			ATHAR_TRY(athar_walk_beat(r->l->w, err));
		if (is_known(r, file, false))
			continue;
		ATHAR_TRY(athar_seen_add(&r->l->named, d->key, &fresh, err));
		if (!fresh)
			continue;
		r->l->names++;
		if (r->l->names <= NAMES_MOST)
			ATHAR_TRY(give_deletion(r->l, d, err));
		else
			r->l->unnamed++;
	}
	return ATHAR_OK;
}

athar_status athar_ntfs_names_walk(athar_ntfs_lost *l, athar_error *err)
{
	ATHAR_AUTO(free) uint8_t *block = athar_alloc(ATHAR_NTFS_INDEX_MOST, err);
	reading r = {l, block, false, "only the name is left, in a removed entry of a folder"};

	if (block == NULL)
		return err->status;
	for (size_t i = 0; i < l->present->indexed_count && !l->w->full; i++) {
		ATHAR_TRY(take_folder(&r, l->present->indexed[i], err));
		if (i % 256 == 0)
			ATHAR_TRY(athar_walk_beat(l->w, err));
	}
	ATHAR_TRY(take_deletions(&r, err));
	r.why = "only the name is left, in the log of the file system";
	ATHAR_TRY(take_log(&r, err));
	r.why = "only the name is left, in a block of a folder in free space";
	return take_all_loose(&r, err);
}
