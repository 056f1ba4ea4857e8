/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>

#include "base/alloc.h"
#include "case/private.h"

athar_status athar_lines_open(athar_lines *lines, const char *path, athar_error *err)
{
	const int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0)
		return athar_fail_errno(err, "cannot open %s", path);
	lines->file = fdopen(fd, "rb");
	if (lines->file == NULL) {
		(void)close(fd);
		return athar_fail_errno(err, "cannot open %s", path);
	}
	lines->path = path;
	return ATHAR_OK;
}

/* Room for one more byte and the NUL behind it. */
static athar_status make_room(athar_lines *lines, const athar_line *line, athar_error *err)
{
	if (line->len >= ATHAR_CASE_LINE_MAX)
		return athar_fail(err, ATHAR_ELIMIT, "%s: line %llu is longer than 16 MiB",
		                  lines->path, (unsigned long long)line->number);
	if (line->len + 2 <= lines->capacity)
		return ATHAR_OK;
	return athar_grow(&lines->buffer, &lines->capacity, line->len + 2, 1, err);
}

athar_status athar_lines_next(athar_lines *lines, athar_line *line, athar_error *err)
{
	int byte;

	line->len = 0;
	line->number++;
	ATHAR_TRY(make_room(lines, line, err));
	while ((byte = getc_unlocked(lines->file)) != EOF && byte != '\n') {
		ATHAR_TRY(make_room(lines, line, err));
		lines->buffer[line->len++] = (char)byte;
	}
	if (byte == EOF && ferror(lines->file))
		return athar_fail_errno(err, "cannot read %s", lines->path);
	if (byte == EOF && line->len == 0) {
		line->number--;
		return athar_fail(err, ATHAR_EOF, "%s ends here", lines->path);
	}
	line->torn = byte == EOF;
	lines->buffer[line->len] = '\0';
	line->bytes = (const uint8_t *)lines->buffer;
	return ATHAR_OK;
}

void athar_lines_close(athar_lines *lines)
{
	if (lines->file != NULL)
		(void)fclose(lines->file);
	free(lines->buffer);
	*lines = (athar_lines){NULL, NULL, 0, NULL};
}
