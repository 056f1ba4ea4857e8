/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/paper.h"

#include <string.h>

#include "report/values.h"

/* ---- cells ---- */

static athar_cell cell_of(athar_ink ink, const char *text)
{
	return (athar_cell){.ink = ink, .bytes = text, .len = text != NULL ? strlen(text) : 0};
}

athar_cell athar_word(const char *text)
{
	return cell_of(ATHAR_INK_WORD, text);
}

athar_cell athar_stated(const char *text)
{
	return cell_of(ATHAR_INK_STATED, text);
}

athar_cell athar_name(const void *bytes, size_t len)
{
	return (athar_cell){.ink = ATHAR_INK_NAME, .bytes = bytes, .len = len};
}

athar_cell athar_name_text(const char *text)
{
	return cell_of(ATHAR_INK_NAME, text);
}

athar_cell athar_code(const char *text)
{
	return cell_of(ATHAR_INK_CODE, text);
}

athar_cell athar_number(uint64_t number)
{
	return (athar_cell){.ink = ATHAR_INK_NUMBER, .number = number};
}

bool athar_cell_empty(const athar_cell *cell)
{
	return cell->ink != ATHAR_INK_NUMBER && (cell->bytes == NULL || cell->len == 0);
}

const char *athar_cell_nothing(athar_ink ink)
{
	switch (ink) {
	case ATHAR_INK_STATED:
		return "NOT STATED";
	case ATHAR_INK_NAME:
		return "not recorded";
	case ATHAR_INK_WORD:
	case ATHAR_INK_CODE:
	case ATHAR_INK_NUMBER:
		break;
	}
	return "\xE2\x80\x94"; /* em dash */
}

/* ---- the paper ---- */

/* Runs a call of the kind unless one has failed before. */
#define ON_PAPER(p, call) \
	do { \
		if ((p)->status == ATHAR_OK) \
			(p)->status = (call); \
	} while (0)

void athar_paper_close(athar_paper *p)
{
	if (p->open == ATHAR_OPEN_NOTHING)
		return;
	ON_PAPER(p, p->kind->close(p, p->err));
	p->open = ATHAR_OPEN_NOTHING;
	p->table = NULL;
	p->row = false;
}

void athar_paper_begin(athar_paper *p, const athar_report *r)
{
	ON_PAPER(p, p->kind->begin(p, r, p->err));
}

athar_status athar_paper_end(athar_paper *p)
{
	athar_paper_close(p);
	ON_PAPER(p, p->kind->end(p, p->err));
	return p->status;
}

athar_status athar_paper_status(const athar_paper *p)
{
	return p->status;
}

void athar_paper_fail(athar_paper *p, athar_status status)
{
	if (p->status == ATHAR_OK)
		p->status = status;
}

void athar_paper_title(athar_paper *p, const char *title, const char *subtitle)
{
	ON_PAPER(p, p->kind->title(p, title, subtitle, p->err));
}

void athar_paper_contents(athar_paper *p)
{
	athar_paper_close(p);
	ON_PAPER(p, p->kind->contents(p, p->err));
}

/* printf into new memory; NULL, and the paper has failed, when there is none. */
static ATHAR_PRINTF(2, 0) char *format_line(athar_paper *p, const char *format, va_list args)
{
	char *text = NULL;

	if (p->status != ATHAR_OK)
		return NULL;
	if (vasprintf(&text, format, args) < 0) {
		p->status =
			athar_fail(p->err, ATHAR_ENOMEM, "out of memory while writing a report");
		return NULL;
	}
	return text;
}

#define FORMATTED(text, p, format) \
	ATHAR_AUTO(free) char *text = NULL; \
	do { \
		va_list args_; \
		va_start(args_, format); \
		(text) = format_line(p, format, args_); \
		va_end(args_); \
	} while (0)

void athar_paper_notice(athar_paper *p, athar_notice notice, const char *format, ...)
{
	FORMATTED(text, p, format);

	athar_paper_close(p);
	ON_PAPER(p, p->kind->notice(p, notice, text, p->err));
}

void athar_paper_section(athar_paper *p, const char *text)
{
	p->section++;
	athar_paper_heading(p, 1, text, athar_word(NULL));
}

void athar_paper_heading(athar_paper *p, unsigned level, const char *text, athar_cell name)
{
	athar_paper_close(p);
	ON_PAPER(p, p->kind->heading(p, level, text, name, p->err));
}

void athar_paper_say(athar_paper *p, const char *format, ...)
{
	FORMATTED(text, p, format);

	athar_paper_close(p);
	ON_PAPER(p, p->kind->paragraph(p, text, p->err));
}

void athar_paper_command(athar_paper *p, const char *format, ...)
{
	FORMATTED(text, p, format);

	athar_paper_close(p);
	ON_PAPER(p, p->kind->command(p, text, p->err));
}

/* ---- lists ---- */

/* The kind opens a list when it meets p->open of another sort than what it is asked to write. */
void athar_paper_entry_cell(athar_paper *p, athar_cell entry)
{
	if (p->open != ATHAR_OPEN_ENTRIES)
		athar_paper_close(p);
	ON_PAPER(p, p->kind->entry(p, entry, p->err));
	p->open = ATHAR_OPEN_ENTRIES;
}

void athar_paper_entry(athar_paper *p, const char *format, ...)
{
	FORMATTED(text, p, format);

	athar_paper_entry_cell(p, athar_word(text));
}

void athar_paper_fact(athar_paper *p, const char *label, athar_cell value)
{
	if (p->open != ATHAR_OPEN_FACTS)
		athar_paper_close(p);
	ON_PAPER(p, p->kind->fact(p, label, value, p->err));
	p->open = ATHAR_OPEN_FACTS;
}

void athar_paper_fact_say(athar_paper *p, const char *label, const char *format, ...)
{
	FORMATTED(text, p, format);

	athar_paper_fact(p, label, athar_word(text));
}

void athar_paper_fact_of(athar_paper *p, const char *label, const athar_json *record,
                         const char *path, athar_ink ink)
{
	ATHAR_AUTO(free) char *text = NULL;

	ON_PAPER(p, athar_value_text(&text, record, path, ink == ATHAR_INK_STATED ? "\n" : ", ",
	                             p->err));
	athar_paper_fact(p, label, cell_of(ink, text));
}

/* ---- tables ---- */

void athar_paper_table(athar_paper *p, const athar_table *table)
{
	athar_paper_close(p);
	p->table = table;
	ON_PAPER(p, p->kind->table(p, p->err));
	p->open = ATHAR_OPEN_TABLE;
}

void athar_paper_row(athar_paper *p, const athar_cell *cells)
{
	ON_PAPER(p, p->kind->row(p, cells, p->err));
	p->row = true;
}

void athar_paper_detail(athar_paper *p, const char *label, athar_cell value)
{
	ON_PAPER(p, p->kind->detail(p, label, value, p->err));
}
