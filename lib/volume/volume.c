/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/volume_state.h"

#include <string.h>

#include "athar/text.h"
#include "base/alloc.h"
#include "base/check.h"
#include "volume/content.h"
#include "volume/kinds.h"
#include "volume/ntfs_lost.h"
#include "volume/ntfs_wof.h"

const char *athar_volume_engine(void)
{
	return tsk_version_get_str();
}

void athar_volume_text(char *out, size_t size, const void *bytes, size_t len)
{
	ATHAR_AUTO(free) char *text = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	size_t keep;

	out[0] = '\0';
	if (athar_text_terminal(&text, bytes, len, &err) != ATHAR_OK)
		return;
	keep = strlen(text);
	if (keep >= size) {
		keep = size - 1;
		while (keep > 0 && ((uint8_t)text[keep] & 0xC0) == 0x80)
			keep--; /* not in the middle of a character */
	}
	memcpy(out, text, keep);
	out[keep] = '\0';
}

void athar_volume_file_auto_close(TSK_FS_FILE **file)
{
	if (*file != NULL)
		tsk_fs_file_close(*file);
}

TSK_FS_INFO *athar_volume_fs_open(TSK_IMG_INFO **pool_image, athar_tsk_image *image,
                                  const athar_volume_info *info, const TSK_POOL_INFO *pool)
{
	const athar_kind_family *family = athar_kind_family_of(info->kind);

	*pool_image = NULL;
	if (pool != NULL) {
		*pool_image = pool->get_img_info(pool, info->pool_block);
		if (*pool_image == NULL)
			return NULL;
		return tsk_fs_open_img(*pool_image, 0, TSK_FS_TYPE_APFS);
	}
	if (family == NULL)
		return NULL;
	return tsk_fs_open_img(&image->tsk, (TSK_OFF_T)info->offset, family->detect);
}

/* Sets what is needed beyond libtsk; none of it is fatal when it is missing. */
static void open_details(athar_volume *volume)
{
	const unsigned type = (unsigned)volume->fs->ftype;

	if (athar_volume_is_fat(volume))
		volume->has_fat = athar_fat_open(&volume->fat, volume->image, volume->base,
		                                 volume->info.length, type == TSK_FS_TYPE_EXFAT,
		                                 athar_fat_bits(type));
	if (athar_volume_is_ntfs(volume))
		athar_mft_open(&volume->mft, volume);
}

/* The block is what tells the volumes of a container apart; an info that came without it is found
 * by its label, else the first volume is taken. */
static uint64_t pool_block(const athar_volume_info *info, const TSK_POOL_INFO *pool)
{
	char label[sizeof info->label];

	if (info->pool_block != 0 || pool->vol_list == NULL)
		return info->pool_block;
	for (const TSK_POOL_VOLUME_INFO *v = pool->vol_list; v != NULL; v = v->next) {
		athar_volume_text(label, sizeof label, v->desc != NULL ? v->desc : "",
		                  v->desc != NULL ? strlen(v->desc) : 0);
		if (strcmp(label, info->label) == 0)
			return v->block;
	}
	return pool->vol_list->block;
}

static athar_status open_pool(athar_volume *volume, athar_error *err)
{
	char reason[256];

	if (strcmp(volume->info.kind, "apfs") != 0)
		return ATHAR_OK;
	volume->pool = tsk_pool_open_img_sing(&volume->image->tsk, (TSK_OFF_T)volume->info.offset,
	                                      TSK_POOL_TYPE_APFS);
	if (volume->pool == NULL)
		return athar_fail_at(err, ATHAR_EFORMAT, volume->info.offset,
		                     "the APFS container cannot be opened: %s",
		                     athar_tsk_error(reason, sizeof reason));
	volume->info.pool_block = pool_block(&volume->info, volume->pool);
	return ATHAR_OK;
}

static athar_status open_tsk(athar_volume *volume, athar_error *err)
{
	char reason[256];

	ATHAR_TRY(open_pool(volume, err));
	volume->fs = athar_volume_fs_open(&volume->pool_image, volume->image, &volume->info,
	                                  volume->pool);
	if (volume->fs == NULL)
		return athar_fail_at(err, ATHAR_EFORMAT, volume->base,
		                     "the %s file system cannot be opened: %s", volume->info.kind,
		                     athar_tsk_error(reason, sizeof reason));
	if (volume->fs->block_size == 0)
		return athar_fail_at(err, ATHAR_EFORMAT, volume->base,
		                     "the %s file system has blocks of no size", volume->info.kind);
	open_details(volume);
	return ATHAR_OK;
}

athar_status athar_volume_open(athar_volume **out, athar_source *source,
                               const athar_volume_info *info, athar_error *err)
{
	ATHAR_AUTO(volume) athar_volume *volume = athar_alloc(sizeof *volume, err);

	if (volume == NULL)
		return err->status;
	volume->info = *info;
	volume->base = info->offset;
	ATHAR_TRY(athar_tsk_image_open(&volume->image, source, err));
	if (!athar_inside(info->offset, info->length, (uint64_t)volume->image->tsk.size))
		return athar_fail(err, ATHAR_EUSAGE, "the volume does not lie in this image");
	athar_tsk_image_bound(volume->image, info->length);
	if (strcmp(info->kind, "f2fs") == 0)
		ATHAR_TRY(athar_f2fs_open(&volume->f2fs, volume->image, info, err));
	else
		ATHAR_TRY(open_tsk(volume, err));
	*out = ATHAR_GIVE(volume);
	return ATHAR_OK;
}

