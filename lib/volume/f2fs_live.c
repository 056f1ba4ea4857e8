/* SPDX-License-Identifier: BSD-2-Clause */
/* The live tree: folders as they are after recovery. */
#include <string.h>

#include "base/alloc.h"
#include "volume/f2fs_dentry.h"
#include "volume/f2fs_give.h"

#define BEAT_EVERY 256

typedef struct live {
	athar_walk *w;
	athar_f2fs *fs;
	athar_seen *given;
} live;

/* A folder that is being walked. */
typedef struct open_folder {
	live *l;
} open_folder;

static athar_status walk_folder(live *l, uint32_t ino, athar_error *err);

static athar_status enter(live *l, uint32_t ino, athar_error *err)
{
	bool fresh;

	ATHAR_TRY(athar_seen_add(&l->w->folders, ino, &fresh, err));
	if (!fresh)
		return athar_walk_finding(l->w, true, err,
		                          "a folder that was walked before is not walked again");
	if (l->w->depth >= ATHAR_WALK_DEPTH) {
		l->w->counts->partial = true;
		return athar_walk_finding(l->w, true, err, "folders below depth %d are not walked",
		                          ATHAR_WALK_DEPTH);
	}
	l->w->depth++;
	ATHAR_TRY(walk_folder(l, ino, err));
	l->w->depth--;
	return ATHAR_OK;
}

static athar_status give_inode(live *l, uint32_t ino, bool *folder, athar_error *err)
{
	ATHAR_AUTO(free) athar_f2fs_file *file = athar_alloc(sizeof *file, err);
	bool fresh;

	*folder = false;
	if (file == NULL)
		return ATHAR_ENOMEM;
	if (!athar_f2fs_file_live(file, l->fs, ino)) {
		l->w->counts->errors++;
		return athar_walk_finding(l->w, true, err, "the inode of a name cannot be read");
	}
	ATHAR_TRY(athar_seen_add(l->given, ino, &fresh, err));
	ATHAR_TRY(athar_f2fs_give(l->w, file, ATHAR_STATE_LIVE, err));
	*folder = athar_f2fs_is_folder(&file->inode);
	return ATHAR_OK;
}

static athar_status walk_entry(live *l, uint32_t ino, const uint8_t *name, size_t len,
                               athar_error *err)
{
	const size_t path_len = l->w->path_len;
	bool folder;

	if (++l->w->entries % BEAT_EVERY == 0)
		ATHAR_TRY(athar_walk_beat(l->w, err));
	if (l->w->counts->files + l->w->counts->folders >= ATHAR_WALK_FILES) {
		l->w->full = true;
		return ATHAR_OK;
	}
	ATHAR_TRY(athar_walk_push(l->w, name, len, err));
	ATHAR_TRY(give_inode(l, ino, &folder, err));
	if (folder)
		ATHAR_TRY(enter(l, ino, err));
	l->w->path_len = path_len;
	return ATHAR_OK;
}

static athar_status walk_entries(live *l, athar_f2fs_entries *entries, athar_error *err)
{
	athar_f2fs_entry entry;

	while (!l->w->full && athar_f2fs_entries_next(&entry, entries))
		ATHAR_TRY(walk_entry(l, entry.ino, entry.name, entry.name_len, err));
	return ATHAR_OK;
}

static athar_status on_place(void *user, const athar_f2fs_place *place, athar_error *err)
{
	open_folder *f = user;
	ATHAR_AUTO(free) uint8_t *block = NULL;
	athar_f2fs_entries entries;

	if (!place->missing &&
	    (place->address == ATHAR_F2FS_HOLE || place->address == ATHAR_F2FS_RESERVED))
		return ATHAR_OK;
	block = athar_alloc(ATHAR_F2FS_BLOCK, err);
	if (block == NULL)
		return ATHAR_ENOMEM;
	if (place->missing || !athar_f2fs_in_main(f->l->fs, place->address) ||
	    !athar_f2fs_get(f->l->fs, block, place->address, 1)) {
		f->l->w->counts->partial = true;
		return athar_walk_finding(f->l->w, true, err,
		                          "a part of a folder cannot be read: blocks %llu to %llu",
		                          (unsigned long long)place->index,
		                          (unsigned long long)(place->index + place->count - 1));
	}
	entries = athar_f2fs_entries_of_block(block);
	return walk_entries(f->l, &entries, err);
}

