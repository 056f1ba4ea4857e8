/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The walk over all names. It goes folder by folder itself, so that one that cannot be read is
 * named and the others still come; libtsk's own walk passes over it in silence.
 */
#include "volume/walk.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "volume/content.h"
#include "volume/ext_indirect.h"
#include "volume/ext_journal.h"
#include "volume/fat_lost.h"
#include "volume/ntfs_lost.h"
#include "volume/ntfs_present.h"
#include "volume/orphans.h"
#include "volume/trash.h"

#define BEAT_EVERY 256 /* entries, or reads while libtsk works alone */
#define BOTH (TSK_FS_NAME_FLAG_ALLOC | TSK_FS_NAME_FLAG_UNALLOC)

static void walk_end(athar_walk *w)
{
	free(w->path);
	free(w->paths);
	free(w->later);
	athar_seen_clear(&w->folders);
	athar_seen_clear(&w->given);
	athar_seen_clear(&w->recovered);
	athar_seen_clear(&w->recovered_names);
	athar_seen_clear(&w->uses);
	athar_ntfs_present_free(w->present);
	athar_trash_clear(&w->trash);
	athar_usn_clear(&w->usn);
	w->volume->image->beat = NULL;
}
ATHAR_DEFINE_AUTO_VALUE(walk, athar_walk, walk_end)

static void close_dir(TSK_FS_DIR **dir)
{
	if (*dir != NULL)
		tsk_fs_dir_close(*dir);
}
#define AUTO_DIR __attribute__((cleanup(close_dir)))

static athar_status beat_on_read(void *user, athar_error *err)
{
	athar_walk *w = user;

	return ++w->entries % BEAT_EVERY == 0 ? athar_walk_beat(w, err) : ATHAR_OK;
}

static athar_status remember(athar_walk *w, uint64_t address, athar_error *err)
{
	ATHAR_TRY(athar_grow(&w->later, &w->later_capacity, w->later_count + 1, sizeof *w->later,
	                     err));
	ATHAR_TRY(
		athar_grow(&w->paths, &w->paths_capacity, w->paths_len + w->path_len + 1, 1, err));
	if (w->path_len > 0)
		memcpy(w->paths + w->paths_len, w->path, w->path_len);
	w->later[w->later_count++] = (athar_walk_later){address, w->paths_len, w->path_len};
	w->paths_len += w->path_len;
	return ATHAR_OK;
}

static bool passed_over(const athar_walk *w, const TSK_FS_NAME *name)
{
	if (name == NULL || name->name == NULL)
		return true;
	if (strcmp(name->name, ".") == 0 || strcmp(name->name, "..") == 0)
		return true;
	if (name->type == TSK_FS_NAME_TYPE_VIRT || name->type == TSK_FS_NAME_TYPE_VIRT_DIR)
		return true;
	return athar_volume_is_fat(w->volume) &&
	       strstr(name->name, " (Volume Label Entry)") != NULL;
}

static bool is_orphan_folder(const athar_walk *w, const TSK_FS_NAME *name)
{
	return name != NULL && name->type == TSK_FS_NAME_TYPE_VIRT_DIR &&
	       name->meta_addr == TSK_FS_ORPHANDIR_INUM(w->volume->fs);
}

static bool may_enter(const TSK_FS_FILE *tsk, athar_state state)
{
	if (tsk->meta == NULL || tsk->meta->type != TSK_FS_META_TYPE_DIR)
		return false;
	return state == ATHAR_STATE_LIVE || (tsk->meta->flags & TSK_FS_META_FLAG_UNALLOC) != 0;
}

static athar_status walk_folder(athar_walk *w, uint64_t address, athar_state state, unsigned wanted,
                                athar_error *err);

static athar_status enter(athar_walk *w, const TSK_FS_FILE *tsk, athar_state state,
                          athar_error *err)
{
	const uint64_t address = tsk->meta->addr;
	bool fresh;

	if (athar_content_endless(w->volume, tsk->meta, false)) {
		w->counts->partial = true;
		return athar_walk_finding(w, true, err,
		                          "the size of a folder cannot be right: not walked");
	}
	ATHAR_TRY(athar_seen_add(&w->folders, address, &fresh, err));
	if (!fresh)
		return state == ATHAR_STATE_LIVE
		               ? athar_walk_finding(
					 w, true, err,
					 "a folder that was walked before is not walked again")
		               : ATHAR_OK;
	if (w->depth >= ATHAR_WALK_DEPTH) {
		w->counts->partial = true;
		return athar_walk_finding(w, true, err, "folders below depth %d are not walked",
		                          ATHAR_WALK_DEPTH);
	}
	w->depth++;
	ATHAR_TRY(walk_folder(w, address, state,
	                      state == ATHAR_STATE_LIVE ? TSK_FS_NAME_FLAG_ALLOC : BOTH, err));
	w->depth--;
	return ATHAR_OK;
}

