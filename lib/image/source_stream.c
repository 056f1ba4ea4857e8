/* SPDX-License-Identifier: BSD-2-Clause */
#include "image/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/idiom.h"
#include "image/source_new.h"

/* Milliseconds without a byte after which the caller is asked whether to go on. */
#define PATIENCE 250

struct stream {
	int fd;
	uint64_t position;
};

static bool is_standard_input(const char *path)
{
	return strcmp(path, "-") == 0;
}

bool athar_stream_is(const char *path)
{
	struct stat st;

	return is_standard_input(path) || (stat(path, &st) == 0 && S_ISFIFO(st.st_mode));
}

/* Something to read, or the end, or a failure that read() will tell; false: nothing came. */
static bool wait_for_bytes(int fd)
{
	struct pollfd ask = {fd, POLLIN, 0};

	return poll(&ask, 1, PATIENCE) > 0;
}

/* One piece. *end: there will be no more. */
static athar_status read_piece(athar_source *source, uint8_t *buf, size_t len, size_t *got,
                               bool *end, athar_error *err)
{
	struct stream *s = source->state;
	const ssize_t n = read(s->fd, buf, len);

	*got = 0;
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return ATHAR_OK;
	if (n < 0) {
		(void)athar_fail_errno(err, "cannot read %s at byte %llu", source->info.path,
		                       (unsigned long long)s->position);
		err->offset = s->position;
		return err->status;
	}
	*end = n == 0;
	*got = (size_t)n;
	s->position += *got;
	return ATHAR_OK;
}

static athar_status stream_read(athar_source *source, void *buf, size_t len, uint64_t offset,
                                size_t *got, athar_error *err)
{
	struct stream *s = source->state;
	bool end = source->info.size != ATHAR_SIZE_UNKNOWN;

	if (end && offset >= source->info.size)
		return ATHAR_OK;
	if (offset != s->position)
		return athar_fail_at(err, ATHAR_EUSAGE, offset,
		                     "%s is a stream: it is read once and in order, and is at byte "
		                     "%llu",
		                     source->info.path, (unsigned long long)s->position);
	while (*got < len && !end && wait_for_bytes(s->fd)) {
		size_t piece;

		ATHAR_TRY(read_piece(source, (uint8_t *)buf + *got, len - *got, &piece, &end, err));
		*got += piece;
	}
	if (end)
		source->info.size = s->position;
	return ATHAR_OK;
}

static void stream_close(athar_source *source)
{
	struct stream *s = source->state;

	if (s != NULL && s->fd >= 0)
		(void)close(s->fd);
	free(s);
}

static const athar_source_driver stream_driver = {
	.name = "stream",
	.summary = "pipe or standard input, read once",
	.stream = stream_read,
	.close = stream_close,
};

static athar_status open_stream(struct stream *s, const char *path, athar_error *err)
{
	const bool standard = is_standard_input(path);

	if (!athar_stream_is(path))
		return athar_fail(err, ATHAR_EUSAGE, "%s is no pipe", path);
	/* Whoever waits for a pipe's other end to be opened could not be interrupted. */
	s->fd = standard ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
	                 : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (s->fd < 0)
		return athar_fail_errno(err, "cannot open %s",
		                        standard ? "the standard input" : path);
	if (isatty(s->fd))
		return athar_fail(err, ATHAR_EUSAGE,
		                  "the standard input is a terminal: send an image through a pipe");
	return ATHAR_OK;
}

athar_status athar_source_stream(athar_source **out, const char *path, athar_error *err)
{
	ATHAR_AUTO(source) athar_source *source = NULL;
	struct stream *s;

	ATHAR_TRY(athar_source_new(&source, &stream_driver, path, err));
	source->state = s = athar_alloc(sizeof *s, err);
	if (s == NULL)
		return err->status;
	s->fd = -1;
	ATHAR_TRY(open_stream(s, path, err));
	source->info.size = ATHAR_SIZE_UNKNOWN;
	source->info.streamed = true;
	*out = ATHAR_GIVE(source);
	return ATHAR_OK;
}
