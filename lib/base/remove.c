/* SPDX-License-Identifier: BSD-2-Clause */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/files.h"
#include "base/idiom.h"

/* Folders of our own making are a few levels deep; what is deeper is not ours. */
#define DEPTH_MAX 32

static void athar_auto_dir(DIR **dir)
{
	if (*dir != NULL)
		(void)closedir(*dir);
}

static athar_status remove_at(int parent, const char *name, dev_t device, unsigned depth,
                              athar_error *err);

static athar_status empty_folder(int fd, dev_t device, unsigned depth, athar_error *err)
{
	ATHAR_AUTO(dir) DIR *dir = fdopendir(fd);

	if (dir == NULL) {
		(void)athar_fail_errno(err, "cannot list a folder");
		(void)close(fd);
		return err->status;
	}
	for (;;) {
		errno = 0;
		const struct dirent *entry = readdir(dir);

		if (entry == NULL)
			break;
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			ATHAR_TRY(remove_at(dirfd(dir), entry->d_name, device, depth, err));
	}
	return errno == 0 ? ATHAR_OK : athar_fail_errno(err, "cannot list a folder");
}

static athar_status remove_folder(int parent, const char *name, dev_t device, unsigned depth,
                                  athar_error *err)
{
	const int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return athar_fail_errno(err, "cannot open the folder %s", name);
	ATHAR_TRY(empty_folder(fd, device, depth + 1, err));
	if (unlinkat(parent, name, AT_REMOVEDIR) != 0)
		return athar_fail_errno(err, "cannot remove the folder %s", name);
	return ATHAR_OK;
}

static athar_status remove_at(int parent, const char *name, dev_t device, unsigned depth,
                              athar_error *err)
{
	struct stat st;

	if (depth > DEPTH_MAX)
		return athar_fail(err, ATHAR_ELIMIT, "%s lies deeper than athar makes folders",
		                  name);
	if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return athar_fail_errno(err, "cannot examine %s", name);
	if (st.st_dev != device)
		return athar_fail(err, ATHAR_EREFUSED,
		                  "%s is another file system; unmount it first", name);
	if (S_ISDIR(st.st_mode))
		return remove_folder(parent, name, device, depth, err);
	if (unlinkat(parent, name, 0) != 0)
		return athar_fail_errno(err, "cannot remove %s", name);
	return ATHAR_OK;
}

athar_status athar_remove_tree(const char *path, athar_error *err)
{
	struct stat st;

	if (lstat(path, &st) != 0)
		return athar_fail_errno(err, "cannot examine %s", path);
	if (remove_at(AT_FDCWD, path, st.st_dev, 0, err) != ATHAR_OK)
		return athar_within(err, "removing %s", path);
	return ATHAR_OK;
}
