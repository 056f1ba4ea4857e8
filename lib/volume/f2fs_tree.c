/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/f2fs_tree.h"

#include "base/check.h"
#include "base/endian.h"

#define ANY ATHAR_F2FS_ANY /* the number of the node is not known, only its place */
/* Of nodes of which only the place is known so many are looked at. */
#define GUESSES 256

typedef struct walker {
	athar_f2fs_file *file;
	athar_status (*place)(void *user, const athar_f2fs_place *place, athar_error *err);
	void *user;
	athar_error *err;
	uint64_t index, end; /* in blocks of the file */
} walker;

/* A node at hand. */
typedef struct node {
	uint8_t block[ATHAR_F2FS_BLOCK];
	uint32_t nid, address, version;
} node;

bool athar_f2fs_file_live(athar_f2fs_file *out, athar_f2fs *fs, uint32_t ino)
{
	athar_f2fs_footer footer;

	out->fs = fs;
	out->live = true;
	out->last = out->bounded = false;
	out->self = (athar_f2fs_stale_node){.ino = ino, .nid = ino};
	out->self.address = athar_f2fs_nat_find(fs, ino);
	if (out->self.address == 0 || !athar_f2fs_get(fs, out->block, out->self.address, 1))
		return false;
	athar_f2fs_footer_read(&footer, out->block);
	out->self.version = (uint32_t)footer.version;
	return footer.nid == ino && footer.ino == ino && footer.place == 0 &&
	       athar_f2fs_inode_read(&out->inode, &fs->super, out->block);
}

static bool generation_at(uint32_t *out, athar_f2fs *fs, uint32_t address)
{
	uint8_t block[ATHAR_F2FS_BLOCK];
	athar_f2fs_inode inode;

	if (!athar_f2fs_get(fs, block, address, 1) ||
	    !athar_f2fs_inode_read(&inode, &fs->super, block))
		return false;
	*out = inode.generation;
	return true;
}

/* What follows it: another version of the same file, or the next file with its number. */
static void bound(athar_f2fs_file *out, const athar_f2fs_stale_node *inodes, size_t count, size_t i)
{
	athar_f2fs *fs = out->fs;
	uint32_t generation = 0;
	athar_f2fs_file *file = out;

	file->bounded = i + 1 < count;
	if (file->bounded) {
		file->next = inodes[i + 1];
		file->last = !generation_at(&generation, fs, file->next.address) ||
		             generation != file->inode.generation;
		return;
	}
	file->last = true;
	if (athar_f2fs_nat_is_inode(fs, file->self.ino)) {
		uint8_t block[ATHAR_F2FS_BLOCK];
		athar_f2fs_footer footer;

		file->next = (athar_f2fs_stale_node){
			.ino = file->self.ino, .address = athar_f2fs_nat_find(fs, file->self.ino)};
		file->bounded = athar_f2fs_get(fs, block, file->next.address, 1);
		athar_f2fs_footer_read(&footer, block);
		file->next.version = (uint32_t)footer.version;
		file->next.rank = athar_f2fs_stale_rank(fs, file->next.version, file->next.address);
		file->last = !generation_at(&generation, fs, file->next.address) ||
		             generation != file->inode.generation;
	}
}

bool athar_f2fs_file_stale(athar_f2fs_file *out, athar_f2fs *fs,
                           const athar_f2fs_stale_node *inodes, size_t count, size_t i)
{
	out->fs = fs;
	out->live = out->last = out->bounded = false;
	out->self = inodes[i];
	if (!athar_f2fs_get(fs, out->block, inodes[i].address, 1) ||
	    !athar_f2fs_inode_read(&out->inode, &fs->super, out->block))
		return false;
	bound(out, inodes, count, i);
	return true;
}

/* Whether a node that was written there and then belongs to this version. fsync and checkpoints
 * write the nodes of a file in the order of their numbers: one below the inode's comes before it,
 * one above it after it. */
static bool belongs(const athar_f2fs_file *file, const athar_f2fs_stale_node *n)
{
	if (!file->last && n->nid < file->self.ino)
		return athar_f2fs_stale_compare(n, &file->self) < 0;
	return !file->bounded || athar_f2fs_stale_compare(n, &file->next) < 0;
}

static bool load(node *out, const athar_f2fs_file *file, uint32_t address, uint32_t nid,
                 uint32_t place)
{
	athar_f2fs_footer footer;

	if (address == 0 || !athar_f2fs_in_main(file->fs, address) ||
	    !athar_f2fs_get(file->fs, out->block, address, 1))
		return false;
	athar_f2fs_footer_read(&footer, out->block);
	out->nid = footer.nid;
	out->address = address;
	out->version = (uint32_t)footer.version;
	return footer.ino == file->self.ino && footer.place == place &&
	       (nid == ANY || footer.nid == nid);
}

static bool find_live(node *out, const athar_f2fs_file *file, uint32_t nid, uint32_t place)
{
	const athar_f2fs_rolled *rolled = athar_f2fs_roll_find(file->fs, file->self.ino, place);

	if (rolled != NULL)
		return load(out, file, rolled->address, ANY, place);
	return nid != ANY && load(out, file, athar_f2fs_nat_find(file->fs, nid), nid, place);
}

/* The newest of nodes with one number that belongs to this version; NULL: none. */
static const athar_f2fs_stale_node *newest(const athar_f2fs_file *file,
                                           const athar_f2fs_stale_node *n, size_t count)
{
	size_t from = 0, to = count;

	while (from < to) {
		const size_t middle = from + (to - from) / 2;

		if (belongs(file, &n[middle]))
			from = middle + 1;
		else
			to = middle;
	}
	return from == 0 ? NULL : &n[from - 1];
}

