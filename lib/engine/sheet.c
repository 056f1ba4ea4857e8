/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/sheet.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "athar/text.h"
#include "engine/ata.h"
#include "engine/block.h"
#include "engine/holders.h"
#include "engine/identity.h"
#include "engine/smart.h"
#include "engine/target.h"
#include "image/device_facts.h"

#define UDEV_FOLDER "/run/udev/data"

/* A device, and the disk that it is or is on. */
typedef struct place {
	const char *folder, *disk, *udev;
	dev_t device;
	bool known; /* the number is */
} place;

static void set_escaped(athar_json *o, const char *key, const char *text)
{
	athar_error err = ATHAR_ERROR_INIT;
	ATHAR_AUTO(free) char *visible = NULL;

	if (text[0] != '\0' && athar_text_visible(&visible, text, strlen(text), &err) == ATHAR_OK)
		athar_json_set_text(o, key, visible);
}

static void set_line(athar_json *o, const char *key, const char *folder, const char *name)
{
	char line[256];

	if (athar_block_line(line, sizeof line, folder, name))
		set_escaped(o, key, line);
}

static void set_value(athar_json *o, const char *key, const char *folder, const char *name)
{
	if (athar_block_has(folder, name))
		athar_json_set_number(o, key, athar_block_value(folder, name));
}

/* ---- what it is ---- */

static athar_status set_facts(athar_json *o, const place *p, athar_error *err)
{
	ATHAR_AUTO(device_facts) athar_device_facts f = {.model = NULL};
	ATHAR_AUTO(identity) athar_identity i = {.path = NULL};

	ATHAR_TRY(athar_device_facts_read(&f, p->disk, err));
	athar_json_set_text(o, "model", f.model);
	athar_json_set_text(o, "serial", f.serial);
	athar_json_set_text(o, "wwn", f.wwn);
	athar_json_set_text(o, "firmware", f.firmware);
	athar_json_set_text(o, "bus", f.bus);
	ATHAR_TRY(athar_identity_of(&i, p->folder, err));
	athar_json_set_text(o, "identity", athar_identity_name(i.kind));
	athar_json_set_number(o, "size", i.size);
	return ATHAR_OK;
}

static void set_sectors(athar_json *o, const place *p)
{
	const uint64_t logical = athar_block_value(p->disk, "queue/logical_block_size");
	const uint64_t physical = athar_block_value(p->disk, "queue/physical_block_size");
	char other[64];

	(void)snprintf(other, sizeof other, "%llu/%llu", (unsigned long long)logical,
	               (unsigned long long)physical);
	athar_json_set_number(o, "sector_size", logical);
	athar_json_set_number(o, "physical_sector_size", physical);
	athar_json_set_text(o, "sector_format",
	                    logical == 512 && physical == 512     ? "512n"
	                    : logical == 512 && physical == 4096  ? "512e"
	                    : logical == 4096 && physical == 4096 ? "4Kn"
	                                                          : other);
}

static void set_queue(athar_json *o, const place *p)
{
	athar_json *trim = athar_json_object();
	athar_json *kernel = athar_json_object();

	athar_json_set_bool(o, "rotational", athar_block_value(p->disk, "queue/rotational") != 0);
	athar_json_set_bool(o, "removable", athar_block_value(p->disk, "removable") != 0);
	athar_json_set_bool(o, "virtual", athar_block_virtual(p->disk));
	athar_json_set_bool(o, "read_only",
	                    athar_block_value(p->folder, "ro") != 0 ||
	                            athar_block_value(p->disk, "ro") != 0);
	athar_json_set_bool(trim, "supported",
	                    athar_block_value(p->disk, "queue/discard_max_bytes") != 0);
	set_value(trim, "discard_max_bytes", p->disk, "queue/discard_max_bytes");
	set_value(trim, "discard_granularity", p->disk, "queue/discard_granularity");
	athar_json_set(o, "trim", trim);
	set_value(kernel, "timeout", p->disk, "device/timeout");
	set_value(kernel, "eh_timeout", p->disk, "device/eh_timeout");
	set_value(kernel, "max_sectors_kb", p->disk, "queue/max_sectors_kb");
	set_value(kernel, "read_ahead_kb", p->disk, "queue/read_ahead_kb");
	set_line(kernel, "scheduler", p->disk, "queue/scheduler");
	athar_json_set(o, "kernel", kernel);
}

