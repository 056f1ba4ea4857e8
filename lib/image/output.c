/* SPDX-License-Identifier: BSD-2-Clause */
#include "image/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/alloc.h"
#include "base/files.h"
#include "base/idiom.h"

/* What is on its way to the disk early makes a checkpoint cheap. */
#define PUSH_EVERY (UINT64_C(16) << 20)

static bool no_space(int code)
{
	return code == ENOSPC || code == EDQUOT;
}

static athar_status fail_write(const athar_output *o, int code, athar_error *err)
{
	if (no_space(code))
		return athar_output_fail_full(o, err);
	errno = code;
	return athar_fail_errno(err, "cannot write %s", o->path);
}

athar_status athar_output_fail_full(const athar_output *o, athar_error *err)
{
	const char *folder = o->spilling ? o->spill : o->folder;
	struct statvfs fs = {0};

	(void)statvfs(folder, &fs);
	(void)athar_fail(err, ATHAR_EIO, "cannot write %s: the disk is full (%llu bytes are left)",
	                 o->path == NULL ? folder : o->path,
	                 (unsigned long long)fs.f_bavail * fs.f_frsize);
	err->os_errno = ENOSPC;
	return err->status;
}

bool athar_output_is_full(const athar_error *err)
{
	return err->status == ATHAR_EIO && no_space(err->os_errno);
}

athar_status athar_output_open(athar_output *o, const char *folder, const char *name,
                               const char *spill, athar_error *err)
{
	struct stat st;

	*o = (athar_output){.folder = folder, .name = name, .fd = -1};
	o->buffer = athar_alloc_pages(ATHAR_OUTPUT_BUFFER, err);
	if (o->buffer == NULL)
		return err->status;
	if (spill == NULL)
		return ATHAR_OK;
	/* Links have to lead there from wherever the image is moved to. */
	o->spill = realpath(spill, NULL);
	if (o->spill == NULL)
		return athar_fail_errno(err, "cannot find the spill folder %s", spill);
	if (stat(o->spill, &st) != 0 || !S_ISDIR(st.st_mode))
		return athar_fail(err, ATHAR_EUSAGE, "%s is no folder: nothing can spill there",
		                  spill);
	return ATHAR_OK;
}

static void forget_file(athar_output *o)
{
	if (o->fd >= 0)
		(void)close(o->fd);
	free(o->path);
	o->fd = -1;
	o->path = NULL;
	o->flushed = o->pushed = 0;
	o->used = 0;
}

void athar_output_close(athar_output *o)
{
	athar_output_unreserve(o);
	forget_file(o);
	free(o->spill);
	free(o->buffer);
	o->spill = NULL;
	o->buffer = NULL;
}

static athar_status link_there(const athar_output *o, const char *name, athar_error *err)
{
	ATHAR_AUTO(free) char *from = athar_join(o->folder, name, err);

	if (from == NULL)
		return err->status;
	if (symlink(o->path, from) == 0)
		return ATHAR_OK;
	(void)athar_fail_errno(err, "cannot link %s to %s", from, o->path);
	(void)unlink(o->path);
	return err->status;
}

static athar_status create(athar_output *o, const char *name, athar_error *err)
{
	forget_file(o);
	o->path = athar_join(o->spilling ? o->spill : o->folder, name, err);
	if (o->path == NULL)
		return err->status;
	ATHAR_TRY(athar_file_create(&o->fd, o->path, err));
	o->unnamed = true;
	if (!o->spilling || link_there(o, name, err) == ATHAR_OK)
		return ATHAR_OK;
	forget_file(o);
	return err->status;
}

athar_status athar_output_create(athar_output *o, const char *name, athar_error *err)
{
	const athar_status status = create(o, name, err);

	if (status == ATHAR_OK || !athar_output_is_full(err) || o->spill == NULL || o->spilling)
		return status;
	/* A file system may be out of names before it is out of room. */
	*err = (athar_error)ATHAR_ERROR_INIT;
	athar_output_unreserve(o);
	o->spilling = true;
	return create(o, name, err);
}

athar_status athar_output_reopen(athar_output *o, const char *name, uint64_t size, athar_error *err)
{
	struct stat st;
	bool linked;

	forget_file(o);
	ATHAR_TRY(athar_output_find(&o->path, &linked, o->folder, name, err));
	if (o->path == NULL)
		return athar_fail(err, ATHAR_EIO, "%s/%s is gone", o->folder, name);
	o->fd = open(o->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);
	if (o->fd < 0 || fstat(o->fd, &st) != 0)
		return athar_fail_errno(err, "cannot open %s", o->path);
	if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size < size)
		return athar_fail(err, ATHAR_EREFUSED, "%s is not the file that was begun",
		                  o->path);
	if (ftruncate(o->fd, (off_t)size) != 0)
		return athar_fail_errno(err, "cannot cut %s", o->path);
	o->spilling = linked && o->spill != NULL;
	o->unnamed = true;
	o->flushed = o->pushed = size;
	return ATHAR_OK;
}

uint64_t athar_output_at(const athar_output *o)
{
	return o->flushed + o->used;
}

