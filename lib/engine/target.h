/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What must be true before the first byte is written: the target is not on the source, the source
 * is not in use, there is room.
 */
#ifndef ATHAR_ENGINE_TARGET_H
#define ATHAR_ENGINE_TARGET_H

#include <sys/types.h>

#include "athar/json.h"
#include "athar/source.h"

/* ATHAR_EREFUSED when the source is mounted read-write or swapped to, whole or in part, also
 * through what is mapped on it (LVM, LUKS, RAID), and when something that is mapped on it could be
 * written through: the message names the command that ends it. Only devices are looked at. */
athar_status athar_target_source_idle(const athar_source_info *source, athar_error *err);
/* The same, and ATHAR_EREFUSED when the source is what this system runs from, unless
 * force_own_disk names it: by its node, or by the whole of its serial number. Then its being in use
 * is no reason. ATHAR_EUSAGE when the option is given for another disk. What is allowed but has to
 * be said (mounted read-only, held read-only, the own disk) is added to `notes`, an array. */
athar_status athar_target_source_allowed(athar_json *notes, const athar_source_info *source,
                                         const char *force_own_disk, athar_error *err);
/* What of the running system lies on the device ("/", "/home"); static, NULL: nothing. */
const char *athar_target_own_place(dev_t device);
/* ATHAR_EREFUSED when the folder lies on the source, or on a partition of it. */
athar_status athar_target_apart(const athar_source_info *source, const char *folder,
                                athar_error *err);
/* ATHAR_EREFUSED when fewer than `bytes` are free where the folder lies. */
athar_status athar_target_room(const char *folder, uint64_t bytes, athar_error *err);
/* ATHAR_EREFUSED when the file system there (FAT) has no files of `bytes`. */
athar_status athar_target_file(const char *folder, uint64_t bytes, athar_error *err);

/* Bytes that can still be written in `folder`; UINT64_MAX where the system does not say. */
uint64_t athar_target_free(const char *folder);

#endif
