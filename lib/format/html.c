/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * HTML, of any version and however sloppy: tags, comments, and elements whose text is no markup
 * (HTML Living Standard, 13.2). The end tag of html ends it, where there is one.
 */
#include <string.h>

#include "base/check.h"
#include "format/list.h"
#include "format/text_scan.h"

#define NAME 16u
#define TEXT_MOST (UINT64_C(64) << 20)
#define BEHIND 65536u /* of comments that follow the last tag */

typedef struct html {
	athar_walk *w;
	athar_scan scan;
	char name[NAME]; /* of the tag, in lower case */
	bool closing;    /* it is an end tag */
	bool title;      /* the text goes into the snip */
	athar_snip snip;
} html;

/* Passes all up to `mark`, which may be as long as "</textarea". Where text ends *found is false.
 */
static athar_status pass(bool *found, html *h, const char *mark, athar_error *err)
{
	size_t met = 0;
	int c = 0;

	*found = false;
	while (mark[met] != '\0') {
		ATHAR_TRY(athar_scan_next(&c, &h->scan, err));
		if (c == ATHAR_TEXT_END)
			return ATHAR_OK;
		if (h->title && met == 0 && c != '<')
			athar_snip_add(&h->snip, c, &h->scan);
		/* All marks begin with a character that is in them once, but for the "--" of "-->".
		 */
		if (athar_lower(c) == mark[met])
			met++;
		else if (mark[0] == '-' && met == 2 && c == '-')
			met = 2;
		else
			met = athar_lower(c) == mark[0];
	}
	*found = true;
	return ATHAR_OK;
}

/* The rest of a tag: attributes, whose quotes count only behind a '='. */
static athar_status attributes(html *h, int c, athar_error *err)
{
	bool value = false;

	while (c != '>' && c != ATHAR_TEXT_END) {
		if (value && (c == '"' || c == '\'')) {
			const int quote = c;

			do {
				ATHAR_TRY(athar_scan_next(&c, &h->scan, err));
			} while (c != quote && c != ATHAR_TEXT_END);
		}
		value = c == '=' || (value && athar_is_space(c));
		if (c != ATHAR_TEXT_END)
			ATHAR_TRY(athar_scan_next(&c, &h->scan, err));
	}
	if (c == ATHAR_TEXT_END)
		athar_scan_back(&h->scan);
	return ATHAR_OK;
}

/* A tag, its name begun by c. */
static athar_status tag(html *h, int c, athar_error *err)
{
	size_t n = 0;

	while (athar_is_letter(c) || athar_is_digit(c)) {
		if (n + 1 < NAME)
			h->name[n++] = (char)athar_lower(c);
		ATHAR_TRY(athar_scan_next(&c, &h->scan, err));
	}
	h->name[n] = '\0';
	return attributes(h, c, err);
}

/* "<!": a comment or a declaration. */
static athar_status declaration(html *h, athar_error *err)
{
	bool found = false;
	int c = 0;

	for (int dashes = 0; dashes < 2; dashes++) {
		ATHAR_TRY(athar_scan_next(&c, &h->scan, err));
		if (c != '-') {
			athar_scan_back(&h->scan);
			return pass(&found, h, ">", err);
		}
	}
	return pass(&found, h, "-->", err);
}

/* Elements whose text is no markup, up to their own end tag. */
static athar_status raw_text(html *h, athar_error *err)
{
	static const char *const names[] = {"script", "style", "textarea", "title", "xmp"};
	char mark[NAME + 3];
	bool found = false;
	int c = 0;

	for (size_t i = 0; i < ATHAR_COUNT(names); i++) {
		if (h->closing || strcmp(h->name, names[i]) != 0)
			continue;
		(void)snprintf(mark, sizeof mark, "</%s", names[i]);
		h->title = strcmp(names[i], "title") == 0 && h->snip.len == 0;
		ATHAR_TRY(pass(&found, h, mark, err));
		if (h->title)
			athar_walk_field_bytes(h->w, "title", h->snip.text, h->snip.len);
		h->title = false;
		ATHAR_TRY(athar_scan_next(&c, &h->scan, err));
		return attributes(h, c, err);
	}
	return ATHAR_OK;
}

/* What follows a '<'. */
static athar_status markup(html *h, athar_error *err)
{
	int c = 0;

	h->name[0] = '\0';
	h->closing = false;
	ATHAR_TRY(athar_scan_next(&c, &h->scan, err));
	if (c == '!')
		return declaration(h, err);
	if (c == '/') {
		h->closing = true;
		ATHAR_TRY(athar_scan_next(&c, &h->scan, err));
	}
	if (!athar_is_letter(c)) {
		athar_scan_back(&h->scan);
		return ATHAR_OK;
	}
	ATHAR_TRY(tag(h, c, err));
	return raw_text(h, err);
}

