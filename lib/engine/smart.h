/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The health of a disk, as smartctl tells it where it is installed. It asks the device, not the
 * medium.
 */
#ifndef ATHAR_ENGINE_SMART_H
#define ATHAR_ENGINE_SMART_H

#include "base/idiom.h"

/* What smartctl may write, in bytes; what it takes longer than, it is killed after. */
#define ATHAR_SMART_OUTPUT (1u << 20)
#define ATHAR_SMART_SECONDS 20u

/* Runs `program` (NULL: smartctl, where distributions keep it) with --json=c -a NODE for `seconds`
 * at most: no shell, no environment, no descriptors. *fd is a file in memory with its output, from
 * its beginning; *exit_status is -1 where it was killed. ATHAR_EIO where it is not installed,
 * ATHAR_ELIMIT when it took too long. */
athar_status athar_smart_run(int *fd, int *exit_status, const char *program, const char *node,
                             unsigned seconds, athar_error *err);

/* An object of what is kept of it: available (false: then why), passed, temperature,
 * power_on_hours, reallocated, pending, uncorrectable, reported_uncorrectable, crc_errors (ATA);
 * critical_warning, percentage_used, available_spare, media_errors (NVMe); grown_defects (SCSI);
 * device, protocol; smartctl (version), exit_status. What the disk does not say is not there. Any
 * bytes may come. */
athar_status athar_smart_reduce(athar_json **out, const char *text, size_t len, int exit_status,
                                athar_error *err);
/* The same from what athar_smart_run gave. */
athar_status athar_smart_load(athar_json **out, int fd, int exit_status, athar_error *err);

/* Both at once; what fails is said in the object ("available": false, "why"). */
athar_json *athar_smart_of(const char *program, const char *node);

#endif
