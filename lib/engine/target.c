/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/target.h"

#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

#include "athar/text.h"
#include "base/check.h"
#include "base/idiom.h"
#include "engine/block.h"
#include "engine/holders.h"

/* ---- is the source in use? ---- */

/* What is looked for among what is mounted or held. */
typedef struct search {
	const athar_source_info *source;
	dev_t device;
	athar_json *notes; /* may be NULL */
	athar_status status;
	athar_error *err;
} search;

ATHAR_PRINTF(2, 3) static void note(const search *s, const char *format, ...)
{
	char line[400];
	va_list args;

	if (s->notes == NULL)
		return;
	va_start(args, format);
	(void)vsnprintf(line, sizeof line, format, args);
	va_end(args);
	athar_json_append_text(s->notes, line);
}

static bool check_use(void *user, const athar_block_use *use)
{
	search *s = user;

	if (!athar_block_lies_on(use->device, s->device) &&
	    !athar_block_lies_on(s->device, use->device))
		return true;
	if (use->at == NULL)
		s->status = athar_fail(s->err, ATHAR_EREFUSED,
		                       "%s is used as swap space (%s): first swapoff it",
		                       s->source->path, use->node);
	else if (use->writable)
		s->status = athar_fail(
			s->err, ATHAR_EREFUSED,
			"%s is mounted read-write at %s: unmount it first, or mount it read-only",
			s->source->path, use->at);
	else
		note(s,
		     "it is mounted read-only at %s: its driver may have written to it when it "
		     "was mounted (a journal replayed)",
		     use->at);
	return s->status == ATHAR_OK;
}

static bool check_holder(void *user, const athar_holder *h)
{
	search *s = user;

	if (h->read_only) {
		note(s, "%s is held by %s, which is read-only", h->held, h->name);
		return true;
	}
	s->status =
		athar_fail(s->err, ATHAR_EREFUSED, "%s is in use: %s is part of %s (%s)%s%.200s",
	                   s->source->path, h->held, h->name, h->kind,
	                   h->advice[0] != '\0' ? "; end that first: " : "", h->advice);
	return false;
}

static athar_status check_idle(athar_json *notes, const athar_source_info *source, dev_t device,
                               athar_error *err)
{
	ATHAR_AUTO(free) char *folder = athar_block_folder(device);
	search s = {source, device, notes, ATHAR_OK, err};

	ATHAR_TRY(athar_block_uses(check_use, &s, err));
	ATHAR_TRY(s.status);
	if (folder != NULL)
		ATHAR_TRY(athar_holders_each(folder, check_holder, &s, err));
	return s.status;
}

athar_status athar_target_source_idle(const athar_source_info *source, athar_error *err)
{
	dev_t device;

	if (!source->device || !athar_block_of_node(&device, source->path))
		return ATHAR_OK;
	return check_idle(NULL, source, device, err);
}

/* ---- is the source what this system runs from? ---- */

/* The last three are where live systems keep the medium that they were started from. */
static const char *const own_places[] = {
	"/",     "/boot", "/boot/efi",        "/usr",
	"/var",  "/home", "/run/live/medium", "/lib/live/mount/medium",
	"/cdrom"};

typedef struct own {
	dev_t device;
	const char *place; /* what lies on it; NULL: nothing */
} own;

static bool look_at_mount(void *user, const athar_block_use *use)
{
	own *o = user;

	for (size_t i = 0; use->at != NULL && i < ATHAR_COUNT(own_places); i++)
		if (strcmp(use->at, own_places[i]) == 0 &&
		    (athar_block_lies_on(use->device, o->device) ||
		     athar_block_lies_on(o->device, use->device)))
			o->place = own_places[i];
	return o->place == NULL;
}

/* The table of mounts may call it by a name that has no node ("/dev/root"). */
static void look_at_places(own *o)
{
	struct stat st;

	for (size_t i = 0; o->place == NULL && i < ATHAR_COUNT(own_places); i++)
		if (stat(own_places[i], &st) == 0 && athar_block_lies_on(st.st_dev, o->device))
			o->place = own_places[i];
}

const char *athar_target_own_place(dev_t device)
{
	athar_error err = ATHAR_ERROR_INIT;
	own o = {device, NULL};

	(void)athar_block_uses(look_at_mount, &o, &err);
	look_at_places(&o);
	return o.place;
}

/* By its node, or by the whole of its serial number. */
static bool named(const athar_source_info *source, dev_t device, const char *name)
{
	dev_t other;

	if (athar_block_of_node(&other, name))
		return other == device;
	return source->serial != NULL && strcmp(source->serial, name) == 0;
}

static athar_status refuse_own(const athar_source_info *source, const own *o, const char *force,
                               athar_error *err)
{
	return athar_fail(
		err, ATHAR_EREFUSED,
		"%s is this system's own disk (%s lies on it)%s%s%s: it changes while it is read. "
		"Start the machine from another medium, or name it: --force-own-disk %s",
		source->path, o->place, force != NULL ? " and --force-own-disk names " : "",
		force != NULL ? force : "", force != NULL ? " instead" : "", source->path);
}

athar_status athar_target_source_allowed(athar_json *notes, const athar_source_info *source,
                                         const char *force_own_disk, athar_error *err)
{
	own o = {0, NULL};
	search s = {source, 0, notes, ATHAR_OK, err};

	if (source->device && athar_block_of_node(&o.device, source->path))
		o.place = athar_target_own_place(o.device);
	if (o.place == NULL && force_own_disk != NULL)
		return athar_fail(err, ATHAR_EUSAGE,
		                  "%s is not this system's own disk: leave --force-own-disk out",
		                  source->path);
	if (o.place == NULL)
		return o.device == 0 ? ATHAR_OK : check_idle(notes, source, o.device, err);
	if (force_own_disk == NULL || !named(source, o.device, force_own_disk))
		return refuse_own(source, &o, force_own_disk, err);
	note(&s,
	     "it is this system's own disk (%s lies on it), in use while it was read: the image is "
	     "of no single moment",
	     o.place);
	return ATHAR_OK;
}

/* ---- where the image goes ---- */

athar_status athar_target_apart(const athar_source_info *source, const char *folder,
                                athar_error *err)
{
	struct stat st;
	dev_t device;

	if (stat(folder, &st) != 0)
		return athar_fail_errno(err, "cannot look at %s", folder);
	if (!source->device || !athar_block_of_node(&device, source->path))
		return ATHAR_OK;
	if (athar_block_lies_on(st.st_dev, device) || athar_block_lies_on(device, st.st_dev))
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
