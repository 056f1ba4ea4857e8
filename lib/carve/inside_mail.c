/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Parts of mails (RFC 2045, RFC 2046) and of mailboxes: those in base64 or quoted-printable, and
 * those as they stand that have a name. Parts in parts and mails in mails are gone through line by
 * line with all boundaries that were met: no depth, no recursion.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/check.h"
#include "carve/inside.h"

#define BLOCK 262144u
#define BOUNDARIES 32u
#define BOUNDARY_MOST 72u
#define FIELD_MOST 2048u

typedef struct mail {
	athar_listing *x;
	bool box; /* "From " begins another mail */
	/* Lines: */
	athar_bytes block;
	uint64_t block_at, at, line_at;
	const char *line;
	size_t len;     /* without its end */
	size_t ending;  /* of the line before: 0 to 2 */
	bool was_blank; /* that line */
	/* The part under way: */
	bool header, open, message;
	athar_transform transform;
	uint64_t begin, parts;
	athar_layer layer; /* its name */
	char field[FIELD_MOST];
	size_t field_len;
	char boundary[BOUNDARIES][BOUNDARY_MOST];
	size_t count;
} mail;

/* ---- lines ---- */

/* The next one; false at the end. A line longer than a block comes in pieces. */
static athar_status next_line(bool *there, mail *m, athar_error *err)
{
	const uint64_t end = m->block_at + m->block.len;
	const uint8_t *from = m->block.ptr + (m->at - m->block_at);
	const uint8_t *lf = m->at < end ? memchr(from, '\n', (size_t)(end - m->at)) : NULL;

	*there = m->at < m->x->size;
	if (!*there)
		return ATHAR_OK;
	if (lf == NULL && end < m->x->size) {
		ATHAR_TRY(athar_reader_some(&m->block, m->x->in, m->at, BLOCK, err));
		m->block_at = m->at;
		from = m->block.ptr;
		lf = memchr(from, '\n', m->block.len);
	}
	const size_t left = (size_t)(m->block_at + m->block.len - m->at);

	m->line = (const char *)from;
	m->len = lf == NULL ? left : (size_t)(lf - from);
	m->line_at = m->at;
	m->at += m->len + (lf != NULL);
	return ATHAR_OK;
}

/* What ends it is noted, for the one after it: it belongs to a boundary that follows. */
static void end_line(mail *m)
{
	const bool cr = m->len > 0 && m->line[m->len - 1] == '\r';

	m->ending = (size_t)(m->at - m->line_at - m->len) + cr;
	m->was_blank = m->len == (size_t)cr;
}

static size_t bare(const mail *m)
{
	return m->len > 0 && m->line[m->len - 1] == '\r' ? m->len - 1 : m->len;
}

/* ---- fields ---- */

static bool starts(const char *text, size_t len, const char *with)
{
	return len >= strlen(with) && strncasecmp(text, with, strlen(with)) == 0;
}

/* The value of a parameter: its length, 0: there is none. */
static size_t parameter(const char **out, const char *text, size_t len, const char *name)
{
	const size_t n = strlen(name);

	for (size_t i = 1; i + n + 1 < len; i++) {
		if (strncasecmp(text + i, name, n) != 0 || text[i + n] != '=' ||
		    (!isspace((unsigned char)text[i - 1]) && text[i - 1] != ';'))
			continue;
		const char *from = text + i + n + 1, *end = text + len, *to;

		if (*from == '"') {
			from++;
			to = memchr(from, '"', (size_t)(end - from));
			to = to == NULL ? end : to;
		} else {
			for (to = from; to < end && *to != ';' && !isspace((unsigned char)*to);)
				to++;
		}
		*out = from;
		return (size_t)(to - from);
	}
	return 0;
}

static void note_boundary(mail *m, const char *text, size_t len)
{
	const char *value = NULL;
	const size_t n = parameter(&value, text, len, "boundary");

	if (n == 0 || n >= BOUNDARY_MOST || m->count == BOUNDARIES)
		return;
	memcpy(m->boundary[m->count], value, n);
	m->boundary[m->count++][n] = '\0';
}

static void note_name(mail *m, const char *text, size_t len, const char *parameter_name)
{
	const char *value = NULL;
	const size_t n = parameter(&value, text, len, parameter_name);

	if (n != 0 && m->layer.name_len == 0)
		athar_layer_name(&m->layer, value, n);
}