void athar_volume_close(athar_volume *volume)
{
	if (volume == NULL)
		return;
	athar_ntfs_wof_forget(volume);
	if (volume->open != NULL)
		tsk_fs_file_close(volume->open);
	athar_f2fs_close(volume->f2fs);
	if (volume->fs != NULL)
		tsk_fs_close(volume->fs);
	if (volume->pool_image != NULL)
		tsk_img_close(volume->pool_image);
	if (volume->pool != NULL)
		tsk_pool_close(volume->pool);
	athar_tsk_image_close(volume->image);
	athar_runs_clear(&volume->allocated);
	free(volume->allocated_before);
	athar_extents_clear(&volume->mft.extents);
	free(volume);
}

/* Keeps the file open from call to call: content is read from front to back. */
static athar_status open_file(athar_volume *volume, uint64_t meta, athar_error *err)
{
	char reason[256];

	if (volume->open != NULL && volume->open->meta != NULL && volume->open->meta->addr == meta)
		return ATHAR_OK;
	athar_ntfs_wof_forget(volume);
	if (volume->open != NULL)
		tsk_fs_file_close(volume->open);
	volume->open = tsk_fs_file_open_meta(volume->fs, NULL, meta);
	if (volume->open == NULL || volume->open->meta == NULL)
		return athar_fail(err, ATHAR_EFORMAT,
		                  "the file at address %llu cannot be opened: %s",
		                  (unsigned long long)meta, athar_tsk_error(reason, sizeof reason));
	return ATHAR_OK;
}

/* Whether what the content at [offset, offset + len) is made from could not be read. A compressed
 * unit is made from all of it. */
static bool touches_bad(const athar_volume *volume, const TSK_FS_ATTR *attr, uint64_t offset,
                        uint64_t len)
{
	const uint64_t block = volume->fs->block_size;
	const uint64_t unit = athar_max(attr->nrd.compsize, 1) * block;
	const uint64_t from = athar_round_down(offset, unit);
	const uint64_t to = athar_round_up(offset + len, unit);

	if ((attr->flags & TSK_FS_ATTR_NONRES) == 0 || volume->image->bad.count == 0)
		return false;
	for (const TSK_FS_ATTR_RUN *run = attr->nrd.run; run != NULL; run = run->next) {
		uint64_t place, length, at;

		if (!athar_mul(run->addr, block, &place) || !athar_mul(run->len, block, &length) ||
		    !athar_mul(run->offset, block, &at) || at >= to || from > at + length)
			continue;
		if ((run->flags & TSK_FS_ATTR_RUN_FLAG_SPARSE) == 0 &&
		    athar_runs_overlap(&volume->image->bad, volume->base + place, length) > 0)
			return true;
	}
	return false;
}

athar_status athar_attr_read(size_t *got, athar_volume *volume, const TSK_FS_ATTR *attr, void *buf,
                             size_t len, uint64_t offset, athar_error *err)
{
	char reason[256];
	ssize_t n;

	*got = 0;
	if (attr->size < 0 || offset >= (uint64_t)attr->size || len == 0)
		return ATHAR_OK;
	n = tsk_fs_attr_read(attr, (TSK_OFF_T)offset, buf,
	                     (size_t)athar_min(len, (uint64_t)attr->size - offset),
	                     TSK_FS_FILE_READ_FLAG_NONE);
	if (n < 0 || touches_bad(volume, attr, offset, (uint64_t)n))
		return athar_fail(
			err, ATHAR_EIO, "content at %llu of address %llu cannot be read: %s",
			(unsigned long long)offset, (unsigned long long)attr->fs_file->meta->addr,
			n < 0 ? athar_tsk_error(reason, sizeof reason)
			      : "the image has an unreadable range there");
	*got = (size_t)n;
	return ATHAR_OK;
}

athar_status athar_volume_read(size_t *got, athar_volume *volume, uint64_t meta, uint32_t type,
                               uint16_t id, void *buf, size_t len, uint64_t offset,
                               athar_error *err)
{
	const TSK_FS_ATTR *attr;
	char reason[256];

	*got = 0;
	athar_tsk_image_bound(volume->image, volume->info.length);
	if (volume->f2fs != NULL)
		return athar_f2fs_read(got, volume->f2fs, meta, buf, len, offset, err);
	if ((meta & ATHAR_META_AT) != 0)
		return athar_ntfs_lost_read(got, volume, meta & ~ATHAR_META_AT, type, id, buf, len,
		                            offset, err);
	ATHAR_TRY(open_file(volume, meta, err));
	attr = tsk_fs_file_attr_get_type(volume->open, (TSK_FS_ATTR_TYPE_ENUM)type, id, 1);
	if (attr == NULL)
		return athar_fail(err, ATHAR_EFORMAT,
		                  "the file at address %llu has no such content: %s",
		                  (unsigned long long)meta, athar_tsk_error(reason, sizeof reason));
	if (athar_ntfs_wof_is(volume, volume->open, attr))
		return athar_ntfs_wof_read(got, volume, attr, buf, len, offset, err);
	return athar_attr_read(got, volume, attr, buf, len, offset, err);
}
