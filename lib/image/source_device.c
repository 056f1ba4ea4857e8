/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A block device. It is opened for reading only; what it says of itself comes from the kernel's
 * ioctls and from sysfs.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "athar/text.h"
#include "base/alloc.h"
#include "base/files.h"
#include "image/driver.h"
#include "image/media.h"

#define ATTRIBUTE_MAX 4096

struct device {
	athar_media media;
	char *model, *serial, *firmware, *wwn, *bus;
};

static int device_bid(athar_bytes head, const char *path, unsigned mode)
{
	(void)head;
	(void)path;
	return S_ISBLK(mode) ? 128 : 0;
}

/* One attribute of the disk, trimmed and escaped (a device's firmware writes what it likes), or
 * NULL. */
static char *read_attribute(const char *folder, const char *name)
{
	athar_error err = ATHAR_ERROR_INIT;
	ATHAR_AUTO(free) char *path = athar_join(folder, name, &err);
	ATHAR_AUTO(fd) int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	char text[ATTRIBUTE_MAX];
	ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof text);
	const char *begin = text;
	char *out = NULL;

	while (len > 0 && strchr(" \n\t", text[len - 1]) != NULL)
		len--;
	while (len > 0 && *begin == ' ') {
		begin++;
		len--;
	}
	if (len <= 0 || athar_text_visible(&out, begin, (size_t)len, &err) != ATHAR_OK)
		return NULL;
	return out;
}

/* The first of these attributes that is there. */
static char *read_first(const char *folder, const char *const *names)
{
	char *value = NULL;

	for (; *names != NULL && value == NULL; names++)
		value = read_attribute(folder, *names);
	return value;
}

/* SCSI disks have their serial number in a vital product data page: four bytes of header, then
 * text. */
static char *read_page80(const char *folder)
{
	athar_error err = ATHAR_ERROR_INIT;
	ATHAR_AUTO(free) char *path = athar_join(folder, "device/vpd_pg80", &err);
	ATHAR_AUTO(fd) int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	char page[4 + 252];
	ssize_t len = fd < 0 ? -1 : read(fd, page, sizeof page);
	const char *begin = page + 4;
	char *out = NULL;

	while (len > 4 && (page[len - 1] == ' ' || page[len - 1] == '\0'))
		len--;
	while (len > 4 && *begin == ' ') {
		begin++;
		len--;
	}
	if (len <= 4 || athar_text_visible(&out, begin, (size_t)len - 4, &err) != ATHAR_OK)
		return NULL;
	return out;
}

/* The bus that the disk hangs on, told by its place in the device tree. */
static char *find_bus(const char *folder)
{
	static const struct {
		const char *part, *bus;
	} places[] = {{"/usb", "usb"},         {"/ata", "ata"},       {"/nvme", "nvme"},
	              {"/mmc_host", "mmc"},    {"/virtio", "virtio"}, {"/host", "scsi"},
	              {"/virtual/", "virtual"}};
	athar_error err = ATHAR_ERROR_INIT;
	ATHAR_AUTO(free) char *real = realpath(folder, NULL);

	for (size_t i = 0; real != NULL && i < ATHAR_COUNT(places); i++)
		if (strstr(real, places[i].part) != NULL)
			return athar_copy_text(places[i].bus, &err);
	return NULL;
}

/* A partition's attributes are those of the disk it is on. */
static char *find_disk(unsigned major_, unsigned minor_, athar_error *err)
{
	ATHAR_AUTO(free)
	char *folder = athar_format_text(err, "/sys/dev/block/%u:%u", major_, minor_);
	ATHAR_AUTO(free) char *partition = NULL;

	if (folder == NULL)
		return NULL;
	partition = athar_join(folder, "partition", err);
	if (partition != NULL && access(partition, F_OK) == 0)
		return athar_join(folder, "..", err);
	return ATHAR_GIVE(folder);
}

