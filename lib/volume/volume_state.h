/* SPDX-License-Identifier: BSD-2-Clause */
/* An open volume, as the files of this room share it. */
#ifndef ATHAR_VOLUME_STATE_H
#define ATHAR_VOLUME_STATE_H

#include "volume/f2fs.h"
#include "volume/fat.h"
#include "volume/volume.h"

/* The master file table, enough to place a record in the image. */
typedef struct athar_mft {
	uint32_t record;       /* bytes; 0: not known */
	athar_extents extents; /* of $MFT */
} athar_mft;

/* The reader of a packed file: ntfs_wof.h. */
typedef struct athar_ntfs_wof athar_ntfs_wof;

struct athar_volume {
	athar_tsk_image *image;
	const TSK_POOL_INFO *pool; /* APFS only */
	TSK_IMG_INFO *pool_image;  /* APFS only: the volume within the container */
	TSK_FS_INFO *fs;           /* NULL where another reader than libtsk has it */
	athar_f2fs *f2fs;          /* else NULL */
	athar_volume_info info;
	uint64_t base; /* image offset of block 0 */
	athar_runs allocated;
	uint64_t *allocated_before; /* bytes of the runs before each of them, and of all */
	bool allocated_known, allocated_failed;
	athar_status (*watch)(void *user, uint64_t done, athar_error *err);
	void *watcher;
	uint64_t watched;
	bool has_fat;
	athar_fat fat;
	athar_mft mft;
	TSK_FS_FILE *open;   /* of athar_volume_read, kept from call to call */
	athar_ntfs_wof *wof; /* of its unnamed stream, where WOF has packed it; else NULL */
};

static inline bool athar_volume_is_fat(const athar_volume *volume)
{
	return volume->fs != NULL && TSK_FS_TYPE_ISFAT(volume->fs->ftype) != 0;
}

static inline bool athar_volume_is_ntfs(const athar_volume *volume)
{
	return volume->fs != NULL && TSK_FS_TYPE_ISNTFS(volume->fs->ftype) != 0;
}

static inline bool athar_volume_is_ext(const athar_volume *volume)
{
	return volume->fs != NULL && TSK_FS_TYPE_ISEXT(volume->fs->ftype) != 0;
}

void athar_volume_file_auto_close(TSK_FS_FILE **file);
#define ATHAR_AUTO_TSK_FILE __attribute__((cleanup(athar_volume_file_auto_close)))

/* The runs of athar_volume_allocated, made once; NULL where they cannot be had. */
const athar_runs *athar_volume_allocated_runs(athar_volume *volume);
/* Bytes in use in a range of the image; 0 where that cannot be had. Takes no longer for a long
 * range, for hostile records claim all of a volume, each of them many times. */
uint64_t athar_volume_in_use(athar_volume *volume, uint64_t offset, uint64_t length);

/* One line, escaped and cut to fit. */
void athar_volume_text(char *out, size_t size, const void *bytes, size_t len);

/* Opens the file system of the kind, or the APFS volume of the container; NULL when there is none.
 * Of an APFS volume *pool_image is to be closed after it. */
TSK_FS_INFO *athar_volume_fs_open(TSK_IMG_INFO **pool_image, athar_tsk_image *image,
                                  const athar_volume_info *info, const TSK_POOL_INFO *pool);
void athar_volume_label(char *out, size_t size, TSK_FS_INFO *fs, athar_tsk_image *image,
                        uint64_t base);

#endif
