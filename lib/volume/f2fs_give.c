/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/f2fs_give.h"

static void add_time(athar_volume_file *out, const char *meaning, int64_t seconds,
                     uint32_t nanoseconds)
{
	athar_item_time *t = &out->times[out->time_count];

	/* 0 is what stands there when nothing was recorded. */
	if (out->time_count >= ATHAR_ITEM_TIMES || (seconds == 0 && nanoseconds == 0))
		return;
	out->time_count++;
	snprintf(t->meaning, sizeof t->meaning, "%s", meaning);
	snprintf(t->source, sizeof t->source, "f2fs.inode");
	snprintf(t->zone, sizeof t->zone, "utc");
	t->seconds = seconds;
	t->nanoseconds = nanoseconds < 1000000000 ? nanoseconds : 0;
}

static void fill_record(athar_volume_file *out, const athar_f2fs_file *file, athar_state state)
{
	const athar_f2fs_inode *i = &file->inode;
	uint64_t at;

	*out = (athar_volume_file){.state = state, .readable = true};
	out->method = ATHAR_METHOD_METADATA;
	out->folder = athar_f2fs_is_folder(i);
	add_time(out, "modified", i->modified, i->modified_ns);
	add_time(out, "accessed", i->accessed, i->accessed_ns);
	add_time(out, "changed", i->changed, i->changed_ns);
	if (i->has_created)
		add_time(out, "created", i->created, i->created_ns);
	snprintf(out->owner, sizeof out->owner, "%u", i->owner);
	snprintf(out->group, sizeof out->group, "%u", i->group);
	snprintf(out->mode, sizeof out->mode, "%04o", i->mode & 07777u);
	out->meta = file->self.ino;
	snprintf(out->address, sizeof out->address, "%u", file->self.ino);
	if (file->live)
		return;
	at = file->fs->base + (uint64_t)file->self.address * ATHAR_F2FS_BLOCK;
	out->meta = ATHAR_META_AT | at;
	snprintf(out->address, sizeof out->address, "%u@%llu", file->self.ino,
	         (unsigned long long)at);
}

athar_status athar_f2fs_give(athar_walk *w, athar_f2fs_file *file, athar_state state,
                             athar_error *err)
{
	ATHAR_AUTO(extents) athar_extents owned = ATHAR_EXTENTS_INIT;
	athar_volume_file out;
	athar_status status = ATHAR_OK;

	fill_record(&out, file, state);
	if (athar_f2fs_is_file(&file->inode)) {
		status = athar_f2fs_content_fill(&out, file, err);
	} else if (!out.folder) {
		out.readable = false;
		snprintf(out.why, sizeof out.why,
		         "a link or a device: it has no content of its own");
	}
	owned = out.extents;
	ATHAR_TRY(status);
	return athar_walk_hand_over(w, &out, err);
}

/* ---- the path ---- */

typedef struct folder {
	uint32_t ino, parent;
	uint32_t name_len;
	uint8_t name[ATHAR_F2FS_NAME];
} folder;

static void note_folder(folder *out, const athar_f2fs_inode *inode, uint32_t ino)
{
	out->ino = ino;
	out->parent = inode->parent;
	out->name_len = inode->name_len;
	for (uint32_t i = 0; i < inode->name_len; i++)
		out->name[i] = inode->name[i];
}

/* As it is now, else as it was last. */
static bool find_folder(folder *out, athar_f2fs *fs, uint32_t ino)
{
	uint8_t block[ATHAR_F2FS_BLOCK];
	athar_f2fs_inode inode;
	uint32_t address = athar_f2fs_nat_is_inode(fs, ino) ? athar_f2fs_nat_find(fs, ino) : 0;
	size_t count = 0;
	const athar_f2fs_stale_node *n = athar_f2fs_stale_find(&count, fs, ino, 0, ATHAR_F2FS_ANY);

	for (;; address = n[--count].address) {
		if (address != 0 && athar_f2fs_get(fs, block, address, 1) &&
		    athar_f2fs_inode_read(&inode, &fs->super, block) &&
		    athar_f2fs_is_folder(&inode)) {
			note_folder(out, &inode, ino);
			return true;
		}
		if (count == 0)
			return false;
	}
}

athar_status athar_f2fs_path(athar_walk *w, const athar_f2fs_file *file, athar_error *err)
{
	ATHAR_AUTO(free) folder *up = calloc(ATHAR_WALK_DEPTH, sizeof *up);
	athar_f2fs *fs = file->fs;
	uint32_t ino = file->inode.parent;
	size_t depth = 0;

	if (up == NULL)
		return athar_fail(err, ATHAR_ENOMEM, "no memory for a path");
	while (ino != fs->super.root && depth < ATHAR_WALK_DEPTH &&
	       find_folder(&up[depth], fs, ino))
		ino = up[depth++].parent;
	ATHAR_TRY(athar_walk_path(w, NULL, 0, err));
	while (depth-- > 0)
		ATHAR_TRY(athar_walk_push(w, up[depth].name, up[depth].name_len, err));
	return athar_walk_push(w, file->inode.name, file->inode.name_len, err);
}
