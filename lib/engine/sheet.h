/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sheet of a device: all that can be known of it before its first sector is read. For the
 * record, the report, and the examiner who has to say yes.
 *
 * What lies on the medium is not interpreted here: partitions are those that the kernel sees, file
 * systems what udev has noted. Nothing is written to the device. Texts are escaped.
 */
#ifndef ATHAR_ENGINE_SHEET_H
#define ATHAR_ENGINE_SHEET_H

#include "base/idiom.h"

/*
 * Of what stands at `path`, as root and before confinement: what is not allowed is said in its
 * place. Members:
 *   kind            "disk", "partition", "file"; of a file there are path and size besides, no more
 *   node            "/dev/sda"; of a partition also disk
 *   model serial wwn firmware bus   null where the device does not say
 *   identity        by what it would be known again: see identity.h
 *   size sector_size physical_sector_size sector_format ("512n", "512e", "4Kn")
 *   rotational removable virtual read_only
 *   trim            supported, discard_max_bytes, discard_granularity
 *   kernel          timeout, eh_timeout (seconds), max_sectors_kb, read_ahead_kb, scheduler
 *   partition_table partitions      (array: node number start size file_system label name type)
 *   mounted         array: node, at, read_only; of it, its partitions, what is mapped on them
 *   swap            array of nodes
 *   holders         array: held, holder, name, kind, read_only, advice
 *   own_disk        what of this system lies on it ("/"), null: nothing
 *   hidden          see ata.h; smart: see smart.h
 *   notes           array: what an examiner has to know, in sentences
 */
athar_status athar_sheet_take(athar_json **out, const char *path, athar_error *err);

/* Its parts, for tests: from a folder of sysfs and one of udev, nothing asked of the device. */
athar_status athar_sheet_of(athar_json **out, const char *folder, const char *udev,
                            athar_error *err);
/* What follows from a sheet that is filled: its notes. */
void athar_sheet_note(athar_json *sheet);

#endif