/* Names that fsync asked to be entered, after the last checkpoint. */
static athar_status walk_new_names(live *l, uint32_t ino, athar_error *err)
{
	ATHAR_AUTO(free) athar_f2fs_file *file = athar_alloc(sizeof *file, err);

	if (file == NULL)
		return ATHAR_ENOMEM;
	for (size_t i = athar_f2fs_names_find(l->fs, ino);
	     i < l->fs->roll.names && l->fs->roll.name[i].parent == ino; i++) {
		const uint32_t child = l->fs->roll.name[i].ino;

		if (!athar_seen_has(l->given, child) && athar_f2fs_file_live(file, l->fs, child))
			ATHAR_TRY(
				walk_entry(l, child, file->inode.name, file->inode.name_len, err));
	}
	return ATHAR_OK;
}

static athar_status walk_folder(live *l, uint32_t ino, athar_error *err)
{
	ATHAR_AUTO(free) athar_f2fs_file *file = athar_alloc(sizeof *file, err);
	open_folder f = {l};

	if (file == NULL)
		return ATHAR_ENOMEM;
	if (!athar_f2fs_file_live(file, l->fs, ino) || !athar_f2fs_is_folder(&file->inode)) {
		l->w->counts->errors++;
		l->w->counts->partial = true;
		return athar_walk_finding(l->w, true, err, "a folder cannot be read");
	}
	if (file->inode.inline_entries) {
		athar_f2fs_entries entries = athar_f2fs_entries_inline(
			file->block + file->inode.inline_at, file->inode.inline_len);

		ATHAR_TRY(walk_entries(l, &entries, err));
	} else {
		ATHAR_TRY(athar_f2fs_places_each(file, on_place, &f, err));
	}
	return walk_new_names(l, ino, err);
}

static bool is_hidden(const athar_f2fs *fs, uint32_t ino)
{
	for (size_t i = 0; i < ATHAR_COUNT(fs->super.hidden); i++)
		if (fs->super.hidden[i] == ino)
			return true;
	return ino == fs->super.root;
}

/* Live inodes that no folder leads to. */
static athar_status walk_strays(live *l, athar_error *err)
{
	ATHAR_AUTO(free) athar_f2fs_file *file = athar_alloc(sizeof *file, err);

	if (file == NULL)
		return ATHAR_ENOMEM;
	for (uint32_t ino = 0; ino < l->fs->nat.count && !l->w->full; ino++) {
		if (ino % 8 == 0 && l->fs->nat.inode[ino / 8] == 0) {
			ino += 7;
			continue;
		}
		if (!athar_f2fs_nat_is_inode(l->fs, ino) || is_hidden(l->fs, ino) ||
		    athar_seen_has(l->given, ino) || !athar_f2fs_file_live(file, l->fs, ino))
			continue;
		ATHAR_TRY(athar_f2fs_path(l->w, file, err));
		ATHAR_TRY(athar_f2fs_give(l->w, file, ATHAR_STATE_ORPHAN, err));
	}
	return ATHAR_OK;
}

athar_status athar_f2fs_live_walk(athar_walk *w, athar_f2fs *fs, athar_seen *given,
                                  athar_error *err)
{
	live l = {w, fs, given};

	ATHAR_TRY(enter(&l, fs->super.root, err));
	/* Where a part of the tree was not walked, what is below it is not astray. */
	return w->counts->partial ? ATHAR_OK : walk_strays(&l, err);
}
