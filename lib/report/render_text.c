/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Plain UTF-8 text: for a terminal, a mail, a diff, and whoever trusts nothing more complicated.
 * Names are escaped so that the escape can be undone (athar_text_terminal).
 */
#include <inttypes.h>
#include <string.h>

#include "athar/text.h"
#include "base/alloc.h"
#include "report/paper.h"
#include "report/renderer.h"
#include "report/story.h"

#define PAGE_WIDTH 92u
#define LABEL_WIDTH 34u

/* ---- letters ---- */

/* Characters, not bytes. */
static size_t letters(const char *text, size_t len)
{
	size_t count = 0;

	for (size_t i = 0; i < len; i++)
		count += ((unsigned char)text[i] & 0xC0) != 0x80;
	return count;
}

static void fill(FILE *to, char c, size_t count)
{
	while (count-- > 0)
		(void)fputc(c, to);
}

/* One line of escaped text in words, from `column` on, further lines indented by `indent`. */
static void wrap_line(FILE *to, const char *text, size_t len, size_t column, size_t indent)
{
	size_t at = 0;
	bool first = true;

	while (at < len) {
		const char *blank = memchr(text + at, ' ', len - at);
		const size_t end = blank != NULL ? (size_t)(blank - text) : len;
		const size_t width = letters(text + at, end - at);

		if (!first && column + 1 + width > PAGE_WIDTH) {
			(void)fputc('\n', to);
			fill(to, ' ', indent);
			column = indent;
		} else if (!first) {
			(void)fputc(' ', to);
			column++;
		}
		(void)fwrite(text + at, 1, end - at, to);
		column += width;
		first = false;
		at = end + 1;
	}
}

static void wrap(FILE *to, const char *text, size_t column, size_t indent)
{
	for (;;) {
		const size_t len = strcspn(text, "\n");

		wrap_line(to, text, len, column, indent);
		if (text[len] == '\0')
			break;
		text += len + 1;
		(void)fputc('\n', to);
		fill(to, ' ', indent);
		column = indent;
	}
	(void)fputc('\n', to);
}

/* ---- escaping ---- */

/* Our words, an examiner's, and code: each line escaped by itself, line feeds stay. */
static athar_status escape_lines(char **out, const char *text, size_t len, athar_error *err)
{
	ATHAR_AUTO(free) char *all = athar_copy_text("", err);

	if (all == NULL)
		return err->status;
	for (size_t at = 0; at <= len;) {
		const char *feed = memchr(text + at, '\n', len - at);
		const size_t end = feed != NULL ? (size_t)(feed - text) : len;
		ATHAR_AUTO(free) char *line = NULL;
		char *more;

		ATHAR_TRY(athar_text_visible(&line, text + at, end - at, err));
		more = athar_format_text(err, "%s%s%s", all, at > 0 ? "\n" : "", line);
		if (more == NULL)
			return err->status;
		free(all);
		all = more;
		at = end + 1;
	}
	*out = ATHAR_GIVE(all);
	return ATHAR_OK;
}

static athar_status escape(char **out, const athar_cell *cell, athar_error *err)
{
	if (cell->ink == ATHAR_INK_NUMBER)
		*out = athar_format_text(err, "%" PRIu64, cell->number);
	else if (athar_cell_empty(cell))
		*out = athar_copy_text(athar_cell_nothing(cell->ink), err);
	else if (cell->ink == ATHAR_INK_NAME)
		return athar_text_terminal(out, cell->bytes, cell->len, err);
	else
		return escape_lines(out, cell->bytes, cell->len, err);
	return *out != NULL ? ATHAR_OK : err->status;
}

static athar_status escape_text(char **out, const char *text, athar_error *err)
{
	return escape_lines(out, text, strlen(text), err);
}

/* ---- the kind of paper ---- */

static athar_status text_begin(athar_paper *p, const athar_report *r, athar_error *err)
{
	(void)p;
	(void)r;
	(void)err;
	return ATHAR_OK;
}

static athar_status text_end(athar_paper *p, athar_error *err)
{
	if (ferror((FILE *)p->page))
		return athar_fail_errno(err, "cannot write the report");
	return ATHAR_OK;
}

