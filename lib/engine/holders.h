/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the kernel has built on a device: logical volumes, RAID arrays, opened encryption. While
 * they are there somebody can write through them.
 */
#ifndef ATHAR_ENGINE_HOLDERS_H
#define ATHAR_ENGINE_HOLDERS_H

#include "base/idiom.h"

typedef struct athar_holder {
	const char *kind; /* "lvm", "crypt", "multipath", "md", "dm", "other" */
	char held[256];   /* what it lies on: "sda2" */
	char device[256]; /* "dm-0", "md127" */
	char name[256];   /* of a mapped device: "vg0-root"; else as device */
	bool read_only;
	char advice[400]; /* the command that ends it: "vgchange -an vg0"; "" where there is none */
} athar_holder;

/* Those of the device in the folder of sysfs and, where it is a disk, of its partitions; of a
 * partition, those of its whole disk too. Names come from the medium: they are not escaped. `each`
 * says whether to go on. */
athar_status athar_holders_each(const char *folder, bool (*each)(void *user, const athar_holder *),
                                void *user, athar_error *err);

#endif
