/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/target.h"

#include <mntent.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>

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

/* Is `inner` the device `outer`, or a partition of it? */
static bool lies_on(dev_t inner, dev_t outer)
{
	ATHAR_AUTO(free) char *in = NULL;
	ATHAR_AUTO(free) char *out = NULL;

	if (inner == outer)
		return true;
	in = sys_folder(inner);
	out = sys_folder(outer);
	if (in == NULL || out == NULL)
		return false;
	size_t len = strlen(out);
	return strncmp(in, out, len) == 0 && in[len] == '/';
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

athar_status athar_target_source_idle(const athar_source_info *source, athar_error *err)
{
	char text[4096];
	struct mntent m;
	dev_t device;

	if (!source->device || !device_of(&device, source->path))
		return ATHAR_OK;
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	if (mounts == NULL)
		return athar_fail_errno(err,
		                        "cannot read /proc/self/mounts to see whether %s is in use",
		                        source->path);
	athar_status status = ATHAR_OK;
	while (status == ATHAR_OK && getmntent_r(mounts, &m, text, sizeof text) != NULL)
		status = check_mount(&m, device, source->path, err);
	(void)endmntent(mounts);
	return status;
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
