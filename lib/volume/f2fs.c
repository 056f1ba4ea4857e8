/* SPDX-License-Identifier: BSD-2-Clause */
/* F2FS as the rest of the room sees it. */
#include "volume/f2fs.h"

#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/endian.h"
#include "volume/f2fs_give.h"
#include "volume/f2fs_read.h"

/* Blocks of the head of a checkpoint that are read: the bitmaps of 16 TiB fit. */
#define HEAD_MOST (ATHAR_F2FS_SEGMENT - 8)

bool athar_f2fs_get(athar_f2fs *fs, uint8_t *out, uint32_t address, uint32_t count)
{
	ATHAR_AUTO(runs) athar_runs bad = ATHAR_RUNS_INIT;
	athar_error err = ATHAR_ERROR_INIT;
	const size_t len = (size_t)count * ATHAR_F2FS_BLOCK;
	size_t got = 0;

	memset(out, 0, len);
	if (!athar_inside(address, count, fs->blocks))
		return false;
	if (fs->image->left < len) {
		fs->image->exhausted = true;
		return false;
	}
	fs->image->left -= len;
	if (athar_source_read(fs->image->source, out, len,
	                      fs->base + (uint64_t)address * ATHAR_F2FS_BLOCK, &got, &bad,
	                      &err) == ATHAR_OK &&
	    got == len && bad.count == 0)
		return true;
	fs->image->failed++;
	return false;
}

/* The first superblock that holds, else the second. Without any, why is the first one's. */
static bool read_super(athar_f2fs *fs, char why[160])
{
	uint8_t block[ATHAR_F2FS_BLOCK];
	char other[160];

	if (athar_f2fs_get(fs, block, 0, 1) &&
	    athar_f2fs_super_read(&fs->super, why, block + ATHAR_F2FS_SUPER_AT))
		return true;
	if (!athar_f2fs_get(fs, block, 1, 1) ||
	    !athar_f2fs_super_read(&fs->super, other, block + ATHAR_F2FS_SUPER_AT))
		return false;
	fs->second_super = true;
	return true;
}

static bool read_pack(athar_f2fs_checkpoint *out, athar_f2fs *fs, uint32_t address)
{
	uint8_t block[ATHAR_F2FS_BLOCK];
	athar_f2fs_checkpoint closing;

	if (!athar_f2fs_get(fs, block, address, 1) ||
	    !athar_f2fs_checkpoint_read(out, &fs->super, block) ||
	    !athar_f2fs_get(fs, block, address + out->blocks - 1, 1) ||
	    !athar_f2fs_checkpoint_read(&closing, &fs->super, block) ||
	    closing.version != out->version)
		return false;
	out->address = address;
	return true;
}

/* Of a pack that is not whole the version may still be there: then it was meant to count. */
static bool read_checkpoint(athar_f2fs *fs)
{
	athar_f2fs_checkpoint pack[2];
	bool whole[2];

	for (uint32_t i = 0; i < 2; i++) {
		pack[i].version = 0;
		whole[i] = read_pack(&pack[i], fs, fs->super.checkpoint + i * ATHAR_F2FS_SEGMENT);
	}
	if (!whole[0] && !whole[1])
		return false;
	const size_t best =
		!whole[0] || (whole[1] && athar_f2fs_newer(pack[1].version, pack[0].version));
	fs->checkpoint = pack[best];
	fs->older_pack = !whole[1 - best] && pack[1 - best].version == pack[best].version + 1;
	return true;
}

static athar_status load_tables(athar_f2fs *fs, athar_error *err)
{
	const uint32_t count = fs->super.payload + 1;
	ATHAR_AUTO(free) uint8_t *head = NULL;

	if (count > HEAD_MOST)
		return athar_fail(err, ATHAR_EFORMAT, "the checkpoint is too long");
	head = athar_alloc((size_t)count * ATHAR_F2FS_BLOCK, err);
	if (head == NULL)
		return ATHAR_ENOMEM;
	if (!athar_f2fs_get(fs, head, fs->checkpoint.address, count))
		return athar_fail(err, ATHAR_EIO, "the checkpoint cannot be read");
	ATHAR_TRY(athar_f2fs_nat_load(fs, head + fs->checkpoint.nat_at, err));
	ATHAR_TRY(athar_f2fs_sit_load(fs, head + fs->checkpoint.sit_at, err));
	ATHAR_TRY(athar_f2fs_journals_load(fs, err));
	ATHAR_TRY(athar_f2fs_roll_load(fs, err));
	return athar_f2fs_orphans_load(fs, err);
}

