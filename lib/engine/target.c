/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/target.h"

#include <dirent.h>
#include <linux/magic.h>
#include <mntent.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include "athar/text.h"
#include "base/alloc.h"
#include "base/check.h"
#include "base/idiom.h"

/* "/sys/dev/block/8:1" resolved: ".../block/sda/sda1". A partition's folder lies in its disk's. */
static char *sys_folder(dev_t device)
{
	char link[64];

	(void)snprintf(link, sizeof link, "/sys/dev/block/%u:%u", major(device), minor(device));
	return realpath(link, NULL);
}

/* Mapped on mapped on mapped: no machine goes deeper. */
#define LAYERS 8

static bool lies_on_within(dev_t inner, dev_t outer, unsigned layers);

/* "8:1" in a file of sysfs. */
static bool number_of(dev_t *out, const char *folder, const char *name)
{
	ATHAR_AUTO(file) FILE *f = NULL;
	char path[4096];
	unsigned major_, minor_;

	(void)snprintf(path, sizeof path, "%s/%s/dev", folder, name);
	f = fopen(path, "re");
	if (f == NULL || fscanf(f, "%u:%u", &major_, &minor_) != 2)
		return false;
	*out = makedev(major_, minor_);
	return true;
}

/* LVM, LUKS, RAID: what a device is made of lies in its folder's "slaves". */
static bool is_made_of(const char *folder, dev_t outer, unsigned layers)
{
	char path[4096];
	bool found = false;
	dev_t part;

	(void)snprintf(path, sizeof path, "%s/slaves", folder);
	DIR *dir = opendir(path);
	if (dir == NULL)
		return false;
	for (struct dirent *e = readdir(dir); e != NULL && !found; e = readdir(dir))
		found = e->d_name[0] != '.' && number_of(&part, path, e->d_name) &&
		        lies_on_within(part, outer, layers);
	(void)closedir(dir);
	return found;
}

static bool lies_on_within(dev_t inner, dev_t outer, unsigned layers)
{
	ATHAR_AUTO(free) char *in = NULL;
	ATHAR_AUTO(free) char *out = NULL;
	char disk[4096];
	dev_t whole;

	if (inner == outer)
		return true;
	in = sys_folder(inner);
	out = sys_folder(outer);
	if (in == NULL || out == NULL || layers == 0)
		return false;
	size_t len = strlen(out);
	if (strncmp(in, out, len) == 0 && in[len] == '/')
		return true;
	if (is_made_of(in, outer, layers - 1))
		return true;
	/* A partition of a mapped disk: the disk tells. */
	(void)snprintf(disk, sizeof disk, "%s/..", in);
	return number_of(&whole, disk, ".") && whole != inner &&
	       lies_on_within(whole, outer, layers - 1);
}

/* Is `inner` the device `outer`, a partition of it, or made of either? */
static bool lies_on(dev_t inner, dev_t outer)
{
	return lies_on_within(inner, outer, LAYERS);
}

/* The device number of a block device's node; false for anything else. */
static bool device_of(dev_t *out, const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0 || !S_ISBLK(st.st_mode))
		return false;
	*out = st.st_rdev;
	return true;
}

static athar_status check_mount(const struct mntent *m, dev_t source, const char *path,
                                athar_error *err)
{
	dev_t mounted;

	if (hasmntopt(m, MNTOPT_RW) == NULL || !device_of(&mounted, m->mnt_fsname))
		return ATHAR_OK;
	if (!lies_on(mounted, source) && !lies_on(source, mounted))
		return ATHAR_OK;
	return athar_fail(err, ATHAR_EREFUSED,
	                  "%s is mounted read-write at %s: unmount it first, or mount it read-only",
	                  path, m->mnt_dir);
}

static athar_status check_mounts(const athar_source_info *source, dev_t device, athar_error *err)
{
	char text[4096];
	struct mntent m;
	athar_status status = ATHAR_OK;
	FILE *mounts = setmntent("/proc/self/mounts", "re");

	if (mounts == NULL)
		return athar_fail_errno(err,
		                        "cannot read /proc/self/mounts to see whether %s is in use",
		                        source->path);
	while (status == ATHAR_OK && getmntent_r(mounts, &m, text, sizeof text) != NULL)
		status = check_mount(&m, device, source->path, err);
	(void)endmntent(mounts);
	return status;
}

/* A kernel without swap has no such file. */
static athar_status check_swaps(const athar_source_info *source, dev_t device, athar_error *err)
{
	ATHAR_AUTO(file) FILE *swaps = fopen("/proc/swaps", "re");
	char line[4096];
	dev_t swap;

	while (swaps != NULL && fgets(line, sizeof line, swaps) != NULL) {
		line[strcspn(line, " \t")] = '\0';
		if (device_of(&swap, line) && (lies_on(swap, device) || lies_on(device, swap)))
			return athar_fail(err, ATHAR_EREFUSED,
			                  "%s is used as swap space (%s): first swapoff it",
			                  source->path, line);
	}
	return ATHAR_OK;
}

athar_status athar_target_source_idle(const athar_source_info *source, athar_error *err)
{
	dev_t device;

	if (!source->device || !device_of(&device, source->path))
		return ATHAR_OK;
	ATHAR_TRY(check_mounts(source, device, err));
	return check_swaps(source, device, err);
}

athar_status athar_target_apart(const athar_source_info *source, const char *folder,
                                athar_error *err)
{
	struct stat st;
	dev_t device;

	if (stat(folder, &st) != 0)
		return athar_fail_errno(err, "cannot look at %s", folder);
	if (!source->device || !device_of(&device, source->path))
		return ATHAR_OK;
	if (lies_on(st.st_dev, device) || lies_on(device, st.st_dev))
		return athar_fail(err, ATHAR_EREFUSED,
		                  "%s lies on %s itself: choose a case folder on another disk",
		                  folder, source->path);
	return ATHAR_OK;
}

uint64_t athar_target_free(const char *folder)
{
	struct statvfs fs;
	uint64_t bytes = 0;

	if (statvfs(folder, &fs) != 0 || !athar_mul(fs.f_bavail, fs.f_frsize, &bytes))
		return UINT64_MAX;
	return bytes;
}

/* FAT keeps a file's size in 32 bits. */
athar_status athar_target_file(const char *folder, uint64_t bytes, athar_error *err)
{
	struct statfs fs;

	if (statfs(folder, &fs) != 0)
		return athar_fail_errno(err, "cannot see what file system %s has", folder);
	if (fs.f_type != MSDOS_SUPER_MAGIC || bytes <= UINT32_MAX)
		return ATHAR_OK;
	return athar_fail(err, ATHAR_EREFUSED,
	                  "%s lies on FAT, whose files end at 4 GiB: give --segment-size 2G or "
	                  "--format ewf",
	                  folder);
}

athar_status athar_target_room(const char *folder, uint64_t bytes, athar_error *err)
{
	struct statvfs fs;
	uint64_t free_bytes = 0;
	char need[32], have[32];

	if (statvfs(folder, &fs) != 0)
		return athar_fail_errno(err, "cannot see how much room %s has", folder);
	if (!athar_mul(fs.f_bavail, fs.f_frsize, &free_bytes) || free_bytes >= bytes)
		return ATHAR_OK;
	return athar_fail(err, ATHAR_EREFUSED, "not enough room in %s: up to %s needed, %s free",
	                  folder, athar_text_size(need, sizeof need, bytes),
	                  athar_text_size(have, sizeof have, free_bytes));
}
