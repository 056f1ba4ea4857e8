/* SPDX-License-Identifier: BSD-2-Clause */
/* The case folder itself: made, opened, changed. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/files.h"
#include "case/exhibit.h"
#include "case/private.h"

char *athar_case_path(const athar_case *c, const char *folder, const char *name, athar_error *err)
{
	if (folder == NULL)
		return athar_join(c->folder, name, err);
	return athar_format_text(err, "%s/%s/%s", c->folder, folder, name);
}

athar_status athar_case_must_write(const athar_case *c, athar_error *err)
{
	if (c->writable)
		return ATHAR_OK;
	return athar_fail(err, ATHAR_EREFUSED, "%s: nothing can be added to this case: %s",
	                  c->folder, c->why_not);
}

athar_status athar_case_hand_over(const athar_case *c, const char *path, athar_error *err)
{
	struct stat st;

	if (geteuid() != 0)
		return ATHAR_OK;
	if (stat(c->folder, &st) != 0)
		return athar_fail_errno(err, "cannot look at %s", c->folder);
	if (st.st_uid != 0 && lchown(path, st.st_uid, st.st_gid) != 0)
		return athar_fail_errno(err, "cannot give %s to the owner of the case", path);
	return ATHAR_OK;
}

athar_status athar_case_load_json(athar_json **out, const char *path, athar_error *err)
{
	ATHAR_AUTO(free) uint8_t *text = NULL;
	ATHAR_AUTO(json) athar_json *json = NULL;
	uint64_t version = 0;
	size_t len = 0;

	ATHAR_TRY(athar_file_load(&text, &len, path, ATHAR_CASE_FILE_MAX, err));
	if (athar_json_parse(&json, (const char *)text, len, err) != ATHAR_OK)
		return athar_within(err, "%s", path);
	if (!athar_json_get_number(json, "v", &version) || version == 0)
		return athar_fail(err, ATHAR_EFORMAT, "%s: it does not say its version (v)", path);
	if (version > ATHAR_CASE_VERSION)
		return athar_fail(err, ATHAR_EFORMAT,
		                  "%s: written in form %llu, this athar knows up to %u: use a "
		                  "newer athar",
		                  path, (unsigned long long)version, ATHAR_CASE_VERSION);
	*out = ATHAR_GIVE(json);
	return ATHAR_OK;
}

/* ---- new ---- */

static athar_status make_folder(const char *folder, athar_error *err)
{
	ATHAR_AUTO(names) athar_names names = {NULL, 0, 0};
	struct stat st;

	if (stat(folder, &st) != 0 && errno == ENOENT)
		return athar_folder_create(folder, err);
	ATHAR_TRY(athar_names_load(&names, folder, err));
	if (names.count != 0)
		return athar_fail(err, ATHAR_EREFUSED,
		                  "%s is not empty: a new case needs a new folder", folder);
	if (chmod(folder, 0700) != 0)
		return athar_fail_errno(err, "cannot make %s private", folder);
	return ATHAR_OK;
}

/* An empty log that athar_log_open can then lock. */
static athar_status make_log(const athar_case *c, athar_error *err)
{
	ATHAR_AUTO(free) char *path = athar_case_path(c, NULL, "custody.jsonl", err);
	ATHAR_AUTO(fd) int fd = -1;

	if (path == NULL)
		return err->status;
	ATHAR_TRY(athar_file_create(&fd, path, err));
	ATHAR_TRY(athar_file_finish(&fd, path, err));
	return athar_case_hand_over(c, path, err);
}

/* The first line tells the hash of case.json, which is written last: a folder is a case only when
 * both are there. */
static athar_status write_first(const athar_case *c, athar_error *err)
{
	ATHAR_AUTO(log) athar_log log = ATHAR_LOG_INIT;
	ATHAR_AUTO(json) athar_json *data = athar_json_object();
	ATHAR_AUTO(free) char *text = NULL;
	ATHAR_AUTO(free) char *path = athar_case_path(c, NULL, "case.json", err);
	char hex[65];

	if (path == NULL)
		return err->status;
	ATHAR_TRY(athar_fields_render(&text, hex, c->fields, err));
	athar_json_set_text(data, "sha256", hex);
	athar_json_set_text(data, "command", c->context->command);
	ATHAR_TRY(athar_log_open(&log, c->folder, err));
	ATHAR_TRY(athar_custody_write(&log, c, "case.new", NULL, data, err));
	ATHAR_TRY(athar_file_save(path, text, strlen(text), err));
	return athar_case_hand_over(c, path, err);
}

athar_status athar_case_new(const char *folder, const athar_json *fields,
                            const athar_context *context, athar_error *err)
{
	ATHAR_AUTO(case) athar_case *c = athar_alloc(sizeof *c, err);

	if (c == NULL)
		return err->status;
	c->context = context;
	c->writable = true;
	c->folder = athar_copy_text(folder, err);
	if (c->folder == NULL)
		return err->status;
	ATHAR_TRY(athar_fields_new(&c->fields, fields, err));
	ATHAR_TRY(make_folder(folder, err));
	ATHAR_TRY(make_log(c, err));
	return write_first(c, err);
}

/* ---- open ---- */

