/* SPDX-License-Identifier: BSD-2-Clause */
/* From libtsk's runs of blocks to places in the image. */
#include "base/alloc.h"
#include "base/check.h"
#include "volume/content.h"

/* More pieces than this are not the record of a file but an attack on memory. */
#define EXTENTS_MOST ((size_t)1 << 20)

static athar_status add_kind(athar_extents *out, athar_extent_kind kind, uint64_t length,
                             athar_error *err)
{
	const athar_extent x = {.image = ATHAR_NOWHERE, .length = length, .kind = kind};

	return length == 0 ? ATHAR_OK : athar_extents_add(out, x, err);
}

/* Data at an image offset; what lies past the end of the image is missing. */
static athar_status add_place(athar_extents *out, const athar_volume *volume, uint64_t image,
                              uint64_t length, athar_error *err)
{
	const uint64_t size = (uint64_t)volume->image->tsk.size;
	const uint64_t there = image < size ? athar_min(length, size - image) : 0;

	if (there > 0)
		ATHAR_TRY(athar_extents_add_data(out, image, there, err));
	return add_kind(out, ATHAR_EXTENT_MISSING, length - there, err);
}

/* length bytes from `skip` into the block at addr on. Raw images of compact discs have bytes of
 * their own around each block. */
static athar_status add_blocks(athar_extents *out, const athar_volume *volume, uint64_t addr,
                               uint64_t skip, uint64_t length, athar_error *err)
{
	const TSK_FS_INFO *fs = volume->fs;
	const uint64_t around = (uint64_t)fs->block_pre_size + fs->block_post_size;
	uint64_t image;

	if (!athar_mul(addr, fs->block_size + around, &image) ||
	    !athar_add(image, volume->base + fs->block_pre_size + skip, &image))
		return add_kind(out, ATHAR_EXTENT_MISSING, length, err);
	if (around == 0)
		return add_place(out, volume, image, length, err);
	for (uint64_t done = 0; done < length; done += fs->block_size) {
		const uint64_t piece = athar_min(fs->block_size, length - done);

		ATHAR_TRY(add_place(out, volume, image, piece, err));
		image += fs->block_size + around;
	}
	return ATHAR_OK;
}

/* What no run says anything about. ext writes nothing at all for a hole; elsewhere a part of the
 * record is missing. */
static athar_extent_kind unsaid(const athar_volume *volume)
{
	return athar_volume_is_ext(volume) ? ATHAR_EXTENT_HOLE : ATHAR_EXTENT_MISSING;
}

static athar_status add_run(athar_extents *out, const athar_volume *volume,
                            const TSK_FS_ATTR_RUN *run, uint64_t skip, uint64_t length,
                            athar_error *err)
{
	if (length == 0)
		return ATHAR_OK;
	if ((run->flags & TSK_FS_ATTR_RUN_FLAG_SPARSE) != 0)
		return add_kind(out, ATHAR_EXTENT_HOLE, length, err);
	if ((run->flags & TSK_FS_ATTR_RUN_FLAG_FILLER) != 0)
		return add_kind(out, unsaid(volume), length, err);
	return add_blocks(out, volume, run->addr, skip, length, err);
}

/* Plain runs. The first skiplen bytes of the first one are not content. */
static athar_status plain_runs(athar_extents *out, const athar_volume *volume,
                               const TSK_FS_ATTR *attr, uint64_t size, athar_error *err)
{
	const TSK_FS_ATTR_RUN *run = attr->nrd.run;
	uint64_t skip = attr->nrd.skiplen;

	for (; run != NULL && athar_extents_size(out) < size; run = run->next) {
		uint64_t at, length;

		if (out->count >= EXTENTS_MOST ||
		    !athar_mul(run->offset, volume->fs->block_size, &at) ||
		    !athar_mul(run->len, volume->fs->block_size, &length) || length <= skip)
			break;
		at = athar_min(at - athar_min(at, attr->nrd.skiplen), size);
		if (at > athar_extents_size(out))
			ATHAR_TRY(add_kind(out, unsaid(volume), at - athar_extents_size(out), err));
		length = athar_min(length - skip, size - athar_extents_size(out));
		ATHAR_TRY(add_run(out, volume, run, skip, length, err));
		skip = 0;
	}
	return add_kind(out, run == NULL ? unsaid(volume) : ATHAR_EXTENT_MISSING,
	                size - athar_extents_size(out), err);
}

