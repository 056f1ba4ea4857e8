/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a stream can show, and the one way in which names from evidence reach it.
 */
#ifndef ATHAR_CMD_TERMINAL_H
#define ATHAR_CMD_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

bool athar_terminal_is(FILE *stream);
/* Cursor control: a terminal that is not "dumb". */
bool athar_terminal_moves(FILE *stream);
/* The same, and NO_COLOR is unset or empty. */
bool athar_terminal_colours(FILE *stream);

typedef enum athar_ink {
	ATHAR_INK_PLAIN,
	ATHAR_INK_GOOD,
	ATHAR_INK_DOUBT,
	ATHAR_INK_BAD
} athar_ink;

/* The sequence that begins an ink (PLAIN ends it), "" where the stream has no colours. */
const char *athar_terminal_ink(FILE *stream, athar_ink ink);

/* Writes text or bytes escaped (athar_text_terminal), so that what an image holds can neither move
 * the cursor nor turn the line round. NULL is "-". */
void athar_terminal_put(FILE *stream, const char *text);
/* For text that says of itself that it is escaped: shown as it is where that is so, else escaped
 * now. It has come from a worker that reads evidence, so its word alone does not do. */
void athar_terminal_put_again(FILE *stream, const char *text);
void athar_terminal_put_bytes(FILE *stream, const void *bytes, size_t len);

/* "  Label         text": one line of a block of facts; nothing when text is NULL. */
void athar_terminal_fact(FILE *stream, const char *label, const char *text);
void athar_terminal_fact_again(FILE *stream, const char *label, const char *text);
void athar_terminal_fact_size(FILE *stream, const char *label, unsigned long long bytes);

#endif