/* The part that reading and working have in common. */
static athar_status open_common(athar_case **out, const char *folder, athar_error *err)
{
	ATHAR_AUTO(case) athar_case *c = athar_alloc(sizeof *c, err);
	ATHAR_AUTO(free) char *path = NULL;

	if (c == NULL)
		return err->status;
	c->folder = athar_copy_text(folder, err);
	if (c->folder == NULL || (path = athar_join(folder, "case.json", err)) == NULL)
		return err->status;
	if (!athar_case_exists(folder))
		return athar_fail(err, ATHAR_EUSAGE, "%s is no case: it has no case.json", folder);
	ATHAR_TRY(athar_case_load_json(&c->fields, path, err));
	if (athar_fields_check(c->fields, err) != ATHAR_OK)
		return athar_within(err, "%s", path);
	*out = ATHAR_GIVE(c);
	return ATHAR_OK;
}

static athar_status check_private(const char *folder, athar_error *err)
{
	struct stat st;

	if (stat(folder, &st) != 0)
		return athar_fail_errno(err, "cannot look at %s", folder);
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return athar_fail(err, ATHAR_EREFUSED,
		                  "%s: others may write here: first chmod go-w it (on a medium "
		                  "without modes: mount it with umask=077)",
		                  folder);
	return ATHAR_OK;
}

/* Can the log be written at all? false with the reason in why_not. */
static bool can_write(athar_case *c, const char *log)
{
	const char *path = log;

	c->writable = eaccess(path, W_OK) == 0;
	if (c->writable)
		c->writable = eaccess(path = c->folder, W_OK) == 0;
	if (!c->writable)
		snprintf(c->why_not, sizeof c->why_not, "%s: %s",
		         path == log ? "custody.jsonl" : "its folder", strerror(errno));
	return c->writable;
}

athar_status athar_case_open(athar_case **out, const char *folder, const athar_context *context,
                             athar_error *err)
{
	ATHAR_AUTO(case) athar_case *c = NULL;
	ATHAR_AUTO(log) athar_log log = ATHAR_LOG_INIT;
	ATHAR_AUTO(free) char *path = athar_join(folder, "custody.jsonl", err);

	if (path == NULL)
		return err->status;
	ATHAR_TRY(open_common(&c, folder, err));
	c->context = context;
	if (access(path, F_OK) != 0)
		return athar_fail(err, ATHAR_EFORMAT, "%s is missing: the log of this case is gone",
		                  path);
	if (can_write(c, path)) {
		ATHAR_TRY(check_private(folder, err));
		ATHAR_TRY(athar_log_open(&log, folder, err));
		ATHAR_TRY(athar_custody_recover(&log, c, err));
	}
	*out = ATHAR_GIVE(c);
	return ATHAR_OK;
}

athar_status athar_case_open_readonly(athar_case **out, const char *folder, athar_error *err)
{
	ATHAR_TRY(open_common(out, folder, err));
	snprintf((*out)->why_not, sizeof(*out)->why_not, "it was opened for reading only");
	return ATHAR_OK;
}

void athar_case_close(athar_case *c)
{
	if (c == NULL)
		return;
	free(c->folder);
	athar_json_free(c->fields);
	free(c);
}

const char *athar_case_folder(const athar_case *c)
{
	return c->folder;
}

const athar_json *athar_case_fields(const athar_case *c)
{
	return c->fields;
}

const athar_context *athar_case_context(const athar_case *c)
{
	return c->context;
}

bool athar_case_writable(const athar_case *c)
{
	return c->writable;
}

bool athar_case_exists(const char *folder)
{
	athar_error err = ATHAR_ERROR_INIT;
	ATHAR_AUTO(free) char *path = athar_join(folder, "case.json", &err);
	struct stat st;

	return path != NULL && lstat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* ---- set, note ---- */

/* What the log keeps of a change. */
static athar_json *change(const char *key, const athar_json *old, const athar_json *value,
                          const char hex[65])
{
	athar_json *data = athar_json_object();

	athar_json_set_text(data, "key", key);
	athar_json_set_text(data, "sha256", hex);
	if (old != NULL)
		athar_json_set(data, "old", athar_json_copy(old));
	else
		athar_json_set_null(data, "old");
	athar_json_set(data, "new", athar_json_copy(value));
	return data;
}

/* Under the log's lock, so that two changes at once do not lose one. The log line comes first: a
 * change that was logged and not made shows, since the line has the hash of what case.json should
 * be; the other way round it would not. */
athar_status athar_case_set(athar_case *c, const char *key, const athar_json *value,
                            athar_error *err)
{
	ATHAR_AUTO(log) athar_log log = ATHAR_LOG_INIT;
	ATHAR_AUTO(json) athar_json *now = NULL, *next = NULL, *old = NULL, *data = NULL;
	ATHAR_AUTO(free) char *text = NULL;
	ATHAR_AUTO(free) char *path = athar_case_path(c, NULL, "case.json", err);
	char hex[65];

	if (path == NULL)
		return err->status;
	ATHAR_TRY(athar_case_must_write(c, err));
	ATHAR_TRY(athar_log_open(&log, c->folder, err));
	ATHAR_TRY(athar_case_load_json(&now, path, err));
	ATHAR_TRY(athar_fields_set(&next, &old, now, key, value, err));
	ATHAR_TRY(athar_fields_render(&text, hex, next, err));
	data = change(key, old, value, hex);
	ATHAR_TRY(athar_custody_write(&log, c, "case.set", NULL, data, err));
	ATHAR_TRY(athar_file_replace(path, text, strlen(text), err));
	athar_json_free(c->fields);
	c->fields = ATHAR_GIVE(next);
	return athar_case_hand_over(c, path, err);
}

athar_status athar_case_note(athar_case *c, const char *exhibit, const char *text, athar_error *err)
{
	athar_json *data = athar_json_object();

	athar_json_set_bytes(data, "text", text, strlen(text));
	return athar_custody_add(c, "note", exhibit, data, err);
}
