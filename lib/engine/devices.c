/* SPDX-License-Identifier: BSD-2-Clause */
/* The disks attached to this machine, each by its sheet: no sector of them is read. */
#include "athar/info.h"

#include <string.h>

#include "engine/block.h"
#include "engine/identity.h"
#include "engine/sheet.h"

static athar_status add_sheet(athar_json *list, const char *name, athar_error *err)
{
	ATHAR_AUTO(free) char *node = NULL;
	char path[ATHAR_BLOCK_PATH];
	athar_json *sheet = NULL;

	if (!athar_block_path(path, ATHAR_BLOCK_FOLDER, name))
		return ATHAR_OK;
	node = athar_block_node(path, err);
	if (node == NULL)
		return ATHAR_ENOMEM;
	const athar_status status = athar_sheet_take(&sheet, node, err);
	if (status == ATHAR_OK)
		athar_json_append(list, sheet);
	/* It may have been unplugged meanwhile. */
	return status == ATHAR_EIO ? ATHAR_OK : status;
}

athar_status athar_info_devices(athar_json **out, athar_error *err)
{
	ATHAR_AUTO(block_names) athar_block_names disks = {NULL, 0, 0};
	ATHAR_AUTO(json) athar_json *list = athar_json_array();

	ATHAR_TRY(athar_block_disks(&disks, ATHAR_BLOCK_FOLDER, err));
	for (size_t i = 0; i < disks.count; i++)
		ATHAR_TRY(add_sheet(list, disks.name[i], err));
	*out = ATHAR_GIVE(list);
	return ATHAR_OK;
}

athar_status athar_info_device(athar_json **out, const char *path, athar_error *err)
{
	return athar_sheet_take(out, path, err);
}

/* The node of a disk that says it has this serial number; *node stays where it has another. */
static athar_status match_serial(char **node, size_t *matches, const char *name, const char *serial,
                                 athar_error *err)
{
	ATHAR_AUTO(identity) athar_identity identity = {.path = NULL};
	athar_error gone = ATHAR_ERROR_INIT;
	char path[ATHAR_BLOCK_PATH];

	if (!athar_block_path(path, ATHAR_BLOCK_FOLDER, name) ||
	    athar_identity_of(&identity, path, &gone) != ATHAR_OK || identity.serial == NULL ||
	    strcmp(identity.serial, serial) != 0)
		return ATHAR_OK;
	free(*node);
	*node = athar_block_node(path, err);
	++*matches;
	return *node == NULL ? ATHAR_ENOMEM : ATHAR_OK;
}

athar_status athar_info_by_serial(char **node, const char *serial, athar_error *err)
{
	ATHAR_AUTO(block_names) athar_block_names disks = {NULL, 0, 0};
	ATHAR_AUTO(free) char *found = NULL;
	size_t matches = 0;

	ATHAR_TRY(athar_block_disks(&disks, ATHAR_BLOCK_FOLDER, err));
	for (size_t i = 0; i < disks.count; i++)
		ATHAR_TRY(match_serial(&found, &matches, disks.name[i], serial, err));
	if (matches == 0)
		return athar_fail(err, ATHAR_EIO,
		                  "no disk with the serial number %s is attached: athar info "
		                  "--devices shows which are",
		                  serial);
	if (matches > 1)
		return athar_fail(err, ATHAR_EREFUSED,
		                  "%zu disks say that they have the serial number %s: name the "
		                  "device instead",
		                  matches, serial);
	*node = ATHAR_GIVE(found);
	return ATHAR_OK;
}