/* ---- what is on it, as others have seen it ---- */

static void set_udev(athar_json *o, const char *key, const place *p, dev_t device, const char *name)
{
	char text[256];

	if (athar_block_udev(text, sizeof text, p->udev, device, name))
		set_escaped(o, key, text);
}

static void set_content(athar_json *o, const place *p, dev_t device)
{
	set_udev(o, "file_system", p, device, "ID_FS_TYPE");
	set_udev(o, "label", p, device, "ID_FS_LABEL");
	set_udev(o, "name", p, device, "ID_PART_ENTRY_NAME");
	set_udev(o, "type", p, device, "ID_PART_ENTRY_TYPE");
}

static athar_status add_partition(athar_json *list, const place *p, const char *folder,
                                  athar_error *err)
{
	ATHAR_AUTO(free) char *node = athar_block_node(folder, err);
	athar_json *o;
	dev_t device;

	if (node == NULL)
		return ATHAR_ENOMEM;
	o = athar_json_object();
	set_escaped(o, "node", node);
	athar_json_set_number(o, "number", athar_block_value(folder, "partition"));
	athar_json_set_number(o, "start", athar_block_value(folder, "start") * 512);
	athar_json_set_number(o, "size", athar_block_value(folder, "size") * 512);
	if (athar_block_of_folder(&device, folder))
		set_content(o, p, device);
	athar_json_append(list, o);
	return ATHAR_OK;
}

static athar_status set_partitions(athar_json *o, const place *p, athar_error *err)
{
	ATHAR_AUTO(block_names) athar_block_names parts = {NULL, 0, 0};
	athar_json *list = athar_json_array();
	char path[ATHAR_BLOCK_PATH];
	athar_status status = athar_block_partitions(&parts, p->folder, err);

	for (size_t i = 0; i < parts.count && status == ATHAR_OK; i++)
		if (athar_block_path(path, p->folder, parts.name[i]))
			status = add_partition(list, p, path, err);
	athar_json_set(o, "partitions", list);
	if (p->known)
		set_udev(o, "partition_table", p, p->device, "ID_PART_TABLE_TYPE");
	if (p->known)
		set_content(o, p, p->device);
	return status;
}

/* ---- who uses it ---- */

typedef struct users {
	const place *place;
	athar_json *mounted, *swap, *holders;
} users;

static bool add_use(void *user, const athar_block_use *use)
{
	const users *u = user;
	athar_json *o;

	if (!athar_block_lies_on(use->device, u->place->device) &&
	    !athar_block_lies_on(u->place->device, use->device))
		return true;
	if (use->at == NULL) {
		athar_json_append_text(u->swap, use->node);
		return true;
	}
	o = athar_json_object();
	set_escaped(o, "node", use->node);
	set_escaped(o, "at", use->at);
	athar_json_set_bool(o, "read_only", !use->writable);
	athar_json_append(u->mounted, o);
	return true;
}

static bool add_holder(void *user, const athar_holder *h)
{
	const users *u = user;
	athar_json *o = athar_json_object();

	set_escaped(o, "held", h->held);
	set_escaped(o, "holder", h->device);
	set_escaped(o, "name", h->name);
	athar_json_set_text(o, "kind", h->kind);
	athar_json_set_bool(o, "read_only", h->read_only);
	set_escaped(o, "advice", h->advice);
	athar_json_append(u->holders, o);
	return true;
}

static athar_status set_users(athar_json *o, const place *p, athar_error *err)
{
	users u = {p, athar_json_array(), athar_json_array(), athar_json_array()};
	athar_status status = ATHAR_OK;

	if (p->known)
		status = athar_block_uses(add_use, &u, err);
	if (status == ATHAR_OK)
		status = athar_holders_each(p->folder, add_holder, &u, err);
	athar_json_set(o, "mounted", u.mounted);
	athar_json_set(o, "swap", u.swap);
	athar_json_set(o, "holders", u.holders);
	athar_json_set_text(o, "own_disk", p->known ? athar_target_own_place(p->device) : NULL);
	return status;
}