/* Programs write comments behind the last tag: those that are whole belong to the page. */
static athar_status comments(uint64_t *end, html *h, athar_error *err)
{
	const uint64_t most = *end + BEHIND;
	bool found = true;
	int c = 0;

	while (found) {
		ATHAR_TRY(athar_text_line_ends(end, h->w->in, err));
		athar_scan_begin(&h->scan, h->w->in, *end, h->scan.charset);
		do {
			ATHAR_TRY(athar_scan_next(&c, &h->scan, err));
		} while (athar_is_space(c) && h->scan.at < most);
		for (const char *s = "<!--"; found && *s != '\0'; s++) {
			found = c == *s;
			if (found && s[1] != '\0')
				ATHAR_TRY(athar_scan_next(&c, &h->scan, err));
		}
		if (found)
			ATHAR_TRY(pass(&found, h, "-->", err));
		found = found && h->scan.at <= most;
		if (found)
			*end = h->scan.at;
	}
	return ATHAR_OK;
}

static athar_status page(html *h, athar_error *err)
{
	int c = 0;

	for (;;) {
		ATHAR_TRY(athar_scan_next(&c, &h->scan, err));
		if (c == ATHAR_TEXT_END || h->scan.at > TEXT_MOST)
			break;
		if (c != '<')
			continue;
		ATHAR_TRY(markup(h, err));
		if (h->closing && strcmp(h->name, "html") == 0 && h->scan.last == '>') {
			uint64_t end = h->scan.at;

			ATHAR_TRY(comments(&end, h, err));
			athar_walk_close(h->w, ATHAR_GRADE_COMPLETE, end,
			                 "the end tag of html, outside of comments and scripts");
			return ATHAR_OK;
		}
		athar_walk_prove(h->w, h->scan.at);
	}
	athar_walk_prove(h->w, athar_min(h->scan.at, TEXT_MOST));
	if (c != ATHAR_TEXT_END)
		return athar_walk_stop(h->w, "text goes on and on; nothing says where it ends");
	h->w->claim->open = true;
	return athar_walk_stop(h->w, "text ends without the end tag of html");
}

/* White space and a byte order mark, then "<!DOCTYPE html" or "<html". */
static athar_status header(html *h, athar_error *err)
{
	athar_bytes b;
	size_t at = 0;

	ATHAR_TRY(athar_reader_some(&b, h->w->in, 0, 64, err));
	const char *text = (const char *)b.ptr;

	if (b.len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
		at = 3;
	while (at < b.len && athar_is_space(text[at]))
		at++;
	const size_t begin = at;

	if (athar_text_starts(text + at, b.len - at, "<!doctype")) {
		at += 9;
		while (at < b.len && athar_is_space(text[at]))
			at++;
		if (!athar_text_starts(text + at, b.len - at, "html"))
			return athar_walk_stop(h->w, "it is of another type");
		at += 4;
	} else if (athar_text_starts(text + at, b.len - at, "<html")) {
		at += 5;
	} else {
		return athar_walk_stop(h->w, "it does not begin as one");
	}
	if (at >= b.len || (text[at] != '>' && !athar_is_space(text[at])))
		return athar_walk_stop(h->w, "it does not begin as one");
	athar_walk_begin(h->w, at);
	athar_scan_begin(&h->scan, h->w->in, begin, ATHAR_CHARSET_OPEN);
	return ATHAR_OK;
}

static athar_status measure(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_walk w;
	html h = {.w = &w};

	athar_walk_init(&w, out, in);
	athar_status status = header(&h, err);

	if (status == ATHAR_OK) {
		out->alike = true; /* text of another page is text as well */
		status = page(&h, err);
	}
	return athar_walk_settle(&w, status, err);
}

static const athar_magic magic[] = {{0, 9, {'<', '!', 'D', 'O', 'C', 'T', 'Y', 'P', 'E'}},
                                    {0, 9, {'<', '!', 'd', 'o', 'c', 't', 'y', 'p', 'e'}},
                                    {0, 9, {'<', '!', 'D', 'o', 'c', 't', 'y', 'p', 'e'}},
                                    {0, 5, {'<', 'h', 't', 'm', 'l'}},
                                    {0, 5, {'<', 'H', 'T', 'M', 'L'}},
                                    {0, 5, {0xEF, 0xBB, 0xBF, '<', '!'}},
                                    {0, 5, {0xEF, 0xBB, 0xBF, '<', 'h'}},
                                    {0, 5, {0xEF, 0xBB, 0xBF, '<', 'H'}},
                                    {0, 3, {'\n', '<', '!'}},
                                    {0, 4, {'\r', '\n', '<', '!'}},
                                    {0, 3, {'\n', '<', 'h'}},
                                    {0, 4, {'\r', '\n', '<', 'h'}},
                                    {0, 0, {0}}};

const athar_format athar_format_html = {
	.name = "html",
	.extension = "html",
	.mime = "text/html",
	.summary = "web pages",
	.end = "the end tag of html, with comments behind it",
	.best = ATHAR_GRADE_COMPLETE,
	.magic = magic,
	.measure = measure,
};
