/* SPDX-License-Identifier: BSD-2-Clause */
#include "ask.h"

#include <stdlib.h>
#include <string.h>

#include "athar/text.h"
#include "terminal.h"

#define LONGEST_ANSWER 4096

bool athar_ask_may(const athar_call *call)
{
	return athar_terminal_is(stdin) && athar_terminal_is(stderr) && !call->common->yes &&
	       !call->common->json;
}

/* Spaces at both ends go; what is left begins at the returned place. */
static char *trim(char *line)
{
	size_t len = strlen(line);

	while (len > 0 && strchr(" \t\r\n", line[len - 1]) != NULL)
		line[--len] = '\0';
	return line + strspn(line, " \t");
}

/* Arrow keys and pasted rubbish leave control bytes that nobody sees in the record. */
static bool acceptable(const char *answer)
{
	for (const char *c = answer; *c != '\0'; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7F)
			return false;
	}
	return strlen(answer) <= LONGEST_ANSWER && athar_text_is_utf8(answer, strlen(answer));
}

/* One acceptable answer, "" for Enter; malloc'd. */
static athar_status answer(char **out, const char *question, const char *hint, athar_error *err)
{
	char *line = NULL, *word;
	size_t room = 0;

	for (;;) {
		if (hint != NULL)
			(void)fprintf(stderr, "%s [%s]: ", question, hint);
		else
			(void)fprintf(stderr, "%s: ", question);
		(void)fflush(stderr);
		if (getline(&line, &room, stdin) < 0) {
			free(line);
			(void)fputc('\n', stderr);
			return athar_fail(err, ATHAR_ECANCELED, "the input ended before an answer");
		}
		word = trim(line);
		if (acceptable(word))
			break;
		(void)fprintf(stderr, "That holds characters that cannot be kept, or is too "
		                      "long. Once more, please.\n");
	}
	memmove(line, word, strlen(word) + 1);
	*out = line;
	return ATHAR_OK;
}

athar_status athar_ask_text(char **out, const char *question, const char *hint, athar_error *err)
{
	char *line = NULL;

	if (answer(&line, question, hint, err) != ATHAR_OK)
		return err->status;
	if (line[0] == '\0') {
		free(line);
		line = NULL;
	}
	*out = line;
	return ATHAR_OK;
}

static bool is_one_of(const char *word, const char *a, const char *b)
{
	return strcmp(word, a) == 0 || strcmp(word, b) == 0;
}

athar_status athar_ask_yes(bool *out, const char *question, bool otherwise, athar_error *err)
{
	bool understood = false;
	char *line = NULL;

	while (!understood) {
		if (answer(&line, question, otherwise ? "yes/no, Enter: yes" : "yes/no, Enter: no",
		           err) != ATHAR_OK)
			return err->status;
		*out = line[0] == '\0' ? otherwise : is_one_of(line, "yes", "y");
		understood = line[0] == '\0' || *out || is_one_of(line, "no", "n");
		free(line);
	}
	return ATHAR_OK;
}