static athar_status describe(athar_source *source, dev_t device, athar_error *err)
{
	static const char *const models[] = {"device/model", "device/name", NULL};
	static const char *const serials[] = {"device/serial", "serial", NULL};
	static const char *const firmwares[] = {"device/firmware_rev", "device/rev", "device/fwrev",
	                                        NULL};
	static const char *const wwns[] = {"wwid", "device/wwid", "device/cid", NULL};
	struct device *d = source->state;
	ATHAR_AUTO(free) char *folder = find_disk(major(device), minor(device), err);

	if (folder == NULL)
		return err->status;
	d->model = read_first(folder, models);
	d->serial = read_first(folder, serials);
	if (d->serial == NULL)
		d->serial = read_page80(folder);
	d->firmware = read_first(folder, firmwares);
	d->wwn = read_first(folder, wwns);
	d->bus = find_bus(folder);
	source->info.model = d->model;
	source->info.serial = d->serial;
	source->info.firmware = d->firmware;
	source->info.wwn = d->wwn;
	source->info.bus = d->bus;
	return ATHAR_OK;
}

static athar_status read_geometry(athar_source *source, const athar_media *m, athar_error *err)
{
	athar_source_info *info = &source->info;
	int logical = 512, read_only = 0;
	unsigned physical = 0;

	if (ioctl(m->fd, BLKGETSIZE64, &info->size) != 0)
		return athar_fail_errno(err, "cannot get the size of %s", m->path);
	if (info->size == 0)
		return athar_fail(err, ATHAR_EIO, "%s holds no medium: its size is 0", m->path);
	if (ioctl(m->fd, BLKSSZGET, &logical) == 0 && logical >= 512 && logical <= 65536)
		info->sector_size = (uint32_t)logical;
	info->physical_sector_size = info->sector_size;
	if (ioctl(m->fd, BLKPBSZGET, &physical) == 0 && physical >= info->sector_size)
		info->physical_sector_size = physical;
	info->read_only = ioctl(m->fd, BLKROGET, &read_only) == 0 && read_only != 0;
	info->device = true;
	return ATHAR_OK;
}

static athar_status device_open(athar_source *source, const char *path, athar_error *err)
{
	struct device *d = athar_alloc(sizeof *d, err);
	struct stat st;

	if (d == NULL)
		return err->status;
	d->media = (athar_media)ATHAR_MEDIA_INIT;
	source->state = d;
	ATHAR_TRY(athar_media_open(&d->media, path, err));
	if (fstat(d->media.fd, &st) != 0 || !S_ISBLK(st.st_mode))
		return athar_fail(err, ATHAR_EIO, "%s is no block device any more", path);
	ATHAR_TRY(read_geometry(source, &d->media, err));
	d->media.sector = source->info.sector_size;
	athar_media_open_direct(&d->media);
	d->media.bulk = true;
	return describe(source, st.st_rdev, err);
}

static athar_status device_read(athar_source *source, void *buf, size_t len, uint64_t offset,
                                athar_runs *bad, athar_error *err)
{
	const struct device *d = source->state;

	return athar_media_read(&d->media, buf, len, offset, offset, bad, err);
}

static void device_close(athar_source *source)
{
	struct device *d = source->state;

	if (d == NULL)
		return;
	athar_media_close(&d->media);
	free(d->model);
	free(d->serial);
	free(d->firmware);
	free(d->wwn);
	free(d->bus);
	free(d);
}

static const char *device_segment(athar_source *source, uint64_t offset)
{
	(void)offset;
	return source->info.path;
}

static int device_medium(const athar_source *source)
{
	const struct device *d = source->state;

	return d->media.direct >= 0 ? d->media.direct : d->media.fd;
}

const athar_source_driver athar_source_device = {
	.name = "device",
	.summary = "block device, read only",
	.bid = device_bid,
	.open = device_open,
	.read = device_read,
	.close = device_close,
	.segment = device_segment,
	.medium = device_medium,
};