/* Place in a list of runs. */
typedef struct cursor {
	const TSK_FS_ATTR_RUN *run;
	uint64_t used; /* blocks of it */
} cursor;

/* The next blocks of one run, at most `most`; 0 at the end. */
static uint64_t cursor_take(cursor *c, uint64_t most, TSK_FS_ATTR_RUN *piece)
{
	uint64_t count;

	while (c->run != NULL && c->used >= c->run->len) {
		c->run = c->run->next;
		c->used = 0;
	}
	if (c->run == NULL)
		return 0;
	count = athar_min(most, c->run->len - c->used);
	*piece = *c->run;
	piece->addr += c->used;
	c->used += count;
	return count;
}

/* A compression unit: all its blocks stored, it is plain; none, it is a hole; else compressed. */
static athar_status add_unit(athar_extents *out, const athar_volume *volume, cursor *at,
                             uint32_t blocks, uint64_t length, athar_error *err)
{
	const uint64_t block = volume->fs->block_size;
	athar_extent unit = {.image = ATHAR_NOWHERE,
	                     .length = length,
	                     .kind = ATHAR_EXTENT_DERIVED,
	                     .transform = ATHAR_TRANSFORM_LZNT1};
	const cursor start = *at;
	TSK_FS_ATTR_RUN piece;
	uint64_t count;
	uint64_t left = blocks;

	for (; left > 0 && (count = cursor_take(at, left, &piece)) > 0; left -= count) {
		if ((piece.flags & (TSK_FS_ATTR_RUN_FLAG_SPARSE | TSK_FS_ATTR_RUN_FLAG_FILLER)) !=
		    0)
			continue;
		if (unit.image == ATHAR_NOWHERE)
			unit.image = volume->base + piece.addr * block;
		unit.stored += count * block;
	}
	if (left == blocks)
		return add_kind(out, ATHAR_EXTENT_MISSING, length, err);
	if (unit.stored == 0)
		return add_kind(out, ATHAR_EXTENT_HOLE, length, err);
	if (unit.stored < blocks * block)
		return athar_extents_add(out, unit, err);
	*at = start;
	for (left = blocks; left > 0 && (count = cursor_take(at, left, &piece)) > 0;
	     left -= count) {
		const uint64_t bytes = athar_min(count * block, length);

		ATHAR_TRY(add_blocks(out, volume, piece.addr, 0, bytes, err));
		length -= bytes;
	}
	return ATHAR_OK;
}

static athar_status compressed_runs(athar_extents *out, const athar_volume *volume,
                                    const TSK_FS_ATTR *attr, uint64_t size, athar_error *err)
{
	const uint64_t unit = (uint64_t)attr->nrd.compsize * volume->fs->block_size;
	cursor at = {attr->nrd.run, 0};

	while (athar_extents_size(out) < size && at.run != NULL && out->count < EXTENTS_MOST)
		ATHAR_TRY(add_unit(out, volume, &at, attr->nrd.compsize,
		                   athar_min(unit, size - athar_extents_size(out)), err));
	return ATHAR_OK;
}

athar_status athar_attr_extents(athar_extents *out, const athar_volume *volume,
                                const TSK_FS_ATTR *attr, athar_error *err)
{
	const uint64_t size = attr->size > 0 ? (uint64_t)attr->size : 0;
	uint64_t written = size; /* what lies behind was never written and reads as zeros */

	if (athar_volume_is_ntfs(volume) && attr->nrd.initsize >= 0)
		written = athar_min(size, (uint64_t)attr->nrd.initsize);
	if ((attr->flags & TSK_FS_ATTR_COMP) != 0 && attr->nrd.compsize > 0)
		ATHAR_TRY(compressed_runs(out, volume, attr, written, err));
	else
		ATHAR_TRY(plain_runs(out, volume, attr, written, err));
	if (athar_extents_size(out) < written)
		ATHAR_TRY(add_kind(out, ATHAR_EXTENT_MISSING, written - athar_extents_size(out),
		                   err));
	return add_kind(out, ATHAR_EXTENT_HOLE, size - written, err);
}

uint64_t athar_extents_of_kind(const athar_extents *extents, athar_extent_kind kind)
{
	uint64_t total = 0;

	for (size_t i = 0; i < extents->count; i++) {
		if (extents->extent[i].kind == kind)
			total += extents->extent[i].length;
	}
	return total;
}
