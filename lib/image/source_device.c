/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A block device. It is opened for reading only; what it says of itself comes from the kernel's
 * ioctls and from sysfs.
 */
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/alloc.h"
#include "image/adopt.h"
#include "image/device_facts.h"
#include "image/driver.h"
#include "image/media.h"
#include "image/source_new.h"

struct device {
	athar_media media;
	athar_device_facts facts;
};

static int device_bid(athar_bytes head, const char *path, unsigned mode)
{
	(void)head;
	(void)path;
	return S_ISBLK(mode) ? 128 : 0;
}

/* The texts of an info are the driver's. */
static void tell_facts(athar_source *source)
{
	const struct device *d = source->state;

	source->info.model = d->facts.model;
	source->info.serial = d->facts.serial;
	source->info.firmware = d->facts.firmware;
	source->info.wwn = d->facts.wwn;
	source->info.bus = d->facts.bus;
}

static athar_status describe(athar_source *source, dev_t device, athar_error *err)
{
	struct device *d = source->state;
	char folder[64];

	(void)snprintf(folder, sizeof folder, "/sys/dev/block/%u:%u", major(device), minor(device));
	ATHAR_TRY(athar_device_facts_read(&d->facts, folder, err));
	tell_facts(source);
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

static athar_status device_new(athar_source *source, athar_error *err)
{
	struct device *d = athar_alloc(sizeof *d, err);

	if (d == NULL)
		return err->status;
	d->media = (athar_media)ATHAR_MEDIA_INIT;
	source->state = d;
	return ATHAR_OK;
}

static athar_status device_open(athar_source *source, const char *path, athar_error *err)
{
	struct device *d;
	struct stat st;

	ATHAR_TRY(device_new(source, err));
	d = source->state;
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
	athar_device_facts_clear(&d->facts);
	free(d);
}

static const char *device_segment(athar_source *source, uint64_t offset)
{
	(void)offset;
	return source->info.path;
}

static int device_medium(const athar_source *source, bool direct)
{
	const struct device *d = source->state;

	return direct && d->media.direct >= 0 ? d->media.direct : d->media.fd;
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

static athar_status copy_text(char **out, const char *text, athar_error *err)
{
	if (text == NULL)
		return ATHAR_OK;
	*out = athar_copy_text(text, err);
	return *out != NULL ? ATHAR_OK : ATHAR_ENOMEM;
}

static athar_status copy_facts(athar_device_facts *out, const athar_source_info *like,
                               athar_error *err)
{
	ATHAR_TRY(copy_text(&out->model, like->model, err));
	ATHAR_TRY(copy_text(&out->serial, like->serial, err));
	ATHAR_TRY(copy_text(&out->firmware, like->firmware, err));
	ATHAR_TRY(copy_text(&out->wwn, like->wwn, err));
	return copy_text(&out->bus, like->bus, err);
}

static athar_status adopt(athar_source *source, const athar_opened *opened,
                          const athar_source_info *like, athar_error *err)
{
	struct device *d = source->state;

	d->media.path = athar_copy_text(opened->path, err);
	if (d->media.path == NULL)
		return err->status;
	ATHAR_TRY(read_geometry(source, &d->media, err));
	if (source->info.size != like->size || source->info.sector_size != like->sector_size)
		return athar_fail(err, ATHAR_EREFUSED,
		                  "%s has another size than it had: it is not the same device",
		                  opened->path);
	d->media.sector = source->info.sector_size;
	ATHAR_TRY(copy_facts(&d->facts, like, err));
	tell_facts(source);
	return ATHAR_OK;
}

athar_status athar_source_device_adopt(athar_source **out, const athar_opened *opened,
                                       const athar_source_info *like, athar_error *err)
{
	ATHAR_AUTO(fd) int fd = opened->fd;
	ATHAR_AUTO(fd) int direct = opened->direct;
	ATHAR_AUTO(source) athar_source *s = NULL;
	struct device *d;

	ATHAR_TRY(athar_source_new(&s, &athar_source_device, opened->path, err));
	ATHAR_TRY(device_new(s, err));
	d = s->state;
	d->media.fd = fd;
	d->media.direct = direct;
	fd = direct = -1;
	ATHAR_TRY(adopt(s, opened, like, err));
	*out = ATHAR_GIVE(s);
	return ATHAR_OK;
}
