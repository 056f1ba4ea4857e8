/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sources from descriptors that another process opened: this one may have confined itself and can
 * open nothing any more, nor look a device up.
 */
#ifndef ATHAR_IMAGE_ADOPT_H
#define ATHAR_IMAGE_ADOPT_H

#include "image/driver.h"

/* What has been opened. */
typedef struct athar_opened {
	const char *path; /* as it is called now */
	int fd;           /* through the page cache */
	int direct;       /* past it; -1: there is none */
} athar_opened;

/* Both descriptors are taken over, also on failure. What is known of the device is copied from
 * `like`, the source that was opened by path; the size and the sector size are asked again, and
 * ATHAR_EREFUSED where they are others: whoever opened it looked at the rest. */
athar_status athar_source_device_adopt(athar_source **out, const athar_opened *opened,
                                       const athar_source_info *like, athar_error *err);
/* The same for a raw image, one file. */
athar_status athar_source_raw_adopt(athar_source **out, const athar_opened *opened,
                                    const athar_source_info *like, athar_error *err);

#endif
