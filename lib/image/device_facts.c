/* SPDX-License-Identifier: BSD-2-Clause */
#include "image/device_facts.h"

#include <fcntl.h>
#include <string.h>

#include "athar/text.h"
#include "base/alloc.h"
#include "base/files.h"

#define ATTRIBUTE_MAX 4096

/* One attribute of the disk, trimmed and escaped, or NULL. */
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

/* Sticks have theirs in the descriptor of the USB device that the disk hangs on: the nearest folder
 * above that says which vendor it is of. */
static char *read_usb_serial(const char *folder)
{
	ATHAR_AUTO(free) char *real = realpath(folder, NULL);
	char *serial = NULL;
	char *slash;

	while (real != NULL && serial == NULL && (slash = strrchr(real, '/')) != NULL &&
	       strstr(real, "/usb") != NULL) {
		ATHAR_AUTO(free) char *vendor = read_attribute(real, "idVendor");

		if (vendor != NULL)
			return read_attribute(real, "serial");
		*slash = '\0';
	}
	return serial;
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
static char *find_disk(const char *folder, athar_error *err)
{
	ATHAR_AUTO(free) char *partition = athar_join(folder, "partition", err);

	if (partition == NULL)
		return NULL;
	return access(partition, F_OK) == 0 ? athar_join(folder, "..", err)
	                                    : athar_copy_text(folder, err);
}

athar_status athar_device_facts_read(athar_device_facts *out, const char *folder, athar_error *err)
{
	static const char *const models[] = {"device/model", "device/name", NULL};
	static const char *const serials[] = {"device/serial", "serial", NULL};
	static const char *const firmwares[] = {"device/firmware_rev", "device/rev", "device/fwrev",
	                                        NULL};
	static const char *const wwns[] = {"wwid", "device/wwid", "device/cid", NULL};
	ATHAR_AUTO(free) char *disk = find_disk(folder, err);

	*out = (athar_device_facts){.model = NULL};
	if (disk == NULL)
		return err->status;
	out->model = read_first(disk, models);
	out->serial = read_first(disk, serials);
	if (out->serial == NULL)
		out->serial = read_page80(disk);
	if (out->serial == NULL)
		out->serial = read_usb_serial(disk);
	out->firmware = read_first(disk, firmwares);
	out->wwn = read_first(disk, wwns);
	out->bus = find_bus(disk);
	return ATHAR_OK;
}

void athar_device_facts_clear(athar_device_facts *facts)
{
	free(facts->model);
	free(facts->serial);
	free(facts->firmware);
	free(facts->wwn);
	free(facts->bus);
	*facts = (athar_device_facts){.model = NULL};
}