static void underline(FILE *to, char c, const char *text)
{
	(void)fprintf(to, "%s\n", text);
	fill(to, c, letters(text, strlen(text)));
	(void)fputc('\n', to);
}

static athar_status text_title(athar_paper *p, const char *title, const char *subtitle,
                               athar_error *err)
{
	(void)err;
	underline(p->page, '=', title);
	(void)fprintf(p->page, "%s\n\n", subtitle);
	return ATHAR_OK;
}

static athar_status text_contents(athar_paper *p, athar_error *err)
{
	(void)err;
	for (size_t i = 0; athar_story_title(i) != NULL; i++)
		(void)fprintf(p->page, "  %3zu. %s\n", i + 1, athar_story_title(i));
	(void)fputc('\n', p->page);
	return ATHAR_OK;
}

static athar_status text_notice(athar_paper *p, athar_notice notice, const char *text,
                                athar_error *err)
{
	const char sign = notice == ATHAR_NOTICE_BROKEN ? '!' : '*';
	ATHAR_AUTO(free) char *line = NULL;

	ATHAR_TRY(escape_text(&line, text, err));
	fill(p->page, sign, PAGE_WIDTH);
	(void)fputc('\n', p->page);
	wrap(p->page, line, 0, 0);
	fill(p->page, sign, PAGE_WIDTH);
	(void)fputs("\n\n", p->page);
	return ATHAR_OK;
}

static athar_status text_heading(athar_paper *p, unsigned level, const char *text, athar_cell name,
                                 athar_error *err)
{
	ATHAR_AUTO(free) char *shown = NULL;
	ATHAR_AUTO(free) char *title = NULL;
	ATHAR_AUTO(free) char *line = NULL;
	char number[16] = "";

	ATHAR_TRY(escape_text(&title, text, err));
	if (!athar_cell_empty(&name))
		ATHAR_TRY(escape(&shown, &name, err));
	if (level == 1)
		(void)snprintf(number, sizeof number, "%u. ", p->section);
	line = athar_format_text(err, "%s%s%s%s", number, title, shown != NULL ? " " : "",
	                         shown != NULL ? shown : "");
	if (line == NULL)
		return err->status;
	(void)fputs(level == 1 ? "\n" : "", p->page);
	if (level < 3)
		underline(p->page, level == 1 ? '=' : '-', line);
	else
		(void)fprintf(p->page, "%s\n", line);
	(void)fputc('\n', p->page);
	return ATHAR_OK;
}

static athar_status text_paragraph(athar_paper *p, const char *text, athar_error *err)
{
	ATHAR_AUTO(free) char *line = NULL;

	ATHAR_TRY(escape_text(&line, text, err));
	wrap(p->page, line, 0, 0);
	(void)fputc('\n', p->page);
	return ATHAR_OK;
}

static athar_status text_entry(athar_paper *p, athar_cell entry, athar_error *err)
{
	ATHAR_AUTO(free) char *line = NULL;

	ATHAR_TRY(escape(&line, &entry, err));
	(void)fputs("  - ", p->page);
	wrap(p->page, line, 4, 4);
	return ATHAR_OK;
}

static athar_status text_fact(athar_paper *p, const char *label, athar_cell value, athar_error *err)
{
	ATHAR_AUTO(free) char *name = NULL;
	ATHAR_AUTO(free) char *text = NULL;
	size_t width;

	ATHAR_TRY(athar_text_visible(&name, label, strlen(label), err));
	ATHAR_TRY(escape(&text, &value, err));
	width = letters(name, strlen(name));
	(void)fprintf(p->page, "  %s", name);
	if (width >= LABEL_WIDTH) {
		(void)fputc('\n', p->page);
		fill(p->page, ' ', LABEL_WIDTH + 3);
	} else {
		fill(p->page, ' ', LABEL_WIDTH + 1 - width);
	}
	wrap(p->page, text, LABEL_WIDTH + 3, LABEL_WIDTH + 3);
	return ATHAR_OK;
}

