/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mailboxes in one file (RFC 4155): "From ", a sender and a time, then a mail; the next one begins
 * behind an empty line. Nothing ends the last one.
 */
#include <string.h>

#include "format/list.h"
#include "format/mail.h"

#define MAIL_MOST (UINT64_C(256) << 20)

/* "From name Mon Nov 12 17:10:19 2007" */
static bool is_from_line(const athar_lines *l)
{
	static const char days[] = "MonTueWedThuFriSatSun";

	if (!l->whole || l->len < 24 || memcmp(l->line, "From ", 5) != 0)
		return false;
	for (size_t i = 5; i + 16 < l->len; i++) {
		bool day = false;

		for (size_t d = 0; d < 7; d++)
			day = day || memcmp(l->line + i, days + 3 * d, 3) == 0;
		if (day && l->line[i - 1] == ' ' && l->line[i + 3] == ' ' &&
		    athar_month_number(l->line + i + 4) != 0)
			return memchr(l->line + i + 7, ':', l->len - i - 7) != NULL;
	}
	return false;
}

/* A mail from its first line to where the next one begins or text ends. */
static athar_status mail(athar_walk *w, athar_lines *l, uint64_t number, athar_error *err)
{
	athar_mail m = {.told = number == 1};
	const uint64_t begin = l->from;
	bool blank = false;

	ATHAR_TRY(athar_text_next(l, err));
	ATHAR_TRY(athar_mail_header(&m, w, l, err));
	if (m.known < 2 || (number == 1 && !m.from && !m.date))
		return athar_walk_stop(w, "a mail lacks fields that it should have");
	if (number == 1)
		athar_walk_begin(w, l->from);
	for (;;) {
		athar_walk_prove(w, l->to);
		if (!l->whole)
			return ATHAR_OK;
		blank = l->len == 0;
		ATHAR_TRY(athar_text_next(l, err));
		if (blank && is_from_line(l))
			return ATHAR_OK;
		if (l->to - begin > MAIL_MOST)
			return athar_walk_stop(w,
			                       "text goes on and on; nothing says where it ends");
	}
}

static athar_status walk(uint64_t *count, athar_walk *w, athar_error *err)
{
	athar_lines l;

	athar_lines_begin(&l, w->in, 0, ATHAR_CHARSET_MAIL);
	ATHAR_TRY(athar_text_next(&l, err));
	if (!is_from_line(&l))
		return athar_walk_stop(w, "its first line names no sender and time");
	do {
		ATHAR_TRY(mail(w, &l, *count + 1, err));
		++*count;
	} while (l.whole);
	w->claim->open = true;
	w->claim->alike = true; /* a mail of another box is a mail as well */
	return athar_walk_stop(w,
	                       "mails up to where text ends; nothing says which one is the last");
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;
	uint64_t count = 0;

	athar_walk_init(&w, out, in);
	const athar_status status = walk(&count, &w, err);

	if (!out->ours)
		out->field_count = 0;
	else
		athar_walk_field(&w, "count", "%llu", (unsigned long long)count);
	return athar_walk_settle(&w, status, err);
}

static const athar_magic magic[] = {{0, 5, {'F', 'r', 'o', 'm', ' '}}, {0, 0, {0}}};

const athar_format athar_format_mbox = {
	.name = "mbox",
	.extension = "mbox",
	.mime = "application/mbox",
	.summary = "mailboxes: mails one behind another in one file",
	.end = "where text ends; there is no end mark",
	.best = ATHAR_GRADE_PARTIAL,
	.magic = magic,
	.chained = true,
	.measure = measure,
};
