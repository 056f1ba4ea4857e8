/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Deleted files and earlier versions of files, from the stale inodes. The inodes of one number are
 * gone through from the newest to the oldest; another generation is another file.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "volume/f2fs_give.h"
#include "volume/f2fs_map.h"

#define EARLIER_MOST 16  /* versions given of one file */
#define EXAMINED_MOST 64 /* versions looked at of one file */

typedef struct version {
	athar_f2fs_file file;
	athar_f2fs_map map;
	bool mapped; /* not before it is asked for: most files have no other version */
} version;

typedef struct lost {
	athar_walk *w;
	athar_f2fs *fs;
	version *now, *reference; /* at hand; the last one given or live */
	bool compared;            /* there is a reference */
	bool live;                /* the number is in use, by a file of this generation */
	uint32_t live_generation, generation;
	unsigned given, examined; /* of this generation */
	uint64_t left_out;
} lost;

static void lost_end(lost *l)
{
	version *both[] = {l->now, l->reference};

	for (size_t i = 0; i < 2; i++) {
		if (both[i] != NULL)
			athar_f2fs_map_clear(&both[i]->map);
		free(both[i]);
	}
}
ATHAR_DEFINE_AUTO_VALUE(lost, lost, lost_end)

/* ---- does a version have anything of its own ---- */

/* Block `index` as far as it is known; false: a hole, or it is not. */
static bool get_block(uint8_t *out, version *v, size_t index)
{
	const athar_f2fs_inode *inode = &v->file.inode;

	memset(out, 0, ATHAR_F2FS_BLOCK);
	if (inode->inline_data) {
		if (index == 0)
			memcpy(out, v->file.block + inode->inline_at,
			       (size_t)athar_min(inode->inline_len, inode->size));
		return index == 0;
	}
	return index < v->map.count && athar_f2fs_in_main(v->file.fs, v->map.address[index]) &&
	       athar_f2fs_get(v->file.fs, out, v->map.address[index], 1);
}

/* Whether the version's own block is still there. Without that its bytes prove nothing. */
static bool is_there(const version *v, size_t index)
{
	const athar_f2fs *fs = v->file.fs;

	if (v->file.inode.inline_data)
		return index == 0;
	return athar_f2fs_in_main(fs, v->map.address[index]) &&
	       !athar_f2fs_is_valid(fs, v->map.address[index]) &&
	       !athar_f2fs_stale_zero(fs, v->map.address[index]);
}

static bool same_place(const version *a, const version *b, size_t index)
{
	return !a->file.inode.inline_data && !b->file.inode.inline_data && index < b->map.count &&
	       a->map.address[index] == b->map.address[index];
}

static bool block_differs(version *old, version *new, size_t index)
{
	const uint64_t at = (uint64_t)index * ATHAR_F2FS_BLOCK;
	const size_t len = (size_t)athar_min(ATHAR_F2FS_BLOCK, old->file.inode.size - at);
	uint8_t a[ATHAR_F2FS_BLOCK], b[ATHAR_F2FS_BLOCK];

	if (!get_block(a, old, index))
		return false;
	(void)get_block(b, new, index);
	return memcmp(a, b, len) != 0;
}

/* A version that is but the beginning of a later one, or has its bytes elsewhere, tells nothing. */
static bool differs(version *old, version *new)
{
	const athar_f2fs_inode *inode = &old->file.inode;
	const uint64_t blocks = athar_round_up(inode->size, ATHAR_F2FS_BLOCK) / ATHAR_F2FS_BLOCK;
	const size_t count = (size_t)athar_min(inode->inline_data ? 1 : old->map.count, blocks);

	for (size_t i = 0; i < count; i++)
		if (is_there(old, i) && !same_place(old, new, i) && block_differs(old, new, i))
			return true;
	return false;
}

/* ---- the versions of one inode ---- */

static void swap(lost *l)
{
	version *v = l->now;

	l->now = l->reference;
	l->reference = v;
	l->compared = true;
}

static athar_status give(lost *l, athar_state state, athar_error *err)
{
	if (l->w->counts->files + l->w->counts->folders >= ATHAR_WALK_FILES) {
		l->w->full = true;
		return ATHAR_OK;
	}
	ATHAR_TRY(athar_f2fs_path(l->w, &l->now->file, err));
	ATHAR_TRY(athar_f2fs_give(l->w, &l->now->file, state, err));
	swap(l);
	return ATHAR_OK;
}

