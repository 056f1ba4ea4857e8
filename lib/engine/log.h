/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Logs of imaging tools, one file a format in logs/: pure functions over text, which run in a
 * confined worker (logs.h), since a log comes with the evidence and may be anything.
 *
 * A new format is its file, a line in the table of logs/formats.c, a test with a log, and a
 * paragraph in athar-case(1).
 */
#ifndef ATHAR_ENGINE_LOG_H
#define ATHAR_ENGINE_LOG_H

#include "engine/said.h"

/* A log as text: UTF-8, ended by NUL, its lines still to be taken. */
typedef struct athar_log {
	char *text;
	size_t len;
	char *next; /* the line that athar_log_line gives next; NULL after the last */
} athar_log;

typedef struct athar_log_format {
	const char *name;
	/* How much the beginning (up to 16 KiB, decoded) looks like it; 0: not at all. */
	int (*bid)(const char *head);
	/* Only memory running out is a failure. */
	athar_status (*parse)(athar_said *out, athar_log *log, athar_error *err);
} athar_log_format;

extern const athar_log_format athar_log_ftk, athar_log_guymager, athar_log_tableau,
	athar_log_ewfacquire, athar_log_dc3dd, athar_log_dcfldd, athar_log_ddrescue,
	athar_log_atola, athar_log_hashes, athar_log_any;

/* By number, for the fuzz target; NULL past the last. */
const athar_log_format *athar_log_format_at(size_t index);
/* Decodes, finds the format, parses. */
athar_status athar_log_read(athar_said *out, const uint8_t *bytes, size_t len, athar_error *err);

/* ---- text ---- */

/* UTF-8, UTF-16 of either order with or without its mark, or 8-bit (taken for Windows-1252). */
athar_status athar_log_decode(athar_log *out, const uint8_t *bytes, size_t len, athar_error *err);
void athar_log_clear(athar_log *log);
ATHAR_DEFINE_AUTO_VALUE(log, athar_log, athar_log_clear)
/* The next line without its end and the blanks around it, cut out of the text; NULL at the end. */
char *athar_log_line(athar_log *log);

/* ---- what parsers share ---- */

/* "Case Number: 7" with the label "case number" gives "7": case and blanks before the colon do not
 * matter. NULL: the line has another label. */
const char *athar_log_value(const char *line, const char *label);
/* "7,669,824 bytes": thousands may be grouped by one of , . ' or a blank. *rest (may be NULL) is
 * what follows. */
bool athar_log_number(uint64_t *out, const char *text, const char **rest);
/* "MD5", "SHA-1", "sha256" at the beginning of `text`; 0: none. *rest: what follows. */
unsigned athar_log_algorithm(const char *text, const char **rest);
/* Length of the run of hex digits at the beginning of `text`. */
size_t athar_log_hex(const char *text);
bool athar_log_begins(const char *text, const char *with);
/* ASCII case does not matter. */
const char *athar_log_find(const char *text, const char *what);
/* The hash at the beginning of `text`, if it has the length of the algorithm. A placeholder ("--",
 * "n/a", nothing) says that there is none; anything else is not understood. */
athar_status athar_log_hash(athar_said *out, athar_said_of of, unsigned algorithm, const char *text,
                            athar_error *err);

typedef struct athar_log_label {
	const char *label;
	enum { ATHAR_LOG_TEXT, ATHAR_LOG_NUMBER } kind;
	int which; /* athar_said_text or athar_said_number */
} athar_log_label;

/* Takes the line where one of the labels (ended by NULL) begins it. */
bool athar_log_take(athar_said *out, const athar_log_label *labels, const char *line);

#endif
