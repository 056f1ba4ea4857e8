/* SPDX-License-Identifier: BSD-2-Clause */
/* One file of libtsk's as the walk's user gets it. */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "volume/content.h"
#include "volume/ntfs_present.h"
#include "volume/times.h"
#include "volume/walk.h"

static bool is_folder(const TSK_FS_FILE *tsk)
{
	if (tsk->meta != NULL)
		return tsk->meta->type == TSK_FS_META_TYPE_DIR;
	return tsk->name->type == TSK_FS_NAME_TYPE_DIR;
}

/* Links, pipes and devices have no content of their own. */
static bool is_special(const TSK_FS_FILE *tsk)
{
	return tsk->meta->type != TSK_FS_META_TYPE_REG &&
	       tsk->meta->type != TSK_FS_META_TYPE_UNDEF && tsk->meta->type != TSK_FS_META_TYPE_DIR;
}

/* The metadata that the deleted name leads to is in use. */
static bool is_taken(const TSK_FS_FILE *tsk, athar_state state)
{
	return state != ATHAR_STATE_LIVE && state != ATHAR_STATE_TRASH &&
	       (tsk->meta->flags & TSK_FS_META_FLAG_ALLOC) != 0;
}

static void set_address(athar_volume_file *file, const athar_volume *volume,
                        const TSK_FS_ATTR *attr)
{
	if (attr != NULL && athar_volume_is_ntfs(volume))
		snprintf(file->address, sizeof file->address, "%llu-%u-%u",
		         (unsigned long long)file->meta, (unsigned)attr->type, (unsigned)attr->id);
	else
		snprintf(file->address, sizeof file->address, "%llu",
		         (unsigned long long)file->meta);
}

/* Where in the file: the allocated runs that meet the extent. */
static athar_status note_reused(athar_volume_file *file, const athar_extent *x,
                                const athar_runs *allocated, athar_error *err)
{
	const uint64_t end = x->image + x->length;

	for (size_t i = athar_runs_find(allocated, x->image);
	     i < allocated->count && allocated->run[i].offset < end; i++) {
		const athar_run *run = &allocated->run[i];
		const uint64_t from = athar_max(run->offset, x->image);
		const uint64_t to = athar_min(run->offset + run->length, end);

		if (file->reused_at.count >= ATHAR_REUSED_MOST)
			return ATHAR_OK;
		ATHAR_TRY(athar_runs_add(&file->reused_at, x->logical + (from - x->image),
		                         to - from, ATHAR_RUN_DATA, err));
	}
	return ATHAR_OK;
}

/* What a unit of NTFS was packed into lies in its place, all of it needed. */
static uint64_t bytes_there(const athar_extent *x)
{
	if (x->kind == ATHAR_EXTENT_DATA)
		return x->length;
	return x->kind == ATHAR_EXTENT_DERIVED && x->transform == ATHAR_TRANSFORM_LZNT1 &&
	                       x->image != ATHAR_NOWHERE
	               ? x->stored
	               : 0;
}

static athar_status count_reused(athar_volume_file *file, athar_volume *volume, athar_error *err)
{
	const athar_runs *allocated;

	if (file->state == ATHAR_STATE_LIVE || file->state == ATHAR_STATE_TRASH)
		return ATHAR_OK;
	for (size_t i = 0; i < file->extents.count; i++) {
		const athar_extent *x = &file->extents.extent[i];
		const uint64_t bytes =
			bytes_there(x) == 0 ? 0
					    : athar_volume_in_use(volume, x->image, bytes_there(x));

		file->reused += bytes;
		allocated = bytes == 0 || x->kind != ATHAR_EXTENT_DATA
		                    ? NULL
		                    : athar_volume_allocated_runs(volume);
		if (allocated != NULL)
			ATHAR_TRY(note_reused(file, x, allocated, err));
	}
	return ATHAR_OK;
}

