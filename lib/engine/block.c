/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/block.h"

#include <dirent.h>
#include <mntent.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/alloc.h"
#include "base/files.h"

/* Mapped on mapped on mapped: no machine goes deeper. */
#define LAYERS 8
/* udev's file of a device has a few kilobytes. */
#define UDEV_MOST (256u << 10)

bool athar_block_path(char out[ATHAR_BLOCK_PATH], const char *folder, const char *name)
{
	const int len = snprintf(out, ATHAR_BLOCK_PATH, "%s/%s", folder, name);

	return len > 0 && len < ATHAR_BLOCK_PATH;
}

bool athar_block_line(char *out, size_t size, const char *folder, const char *name)
{
	ATHAR_AUTO(file) FILE *f = NULL;
	char path[ATHAR_BLOCK_PATH];

	out[0] = '\0';
	f = athar_block_path(path, folder, name) ? fopen(path, "re") : NULL;
	if (f == NULL || fgets(out, (int)size, f) == NULL)
		return false;
	out[strcspn(out, "\n")] = '\0';
	while (out[0] != '\0' && out[strlen(out) - 1] == ' ')
		out[strlen(out) - 1] = '\0';
	return out[0] != '\0';
}

uint64_t athar_block_value(const char *folder, const char *name)
{
	char line[64];

	return athar_block_line(line, sizeof line, folder, name) ? strtoull(line, NULL, 10) : 0;
}

bool athar_block_has(const char *folder, const char *name)
{
	char path[ATHAR_BLOCK_PATH];

	return athar_block_path(path, folder, name) && access(path, F_OK) == 0;
}

bool athar_block_of_node(dev_t *out, const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0 || !S_ISBLK(st.st_mode))
		return false;
	*out = st.st_rdev;
	return true;
}

bool athar_block_of_folder(dev_t *out, const char *folder)
{
	char line[64];
	unsigned major_, minor_;

	if (!athar_block_line(line, sizeof line, folder, "dev") ||
	    sscanf(line, "%u:%u", &major_, &minor_) != 2)
		return false;
	*out = makedev(major_, minor_);
	return true;
}

char *athar_block_folder(dev_t device)
{
	char link[64];

	(void)snprintf(link, sizeof link, "/sys/dev/block/%u:%u", major(device), minor(device));
	return realpath(link, NULL);
}

char *athar_block_disk(const char *folder)
{
	char path[ATHAR_BLOCK_PATH];

	if (!athar_block_path(path, folder, athar_block_has(folder, "partition") ? ".." : "."))
		return NULL;
	return realpath(path, NULL);
}

/* The kernel writes an exclamation mark for the slash in a name. */
char *athar_block_node(const char *folder, athar_error *err)
{
	ATHAR_AUTO(free) char *real = realpath(folder, NULL);
	const char *name = real != NULL ? strrchr(real, '/') : NULL;
	char *node = athar_join("/dev", name != NULL ? name + 1 : "", err);

	for (char *p = node; p != NULL && *p != '\0'; p++)
		if (*p == '!')
			*p = '/';
	return node;
}

bool athar_block_virtual(const char *folder)
{
	ATHAR_AUTO(free) char *real = realpath(folder, NULL);

	return real != NULL && strstr(real, "/devices/virtual/") != NULL;
}

/* ---- what lies on what ---- */

static bool lies_on_within(dev_t inner, dev_t outer, unsigned layers);

/* What a device is made of lies in its folder's "slaves". */
static bool is_made_of(const char *folder, dev_t outer, unsigned layers)
{
	char slaves[ATHAR_BLOCK_PATH], path[ATHAR_BLOCK_PATH];
	bool found = false;
	dev_t part;

	DIR *dir = athar_block_path(slaves, folder, "slaves") ? opendir(slaves) : NULL;
	if (dir == NULL)
		return false;
	for (struct dirent *e = readdir(dir); e != NULL && !found; e = readdir(dir))
		found = e->d_name[0] != '.' && athar_block_path(path, slaves, e->d_name) &&
		        athar_block_of_folder(&part, path) && lies_on_within(part, outer, layers);
	(void)closedir(dir);
	return found;
}

static bool lies_on_within(dev_t inner, dev_t outer, unsigned layers)
{
	ATHAR_AUTO(free) char *in = NULL;
	ATHAR_AUTO(free) char *out = NULL;
	ATHAR_AUTO(free) char *disk = NULL;
	dev_t whole;

	if (inner == outer)
		return true;
	in = athar_block_folder(inner);
	out = athar_block_folder(outer);
	if (in == NULL || out == NULL || layers == 0)
		return false;
	size_t len = strlen(out);
	if (strncmp(in, out, len) == 0 && in[len] == '/')
		return true;
	if (is_made_of(in, outer, layers - 1))
		return true;
	/* A partition of a mapped disk: the disk tells. */
	disk = athar_block_disk(in);
	return disk != NULL && athar_block_of_folder(&whole, disk) && whole != inner &&
	       lies_on_within(whole, outer, layers - 1);
}

