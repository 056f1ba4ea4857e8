/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The driver lists. They stand here, on the top floor, and are passed down.
 */
#ifndef ATHAR_ENGINE_DRIVERS_H
#define ATHAR_ENGINE_DRIVERS_H

#include "image/driver.h"
#include "image/sink.h"

/* An E01 may have 14,971 files, and each stays open: see athar_allow_files. */
#define ATHAR_SEGMENT_FILES 16384u

extern const athar_source_driver *const athar_source_drivers[];    /* NULL-terminated */
const athar_sink_driver *athar_sink_driver_find(const char *name); /* NULL: no such format */

#endif