/* What the superblock says, against what there is. The main area may be cut short. */
static bool fit(athar_f2fs *fs)
{
	const uint64_t main = (uint64_t)fs->super.main_segments * ATHAR_F2FS_SEGMENT;

	if (fs->super.main >= fs->blocks)
		return false;
	fs->sit.blocks = (uint32_t)athar_min(main, fs->blocks - fs->super.main);
	fs->cut = fs->sit.blocks < main;
	return true;
}

static void start(athar_f2fs *fs, athar_tsk_image *image, const athar_volume_info *info)
{
	fs->image = image;
	fs->base = info->offset;
	fs->blocks = (uint32_t)athar_min(info->length / ATHAR_F2FS_BLOCK, UINT32_MAX);
}

static const char *const no_checkpoint =
	"F2FS of which no checkpoint holds: only carving sees its content";

bool athar_f2fs_describe(athar_volume_info *info, athar_tsk_image *image)
{
	athar_error err = ATHAR_ERROR_INIT;
	ATHAR_AUTO(free) athar_f2fs *fs = athar_alloc(sizeof *fs, &err);
	char why[160] = "";
	bool found;

	if (fs == NULL)
		return false;
	start(fs, image, info);
	found = read_super(fs, why);
	if (!found && why[0] == '\0')
		return false;
	snprintf(info->kind, sizeof info->kind, "f2fs");
	if (found) {
		memcpy(info->label, fs->super.label, sizeof info->label);
		info->block_size = ATHAR_F2FS_BLOCK;
		info->blocks = fs->super.blocks;
		if (!fit(fs))
			snprintf(why, sizeof why,
			         "F2FS whose tables lie past the end of the image");
		else if (!read_checkpoint(fs))
			snprintf(why, sizeof why, "%s", no_checkpoint);
		else
			info->file_system = true;
	}
	if (!info->file_system)
		snprintf(info->finding, sizeof info->finding, "%s", why);
	return true;
}

athar_status athar_f2fs_open(athar_f2fs **out, athar_tsk_image *image,
                             const athar_volume_info *info, athar_error *err)
{
	athar_f2fs *fs = athar_alloc(sizeof *fs, err);
	athar_status status;
	char why[160] = "there is no superblock";

	if (fs == NULL)
		return ATHAR_ENOMEM;
	start(fs, image, info);
	if (!read_super(fs, why))
		status = athar_fail_at(err, ATHAR_EFORMAT, info->offset,
		                       "the f2fs file system cannot be opened: %s", why);
	else if (!fit(fs) || !read_checkpoint(fs))
		status = athar_fail_at(err, ATHAR_EFORMAT, info->offset, "%s", no_checkpoint);
	else
		status = load_tables(fs, err);
	if (status == ATHAR_OK)
		*out = fs;
	else
		athar_f2fs_close(fs);
	return status;
}

void athar_f2fs_close(athar_f2fs *fs)
{
	if (fs == NULL)
		return;
	athar_f2fs_reader_free(fs->reader);
	athar_f2fs_stale_free(fs->stale);
	free(fs->nat.address);
	free(fs->nat.inode);
	free(fs->sit.valid);
	free(fs->roll.node);
	free(fs->roll.name);
	free(fs);
}

/* What was not as it should be, though the file system could be opened. */
static athar_status findings(athar_walk *w, const athar_f2fs *fs, athar_error *err)
{
	const struct {
		bool said;
		const char *text;
	} all[] = {
		{fs->second_super, "the first superblock is broken: its copy is used"},
		{fs->older_pack, "the last checkpoint is broken: the one before it is used"},
		{fs->nat_lost, "a part of the table of nodes (NAT) cannot be read: files may be "
	                       "missing, or given as deleted"},
		{fs->sit_lost, "a part of what says which blocks are in use (SIT) cannot be read"},
		{fs->cut, "the file system goes on where the image ends"},
	};

	for (size_t i = 0; i < ATHAR_COUNT(all); i++)
		if (all[i].said)
			ATHAR_TRY(athar_walk_finding(w, false, err, "%s", all[i].text));
	return ATHAR_OK;
}

athar_status athar_f2fs_walk(athar_walk *w, athar_f2fs *fs, athar_error *err)
{
	ATHAR_AUTO(seen) athar_seen given = {NULL, 0, 0};

	ATHAR_TRY(findings(w, fs, err));
	ATHAR_TRY(athar_f2fs_live_walk(w, fs, &given, err));
	return w->named_only || w->full ? ATHAR_OK : athar_f2fs_lost_walk(w, fs, err);
}
