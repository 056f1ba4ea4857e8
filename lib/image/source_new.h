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

#endif