/* A record of NTFS counts its uses, once more when it is freed; a name says which use it means. */
static bool same_use(const TSK_FS_NAME *name, const TSK_FS_META *meta)
{
	const bool freed = (meta->flags & TSK_FS_META_FLAG_UNALLOC) != 0;

	return name->meta_seq == (uint16_t)(meta->seq - (freed ? 1 : 0));
}

/* The name with its metadata. tsk_fs_dir_get() leaves out the metadata of most deleted names,
 * because it compares the count of uses without minding that deletion raises it. */
static TSK_FS_FILE *open_entry(const athar_walk *w, TSK_FS_DIR *dir, size_t index,
                               athar_state state)
{
	TSK_FS_FILE *named = tsk_fs_dir_get(dir, index);
	TSK_FS_FILE *file;

	if (named == NULL || named->name == NULL || named->meta != NULL ||
	    named->name->meta_addr == 0)
		return named;
	file = tsk_fs_file_open_meta(w->volume->fs, NULL, named->name->meta_addr);
	if (file == NULL || file->meta == NULL ||
	    (athar_volume_is_ntfs(w->volume) && state != ATHAR_STATE_ORPHAN &&
	     !same_use(named->name, file->meta))) {
		if (file != NULL)
			tsk_fs_file_close(file);
		tsk_error_reset();
		return named;
	}
	file->name = ATHAR_GIVE(named->name);
	tsk_fs_file_close(named);
	return file;
}

static athar_status walk_entry(athar_walk *w, TSK_FS_DIR *dir, size_t index, athar_state state,
                               athar_error *err)
{
	ATHAR_AUTO_TSK_FILE TSK_FS_FILE *tsk = open_entry(w, dir, index, state);
	const size_t path_len = w->path_len;

	if (++w->entries % BEAT_EVERY == 0)
		ATHAR_TRY(athar_walk_beat(w, err));
	if (tsk == NULL || tsk->name == NULL) {
		w->counts->errors++;
		return ATHAR_OK;
	}
	if (tsk->meta != NULL && (tsk->meta->type == TSK_FS_META_TYPE_VIRT ||
	                          tsk->meta->type == TSK_FS_META_TYPE_VIRT_DIR))
		return ATHAR_OK;
	if (w->counts->files + w->counts->folders >= ATHAR_WALK_FILES) {
		w->full = true;
		return ATHAR_OK;
	}
	ATHAR_TRY(
		athar_walk_push(w, (const uint8_t *)tsk->name->name, strlen(tsk->name->name), err));
	ATHAR_TRY(athar_walk_give(w, tsk, state, err));
	if (state == ATHAR_STATE_LIVE && tsk->meta != NULL && !w->named_only)
		ATHAR_TRY(athar_trash_see(w, tsk->meta->addr,
		                          tsk->meta->type == TSK_FS_META_TYPE_DIR, err));
	if (may_enter(tsk, state))
		ATHAR_TRY(enter(w, tsk, state, err));
	w->path_len = path_len;
	return ATHAR_OK;
}

static athar_status unreadable_folder(athar_walk *w, athar_state state, athar_error *err)
{
	char reason[200];

	w->counts->errors++;
	if (w->volume->image->stopped != ATHAR_OK) {
		*err = w->volume->image->error;
		return w->volume->image->stopped;
	}
	athar_tsk_error(reason, sizeof reason);
	if (state != ATHAR_STATE_LIVE)
		return ATHAR_OK; /* nothing says that it must still be readable */
	w->counts->partial = true;
	return athar_walk_finding(w, true, err, "a folder cannot be read (%s)", reason);
}

/* wanted: names in these states. */
static athar_status walk_folder(athar_walk *w, uint64_t address, athar_state state, unsigned wanted,
                                athar_error *err)
{
	AUTO_DIR TSK_FS_DIR *dir = tsk_fs_dir_open_meta(w->volume->fs, address);
	bool later = false;

	ATHAR_TRY(athar_walk_beat(w, err));
	if (dir == NULL)
		return unreadable_folder(w, state, err);
	for (size_t i = 0; i < tsk_fs_dir_getsize(dir) && !w->full; i++) {
		const TSK_FS_NAME *name = tsk_fs_dir_get_name(dir, i);

		if (is_orphan_folder(w, name))
			w->has_orphans = true;
		if (passed_over(w, name))
			continue;
		if (((unsigned)name->flags & wanted) == 0) {
			later = true;
			continue;
		}
		ATHAR_TRY(walk_entry(w, dir, i, state, err));
	}
	later = later || w->volume->has_fat;
	return later && state == ATHAR_STATE_LIVE ? remember(w, address, err) : ATHAR_OK;
}

