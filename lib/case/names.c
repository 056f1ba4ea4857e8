/* SPDX-License-Identifier: BSD-2-Clause */
#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "case/private.h"

static athar_status add_name(athar_names *names, const char *name, athar_error *err)
{
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return ATHAR_OK;
	ATHAR_TRY(
		athar_grow(&names->name, &names->capacity, names->count + 1, sizeof(char *), err));
	names->name[names->count] = athar_copy_text(name, err);
	if (names->name[names->count] == NULL)
		return err->status;
	names->count++;
	return ATHAR_OK;
}

static athar_status read_names(athar_names *names, DIR *dir, const char *folder, athar_error *err)
{
	for (;;) {
		const struct dirent *entry;

		errno = 0;
		entry = readdir(dir);
		if (entry == NULL)
			return errno == 0 ? ATHAR_OK
			                  : athar_fail_errno(err, "cannot list %s", folder);
		ATHAR_TRY(add_name(names, entry->d_name, err));
	}
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

athar_status athar_names_load(athar_names *names, const char *folder, athar_error *err)
{
	DIR *dir = opendir(folder);
	athar_status status;

	if (dir == NULL)
		return athar_fail_errno(err, "cannot list %s", folder);
	status = read_names(names, dir, folder, err);
	(void)closedir(dir);
	if (names->count != 0)
		qsort(names->name, names->count, sizeof(char *), compare_names);
	return status;
}

void athar_names_clear(athar_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->name[i]);
	free(names->name);
	*names = (athar_names){NULL, 0, 0};
}