static athar_status give_deleted(lost *l, athar_error *err)
{
	const athar_f2fs_inode *inode = &l->now->file.inode;

	/* What is left while a deleted file is taken apart. */
	if (inode->links == 0 && inode->size == 0)
		return ATHAR_OK;
	return give(l, ATHAR_STATE_DELETED, err);
}

static athar_status map(version *v, athar_error *err)
{
	if (v->mapped || !athar_f2fs_is_file(&v->file.inode))
		return ATHAR_OK;
	v->mapped = true;
	return athar_f2fs_map_fill(&v->map, &v->file, err);
}

static athar_status give_earlier(lost *l, athar_error *err)
{
	if (!athar_f2fs_is_file(&l->now->file.inode) || l->now->file.inode.size == 0)
		return ATHAR_OK;
	if (l->given >= EARLIER_MOST || l->examined >= EXAMINED_MOST) {
		l->left_out++;
		return ATHAR_OK;
	}
	l->examined++;
	ATHAR_TRY(map(l->reference, err));
	ATHAR_TRY(map(l->now, err));
	if (!differs(l->now, l->reference))
		return ATHAR_OK;
	l->given++;
	return give(l, ATHAR_STATE_EARLIER, err);
}

static athar_status take(lost *l, athar_error *err)
{
	const uint32_t generation = l->now->file.inode.generation;

	if (generation != l->generation) {
		l->generation = generation;
		l->compared = false;
		l->given = l->examined = 0;
	}
	if (l->compared)
		return give_earlier(l, err);
	/* Of a live file only what comes before its first version with another generation. */
	return l->live && generation == l->live_generation ? ATHAR_OK : give_deleted(l, err);
}

static void begin(lost *l, uint32_t ino)
{
	l->given = l->examined = 0;
	l->compared = false;
	l->generation = 0;
	l->live = athar_f2fs_nat_is_inode(l->fs, ino) &&
	          athar_f2fs_file_live(&l->reference->file, l->fs, ino);
	if (!l->live)
		return;
	l->generation = l->live_generation = l->reference->file.inode.generation;
	l->compared = true;
	l->reference->mapped = false;
}

static athar_status walk_inode(lost *l, const athar_f2fs_stale_node *inodes, size_t count,
                               athar_error *err)
{
	begin(l, inodes->ino);
	for (size_t i = count; i-- > 0 && !l->w->full;) {
		if (++l->w->entries % 256 == 0)
			ATHAR_TRY(athar_walk_beat(l->w, err));
		l->now->mapped = false;
		if (athar_f2fs_file_stale(&l->now->file, l->fs, inodes, count, i))
			ATHAR_TRY(take(l, err));
	}
	return ATHAR_OK;
}

static athar_status notes(lost *l, athar_error *err)
{
	char text[160];

	if (l->fs->stale->full) {
		l->w->counts->partial = true;
		ATHAR_TRY(athar_walk_finding(l->w, false, err,
		                             "more than %zu stale nodes: the rest is not looked at",
		                             ATHAR_F2FS_STALE_MOST));
	}
	if (l->left_out == 0)
		return ATHAR_OK;
	snprintf(text, sizeof text,
	         "left out: %llu earlier versions, beyond the newest %d of a file",
	         (unsigned long long)l->left_out, EARLIER_MOST);
	return athar_walk_note(l->w, text, err);
}

athar_status athar_f2fs_lost_walk(athar_walk *w, athar_f2fs *fs, athar_error *err)
{
	ATHAR_AUTO(lost) lost l = {.w = w, .fs = fs};
	const athar_f2fs_stale_node *n;

	l.now = athar_alloc(sizeof *l.now, err);
	l.reference = athar_alloc(sizeof *l.reference, err);
	if (l.now == NULL || l.reference == NULL)
		return ATHAR_ENOMEM;
	ATHAR_TRY(athar_f2fs_stale_load(fs, w, err));
	n = fs->stale->node;
	for (size_t i = 0, end; i < fs->stale->count && !w->full; i = end) {
		for (end = i; end < fs->stale->count && n[end].ino == n[i].ino &&
		              n[end].place == n[i].place;)
			end++;
		if (n[i].place == 0)
			ATHAR_TRY(walk_inode(&l, n + i, end - i, err));
	}
	w->path_len = 0;
	return notes(&l, err);
}
