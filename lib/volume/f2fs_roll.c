/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a mount would do first: it takes over the nodes that fsync wrote after the last checkpoint,
 * and deletes what was unlinked while it was open. Source: fs/f2fs/recovery.c, checkpoint.c of
 * Linux.
 */
#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "base/sort.h"
#include "volume/f2fs_tree.h"

/* Blocks of a chain that are followed: more than the main area has would be a circle. */
#define CHAIN_MOST (UINT32_C(1) << 20)
#define ORPHANS_IN_BLOCK 1020u
#define ORPHAN_COUNT_AT 4088u

static int by_inode_and_position(const void *a, const void *b, const void *user)
{
	const athar_f2fs_rolled *x = a, *y = b;

	(void)user;
	if (x->ino != y->ino)
		return x->ino < y->ino ? -1 : 1;
	return x->position < y->position ? -1 : x->position > y->position;
}

static int by_inode_and_place(const void *a, const void *b, const void *user)
{
	const athar_f2fs_rolled *x = a, *y = b;

	if (x->ino != y->ino)
		return x->ino < y->ino ? -1 : 1;
	if (x->place != y->place)
		return x->place < y->place ? -1 : 1;
	return by_inode_and_position(a, b, user);
}

static int by_parent(const void *a, const void *b, const void *user)
{
	const athar_f2fs_new_name *x = a, *y = b;

	(void)user;
	if (x->parent != y->parent)
		return x->parent < y->parent ? -1 : 1;
	return x->ino < y->ino ? -1 : x->ino > y->ino;
}

/* Nodes written after this very checkpoint carry its version, and its sum where that is in use. */
static bool is_after(const athar_f2fs_checkpoint *c, uint64_t version)
{
	if ((c->flags & ATHAR_F2FS_NOCRC_RECOVERY) != 0 ||
	    (c->flags & ATHAR_F2FS_CRC_RECOVERY) == 0)
		return (uint32_t)version == (uint32_t)c->version;
	return version == ((c->version & UINT32_MAX) | (uint64_t)c->sum << 32);
}

static athar_status remember(athar_f2fs_roll *roll, const athar_f2fs_footer *f, uint32_t address,
                             athar_error *err)
{
	ATHAR_TRY(
		athar_grow(&roll->node, &roll->capacity, roll->count + 1, sizeof *roll->node, err));
	roll->node[roll->count] = (athar_f2fs_rolled){.ino = f->ino,
	                                              .place = f->place,
	                                              .nid = f->nid,
	                                              .address = address,
	                                              .position = (uint32_t)roll->count,
	                                              .synced = f->synced,
	                                              .new_name = f->new_name};
	roll->count++;
	return ATHAR_OK;
}

/* The chain of the warm log of nodes, from where the checkpoint left it. */
static athar_status follow(athar_f2fs *fs, athar_error *err)
{
	const athar_f2fs_log *log = &fs->checkpoint.node[1];
	uint32_t address = fs->super.main + log->segment * ATHAR_F2FS_SEGMENT + log->offset;
	const uint32_t most = (uint32_t)athar_min(CHAIN_MOST, fs->sit.blocks);
	uint8_t block[ATHAR_F2FS_BLOCK];
	athar_f2fs_footer f;

	for (uint32_t i = 0; i < most && athar_f2fs_in_main(fs, address); i++) {
		if (!athar_f2fs_get(fs, block, address, 1))
			break;
		athar_f2fs_footer_read(&f, block);
		if (!is_after(&fs->checkpoint, f.version) || f.nid == 0 || f.ino == 0 ||
		    f.nid >= fs->nat.count || f.ino >= fs->nat.count ||
		    (f.place == 0) != (f.nid == f.ino))
			break;
		ATHAR_TRY(remember(&fs->roll, &f, address, err));
		if (f.next == address)
			break;
		address = f.next;
	}
	return ATHAR_OK;
}

static void release_places(athar_f2fs *fs, const uint8_t *block, bool valid)
{
	athar_f2fs_inode inode = {.places_at = 0, .places = ATHAR_F2FS_NODE_PLACES};
	athar_f2fs_footer f;

	athar_f2fs_footer_read(&f, block);
	if (f.place == 0 && (!athar_f2fs_inode_read(&inode, &fs->super, block) ||
	                     inode.inline_data || inode.inline_entries))
		return;
	for (uint32_t i = 0; i < inode.places; i++) {
		const uint32_t to = athar_le32(block + inode.places_at + i * 4);

		if (athar_f2fs_in_main(fs, to))
			athar_f2fs_sit_set(fs, to, valid);
	}
}

/* The node's former self and what only that had are free; what it has now is in use. */
static void take_over(athar_f2fs *fs, const athar_f2fs_rolled *r)
{
	const uint32_t former = athar_f2fs_nat_find(fs, r->nid);
	uint8_t block[ATHAR_F2FS_BLOCK];
	athar_f2fs_footer f;

	if (former != 0 && athar_f2fs_get(fs, block, former, 1)) {
		athar_f2fs_footer_read(&f, block);
		if (f.nid == r->nid && f.ino == r->ino) {
			release_places(fs, block, false);
			athar_f2fs_sit_set(fs, former, false);
		}
	}
	athar_f2fs_nat_set(fs, r->nid, r->ino, r->address);
	athar_f2fs_sit_set(fs, r->address, true);
	if (athar_f2fs_get(fs, block, r->address, 1))
		release_places(fs, block, true);
}

