/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * FTK Imager, with or without windows, and Exterro's: IMAGE.E01.txt.
 */
#include <string.h>

#include "engine/log.h"

static int bid(const char *head)
{
	if (athar_log_find(head, "Created By AccessData") != NULL ||
	    athar_log_find(head, "Created By Exterro") != NULL)
		return 90;
	return athar_log_find(head, "Acquired using:") != NULL &&
	                       athar_log_find(head, "Case Information:") != NULL
	               ? 60
	               : 0;
}

static const athar_log_label labels[] = {
	{"Acquired using", ATHAR_LOG_TEXT, ATHAR_SAID_VERSION},
	{"Case Number", ATHAR_LOG_TEXT, ATHAR_SAID_CASE},
	{"Evidence Number", ATHAR_LOG_TEXT, ATHAR_SAID_EVIDENCE},
	{"Unique description", ATHAR_LOG_TEXT, ATHAR_SAID_DESCRIPTION},
	{"Examiner", ATHAR_LOG_TEXT, ATHAR_SAID_EXAMINER},
	{"Notes", ATHAR_LOG_TEXT, ATHAR_SAID_NOTES},
	{"Drive Model", ATHAR_LOG_TEXT, ATHAR_SAID_MODEL},
	{"Drive Serial Number", ATHAR_LOG_TEXT, ATHAR_SAID_SERIAL},
	{"Drive Interface Type", ATHAR_LOG_TEXT, ATHAR_SAID_BUS},
	{"Acquisition started", ATHAR_LOG_TEXT, ATHAR_SAID_STARTED},
	{"Acquisition finished", ATHAR_LOG_TEXT, ATHAR_SAID_ENDED},
	{"Bytes per Sector", ATHAR_LOG_NUMBER, ATHAR_SAID_SECTOR_SIZE},
	{"Sector Count", ATHAR_LOG_NUMBER, ATHAR_SAID_SECTORS},
	{NULL, ATHAR_LOG_TEXT, 0},
};

typedef struct state {
	bool verifying; /* past "Image Verification Results" */
	bool bad;       /* in the list of sectors that could not be read */
} state;

/* "MD5 checksum:    HEX : verified" */
static athar_status take_checksum(athar_said *out, const state *s, const char *line,
                                  athar_error *err)
{
	const char *rest = NULL;
	unsigned algorithm = athar_log_algorithm(line, &rest);
	const char *value = athar_log_value(rest, "checksum");
	const char *verdict;

	if (value == NULL)
		return ATHAR_OK;
	verdict = strstr(value, " : ");
	if (s->verifying && verdict != NULL)
		athar_said_set_text(out, ATHAR_SAID_VERIFIED, verdict + 3);
	return athar_log_hash(out, s->verifying ? ATHAR_OF_READ_BACK : ATHAR_OF_MEDIUM, algorithm,
	                      value, err);
}

/* "491584 through 491591" */
static bool take_bad(athar_said *out, const char *text, athar_error *err)
{
	const uint64_t size = out->number[ATHAR_SAID_SECTOR_SIZE];
	const char *rest = NULL;
	uint64_t first = 0, last = 0;

	if (!athar_log_number(&first, text, &rest))
		return false;
	while (*rest == ' ')
		rest++;
	if (!athar_log_begins(rest, "through") ||
	    !athar_log_number(&last, rest + strlen("through"), NULL) || last < first)
		return false;
	return athar_said_add_bad(out, first, last - first + 1, size == ATHAR_NOWHERE ? 512 : size,
	                          err) == ATHAR_OK;
}

static void take_section(athar_said *out, state *s, const char *line, athar_error *err)
{
	static const char unread[] = "could not be read:";
	const char *list = athar_log_find(line, unread);

	if (athar_log_begins(line, "Image Verification Results"))
		s->verifying = true;
	if (list != NULL) {
		list += sizeof unread - 1;
		s->bad = true;
		if (strspn(list, " ") != strlen(list) && !take_bad(out, list, err))
			out->dropped++;
	} else if (s->bad && !take_bad(out, line, err)) {
		out->dropped += line[0] >= '0' && line[0] <= '9';
		s->bad = line[0] >= '0' && line[0] <= '9';
	}
}

static athar_status parse(athar_said *out, athar_log *log, athar_error *err)
{
	state s = {.verifying = false};

	for (const char *line; (line = athar_log_line(log)) != NULL; out->lines++) {
		if (athar_log_begins(line, "Created By "))
			athar_said_set_text(out, ATHAR_SAID_TOOL, line + strlen("Created By "));
		else if (athar_log_algorithm(line, NULL) != 0)
			ATHAR_TRY(take_checksum(out, &s, line, err));
		else if (!athar_log_take(out, labels, line))
			take_section(out, &s, line, err);
		if (err->status == ATHAR_ENOMEM)
			return ATHAR_ENOMEM;
	}
	athar_said_set_text(out, ATHAR_SAID_TOOL, "FTK Imager");
	return ATHAR_OK;
}

const athar_log_format athar_log_ftk = {.name = "ftk", .bid = bid, .parse = parse};