bool athar_block_lies_on(dev_t inner, dev_t outer)
{
	return lies_on_within(inner, outer, LAYERS);
}

/* ---- lists ---- */

void athar_block_names_clear(athar_block_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->name[i]);
	free(names->name);
	*names = (athar_block_names){NULL, 0, 0};
}

static int by_name(const void *a, const void *b)
{
	return strverscmp(*(char *const *)a, *(char *const *)b);
}

athar_status athar_block_list(athar_block_names *out, const char *folder,
                              bool (*want)(const char *folder, const char *name), athar_error *err)
{
	DIR *dir = opendir(folder);
	athar_status status = ATHAR_OK;

	if (dir == NULL)
		return ATHAR_OK;
	for (struct dirent *e = readdir(dir); e != NULL && status == ATHAR_OK; e = readdir(dir)) {
		if (e->d_name[0] == '.' || !want(folder, e->d_name))
			continue;
		status = athar_grow(&out->name, &out->capacity, out->count + 1, sizeof *out->name,
		                    err);
		if (status != ATHAR_OK)
			break;
		out->name[out->count] = athar_copy_text(e->d_name, err);
		status = out->name[out->count] == NULL ? ATHAR_ENOMEM : ATHAR_OK;
		out->count += status == ATHAR_OK;
	}
	(void)closedir(dir);
	if (out->count > 0)
		qsort(out->name, out->count, sizeof *out->name, by_name);
	return status;
}

/* Partitions say which they are; empty drives and unused loop devices have no size. */
static bool is_disk(const char *folder, const char *name)
{
	char path[ATHAR_BLOCK_PATH];

	return athar_block_path(path, folder, name) && !athar_block_has(path, "partition") &&
	       athar_block_value(path, "size") != 0;
}

athar_status athar_block_disks(athar_block_names *out, const char *folder, athar_error *err)
{
	return athar_block_list(out, folder, is_disk, err);
}

static bool is_partition(const char *folder, const char *name)
{
	char path[ATHAR_BLOCK_PATH];

	return athar_block_path(path, folder, name) && athar_block_has(path, "partition") &&
	       athar_block_has(path, "start");
}

athar_status athar_block_partitions(athar_block_names *out, const char *disk, athar_error *err)
{
	return athar_block_list(out, disk, is_partition, err);
}

/* ---- what is in use ---- */

static bool give_mount(const struct mntent *m, bool (*each)(void *, const athar_block_use *),
                       void *user)
{
	athar_block_use use = {.node = m->mnt_fsname, .at = m->mnt_dir};

	use.writable = hasmntopt(m, MNTOPT_RW) != NULL;
	return !athar_block_of_node(&use.device, m->mnt_fsname) || each(user, &use);
}

/* A kernel without swap has no such file. */
static void give_swaps(bool (*each)(void *, const athar_block_use *), void *user)
{
	ATHAR_AUTO(file) FILE *swaps = fopen("/proc/swaps", "re");
	char line[4096];
	bool more = true;

	while (more && swaps != NULL && fgets(line, sizeof line, swaps) != NULL) {
		athar_block_use use = {.node = line, .writable = true};

		line[strcspn(line, " \t")] = '\0';
		if (athar_block_of_node(&use.device, line))
			more = each(user, &use);
	}
}

athar_status athar_block_uses(bool (*each)(void *user, const athar_block_use *use), void *user,
                              athar_error *err)
{
	char text[4096];
	struct mntent m;
	bool more = true;
	FILE *mounts = setmntent("/proc/self/mounts", "re");

	if (mounts == NULL)
		return athar_fail_errno(err, "cannot read /proc/self/mounts to see what is in use");
	while (more && getmntent_r(mounts, &m, text, sizeof text) != NULL)
		more = give_mount(&m, each, user);
	(void)endmntent(mounts);
	if (more)
		give_swaps(each, user);
	return ATHAR_OK;
}

/* ---- udev ---- */

static bool take_property(char *out, size_t size, const char *line, const char *key)
{
	const size_t len = strlen(key);

	if (strncmp(line, "E:", 2) != 0 || strncmp(line + 2, key, len) != 0 || line[2 + len] != '=')
		return false;
	(void)snprintf(out, size, "%s", line + 3 + len);
	out[strcspn(out, "\n")] = '\0';
	return out[0] != '\0';
}

bool athar_block_udev(char *out, size_t size, const char *folder, dev_t device, const char *key)
{
	ATHAR_AUTO(file) FILE *f = NULL;
	char path[ATHAR_BLOCK_PATH], name[64], line[1024];
	size_t left = UDEV_MOST;

	out[0] = '\0';
	(void)snprintf(name, sizeof name, "b%u:%u", major(device), minor(device));
	f = athar_block_path(path, folder, name) ? fopen(path, "re") : NULL;
	while (f != NULL && left >= sizeof line && fgets(line, sizeof line, f) != NULL) {
		left -= strlen(line);
		if (take_property(out, size, line, key))
			return true;
	}
	return false;
}