/* Of each inode the nodes up to the last that fsync marked; of each node the last. */
static void keep_synced(athar_f2fs_roll *roll)
{
	size_t kept = 0;

	athar_sort(roll->node, roll->count, sizeof *roll->node, by_inode_and_position, NULL);
	for (size_t i = 0, end; i < roll->count; i = end) {
		size_t synced = i;

		for (end = i; end < roll->count && roll->node[end].ino == roll->node[i].ino; end++)
			if (roll->node[end].synced)
				synced = end + 1;
		while (i < synced)
			roll->node[kept++] = roll->node[i++];
	}
	athar_sort(roll->node, kept, sizeof *roll->node, by_inode_and_place, NULL);
	roll->count = 0;
	for (size_t i = 0; i < kept; i++) {
		const bool again = i + 1 < kept && roll->node[i].ino == roll->node[i + 1].ino &&
		                   roll->node[i].place == roll->node[i + 1].place;

		if (!again)
			roll->node[roll->count++] = roll->node[i];
	}
}

static athar_status note_names(athar_f2fs *fs, athar_error *err)
{
	athar_f2fs_roll *roll = &fs->roll;
	uint8_t block[ATHAR_F2FS_BLOCK];
	athar_f2fs_inode inode;

	for (size_t i = 0; i < roll->count; i++) {
		const athar_f2fs_rolled *r = &roll->node[i];

		if (r->place != 0 || !r->new_name || !athar_f2fs_get(fs, block, r->address, 1) ||
		    !athar_f2fs_inode_read(&inode, &fs->super, block))
			continue;
		ATHAR_TRY(athar_grow(&roll->name, &roll->name_capacity, roll->names + 1,
		                     sizeof *roll->name, err));
		roll->name[roll->names++] = (athar_f2fs_new_name){inode.parent, r->ino};
	}
	if (roll->names > 0)
		athar_sort(roll->name, roll->names, sizeof *roll->name, by_parent, NULL);
	return ATHAR_OK;
}

athar_status athar_f2fs_roll_load(athar_f2fs *fs, athar_error *err)
{
	ATHAR_TRY(follow(fs, err));
	if (fs->roll.count == 0)
		return ATHAR_OK;
	keep_synced(&fs->roll);
	for (size_t i = 0; i < fs->roll.count; i++)
		take_over(fs, &fs->roll.node[i]);
	return note_names(fs, err);
}

const athar_f2fs_rolled *athar_f2fs_roll_from(const athar_f2fs *fs, uint32_t ino, uint32_t place)
{
	size_t from = 0, to = fs->roll.count;

	while (from < to) {
		const size_t middle = from + (to - from) / 2;
		const athar_f2fs_rolled *r = &fs->roll.node[middle];

		if (r->ino < ino || (r->ino == ino && r->place < place))
			from = middle + 1;
		else
			to = middle;
	}
	return from < fs->roll.count && fs->roll.node[from].ino == ino ? &fs->roll.node[from]
	                                                               : NULL;
}

const athar_f2fs_rolled *athar_f2fs_roll_find(const athar_f2fs *fs, uint32_t ino, uint32_t place)
{
	const athar_f2fs_rolled *r = athar_f2fs_roll_from(fs, ino, place);

	return r != NULL && r->place == place ? r : NULL;
}

size_t athar_f2fs_names_find(const athar_f2fs *fs, uint32_t parent)
{
	size_t from = 0, to = fs->roll.names;

	while (from < to) {
		const size_t middle = from + (to - from) / 2;

		if (fs->roll.name[middle].parent < parent)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

/* ---- orphans ---- */

static athar_status free_place(void *user, const athar_f2fs_place *place, athar_error *err)
{
	athar_f2fs *fs = user;

	(void)err;
	if (place->missing)
		return ATHAR_OK;
	if (athar_f2fs_in_main(fs, place->address))
		athar_f2fs_sit_set(fs, place->address, false);
	if (place->node != 0) {
		athar_f2fs_sit_set(fs, place->node, false);
		athar_f2fs_nat_set(fs, place->nid, 0, 0);
	}
	return ATHAR_OK;
}

/* All of it stays where it is, as of any deleted file; only nothing holds it any more. */
static athar_status delete_orphan(athar_f2fs *fs, uint32_t ino, athar_error *err)
{
	ATHAR_AUTO(free) athar_f2fs_file *file = athar_alloc(sizeof *file, err);

	if (file == NULL)
		return ATHAR_ENOMEM;
	if (!athar_f2fs_nat_is_inode(fs, ino) || !athar_f2fs_file_live(file, fs, ino) ||
	    file->inode.links != 0)
		return ATHAR_OK;
	fs->orphans++;
	if (!file->inode.inline_data && !file->inode.inline_entries)
		ATHAR_TRY(athar_f2fs_places_each(file, free_place, fs, err));
	athar_f2fs_sit_set(fs, file->self.address, false);
	athar_f2fs_nat_set(fs, ino, 0, 0);
	return ATHAR_OK;
}

athar_status athar_f2fs_orphans_load(athar_f2fs *fs, athar_error *err)
{
	const athar_f2fs_checkpoint *c = &fs->checkpoint;
	uint8_t block[ATHAR_F2FS_BLOCK];

	if ((c->flags & ATHAR_F2FS_ORPHANS) == 0)
		return ATHAR_OK;
	for (uint32_t i = 1 + fs->super.payload; i < c->start; i++) {
		if (!athar_f2fs_get(fs, block, c->address + i, 1))
			continue;
		const uint64_t count =
			athar_min(athar_le32(block + ORPHAN_COUNT_AT), ORPHANS_IN_BLOCK);
		for (uint64_t k = 0; k < count; k++)
			ATHAR_TRY(delete_orphan(fs, athar_le32(block + k * 4), err));
	}
	return ATHAR_OK;
}
