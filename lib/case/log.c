/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The log as a file: opened, locked, its end read, one record added in one write.
 *
 * It is opened anew for every line: a lock belongs to the open file, and a descriptor kept over a
 * fork would let two processes hold it at once.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/files.h"
#include "case/private.h"
#include "digest/digest.h"

static athar_status lock(int fd, int how, const char *path, athar_error *err)
{
	while (flock(fd, how) != 0) {
		if (errno == EINTR)
			continue;
		return athar_fail(err, ATHAR_EREFUSED,
		                  "%s: the file system gives no lock (%s): put the case on a disk "
		                  "of this machine",
		                  path, strerror(errno));
	}
	return ATHAR_OK;
}

/* There are file systems that grant every lock and hold none: while we have it, a second open file
 * must not get it. */
static athar_status check_lock(const char *path, athar_error *err)
{
	ATHAR_AUTO(fd) int fd = open(path, O_RDWR | O_APPEND | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return athar_fail_errno(err, "cannot open %s", path);
	if (flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
		return ATHAR_OK;
	return athar_fail(err, ATHAR_EREFUSED,
	                  "%s: locks of this file system hold nobody off: put the case on a disk "
	                  "of this machine",
	                  path);
}

static athar_status read_at(const athar_log *log, void *buf, size_t len, uint64_t offset,
                            athar_error *err)
{
	size_t done = 0;

	while (done < len) {
		const ssize_t n =
			pread(log->fd, (char *)buf + done, len - done, (off_t)(offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return athar_fail_errno(err, "cannot read %s", log->path);
		done += (size_t)n;
	}
	return ATHAR_OK;
}

/* Where the line begins that ends before `end`: after the LF before it, or at 0. */
static athar_status find_line(uint64_t *begin, const athar_log *log, uint64_t end, athar_error *err)
{
	char block[4096];

	for (uint64_t at = end; at > 0;) {
		const size_t len = at < sizeof block ? (size_t)at : sizeof block;
		const char *lf;

		at -= len;
		ATHAR_TRY(read_at(log, block, len, at, err));
		lf = memrchr(block, '\n', len);
		if (lf != NULL) {
			*begin = at + (uint64_t)(lf - block) + 1;
			return ATHAR_OK;
		}
		if (end - at > ATHAR_CASE_LINE_MAX)
			return athar_fail(err, ATHAR_ELIMIT,
			                  "%s: the last line is longer than 16 MiB; athar did not "
			                  "write it: verify the case",
			                  log->path);
	}
	*begin = 0;
	return ATHAR_OK;
}

/* The last line, whole or torn: its hash with its LF, its number. */
static athar_status read_last(athar_log *log, uint64_t begin, uint64_t end, athar_error *err)
{
	const size_t len = (size_t)(end - begin);
	ATHAR_AUTO(free) char *line = athar_alloc(len + 1, err);
	ATHAR_AUTO(json) athar_json *record = NULL;
	char why[160];

	if (line == NULL)
		return err->status;
	ATHAR_TRY(read_at(log, line, len, begin, err));
	if (athar_record_parse(&record, why, line, len, err) != ATHAR_OK)
		return athar_within(err, "%s", log->path);
	line[len] = '\n';
	ATHAR_TRY(athar_digest_sha256(log->head, line, len + 1, err));
	if (record == NULL || !athar_json_get_number(record, "seq", &log->lines))
		log->torn = true;
	return ATHAR_OK;
}

static athar_status read_end(athar_log *log, athar_error *err)
{
	struct stat st;
	uint64_t begin = 0, end;
	char last = '\n';

	if (fstat(log->fd, &st) != 0)
		return athar_fail_errno(err, "cannot look at %s", log->path);
	log->size = (uint64_t)st.st_size;
	memset(log->head, '0', 64);
	log->head[64] = '\0';
	if (log->size == 0)
		return ATHAR_OK;
	ATHAR_TRY(read_at(log, &last, 1, log->size - 1, err));
	log->unended = last != '\n';
	log->torn = log->unended;
	end = log->unended ? log->size : log->size - 1;
	ATHAR_TRY(find_line(&begin, log, end, err));
	return read_last(log, begin, end, err);
}

static athar_status check_file(const athar_log *log, athar_error *err)
{
	struct stat st;

	if (fstat(log->fd, &st) != 0)
		return athar_fail_errno(err, "cannot look at %s", log->path);
	if (!S_ISREG(st.st_mode) || (st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return athar_fail(err, ATHAR_EREFUSED,
		                  "%s: others may write to the log: first chmod 600 it", log->path);
	return ATHAR_OK;
}

static athar_status open_log(athar_log *log, const char *folder, int how, athar_error *err)
{
	log->path = athar_join(folder, "custody.jsonl", err);
	if (log->path == NULL)
		return err->status;
	log->fd = open(log->path, how | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY);
	if (log->fd < 0)
		return athar_fail_errno(err, "cannot open %s", log->path);
	return ATHAR_OK;
}

athar_status athar_log_open(athar_log *log, const char *folder, athar_error *err)
{
	ATHAR_TRY(open_log(log, folder, O_RDWR | O_APPEND, err));
	ATHAR_TRY(check_file(log, err));
	ATHAR_TRY(lock(log->fd, LOCK_EX, log->path, err));
	ATHAR_TRY(check_lock(log->path, err));
	return read_end(log, err);
}

athar_status athar_log_open_readonly(athar_log *log, const char *folder, athar_error *err)
{
	ATHAR_TRY(open_log(log, folder, O_RDONLY | O_NONBLOCK, err));
	(void)flock(log->fd, LOCK_SH);
	return read_end(log, err);
}

/* One write, so that a line is there as a whole or torn, never mixed with another. A torn one is
 * kept: what stands in the log stays in it. */
static athar_status write_once(const athar_log *log, const char *bytes, size_t len,
                               athar_error *err)
{
	ssize_t n;

	do
		n = write(log->fd, bytes, len);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return athar_fail_errno(err, "cannot add to %s", log->path);
	if ((size_t)n != len)
		return athar_fail(err, ATHAR_EIO,
		                  "%s: the line was written in part only: make room on the disk; "
		                  "the next line will tell of it",
		                  log->path);
	return ATHAR_OK;
}

athar_status athar_log_append(athar_log *log, const char *record, athar_error *err)
{
	ATHAR_AUTO(free) char *line = NULL;
	const char *own;

	line = athar_format_text(err, "%s%s\n", log->unended ? "\n" : "", record);
	if (line == NULL)
		return err->status;
	own = line + (log->unended ? 1 : 0);
	ATHAR_TRY(athar_digest_sha256(log->head, own, strlen(own), err));
	ATHAR_TRY(write_once(log, line, strlen(line), err));
	if (fsync(log->fd) != 0)
		return athar_fail_errno(err, "cannot make %s last", log->path);
	log->size += strlen(line);
	log->lines++;
	log->torn = log->unended = false;
	return ATHAR_OK;
}

void athar_log_close(athar_log *log)
{
	if (log->fd >= 0)
		(void)close(log->fd);
	free(log->path);
	*log = (athar_log)ATHAR_LOG_INIT;
}
