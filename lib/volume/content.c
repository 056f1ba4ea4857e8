/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/content.h"

#include "base/check.h"
#include "volume/ntfs_wof.h"

/* Of a live file: how many times the volume it may pass as a sparse file, once it has more blocks
 * than that. */
#define SPARSE_MOST 64
#define POINTERS_MOST ((uint64_t)1 << 24)

athar_status athar_content_lost(athar_volume_file *file, athar_error *err, const char *format, ...)
{
	const athar_extent all = {
		.image = ATHAR_NOWHERE, .length = file->size, .kind = ATHAR_EXTENT_MISSING};
	va_list args;

	va_start(args, format);
	vsnprintf(file->why, sizeof file->why, format, args);
	va_end(args);
	file->readable = false;
	file->assumed = false;
	athar_extents_clear(&file->extents);
	return file->size == 0 ? ATHAR_OK : athar_extents_add(&file->extents, all, err);
}

/* Bytes that only libtsk can give, made from `stored` bytes at `image`. */
static athar_status derived(athar_volume_file *file, athar_transform transform, uint64_t image,
                            uint64_t stored, athar_error *err)
{
	const athar_extent x = {.image = image,
	                        .length = file->size,
	                        .stored = stored,
	                        .kind = ATHAR_EXTENT_DERIVED,
	                        .transform = transform};

	return file->size == 0 ? ATHAR_OK : athar_extents_add(&file->extents, x, err);
}

static athar_status resident(athar_volume_file *file, athar_volume *volume, const TSK_FS_ATTR *attr,
                             athar_error *err)
{
	uint64_t record = ATHAR_NOWHERE;

	if (athar_volume_is_ntfs(volume) &&
	    athar_mft_resident(&file->extents, volume, file->meta, attr, &record, err))
		return ATHAR_OK;
	return derived(file, ATHAR_TRANSFORM_NONE, record,
	               record == ATHAR_NOWHERE ? 0 : volume->mft.record, err);
}

/* Compressed by HFS+ or APFS: in the resource fork, else in an attribute whose place is not handed
 * out. */
static athar_status apple_compressed(athar_volume_file *file, const athar_volume *volume,
                                     const TSK_FS_FILE *tsk, athar_error *err)
{
	ATHAR_AUTO(extents) athar_extents fork = ATHAR_EXTENTS_INIT;
	const TSK_FS_ATTR *attr = NULL;

	if (tsk->meta->attr != NULL)
		attr = tsk->meta->attr->head;
	while (attr != NULL && !((attr->flags & TSK_FS_ATTR_INUSE) != 0 &&
	                         (attr->flags & TSK_FS_ATTR_NONRES) != 0 &&
	                         attr->type == TSK_FS_ATTR_TYPE_HFS_RSRC))
		attr = attr->next;
	if (attr != NULL)
		ATHAR_TRY(athar_attr_extents(&fork, volume, attr, err));
	if (fork.count == 0)
		return derived(file, ATHAR_TRANSFORM_DEFLATE, ATHAR_NOWHERE, 0, err);
	return derived(file, ATHAR_TRANSFORM_DEFLATE, fork.extent[0].image,
	               athar_extents_size(&fork), err);
}

static athar_status place(athar_volume_file *file, athar_volume *volume, const TSK_FS_FILE *tsk,
                          const TSK_FS_ATTR *attr, athar_error *err)
{
	if ((attr->flags & TSK_FS_ATTR_COMP) != 0 && !athar_volume_is_ntfs(volume))
		return apple_compressed(file, volume, tsk, err);
	if ((attr->flags & TSK_FS_ATTR_RES) != 0)
		return resident(file, volume, attr, err);
	return athar_attr_extents(&file->extents, volume, attr, err);
}

/* Linux clears the block numbers of an inode when it deletes the file. */
static athar_status ext_deleted(athar_volume_file *file, athar_error *err)
{
	if (file->size == 0)
		return athar_content_lost(
			file, err, "the inode was cleared at deletion: size and blocks are gone");
	if (athar_extents_of_kind(&file->extents, ATHAR_EXTENT_DATA) == 0)
		return athar_content_lost(file, err, "the block numbers were cleared at deletion");
	return ATHAR_OK;
}

static void note_gaps(athar_volume_file *file)
{
	const uint64_t missing = athar_extents_of_kind(&file->extents, ATHAR_EXTENT_MISSING);

	if (missing == 0)
		return;
	if (missing == file->size)
		file->readable = false;
	snprintf(file->why, sizeof file->why,
	         "for %llu of its %llu bytes the metadata gives no place in the image",
	         (unsigned long long)missing, (unsigned long long)file->size);
}

bool athar_content_endless(const athar_volume *volume, const TSK_FS_META *meta, bool live)
{
	const uint64_t size = meta->size > 0 ? (uint64_t)meta->size : 0;
	uint64_t most;

	if (!athar_volume_is_ext(volume) && !TSK_FS_TYPE_ISFFS(volume->fs->ftype))
		return false;
	if (!live)
		return size > volume->info.length;
	if (!athar_mul(volume->info.length, SPARSE_MOST, &most))
		return false;
	return size > most && size / volume->fs->block_size > POINTERS_MOST;
}

athar_status athar_content_fill(athar_volume_file *file, athar_volume *volume,
                                const TSK_FS_FILE *tsk, const TSK_FS_ATTR *attr, athar_error *err)
{
	const bool live = file->state == ATHAR_STATE_LIVE || file->state == ATHAR_STATE_TRASH;
	char reason[100];

	file->readable = true;
	if (attr == NULL) {
		file->size = tsk->meta->size > 0 ? (uint64_t)tsk->meta->size : 0;
		if (file->size == 0 && !athar_volume_is_ext(volume))
			return ATHAR_OK;
		if (athar_content_endless(volume, tsk->meta, live))
			return athar_content_lost(file, err,
			                          "its size cannot be right on this volume");
		return athar_content_lost(file, err, "its places are not recorded: %s",
		                          athar_tsk_error(reason, sizeof reason));
	}
	file->type = attr->type;
	file->id = attr->id;
	file->size = attr->size > 0 ? (uint64_t)attr->size : 0;
	if (athar_ntfs_wof_is(volume, tsk, attr))
		return athar_ntfs_wof_fill(file, volume, tsk, err);
	ATHAR_TRY(place(file, volume, tsk, attr, err));
	note_gaps(file);
	if ((attr->flags & TSK_FS_ATTR_ENC) != 0)
		snprintf(file->why, sizeof file->why,
		         "encrypted by the file system: what lies there is "
		         "not the content in clear");
	if (live)
		return ATHAR_OK;
	if (athar_volume_is_ext(volume))
		return ext_deleted(file, err);
	/* Those of a volume that can be read otherwise are placed by fat_solve.c. */
	file->assumed = athar_volume_is_fat(volume) && file->size > 0;
	if (file->assumed)
		snprintf(file->why, sizeof file->why,
		         "which clusters follow its first one is assumed");
	return ATHAR_OK;
}
