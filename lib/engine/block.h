/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the kernel says of block devices, from sysfs: which disk a partition is on, what lies on
 * what, which disks there are. Nothing on them is opened or read.
 *
 * A folder is that of a device in sysfs, as "/sys/class/block/sda1"; tests lay out their own.
 */
#ifndef ATHAR_ENGINE_BLOCK_H
#define ATHAR_ENGINE_BLOCK_H

#include <sys/types.h>

#include "base/idiom.h"

#define ATHAR_BLOCK_FOLDER "/sys/class/block"

#define ATHAR_BLOCK_PATH 4096
/* "folder/name"; false: it is too long. */
bool athar_block_path(char out[ATHAR_BLOCK_PATH], const char *folder, const char *name);

/* One line of an attribute without what surrounds it; false: it is not there, or empty. */
bool athar_block_line(char *out, size_t size, const char *folder, const char *name);
/* 0 where it is not there. */
uint64_t athar_block_value(const char *folder, const char *name);
bool athar_block_has(const char *folder, const char *name);

/* The device number of a node ("/dev/sda"), of a folder; false: it is no block device. */
bool athar_block_of_node(dev_t *out, const char *path);
bool athar_block_of_folder(dev_t *out, const char *folder);
/* The folder of a device number, resolved; NULL: there is none. Yours to free. */
char *athar_block_folder(dev_t device);
/* That of the disk where `folder` is a partition, else itself, resolved; NULL likewise. */
char *athar_block_disk(const char *folder);
/* "/dev/sda1"; yours to free. */
char *athar_block_node(const char *folder, athar_error *err);
/* No hardware behind it: loop, device mapper, RAID, memory. */
bool athar_block_virtual(const char *folder);

/* Is `inner` the device `outer`, a partition of it, or made of either (LVM, LUKS, RAID)? */
bool athar_block_lies_on(dev_t inner, dev_t outer);

/* Names, sorted. */
typedef struct athar_block_names {
	char **name;
	size_t count, capacity;
} athar_block_names;

void athar_block_names_clear(athar_block_names *names);
ATHAR_DEFINE_AUTO_VALUE(block_names, athar_block_names, athar_block_names_clear)

/* Those of the folders in `folder` that `want` takes; a folder that is not there has none. */
athar_status athar_block_list(athar_block_names *out, const char *folder,
                              bool (*want)(const char *folder, const char *name), athar_error *err);
/* The whole disks that have a size, below ATHAR_BLOCK_FOLDER or what takes its place. */
athar_status athar_block_disks(athar_block_names *out, const char *folder, athar_error *err);
/* The partitions of a disk, in the order of their numbers. */
athar_status athar_block_partitions(athar_block_names *out, const char *disk, athar_error *err);

/* The device numbers of what is mounted, or swapped to. `each` says whether to go on. */
typedef struct athar_block_use {
	dev_t device;
	const char *node, *at; /* at: NULL for swap space */
	bool writable;
} athar_block_use;
athar_status athar_block_uses(bool (*each)(void *user, const athar_block_use *use), void *user,
                              athar_error *err);

/* One of udev's properties ("ID_FS_TYPE") out of its file for the device; false: not there.
 * `folder` is "/run/udev/data". Not escaped: udev took it from the medium. */
bool athar_block_udev(char *out, size_t size, const char *folder, dev_t device, const char *key);

#endif
