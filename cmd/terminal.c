/* SPDX-License-Identifier: BSD-2-Clause */
#include "terminal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "athar/text.h"

bool athar_terminal_is(FILE *stream)
{
	return isatty(fileno(stream)) == 1;
}

bool athar_terminal_moves(FILE *stream)
{
	const char *term = getenv("TERM");

	return athar_terminal_is(stream) && term != NULL && strcmp(term, "dumb") != 0;
}

bool athar_terminal_colours(FILE *stream)
{
	const char *no = getenv("NO_COLOR");

	return athar_terminal_moves(stream) && (no == NULL || no[0] == '\0');
}

const char *athar_terminal_ink(FILE *stream, athar_ink ink)
{
	static const char *const sequence[] = {"\033[0m", "\033[32m", "\033[33m", "\033[1;31m"};

	return athar_terminal_colours(stream) ? sequence[ink] : "";
}

void athar_terminal_put_bytes(FILE *stream, const void *bytes, size_t len)
{
	athar_error err = ATHAR_ERROR_INIT;
	char *text = NULL;

	if (athar_text_terminal(&text, bytes, len, &err) != ATHAR_OK)
		(void)fputs("(no memory to show this)", stream);
	else
		(void)fputs(text, stream);
	free(text);
}

void athar_terminal_put(FILE *stream, const char *text)
{
	if (text == NULL)
		(void)fputc('-', stream);
	else
		athar_terminal_put_bytes(stream, text, strlen(text));
}

void athar_terminal_put_again(FILE *stream, const char *text)
{
	athar_error err = ATHAR_ERROR_INIT;
	uint8_t *bytes = NULL;
	size_t len = 0;

	if (text != NULL && athar_text_unescape(&bytes, &len, text, &err) == ATHAR_OK)
		athar_terminal_put_bytes(stream, bytes, len);
	else
		athar_terminal_put(stream, text);
	free(bytes);
}

void athar_terminal_fact(FILE *stream, const char *label, const char *text)
{
	if (text == NULL)
		return;
	(void)fprintf(stream, "  %-14s ", label);
	athar_terminal_put(stream, text);
	(void)fputc('\n', stream);
}

void athar_terminal_fact_again(FILE *stream, const char *label, const char *text)
{
	if (text == NULL)
		return;
	(void)fprintf(stream, "  %-14s ", label);
	athar_terminal_put_again(stream, text);
	(void)fputc('\n', stream);
}

void athar_terminal_fact_size(FILE *stream, const char *label, unsigned long long bytes)
{
	char size[32];

	(void)fprintf(stream, "  %-14s %llu bytes", label, bytes);
	if (bytes >= 1024)
		(void)fprintf(stream, " (%s)", athar_text_size(size, sizeof size, bytes));
	(void)fputc('\n', stream);
}
