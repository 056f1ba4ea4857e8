/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/reach.h"

#include <dirent.h>
#include <fcntl.h>
#include <libgen.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/files.h"
#include "engine/subject.h"

static athar_status add(char ***list, size_t *count, size_t *capacity, const char *path,
                        athar_error *err)
{
	ATHAR_AUTO(fd) int fd = open(path, O_PATH | O_CLOEXEC);

	if (fd < 0)
		return ATHAR_OK;
	ATHAR_TRY(athar_grow(list, capacity, *count + 2, sizeof **list, err));
	(*list)[*count] = athar_copy_text(path, err);
	if ((*list)[*count] == NULL)
		return ATHAR_ENOMEM;
	(*list)[++*count] = NULL;
	return ATHAR_OK;
}

static athar_status add_read(athar_reach *reach, const char *path, athar_error *err)
{
	return add(&reach->read, &reach->reads, &reach->read_capacity, path, err);
}

static athar_status add_folder_of(athar_reach *reach, const char *path, athar_error *err)
{
	ATHAR_AUTO(free) char *copy = athar_copy_text(path, err);

	return copy == NULL ? ATHAR_ENOMEM : add_read(reach, dirname(copy), err);
}

/* Thousands of files lie in one folder, one after the other: *last is the one that was added. */
static athar_status add_new_folder(athar_reach *reach, char **last, const char *real,
                                   athar_error *err)
{
	ATHAR_AUTO(free) char *copy = NULL;
	const char *folder;

	if (real == NULL)
		return ATHAR_OK;
	copy = athar_copy_text(real, err);
	if (copy == NULL)
		return ATHAR_ENOMEM;
	folder = dirname(copy);
	if (*last != NULL && strcmp(*last, folder) == 0)
		return ATHAR_OK;
	free(*last);
	*last = athar_copy_text(folder, err);
	return *last == NULL ? ATHAR_ENOMEM : add_read(reach, folder, err);
}

/* Files of a set that lie elsewhere, behind links: the folders where they are. */
static athar_status add_linked(athar_reach *reach, const char *path, athar_error *err)
{
	ATHAR_AUTO(free) char *copy = athar_copy_text(path, err);
	ATHAR_AUTO(free) char *last = NULL;
	const char *folder = copy == NULL ? NULL : dirname(copy);
	DIR *dir = folder == NULL ? NULL : opendir(folder);
	athar_status status = ATHAR_OK;

	if (dir == NULL)
		return copy == NULL ? ATHAR_ENOMEM : ATHAR_OK;
	for (struct dirent *e = readdir(dir); e != NULL && status == ATHAR_OK; e = readdir(dir)) {
		ATHAR_AUTO(free) char *name = NULL;
		ATHAR_AUTO(free) char *real = NULL;

		if (e->d_type != DT_LNK && e->d_type != DT_UNKNOWN)
			continue;
		name = athar_join(folder, e->d_name, err);
		real = name == NULL ? NULL : realpath(name, NULL);
		status = name == NULL ? ATHAR_ENOMEM : add_new_folder(reach, &last, real, err);
	}
	(void)closedir(dir);
	return status;
}

athar_status athar_reach_image(athar_reach *reach, const char *path, athar_error *err)
{
	ATHAR_AUTO(free) char *real = realpath(path, NULL);
	struct stat st;

	if (real == NULL || stat(real, &st) != 0)
		return ATHAR_OK;
	if (S_ISBLK(st.st_mode))
		return add_read(reach, real, err);
	/* The name may be a link to where the image lies. */
	ATHAR_TRY(add_folder_of(reach, path, err));
	ATHAR_TRY(add_folder_of(reach, real, err));
	return add_linked(reach, path, err);
}

typedef struct walk {
	athar_reach *reach;
	const athar_case *c;
} walk;

static athar_status add_exhibit(void *user, const char *slug, const athar_json *fields,
                                athar_error *err)
{
	const walk *w = user;
	ATHAR_AUTO(free) char *image = NULL;
	athar_error none = ATHAR_ERROR_INIT;

	(void)fields;
	if (athar_case_image(&image, w->c, slug, &none) != ATHAR_OK)
		return ATHAR_OK;
	return athar_reach_image(w->reach, image, err);
}

/* A case that is not in order is judged later; here it only gives less to open. */
athar_status athar_reach_case(athar_reach *reach, const char *folder, athar_error *err)
{
	ATHAR_AUTO(case) athar_case *c = NULL;
	athar_error none = ATHAR_ERROR_INIT;
	walk w = {.reach = reach};

	ATHAR_TRY(add_read(reach, folder, err));
	ATHAR_TRY(add(&reach->write, &reach->writes, &reach->write_capacity, folder, err));
	if (athar_case_open_readonly(&c, folder, &none) != ATHAR_OK)
		return ATHAR_OK;
	w.c = c;
	athar_status status = athar_case_each_exhibit(c, add_exhibit, &w, &none);
	if (status != ATHAR_ENOMEM)
		return ATHAR_OK;
	*err = none;
	return status;
}

static void free_all(char **list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(list[i]);
	free(list);
}

void athar_reach_clear(athar_reach *reach)
{
	free_all(reach->read, reach->reads);
	free_all(reach->write, reach->writes);
	*reach = (athar_reach){.read = NULL};
}
