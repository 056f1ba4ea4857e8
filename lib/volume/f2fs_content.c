/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/f2fs_content.h"

#include "base/check.h"
#include "volume/content.h"
#include "volume/f2fs_packed.h"

#define ENCRYPTED \
	"encrypted by the file system (fscrypt): its bytes are ciphertext; only its key opens it"
/* A deleted file may be sparse, but not by more than this over the volume's size. */
#define SPARSE_MOST 16

typedef struct filler {
	athar_f2fs_file *file;
	athar_extents *out;
	bool earlier;
	/* Of a compressed cluster that has begun: blocks to come, and its extent. */
	uint32_t cluster_left;
	athar_extent cluster;
	uint64_t data; /* blocks that have a place of their own */
	uint64_t taken, zero, uncertain, shared, unwritten, lost;
} filler;

static athar_status add(filler *f, athar_extent_kind kind, uint64_t image, uint64_t length,
                        athar_error *err)
{
	const athar_extent x = {.image = image, .length = length, .stored = length, .kind = kind};

	return athar_extents_add(f->out, x, err);
}

static bool foreign(filler *f, const athar_f2fs_place *place)
{
	if (f->file->live)
		return false;
	switch (athar_f2fs_fate_of(f->file, place)) {
	case ATHAR_F2FS_TAKEN:
		f->taken++;
		return true;
	case ATHAR_F2FS_ZERO:
		f->zero++;
		return false;
	case ATHAR_F2FS_UNCERTAIN:
		f->uncertain++;
		return false;
	case ATHAR_F2FS_SHARED:
		f->shared += f->earlier ? 1 : 0;
		return false;
	default:
		return false;
	}
}

static athar_status on_address(filler *f, const athar_f2fs_place *place, athar_error *err)
{
	const athar_f2fs *fs = f->file->fs;

	f->data++;
	if (foreign(f, place))
		return add(f, ATHAR_EXTENT_MISSING, 0, ATHAR_F2FS_BLOCK, err);
	return add(f, ATHAR_EXTENT_DATA, fs->base + (uint64_t)place->address * ATHAR_F2FS_BLOCK,
	           ATHAR_F2FS_BLOCK, err);
}

static void begin_cluster(filler *f)
{
	const athar_f2fs_inode *inode = &f->file->inode;

	f->cluster_left = inode->cluster - 1;
	f->cluster = (athar_extent){.image = ATHAR_NOWHERE,
	                            .length = (uint64_t)inode->cluster * ATHAR_F2FS_BLOCK,
	                            .kind = ATHAR_EXTENT_DERIVED,
	                            .transform = athar_f2fs_transform(inode->algorithm)};
}

static athar_status in_cluster(filler *f, const athar_f2fs_place *place, athar_error *err)
{
	const athar_f2fs *fs = f->file->fs;
	const uint64_t at = fs->base + (uint64_t)place->address * ATHAR_F2FS_BLOCK;

	if (athar_f2fs_in_main(fs, place->address)) {
		f->data++;
		if (foreign(f, place))
			f->cluster.kind = ATHAR_EXTENT_MISSING;
		if (f->cluster.image == ATHAR_NOWHERE)
			f->cluster.image = at;
		f->cluster.stored += ATHAR_F2FS_BLOCK;
	}
	if (--f->cluster_left > 0)
		return ATHAR_OK;
	if (f->cluster.image == ATHAR_NOWHERE || f->cluster.transform == ATHAR_TRANSFORM_NONE)
		f->cluster.kind = ATHAR_EXTENT_MISSING;
	if (f->cluster.kind != ATHAR_EXTENT_MISSING)
		return athar_extents_add(f->out, f->cluster, err);
	return add(f, ATHAR_EXTENT_MISSING, 0, f->cluster.length, err);
}

