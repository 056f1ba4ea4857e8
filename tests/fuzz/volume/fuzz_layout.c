/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is made of the first sectors of a volume. The first byte chooses: one of the pure readers,
 * or the search of a whole volume, of which a half has not been read yet.
 */
#include <stdint.h>
#include <string.h>

#include "base/idiom.h"
#include "image/lacking.h"
#include "volume/layout.h"
#include "volume/layout_ext.h"
#include "volume/layout_fat.h"
#include "volume/layout_ntfs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is left of the input. */
typedef struct rest {
	const uint8_t *at;
	size_t len;
} rest;

/* Exactly so many bytes, so that one read past them is seen; NULL: there are not as many. */
static uint8_t *take(rest *r, size_t len)
{
	uint8_t *bytes = r->len < len ? NULL : malloc(len == 0 ? 1 : len);

	if (bytes == NULL)
		return NULL;
	memcpy(bytes, r->at, len);
	r->at += len;
	r->len -= len;
	return bytes;
}

static athar_status on_piece(void *user, uint64_t offset, uint64_t length, athar_error *err)
{
	(void)user, (void)offset, (void)err;
	if (length == 0)
		__builtin_trap();
	return ATHAR_OK;
}

static athar_status on_fat_child(void *user, const athar_fat_child *c, athar_error *err)
{
	const athar_fat_layout *l = user;

	(void)err;
	if (c->cluster < 2 || c->cluster - 2 >= l->clusters)
		__builtin_trap();
	return ATHAR_OK;
}

static void fuzz_fat(rest r, bool exfat)
{
	ATHAR_AUTO(free) uint8_t *boot = take(&r, ATHAR_FAT_BOOT);
	athar_error err = ATHAR_ERROR_INIT;
	athar_fat_layout l;

	if (boot == NULL || !athar_fat_layout_read(&l, boot, exfat))
		return;
	if (l.cluster == 0 || l.clusters == 0 || l.data < l.reserved)
		__builtin_trap();
	const size_t len = r.len;
	ATHAR_AUTO(free) uint8_t *folder = take(&r, len);
	if (folder != NULL &&
	    athar_fat_layout_children(&l, folder, len, on_fat_child, &l, &err) != ATHAR_OK)
		__builtin_trap();
}

static void fuzz_ntfs(rest r)
{
	ATHAR_AUTO(free) uint8_t *boot = take(&r, ATHAR_NTFS_BOOT);
	athar_error err = ATHAR_ERROR_INIT;
	athar_ntfs_layout l;
	athar_ntfs_attribute a;
	uint64_t other;

	if (boot == NULL || !athar_ntfs_layout_read(&l, boot))
		return;
	ATHAR_AUTO(free) uint8_t *record = take(&r, l.record);
	if (record == NULL || !athar_ntfs_record_open(record, l.record))
		return;
	for (uint32_t at = 0; athar_ntfs_attribute_next(&a, record, l.record, &at);) {
		if (a.bytes < record || a.len > (size_t)(record + l.record - a.bytes))
			__builtin_trap();
		if (!a.resident)
			(void)athar_ntfs_runs_each(&l, a.bytes, a.len, on_piece, NULL, &err);
		for (size_t n = 0;
		     a.resident && athar_ntfs_list_next(&other, a.bytes, a.len, 0x80, &n);)
			;
	}
}

static athar_status on_ext_child(void *user, const athar_ext_child *c, athar_error *err)
{
	const athar_ext_layout *l = user;

	(void)err;
	if (c->length == 0 || c->offset / l->block + c->length / l->block > l->blocks ||
	    c->depth > 5)
		__builtin_trap();
	return ATHAR_OK;
}

static void fuzz_ext(rest r)
{
	ATHAR_AUTO(free) uint8_t *super = take(&r, ATHAR_EXT_SUPER);
	const athar_ext_child node = {.depth = 1, .extents = r.len % 2 == 0};
	athar_error err = ATHAR_ERROR_INIT;
	athar_ext_layout l;
	athar_ext_group g;

	if (super == NULL || !athar_ext_layout_read(&l, super))
		return;
	(void)athar_ext_descriptor(&l, l.groups - 1);
	ATHAR_AUTO(free) uint8_t *descriptor = take(&r, l.descriptor);
	ATHAR_AUTO(free) uint8_t *inode = descriptor == NULL ? NULL : take(&r, 128);
	if (inode == NULL)
		return;
	athar_ext_group_read(&g, &l, descriptor);
	if (g.inodes > l.inodes_per_group)
		__builtin_trap();
	(void)athar_ext_inode_kind(inode);
	(void)athar_ext_inode_children(&l, inode, on_ext_child, &l, &err);
	ATHAR_AUTO(free) uint8_t *block = take(&r, l.block);
	if (block != NULL)
		(void)athar_ext_map_children(&l, &node, block, on_ext_child, &l, &err);
}

static void inside(const athar_runs *runs, uint64_t size)
{
	for (size_t i = 0; i < runs->count; i++)
		if (runs->run[i].offset >= size || runs->run[i].length > size - runs->run[i].offset)
			__builtin_trap();
}

static void fuzz_volume(const rest *r, const char *kind, bool partly)
{
	ATHAR_AUTO(source) athar_source *memory = NULL;
	ATHAR_AUTO(source) athar_source *source = NULL;
	ATHAR_AUTO(runs) athar_runs lacking = ATHAR_RUNS_INIT;
	ATHAR_AUTO(layout) athar_layout layout = ATHAR_LAYOUT_INIT;
	athar_volume_info info = {.length = r->len};
	athar_error err = ATHAR_ERROR_INIT;

	snprintf(info.kind, sizeof info.kind, "%s", kind);
	if (r->len == 0 || athar_source_memory(&memory, r->at, r->len, &err) != ATHAR_OK)
		return;
	if (partly && athar_runs_add(&lacking, r->len / 2, r->len - r->len / 2, ATHAR_RUN_UNREAD,
	                             &err) != ATHAR_OK)
		return;
	if (athar_source_lacking(&source, memory, &lacking, 4096, &err) != ATHAR_OK)
		return;
	if (athar_layout_find(&layout, source, &info, false, NULL, NULL, &err) != ATHAR_OK &&
	    err.text[0] == '\0')
		__builtin_trap();
	inside(&layout.maps, r->len);
	inside(&layout.metadata, r->len);
	inside(athar_lacking_wanted(source), r->len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const kinds[] = {"fat32", "exfat", "ntfs", "ext4"};
	const rest r = {data + 1, size == 0 ? 0 : size - 1};

	if (size == 0)
		return 0;
	switch (data[0] % 16) {
	case 0:
	case 1:
		fuzz_fat(r, data[0] % 2 != 0);
		break;
	case 2:
		fuzz_ntfs(r);
		break;
	case 3:
		fuzz_ext(r);
		break;
	default:
		fuzz_volume(&r, kinds[data[0] % 4], (data[0] & 4) != 0);
	}
	return 0;
}
