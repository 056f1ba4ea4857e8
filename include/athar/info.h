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
 * (array: number, offset, length, kind, description, block_size, label, findings, last_use where
 * the superblock says when it was last mounted or written), findings (array of text: what could not
 * be looked at). ATHAR_EINCOMPLETE when there are findings; *out is filled. Volumes are looked at
 * in a confined worker. */
ATHAR_API ATHAR_MUST athar_status athar_info(athar_json **out, const char *path,
                                             const athar_context *context, athar_error *err);

/*
 * The sheet of a device, or of a partition: all that can be known of it before its first sector is
 * read. No sector is. It is asked for its SMART data (through smartctl, where that is installed)
 * and for hidden areas, which takes root and may take seconds. An object: kind ("disk",
 * "partition", "file": that has path and size only), node, disk (of a partition), model, serial,
 * wwn, firmware, bus, identity (by what it would be known again: "serial", "wwn", "backing",
 * "node"), size, sector_size, physical_sector_size, sector_format ("512n", "512e", "4Kn"),
 * rotational, removable, virtual, read_only, trim (supported, discard_max_bytes,
 * discard_granularity), kernel (timeout, eh_timeout, max_sectors_kb, read_ahead_kb, scheduler),
 * partition_table, partitions (array: node, number, start, size, file_system, label, name, type: as
 * kernel and udev saw them), mounted (array: node, at, read_only), swap (array of nodes), holders
 * (array: held, holder, name, kind, read_only, advice), own_disk (what of the running system lies
 * on it, or null), hidden (identify, hpa, dco: "none", "present", "not applicable", "not asked",
 * "not readable"; with numbers of sectors; security), smart (available, passed, temperature, ...),
 * notes (array of sentences).
 */
ATHAR_API ATHAR_MUST athar_status athar_info_device(athar_json **out, const char *path,
                                                    athar_error *err);

/* The node of the one whole disk attached that has this serial number, malloc'd. ATHAR_EIO where
 * there is none, ATHAR_EREFUSED where several have it. */
ATHAR_API ATHAR_MUST athar_status athar_info_by_serial(char **node, const char *serial,
                                                       athar_error *err);

/* An array of the sheets of the whole disks attached, sorted by node. */
ATHAR_API ATHAR_MUST athar_status athar_info_devices(athar_json **out, athar_error *err);

ATHAR_END

#endif
