/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/values.h"

#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "base/idiom.h"

#define LONGEST_KEY 64

/* The record that holds the last member of the path, and that member's key. */
static const athar_json *holder_of(const athar_json *record, const char *path, const char **key)
{
	const char *dot;

	while (record != NULL && (dot = strchr(path, '.')) != NULL) {
		char step[LONGEST_KEY];
		const size_t len = (size_t)(dot - path);

		if (len >= sizeof step)
			return NULL;
		memcpy(step, path, len);
		step[len] = '\0';
		record = athar_json_get(record, step);
		path = dot + 1;
	}
	*key = path;
	return record;
}

const athar_json *athar_value_at(const athar_json *record, const char *path)
{
	const char *key = NULL;
	const athar_json *holder = holder_of(record, path, &key);

	return holder != NULL ? athar_json_get(holder, key) : NULL;
}

static bool is_blank(const char *text)
{
	return text[strspn(text, " \t\r\n")] == '\0';
}

const char *athar_value_words(const athar_json *record, const char *path)
{
	const athar_json *value = athar_value_at(record, path);
	const char *text = value != NULL ? athar_json_text(value) : NULL;

	return text != NULL && !is_blank(text) ? text : NULL;
}

bool athar_value_number(const athar_json *record, const char *path, uint64_t *out)
{
	const char *key = NULL;
	const athar_json *holder = holder_of(record, path, &key);

	return holder != NULL && athar_json_get_number(holder, key, out);
}

uint64_t athar_value_count(const athar_json *record, const char *path)
{
	uint64_t number = 0;

	return athar_value_number(record, path, &number) ? number : 0;
}

bool athar_value_true(const athar_json *record, const char *path)
{
	const char *key = NULL;
	const athar_json *holder = holder_of(record, path, &key);
	bool value = false;

	return holder != NULL && athar_json_get_bool(holder, key, &value) && value;
}

/* "7", "-3", "yes", "no"; false where the member is none of these. */
static bool scalar_text(char *buf, size_t len, const athar_json *holder, const char *key)
{
	uint64_t number = 0;
	int64_t below_zero = 0;
	bool truth = false;

	if (athar_json_get_number(holder, key, &number))
		(void)snprintf(buf, len, "%" PRIu64, number);
	else if (athar_json_get_signed(holder, key, &below_zero))
		(void)snprintf(buf, len, "%" PRId64, below_zero);
	else if (athar_json_get_bool(holder, key, &truth))
		(void)snprintf(buf, len, "%s", truth ? "yes" : "no");
	else
		return false;
	return true;
}

bool athar_value_stated(const athar_json *record, const char *path)
{
	const char *key = NULL;
	const athar_json *holder = holder_of(record, path, &key);
	const athar_json *value = holder != NULL ? athar_json_get(holder, key) : NULL;
	char scalar[24];

	if (value == NULL)
		return false;
	if (athar_json_text(value) != NULL)
		return !is_blank(athar_json_text(value));
	return athar_json_count(value) > 0 || scalar_text(scalar, sizeof scalar, holder, key);
}

/* Records in records are written out to this depth. */
#define DEEPEST 3
/* Longer lists count only. */
#define MOST_ENTRIES 40

static athar_status write_record(FILE *to, const athar_json *record, unsigned depth,
                                 athar_error *err);

/* A member of a list: a text, a record, or a number, which only its line tells. */
static athar_status write_entry(FILE *to, const athar_json *entry, athar_error *err)
{
	ATHAR_AUTO(free) char *line = NULL;

	if (athar_json_text(entry) != NULL) {
		(void)fputs(athar_json_text(entry), to);
		return ATHAR_OK;
	}
	if (athar_json_key(entry, 0) != NULL)
		return write_record(to, entry, 1, err);
	ATHAR_TRY(athar_json_line(&line, entry, err));
	(void)fputs(line, to);
	return ATHAR_OK;
}

static athar_status write_list(FILE *to, const athar_json *list, const char *between,
                               athar_error *err)
{
	for (size_t i = 0; i < athar_json_count(list); i++) {
		(void)fputs(i > 0 ? between : "", to);
		ATHAR_TRY(write_entry(to, athar_json_at(list, i), err));
	}
	return ATHAR_OK;
}

static athar_status write_member(FILE *to, const athar_json *record, const char *key,
                                 unsigned depth, athar_error *err)
{
	const athar_json *value = athar_json_get(record, key);
	const size_t count = athar_json_count(value);
	char scalar[24];

	(void)fprintf(to, "%s: ", key);
	if (athar_json_text(value) != NULL) {
		(void)fputs(athar_json_text(value), to);
	} else if (scalar_text(scalar, sizeof scalar, record, key)) {
		(void)fputs(scalar, to);
	} else if (athar_json_key(value, 0) != NULL && depth < DEEPEST) {
		(void)fputc('(', to);
		ATHAR_TRY(write_record(to, value, depth + 1, err));
		(void)fputc(')', to);
	} else if (count <= MOST_ENTRIES && athar_json_count(athar_json_at(value, 0)) == 0) {
		return write_list(to, value, ", ", err);
	} else {
		(void)fprintf(to, "%zu %s", count, count == 1 ? "entry" : "entries");
	}
	return ATHAR_OK;
}

static athar_status write_record(FILE *to, const athar_json *record, unsigned depth,
                                 athar_error *err)
{
	size_t written = 0;

	for (size_t i = 0; athar_json_key(record, i) != NULL; i++) {
		const char *key = athar_json_key(record, i);

		if (!athar_value_stated(record, key))
			continue;
		(void)fputs(written++ > 0 ? "; " : "", to);
		ATHAR_TRY(write_member(to, record, key, depth, err));
	}
	return ATHAR_OK;
}

/* A value that is no text: `between` NULL for a record. */
static athar_status made_text(char **out, const athar_json *value, const char *between,
                              athar_error *err)
{
	ATHAR_AUTO(free) char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);
	athar_status status;

	if (to == NULL)
		return athar_fail(err, ATHAR_ENOMEM, "out of memory while writing a report");
	status = between != NULL ? write_list(to, value, between, err)
	                         : write_record(to, value, 1, err);
	if (fclose(to) != 0 && status == ATHAR_OK)
		status = athar_fail(err, ATHAR_ENOMEM, "out of memory while writing a report");
	if (status == ATHAR_OK)
		*out = ATHAR_GIVE(text);
	return status;
}

athar_status athar_value_text(char **out, const athar_json *record, const char *path,
                              const char *between, athar_error *err)
{
	const char *key = NULL;
	const athar_json *holder = holder_of(record, path, &key);
	const athar_json *value;
	const char *text;
	char scalar[24];

	*out = NULL;
	if (!athar_value_stated(record, path))
		return ATHAR_OK;
	value = athar_json_get(holder, key);
	text = athar_json_text(value);
	if (text == NULL && scalar_text(scalar, sizeof scalar, holder, key))
		text = scalar;
	if (text == NULL)
		return made_text(out, value, athar_json_key(value, 0) != NULL ? NULL : between,
		                 err);
	*out = athar_copy_text(text, err);
	return *out != NULL ? ATHAR_OK : err->status;
}

athar_status athar_value_brief(char **out, const athar_json *record, athar_error *err)
{
	return made_text(out, record, NULL, err);
}

bool athar_value_range(const athar_json *range, uint64_t *offset, uint64_t *length)
{
	return athar_json_get_number(range, "offset", offset) &&
	       athar_json_get_number(range, "length", length);
}
