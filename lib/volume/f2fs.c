/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/f2fs.h"

#include "volume/walk.h"

bool athar_f2fs_describe(athar_volume_info *info, athar_tsk_image *image)
{
	(void)info;
	(void)image;
	return false;
}

athar_status athar_f2fs_open(athar_f2fs **out, athar_tsk_image *image,
                             const athar_volume_info *info, athar_error *err)
{
	(void)out;
	(void)image;
	return athar_fail_at(err, ATHAR_EFORMAT, info->offset, "no F2FS begins here");
}

void athar_f2fs_close(athar_f2fs *fs)
{
	(void)fs;
}

athar_status athar_f2fs_allocated(athar_runs *out, athar_f2fs *fs, athar_error *err)
{
	(void)out;
	(void)fs;
	(void)err;
	return ATHAR_OK;
}

athar_status athar_f2fs_walk(athar_walk *w, athar_f2fs *fs, athar_error *err)
{
	(void)w;
	(void)fs;
	(void)err;
	return ATHAR_OK;
}

athar_status athar_f2fs_read(size_t *got, athar_f2fs *fs, uint64_t meta, void *buf, size_t len,
                             uint64_t offset, athar_error *err)
{
	(void)got;
	(void)fs;
	(void)meta;
	(void)buf;
	(void)len;
	(void)offset;
	(void)err;
	return ATHAR_OK;
}
