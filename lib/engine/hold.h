/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keeping others off a device while it is read. A desktop mounts what is plugged in, for writing.
 *
 * The kernel is told that the disk and its partitions are read-only, and the device is claimed, as
 * a mount would claim it: mounting, LVM, RAID and cryptsetup are then refused. This is no write
 * blocker: commands that go past the block layer still reach the disk.
 *
 * The claim ends with this process. Read-only stays: evidence does not become writable again
 * because a program has ended. Unplugging ends it, a restart, or "blockdev --setrw NODE".
 */
#ifndef ATHAR_ENGINE_HOLD_H
#define ATHAR_ENGINE_HOLD_H

#include "base/idiom.h"

typedef struct athar_hold {
	/* For the record: applies (false: then why), devices (array: node, was_read_only,
	 * read_only), claimed, until. */
	athar_json *told;
	int claim;
} athar_hold;

#define ATHAR_HOLD_INIT \
	{ \
		NULL, -1 \
	}

/* As root. Of a partition the whole disk is held, unless something else on it is in use: then the
 * partition alone. Devices without hardware behind them (loop, device mapper, RAID) are their
 * maker's affair and left as they are unless `any`; so is what this system writes to (its own
 * disk), and what is not a device. What cannot be done is told, and no failure. */
athar_status athar_hold_take(athar_hold *out, const char *path, bool any, athar_error *err);
void athar_hold_release(athar_hold *hold);
ATHAR_DEFINE_AUTO_VALUE(hold, athar_hold, athar_hold_release)

#endif