static athar_status walk_live(athar_walk *w, athar_error *err)
{
	const uint64_t root = w->volume->fs->root_inum;
	ATHAR_AUTO_TSK_FILE TSK_FS_FILE *tsk = tsk_fs_file_open_meta(w->volume->fs, NULL, root);

	return tsk != NULL && tsk->meta != NULL ? enter(w, tsk, ATHAR_STATE_LIVE, err)
	                                        : unreadable_folder(w, ATHAR_STATE_LIVE, err);
}

static athar_status walk_deleted(athar_walk *w, athar_error *err)
{
	for (size_t i = 0; i < w->later_count && !w->full; i++) {
		const athar_walk_later *l = &w->later[i];

		ATHAR_TRY(athar_grow(&w->path, &w->path_capacity, l->path_len + 1, 1, err));
		memcpy(w->path, w->paths + l->path, l->path_len);
		w->path_len = l->path_len;
		ATHAR_TRY(walk_folder(w, l->address, ATHAR_STATE_DELETED, TSK_FS_NAME_FLAG_UNALLOC,
		                      err));
	}
	w->path_len = 0;
	return ATHAR_OK;
}

/* Of NTFS the record has a name, of FAT the entry. */
static const char *orphan_name(const TSK_FS_FILE *tsk)
{
	const TSK_FS_META_NAME_LIST *names = tsk->meta->name2;

	return names != NULL && names->name[0] != '\0' ? names->name : NULL;
}

static athar_status give_orphan(athar_walk *w, uint64_t address, athar_error *err)
{
	ATHAR_AUTO_TSK_FILE TSK_FS_FILE *tsk = tsk_fs_file_open_meta(w->volume->fs, NULL, address);

	if (++w->entries % BEAT_EVERY == 0)
		ATHAR_TRY(athar_walk_beat(w, err));
	if (tsk == NULL || tsk->meta == NULL) {
		tsk_error_reset();
		w->left_out++;
		return ATHAR_OK;
	}
	if (w->counts->files + w->counts->folders >= ATHAR_WALK_FILES) {
		w->full = true;
		return ATHAR_OK;
	}
	if (orphan_name(tsk) != NULL)
		ATHAR_TRY(athar_walk_push(w, (const uint8_t *)orphan_name(tsk),
		                          strlen(orphan_name(tsk)), err));
	ATHAR_TRY(athar_walk_give(w, tsk, ATHAR_STATE_ORPHAN, err));
	if (may_enter(tsk, ATHAR_STATE_ORPHAN))
		ATHAR_TRY(enter(w, tsk, ATHAR_STATE_ORPHAN, err));
	w->path_len = 0;
	return ATHAR_OK;
}

/* An orphan inside a folder that is an orphan itself is given below that folder, so it waits; it is
 * given alone where the folder did not lead to it. */
static athar_status give_orphans(athar_walk *w, const athar_orphans *orphans, athar_error *err)
{
	for (int waiting = 0; waiting <= 1; waiting++) {
		for (size_t i = 0; i < orphans->count && !w->full; i++) {
			const athar_orphan *o = &orphans->orphan[i];

			if ((waiting == 0 && o->inside) || athar_seen_has(&w->given, o->address))
				continue;
			ATHAR_TRY(give_orphan(w, o->address, err));
		}
	}
	return ATHAR_OK;
}

static athar_status walk_orphans(athar_walk *w, athar_error *err)
{
	ATHAR_AUTO(orphans) athar_orphans orphans = {NULL, 0, 0};
	athar_status status;

	if (w->full || !w->has_orphans || w->named_only)
		return ATHAR_OK;
	status = athar_orphans_find(&orphans, &w->left_out, w->volume, &w->given,
	                            athar_walk_beat_of, w, err);
	if (status == ATHAR_EFORMAT || status == ATHAR_ELIMIT) {
		w->counts->errors++;
		w->counts->partial = true;
		ATHAR_TRY(athar_walk_finding(w, false, err, "not all orphaned files are given: %s",
		                             err->text));
	} else if (status != ATHAR_OK) {
		return status;
	}
	return give_orphans(w, &orphans, err);
}

