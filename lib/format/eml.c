/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mails (RFC 5322, RFC 2045 to 2049): a header, an empty line, a body. A body of parts ends with
 * its boundary; one of a single part has no end but that of its base64, if it is in base64.
 */
#include <string.h>

#include "base/check.h"
#include "format/list.h"
#include "format/mail.h"
#include "format/text_code.h"

#define DEPTH 8u
#define TEXT_MOST (UINT64_C(16) << 20)

typedef struct eml {
	athar_walk *w;
	athar_lines lines;
	char boundary[DEPTH]
		     [ATHAR_BOUNDARY_MOST]; /* of the parts that have begun, outermost first */
	size_t depth;
	bool base64; /* the part that is being read */
	uint64_t parts;
} eml;

/* The boundary that the line is, from the outermost at 1 on; 0: none. *closes: "--" follows it. */
static size_t boundary_of(bool *closes, const eml *e)
{
	const athar_lines *l = &e->lines;

	if (l->len < 3 || memcmp(l->line, "--", 2) != 0)
		return 0;
	for (size_t i = e->depth; i != 0; i--) {
		const char *b = e->boundary[i - 1];
		size_t at = 2 + strlen(b);

		if (l->len < at || memcmp(l->line + 2, b, at - 2) != 0)
			continue;
		*closes = l->len >= at + 2 && memcmp(l->line + at, "--", 2) == 0;
		at += *closes ? 2 : 0;
		while (at < l->len && athar_is_space(l->line[at]))
			at++;
		if (at == l->len || (*closes && i == 1))
			return i;
	}
	return 0;
}

/* The header of a part, and of the mail inside it. */
static athar_status part(eml *e, athar_error *err)
{
	athar_mail m;

	do {
		m = (athar_mail){.known = 0};
		ATHAR_TRY(athar_text_next(&e->lines, err));
		ATHAR_TRY(athar_mail_header(&m, e->w, &e->lines, err));
		if (m.multipart && e->depth < DEPTH)
			memcpy(e->boundary[e->depth++], m.boundary, sizeof m.boundary);
	} while (m.blank && m.message);
	e->base64 = m.base64 && m.blank && !m.multipart;
	e->parts++;
	return ATHAR_OK;
}

static bool is_base64_line(const athar_lines *l)
{
	for (size_t i = 0; i < l->len; i++)
		if (!athar_is_base64(l->line[i]) && l->line[i] != '=' &&
		    !athar_is_space(l->line[i]))
			return false;
	return true;
}

/* The closing boundary, with its line end and empty lines behind it. */
static athar_status close_parts(eml *e, athar_error *err)
{
	const size_t closing = strlen(e->boundary[0]) + 4;
	size_t clean = closing;
	uint64_t end = e->lines.from + closing;

	while (clean < e->lines.len && athar_is_space(e->lines.line[clean]))
		clean++;
	if (e->lines.whole && clean == e->lines.len) {
		end = e->lines.to;
		ATHAR_TRY(athar_text_next(&e->lines, err));
		ATHAR_TRY(athar_lines_blank(&end, &e->lines, err));
	}
	athar_walk_close(e->w, ATHAR_GRADE_COMPLETE, end,
	                 "the boundary of its %llu parts closes them",
	                 (unsigned long long)e->parts);
	return ATHAR_OK;
}

/* Parts from boundary to boundary; the current line is the empty one behind the header. */
static athar_status parts(eml *e, athar_error *err)
{
	bool closes = false;

	for (;;) {
		ATHAR_TRY(athar_text_next(&e->lines, err));
		size_t found = boundary_of(&closes, e);

		while (found != 0 && !closes) {
			athar_walk_prove(e->w, e->lines.from);
			e->depth = found;
			ATHAR_TRY(part(e, err));
			found = boundary_of(&closes, e);
		}
		if (found == 1)
			return close_parts(e, err);
		if (found != 0) {
			e->depth = found - 1;
			e->base64 = false;
		}
		if (e->base64 && e->lines.whole && !is_base64_line(&e->lines))
			athar_walk_flaw(e->w, "a part in base64 is not");
		athar_walk_prove(e->w, e->lines.to);
		if (!e->lines.whole)
			return athar_walk_stop(e->w,
			                       "text ends before the boundary that closes it");
	}
}

static athar_status plain(eml *e, athar_error *err)
{
	do {
		ATHAR_TRY(athar_text_next(&e->lines, err));
		athar_walk_prove(e->w, athar_min(e->lines.to, TEXT_MOST));
		if (e->lines.to >= TEXT_MOST)
			return athar_walk_stop(e->w,
			                       "text goes on and on; nothing says where it ends");
	} while (e->lines.whole);
	e->w->claim->open = true;
	return athar_walk_stop(e->w, "its text has one part, and no end mark");
}