/* When a record of NTFS was changed, as a FILETIME; 0: not known. */
static uint64_t changed(const athar_volume_file *file)
{
	for (size_t i = 0; i < file->time_count; i++) {
		const athar_item_time *t = &file->times[i];

		if (strcmp(t->meaning, "changed") == 0 && strcmp(t->source, "ntfs.si") == 0)
			return athar_filetime_of(t->seconds, t->nanoseconds);
	}
	return 0;
}

/* A record that could be read was not written over, and neither was what it holds. */
static bool in_its_record(const athar_volume_file *file)
{
	const uint64_t record = file->meta & ~ATHAR_META_AT;
	const uint64_t image = file->extents.extent[0].image;

	return (file->meta & ATHAR_META_AT) != 0 && image >= record &&
	       image - record < ATHAR_NTFS_RECORD_MOST;
}

/* What lies in clusters that a file had later, which was deleted too, is that file's. */
static void doubt(const athar_walk *w, athar_volume_file *file)
{
	uint64_t later;

	if (w->present == NULL || file->extents.count == 0 || !file->readable ||
	    file->state == ATHAR_STATE_LIVE || file->state == ATHAR_STATE_TRASH ||
	    in_its_record(file))
		return;
	later = athar_ntfs_claims_later(&w->present->claims, &file->extents, changed(file));
	if (later == 0)
		return;
	file->assumed = true;
	if (later == UINT64_MAX) {
		snprintf(file->why, sizeof file->why,
		         "whether files deleted later have its places too was not asked: it was "
		         "too much work");
		return;
	}
	snprintf(file->why, sizeof file->why,
	         "%llu bytes of it lie where a file deleted later has some too",
	         (unsigned long long)later);
}

static athar_status hand_over(athar_walk *w, athar_volume_file *file, athar_error *err)
{
	doubt(w, file);
	file->path = w->path;
	file->path_len = w->path_len;
	if (file->folder)
		w->counts->folders++;
	else
		w->counts->files++;
	if (!file->folder && file->state == ATHAR_STATE_DELETED)
		w->counts->deleted++;
	if (!file->folder && file->state == ATHAR_STATE_ORPHAN)
		w->counts->orphans++;
	return w->to->file == NULL ? ATHAR_OK : w->to->file(w->to->user, file, err);
}

athar_status athar_walk_hand_over(athar_walk *w, athar_volume_file *file, athar_error *err)
{
	athar_status status = count_reused(file, w->volume, err);

	file->reused = athar_min(file->reused, file->size);
	if (status == ATHAR_OK)
		status = hand_over(w, file, err);
	athar_runs_clear(&file->reused_at);
	return status;
}

athar_status athar_walk_hand_over_inside(athar_walk *w, athar_volume_file *file, athar_error *err)
{
	return hand_over(w, file, err);
}

/* libtsk goes over the list of all security descriptors for each: not done for live files. */
static void set_security(athar_volume_file *file, TSK_FS_FILE *tsk)
{
	char *sid = NULL;

	if (file->state == ATHAR_STATE_LIVE)
		return;
	if (tsk_fs_file_get_owner_sid(tsk, &sid) == 0 && sid != NULL)
		athar_volume_text(file->owner, sizeof file->owner, sid, strlen(sid));
	else
		tsk_error_reset();
	free(sid);
}

/* Of file systems that record them: libtsk makes up what others do not have. */
static void set_owner(athar_volume_file *file, const athar_volume *volume, TSK_FS_FILE *tsk)
{
	const TSK_FS_META *meta = tsk->meta;

	if (athar_volume_is_ntfs(volume))
		set_security(file, tsk);
	if (!athar_volume_is_ext(volume) && !TSK_FS_TYPE_ISHFS(volume->fs->ftype) &&
	    !TSK_FS_TYPE_ISFFS(volume->fs->ftype) && volume->fs->ftype != TSK_FS_TYPE_APFS)
		return;
	snprintf(file->owner, sizeof file->owner, "%u", (unsigned)meta->uid);
	snprintf(file->group, sizeof file->group, "%u", (unsigned)meta->gid);
	snprintf(file->mode, sizeof file->mode, "%04o", (unsigned)meta->mode & 07777U);
}

