/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines of the custody log: built, numbered, chained. */
#include <string.h>

#include "athar/text.h"
#include "athar/version.h"
#include "base/alloc.h"
#include "case/private.h"
#include "digest/digest.h"

/* ---- a record ---- */

static athar_json *actor_of(const athar_context *context)
{
	athar_json *actor = athar_json_object();

	athar_json_set_text(actor, "examiner", context->examiner);
	athar_json_set_text(actor, "login", context->login);
	return actor;
}

static athar_json *host_of(const athar_context *context)
{
	athar_json *host = athar_json_object();

	athar_json_set_text(host, "boot", context->boot);
	athar_json_set_text(host, "name", context->host);
	athar_json_set_text(host, "system", context->system);
	return host;
}

static athar_json *tool_of(const athar_context *context)
{
	athar_json *tool = athar_json_object();

	athar_json_set_text(tool, "name", "athar");
	athar_json_set_text(tool, "sha256", context->tool_sha256);
	athar_json_set_text(tool, "version", ATHAR_VERSION);
	return tool;
}

/* The line after log's last one, without its LF. */
static athar_status build(char **line, const athar_log *log, const athar_case *c,
                          const char *action, const char *exhibit, const athar_json *data,
                          athar_error *err)
{
	const int64_t now = c->context->now(c->context->user);
	ATHAR_AUTO(json) athar_json *record = athar_json_object();
	char time[32];

	if (exhibit != NULL && !athar_text_is_utf8(exhibit, strlen(exhibit)))
		return athar_fail(err, ATHAR_EUSAGE, "the exhibit's id is not valid UTF-8");
	athar_json_set_text(record, "action", action);
	athar_json_set(record, "actor", actor_of(c->context));
	athar_json_set(record, "auth", athar_fields_in_force(c->fields, now));
	athar_json_set_text(record, "case", athar_json_get_text(c->fields, "number"));
	athar_json_set(record, "data", data == NULL ? athar_json_object() : athar_json_copy(data));
	athar_json_set_text(record, "exhibit", exhibit);
	athar_json_set(record, "host", host_of(c->context));
	athar_json_set_text(record, "prev", log->head);
	athar_json_set_number(record, "seq", log->lines + 1);
	athar_json_set_text(record, "time", athar_text_time(time, sizeof time, now));
	athar_json_set(record, "tool", tool_of(c->context));
	athar_json_set_number(record, "v", ATHAR_CASE_VERSION);
	ATHAR_TRY(athar_json_line(line, record, err));
	if (strlen(*line) >= ATHAR_CASE_LINE_MAX)
		return athar_fail(err, ATHAR_ELIMIT,
		                  "the custody line of %s would be longer than 16 MiB", action);
	return ATHAR_OK;
}

static athar_status append(athar_log *log, const athar_case *c, const char *action,
                           const char *exhibit, const athar_json *data, athar_error *err)
{
	ATHAR_AUTO(free) char *line = NULL;

	ATHAR_TRY(build(&line, log, c, action, exhibit, data, err));
	return athar_log_append(log, line, err);
}

/* ---- recovery ---- */

/* The lines at the end that are no records. */
typedef struct tail {
	athar_json *lines; /* array of {bytes, line, sha256} */
	char after[65];    /* hash of the last record before them */
	uint64_t count;    /* lines of the whole log */
} tail;

static void tail_clear(tail *t)
{
	athar_json_free(t->lines);
}
ATHAR_DEFINE_AUTO_VALUE(tail, tail, tail_clear)

#define TAIL_MAX 64 /* each attempt to recover that was cut off leaves one */

static athar_status tail_take(tail *t, const athar_line *line, athar_error *err)
{
	ATHAR_AUTO(json) athar_json *record = NULL;
	char why[160], hex[65];
	athar_json *torn;

	t->count = line->number;
	ATHAR_TRY(athar_line_sha256(hex, line, err));
	ATHAR_TRY(athar_record_parse(&record, why, line->bytes, line->len, err));
	if (record != NULL && !line->torn) {
		memcpy(t->after, hex, sizeof hex);
		athar_json_free(t->lines);
		t->lines = athar_json_array();
		return ATHAR_OK;
	}
	if (athar_json_count(t->lines) >= TAIL_MAX)
		return athar_fail(err, ATHAR_EFORMAT,
		                  "custody.jsonl: more than %d lines at its end are no records: "
		                  "this is no torn line; verify the case",
		                  TAIL_MAX);
	torn = athar_json_object();
	athar_json_set_number(torn, "bytes", line->len);
	athar_json_set_number(torn, "line", line->number);
	athar_json_set_text(torn, "sha256", hex);
	athar_json_append(t->lines, torn);
	return ATHAR_OK;
}

static athar_status tail_read(tail *t, const char *path, athar_error *err)
{
	ATHAR_AUTO(lines) athar_lines lines = {NULL, NULL, 0, NULL};
	athar_line line = {0};
	athar_status status;

	memset(t->after, '0', 64);
	ATHAR_TRY(athar_lines_open(&lines, path, err));
	while ((status = athar_lines_next(&lines, &line, err)) == ATHAR_OK)
		ATHAR_TRY(tail_take(t, &line, err));
	return status == ATHAR_EOF ? ATHAR_OK : status;
}

