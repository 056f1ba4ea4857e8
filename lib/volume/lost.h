/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * File systems that no partition table leads to: the table was wiped, or the partition deleted.
 * They are looked for where partitions begin by the habit of those who make them: right behind
 * another one, at sector 63, at each MiB.
 */
#ifndef ATHAR_VOLUME_LOST_H
#define ATHAR_VOLUME_LOST_H

#include "volume/tsk_image.h"

/* Places looked at in one image. */
#define ATHAR_LOST_PROBES 65536u

/* Does something like the start of a volume lie there? A cheap look, no proof: copies of
 * superblocks that say they are copies do not count. */
bool athar_lost_begins(athar_tsk_image *image, uint64_t offset);

/* Where to look after `at` (a multiple of 512), which was looked at; first: nothing was yet. */
uint64_t athar_lost_next(uint64_t at, bool first);

#endif