static athar_status findings_at_start(athar_walk *w, athar_error *err)
{
	const TSK_FS_INFO *fs = w->volume->fs;

	if (fs->last_block_act >= fs->last_block)
		return ATHAR_OK;
	return athar_walk_finding(
		w, false, err,
		"the file system goes on where the image ends: blocks %llu to %llu are "
		"missing",
		(unsigned long long)fs->last_block_act + 1, (unsigned long long)fs->last_block);
}

static athar_status note_left_out(athar_walk *w, athar_error *err)
{
	char text[160];

	if (w->left_out == 0)
		return ATHAR_OK;
	snprintf(text, sizeof text,
	         "left out: %llu orphaned entries that hold nothing, or whose fields contradict "
	         "each other",
	         (unsigned long long)w->left_out);
	return athar_walk_note(w, text, err);
}

static athar_status findings_at_end(athar_walk *w, athar_error *err)
{
	const athar_tsk_image *image = w->volume->image;

	ATHAR_TRY(note_left_out(w, err));
	if (w->full)
		ATHAR_TRY(athar_walk_finding(w, false, err, "the walk stops at %llu files",
		                             (unsigned long long)ATHAR_WALK_FILES));
	if (image->exhausted)
		ATHAR_TRY(athar_walk_finding(
			w, false, err, "the walk was ended: the file system leads in circles"));
	if (w->counts->failed_reads > 0)
		ATHAR_TRY(athar_walk_finding(
			w, false, err,
			"%llu reads met ranges that the image does not have: names or "
			"files may be missing",
			(unsigned long long)w->counts->failed_reads));
	return ATHAR_OK;
}

/* What libtsk cannot give. */
static athar_status walk_beyond(athar_walk *w, athar_error *err)
{
	if (w->full || w->named_only)
		return ATHAR_OK;
	ATHAR_TRY(athar_trash_walk(w, err));
	if (athar_volume_is_ntfs(w->volume))
		return athar_ntfs_lost_walk(w, err);
	return athar_volume_is_ext(w->volume) ? athar_ext_indirect_walk(w, err) : ATHAR_OK;
}

/* Before what libtsk has of deleted files: the journal knows more of the same. */
static athar_status walk_journal(athar_walk *w, athar_error *err)
{
	if (w->full || w->named_only || !athar_volume_is_ext(w->volume))
		return ATHAR_OK;
	return athar_ext_journal_walk(w, err);
}

static athar_status walk_all(athar_walk *w, athar_error *err)
{
	if (w->volume->f2fs != NULL)
		return athar_f2fs_walk(w, w->volume->f2fs, err);
	ATHAR_TRY(findings_at_start(w, err));
	if (athar_volume_is_ntfs(w->volume) && !w->named_only)
		ATHAR_TRY(athar_ntfs_lost_prepare(w, err));
	ATHAR_TRY(walk_live(w, err));
	if (w->volume->has_fat) {
		ATHAR_TRY(athar_fat_lost_walk(w, err));
		return walk_beyond(w, err);
	}
	ATHAR_TRY(walk_journal(w, err));
	ATHAR_TRY(walk_deleted(w, err));
	ATHAR_TRY(walk_orphans(w, err));
	return walk_beyond(w, err);
}

static athar_status walk_volume(athar_volume_counts *out, athar_volume *volume,
                                const athar_volume_walk *walk, bool named_only, athar_error *err)
{
	ATHAR_AUTO(walk)
	athar_walk w = {.volume = volume, .to = walk, .counts = out, .named_only = named_only};
	athar_tsk_image *image = volume->image;
	athar_status status;

	*out = (athar_volume_counts){.partial = false};
	athar_tsk_image_bound(image, volume->info.length);
	image->beat = beat_on_read;
	image->user = &w;
	image->stopped = ATHAR_OK;
	image->error = (athar_error)ATHAR_ERROR_INIT;
	status = walk_all(&w, err);
	out->failed_reads = image->failed;
	if (status != ATHAR_OK || w.full || image->exhausted)
		out->partial = true;
	ATHAR_TRY(status);
	return findings_at_end(&w, err);
}

athar_status athar_volume_walk_files(athar_volume_counts *out, athar_volume *volume,
                                     const athar_volume_walk *walk, athar_error *err)
{
	return walk_volume(out, volume, walk, false, err);
}

athar_status athar_volume_walk_names(athar_volume_counts *out, athar_volume *volume,
                                     const athar_volume_walk *walk, athar_error *err)
{
	return walk_volume(out, volume, walk, true, err);
}