/* Which use of its record of NTFS a file is: freeing the record has raised the count. */
static athar_ntfs_ref use_of(const TSK_FS_FILE *tsk)
{
	const TSK_FS_META *meta = tsk->meta;

	if (tsk->name != NULL)
		return (athar_ntfs_ref){tsk->name->meta_addr, (uint16_t)tsk->name->meta_seq};
	return (athar_ntfs_ref){meta->addr,
	                        (uint16_t)(meta->seq - (meta->seq > 1 &&
	                                                (meta->flags & TSK_FS_META_FLAG_UNALLOC)))};
}

/* The journal of NTFS tells when the file was deleted. */
static void set_deleted(athar_volume_file *file, const athar_walk *w, const TSK_FS_FILE *tsk)
{
	const athar_usn_deletion *d;

	if (w->usn.count == 0 || file->state == ATHAR_STATE_LIVE ||
	    file->state == ATHAR_STATE_TRASH)
		return;
	d = athar_usn_find(&w->usn, use_of(tsk));
	if (d != NULL)
		athar_times_add_filetime(file, true, "deleted", "ntfs.usn", d->time);
}

static void start_file(athar_volume_file *file, const athar_walk *w, TSK_FS_FILE *tsk,
                       athar_state state)
{
	*file = (athar_volume_file){.state = state, .readable = true};
	file->folder = is_folder(tsk);
	file->meta = tsk->meta != NULL ? tsk->meta->addr : tsk->name->meta_addr;
	set_address(file, w->volume, NULL);
	if (tsk->meta != NULL && !is_taken(tsk, state)) {
		athar_times_fill(file, w->volume, tsk);
		set_owner(file, w->volume, tsk);
	}
	set_deleted(file, w, tsk);
	if (w->deleted_at != NULL)
		athar_times_add(file, true, w->deleted_at);
}

static athar_status give_stream(athar_walk *w, TSK_FS_FILE *tsk, const TSK_FS_ATTR *attr,
                                athar_state state, athar_error *err)
{
	athar_volume_file file;
	athar_status status;

	start_file(&file, w, tsk, state);
	file.folder = false;
	set_address(&file, w->volume, attr);
	status = athar_content_fill(&file, w->volume, tsk, attr, err);
	/* A record of the table lies in blocks that the table owns, whatever it holds. */
	if (status == ATHAR_OK && attr != NULL && (attr->flags & TSK_FS_ATTR_RES) != 0)
		status = hand_over(w, &file, err);
	else if (status == ATHAR_OK)
		status = athar_walk_hand_over(w, &file, err);
	athar_extents_clear(&file.extents);
	return status;
}

/* A folder, or a name without content behind it. */
static athar_status give_bare(athar_walk *w, TSK_FS_FILE *tsk, athar_state state, const char *why,
                              athar_error *err)
{
	athar_volume_file file;

	start_file(&file, w, tsk, state);
	file.readable = why == NULL;
	snprintf(file.why, sizeof file.why, "%s", why != NULL ? why : "");
	return hand_over(w, &file, err);
}

bool athar_attr_is_named(const TSK_FS_ATTR *attr)
{
	return attr->name != NULL && attr->name[0] != '\0' && strcmp(attr->name, "$Data") != 0 &&
	       strcmp(attr->name, "N/A") != 0;
}

static athar_status give_named(athar_walk *w, TSK_FS_FILE *tsk, const TSK_FS_ATTR *attr,
                               athar_state state, athar_error *err)
{
	const size_t path_len = w->path_len;
	const size_t len = strlen(attr->name);
	athar_status status;

	ATHAR_TRY(athar_grow(&w->path, &w->path_capacity, path_len + 1 + len + 1, 1, err));
	w->path[path_len] = ':';
	memcpy(w->path + path_len + 1, attr->name, len);
	w->path_len += 1 + len;
	status = give_stream(w, tsk, attr, state, err);
	w->path_len = path_len;
	return status;
}

