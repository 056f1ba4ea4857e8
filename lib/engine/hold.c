/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/hold.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>

#include "engine/block.h"

/* ---- what is held ---- */

typedef struct use {
	dev_t disk, device;
	bool on_disk, on_device; /* something is mounted for writing, or swapped to */
} use;

static bool look(void *user, const athar_block_use *one)
{
	use *u = user;

	if (!one->writable)
		return true;
	u->on_disk = u->on_disk || athar_block_lies_on(one->device, u->disk);
	u->on_device = u->on_device || athar_block_lies_on(one->device, u->device);
	return true;
}

/* The folder of what is to be held, yours to free; NULL: it is in use. To make read-only what a
 * running system writes to would break it. */
static athar_status choose(char **out, dev_t device, athar_error *err)
{
	ATHAR_AUTO(free) char *folder = athar_block_folder(device);
	ATHAR_AUTO(free) char *disk = folder != NULL ? athar_block_disk(folder) : NULL;
	use u = {.device = device};

	*out = NULL;
	if (disk == NULL || !athar_block_of_folder(&u.disk, disk))
		return athar_fail(err, ATHAR_EIO, "the device is not there any more");
	ATHAR_TRY(athar_block_uses(look, &u, err));
	if (!u.on_disk)
		*out = ATHAR_GIVE(disk);
	else if (!u.on_device)
		*out = ATHAR_GIVE(folder);
	return ATHAR_OK;
}

/* ---- holding it ---- */

static athar_status set_read_only(athar_json *devices, const char *folder, athar_error *err)
{
	ATHAR_AUTO(free) char *node = athar_block_node(folder, err);
	ATHAR_AUTO(fd) int fd = -1;
	athar_json *o = athar_json_object();
	int was = 0, is = 0;
	const int on = 1;

	if (node == NULL) {
		athar_json_free(o);
		return ATHAR_ENOMEM;
	}
	fd = open(node, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	athar_json_set_text(o, "node", node);
	if (fd < 0 || ioctl(fd, BLKROGET, &was) != 0 ||
	    (was == 0 && ioctl(fd, BLKROSET, &on) != 0) || ioctl(fd, BLKROGET, &is) != 0)
		athar_json_set_text(o, "why", strerrordesc_np(errno));
	athar_json_set_bool(o, "was_read_only", was != 0);
	athar_json_set_bool(o, "read_only", is != 0);
	athar_json_append(devices, o);
	return ATHAR_OK;
}

static athar_status set_all(athar_json *devices, const char *folder, athar_error *err)
{
	ATHAR_AUTO(block_names) athar_block_names parts = {NULL, 0, 0};
	char path[ATHAR_BLOCK_PATH];

	ATHAR_TRY(set_read_only(devices, folder, err));
	ATHAR_TRY(athar_block_partitions(&parts, folder, err));
	for (size_t i = 0; i < parts.count; i++)
		if (athar_block_path(path, folder, parts.name[i]))
			ATHAR_TRY(set_read_only(devices, path, err));
	return ATHAR_OK;
}

static athar_status claim(athar_hold *hold, const char *folder, athar_error *err)
{
	ATHAR_AUTO(free) char *node = athar_block_node(folder, err);
	char until[300];

	if (node == NULL)
		return ATHAR_ENOMEM;
	hold->claim = open(node, O_RDONLY | O_EXCL | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	athar_json_set_bool(hold->told, "claimed", hold->claim >= 0);
	(void)snprintf(until, sizeof until,
	               "read-only until it is unplugged, the machine restarts, or blockdev "
	               "--setrw %.200s",
	               node);
	athar_json_set_text(hold->told, "until", until);
	return ATHAR_OK;
}

static athar_status left_alone(athar_hold *hold, const char *why)
{
	athar_json_set_bool(hold->told, "applies", false);
	athar_json_set_text(hold->told, "why", why);
	return ATHAR_OK;
}

athar_status athar_hold_take(athar_hold *out, const char *path, bool any, athar_error *err)
{
	ATHAR_AUTO(free) char *folder = NULL;
	athar_json *devices;
	dev_t device;

	*out = (athar_hold){athar_json_object(), -1};
	if (!athar_block_of_node(&device, path))
		return left_alone(out, "it is no device");
	ATHAR_TRY(choose(&folder, device, err));
	if (folder == NULL)
		return left_alone(out, "this system writes to it");
	if (athar_block_virtual(folder) && !any)
		return left_alone(out, "there is no hardware behind it");
	devices = athar_json_array();
	athar_json_set_bool(out->told, "applies", true);
	const athar_status status = set_all(devices, folder, err);
	athar_json_set(out->told, "devices", devices);
	ATHAR_TRY(status);
	return claim(out, folder, err);
}

void athar_hold_release(athar_hold *hold)
{
	athar_json_free(hold->told);
	if (hold->claim >= 0)
		(void)close(hold->claim);
	*hold = (athar_hold)ATHAR_HOLD_INIT;
}
