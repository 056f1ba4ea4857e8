/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libtsk takes for an orphan what looks like a directory entry or an inode. On FAT and exFAT it
 * looks into free clusters, where random bytes can look like one; what contradicts itself is left
 * out.
 */
#include <ctype.h>
#include <string.h>

#include "base/endian.h"
#include "volume/walk.h"

/* A record that was never used has neither a name nor content. */
static bool ntfs_plausible(TSK_FS_FILE *tsk)
{
	const int count = tsk_fs_file_attr_getsize(tsk);

	for (int i = 0; i < count; i++) {
		const TSK_FS_ATTR *attr = tsk_fs_file_attr_get_idx(tsk, i);

		if (attr != NULL && (attr->type == TSK_FS_ATTR_TYPE_NTFS_FNAME ||
		                     (attr->type == TSK_FS_ATTR_TYPE_NTFS_DATA && attr->size > 0)))
			return true;
	}
	tsk_error_reset();
	return false;
}

bool athar_orphan_plausible(const athar_volume *volume, TSK_FS_FILE *tsk)
{
	if ((tsk->meta->flags & TSK_FS_META_FLAG_ALLOC) != 0)
		return false;
	if (athar_volume_is_ntfs(volume))
		return ntfs_plausible(tsk);
	if (athar_volume_is_ext(volume))
		return tsk->meta->size > 0 || tsk->meta->time2.ext2.dtime != 0;
	return tsk->meta->size > 0;
}

bool athar_orphan_nameless(const TSK_FS_FILE *tsk)
{
	char made_up[48];

	snprintf(made_up, sizeof made_up, "OrphanFile-%llu",
	         (unsigned long long)tsk->name->meta_addr);
	return strcmp(tsk->name->name, made_up) == 0;
}