/* 0 or an errno. */
static int write_at(int fd, const uint8_t *bytes, size_t len, uint64_t at)
{
	while (len > 0) {
		const ssize_t n = pwrite(fd, bytes, len, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? errno : EIO;
		bytes += n;
		at += (uint64_t)n;
		len -= (size_t)n;
	}
	return 0;
}

/* Where the disk is full, the reserve makes room once. */
static athar_status write_or_yield(athar_output *o, const void *bytes, size_t len, uint64_t at,
                                   athar_error *err)
{
	int code = write_at(o->fd, bytes, len, at);

	if (no_space(code) && o->reserve != NULL) {
		athar_output_unreserve(o);
		o->full = true;
		code = write_at(o->fd, bytes, len, at);
	}
	return code == 0 ? ATHAR_OK : fail_write(o, code, err);
}

/* What was pushed before is on the disk by now, or soon: its memory serves the next. Nobody reads
 * an image while it is made, and who reads it back wants it from the disk. Who waits is told of a
 * failure, and fsync is not any more: it is remembered here. */
static void forget_before(athar_output *o, uint64_t end)
{
	const uint64_t begin = end < PUSH_EVERY ? 0 : end - PUSH_EVERY;

	if (sync_file_range(o->fd, (off_t)begin, (off_t)(end - begin),
	                    SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
	                            SYNC_FILE_RANGE_WAIT_AFTER) != 0)
		o->lost = o->lost || errno == EIO || no_space(errno);
	(void)posix_fadvise(o->fd, (off_t)begin, (off_t)(end - begin), POSIX_FADV_DONTNEED);
}

static void advance(athar_output *o, size_t len)
{
	o->flushed += len;
	if (o->flushed - o->pushed < PUSH_EVERY)
		return;
	/* A hint: what comes of it shows when it is waited for, or when the file is synced. */
	(void)sync_file_range(o->fd, (off_t)o->pushed, (off_t)(o->flushed - o->pushed),
	                      SYNC_FILE_RANGE_WRITE);
	forget_before(o, o->pushed);
	o->pushed = o->flushed;
}

athar_status athar_output_flush(athar_output *o, athar_error *err)
{
	const size_t len = o->used;

	if (len == 0)
		return ATHAR_OK;
	ATHAR_TRY(write_or_yield(o, o->buffer, len, o->flushed, err));
	o->used = 0;
	advance(o, len);
	return ATHAR_OK;
}

athar_status athar_output_room(athar_output *o, size_t len, athar_error *err)
{
	return len <= ATHAR_OUTPUT_BUFFER - o->used ? ATHAR_OK : athar_output_flush(o, err);
}

void athar_output_put(athar_output *o, const void *bytes, size_t len)
{
	memcpy(o->buffer + o->used, bytes, len);
	o->used += len;
}

athar_status athar_output_write(athar_output *o, const void *bytes, size_t len, athar_error *err)
{
	if (len <= ATHAR_OUTPUT_BUFFER / 2) {
		ATHAR_TRY(athar_output_room(o, len, err));
		athar_output_put(o, bytes, len);
		return ATHAR_OK;
	}
	ATHAR_TRY(athar_output_flush(o, err));
	ATHAR_TRY(write_or_yield(o, bytes, len, o->flushed, err));
	advance(o, len);
	return ATHAR_OK;
}

athar_status athar_output_patch(athar_output *o, const void *bytes, size_t len, uint64_t at,
                                athar_error *err)
{
	if (at >= o->flushed) {
		memcpy(o->buffer + (at - o->flushed), bytes, len);
		return ATHAR_OK;
	}
	if (at + len > o->flushed)
		ATHAR_TRY(athar_output_flush(o, err));
	return write_or_yield(o, bytes, len, at, err);
}

/* After a failed fsync the system may call pages clean that never reached the disk: a second try
 * that succeeds would prove nothing. */
static athar_status sync_failed(athar_output *o, athar_error *err)
{
	o->lost = true;
	if (no_space(errno))
		return athar_output_fail_full(o, err);
	return athar_fail_errno(err, "cannot bring %s to the disk", o->path);
}

static athar_status sync_names(athar_output *o, athar_error *err)
{
	if (!o->unnamed)
		return ATHAR_OK;
	ATHAR_TRY(athar_folder_sync(o->folder, err));
	if (o->spilling)
		ATHAR_TRY(athar_folder_sync(o->spill, err));
	o->unnamed = false;
	return ATHAR_OK;
}

athar_status athar_output_sync(athar_output *o, athar_error *err)
{
	if (o->lost)
		return athar_fail(err, ATHAR_EIO, "%s: what was written did not reach the disk",
		                  o->folder);
	if (o->fd < 0)
		return ATHAR_OK;
	ATHAR_TRY(athar_output_flush(o, err));
	if (fdatasync(o->fd) != 0)
		return sync_failed(o, err);
	o->pushed = o->flushed;
	return sync_names(o, err);
}

athar_status athar_output_finish(athar_output *o, athar_error *err)
{
	int closed;

	ATHAR_TRY(athar_output_sync(o, err));
	if (o->fd < 0)
		return ATHAR_OK;
	if (fsync(o->fd) != 0)
		return sync_failed(o, err);
	closed = close(o->fd);
	o->fd = -1;
	if (closed != 0)
		return sync_failed(o, err);
	forget_file(o);
	return ATHAR_OK;
}
