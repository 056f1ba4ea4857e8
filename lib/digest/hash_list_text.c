/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists of lines: sums, and tables with commas whose first line names the columns. */
#include <string.h>

#include "base/alloc.h"
#include "digest/hash_list.h"

/* Longer than any path; what is longer is no line of a list. */
#define LINE_MOST ((size_t)64 << 10)
#define COLUMNS_MOST 32u
#define BLANKS " \t"
#define CATEGORY (1u << 31)

struct athar_list_text {
	athar_list_sink *sink;
	char *line;
	size_t used;
	bool too_long;
	uint64_t number;
	bool quoted;                   /* the table is one of quoted fields */
	unsigned column[COLUMNS_MOST]; /* an algorithm, CATEGORY, or 0 */
	size_t columns; /* 0: no table; after the last that matters all is passed over */
};

athar_status athar_list_text_new(athar_list_text **out, athar_list_sink *sink, athar_error *err)
{
	ATHAR_AUTO(list_text) athar_list_text *t = athar_alloc(sizeof *t, err);

	if (t == NULL)
		return err->status;
	t->sink = sink;
	t->line = athar_alloc(LINE_MOST + 1, err);
	if (t->line == NULL)
		return err->status;
	*out = ATHAR_GIVE(t);
	return ATHAR_OK;
}

void athar_list_text_free(athar_list_text *t)
{
	if (t == NULL)
		return;
	free(t->line);
	free(t);
}

/* ---- fields ---- */

/* The next field at *at; *len is without its quotes. The comma behind it is passed over; *last says
 * that there was none. Doubled quotes stay: hashes have none. */
static const char *next_field(size_t *len, bool *last, const char **at)
{
	const char *field = *at, *end;

	if (*field != '"') {
		end = field + strcspn(field, ",");
		*len = (size_t)(end - field);
	} else {
		field++;
		for (end = field; *end != '\0' && (*end != '"' || end[1] == '"'); end++)
			end += *end == '"';
		*len = (size_t)(end - field);
		end += strcspn(end, ",");
	}
	*last = *end == '\0';
	*at = *last ? end : end + 1;
	return field;
}

/* Does a line name columns, one of them a hash? */
static bool learn_columns(athar_list_text *t, const char *line)
{
	unsigned column[COLUMNS_MOST] = {0};
	size_t count = 0;
	bool last = false;

	for (size_t i = 0; i < COLUMNS_MOST && !last; i++) {
		size_t len = 0;
		const char *name = next_field(&len, &last, &line);

		column[i] = athar_listed_by_name(name, len);
		if (len == 8 &&
		    (memcmp(name, "Category", 8) == 0 || memcmp(name, "category", 8) == 0))
			column[i] = CATEGORY;
		if (column[i] != 0)
			count = i + 1;
	}
	if (count == 0)
		return false;
	memcpy(t->column, column, sizeof column);
	t->columns = count;
	t->sink->facts.format = "csv";
	return true;
}

/* A field that is empty says nothing; one that is no hash spoils the row. */
static void take_row(athar_listed *e, const athar_list_text *t, const char *line)
{
	bool last = false;

	for (size_t i = 0; i < t->columns && !last; i++) {
		size_t len = 0;
		const char *field = next_field(&len, &last, &line);

		if (t->column[i] == 0 || len == 0)
			continue;
		if (t->column[i] == CATEGORY)
			(void)athar_listed_category(e, field, len);
		else if (!athar_listed_set(e, t->column[i], field, len)) {
			*e = (athar_listed)ATHAR_LISTED_INIT;
			return;
		}
	}
}

/* ---- sums ---- */

/* "SHA256 (name) = HEX" */
static bool take_tagged(athar_listed *e, const char *line)
{
	const char *open = strstr(line, " ("), *close = NULL;

	for (const char *p = line; (p = strstr(p, ") = ")) != NULL; p++)
		close = p;
	if (open == NULL || close == NULL || close < open)
		return false;
	const unsigned algorithm = athar_listed_by_name(line + (line[0] == '\\'),
	                                                (size_t)(open - line) - (line[0] == '\\'));
	if (algorithm != 0)
		(void)athar_listed_set(e, algorithm, close + 4, strcspn(close + 4, BLANKS));
	return true;
}

/* Hashes with commas between, as md5deep writes them, a size before them perhaps; or one, and what
 * has white space before it is a name. */
static void take_plain(athar_listed *e, const char *line)
{
	line += line[0] == '\\';
	line += strspn(line, BLANKS);
	const size_t digits = strspn(line, "0123456789");
	const size_t between = strspn(line + digits, BLANKS ",");
	if (digits > 0 && digits <= 20 && between > 0)
		line += digits + between;
	for (;;) {
		const size_t len = strcspn(line, BLANKS ",");
		const unsigned algorithm = athar_listed_by_length(len);

		if (algorithm == 0 || !athar_listed_set(e, algorithm, line, len) ||
		    line[len] != ',')
			return;
		line += len + 1;
	}
}

/* ---- lines ---- */

static bool is_comment(const char *line)
{
	return line[strspn(line, BLANKS)] == '\0' || line[0] == '#' || line[0] == ';' ||
	       strncmp(line, "%%%% HASHDEEP", 13) == 0;
}

/* Does a line begin like the head of a table? */
static bool is_head(const athar_list_text *t, const char *line)
{
	return t->columns == 0 && t->sink->facts.entries == 0 &&
	       (line[0] == '"' || strchr(line, ',') != NULL);
}

static athar_status take_line(athar_list_text *t, athar_error *err)
{
	athar_listed e = ATHAR_LISTED_INIT;
	char *line = t->line;

	line[t->used] = '\0';
	if (t->number == 1 && strncmp(line, "\xEF\xBB\xBF", 3) == 0)
		line += 3;
	line[strcspn(line, "\r")] = '\0';
	if (is_comment(line))
		return ATHAR_OK;
	if (strncmp(line, "%%%% ", 5) == 0) {
		(void)learn_columns(t, line + 5);
		return ATHAR_OK;
	}
	if (is_head(t, line) && learn_columns(t, line))
		return ATHAR_OK;
	if (t->columns != 0)
		take_row(&e, t, line);
	else if (!take_tagged(&e, line))
		take_plain(&e, line);
	return athar_list_take(t->sink, &e, t->number, err);
}

static athar_status end_line(athar_list_text *t, athar_error *err)
{
	const athar_listed none = ATHAR_LISTED_INIT;
	const bool too_long = t->too_long;
	athar_status status;

	t->number++;
	status = too_long ? athar_list_take(t->sink, &none, t->number, err) : take_line(t, err);
	t->used = 0;
	t->too_long = false;
	return status;
}

athar_status athar_list_text_feed(athar_list_text *t, const uint8_t *bytes, size_t len,
                                  athar_error *err)
{
	while (len > 0) {
		const uint8_t *end = memchr(bytes, '\n', len);
		const size_t n = end == NULL ? len : (size_t)(end - bytes);

		if (n > LINE_MOST - t->used)
			t->too_long = true;
		else
			memcpy(t->line + t->used, bytes, n);
		t->used += t->too_long ? 0 : n;
		if (end == NULL)
			return ATHAR_OK;
		ATHAR_TRY(end_line(t, err));
		bytes += n + 1;
		len -= n + 1;
	}
	return ATHAR_OK;
}

athar_status athar_list_text_end(athar_list_text *t, athar_error *err)
{
	return t->used != 0 || t->too_long ? end_line(t, err) : ATHAR_OK;
}