static athar_status text_command(athar_paper *p, const char *text, athar_error *err)
{
	ATHAR_AUTO(free) char *lines = NULL;

	ATHAR_TRY(escape_text(&lines, text, err));
	for (const char *at = lines; *at != '\0';) {
		const size_t len = strcspn(at, "\n");

		(void)fprintf(p->page, "    %.*s\n", (int)len, at);
		at += len + (at[len] == '\n');
	}
	(void)fputc('\n', p->page);
	return ATHAR_OK;
}

/* Where a column begins. */
static size_t start_of(const athar_table *table, size_t column)
{
	size_t start = 2;

	for (size_t i = 0; i < column; i++)
		start += table->column[i].width + 2;
	return start;
}

/* One place of a row. What is too long for it pushes the rest to the next line: nothing is cut. */
static void put_place(FILE *to, const athar_table *table, size_t i, const char *text)
{
	const athar_column *column = table->column + i;
	const bool last = i + 1 == table->count;
	const size_t width = letters(text, strlen(text));
	const size_t room = width < column->width ? column->width - width : 0;

	if (last && !column->number) {
		wrap(to, text, start_of(table, i), start_of(table, i));
		return;
	}
	fill(to, ' ', column->number ? room : 0);
	(void)fputs(text, to);
	if (last) {
		(void)fputc('\n', to);
	} else if (width > column->width) {
		(void)fputc('\n', to);
		fill(to, ' ', start_of(table, i + 1));
	} else {
		fill(to, ' ', (column->number ? 0 : room) + 2);
	}
}

static athar_status text_table(athar_paper *p, athar_error *err)
{
	FILE *to = p->page;

	(void)err;
	if (p->table->caption != NULL)
		(void)fprintf(to, "  %s\n\n", p->table->caption);
	fill(to, ' ', 2);
	for (size_t i = 0; i < p->table->count; i++)
		put_place(to, p->table, i, p->table->column[i].label);
	fill(to, ' ', 2);
	fill(to, '-', PAGE_WIDTH - 2);
	(void)fputc('\n', to);
	return ATHAR_OK;
}

static athar_status text_row(athar_paper *p, const athar_cell *cells, athar_error *err)
{
	fill(p->page, ' ', 2);
	for (size_t i = 0; i < p->table->count; i++) {
		ATHAR_AUTO(free) char *text = NULL;

		ATHAR_TRY(escape(&text, cells + i, err));
		put_place(p->page, p->table, i, text);
	}
	return ATHAR_OK;
}

static athar_status text_detail(athar_paper *p, const char *label, athar_cell value,
                                athar_error *err)
{
	ATHAR_AUTO(free) char *name = NULL;
	ATHAR_AUTO(free) char *text = NULL;

	ATHAR_TRY(athar_text_visible(&name, label, strlen(label), err));
	ATHAR_TRY(escape(&text, &value, err));
	if (value.ink == ATHAR_INK_CODE) {
		/* To be copied in one piece. */
		(void)fprintf(p->page, "          %s: %s\n", name, text);
		return ATHAR_OK;
	}
	(void)fprintf(p->page, "          %s: ", name);
	wrap(p->page, text, 12 + letters(name, strlen(name)), 12);
	return ATHAR_OK;
}

static athar_status text_close(athar_paper *p, athar_error *err)
{
	(void)err;
	(void)fputc('\n', p->page);
	return ATHAR_OK;
}

static const athar_paper_kind text_kind = {
	.begin = text_begin,
	.end = text_end,
	.title = text_title,
	.contents = text_contents,
	.notice = text_notice,
	.heading = text_heading,
	.paragraph = text_paragraph,
	.entry = text_entry,
	.fact = text_fact,
	.command = text_command,
	.table = text_table,
	.row = text_row,
	.detail = text_detail,
	.close = text_close,
};

static athar_status render_text(const athar_report *r, FILE *to, athar_error *err)
{
	athar_paper paper = {.kind = &text_kind, .page = to, .err = err};

	athar_story_tell(&paper, r);
	return athar_paper_end(&paper);
}

const athar_renderer athar_renderer_text = {
	.name = "text",
	.extension = "txt",
	.render = render_text,
};
