/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an output keeps beside its open file: the reserve, and the files made before.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/files.h"
#include "base/idiom.h"
#include "image/output.h"

#define RESERVE (2u << 20)

/* Blocks for it, as zeros where the file system cannot set them aside. */
static bool fill(int fd, const char *path)
{
	athar_error err = ATHAR_ERROR_INIT;
	ATHAR_AUTO(free) uint8_t *zeros = NULL;

	if (fallocate(fd, 0, 0, RESERVE) == 0)
		return true;
	if (errno != EOPNOTSUPP && errno != ENOSYS)
		return false;
	zeros = athar_alloc(RESERVE, &err);
	return zeros != NULL && athar_file_write(fd, zeros, RESERVE, path, &err) == ATHAR_OK;
}

static char *reserve_path(const athar_output *o, bool spilling, athar_error *err)
{
	return spilling ? athar_format_text(err, "%s/.%s.reserve", o->spill, o->name)
	                : athar_format_text(err, "%s/.reserve", o->folder);
}

bool athar_output_reserve(athar_output *o)
{
	athar_error err = ATHAR_ERROR_INIT;
	ATHAR_AUTO(fd) int fd = -1;

	if (o->reserve != NULL)
		return true;
	o->reserve = reserve_path(o, o->spilling, &err);
	if (o->reserve == NULL)
		return false;
	if (athar_file_create(&fd, o->reserve, &err) != ATHAR_OK) {
		free(o->reserve);
		o->reserve = NULL;
		return false;
	}
	if (!fill(fd, o->reserve)) {
		athar_output_unreserve(o);
		return false;
	}
	o->full = false;
	return true;
}

void athar_output_unreserve(athar_output *o)
{
	if (o->reserve != NULL)
		(void)unlink(o->reserve);
	free(o->reserve);
	o->reserve = NULL;
}

void athar_output_remove_reserves(const athar_output *o)
{
	athar_error err = ATHAR_ERROR_INIT;
	ATHAR_AUTO(free) char *here = reserve_path(o, false, &err);
	ATHAR_AUTO(free) char *there = o->spill == NULL ? NULL : reserve_path(o, true, &err);

	if (here != NULL)
		(void)unlink(here);
	if (there != NULL)
		(void)unlink(there);
}

/* What the link says, where that is a file of the same name in another folder. */
static char *read_link(const char *path, const char *name, athar_error *err)
{
	char target[PATH_MAX];
	const ssize_t len = readlink(path, target, sizeof target - 1);
	const char *slash;

	if (len < 0)
		return NULL;
	target[len] = '\0';
	slash = strrchr(target, '/');
	if (target[0] != '/' || slash == NULL || strcmp(slash + 1, name) != 0)
		return NULL;
	return athar_copy_text(target, err);
}

athar_status athar_output_find(char **real, bool *linked, const char *folder, const char *name,
                               athar_error *err)
{
	ATHAR_AUTO(free) char *path = athar_join(folder, name, err);
	ATHAR_AUTO(free) char *target = NULL;
	struct stat st;

	*linked = false;
	if (path == NULL)
		return err->status;
	if (lstat(path, &st) != 0)
		return errno == ENOENT ? ATHAR_OK : athar_fail_errno(err, "cannot find %s", path);
	if (!S_ISLNK(st.st_mode)) {
		*real = ATHAR_GIVE(path);
		return ATHAR_OK;
	}
	*linked = true;
	target = read_link(path, name, err);
	if (target == NULL)
		return athar_fail(err, ATHAR_EREFUSED, "%s is a link that was not made here", path);
	if (lstat(target, &st) != 0)
		return athar_fail_errno(err, "%s went to another disk that is not there now: %s",
		                        path, target);
	*real = ATHAR_GIVE(target);
	return ATHAR_OK;
}

void athar_output_remove(const char *folder, const char *name)
{
	athar_error err = ATHAR_ERROR_INIT;
	ATHAR_AUTO(free) char *path = athar_join(folder, name, &err);
	ATHAR_AUTO(free) char *real = NULL;
	bool linked;

	if (path == NULL)
		return;
	if (athar_output_find(&real, &linked, folder, name, &err) == ATHAR_OK && linked)
		(void)unlink(real);
	(void)unlink(path);
}

static athar_status copy_file(int to, const char *path, int from, uint64_t size, athar_error *err)
{
	ATHAR_AUTO(free) uint8_t *buffer = athar_alloc(ATHAR_OUTPUT_BUFFER, err);

	if (buffer == NULL)
		return err->status;
	while (size > 0) {
		const size_t want = size < ATHAR_OUTPUT_BUFFER ? (size_t)size : ATHAR_OUTPUT_BUFFER;
		const ssize_t n = read(from, buffer, want);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return athar_fail_errno(err, "cannot read back what goes to %s", path);
		ATHAR_TRY(athar_file_write(to, buffer, (size_t)n, path, err));
		size -= (uint64_t)n;
	}
	if (fsync(to) != 0)
		return athar_fail_errno(err, "cannot bring %s to the disk", path);
	return ATHAR_OK;
}

/* A link takes the file's place at once, so that the name never leads nowhere. */
static athar_status replace_by_link(const athar_output *o, const char *target, athar_error *err)
{
	ATHAR_AUTO(free)
	char *link = athar_format_text(err, "%s/.%s.link", o->folder, o->name);

	if (link == NULL)
		return err->status;
	(void)unlink(link);
	if (symlink(target, link) == 0 && rename(link, o->path) == 0)
		return ATHAR_OK;
	(void)athar_fail_errno(err, "cannot link %s to %s", o->path, target);
	(void)unlink(link);
	return err->status;
}

athar_status athar_output_move(athar_output *o, const char *name, athar_error *err)
{
	ATHAR_AUTO(free) char *target = athar_join(o->spill, name, err);
	ATHAR_AUTO(fd) int from = open(o->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ATHAR_AUTO(fd) int to = -1;

	if (target == NULL)
		return err->status;
	if (from < 0)
		return athar_fail_errno(err, "cannot read back %s", o->path);
	ATHAR_TRY(athar_file_create(&to, target, err));
	if (copy_file(to, target, from, o->flushed, err) != ATHAR_OK ||
	    replace_by_link(o, target, err) != ATHAR_OK) {
		(void)unlink(target);
		return err->status;
	}
	(void)close(o->fd);
	free(o->path);
	o->fd = to;
	o->path = ATHAR_GIVE(target);
	to = -1;
	o->spilling = o->unnamed = true;
	return ATHAR_OK;
}