/* ---- what the device itself is asked ---- */

/* Those that udev asks too: ATA disks, also behind USB where the medium is fixed. Sticks have
 * nothing to say, and some fall silent over the question. What is not asked is not known. */
static bool speaks_ata(const athar_json *o, const place *p)
{
	const char *bus = athar_json_get_text(o, "bus");
	char vendor[64];
	bool removable = false;

	(void)athar_json_get_bool(o, "removable", &removable);
	if (bus == NULL)
		return false;
	if (strcmp(bus, "ata") == 0)
		return true;
	if (strcmp(bus, "scsi") == 0)
		return athar_block_line(vendor, sizeof vendor, p->disk, "device/vendor") &&
		       strcmp(vendor, "ATA") == 0;
	return strcmp(bus, "usb") == 0 && !removable;
}

/* Only what hangs on these can be an ATA disk. */
static athar_json *unasked(const athar_json *sheet, bool made_up)
{
	const char *bus = athar_json_get_text(sheet, "bus");
	const bool could =
		!made_up && (bus == NULL || strcmp(bus, "usb") == 0 || strcmp(bus, "scsi") == 0);
	const char *word = could ? "not asked" : "not applicable";
	athar_json *o = athar_json_object();

	athar_json_set_text(o, "identify", word);
	athar_json_set_text(o, "hpa", word);
	athar_json_set_text(o, "dco", word);
	return o;
}

static athar_json *no_smart(void)
{
	athar_json *o = athar_json_object();

	athar_json_set_bool(o, "available", false);
	athar_json_set_text(o, "why", "not applicable: there is no hardware behind it");
	return o;
}

