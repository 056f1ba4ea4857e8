/* SPDX-License-Identifier: BSD-2-Clause */
#include "volume/ntfs_folders.h"

#include "base/alloc.h"
#include "base/sort.h"

#define FOLDERS_MOST ((size_t)2000000)
#define NAMES_MOST ((size_t)256 << 20)

athar_status athar_ntfs_folders_add(athar_ntfs_folders *folders, athar_ntfs_ref ref,
                                    const athar_ntfs_name *name, athar_error *err)
{
	athar_ntfs_folder f = {.key = athar_ntfs_ref_key(ref),
	                       .parent = athar_ntfs_ref_key(name->parent),
	                       .name = (uint32_t)folders->names_len};

	if (folders->count >= FOLDERS_MOST || folders->names_len >= NAMES_MOST) {
		folders->full = true;
		return ATHAR_OK;
	}
	ATHAR_TRY(athar_grow(&folders->names, &folders->names_capacity,
	                     folders->names_len + ATHAR_NTFS_TEXT_MOST, 1, err));
	ATHAR_TRY(athar_grow(&folders->folder, &folders->capacity, folders->count + 1,
	                     sizeof *folders->folder, err));
	f.name_len = (uint32_t)athar_ntfs_text(folders->names + f.name, name->name, name->name_len);
	folders->names_len += f.name_len;
	folders->folder[folders->count++] = f;
	return ATHAR_OK;
}

static int by_key(const void *a, const void *b, const void *user)
{
	const athar_ntfs_folder *x = a;
	const athar_ntfs_folder *y = b;

	(void)user;
	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->name < y->name ? -1 : x->name > y->name; /* in the order they were added */
}

void athar_ntfs_folders_sort(athar_ntfs_folders *folders)
{
	athar_sort(folders->folder, folders->count, sizeof *folders->folder, by_key, NULL);
}

static const athar_ntfs_folder *find(const athar_ntfs_folders *folders, uint64_t key)
{
	size_t from = 0;
	size_t to = folders->count;

	while (from < to) {
		const size_t middle = from + (to - from) / 2;

		if (folders->folder[middle].key < key)
			from = middle + 1;
		else
			to = middle;
	}
	return from < folders->count && folders->folder[from].key == key ? &folders->folder[from]
	                                                                 : NULL;
}

size_t athar_ntfs_folders_climb(const athar_ntfs_folder *found[ATHAR_NTFS_DEPTH], bool *rooted,
                                const athar_ntfs_folders *folders, athar_ntfs_ref ref)
{
	uint64_t key = athar_ntfs_ref_key(ref);
	size_t n = 0;

	*rooted = false;
	while (n < ATHAR_NTFS_DEPTH) {
		const athar_ntfs_folder *f;

		*rooted = key >> 16 == ATHAR_NTFS_ROOT_NUMBER;
		f = *rooted ? NULL : find(folders, key);
		if (f == NULL)
			break;
		found[n++] = f;
		key = f->parent;
	}
	return n;
}

void athar_ntfs_folders_clear(athar_ntfs_folders *folders)
{
	free(folders->folder);
	free(folders->names);
	*folders = (athar_ntfs_folders)ATHAR_NTFS_FOLDERS_INIT;
}
