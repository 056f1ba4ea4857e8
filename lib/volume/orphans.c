/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/orphans.h"

#include <string.h>

#include "base/alloc.h"
#include "volume/content.h"

#define ORPHANS_MOST ((size_t)4000000)
#define BEAT_EVERY 1024

/* One go over the metadata. */
typedef struct search {
	athar_orphans *out;
	athar_volume *volume;
	const athar_seen *named;
	uint64_t left_out, met;
	athar_status (*beat)(void *user, athar_error *err);
	void *user;
	athar_error *err;
	athar_status status;
} search;

static athar_status add(athar_orphans *out, uint64_t address, bool folder, athar_error *err)
{
	if (out->count >= ORPHANS_MOST)
		return athar_fail(err, ATHAR_ELIMIT, "there are more than %zu of them",
		                  ORPHANS_MOST);
	ATHAR_TRY(
		athar_grow(&out->orphan, &out->capacity, out->count + 1, sizeof *out->orphan, err));
	out->orphan[out->count++] = (athar_orphan){address, folder, false};
	return ATHAR_OK;
}

/* A record that was never used has neither a name nor content. */
static bool ntfs_says_something(TSK_FS_FILE *tsk)
{
	const int count = tsk_fs_file_attr_getsize(tsk);

	for (int i = 0; i < count; i++) {
		const TSK_FS_ATTR *attr = tsk_fs_file_attr_get_idx(tsk, i);

		if (attr != NULL && (attr->type == TSK_FS_ATTR_TYPE_NTFS_FNAME ||
		                     (attr->type == TSK_FS_ATTR_TYPE_NTFS_DATA && attr->size > 0)))
			return true;
	}
	tsk_error_reset();
	return false;
}

static bool says_something(const athar_volume *volume, TSK_FS_FILE *tsk)
{
	if (athar_volume_is_ntfs(volume))
		return ntfs_says_something(tsk);
	if (athar_volume_is_ext(volume))
		return tsk->meta->size > 0 || tsk->meta->time2.ext2.dtime != 0;
	return tsk->meta->size > 0;
}

static athar_status take(search *s, TSK_FS_FILE *tsk)
{
	if (++s->met % BEAT_EVERY == 0)
		ATHAR_TRY(s->beat(s->user, s->err));
	if (tsk->meta == NULL || athar_seen_has(s->named, tsk->meta->addr))
		return ATHAR_OK;
	if (!says_something(s->volume, tsk)) {
		s->left_out++;
		return ATHAR_OK;
	}
	return add(s->out, tsk->meta->addr, tsk->meta->type == TSK_FS_META_TYPE_DIR, s->err);
}

static TSK_WALK_RET_ENUM on_meta(TSK_FS_FILE *tsk, void *user)
{
	search *s = user;

	s->status = take(s, tsk);
	return s->status == ATHAR_OK ? TSK_WALK_CONT : TSK_WALK_STOP;
}

/* What a folder among the orphans lists; one that cannot be opened lists nothing. */
static athar_status add_names(athar_seen *within, const search *s, uint64_t address)
{
	ATHAR_AUTO_TSK_FILE TSK_FS_FILE *tsk = tsk_fs_file_open_meta(s->volume->fs, NULL, address);
	TSK_FS_DIR *dir = NULL;
	athar_status status = s->beat(s->user, s->err);
	bool fresh;

	if (status == ATHAR_OK && tsk != NULL && tsk->meta != NULL &&
	    !athar_content_endless(s->volume, tsk->meta, false))
		dir = tsk_fs_dir_open_meta(s->volume->fs, address);
	for (size_t i = 0; dir != NULL && i < tsk_fs_dir_getsize(dir) && status == ATHAR_OK; i++) {
		const TSK_FS_NAME *name = tsk_fs_dir_get_name(dir, i);

		if (name != NULL && name->name != NULL && strcmp(name->name, ".") != 0 &&
		    strcmp(name->name, "..") != 0)
			status = athar_seen_add(within, name->meta_addr, &fresh, s->err);
	}
	if (dir != NULL)
		tsk_fs_dir_close(dir);
	tsk_error_reset();
	return status;
}

static athar_status mark_inside(search *s)
{
	ATHAR_AUTO(seen) athar_seen within = {NULL, 0, 0};

	for (size_t i = 0; i < s->out->count; i++) {
		if (s->out->orphan[i].folder)
			ATHAR_TRY(add_names(&within, s, s->out->orphan[i].address));
	}
	for (size_t i = 0; i < s->out->count; i++)
		s->out->orphan[i].inside = athar_seen_has(&within, s->out->orphan[i].address);
	return ATHAR_OK;
}

static athar_status walk_metadata(search *s)
{
	TSK_FS_INFO *fs = s->volume->fs;
	const athar_tsk_image *image = s->volume->image;
	char reason[200];

	if (tsk_fs_meta_walk(fs, fs->first_inum, fs->last_inum,
	                     TSK_FS_META_FLAG_UNALLOC | TSK_FS_META_FLAG_USED, on_meta, s) == 0)
		return s->status;
	if (s->status != ATHAR_OK)
		return s->status;
	if (image->stopped != ATHAR_OK) {
		*s->err = image->error;
		return image->stopped;
	}
	return athar_fail(s->err, ATHAR_EFORMAT, "%s", athar_tsk_error(reason, sizeof reason));
}

athar_status athar_orphans_find(athar_orphans *out, uint64_t *left_out, athar_volume *volume,
                                const athar_seen *named,
                                athar_status (*beat)(void *user, athar_error *err), void *user,
                                athar_error *err)
{
	search s = {.out = out,
	            .volume = volume,
	            .named = named,
	            .beat = beat,
	            .user = user,
	            .err = err};
	athar_status status;

	/* Elsewhere (fat_lost.h), but for volumes whose first sector is not to be trusted. */
	if (athar_volume_is_fat(volume))
		return athar_fail(err, ATHAR_EFORMAT, "which clusters are free is not known");
	status = walk_metadata(&s);
	*left_out += s.left_out;
	if (status == ATHAR_OK || status == ATHAR_EFORMAT || status == ATHAR_ELIMIT)
		ATHAR_TRY(mark_inside(&s));
	return status;
}

void athar_orphans_clear(athar_orphans *orphans)
{
	free(orphans->orphan);
	*orphans = (athar_orphans){NULL, 0, 0};
}
