/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of this room share; no other room includes it.
 */
#ifndef ATHAR_CASE_PRIVATE_H
#define ATHAR_CASE_PRIVATE_H

#include "athar/case.h"
#include "base/idiom.h"

/* The version that every file of a case carries as `v`. */
#define ATHAR_CASE_VERSION 1u
/* A record, one line of any file of a case, is never longer. */
#define ATHAR_CASE_LINE_MAX ((size_t)16 << 20)
/* The further places of one item, in bytes: the rest of its line is for itself. */
#define ATHAR_CASE_PLACES_MAX ((size_t)2 << 20)
/* case.json, exhibit.json, acquisition.json, run.json, volumes.json. */
#define ATHAR_CASE_FILE_MAX ((size_t)64 << 20)

struct athar_case {
	char *folder;
	athar_json *fields;           /* case.json */
	const athar_context *context; /* NULL when opened for reading */
	bool writable;
	char why_not[200]; /* of writable, for the refusal */
};

ATHAR_DEFINE_AUTO(case, athar_case *, athar_case_close)

/* CASE/NAME, or CASE/FOLDER/NAME. */
char *athar_case_path(const athar_case *c, const char *folder, const char *name, athar_error *err);
/* ATHAR_EREFUSED with the reason unless log lines can be added. */
athar_status athar_case_must_write(const athar_case *c, athar_error *err);
/* What root makes in the folder of somebody else becomes theirs: the next command may run without
 * root. */
athar_status athar_case_hand_over(const athar_case *c, const char *path, athar_error *err);
/* Opens a folder of a case that is being made and takes its lock, so that one process works on it;
 * the lock is gone with the descriptor. ATHAR_EREFUSED when another one has it. */
athar_status athar_case_lock(int *fd, const char *folder, athar_error *err);
/* Loads one JSON object of a case, and refuses one that a newer athar wrote. */
athar_status athar_case_load_json(athar_json **out, const char *path, athar_error *err);

/* ---- fields.c: the form of case.json ---- */

/* *out = all members of case.json in their defaults, with what `fields` has put over them. */
athar_status athar_fields_new(athar_json **out, const athar_json *fields, athar_error *err);
athar_status athar_fields_check(const athar_json *fields, athar_error *err);
/* *out = a copy with one member changed; *old = what was there before, or NULL. */
athar_status athar_fields_set(athar_json **out, athar_json **old, const athar_json *fields,
                              const char *key, const athar_json *value, athar_error *err);
/* The numbers of the authorities in force at this time: an array of texts. */
athar_json *athar_fields_in_force(const athar_json *fields, int64_t now);
/* The text of case.json and its hash. */
athar_status athar_fields_render(char **text, char hex[65], const athar_json *fields,
                                 athar_error *err);

/* ---- log.c: the open, locked log ---- */

typedef struct athar_log {
	int fd; /* -1: not open */
	char *path;
	uint64_t size, lines;
	char head[65]; /* SHA-256 of the last line with its LF, or with the LF it will get */
	bool unended;  /* the last line has no LF */
	bool torn;     /* the last line has none, or is no record; lines is then not known */
} athar_log;

#define ATHAR_LOG_INIT \
	{ \
		.fd = -1 \
	}

/* Opens for adding, takes the lock and reads the end. ATHAR_EREFUSED when locks do not work here.
 */
athar_status athar_log_open(athar_log *log, const char *folder, athar_error *err);
/* Opens for reading; a lock is taken where one can be had. */
athar_status athar_log_open_readonly(athar_log *log, const char *folder, athar_error *err);
/* Adds a whole record, whose text has no LF yet, in one write, and makes it last. */
athar_status athar_log_append(athar_log *log, const char *record, athar_error *err);
void athar_log_close(athar_log *log);
ATHAR_DEFINE_AUTO_VALUE(log, athar_log, athar_log_close)

/* ---- custody.c ---- */

/* Adds a line to a log that is open; data is borrowed. Answers a torn end first. */
athar_status athar_custody_write(athar_log *log, const athar_case *c, const char *action,
                                 const char *exhibit, const athar_json *data, athar_error *err);
/* Answers a torn end with a recovery line; nothing where there is none. */
athar_status athar_custody_recover(athar_log *log, const athar_case *c, athar_error *err);

/* ---- record.c: one line of the log ---- */

/* The record if the bytes are one, with every member in its form; else *out is NULL, with the
 * reason in why. ATHAR_EFORMAT when a newer athar wrote it. */
athar_status athar_record_parse(athar_json **out, char why[160], const void *bytes, size_t len,
                                athar_error *err);

/* ---- names.c: what is in a folder ---- */

typedef struct athar_names {
	char **name;
	size_t count, capacity;
} athar_names;

/* All but "." and "..", sorted by byte. A folder that is not there is ATHAR_EIO. */
athar_status athar_names_load(athar_names *names, const char *folder, athar_error *err);
void athar_names_clear(athar_names *names);
ATHAR_DEFINE_AUTO_VALUE(names, athar_names, athar_names_clear)

/* ---- lines.c: a file of lines ---- */

typedef struct athar_lines {
	FILE *file;
	char *buffer;
	size_t capacity;
	const char *path; /* borrowed */
} athar_lines;

typedef struct athar_line {
	const uint8_t *bytes; /* without the LF; borrowed until the next line */
	size_t len;
	uint64_t number; /* from 1 */
	bool torn;       /* no LF follows */
} athar_line;

athar_status athar_lines_open(athar_lines *lines, const char *path, athar_error *err);
/* The next one into *line (zeroed before the first call). ATHAR_EOF after the last; ATHAR_ELIMIT
 * for one that is too long. */
athar_status athar_lines_next(athar_lines *lines, athar_line *line, athar_error *err);
void athar_lines_close(athar_lines *lines);
/* Of its bytes and an LF, hex. */
athar_status athar_line_sha256(char hex[65], const athar_line *line, athar_error *err);
ATHAR_DEFINE_AUTO_VALUE(lines, athar_lines, athar_lines_close)

/* ---- stream.c: a file of lines being made ---- */

/* New, 0600. */
athar_status athar_stream_create(FILE **out, const char *path, athar_error *err);
/* Closes it and says whether all of it was written; not yet whether it lasts. */
athar_status athar_stream_close(FILE **stream, const char *path, athar_error *err);

#endif