static const athar_f2fs_stale_node *newest_of_any(const athar_f2fs_file *file,
                                                  const athar_f2fs_stale_node *n, size_t count)
{
	const athar_f2fs_stale_node *best = NULL;

	for (size_t i = 0; i < count && i < GUESSES; i++)
		if (belongs(file, &n[i]) &&
		    (best == NULL || athar_f2fs_stale_compare(best, &n[i]) < 0))
			best = &n[i];
	return best;
}

/* The live node is one of the candidates: a later version of the file may still have it. */
static bool find_stale(node *out, const athar_f2fs_file *file, uint32_t nid, uint32_t place)
{
	const athar_f2fs *fs = file->fs;
	size_t count;
	const athar_f2fs_stale_node *n =
		athar_f2fs_stale_find(&count, fs, file->self.ino, place, nid);

	n = nid == ANY ? newest_of_any(file, n, count) : newest(file, n, count);
	if (nid != ANY && load(out, file, athar_f2fs_nat_find(fs, nid), nid, place)) {
		athar_f2fs_stale_node live = {.nid = nid, .address = out->address};

		live.version = out->version;
		live.rank = athar_f2fs_stale_rank(fs, live.version, live.address);
		if (belongs(file, &live))
			return true;
	}
	return n != NULL && load(out, file, n->address, nid, place);
}

/* A search costs as much as a read of what an image may be read in all, so that trees that lead to
 * nothing end. */
static bool may_search(athar_f2fs *fs)
{
	if (fs->image->left < ATHAR_F2FS_BLOCK) {
		fs->image->exhausted = true;
		return false;
	}
	fs->image->left -= ATHAR_F2FS_BLOCK;
	return true;
}

static athar_status gap(walker *w, uint64_t covers, bool missing)
{
	const athar_f2fs_place place = {.index = w->index,
	                                .count = athar_min(covers, w->end - w->index),
	                                .missing = missing};

	if (place.count == 0)
		return ATHAR_OK;
	w->index += place.count;
	return w->place(w->user, &place, w->err);
}

static athar_status walk_slots(walker *w, const uint8_t *slots, uint32_t count, const node *n)
{
	for (uint32_t i = 0; i < count && w->index < w->end; i++) {
		const athar_f2fs_place place = {.index = w->index++,
		                                .count = 1,
		                                .address = athar_le32(slots + i * 4),
		                                .nid = n->nid,
		                                .slot = i,
		                                .node = n->address,
		                                .version = n->version};

		ATHAR_TRY(w->place(w->user, &place, w->err));
	}
	return ATHAR_OK;
}

/* How many places of the tree a node takes with all below it. */
static uint32_t span(unsigned depth)
{
	return depth == 1 ? 1 : 1 + ATHAR_F2FS_NODE_PLACES * span(depth - 1);
}

/* Nodes below a node that is lost, or that was not written since, are still found by their place.
 */
static bool any_below(const athar_f2fs_file *file, uint32_t place, unsigned depth)
{
	const athar_f2fs_rolled *rolled;

	if (!file->live)
		return athar_f2fs_stale_any(file->fs, file->self.ino, place, place + span(depth));
	rolled = athar_f2fs_roll_from(file->fs, file->self.ino, place);
	return rolled != NULL && rolled->place - place < span(depth);
}

static athar_status walk_node(walker *w, uint32_t nid, uint32_t place, unsigned depth)
{
	athar_f2fs_file *file = w->file;
	uint64_t covers = file->inode.node_places;
	bool found, lost;
	node n;

	for (unsigned i = 1; i < depth; i++)
		covers *= ATHAR_F2FS_NODE_PLACES;
	if (w->index >= w->end)
		return ATHAR_OK;
	if (nid == 0 && !(file->live && any_below(file, place, depth)))
		return gap(w, covers, false);
	if (!may_search(file->fs))
		return gap(w, covers, true);
	if (nid == 0)
		nid = ANY;
	found = file->live ? find_live(&n, file, nid, place) : find_stale(&n, file, nid, place);
	if (depth == 1)
		return found ? walk_slots(w, n.block, file->inode.node_places, &n)
		             : gap(w, covers, true);
	lost = !found && any_below(file, place, depth);
	if (!found && !lost)
		return gap(w, covers, true);
	for (uint32_t i = 0; i < ATHAR_F2FS_NODE_PLACES; i++)
		ATHAR_TRY(walk_node(w, lost ? ANY : athar_le32(n.block + i * 4),
		                    place + 1 + i * span(depth - 1), depth - 1));
	return ATHAR_OK;
}

athar_status athar_f2fs_places_each(athar_f2fs_file *file,
                                    athar_status (*place)(void *user, const athar_f2fs_place *place,
                                                          athar_error *err),
                                    void *user, athar_error *err)
{
	static const struct {
		uint32_t place;
		unsigned depth;
	} below[] = {{1, 1},
	             {2, 1},
	             {3, 2},
	             {4 + ATHAR_F2FS_NODE_PLACES, 2},
	             {5 + 2 * ATHAR_F2FS_NODE_PLACES, 3}};
	walker w = {.file = file, .place = place, .user = user, .err = err};
	node inode = {.nid = file->self.ino,
	              .address = file->self.address,
	              .version = file->self.version};

	w.end = athar_round_up(file->inode.size, ATHAR_F2FS_BLOCK) / ATHAR_F2FS_BLOCK;
	ATHAR_TRY(walk_slots(&w, file->block + file->inode.places_at, file->inode.places, &inode));
	for (size_t i = 0; i < ATHAR_COUNT(below); i++)
		ATHAR_TRY(walk_node(&w, file->inode.nid[i], below[i].place, below[i].depth));
	return gap(&w, UINT64_MAX, true);
}