static athar_status on_place(void *user, const athar_f2fs_place *place, athar_error *err)
{
	const uint64_t length = place->count * ATHAR_F2FS_BLOCK;
	filler *f = user;

	if (f->cluster_left > 0 && !place->missing && place->count == 1)
		return in_cluster(f, place, err);
	if (place->missing) {
		f->lost += place->count;
		return add(f, ATHAR_EXTENT_MISSING, 0, length, err);
	}
	if (place->address == ATHAR_F2FS_HOLE)
		return add(f, ATHAR_EXTENT_HOLE, 0, length, err);
	if (place->address == ATHAR_F2FS_RESERVED && f->file->live)
		return add(f, ATHAR_EXTENT_HOLE, 0, length, err);
	if (place->address == ATHAR_F2FS_COMPRESSED && f->file->inode.cluster > 1 &&
	    place->index % f->file->inode.cluster == 0) {
		begin_cluster(f);
		return ATHAR_OK;
	}
	if (athar_f2fs_in_main(f->file->fs, place->address))
		return on_address(f, place, err);
	/* Given out, but nothing says that it was ever written. */
	f->unwritten++;
	return add(f, ATHAR_EXTENT_MISSING, 0, length, err);
}

static athar_status fill_inline(filler *f, athar_error *err)
{
	const athar_f2fs_file *file = f->file;
	const uint64_t size = file->inode.size;
	const uint64_t here = athar_min(size, file->inode.inline_len);

	if (here > 0)
		ATHAR_TRY(athar_extents_add_data(
			f->out,
			file->fs->base + (uint64_t)file->self.address * ATHAR_F2FS_BLOCK +
				file->inode.inline_at,
			here, err));
	f->data = 1;
	if (size == here)
		return ATHAR_OK;
	f->lost = 1;
	return add(f, ATHAR_EXTENT_MISSING, 0, size - here, err);
}

/* The gravest reason is given. */
static void say(athar_volume_file *out, const filler *f)
{
	const unsigned long long taken = f->taken, zero = f->zero, uncertain = f->uncertain;

	if (f->taken > 0)
		snprintf(out->why, sizeof out->why,
		         "%llu of its blocks were written anew by another file since", taken);
	else if (f->lost > 0)
		snprintf(out->why, sizeof out->why,
		         "nodes that say where %llu of its blocks are were not found",
		         (unsigned long long)f->lost);
	else if (f->unwritten > 0)
		snprintf(out->why, sizeof out->why,
		         "%llu of its blocks have no place: they were not written yet",
		         (unsigned long long)f->unwritten);
	else if (f->zero > 0)
		snprintf(out->why, sizeof out->why,
		         "%llu of its blocks hold zeros only: they may have been discarded", zero);
	else if (f->uncertain > 0)
		snprintf(out->why, sizeof out->why,
		         "%llu of its blocks may have been written after the last checkpoint",
		         uncertain);
	else if (f->shared > 0)
		snprintf(out->why, sizeof out->why,
		         "%llu of its blocks are those of a later version, which may have been "
		         "written in place",
		         (unsigned long long)f->shared);
	else if (f->file->inode.encrypted)
		snprintf(out->why, sizeof out->why, ENCRYPTED);
	out->assumed = f->zero + f->uncertain + f->shared > 0;
}

athar_status athar_f2fs_content_fill(athar_volume_file *out, athar_f2fs_file *file,
                                     athar_error *err)
{
	filler f = {
		.file = file, .out = &out->extents, .earlier = out->state == ATHAR_STATE_EARLIER};

	out->readable = true;
	out->size = file->inode.size;
	if (!file->live && out->size / ATHAR_F2FS_BLOCK / SPARSE_MOST > file->fs->blocks)
		return athar_content_lost(out, err, "its size cannot be right on this volume");
	if (file->inode.inline_data)
		ATHAR_TRY(fill_inline(&f, err));
	else
		ATHAR_TRY(athar_f2fs_places_each(file, on_place, &f, err));
	if (f.cluster_left > 0)
		ATHAR_TRY(add(&f, ATHAR_EXTENT_MISSING, 0, f.cluster.length, err));
	athar_extents_truncate(&out->extents, file->inode.size);
	say(out, &f);
	/* Nothing of it is left. */
	if (f.taken + f.zero + f.lost + f.unwritten > 0 && f.data == f.taken + f.zero)
		out->readable = false;
	return ATHAR_OK;
}