/* What sysfs says may be of the past; the device says it again. */
static void ask_read_only(athar_json *o, const char *node)
{
	ATHAR_AUTO(fd) int fd = open(node, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int is = 0;

	if (fd >= 0 && ioctl(fd, BLKROGET, &is) == 0)
		athar_json_set_bool(o, "read_only", is != 0);
}

static athar_status ask_device(athar_json *o, const place *p, athar_error *err)
{
	ATHAR_AUTO(free) char *node = athar_block_node(p->folder, err);
	ATHAR_AUTO(free) char *disk = athar_block_node(p->disk, err);
	const bool made_up = athar_block_virtual(p->disk);

	if (node == NULL || disk == NULL)
		return ATHAR_ENOMEM;
	ask_read_only(o, node);
	athar_json_set(o, "hidden",
	               !made_up && speaks_ata(o, p) ? athar_ata_hidden_of(disk)
	                                            : unasked(o, made_up));
	athar_json_set(o, "smart", made_up ? no_smart() : athar_smart_of(NULL, disk));
	return ATHAR_OK;
}

/* ---- what follows ---- */

ATHAR_PRINTF(2, 3) static void add_note(athar_json *notes, const char *format, ...)
{
	char line[400];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(line, sizeof line, format, args);
	va_end(args);
	athar_json_append_text(notes, line);
}

static bool says(const athar_json *o, const char *key, const char *text)
{
	const char *value = athar_json_get_text(o, key);

	return value != NULL && strcmp(value, text) == 0;
}

static bool says_yes(const athar_json *o, const char *key)
{
	bool value = false;

	return athar_json_get_bool(o, key, &value) && value;
}

static bool is_solid_state(const athar_json *sheet)
{
	uint64_t turns = 0;

	if (athar_json_get_number(athar_json_get(sheet, "hidden"), "rotation", &turns))
		return turns == 1;
	return !says_yes(sheet, "rotational");
}

static bool takes_trim(const athar_json *sheet)
{
	const char *said = athar_json_get_text(athar_json_get(sheet, "hidden"), "trim");

	return says_yes(athar_json_get(sheet, "trim"), "supported") ||
	       (said != NULL && strncmp(said, "supported", 9) == 0);
}

static void note_area(athar_json *notes, const athar_json *hidden, const char *area,
                      const char *key, const char *name)
{
	uint64_t n = 0;

	if (says(hidden, area, "present") && athar_json_get_number(hidden, key, &n))
		add_note(notes,
		         "It hides %llu sectors at its end (%s): they are not in an image of it.",
		         (unsigned long long)n, name);
	if (says(hidden, area, "not readable"))
		add_note(notes, "Whether it hides sectors at its end (%s) could not be found out.",
		         name);
}

void athar_sheet_note(athar_json *sheet)
{
	const athar_json *hidden = athar_json_get(sheet, "hidden");
	const athar_json *smart = athar_json_get(sheet, "smart");
	athar_json *notes = athar_json_array();
	bool passed = true;

	if (!says_yes(sheet, "virtual") && is_solid_state(sheet) && takes_trim(sheet))
		add_note(notes,
		         "It is a solid-state disk that takes TRIM: deleted data may be gone, "
		         "and may still change while it has power, also behind a write "
		         "blocker.");
	note_area(notes, hidden, "hpa", "hpa_sectors", "HPA");
	note_area(notes, hidden, "dco", "dco_sectors", "DCO");
	if (says(hidden, "security", "locked"))
		add_note(notes,
		         "It is locked with a password of its own (ATA security): nothing on "
		         "it can be read until that is given.");
	if (athar_json_get_bool(smart, "passed", &passed) && !passed)
		add_note(notes, "It says of itself that it is failing (SMART).");
	if (says(sheet, "identity", "node"))
		add_note(notes, "It has neither serial number nor WWN: when it has been away it "
		                "cannot be known again.");
	athar_json_set(sheet, "notes", notes);
}

/* ---- the whole ---- */

static athar_status fill(athar_json *o, const place *p, athar_error *err)
{
	ATHAR_AUTO(free) char *node = athar_block_node(p->folder, err);
	ATHAR_AUTO(free) char *disk = athar_block_node(p->disk, err);
	const bool part = athar_block_has(p->folder, "partition");

	if (node == NULL || disk == NULL)
		return ATHAR_ENOMEM;
	athar_json_set_text(o, "kind", part ? "partition" : "disk");
	set_escaped(o, "node", node);
	if (part)
		set_escaped(o, "disk", disk);
	ATHAR_TRY(set_facts(o, p, err));
	set_sectors(o, p);
	set_queue(o, p);
	ATHAR_TRY(set_partitions(o, p, err));
	return set_users(o, p, err);
}

athar_status athar_sheet_of(athar_json **out, const char *folder, const char *udev,
                            athar_error *err)
{
	ATHAR_AUTO(json) athar_json *o = athar_json_object();
	ATHAR_AUTO(free) char *disk = athar_block_disk(folder);
	place p = {folder, disk, udev, 0, false};

	if (disk == NULL)
		return athar_fail(err, ATHAR_EIO, "the device is not there any more");
	p.known = athar_block_of_folder(&p.device, folder);
	ATHAR_TRY(fill(o, &p, err));
	*out = ATHAR_GIVE(o);
	return ATHAR_OK;
}

static athar_status of_device(athar_json **out, dev_t device, athar_error *err)
{
	ATHAR_AUTO(free) char *folder = athar_block_folder(device);
	ATHAR_AUTO(free) char *disk = folder != NULL ? athar_block_disk(folder) : NULL;
	ATHAR_AUTO(json) athar_json *o = NULL;
	const place p = {folder, disk, UDEV_FOLDER, device, true};

	if (disk == NULL)
		return athar_fail(err, ATHAR_EIO, "the device is not there any more");
	ATHAR_TRY(athar_sheet_of(&o, folder, UDEV_FOLDER, err));
	ATHAR_TRY(ask_device(o, &p, err));
	athar_sheet_note(o);
	*out = ATHAR_GIVE(o);
	return ATHAR_OK;
}

athar_status athar_sheet_take(athar_json **out, const char *path, athar_error *err)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return athar_fail_errno(err, "cannot look at %s", path);
	if (S_ISBLK(st.st_mode))
		return of_device(out, st.st_rdev, err);
	*out = athar_json_object();
	athar_json_set_text(*out, "kind", "file");
	set_escaped(*out, "path", path);
	athar_json_set_number(*out, "size", (uint64_t)st.st_size);
	return ATHAR_OK;
}
