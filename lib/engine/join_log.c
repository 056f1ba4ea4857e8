/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/join_log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/alloc.h"
#include "base/files.h"
#include "case/run.h"

athar_status athar_join_log_open(athar_join_log *log, const char *folder, athar_error *err)
{
	int fd;

	log->path = athar_join(folder, ATHAR_RUN_JOINS, err);
	if (log->path == NULL)
		return err->status;
	fd = open(log->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	log->replayed = fd < 0 && errno == ENOENT;
	if (log->replayed)
		return ATHAR_OK;
	log->file = fd < 0 ? NULL : fdopen(fd, "r+");
	if (log->file != NULL)
		return ATHAR_OK;
	if (fd >= 0)
		(void)close(fd);
	return athar_fail_errno(err, "cannot open %s", log->path);
}

/* ---- reading ---- */

static uint8_t digit(char c)
{
	return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static bool unhex(athar_join_outcome *out, const char *hex, athar_error *err)
{
	const size_t len = strlen(hex);

	if (len % 2 != 0 || strspn(hex, "0123456789abcdef") != len)
		return false;
	out->message = athar_alloc(len / 2 + 1, err);
	if (out->message == NULL)
		return false;
	for (size_t i = 0; i < len / 2; i++)
		out->message[i] = (uint8_t)(digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]));
	out->message_len = len / 2;
	return true;
}

static bool is_this(const athar_json *line, const athar_join_try *which)
{
	const char *format = athar_json_get_text(line, "format");
	uint64_t round = 0, offset = 0;

	return athar_json_get_number(line, "round", &round) && round == which->round &&
	       athar_json_get_number(line, "offset", &offset) && offset == which->offset &&
	       format != NULL && strcmp(format, which->format) == 0;
}

static bool parse(athar_join_outcome *out, const char *text, size_t len,
                  const athar_join_try *which)
{
	ATHAR_AUTO(json) athar_json *line = NULL;
	athar_error why = ATHAR_ERROR_INIT;
	const char *found;

	if (len == 0 || text[len - 1] != '\n' ||
	    athar_json_parse(&line, text, len - 1, &why) != ATHAR_OK || !is_this(line, which) ||
	    !athar_json_get_bool(line, "given_up", &out->given_up))
		return false;
	found = athar_json_get_text(line, "found");
	out->joined = found != NULL;
	return found == NULL || unhex(out, found, &why);
}

/* From here on others are written. */
static athar_status end_replay(athar_join_log *log, off_t at, athar_error *err)
{
	log->replayed = true;
	if (fflush(log->file) != 0 || ftruncate(fileno(log->file), at) != 0 ||
	    fseeko(log->file, at, SEEK_SET) != 0)
		return athar_fail_errno(err, "cannot cut %s", log->path);
	return ATHAR_OK;
}

athar_status athar_join_log_next(athar_join_outcome *out, bool *known, athar_join_log *log,
                                 const athar_join_try *which, athar_error *err)
{
	*out = (athar_join_outcome){.message = NULL};
	*known = false;
	if (log->replayed)
		return ATHAR_OK;
	const off_t at = ftello(log->file);
	const ssize_t len = getline(&log->line, &log->capacity, log->file);

	if (len < 0 && ferror(log->file))
		return athar_fail_errno(err, "cannot read %s", log->path);
	*known = len > 0 && parse(out, log->line, (size_t)len, which);
	if (*known)
		return ATHAR_OK;
	clearerr(log->file);
	return end_replay(log, at, err);
}

/* ---- writing ---- */

static athar_status begin(athar_join_log *log, athar_error *err)
{
	int fd = -1;

	if (log->file != NULL)
		return log->replayed ? ATHAR_OK : end_replay(log, ftello(log->file), err);
	ATHAR_TRY(athar_file_create(&fd, log->path, err));
	log->file = fdopen(fd, "w");
	if (log->file != NULL)
		return ATHAR_OK;
	(void)close(fd);
	return athar_fail_errno(err, "cannot open %s", log->path);
}

static athar_status set_found(athar_json *line, const athar_find *found, athar_error *err)
{
	ATHAR_AUTO(wire) athar_wire w = ATHAR_WIRE_INIT;
	ATHAR_AUTO(free) char *hex = NULL;

	if (found == NULL) {
		athar_json_set_null(line, "found");
		return ATHAR_OK;
	}
	athar_find_wire(&w, found);
	ATHAR_TRY(athar_wire_check(&w, err));
	hex = athar_alloc_array(w.len + 1, 2, err);
	if (hex == NULL)
		return ATHAR_ENOMEM;
	for (size_t i = 0; i < w.len; i++) {
		hex[2 * i] = "0123456789abcdef"[w.bytes[i] >> 4];
		hex[2 * i + 1] = "0123456789abcdef"[w.bytes[i] & 15];
	}
	athar_json_set_text(line, "found", hex);
	return ATHAR_OK;
}

athar_status athar_join_log_add(athar_join_log *log, const athar_join_try *which, bool given_up,
                                const athar_find *found, athar_error *err)
{
	ATHAR_AUTO(json) athar_json *line = athar_json_object();
	ATHAR_AUTO(free) char *text = NULL;

	athar_json_set_text(line, "format", which->format);
	athar_json_set_bool(line, "given_up", given_up);
	athar_json_set_number(line, "offset", which->offset);
	athar_json_set_number(line, "round", which->round);
	ATHAR_TRY(set_found(line, found, err));
	ATHAR_TRY(athar_json_line(&text, line, err));
	ATHAR_TRY(begin(log, err));
	if (fprintf(log->file, "%s\n", text) < 0 || fflush(log->file) != 0)
		return athar_fail_errno(err, "cannot write %s", log->path);
	return ATHAR_OK;
}

void athar_join_log_close(athar_join_log *log)
{
	if (log->file != NULL)
		(void)fclose(log->file);
	free(log->path);
	free(log->line);
	*log = (athar_join_log){.path = NULL};
}
