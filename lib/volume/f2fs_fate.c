/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whose a block was last. Three witnesses: the bitmap of valid blocks, the summary of its segment
 * (as of the last checkpoint), and the stale nodes, of which a newer one may have the address too.
 */
#include "base/endian.h"
#include "volume/f2fs_content.h"

/* The newer node that claims the block is one of the same file, with the block at the same place.
 */
static bool same_file(const athar_f2fs_file *file, const athar_f2fs_place *place, uint32_t node)
{
	uint8_t block[ATHAR_F2FS_BLOCK];
	athar_f2fs_inode inode = {.places_at = 0, .places = ATHAR_F2FS_NODE_PLACES};
	athar_f2fs_footer footer;

	if (!athar_f2fs_get(file->fs, block, node, 1))
		return false;
	athar_f2fs_footer_read(&footer, block);
	if (footer.ino != file->self.ino || footer.nid != place->nid)
		return false;
	if (footer.place == 0 && (!athar_f2fs_inode_read(&inode, &file->fs->super, block) ||
	                          inode.generation != file->inode.generation))
		return false;
	return place->slot < inode.places &&
	       athar_le32(block + inode.places_at + place->slot * 4) == place->address;
}

/* After the last checkpoint a log went on from where it stood; nothing says how far. */
static bool behind_a_log(const athar_f2fs *fs, uint32_t address)
{
	const uint32_t segment = (address - fs->super.main) / ATHAR_F2FS_SEGMENT;
	const uint32_t offset = (address - fs->super.main) % ATHAR_F2FS_SEGMENT;

	if ((fs->checkpoint.flags & ATHAR_F2FS_UNMOUNTED) != 0)
		return false;
	for (size_t i = 0; i < 3; i++)
		if (fs->checkpoint.data[i].segment == segment &&
		    offset >= fs->checkpoint.data[i].offset)
			return true;
	return false;
}

/* Before the last checkpoint: then the summary has whoever was given the block last. */
static bool is_settled(const athar_f2fs *fs, uint32_t version)
{
	return (uint32_t)fs->checkpoint.version != version;
}

static bool summary_differs(const athar_f2fs_file *file, const athar_f2fs_place *place)
{
	const athar_f2fs_owner owner = athar_f2fs_owner_of(file->fs, place->address);

	return owner.known && (owner.node || owner.nid != place->nid || owner.slot != place->slot);
}

athar_f2fs_fate athar_f2fs_fate_of(const athar_f2fs_file *file, const athar_f2fs_place *place)
{
	const athar_f2fs *fs = file->fs;
	const athar_f2fs_claim claim = athar_f2fs_stale_claim(fs, place->address);
	const bool settled = is_settled(fs, place->version);

	if (athar_f2fs_is_valid(fs, place->address))
		return ATHAR_F2FS_IN_USE;
	if (settled && summary_differs(file, place))
		return ATHAR_F2FS_TAKEN;
	if (claim.node != 0 && claim.node != place->node) {
		if (!same_file(file, place, claim.node))
			return ATHAR_F2FS_TAKEN;
		return ATHAR_F2FS_SHARED;
	}
	if (settled && behind_a_log(fs, place->address))
		return ATHAR_F2FS_UNCERTAIN;
	return athar_f2fs_stale_zero(fs, place->address) ? ATHAR_F2FS_ZERO : ATHAR_F2FS_OWN;
}
