/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/ntfs_lost.h"

athar_status athar_ntfs_lost_walk(athar_walk *w, athar_error *err)
{
	(void)w;
	(void)err;
	return ATHAR_OK;
}

athar_status athar_ntfs_lost_read(size_t *got, athar_volume *volume, uint64_t record, uint32_t type,
                                  uint16_t id, void *buf, size_t len, uint64_t offset,
                                  athar_error *err)
{
	(void)volume;
	(void)type;
	(void)id;
	(void)buf;
	(void)len;
	(void)offset;
	*got = 0;
	return athar_fail_at(err, ATHAR_EFORMAT, record, "no record of a file is there");
}
