/* SPDX-License-Identifier: BSD-2-Clause */
/* The whole disks attached to this machine, by what the kernel says of them: nothing on them is
 * read. */
#include <dirent.h>
#include <mntent.h>
#include <stdlib.h>
#include <string.h>

#include "athar/info.h"
#include "base/alloc.h"
#include "base/idiom.h"

#define BLOCK_FOLDER "/sys/class/block"

typedef struct disks {
	char **name;
	size_t count, capacity;
} disks;

static void clear(disks *d)
{
	for (size_t i = 0; i < d->count; i++)
		free(d->name[i]);
	free(d->name);
}

ATHAR_DEFINE_AUTO_VALUE(disks, disks, clear)

/* One line of a file of sysfs, without what surrounds it. */
static bool read_line(char *out, size_t size, const char *disk, const char *file)
{
	ATHAR_AUTO(file) FILE *f = NULL;
	char path[512];

	(void)snprintf(path, sizeof path, BLOCK_FOLDER "/%s/%s", disk, file);
	f = fopen(path, "re");
	if (f == NULL || fgets(out, (int)size, f) == NULL)
		return false;
	out[strcspn(out, "\n")] = '\0';
	while (out[0] != '\0' && out[strlen(out) - 1] == ' ')
		out[strlen(out) - 1] = '\0';
	return out[0] != '\0';
}

static uint64_t read_number(const char *disk, const char *file)
{
	char line[64];

	return read_line(line, sizeof line, disk, file) ? strtoull(line, NULL, 10) : 0;
}

static bool is_disk(const char *name)
{
	char line[64];

	/* Partitions say which they are; empty drives and unused loop devices have no size. */
	return name[0] != '.' && !read_line(line, sizeof line, name, "partition") &&
	       read_number(name, "size") != 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static athar_status list(disks *d, athar_error *err)
{
	DIR *dir = opendir(BLOCK_FOLDER);
	athar_status status = ATHAR_OK;

	if (dir == NULL)
		return athar_fail_errno(err, "cannot list %s", BLOCK_FOLDER);
	for (struct dirent *e = readdir(dir); e != NULL && status == ATHAR_OK; e = readdir(dir)) {
		if (!is_disk(e->d_name))
			continue;
		status = athar_grow(&d->name, &d->capacity, d->count + 1, sizeof *d->name, err);
		if (status != ATHAR_OK)
			break;
		d->name[d->count] = athar_copy_text(e->d_name, err);
		status = d->name[d->count] == NULL ? ATHAR_ENOMEM : ATHAR_OK;
		d->count += status == ATHAR_OK;
	}
	(void)closedir(dir);
	qsort(d->name, d->count, sizeof *d->name, by_name);
	return status;
}

/* "sda" for sda and sda1, "nvme0n1" for nvme0n1p2. */
static bool belongs(const char *node, const char *disk)
{
	char path[600];

	if (strncmp(node, "/dev/", 5) != 0)
		return false;
	if (strcmp(node + 5, disk) == 0)
		return true;
	(void)snprintf(path, sizeof path, BLOCK_FOLDER "/%s/%s", disk, node + 5);
	return access(path, F_OK) == 0;
}

static athar_json *mounts_of(const char *disk)
{
	athar_json *points = athar_json_array();
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	char text[4096];
	struct mntent m;

	if (mounts == NULL)
		return points;
	while (getmntent_r(mounts, &m, text, sizeof text) != NULL)
		if (belongs(m.mnt_fsname, disk))
			athar_json_append_text(points, m.mnt_dir);
	(void)endmntent(mounts);
	return points;
}

static void set_line(athar_json *o, const char *key, const char *disk, const char *file)
{
	char line[256];

	athar_json_set_text(o, key, read_line(line, sizeof line, disk, file) ? line : NULL);
}

static athar_json *describe(const char *disk)
{
	athar_json *o = athar_json_object();
	char node[300];

	(void)snprintf(node, sizeof node, "/dev/%s", disk);
	athar_json_set_text(o, "node", node);
	set_line(o, "model", disk, "device/model");
	set_line(o, "serial", disk, "device/serial");
	athar_json_set_number(o, "size", read_number(disk, "size") * 512);
	athar_json_set_number(o, "sector_size", read_number(disk, "queue/logical_block_size"));
	athar_json_set_bool(o, "read_only", read_number(disk, "ro") != 0);
	athar_json_set_bool(o, "removable", read_number(disk, "removable") != 0);
	athar_json_set(o, "mounted", mounts_of(disk));
	return o;
}

athar_status athar_info_devices(athar_json **out, athar_error *err)
{
	ATHAR_AUTO(disks) disks d = {NULL, 0, 0};

	ATHAR_TRY(list(&d, err));
	*out = athar_json_array();
	for (size_t i = 0; i < d.count; i++)
		athar_json_append(*out, describe(d.name[i]));
	return ATHAR_OK;
}
