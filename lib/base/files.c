/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/idiom.h"

static athar_status taken(const char *path, athar_error *err)
{
	return athar_fail(
		err, ATHAR_EREFUSED,
		"%s exists already and is not overwritten; choose another name or move it away",
		path);
}

/* The folder that `path` lies in, malloc'd. */
static char *above(const char *path, athar_error *err)
{
	size_t len = strlen(path);
	char *folder = NULL;

	while (len > 1 && path[len - 1] == '/')
		len--;
	while (len > 0 && path[len - 1] != '/')
		len--;
	if (len == 0)
		return athar_copy_text(".", err);
	while (len > 1 && path[len - 1] == '/')
		len--;
	folder = (char *)athar_copy_bytes(path, len, err);
	return folder;
}

static athar_status sync_above(const char *path, athar_error *err)
{
	ATHAR_AUTO(free) char *folder = above(path, err);

	if (folder == NULL)
		return err->status;
	return athar_folder_sync(folder, err);
}

athar_status athar_file_create(int *fd, const char *path, athar_error *err)
{
	const int opened = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (opened < 0 && errno == EEXIST)
		return taken(path, err);
	if (opened < 0)
		return athar_fail_errno(err, "cannot create %s", path);
	*fd = opened;
	return ATHAR_OK;
}

athar_status athar_file_write(int fd, const void *bytes, size_t len, const char *path,
                              athar_error *err)
{
	const uint8_t *p = bytes;

	while (len > 0) {
		const ssize_t written = write(fd, p, len);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return athar_fail_errno(err, "cannot write %s", path);
		if (written == 0)
			return athar_fail(err, ATHAR_EIO,
			                  "cannot write %s: the system took no bytes", path);
		p += written;
		len -= (size_t)written;
	}
	return ATHAR_OK;
}

athar_status athar_file_finish(int *fd, const char *path, athar_error *err)
{
	ATHAR_AUTO(fd) int held = *fd;
	int closed = 0;

	*fd = -1;
	if (fsync(held) != 0)
		return athar_fail_errno(err, "cannot bring %s to the disk", path);
	closed = close(held);
	held = -1;
	if (closed != 0)
		return athar_fail_errno(err, "cannot close %s", path);
	return ATHAR_OK;
}

static athar_status write_whole(const char *path, const void *bytes, size_t len, athar_error *err)
{
	ATHAR_AUTO(fd) int fd = -1;

	ATHAR_TRY(athar_file_create(&fd, path, err));
	athar_status status = athar_file_write(fd, bytes, len, path, err);

	if (status == ATHAR_OK)
		status = athar_file_finish(&fd, path, err);
	if (status != ATHAR_OK)
		(void)unlink(path);
	return status;
}

athar_status athar_file_save(const char *path, const void *bytes, size_t len, athar_error *err)
{
	ATHAR_AUTO(free) char *partial = athar_format_text(err, "%s.partial", path);
	athar_status status = ATHAR_OK;

	if (partial == NULL)
		return err->status;
	ATHAR_TRY(write_whole(partial, bytes, len, err));
	status = athar_rename_new(partial, path, err);
	if (status == ATHAR_EREFUSED)
		(void)unlink(partial);
	return status;
}

athar_status athar_file_replace(const char *path, const void *bytes, size_t len, athar_error *err)
{
	ATHAR_AUTO(free) char *partial = athar_format_text(err, "%s.partial", path);

	if (partial == NULL)
		return err->status;
	/* What an interrupted replacement left is half a file of ours; it must not block the next.
	 */
	(void)unlink(partial);
	ATHAR_TRY(write_whole(partial, bytes, len, err));
	if (rename(partial, path) != 0) {
		(void)athar_fail_errno(err, "cannot replace %s", path);
		(void)unlink(partial);
		return err->status;
	}
	return sync_above(path, err);
}