static void end_field(mail *m)
{
	static const char encoding[] = "content-transfer-encoding:", type[] = "content-type:",
			  disposition[] = "content-disposition:";
	const char *text = m->field;
	const size_t len = m->field_len;

	m->field_len = 0;
	if (starts(text, len, type)) {
		note_boundary(m, text, len);
		note_name(m, text, len, "name");
		m->message = memmem(text, len, "message/rfc822", 14) != NULL;
	} else if (starts(text, len, disposition)) {
		note_name(m, text, len, "filename");
	} else if (starts(text, len, encoding)) {
		size_t at = sizeof encoding - 1;

		while (at < len && isspace((unsigned char)text[at]))
			at++;
		if (starts(text + at, len - at, "base64"))
			m->transform = ATHAR_TRANSFORM_BASE64;
		else if (starts(text + at, len - at, "quoted-printable"))
			m->transform = ATHAR_TRANSFORM_QUOTED;
	}
}

/* ---- parts ---- */

static void begin_header(mail *m)
{
	m->header = true;
	m->open = m->message = false;
	m->transform = ATHAR_TRANSFORM_NONE;
	m->layer = (athar_layer){.offset = 0};
	m->field_len = 0;
}

/* What came up to `end`, without the line's end before it. */
static athar_status end_part(mail *m, uint64_t end, athar_error *err)
{
	athar_layer l = m->layer;
	char name[32];

	if (!m->open || end <= m->begin ||
	    (m->transform == ATHAR_TRANSFORM_NONE && l.name_len == 0))
		return ATHAR_OK;
	m->open = false;
	l.offset = m->begin;
	l.stored = end - m->begin;
	l.transform = m->transform;
	l.size = UINT64_MAX;
	m->parts++;
	if (l.name_len == 0)
		athar_layer_name(&l, name,
		                 (size_t)snprintf(name, sizeof name, "part %llu",
		                                  (unsigned long long)m->parts));
	return athar_listing_give(m->x, &l, err);
}

/* Is the line one of the boundaries? *last: no part follows this one. */
static bool is_boundary(bool *last, const mail *m)
{
	const size_t len = bare(m);

	if (len < 3 || m->line[0] != '-' || m->line[1] != '-')
		return false;
	for (size_t i = 0; i < m->count; i++) {
		const size_t n = strlen(m->boundary[i]);

		if (len < 2 + n || memcmp(m->line + 2, m->boundary[i], n) != 0)
			continue;
		*last = len >= 4 + n && memcmp(m->line + 2 + n, "--", 2) == 0;
		return true;
	}
	return false;
}

static void header_line(mail *m)
{
	const size_t len = bare(m);

	if (len == 0) {
		end_field(m);
		m->begin = m->at;
		m->header = m->message && m->transform == ATHAR_TRANSFORM_NONE;
		m->open = !m->header;
		if (m->header)
			begin_header(m);
		return;
	}
	if (m->line[0] != ' ' && m->line[0] != '\t')
		end_field(m);
	const size_t take = athar_min(len, FIELD_MOST - m->field_len);

	memcpy(m->field + m->field_len, m->line, take);
	m->field_len += take;
}

static athar_status one_line(mail *m, athar_error *err)
{
	bool last = false;

	if (m->box && m->was_blank && starts(m->line, m->len, "From ")) {
		ATHAR_TRY(end_part(m, m->line_at - athar_min(m->line_at, m->ending), err));
		m->count = 0;
		begin_header(m);
	} else if (is_boundary(&last, m)) {
		ATHAR_TRY(end_part(m, m->line_at - athar_min(m->line_at, m->ending), err));
		begin_header(m);
		m->header = !last;
	} else if (m->header) {
		header_line(m);
	}
	end_line(m);
	return ATHAR_OK;
}

static athar_status list(athar_listing *x, athar_error *err)
{
	mail m = {.x = x, .box = strcmp(x->format, "mbox") == 0, .was_blank = true};
	bool there = true;

	begin_header(&m);
	ATHAR_TRY(athar_reader_some(&m.block, x->in, 0, BLOCK, err));
	for (;;) {
		ATHAR_TRY(next_line(&there, &m, err));
		if (!there)
			break;
		ATHAR_TRY(one_line(&m, err));
	}
	return end_part(&m, x->size, err);
}

const athar_container athar_container_eml = {.format = "eml", .list = list};
const athar_container athar_container_mbox = {.format = "mbox", .list = list};