/* A body in base64: the padding ends it. */
static athar_status encoded(eml *e, athar_error *err)
{
	athar_base64 b = {0};
	uint8_t byte;
	bool got;

	do {
		ATHAR_TRY(athar_text_next(&e->lines, err));
		for (size_t i = 0; i < e->lines.len; i++) {
			const int c = (uint8_t)e->lines.line[i];

			if (!athar_is_space(c) && !athar_base64_step(&b, &byte, &got, c))
				return athar_walk_stop(e->w, "its base64 breaks off");
		}
		athar_walk_prove(e->w, e->lines.to);
	} while (e->lines.whole && !e->lines.cut && b.pads == 0);
	if (b.pads != 0 && athar_base64_ends(&b)) {
		uint64_t end = e->lines.to;

		ATHAR_TRY(athar_text_next(&e->lines, err));
		ATHAR_TRY(athar_lines_blank(&end, &e->lines, err));
		athar_walk_close(e->w, ATHAR_GRADE_COMPLETE, end,
		                 "the padding of its base64 closes it");
		return ATHAR_OK;
	}
	if (e->lines.cut)
		return plain(e, err);
	e->w->claim->open = true;
	return athar_walk_stop(e->w, "base64 up to where text ends; nothing says that it is all");
}

static void name_kind(eml *e, const athar_mail *m)
{
	if (!m->web || !m->multipart)
		return;
	(void)snprintf(e->w->claim->subtype, sizeof e->w->claim->subtype, "mhtml");
	(void)snprintf(e->w->claim->extension, sizeof e->w->claim->extension, "mhtml");
}

/* Three fields that mails have, who it is from or when; more of it behind a name of one's own. */
static bool is_mail(const athar_mail *m, bool own_name)
{
	if (own_name)
		return m->known >= 4 && m->from && m->date;
	return m->known >= 3 && (m->from || m->date);
}

static athar_status walk(eml *e, athar_error *err)
{
	athar_mail m = {.told = true};
	athar_lines *l = &e->lines;

	athar_lines_begin(l, e->w->in, 0, ATHAR_CHARSET_MAIL);
	ATHAR_TRY(athar_text_next(l, err));
	const bool own_name = athar_lines_start(l, "X-") && !athar_mail_is_known(l->line, l->len);

	if (!l->whole || (!own_name && !athar_mail_is_known(l->line, l->len)))
		return athar_walk_stop(e->w, "its first line is no field of a mail");
	ATHAR_TRY(athar_mail_header(&m, e->w, l, err));
	if (!is_mail(&m, own_name))
		return athar_walk_stop(e->w, "it lacks fields that a mail has");
	athar_walk_begin(e->w, l->from);
	name_kind(e, &m);
	e->w->claim->alike = true; /* lines of another mail are lines as well */
	if (!m.blank)
		return athar_walk_stop(e->w, "its header breaks off");
	athar_walk_prove(e->w, l->to);
	if (!m.multipart)
		return m.base64 ? encoded(e, err) : plain(e, err);
	memcpy(e->boundary[e->depth++], m.boundary, sizeof m.boundary);
	return parts(e, err);
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;
	eml e = {.w = &w};

	athar_walk_init(&w, out, in);
	const athar_status status = walk(&e, err);

	if (!out->ours)
		out->field_count = 0;
	return athar_walk_settle(&w, status, err);
}

static const athar_magic magic[] = {
	{0, 9, {'R', 'e', 'c', 'e', 'i', 'v', 'e', 'd', ':'}},
	{0, 13, {'R', 'e', 'c', 'e', 'i', 'v', 'e', 'd', '-', 'S', 'P', 'F', ':'}},
	{0, 12, {'R', 'e', 't', 'u', 'r', 'n', '-', 'P', 'a', 't', 'h', ':'}},
	{0, 12, {'R', 'e', 't', 'u', 'r', 'n', '-', 'p', 'a', 't', 'h', ':'}},
	{0, 5, {'F', 'r', 'o', 'm', ':'}},
	{0, 13, {'D', 'e', 'l', 'i', 'v', 'e', 'r', 'e', 'd', '-', 'T', 'o', ':'}},
	{0, 11, {'M', 'e', 's', 's', 'a', 'g', 'e', '-', 'I', 'D', ':'}},
	{0, 11, {'M', 'e', 's', 's', 'a', 'g', 'e', '-', 'I', 'd', ':'}},
	{0, 5, {'D', 'a', 't', 'e', ':'}},
	{0, 13, {'M', 'I', 'M', 'E', '-', 'V', 'e', 'r', 's', 'i', 'o', 'n', ':'}},
	{0, 13, {'M', 'i', 'm', 'e', '-', 'V', 'e', 'r', 's', 'i', 'o', 'n', ':'}},
	{0, 8, {'S', 'u', 'b', 'j', 'e', 'c', 't', ':'}},
	{0, 4, {'T', 'o', ':', ' '}},
	{0, 9, {'R', 'e', 'p', 'l', 'y', '-', 'T', 'o', ':'}},
	{0, 15, {'D', 'K', 'I', 'M', '-', 'S', 'i', 'g', 'n', 'a', 't', 'u', 'r', 'e', ':'}},
	{0, 4, {'A', 'R', 'C', '-'}},
	{0, 11, {'U', 's', 'e', 'r', '-', 'A', 'g', 'e', 'n', 't', ':'}},
	{0, 13, {'C', 'o', 'n', 't', 'e', 'n', 't', '-', 'T', 'y', 'p', 'e', ':'}},
	{0, 2, {'X', '-'}},
	{0, 0, {0}}};

const athar_format athar_format_eml = {
	.name = "eml",
	.extension = "eml",
	.mime = "message/rfc822",
	.summary = "mails, and web pages saved as one file (MHTML)",
	.end = "the boundary that closes the parts, or the padding of base64",
	.best = ATHAR_GRADE_COMPLETE,
	.magic = magic,
	.measure = measure,
};
