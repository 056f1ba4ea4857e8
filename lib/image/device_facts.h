/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a disk says of itself, as the kernel passes it on in sysfs. Nothing on it is read.
 */
#ifndef ATHAR_IMAGE_DEVICE_FACTS_H
#define ATHAR_IMAGE_DEVICE_FACTS_H

#include "base/idiom.h"

/* Trimmed and escaped: firmware writes what it likes. NULL where nothing is said. */
typedef struct athar_device_facts {
	char *model, *serial, *firmware, *wwn;
	char *bus; /* "ata", "usb", "nvme", "mmc", "virtio", "scsi", "virtual" */
} athar_device_facts;

/* folder: of the disk or of a partition of it, as "/sys/dev/block/8:1". A partition's facts are
 * those of its disk. What a disk does not tell, the USB device around it may. */
athar_status athar_device_facts_read(athar_device_facts *out, const char *folder, athar_error *err);
void athar_device_facts_clear(athar_device_facts *facts);
ATHAR_DEFINE_AUTO_VALUE(device_facts, athar_device_facts, athar_device_facts_clear)

#endif
