/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a source comes into being, for the files of this room.
 */
#ifndef ATHAR_IMAGE_SOURCE_NEW_H
#define ATHAR_IMAGE_SOURCE_NEW_H

#include "image/driver.h"

/* Sectors of 512 bytes, one segment, read-only; size and state are the driver's to set. */
athar_status athar_source_new(athar_source **out, const athar_source_driver *driver,
                              const char *path, athar_error *err);

/* Over what stands of an E01 whose first file this is (see athar_ewf_open_standing); of size 0
 * where that is nothing. */
athar_status athar_source_ewf_standing(athar_source **out, const char *path, athar_error *err);
/* Over the bytes of a raw image that was never finished: folder/name.dd, or its parts up to the
 * first one that is missing or shorter than `part` bytes. */
athar_status athar_source_raw_standing(athar_source **out, const char *folder, const char *name,
                                       uint64_t part, athar_error *err);

#endif
