/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Directories of FAT and exFAT: the first byte chooses the kind and the size of a cluster, the rest
 * is the folder. Entries have to lie in it, and names have to be ones.
 */
#include <stdint.h>
#include <string.h>

#include "athar/text.h"
#include "base/idiom.h"
#include "volume/fat_folder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_name(const athar_fat_name *name)
{
	if (name->len == 0 || name->len > sizeof name->bytes || name->pieces > 20 ||
	    memchr(name->bytes, '/', name->len) != NULL ||
	    memchr(name->bytes, '\0', name->len) != NULL)
		__builtin_trap();
}

static void check(const athar_fat_dirent *e, const athar_fat *fat, const athar_fat_folder *folder)
{
	const size_t at = (size_t)(e->entry - folder->bytes);

	if (at % ATHAR_FAT_ENTRY != 0 || at >= folder->len ||
	    e->at != folder->place[at / folder->unit] + at % folder->unit ||
	    e->size > fat->clusters * fat->cluster || e->valid > e->size ||
	    (e->first != 0 && athar_fat_place(fat, e->first) == ATHAR_NOWHERE))
		__builtin_trap();
	check_name(&e->name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	athar_fat fat = {.exfat = size > 0 && (data[0] & 1) != 0,
	                 .bits = size > 0 && (data[0] & 2) != 0 ? 32 : 16,
	                 .sector = 512,
	                 .clusters = 70000};
	athar_fat_folder folder = {.bytes = NULL};
	athar_fat_cursor cursor = {.strict = size > 0 && (data[0] & 4) != 0};
	uint64_t self, parent, place[64];
	athar_fat_dirent entry;

	if (size < 2)
		return 0;
	fat.cluster = 512U << (data[0] >> 3 & 3);
	fat.data = fat.end = 4096;
	folder.unit = fat.cluster;
	folder.len = (size - 1) / fat.cluster * fat.cluster;
	folder.count = folder.len / fat.cluster;
	if (folder.count == 0 || folder.count > ATHAR_COUNT(place))
		return 0;
	folder.place = place;
	for (size_t i = 0; i < folder.count; i++)
		place[i] = (folder.count - i) * 100000;
	folder.bytes = malloc(folder.len); /* just as many, so that one read past them is seen */
	if (folder.bytes == NULL)
		return 0;
	memcpy(folder.bytes, data + 1, folder.len);
	while (athar_fat_folder_next(&entry, &cursor, &folder, &fat))
		check(&entry, &fat, &folder);
	(void)athar_fat_folder_full(&folder);
	(void)athar_fat_folder_dots(&self, &parent, &fat, folder.bytes);
	if (athar_fat_entries(&fat, folder.bytes) > fat.cluster / ATHAR_FAT_ENTRY)
		__builtin_trap();
	free(folder.bytes);
	return 0;
}