/* The record that a torn line is answered with: which lines it answers, and after which record they
 * stand, since a torn line may not tell its own prev. */
athar_status athar_custody_recover(athar_log *log, const athar_case *c, athar_error *err)
{
	ATHAR_AUTO(tail) tail t = {0};
	ATHAR_AUTO(json) athar_json *data = NULL;

	if (!log->torn)
		return ATHAR_OK;
	t.lines = athar_json_array();
	ATHAR_TRY(tail_read(&t, log->path, err));
	data = athar_json_object();
	athar_json_set_text(data, "after", t.after);
	athar_json_set(data, "lines", ATHAR_GIVE(t.lines));
	log->lines = t.count;
	return append(log, c, "recovery", NULL, data, err);
}

/* ---- adding ---- */

athar_status athar_custody_write(athar_log *log, const athar_case *c, const char *action,
                                 const char *exhibit, const athar_json *data, athar_error *err)
{
	ATHAR_TRY(athar_custody_recover(log, c, err));
	return append(log, c, action, exhibit, data, err);
}

/* Adds one line, and gives its number. */
static athar_status add(uint64_t *seq, const athar_case *c, const char *action, const char *exhibit,
                        const athar_json *data, athar_error *err)
{
	ATHAR_AUTO(log) athar_log log = ATHAR_LOG_INIT;

	ATHAR_TRY(athar_case_must_write(c, err));
	ATHAR_TRY(athar_log_open(&log, c->folder, err));
	ATHAR_TRY(athar_custody_write(&log, c, action, exhibit, data, err));
	*seq = log.lines;
	return ATHAR_OK;
}

athar_status athar_custody_add(athar_case *c, const char *action, const char *exhibit,
                               athar_json *data, athar_error *err)
{
	ATHAR_AUTO(json) athar_json *owned = data;
	uint64_t seq;

	return add(&seq, c, action, exhibit, owned, err);
}

athar_status athar_custody_begin(uint64_t *seq, athar_case *c, const char *action,
                                 const char *exhibit, athar_json *data, athar_error *err)
{
	ATHAR_AUTO(json) athar_json *owned = data != NULL ? data : athar_json_object();
	ATHAR_AUTO(free) char *name = athar_format_text(err, "%s.begin", action);

	if (name == NULL)
		return err->status;
	athar_json_set_text(owned, "command", c->context == NULL ? NULL : c->context->command);
	return add(seq, c, name, exhibit, owned, err);
}

static const char *const results[] = {
	ATHAR_RESULT_DONE,    ATHAR_RESULT_INCOMPLETE, ATHAR_RESULT_MISMATCH,
	ATHAR_RESULT_REFUSED, ATHAR_RESULT_FAILED,     ATHAR_RESULT_INTERRUPTED,
};

static athar_status check_result(const char *result, athar_error *err)
{
	for (size_t i = 0; i < ATHAR_COUNT(results); i++)
		if (strcmp(result, results[i]) == 0)
			return ATHAR_OK;
	return athar_fail(err, ATHAR_EUSAGE, "\"%.32s\" is no result of an action", result);
}

athar_status athar_custody_end(athar_case *c, uint64_t begin, const char *action,
                               const char *exhibit, const char *result, athar_json *files,
                               athar_json *data, athar_error *err)
{
	ATHAR_AUTO(json) athar_json *owned = data != NULL ? data : athar_json_object();
	ATHAR_AUTO(free) char *name = athar_format_text(err, "%s.end", action);
	uint64_t seq;

	athar_json_set(owned, "files", files != NULL ? files : athar_json_array());
	if (name == NULL)
		return err->status;
	ATHAR_TRY(check_result(result, err));
	athar_json_set_number(owned, "begin", begin);
	athar_json_set_text(owned, "result", result);
	return add(&seq, c, name, exhibit, owned, err);
}

const char *athar_custody_result(athar_status status)
{
	switch (status) {
	case ATHAR_OK:
		return ATHAR_RESULT_DONE;
	case ATHAR_EINCOMPLETE:
		return ATHAR_RESULT_INCOMPLETE;
	case ATHAR_EMISMATCH:
		return ATHAR_RESULT_MISMATCH;
	case ATHAR_EREFUSED:
		return ATHAR_RESULT_REFUSED;
	case ATHAR_ECANCELED:
		return ATHAR_RESULT_INTERRUPTED;
	default:
		return ATHAR_RESULT_FAILED;
	}
}

athar_status athar_custody_head(char head[65], const athar_case *c, athar_error *err)
{
	ATHAR_AUTO(log) athar_log log = ATHAR_LOG_INIT;

	ATHAR_TRY(athar_log_open_readonly(&log, c->folder, err));
	memcpy(head, log.head, sizeof log.head);
	return ATHAR_OK;
}