/* NTFS: every stream of data, the unnamed one first wherever the record has it. */
static athar_status give_streams(athar_walk *w, TSK_FS_FILE *tsk, athar_state state,
                                 athar_error *err)
{
	const int count = tsk_fs_file_attr_getsize(tsk);
	bool any = is_folder(tsk);

	for (int named = 0; named <= 1; named++) {
		for (int i = 0; i < count; i++) {
			const TSK_FS_ATTR *attr = tsk_fs_file_attr_get_idx(tsk, i);

			if (attr == NULL || attr->type != TSK_FS_ATTR_TYPE_NTFS_DATA ||
			    athar_attr_is_named(attr) != (named == 1))
				continue;
			any = true;
			ATHAR_TRY(named == 1 ? give_named(w, tsk, attr, state, err)
			                     : give_stream(w, tsk, attr, state, err));
		}
	}
	return any ? ATHAR_OK : give_stream(w, tsk, NULL, state, err);
}

static athar_status give_content(athar_walk *w, TSK_FS_FILE *tsk, athar_state state,
                                 athar_error *err)
{
	const TSK_FS_ATTR *attr = NULL;

	if (!athar_content_endless(w->volume, tsk->meta,
	                           state == ATHAR_STATE_LIVE || state == ATHAR_STATE_TRASH))
		attr = tsk_fs_file_attr_get(tsk);
	return give_stream(w, tsk, attr, state, err);
}

/* The journal gave it already: all of it, or the name where only that is left. */
static bool is_recovered(const athar_walk *w, const TSK_FS_FILE *tsk, athar_state state)
{
	const uint64_t address = tsk->meta != NULL ? tsk->meta->addr : 0;

	if (state == ATHAR_STATE_LIVE || w->recovered_names.count == 0)
		return false;
	if (tsk->meta != NULL && !is_taken(tsk, state))
		return athar_seen_has(&w->recovered, address);
	return athar_seen_has(&w->recovered_names, athar_walk_name_key(w, address));
}

static athar_status note_given(athar_walk *w, const TSK_FS_FILE *tsk, athar_state state,
                               athar_error *err)
{
	bool fresh;

	if (state == ATHAR_STATE_LIVE || state == ATHAR_STATE_TRASH)
		return ATHAR_OK;
	if (tsk->meta != NULL)
		ATHAR_TRY(athar_seen_add(&w->given, tsk->meta->addr, &fresh, err));
	if (!athar_volume_is_ntfs(w->volume) || (tsk->name == NULL && tsk->meta == NULL))
		return ATHAR_OK;
	return athar_seen_add(&w->uses, athar_ntfs_ref_key(use_of(tsk)), &fresh, err);
}

athar_status athar_walk_give(athar_walk *w, TSK_FS_FILE *tsk, athar_state state, athar_error *err)
{
	ATHAR_TRY(note_given(w, tsk, state, err));
	if (is_recovered(w, tsk, state))
		return ATHAR_OK;
	if (tsk->meta == NULL)
		return give_bare(w, tsk, state, "its metadata is gone: only the name is left", err);
	if (is_taken(tsk, state))
		return give_bare(
			w, tsk, state,
			"only the name is left: its metadata is in use, by this file under "
			"another name or by another file",
			err);
	if (is_special(tsk))
		return give_bare(w, tsk, state, "a link or a device: it has no content of its own",
		                 err);
	if (is_folder(tsk))
		ATHAR_TRY(give_bare(w, tsk, state, NULL, err));
	if (athar_volume_is_ntfs(w->volume))
		return give_streams(w, tsk, state, err);
	return is_folder(tsk) ? ATHAR_OK : give_content(w, tsk, state, err);
}
