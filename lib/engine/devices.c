/* SPDX-License-Identifier: BSD-2-Clause */
/* The disks attached to this machine, each by its sheet: no sector of them is read. */
#include "athar/info.h"

#include "engine/block.h"
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
