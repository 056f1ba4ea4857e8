/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A small case made by the case room itself: one exhibit with a raw image, two items of honest
 * names, and as many with names that somebody made to deceive the reader of a report.
 */
#ifndef ATHAR_TEST_REPORT_SAMPLE_H
#define ATHAR_TEST_REPORT_SAMPLE_H

#include "athar_test.h"

#include "athar/report.h"
#include "base/idiom.h"

#define SAMPLE_IMAGE_SIZE 65536u
#define SAMPLE_EXHIBIT "3-1"

typedef struct sample {
	char *top;    /* removed with all in it */
	char *folder; /* the case: top/case */
	int64_t time; /* what the clock says */
	athar_context context;
} sample;

typedef struct sample_options {
	bool stated;  /* every field of an examiner is there */
	bool hostile; /* the names that deceive */
	bool gaps;    /* bad ranges, findings, volumes without a file system, lost workers */
} sample_options;

void sample_make(sample *s, sample_options options);
void sample_remove(sample *s);

/* The bytes of the image. */
const uint8_t *sample_image(void);
/* The whole report in one format, malloc'd; *id (17 bytes) may be NULL. */
char *sample_render(const sample *s, const char *format, char *id);
/* Puts other bytes over the n-th line (from 1) of custody.jsonl: one letter of its data. */
void sample_break_chain(const sample *s);

/* The output of a shell command, malloc'd, or NULL when it failed; *status (may be NULL) is its
 * exit status. */
char *sample_shell(const char *command, int *status);
bool sample_has_tool(const char *name);
/* Writes text into top/NAME and gives its path, malloc'd. */
char *sample_save(const sample *s, const char *name, const char *text);
/* How often `what` stands in `text`. */
size_t sample_count(const char *text, const char *what);

/* The names, raw. */
typedef struct sample_name {
	const char *bytes;
	size_t len;
} sample_name;
extern const sample_name sample_hostile[];
extern const size_t sample_hostile_count;

#endif