static athar_status open_regular(int *fd, const char *path, athar_error *err)
{
	struct stat st;

	/* O_NONBLOCK: a pipe put in a file's place must not make us wait. */
	*fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (*fd < 0)
		return athar_fail_errno(err, "cannot open %s", path);
	if (fstat(*fd, &st) != 0)
		return athar_fail_errno(err, "cannot examine %s", path);
	if (!S_ISREG(st.st_mode))
		return athar_fail(err, ATHAR_EREFUSED, "%s is not a regular file", path);
	return ATHAR_OK;
}

/* By what comes, not by the size the system states: files below /proc and /sys state none. */
static athar_status read_all(uint8_t **out, size_t *len, int fd, const char *path, size_t limit,
                             athar_error *err)
{
	ATHAR_AUTO(free) uint8_t *bytes = NULL;
	size_t capacity = 0;
	size_t count = 0;
	ssize_t got = 1;

	while (got != 0) {
		ATHAR_TRY(athar_grow(&bytes, &capacity, count + 4096, 1, err));
		got = read(fd, bytes + count, capacity - count - 1);
		if (got < 0 && errno != EINTR)
			return athar_fail_errno(err, "cannot read %s", path);
		count += got > 0 ? (size_t)got : 0;
		if (count > limit)
			return athar_fail(err, ATHAR_ELIMIT, "%s is longer than %zu bytes", path,
			                  limit);
	}
	bytes[count] = '\0';
	*out = ATHAR_GIVE(bytes);
	*len = count;
	return ATHAR_OK;
}

athar_status athar_file_load(uint8_t **out, size_t *len, const char *path, size_t limit,
                             athar_error *err)
{
	ATHAR_AUTO(fd) int fd = -1;

	ATHAR_TRY(open_regular(&fd, path, err));
	return read_all(out, len, fd, path, limit, err);
}

athar_status athar_folder_create(const char *path, athar_error *err)
{
	if (mkdir(path, 0700) == 0)
		return sync_above(path, err);
	return errno == EEXIST ? taken(path, err)
	                       : athar_fail_errno(err, "cannot create the folder %s", path);
}

athar_status athar_folder_sync(const char *path, athar_error *err)
{
	ATHAR_AUTO(fd) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return athar_fail_errno(err, "cannot open the folder %s", path);
	/* Some network file systems have no fsync for folders: there is nothing more to be had. */
	if (fsync(fd) != 0 && errno != EINVAL && errno != ENOTSUP)
		return athar_fail_errno(err, "cannot bring the folder %s to the disk", path);
	return ATHAR_OK;
}

/* Takes the name with something empty of our own, then moves over it: what a file system can do
 * that knows neither RENAME_NOREPLACE nor links. */
static int rename_over_claim(const char *from, const char *to, bool folder)
{
	int fd = -1;

	if (folder && mkdir(to, 0700) != 0)
		return -1;
	if (!folder) {
		fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd < 0)
			return -1;
		(void)close(fd);
	}
	return rename(from, to);
}

static int rename_without_help(const char *from, const char *to)
{
	struct stat st;

	if (lstat(from, &st) != 0)
		return -1;
	if (S_ISDIR(st.st_mode))
		return rename_over_claim(from, to, true);
	if (link(from, to) == 0)
		return unlink(from);
	return errno == EEXIST ? -1 : rename_over_claim(from, to, false);
}

athar_status athar_rename_new(const char *from, const char *to, athar_error *err)
{
	int result = renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);

	if (result != 0 && (errno == EINVAL || errno == ENOSYS || errno == ENOTSUP))
		result = rename_without_help(from, to);
	if (result != 0 && errno == EEXIST)
		return taken(to, err);
	if (result != 0)
		return athar_fail_errno(err, "cannot rename %s to %s", from, to);
	return sync_above(to, err);
}

char *athar_join(const char *folder, const char *name, athar_error *err)
{
	const size_t len = strlen(folder);
	const bool separated = len == 0 || folder[len - 1] == '/';

	return athar_format_text(err, "%s%s%s", folder, separated ? "" : "/", name);
}
