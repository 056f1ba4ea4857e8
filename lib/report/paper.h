/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Paper: what the story of a report is written on. The story (story.h) says headings, paragraphs,
 * facts and tables; a kind of paper turns them into bytes, and escapes on the way whatever it is
 * given. Calls never fail on the spot: the first failure stays with the paper, the rest is skipped,
 * athar_paper_status tells in the end. So the story reads in straight lines.
 */
#ifndef ATHAR_REPORT_PAPER_H
#define ATHAR_REPORT_PAPER_H

#include "report/model.h"

typedef enum athar_ink {
	ATHAR_INK_WORD,   /* our own words; nothing: a dash */
	ATHAR_INK_STATED, /* an examiner's words; nothing: NOT STATED */
	ATHAR_INK_NAME,   /* out of evidence, any bytes; nothing: "not recorded" */
	ATHAR_INK_CODE,   /* hashes, offsets, ranges */
	ATHAR_INK_NUMBER
} athar_ink;

/* What stands in one place. In words and code a line feed begins a new line, in names it is a
 * hidden character like any other. Borrowed. */
typedef struct athar_cell {
	athar_ink ink;
	const void *bytes;
	size_t len;
	uint64_t number; /* of ATHAR_INK_NUMBER */
} athar_cell;

athar_cell athar_word(const char *text);
athar_cell athar_stated(const char *text);
athar_cell athar_name(const void *bytes, size_t len);
athar_cell athar_name_text(const char *text);
athar_cell athar_code(const char *text);
athar_cell athar_number(uint64_t number);

typedef struct athar_column {
	const char *label;
	unsigned width; /* characters, where columns are made of characters */
	bool number;    /* set to the right */
} athar_column;

typedef struct athar_table {
	const char *caption;
	const athar_column *column;
	size_t count;
} athar_table;

typedef enum athar_notice {
	ATHAR_NOTICE_NOTE,
	ATHAR_NOTICE_DRAFT, /* fields are not stated */
	ATHAR_NOTICE_BROKEN /* the log is not what was written */
} athar_notice;

typedef struct athar_paper athar_paper;

typedef struct athar_paper_kind {
	athar_status (*begin)(athar_paper *p, const athar_report *r, athar_error *err);
	athar_status (*end)(athar_paper *p, athar_error *err);
	athar_status (*title)(athar_paper *p, const char *title, const char *subtitle,
	                      athar_error *err);
	/* The titles of the sections: athar_story_title. */
	athar_status (*contents)(athar_paper *p, athar_error *err);
	athar_status (*notice)(athar_paper *p, athar_notice notice, const char *text,
	                       athar_error *err);
	/* Level 1 begins a numbered section. `name` may be empty. */
	athar_status (*heading)(athar_paper *p, unsigned level, const char *text, athar_cell name,
	                        athar_error *err);
	athar_status (*paragraph)(athar_paper *p, const char *text, athar_error *err);
	athar_status (*entry)(athar_paper *p, athar_cell entry, athar_error *err);
	athar_status (*fact)(athar_paper *p, const char *label, athar_cell value, athar_error *err);
	athar_status (*command)(athar_paper *p, const char *text, athar_error *err);
	athar_status (*table)(athar_paper *p, athar_error *err);
	athar_status (*row)(athar_paper *p, const athar_cell *cells, athar_error *err);
	athar_status (*detail)(athar_paper *p, const char *label, athar_cell value,
	                       athar_error *err);
	/* Ends what is open: a table, a list of facts, a list of entries. */
	athar_status (*close)(athar_paper *p, athar_error *err);
} athar_paper_kind;

typedef enum athar_paper_open {
	ATHAR_OPEN_NOTHING,
	ATHAR_OPEN_FACTS,
	ATHAR_OPEN_ENTRIES,
	ATHAR_OPEN_TABLE
} athar_paper_open;

struct athar_paper {
	const athar_paper_kind *kind;
	void *page;               /* of the kind */
	const athar_table *table; /* while one is open */
	athar_paper_open open;
	unsigned section; /* number of the last heading of level 1 */
	bool row;         /* the open table has a row to which details can be added */
	athar_status status;
	athar_error *err; /* of whoever makes the paper */
};

void athar_paper_begin(athar_paper *p, const athar_report *r);
/* Closes all and returns the first failure. */
athar_status athar_paper_end(athar_paper *p);
athar_status athar_paper_status(const athar_paper *p);
/* Takes a failure that happened while the text was made. */
void athar_paper_fail(athar_paper *p, athar_status status);

void athar_paper_title(athar_paper *p, const char *title, const char *subtitle);
void athar_paper_contents(athar_paper *p);
void athar_paper_notice(athar_paper *p, athar_notice notice, const char *format, ...)
	ATHAR_PRINTF(3, 4);
void athar_paper_section(athar_paper *p, const char *text);
void athar_paper_heading(athar_paper *p, unsigned level, const char *text, athar_cell name);
void athar_paper_say(athar_paper *p, const char *format, ...) ATHAR_PRINTF(2, 3);
/* One line of a list. */
void athar_paper_entry(athar_paper *p, const char *format, ...) ATHAR_PRINTF(2, 3);
void athar_paper_entry_cell(athar_paper *p, athar_cell entry);
/* Facts that follow one another form a list; any other call ends it. */
void athar_paper_fact(athar_paper *p, const char *label, athar_cell value);
void athar_paper_fact_say(athar_paper *p, const char *label, const char *format, ...)
	ATHAR_PRINTF(3, 4);
/* A member of a record (values.h); the ink says what its absence means. */
void athar_paper_fact_of(athar_paper *p, const char *label, const athar_json *record,
                         const char *path, athar_ink ink);
void athar_paper_command(athar_paper *p, const char *format, ...) ATHAR_PRINTF(2, 3);
void athar_paper_table(athar_paper *p, const athar_table *table);
void athar_paper_row(athar_paper *p, const athar_cell *cells);
/* Below the last row, over the whole width. */
void athar_paper_detail(athar_paper *p, const char *label, athar_cell value);
void athar_paper_close(athar_paper *p);

/* What stands for an empty cell. */
const char *athar_cell_nothing(athar_ink ink);
bool athar_cell_empty(const athar_cell *cell);

#endif
