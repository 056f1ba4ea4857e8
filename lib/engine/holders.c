/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/holders.h"

#include <string.h>

#include "engine/block.h"

/* Which tool made a mapped device stands at the beginning of its id. */
static const char *mapped_kind(const char *folder)
{
	static const struct {
		const char *begins, *kind;
	} known[] = {{"LVM-", "lvm"}, {"CRYPT-", "crypt"}, {"mpath-", "multipath"}};
	char id[300];

	if (!athar_block_line(id, sizeof id, folder, "dm/uuid"))
		return "dm";
	for (size_t i = 0; i < ATHAR_COUNT(known); i++)
		if (strncmp(id, known[i].begins, strlen(known[i].begins)) == 0)
			return known[i].kind;
	return "dm";
}

/* "vg--a-root" is volume "root" of the group "vg-a": a hyphen of a name is written twice. */
static void group_of(char *out, size_t size, const char *name)
{
	size_t n = 0;

	for (; *name != '\0' && n + 1 < size; name++) {
		if (*name == '-' && name[1] != '-')
			break;
		name += *name == '-';
		out[n++] = *name;
	}
	out[n] = '\0';
}

static void advise(athar_holder *h)
{
	char group[256];

	group_of(group, sizeof group, h->name);
	if (strcmp(h->kind, "lvm") == 0)
		(void)snprintf(h->advice, sizeof h->advice, "vgchange -an %s", group);
	else if (strcmp(h->kind, "crypt") == 0)
		(void)snprintf(h->advice, sizeof h->advice, "cryptsetup close %s", h->name);
	else if (strcmp(h->kind, "md") == 0)
		(void)snprintf(h->advice, sizeof h->advice, "mdadm --stop /dev/%s", h->device);
	else if (strcmp(h->kind, "multipath") == 0)
		(void)snprintf(h->advice, sizeof h->advice, "multipath -f %s", h->name);
	else if (strcmp(h->kind, "dm") == 0)
		(void)snprintf(h->advice, sizeof h->advice, "dmsetup remove %s", h->name);
}

static void describe(athar_holder *h, const char *held, const char *folder, const char *device)
{
	*h = (athar_holder){.kind = "other"};
	(void)snprintf(h->held, sizeof h->held, "%s", held);
	(void)snprintf(h->device, sizeof h->device, "%s", device);
	if (!athar_block_line(h->name, sizeof h->name, folder, "dm/name"))
		(void)snprintf(h->name, sizeof h->name, "%s", device);
	if (athar_block_has(folder, "dm"))
		h->kind = mapped_kind(folder);
	else if (athar_block_has(folder, "md"))
		h->kind = "md";
	h->read_only = athar_block_value(folder, "ro") != 0;
	advise(h);
}

static bool any(const char *folder, const char *name)
{
	(void)folder, (void)name;
	return true;
}

static athar_status holders_of(bool *more, const char *folder,
                               bool (*each)(void *user, const athar_holder *), void *user,
                               athar_error *err)
{
	ATHAR_AUTO(block_names) athar_block_names names = {NULL, 0, 0};
	const char *held = strrchr(folder, '/') != NULL ? strrchr(folder, '/') + 1 : folder;
	char holders[ATHAR_BLOCK_PATH], path[ATHAR_BLOCK_PATH];
	athar_holder h;

	if (!athar_block_path(holders, folder, "holders"))
		return ATHAR_OK;
	ATHAR_TRY(athar_block_list(&names, holders, any, err));
	for (size_t i = 0; i < names.count && *more; i++) {
		if (!athar_block_path(path, holders, names.name[i]))
			continue;
		describe(&h, held, path, names.name[i]);
		*more = each(user, &h);
	}
	return ATHAR_OK;
}

athar_status athar_holders_each(const char *folder, bool (*each)(void *user, const athar_holder *),
                                void *user, athar_error *err)
{
	ATHAR_AUTO(block_names) athar_block_names parts = {NULL, 0, 0};
	ATHAR_AUTO(free) char *disk = NULL;
	char path[ATHAR_BLOCK_PATH];
	bool more = true;

	ATHAR_TRY(holders_of(&more, folder, each, user, err));
	/* Whoever holds the whole disk holds each part of it. */
	disk = athar_block_has(folder, "partition") ? athar_block_disk(folder) : NULL;
	if (disk != NULL && more)
		ATHAR_TRY(holders_of(&more, disk, each, user, err));
	ATHAR_TRY(athar_block_partitions(&parts, folder, err));
	for (size_t i = 0; i < parts.count && more; i++)
		if (athar_block_path(path, folder, parts.name[i]))
			ATHAR_TRY(holders_of(&more, path, each, user, err));
	return ATHAR_OK;
}
