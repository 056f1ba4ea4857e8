/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Info: what an image holds, and what is attached to this machine.
 */
#ifndef ATHAR_INFO_H
#define ATHAR_INFO_H

#include "athar/context.h"
#include "athar/json.h"
#include "athar/watcher.h"

ATHAR_BEGIN

/* An object: container (driver, size, sector_size, segments, stored hashes, fields), volumes
 * (array: number, offset, length, kind, description, block_size, label, findings), findings (array
 * of text: what could not be looked at). ATHAR_EINCOMPLETE when there are findings; *out is filled.
 * Volumes are looked at in a confined worker. */
ATHAR_API ATHAR_MUST athar_status athar_info(athar_json **out, const char *path,
                                             const athar_context *context, athar_error *err);

/* An array of the whole disks attached: node, model, serial, size, sector_size, read_only,
 * removable, mounted (array of mount points of it and its partitions), sorted by node. */
ATHAR_API ATHAR_MUST athar_status athar_info_devices(athar_json **out, athar_error *err);

ATHAR_END

#endif
